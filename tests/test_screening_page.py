"""Screening on the web: a table is sent, its headers are agreed on, a worker screens it, what came out is looked at."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import polars as pl
import pytest
from starlette.testclient import TestClient

from assistant.matching.match import Matcher
from assistant.service import screening as work
from assistant.service.screening import MOST_ROWS, Screener
from assistant.service.store.backup import backup
from assistant.service.store.records import Account
from assistant.service.store.screenings import KEPT, LEASE, Screening
from assistant.service.store.store import Store
from assistant.web.doors import screening as door
from assistant.web.site import Manner
from tests.conftest import book
from tests.databases import KINDS, database
from tests.pages import MOMENT, TestSite, seal_of, site_with
from tests.serving import Server, new_store, now, until
from tests.test_cli import run

HEAD = "企业名称,城市,行业代码,成立日期,2025年营业收入（万元）,研发费用(亿元),=备注\n"
ROWS = (
    '"=HYPERLINK(""x"")",佛山市,C3443,2010-05-01,"12,000",0.064,好\n'
    "深圳乙公司,深圳,3443,40299,8000,0.03,\n"
    "广州丙公司,广州市,C3443,2012/3/4,约三百,0.03,\n"
    "东莞丁公司,东莞,C3912,2015-06-01,5000,,\n"
)
TABLE = (HEAD + ROWS).encode("gbk")
CLEAR = "企业名称,城市,2025年营业收入（万元）\n甲,佛山市,100\n乙,深圳市,200\n".encode()
HIDDEN = "保密名单"


@dataclass
class Office:
    """A site where an adviser is logged in, with workers that share one compiled plan."""

    site: TestSite
    adviser: Account
    browser: TestClient
    now: Any = MOMENT
    plans: list[Any] = field(default_factory=list)

    @property
    def store(self) -> Store:
        """The store behind it."""
        return self.site.store

    def send(self, content: bytes, name: str = "企业.csv", **fields: str) -> Any:
        """Upload a table."""
        seal = seal_of(self.browser.get("/screening").text)
        return self.browser.post(
            "/screening", data={"seal": seal, **fields}, files={"files": (name, content)}, follow_redirects=False
        )

    def post(self, path: str, **fields: str) -> Any:
        """Send a form, with the seal of the page that lists screenings."""
        seal = seal_of(self.browser.get("/screening").text)
        return self.browser.post(path, data={"seal": seal, **fields}, follow_redirects=False)

    def worker(self, name: str = "one", stopped: Callable[[], bool] = lambda: False) -> Screener:
        """Return a worker."""
        made = Screener(self.store, book(), name, lambda: self.now, stopped)
        made._plan = self.plans[0] if self.plans else None
        return made

    def work(self, worker: Screener | None = None) -> bool:
        """Have the next one screened."""
        given = worker or self.worker()
        done = given.next()
        self.plans[:] = [given._plan] if given._plan else []
        return done

    def waiting(self, name: str = "企业.csv", content: bytes = CLEAR) -> str:
        """Return the address of a screening that waits."""
        answer = self.send(content, name)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def one(self, address: str) -> Screening:
        """Return the screening at an address."""
        found = self.store.screenings.one(address.rpartition("/")[2], self.adviser.id)
        assert found
        return found


_PLANS: list[Any] = []


def office(folder: Path, matcher: Matcher, url: str = "") -> Office:
    """Return an office."""
    site = site_with(folder, matcher, manner=Manner(), url=url)
    adviser = site.account("adviser@example.com", "adviser")
    return Office(site, adviser, site.browser(adviser), plans=_PLANS)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    """Return the matcher of the real rules."""
    return Matcher(book())


@pytest.fixture
def here(tmp_path: Path, matcher: Matcher) -> Iterator[Office]:
    """Return an office on SQLite."""
    made = office(tmp_path, matcher)
    with made.store:
        yield made


def text(source: str) -> str:
    """Return what a reader sees, on one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", source).split())


