"""The calendar's page: links are made, shown once, replaced and ended; what the calendars hold is told as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Client
from icalendar import Calendar

from assistant.delivery.dossier.calendar import view
from assistant.delivery.wording.speaker import Speaker
from assistant.service.publish import unpack
from assistant.service.store.records import Fetch
from assistant.service.store.tokens import digest_of
from tests.conftest import Assess
from tests.serving import PATIENCE, Server, add_sample, new_store, profile_text, until
from tests.visiting import Browser, House, Page

OUTLOOK = "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Give a house with one company, built; its owner, an editor and a viewer have accounts."""
    with House(tmp_path) as opened:
        company = add_sample(opened.store, "valve-maker")
        for name, role in (("owner", "owner"), ("editor", "editor"), ("viewer", "viewer")):
            account = opened.account(name)
            opened.store.accounts.grant(account.id, company, role, who="test", at=opened.clock())  # type: ignore[arg-type] # one of three
        opened.publish(company)
        yield opened


@pytest.fixture
def company(house: House) -> str:
    """Return the address of the company."""
    return f"/c/{house.store.companies()[0].id}"


def browser(house: House, name: str) -> Browser:
    """Return the browser of one of the three."""
    account = house.store.accounts.by_email(f"{name}@example.com")
    assert account
    return house.logged_in(account)


def made(page: Page) -> str:
    """Return the address that a new link's page shows."""
    assert page.status == 200
    found = re.search(r"<textarea[^>]*>(http://127\.0\.0\.1/f/([\w-]{43})/all\.ics)</textarea>", page.source)
    assert found
    return found[1]


def token(address: str) -> str:
    """Return the secret part of an address."""
    return address.split("/")[-2]


def test_a_link_is_shown_once_and_works(house: House, company: str) -> None:
    """With a code to scan and what to do in each program; the page shows it to nobody later."""
    editor = browser(house, "editor")
    assert "还没有订阅链接" in editor.get(f"{company}/calendar").text
    page = editor.post(f"{company}/calendar/links", {"name": " 王工 手机 "})
    address = made(page)
    record = house.store.token_by_digest(digest_of(token(address)))
    assert record
    assert (record.name, record.company) == ("王工 手机", company.removeprefix("/c/"))
    assert '<svg viewBox="' in page.source
    assert "style=" not in page.source
    for program in ("iPhone", "Outlook 网页版", "Google 日历", "安卓手机", "企业微信", "钉钉"):
        assert program in page.text
    for file in ("windows", "prep", "tasks"):
        assert address.replace("all.ics", f"{file}.ics") in page.text
    assert page.headers["cache-control"] == "no-store"
    later = editor.get(f"{company}/calendar")
    assert "王工 手机" in later.text
    assert "还没有被读取过" in later.text
    assert token(address) not in later.source


def test_a_link_is_told_of_by_who_fetched_it_last(house: House, company: str) -> None:
    """When, and with what program."""
    viewer = browser(house, "viewer")
    record = house.store.add_token(company.removeprefix("/c/"), "财务", secret=house.entropy(32), at=house.clock())[1]
    house.store.note_fetches([Fetch(record.id, house.clock(), OUTLOOK)])
    assert "上次读取 2026-11-23 09:30，Outlook 电脑版" in viewer.get(f"{company}/calendar").text
    house.store.note_fetches([Fetch(record.id, house.clock(), "<b>strange</b>/1")])
    page = viewer.get(f"{company}/calendar")
    assert "没有见过的软件 <b>strange</b>/1" in page.text
    assert "<b>strange" not in page.source


@pytest.mark.parametrize(
    ("name", "message"), [("  ", "订阅要有名字"), ("财务", "已有叫“财务”的订阅")], ids=["without name", "name taken"]
)
def test_a_link_that_cannot_be_made_says_why(house: House, company: str, name: str, message: str) -> None:
    """Beside the field, which keeps what was typed."""
    house.store.add_token(company.removeprefix("/c/"), "财务", secret=house.entropy(32), at=house.clock())
    editor = browser(house, "editor")
    editor.get(f"{company}/calendar")
    page = editor.post(f"{company}/calendar/links", {"name": name})
    assert page.status == 422
    assert message in page.text
    assert re.search(r'<input id="name"[^>]* aria-describedby="name-help name-wrong" aria-invalid="true"', page.source)
    assert f'value="{name.strip()}"' in page.source
    assert len(house.store.tokens()) == 1


def test_a_link_is_replaced_by_another_of_the_same_name(house: House, company: str) -> None:
    """The old one is dead at once."""
    editor = browser(house, "editor")
    editor.get(f"{company}/calendar")
    old = made(editor.post(f"{company}/calendar/links", {"name": "王工手机"}))
    record = house.store.tokens()[0]
    page = editor.post(f"{company}/calendar/links/{record.id}/replace")
    new = made(page)
    assert "旧链接已经停用" in page.text
    assert house.store.token_by_digest(digest_of(token(old))) is None
    found = house.store.token_by_digest(digest_of(token(new)))
    assert found
    assert found.name == "王工手机"
    assert editor.post(f"{company}/calendar/links/{record.id}/replace").status == 404


def test_a_link_that_has_ended_is_told_of_apart(house: House, company: str) -> None:
    """And is not there for anybody who has it."""
    editor = browser(house, "editor")
    editor.get(f"{company}/calendar")
    address = made(editor.post(f"{company}/calendar/links", {"name": "旧手机"}))
    record = house.store.tokens()[0]
    answer = editor.post(f"{company}/calendar/links/{record.id}/revoke")
    assert (answer.status, answer.goes_to) == (303, f"{company}/calendar?done=revoked#links")
    assert house.store.token_by_digest(digest_of(token(address))) is None
    page = editor.get(f"{company}/calendar?done=revoked")
    assert "链接已停用" in page.text
    assert "停用过的 1 个链接" in page.text
    assert f"/links/{record.id}/" not in page.source


def test_who_may_only_look_is_offered_nothing_to_do(house: House, company: str) -> None:
    """And cannot do it by other means either."""
    record = house.store.add_token(company.removeprefix("/c/"), "财务", secret=house.entropy(32), at=house.clock())[1]
    viewer = browser(house, "viewer")
    page = viewer.get(f"{company}/calendar")
    assert page.status == 200
    assert "请找企业的所有者或编辑" in page.text
    assert "/calendar/links" not in page.source
    for path in ("links", f"links/{record.id}/replace", f"links/{record.id}/revoke"):
        assert viewer.post(f"{company}/calendar/{path}", {"name": "x"}).status == 403
    assert [one.revoked for one in house.store.tokens()] == [None]


def test_another_companys_link_is_not_there(house: House, company: str) -> None:
    """Its id under one's own company is as unknown as nonsense."""
    other = add_sample(house.store, "software-firm")
    record = house.store.add_token(other, "财务", secret=house.entropy(32), at=house.clock())[1]
    editor = browser(house, "editor")
    editor.get(f"{company}/calendar")
    for id_ in (record.id, "nonsense"):
        for deed in ("replace", "revoke"):
            assert editor.post(f"{company}/calendar/links/{id_}/{deed}").status == 404
    assert [one.revoked for one in house.store.tokens(other)] == [None]


def test_what_is_done_with_links_is_remembered(house: House, company: str) -> None:
    """For the owner: who, what, which link."""
    editor = browser(house, "editor")
    editor.get(f"{company}/calendar")
    made(editor.post(f"{company}/calendar/links", {"name": "王工手机"}))
    made(editor.post(f"{company}/calendar/links/{house.store.tokens()[0].id}/replace"))
    live = next(one for one in house.store.tokens() if one.revoked is None)
    editor.post(f"{company}/calendar/links/{live.id}/revoke")
    found = [
        (one.what, one.who, one.detail)
        for one in house.store.accounts.audit(company.removeprefix("/c/"), 10)
        if one.what.startswith("feed-")
    ]
    assert sorted(found) == [
        ("feed-created", "editor", "王工手机"),
        ("feed-replaced", "editor", "王工手机"),
        ("feed-revoked", "editor", "王工手机"),
    ]
    history = browser(house, "owner").get(f"{company}/history").text
    for told in ("建立订阅链接：王工手机", "换新订阅链接：王工手机", "停用订阅链接：王工手机"):
        assert told in history
    assert "建立订阅链接" not in editor.get(f"{company}/history").text