# ---- the whole way


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_goes_all_the_way(kind: str, tmp_path: Path, matcher: Matcher) -> None:
    """What comes out is, byte for byte, what the command line makes of it."""
    here = office(tmp_path, matcher, database(kind, tmp_path))
    with here.store:
        _goes_all_the_way(here, tmp_path)


def _goes_all_the_way(here: Office, folder: Path) -> None:
    address = here.waiting(content=TABLE)
    page = here.browser.get(address)
    assert "核对表头" in page.text
    [place] = re.findall(r'<select id="(use-\d+)"', page.text)
    assert here.one(address).state == "asking"
    assert not here.work()  # nobody has said yet what the column means
    assert re.findall(r'<option value="(rd_expense_\d+)"', page.text)[0] == "rd_expense_2025"
    answer = here.post(f"{address}/confirm", **{place: "rd_expense_2025"})
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    page = here.browser.get(address)
    assert "马上开始" in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text
    assert here.work()
    page = here.browser.get(address)
    assert page.status_code == 200
    assert "3 家企业的筛查结果" in text(page.text)
    assert "有 1 行读不了" in text(page.text)
    assert "=HYPERLINK" not in here.browser.get("/screening").text
    table, mapping, target, summary = (folder / name for name in ("企业.csv", "m.yaml", "out.csv", "summary.json"))
    table.write_bytes(TABLE)
    mapping.write_text("研发费用(亿元): {column: rd_expense_2025, unit: 亿元}\n", "utf-8")
    on = ("--on", here.site.site.today.isoformat(), "--quiet")
    given = [str(table), "-o", str(target), "--mapping", str(mapping), "--summary", str(summary), *on]
    done = run("screen", *given)
    assert done.exit_code == 0, done.output
    files = {name: here.browser.get(f"{address}/files/{name}") for name in ("answers.csv", "rejects.csv")}
    assert files["answers.csv"].content == target.read_bytes()
    assert files["rejects.csv"].content == (folder / "out.rejects.csv").read_bytes()
    kept = here.store.screenings.file(here.one(address).id, "summary")
    assert kept is not None
    assert json.loads(kept) == json.loads(summary.read_text("utf-8"))
    _verdicts_are_the_same(here.browser.get(f"{address}/files/verdicts.xlsx").content, target)
    for name, begins in (("summary.html", b"<!doctype html>"), ("summary.xlsx", b"PK")):
        file = here.browser.get(f"{address}/files/{name}")
        assert file.content.startswith(begins)
        assert file.headers["content-disposition"].startswith("attachment")
        assert "%E4%BC%81%E4%B8%9A-summary" in file.headers["content-disposition"]
    assert here.store.screenings.files(here.one(address).id) == {"answers", "verdicts", "rejects", "summary"}


def _verdicts_are_the_same(content: bytes, answers: Path) -> None:
    """One company in every row, one project in every column; a name is no formula."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    projects = list(book().projects.values())
    heads, *rows = sheet.iter_rows(values_only=True)
    assert heads[3:] == tuple(one.name for one in projects)
    with answers.open(encoding="utf-8-sig", newline="") as stream:
        expected = list(csv.DictReader(stream))
    words = {"eligible": "符合", "undetermined": "待补充", "ineligible": "不符合", "not-offered": "不适用"}
    for row, told in zip(rows, expected, strict=True):
        assert str(row[0]) == told["row"]
        for verdict, project in zip(row[3:], projects, strict=True):
            near = told[f"{project.id}.verdict"] == "ineligible" and verdict == "差一条"
            assert near or verdict == words[told[f"{project.id}.verdict"]]
    assert sheet.cell(2, 2).data_type == "s"
    assert sheet.cell(2, 2).value == '=HYPERLINK("x")'


def test_whoever_uses_it_alone_screens_without_an_account(tmp_path: Path, matcher: Matcher) -> None:
    """What was kept is nobody's once there are accounts."""
    site = site_with(tmp_path, matcher)
    with site.store as store:
        alone = Office(site, None, site.browser(), plans=_PLANS)  # type: ignore[arg-type] # there is none
        address = alone.waiting()
        assert alone.work()
        assert "2 家企业的筛查结果" in text(alone.browser.get(address).text)
        [kept] = store.screenings.all(None)
        assert kept.account is None
        administrator = site.account("a@example.com", "administrator")
        assert store.screenings.one(kept.id, administrator.id) is None


def test_every_row_is_a_company_where_that_is_said(here: Office) -> None:
    """So what is for parks alone is not offered; a column of the table that says it counts before."""
    addresses = [here.send(CLEAR, enterprises=said).headers["location"] for said in ("1", "")]
    own = b"applicant_kind,city,revenue_2025\npark,\xe4\xbd\x9b\xe5\xb1\xb1\xe5\xb8\x82,100\n"
    addresses.append(here.send(own, enterprises="1").headers["location"])
    found = []
    for address in addresses:
        assert here.work()
        body = here.store.screenings.file(here.one(address).id, "answers")
        assert body
        answers = pl.read_parquet(io.BytesIO(body))
        verdicts = {name: answers[name][0] for name in answers.columns if name.endswith(".verdict")}
        found.append({name for name, verdict in verdicts.items() if verdict == "not-offered"})
    companies, unsaid, parks = found
    assert len(companies) > 5
    assert not unsaid
    assert companies - parks
    assert parks - companies


# ---- headers


def test_nothing_is_used_that_is_only_likely(here: Office) -> None:
    """Left as it is, the column is not used; what is not among the choices is not taken."""
    table = "城市,销售收人2025（万元）,营业收入\n佛山市,100,200\n".encode()
    for said in ({}, {"use-1": "rd_expense_2025"}, {"use-1": "nonsense"}):
        address = here.waiting(content=table)
        assert here.one(address).state == "asking"
        assert here.post(f"{address}/confirm", **said).status_code == 303
        assert [one["column"] for one in here.one(address).headers if one["status"] == "mapped"] == []


def test_two_columns_cannot_mean_the_same(here: Office) -> None:
    """That is told, what was chosen stays chosen, and nothing begins."""
    address = here.waiting(content="城市,营业收入,营业收入(亿元)\n佛山市,100,2\n".encode())
    answer = here.post(f"{address}/confirm", **{"use-1": "revenue_2025", "use-2": "revenue_2025"})
    assert answer.status_code == 422
    assert "只能用其中一列" in answer.text
    assert answer.text.count('<option value="revenue_2025" selected>') == 2
    assert here.one(address).state == "asking"
    assert here.post(f"{address}/confirm", **{"use-1": "revenue_2025", "use-2": "revenue_2024"}).status_code == 303
    told = {one["header"]: (one["column"], one["unit"]) for one in here.one(address).headers}
    assert told["营业收入(亿元)"] == ("revenue_2024", "亿元")


def test_whether_recognitions_are_all_is_asked(here: Office) -> None:
    """Only what was said counts; it is asked only where there are such columns."""
    table = "城市,2025年营业收入（万元）,高新技术企业\n佛山市,100,是\n".encode()
    for said in ("1", ""):
        address = here.waiting(content=table)
        assert "就是全部" in here.browser.get(address).text
        here.post(f"{address}/confirm", complete=said)
        assert (here.one(address).state, here.one(address).complete) == ("waiting", bool(said))


# ---- files that are none