def test_the_page_shows_what_the_calendars_hold(house: House, company: str) -> None:
    """Every event of the file that is not over, once; the counts are those of the files."""
    id_ = company.removeprefix("/c/")
    page = browser(house, "viewer").get(f"{company}/calendar")
    counts = {}
    for file in ("all", "windows", "prep", "tasks"):
        body = house.store.body(id_, file)
        assert body
        parts = list(Calendar.from_ical(unpack(body)).walk("VEVENT" if file != "tasks" else "VTODO"))
        counts[file] = len(parts)
        if file == "all":
            for part in parts:
                title = str(part["SUMMARY"]).partition("】")[2]
                assert title in page.text
    told = re.findall(r"<code>(\w+)\.ics</code></th><td>[^<]*</td><td class=\"n\">(\d+) 条", page.source)
    assert {file: int(count) for file, count in told} == counts
    assert page.source.count('<li class="cal-entry') == counts["all"]


def test_a_company_that_is_not_built_yet_shows_its_plan(house: House, company: str) -> None:
    """As the calendars will have it in a moment."""
    store, id_ = house.store, company.removeprefix("/c/")
    store.save_profile(id_, profile_text("software-firm"), who="x", at=house.clock())
    assert store.inputs(id_).company.published is None
    page = browser(house, "viewer").get(f"{company}/calendar")
    assert page.status == 200
    assert page.source.count('<li class="cal-entry') > 10


def test_a_failed_building_is_told(house: House, company: str) -> None:
    """Subscribers keep the last good ones; whoever can mend it is shown where."""
    house.store.note_failure(company.removeprefix("/c/"), "misprint", at=house.clock())
    assert "最近一次生成日历没有成功" in browser(house, "viewer").get(f"{company}/calendar").text


@pytest.mark.parametrize("base", ["/samples/valve-maker", "/try"])
def test_without_saving_there_is_a_file_to_take_along(house: House, base: str) -> None:
    """It says that it does not change, and how to get what does."""
    visitor = house.visitor()
    page = visitor.get(f"{base}/calendar")
    assert page.status == 200
    assert "导入后不会更新" in page.text
    assert "/calendar/links" not in page.source
    assert f'href="{base}/calendar.ics"' in page.source
    file = visitor.get(f"{base}/calendar.ics")
    assert file.headers["content-type"] == "text/calendar; charset=utf-8"
    assert file.headers["content-disposition"].startswith("attachment; ")
    events = list(Calendar.from_ical(file.body).walk("VEVENT"))
    assert len(events) == page.source.count('<li class="cal-entry')
    visitor.get("/try/questions")  # a page with a form
    assert visitor.seal
    assert visitor.post(f"{base}/calendar/links", {"name": "x"}).status == 404


def test_a_sample_is_shown_as_its_plan_is(house: House, assessed: Assess) -> None:
    """The same entries as the assessment's."""
    page = house.visitor().get("/samples/valve-maker/calendar")
    found = view(assessed("valve-maker"), {}, Speaker(house.site.book))
    for month in found["months"]:
        for one in (*month["settled"], *month["expected"]):
            assert one["title"] in page.text


def test_on_this_machine_alone_the_link_says_how_far_it_reaches(house: House, company: str) -> None:
    """A telephone cannot open 127.0.0.1."""
    editor = browser(house, "editor")
    editor.get(f"{company}/calendar")
    assert "只有这台电脑打得开" in editor.post(f"{company}/calendar/links", {"name": "x"}).text


def test_a_link_made_on_the_page_is_served(tmp_path: Path) -> None:
    """By a real server, to a program that knows nothing else; once ended it is not there."""
    store = new_store(tmp_path)
    id_ = add_sample(store, "valve-maker")
    with (
        Server(store, tmp_path) as server,
        Client(base_url=f"http://127.0.0.1:{server.port}", timeout=PATIENCE) as client,
    ):
        seal = re.search(r'name="seal" value="(\w+)"', client.get(f"/c/{id_}/calendar").text)
        assert seal
        made_page = client.post(f"/c/{id_}/calendar/links", data={"seal": seal[1], "name": "王工手机"})
        found = re.search(r">(http://127\.0\.0\.1:\d+)(/f/[\w-]+/all\.ics)</textarea>", made_page.text)
        assert found
        assert found[1] == str(client.base_url)
        body = server.served(found[2]).body
        assert len(list(Calendar.from_ical(body).walk("VEVENT"))) > 10
        record = store.tokens(id_)[0]
        client.post(f"/c/{id_}/calendar/links/{record.id}/revoke", data={"seal": seal[1]})
        until(lambda: server.ask(found[2]).status == 404, server.logged)
    store.close()