def _zip(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def _many(rows: int) -> bytes:
    return "城市,2025年营业收入（万元）\n".encode() + "佛山市,100\n".encode() * rows


def _workbook(rows: int) -> bytes:
    made = openpyxl.Workbook(write_only=True)
    sheet = made.create_sheet()
    sheet.append(["城市", "2025年营业收入（万元）"])
    for _ in range(rows):
        sheet.append(["佛山市", 100])
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (bytes, "文件是空的"),
    "headers only": (lambda: HEAD.encode("gbk"), "下面没有数据"),
    "no column is ours": ("甲,乙\n1,2\n".encode, "没有一列是认识的指标"),
    "who they are alone": ("企业名称,备注栏\n甲公司,好\n".encode, "没有一列是认识的指标"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n\0\0\0", "不是文本文件"),
    "a page": (lambda: b"<html><table></table></html>", "内容不是表格"),
    "an old workbook": (lambda: b"\xd0\xcf\x11\xe0" + bytes(600), "旧版"),
    "a damaged workbook": (lambda: b"PK\x03\x04 nonsense", "电子表格读不出来"),
    "a damaged Parquet file": (lambda: b"PAR1 nonsense PAR1", "文件已损坏"),
    "a workbook that explodes": (lambda: _zip(**{"xl__worksheets__sheet1.xml": bytes(160_000_000)}), "展开后太大"),
    "styles that explode": (lambda: _zip(**{"xl__styles.xml": b"<xf/>" * 2_000_000}), "展开后太大"),
    "names that explode": (lambda: _zip(**{"xl__workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]>'}), "读不出来"),
    "rows without end": (lambda: _zip(**{"xl__worksheets__sheet1.xml": b"<row/>" * 1_000_000}), "多于 20,000 行"),
    "texts that explode": (lambda: _zip(**{"xl__sharedStrings.xml": bytes(45_000_000)}), "展开后太大"),
    "too many bytes": (lambda: b"a,b\n" * 5_000_001, "文件超过 20 MB"),
    "too many rows": (lambda: _many(MOST_ROWS + 1), f"多于 {MOST_ROWS:,} 行"),
    "too many rows in a workbook": (lambda: _workbook(MOST_ROWS + 1), f"多于 {MOST_ROWS:,} 行"),
}


@pytest.mark.parametrize("case", list(BAD))
def test_a_bad_file_is_told_and_nothing_is_kept(case: str, here: Office) -> None:
    """One clear message on the form."""
    made, told = BAD[case]
    answer = here.send(made(), "坏.csv")
    assert answer.status_code == 422
    [message] = re.findall(r'<p class="wrong"[^>]*>(.*?)</p>', answer.text)
    assert message.startswith("坏.csv：")
    assert told in message
    assert here.store.screenings.all(here.adviser.id) == ()


def test_the_largest_are_taken(here: Office) -> None:
    """As many rows as are promised, in every kind; a workbook in which blank rows are formatted, too."""
    for content in (_many(MOST_ROWS), _workbook(MOST_ROWS)):
        assert here.one(here.waiting(content=content)).rows == MOST_ROWS


def test_without_a_file_it_says_so(here: Office) -> None:
    """Nothing is kept."""
    answer = here.post("/screening")
    assert answer.status_code == 422
    assert "请选择一个文件" in answer.text


def test_no_more_are_kept_than_fit(here: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until one is deleted."""
    monkeypatch.setattr(door, "MOST_KEPT", 2)
    addresses = [here.waiting() for _ in range(2)]
    assert "请先删掉不再需要的" in here.send(CLEAR).text
    assert here.post(f"{addresses[0]}/remove").headers["location"] == "/screening?done=removed"
    assert here.browser.get(addresses[0]).status_code == 404
    assert here.waiting()


def test_what_is_missing_is_told(here: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without the parts says how to get them; nothing breaks."""
    address = here.waiting()

    def missing(name: str) -> Any:
        del name
        raise ModuleNotFoundError("no polars", name="polars")

    with monkeypatch.context() as patch:
        patch.setattr(door, "import_module", missing)
        for path in ("/screening", address):
            page = here.browser.get(path)
            assert page.status_code == 200
            assert "pip install 'shenbao-assistant[screen]'" in page.text
        seal = seal_of(here.browser.get(address).text)
        sent = here.browser.post("/screening", data={"seal": seal}, files={"files": ("a.csv", CLEAR)})
        assert (sent.status_code, here.browser.get(f"{address}/files/answers.csv").status_code) == (422, 404)
    assert len(here.store.screenings.all(here.adviser.id)) == 1


# ---- workers


class Killed(BaseException):
    """As if the process were no more."""


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_dead_worker_left_is_taken_over_once(kind: str, tmp_path: Path, matcher: Matcher) -> None:
    """By another when its lease is over, by its own successor at once; dying twice is enough."""
    here = office(tmp_path, matcher, database(kind, tmp_path))
    with here.store:
        address = here.waiting()
        looks = iter([False])

        def dies() -> bool:
            if next(looks, True):
                raise Killed
            return False

        with pytest.raises(Killed):
            here.work(here.worker("one", dies))
        left = here.one(address)
        assert (left.state, left.worker, left.attempts) == ("running", "one", 1)
        assert not here.work(here.worker("two"))  # it might be alive
        assert here.store.screenings.waits("one", here.now)
        here.now += LEASE + timedelta(seconds=1)
        assert here.work(here.worker("two"))
        done = here.one(address)
        assert (done.state, done.worker, done.attempts, done.companies) == ("done", "two", 2, 2)
        assert not here.store.screenings.progress(left, here.now, rows=9, read=9, companies=9, rejected=0)
        assert not here.store.screenings.finish(left, {}, here.now, rows=9, companies=9, rejected=0)
        assert here.one(address) == done
        again = here.waiting()
        for _ in range(2):
            looks = iter([False])
            with pytest.raises(Killed):
                here.work(here.worker("one", dies))
        assert not here.work(here.worker("one"))
        assert here.one(again).state == "failed"
        assert "中断了两次" in here.browser.get(again).text


def test_a_worker_that_is_to_end_gives_it_back(here: Office) -> None:
    """It does not count as a try, whenever it was told."""
    address = here.waiting()
    for looks in (0, 1, 2):
        told = iter([False] * looks)
        assert not here.work(here.worker("one", lambda told=told: next(told, True)))  # type: ignore[misc]
        back = here.one(address)
        assert (back.state, back.worker, back.attempts) == ("waiting", "", 0)
    assert here.work(here.worker("two"))
    assert here.one(address).state == "done"


def test_one_after_another(here: Office) -> None:
    """The first that came is the first that is done; the others are told how many are before them."""
    addresses = []
    for number in range(2):
        addresses.append(here.waiting(f"{number}.csv"))
        here.store.screenings.progress(here.one(addresses[0]), here.now, rows=1, read=0, companies=0, rejected=0)
    worker = here.worker()
    assert here.work(worker)
    states = sorted(here.one(address).state for address in addresses)
    assert states == ["done", "waiting"]
    assert here.work(worker)
    assert [here.one(address).state for address in addresses] == ["done", "done"]
    assert not here.work(worker)


def test_what_is_removed_is_left(here: Office) -> None:
    """A worker that is at it stops; nothing of it stays."""
    address = here.waiting()
    identity = here.one(address).id

    def removes() -> bool:
        here.store.screenings.remove(identity)
        return False

    assert here.work(here.worker(stopped=removes))
    assert here.browser.get(address).status_code == 404
    assert here.store.screenings.files(identity) == frozenset()


def test_it_is_forgotten_after_some_days(here: Office) -> None:
    """And not before."""
    address = here.waiting()
    created = here.one(address).created
    here.store.screenings.forget(created)
    assert here.browser.get(address).status_code == 200
    here.store.screenings.forget(created + timedelta(seconds=1))
    assert here.browser.get(address).status_code == 404


def test_an_unexpected_error_ends_it(here: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a sentence; what follows is screened all the same."""
    address, after = here.waiting(), here.waiting()

    def breaks(*_: Any) -> Any:
        monkeypatch.undo()
        raise RuntimeError("broken")

    monkeypatch.setattr(work, "verdicts_xlsx", breaks)
    assert here.work()
    assert here.work()
    assert sorted(here.one(one).state for one in (address, after)) == ["done", "failed"]
    failed = next(one for one in (address, after) if here.one(one).state == "failed")
    assert "出了意外的错误" in here.browser.get(failed).text


# ---- nobody else


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_else_sees_that_it_is_there(kind: str, tmp_path: Path, matcher: Matcher) -> None:
    """Not another adviser, not the administrator: every page is the one of what is not there."""
    here = office(tmp_path, matcher, database(kind, tmp_path))
    with here.store:
        address = here.waiting(f"{HIDDEN}.csv")
        assert here.work()
        nothing = f"/screening/{'0' * 32}"
        for email, standing in (("b@example.com", "adviser"), ("c@example.com", "administrator")):
            other = here.site.browser(here.site.account(email, standing))  # type: ignore[arg-type] # a standing
            listed = other.get("/screening")
            assert HIDDEN not in listed.text
            for path in ("", "/files/answers.csv", "/files/summary.html"):
                came, unknown = (other.get(f"{base}{path}") for base in (address, nothing))
                assert came.status_code == unknown.status_code == 404
                assert came.text == unknown.text
            for path in ("/confirm", "/remove"):
                form = {"seal": seal_of(listed.text)}
                assert other.post(f"{address}{path}", data=form).status_code == 404
        assert here.browser.get(address).status_code == 200


def test_a_backup_holds_nothing_of_it(here: Office, tmp_path: Path) -> None:
    """Neither in its tables nor in what is left of them."""
    table = f"企业名称,城市,2025年营业收入（万元）\n{HIDDEN},佛山市,100\n".encode()
    here.waiting(f"{HIDDEN}.csv", table)
    assert HIDDEN.encode() in b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))
    backup(f"sqlite:///{tmp_path / 'store.db'}", tmp_path / "copy.db")
    assert HIDDEN.encode() not in (tmp_path / "copy.db").read_bytes()


# ---- a real server


def _children(process: int) -> set[int]:
    """Return the processes that a process has started."""
    found = set()
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        found |= {int(one) for one in path.read_text().split()}
    return found


@pytest.mark.acceptance
def test_a_server_screens_beside_its_pages(tmp_path: Path) -> None:
    """Its worker is killed midway, and the next one finishes; then there is none. What it does is no secret."""
    at = now()
    old = Screening("c" * 32, None, "旧.csv", at - KEPT, at.date(), "asking")
    with new_store(tmp_path) as store:
        store.screenings.add(old, CLEAR)
        store.screenings.add(replace(old, id="d" * 32, created=at - KEPT + timedelta(days=1)), CLEAR)
        _screens_beside_its_pages(store, tmp_path)


def _screens_beside_its_pages(store: Store, tmp_path: Path) -> None:
    at = now()
    with Server(store, tmp_path) as server:
        server.settled()
        until(lambda: len(store.screenings.all(None)) == 1, server.logged)  # what is too old is forgotten
        before = _children(server.process.pid)
        looked = work.looked_at(_many(10_000), "多.csv", book(), enterprises=True)
        one = Screening("a" * 32, None, "多.csv", at, at.date(), "waiting", work.kept(looked.headers), rows=looked.rows)
        store.screenings.add(one, _many(10_000))

        def state() -> Screening:
            found = store.screenings.one(one.id, None)
            assert found
            return found

        until(lambda: state().read > 0, server.logged)
        [worker] = _children(server.process.pid) - before
        os.kill(worker, signal.SIGKILL)
        assert server.ask(f"/screening/{one.id}").status == 200
        until(lambda: state().state == "done", server.logged)
        assert (state().attempts, state().companies) == (2, 10_000)
        until(lambda: _children(server.process.pid) == before, server.logged)
        assert server.ask(f"/screening/{one.id}/files/verdicts.xlsx").body.startswith(b"PK")
        two = Screening("b" * 32, None, "多.csv", at, at.date(), "waiting", work.kept(looked.headers), rows=looked.rows)
        store.screenings.add(two, _many(10_000))
        until(lambda: store.screenings.one(two.id, None).state == "running", server.logged)  # type: ignore[union-attr]
        server.stop()
        left = store.screenings.one(two.id, None)
        assert left
        assert (left.state, left.attempts) == ("waiting", 0)  # given back
