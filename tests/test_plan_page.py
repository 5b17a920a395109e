"""The plan's page as a browser without scripts sees it: every step of the result, marked by those who may."""

from __future__ import annotations

import gzip
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from httpx2 import Response
from openpyxl import load_workbook
from starlette.testclient import TestClient

from assistant.company.profile import Profile
from assistant.delivery.result import result
from assistant.matching.match import Matcher
from assistant.planning.assessment import assess
from assistant.service.press import Press
from assistant.service.publish import Composer, unpack
from assistant.service.store.records import Role
from assistant.web.site import Manner
from tests.conftest import SAMPLES
from tests.pages import CLOCK, TestSite, seal_of, site_with

TODAY = CLOCK().date()
LIMIT = 100_000  # bytes of a page on its way
TASK = re.compile(r'<li class="task is-(?P<state>[\w-]+)(?: now)?" id="(?P<id>t-\w+)".*?\n</li>', re.DOTALL)


@dataclass
class Plan:
    """One company's plan in one browser."""

    site: TestSite
    client: TestClient
    company: str

    @property
    def address(self) -> str:
        """Where it stands."""
        return f"/c/{self.company}/plan"

    def page(self, query: str = "") -> str:
        """Return the page."""
        answer = self.client.get(self.address + query)
        assert answer.status_code == 200
        return answer.text

    def tasks(self, query: str = "") -> dict[str, str]:
        """Return what is written of each task, by its key."""
        return tasks(self.page(query))

    def mark(self, key: str, do: str, *, after: int | None = None, part: bool = False, **fields: Any) -> Response:
        """Press a button of a task's form."""
        page = self.page()
        if after is None:
            after = int(re.findall(r'name="after" value="(\d+)"', tasks(page)[key])[0])
        data = {"seal": seal_of(page), "task": key, "after": str(after), "do": do, **fields}
        return self.client.post(
            self.address, data=data, headers={"x-plan-task": "1"} if part else {}, follow_redirects=False
        )


def tasks(page: str) -> dict[str, str]:
    """Return the tasks of a page by key, where it has forms."""
    found = {}
    for one in TASK.finditer(page):
        key = re.search(r'name="task" value="([^"]+)"', one[0])
        assert key
        found[html.unescape(key[1])] = one[0]
    return found


def words(fragment: str) -> str:
    """Return what a fragment says, without tags and spaces."""
    return html.unescape(re.sub(r"<[^>]+>|\s", "", fragment))


@pytest.fixture
def plan(tmp_path: Path, matcher: Matcher) -> Plan:
    """Return the plan of a company that one person looks after on this machine."""
    site = site_with(tmp_path, matcher)
    return Plan(site, site.browser(), site.company("valve-maker"))


@pytest.fixture
def data(samples: Mapping[str, Profile], matcher: Matcher) -> dict:  # type: ignore[type-arg]
    """Return the company's result."""
    return result(assess(matcher, samples["valve-maker"], TODAY))


def first(plan: Plan, kind: str = "prepare") -> str:
    """Return the key of the first task of that kind."""
    return next(key for key in plan.tasks() if key.startswith(f"{kind}|"))


# ---- what is shown


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_step_and_duty_stands_on_the_page(
    tmp_path: Path, matcher: Matcher, samples: Mapping[str, Profile], sample: str
) -> None:
    """With its title, its day, what its date rests on, and every project that it serves with its clauses."""
    with site_with(tmp_path, matcher).browser() as client:
        answer = client.get(f"/samples/{sample}/plan")
    found = result(assess(matcher, samples[sample], TODAY))
    said = words(answer.text)
    shown = list(TASK.finditer(answer.text))
    assert len(shown) == len(found["steps"]) + len(found["upkeep"])
    listed = [words(one[0]) for one in shown]
    for step in found["steps"]:
        [row] = [one for one in listed if words(step["title"]) in one and _day(step["due"]) in one][:1]
        assert ("预计" in row) or not step["estimated"] or step["kind"] == "answer" or step["due"] is None
        for one in step["serves"]:
            assert words(one["name"]) in row
        for one in step["criteria"]:
            assert not one["clause"] or words(one["clause"]) in row
    for duty in found["upkeep"]:
        assert words(duty["text"]) in said
    for aim in found["targets"]:
        assert words(aim["label"]) in said
        assert words(aim["required"]) in said
    assert len(gzip.compress(answer.content)) < LIMIT


def _day(due: str | None) -> str:
    day = date.fromisoformat(due) if due else None
    return f"{day.month}月{day.day}日" if day else ""


def test_the_page_keeps_the_security_policy(plan: Plan) -> None:
    """No style and no script stands in it, in drawings neither; every drawing's row leads somewhere."""
    page = plan.page()
    assert "<svg" in page
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", page)
    assert all(len(found) == 0 for found in re.findall(r"<script[^>]*>([^<]*)</script>", page))
    links = set(re.findall(r'<a href="([^"#]+)" tabindex="-1">', page))
    assert len(links) > 8
    for link in links:
        assert plan.client.get(link).status_code == 200, link
    for target in set(re.findall(r'href="#([\w-]+)"', page)):
        assert f'id="{target}"' in page, target
    names = re.findall(r'\sid="([^"]+)"', page)
    assert len(names) == len(set(names))


def test_what_cannot_wait_comes_first_then_month_by_month(plan: Plan) -> None:
    """The headings of the checklist, in its order."""
    months = re.findall(r'<section class="month[^"]*" aria-labelledby="m-([\w-]+)"', plan.page())
    assert months[0] == "now"
    assert months[1:] == sorted(months[1:])


def test_a_project_can_be_looked_at_alone(plan: Plan, data: dict) -> None:  # type: ignore[type-arg]
    """Its steps and its duties; a project that is not there is no filter."""
    wanted = {one["key"] for one in data["steps"] if "little-giant" in [p["id"] for p in one["serves"]]}
    assert set(plan.tasks("?project=little-giant")) == wanted
    assert set(plan.tasks("?project=nothing")) == set(plan.tasks())


# ---- marks


def test_a_step_is_ticked_and_opened_again(plan: Plan) -> None:
    """The page says so, with a way back; who and when stand beside it."""
    key = first(plan)
    answer = plan.mark(key, "done")
    assert answer.status_code == 303
    page = plan.client.get(answer.headers["location"]).text
    assert "已标为办完" in page
    assert "撤销" in page
    row = tasks(page)[key]
    assert 'class="task is-done"' in row
    assert "2026年11月25日办完，王工" in words(row)
    assert words(page).count("已完成和不需要的1件") == 1
    [mark] = plan.site.store.work.marks(plan.company)
    assert (mark.state, mark.who, mark.at) == ("done", "王工", CLOCK())
    assert plan.mark(key, "open").status_code == 303
    assert 'class="task is-open"' in plan.tasks()[key]
    assert [one.what for one in plan.site.store.work.events(plan.company)] == ["reopened", "done"]
    assert re.search(r"王工</span>　重新打开</li>\s*<li>.*王工</span>　办完</li>", plan.tasks()[key])


def test_a_step_is_given_to_somebody_with_a_note(plan: Plan) -> None:
    """Both are kept, and told in its history; what is no address is refused with everything that was typed."""
    key = first(plan)
    refused = plan.mark(key, "words", assignee="李会计", email="li at example", note="三份\n盖章")
    assert refused.status_code == 422
    row = tasks(refused.text)[key]
    assert "这不像一个邮箱地址" in row
    assert re.search(r'name="email"[^>]*value="li at example"[^>]*aria-invalid="true"[^>]*autofocus', row)
    assert 'value="李会计"' in row
    assert ">三份\n盖章</textarea>" in row
    assert '<details class="more" open>' in row
    assert plan.site.store.work.marks(plan.company) == ()
    assert plan.mark(key, "words", assignee="李会计", email="li@example.com", note="三份\r\n盖章").status_code == 303
    [mark] = plan.site.store.work.marks(plan.company)
    assert (mark.assignee, mark.email, mark.note, mark.state) == ("李会计", "li@example.com", "三份\n盖章", "open")
    assert [one.what for one in plan.site.store.work.events(plan.company)] == ["noted", "assigned"]
    assert '<option value="李会计" data-email="li@example.com">' in plan.page()


def test_a_step_is_put_off_with_a_reason(plan: Plan) -> None:
    """To a day to come; without a reason it stays where it is. It stands in its new month and tells its first day."""
    key = first(plan)
    for fields, said in (
        ({"postponed_to": "2027-01-12", "reason": ""}, "请写明推迟的原因"),
        ({"postponed_to": "2026-11-24", "reason": "等"}, "这天已经过去了"),
        ({"postponed_to": "下周", "reason": "等"}, "请写日期"),
    ):
        refused = plan.mark(key, "postpone", after=None, part=False, **fields)
        assert refused.status_code == 422
        assert said in refused.text
    assert plan.mark(key, "postpone", postponed_to="2027-02-25", reason="等审计师").status_code == 303
    row = words(plan.tasks()[key])
    assert "2月25日办完，已推迟" in row
    assert "原定2027年1月4日，推迟的原因：等审计师" in row
    assert "可能赶不上" not in row
    assert key in tasks(plan.page().partition('id="m-2027-02"')[2].partition('<section class="month')[0])


def test_a_step_put_off_beyond_the_deadline_it_serves_is_warned_of(plan: Plan) -> None:
    """The first of its projects' deadlines, and whether that is only expected."""
    key = first(plan)
    answer = plan.mark(key, "postpone", postponed_to="2027-12-30", reason="等审计师")
    page = plan.client.get(answer.headers["location"]).text
    row = words(tasks(page)[key])
    found = re.search(r"推迟到的日子晚于(\d+年\d+月\d+日)，.{2,30}预计最早这天(截止|开始受理)，可能赶不上。", row)
    assert found
    assert words(page).count(found[1]) >= 2


def test_what_is_not_needed_is_settled(plan: Plan) -> None:
    """An application and a duty cannot be that."""
    key = first(plan)
    assert plan.mark(key, "not-needed").status_code == 303
    assert 'class="task is-not-needed"' in plan.tasks()[key]
    for other in (first(plan, "apply"), next(key for key in plan.tasks() if "expiry" in key)):
        assert 'value="not-needed"' not in plan.tasks()[other]


def test_one_sees_ones_own_and_what_nobody_has(plan: Plan) -> None:
    """By name here; with accounts by address."""
    mine, theirs = list(plan.tasks())[:2]
    plan.mark(mine, "words", assignee="王工", email="", note="")
    plan.mark(theirs, "words", assignee="李会计", email="", note="")
    assert set(plan.tasks("?show=mine")) == {mine}
    assert "我的（1）" in plan.page()
    assert set(plan.tasks("?show=unassigned")) == set(plan.tasks()) - {mine, theirs}


def test_the_second_of_two_people_is_told_and_loses_nothing(plan: Plan) -> None:
    """The first one's mark stays; what the second typed stands in the form."""
    key = first(plan)
    plan.mark(key, "done")
    answer = plan.mark(key, "words", after=0, assignee="赵工", email="", note="我来办")
    assert answer.status_code == 409
    row = tasks(answer.text)[key]
    assert "王工刚刚改了这一步" in words(row)
    assert 'value="赵工"' in row
    assert ">我来办</textarea>" in row
    [mark] = plan.site.store.work.marks(plan.company)
    assert (mark.state, mark.assignee, mark.revision) == ("done", "", 1)


def test_a_script_gets_the_task_alone(plan: Plan) -> None:
    """As it stands then, or with what is wrong."""
    key = first(plan)
    for do, fields, status, state in (
        ("done", {}, 200, "done"),
        ("open", {}, 200, "open"),
        ("postpone", {"postponed_to": "", "reason": ""}, 422, "open"),
    ):
        answer = plan.mark(key, do, after=None, part=True, **fields)
        assert answer.status_code == status
        assert "<html" not in answer.text
        assert list(tasks(answer.text)) == [key]
        assert f'class="task is-{state}"' in answer.text
    assert plan.mark(key, "done", after=9, part=True).status_code == 409


def test_a_task_that_the_plan_has_not_is_not_marked(plan: Plan) -> None:
    """It went while somebody looked at it; a form that nobody was sent is refused."""
    page = plan.page()
    fields = {"seal": seal_of(page), "task": "prepare|nothing|2027", "after": "0", "do": "done"}
    answer = plan.client.post(plan.address, data=fields)
    assert answer.status_code == 409
    assert "已经不在计划里" in answer.text
    assert plan.client.post(plan.address, data={**fields, "task": first(plan), "do": "burn"}).status_code == 422
    assert plan.client.post(plan.address, data={**fields, "seal": "0" * 40}).status_code == 403
    assert plan.site.store.work.marks(plan.company) == ()


def test_what_was_done_stays_listed_when_the_plan_no_longer_asks_for_it(plan: Plan, data: dict) -> None:  # type: ignore[type-arg]
    """Under the title it had; the company gave up all it holds, so duties are gone."""
    duty = data["upkeep"][0]
    plan.mark(duty["key"], "done")
    content = plan.site.store.latest_profile(plan.company).content
    emptied = re.sub(r"(?ms)^recognitions:.*?(?=^\w|\Z)", "recognitions: []\n", content)
    assert emptied != content
    plan.site.store.save_profile(plan.company, emptied, who="王工", at=CLOCK())
    page = plan.page()
    assert duty["key"] not in tasks(page)
    settled = words(page.partition('id="done"')[2])
    assert words(duty["text"]) in settled
    assert "计划里已经没有这一步" in settled


def test_a_tick_reaches_the_calendars(plan: Plan, matcher: Matcher) -> None:
    """The press builds them anew, and the step is a finished task."""
    press = Press(plan.site.store, Composer(matcher), "test", CLOCK)
    assert list(press.due()) == [True]
    assert list(press.due()) == []
    plan.mark(first(plan), "done")
    assert list(press.due()) == [True]
    body = plan.site.store.body(plan.company, "tasks")
    assert body is not None
    assert unpack(body).count(b"STATUS:COMPLETED") == 1
    assert plan.client.get(f"/c/{plan.company}/calendar.ics").text.count("【已完成】") == 1


# ---- who may


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("editor", True), ("viewer", False)])
def test_only_those_who_may_edit_work_on_the_plan(
    tmp_path: Path, matcher: Matcher, samples: Mapping[str, Profile], role: Role, *, may: bool
) -> None:
    """A viewer sees everything and no form; somebody else sees nothing."""
    site = site_with(tmp_path, matcher, manner=Manner())
    owner, other = site.account("owner@example.com"), site.account("other@example.com")
    company = site.company("valve-maker", owner=owner)
    if role != "owner":
        site.store.accounts.grant(other.id, company, role, who="owner", at=CLOCK())
    account = owner if role == "owner" else other
    client = site.browser(account)
    page = client.get(f"/c/{company}/plan").text
    assert (f'action="/c/{company}/plan" data-task' in page) == may
    assert ("您是查看者，只能看" in page) != may
    assert len(TASK.findall(page)) > 40
    seal = seal_of(page)
    key = assess(matcher, samples["valve-maker"], TODAY).steps[0].key
    answer = client.post(
        f"/c/{company}/plan",
        data={"seal": seal, "task": key, "after": "0", "do": "words", "assignee": "", "email": account.email},
        follow_redirects=False,
    )
    assert answer.status_code == (303 if may else 403)
    assert bool(site.store.work.marks(company)) == may
    if may:
        assert words(client.get(f"/c/{company}/plan").text).count("我的（1）") == 1
        assert site.store.accounts.audit(company)[0].account == account.id
    stranger = site.browser(site.account("stranger@example.com"))
    for path in ("plan", "plan/print", "plan/checklist.xlsx", "plan/checklist.docx", "plan/checklist.md"):
        assert client.get(f"/c/{company}/{path}").status_code == 200
        assert stranger.get(f"/c/{company}/{path}").status_code == 404


def test_a_draft_and_a_sample_are_looked_at(tmp_path: Path, matcher: Matcher) -> None:
    """The page says how to work on a plan of one's own; nothing can be sent to it."""
    with site_with(tmp_path, matcher, manner=Manner()).browser() as client:
        sample = client.get("/samples/valve-maker/plan")
        assert "拿来改成自己的" in sample.text
        assert 'name="task"' not in sample.text
        draft = client.get("/try/plan")
        assert draft.status_code == 200
        assert '<a href="/try/save">保存</a>' in draft.text
        seal = seal_of(client.get("/login").text)
        for base in ("/samples/valve-maker", "/try"):
            answer = client.post(f"{base}/plan", data={"seal": seal, "task": "x", "after": "0", "do": "done"})
            assert answer.status_code == 404


# ---- to take along


def test_the_files_say_what_the_page_says(plan: Plan, data: dict) -> None:  # type: ignore[type-arg]
    """In all three what was ticked is ticked, with the name of who has it in hand."""
    key = first(plan)
    title = next(one["title"] for one in data["steps"] if one["key"] == key)
    plan.mark(key, "words", assignee="李会计", email="", note="=三份")
    plan.mark(key, "done")
    book = plan.client.get(f"{plan.address}/checklist.xlsx")
    assert book.headers["content-type"].endswith("spreadsheetml.sheet")
    assert "attachment" in book.headers["content-disposition"]
    rows = list(load_workbook(BytesIO(book.content)).worksheets[0].iter_rows(values_only=True))
    [row] = [row for row in rows if row[3] == title]
    assert (row[0], row[9]) == ("已完成", "李会计")
    assert "=三份" in str(row[10])
    document = Document(BytesIO(plan.client.get(f"{plan.address}/checklist.docx").content))
    told = [[cell.text for cell in one.cells] for table in document.tables for one in table.rows]
    assert [one[0] for one in told if len(one) == 6 and one[2].startswith(title)] == ["☑"]
    text = plan.client.get(f"{plan.address}/checklist.md").text
    assert re.search(rf"- \[x\].*{re.escape(title)}", text)
    assert plan.client.get(f"{plan.address}/checklist.pdf").status_code == 422
    paper = plan.client.get(f"{plan.address}/print").text
    assert words(paper).count("☑") == 1
    assert paper.count(f"<b>{title}</b>") == 1
    assert "李会计" in paper


def test_a_postponement_ends_with_its_day(tmp_path: Path, matcher: Matcher) -> None:
    """After it the plan's own day holds again."""
    moments = [CLOCK()]
    site = site_with(tmp_path, matcher, clock=lambda: moments[-1])
    plan = Plan(site, site.browser(), site.company("valve-maker"))
    key = first(plan)
    plan.mark(key, "postpone", postponed_to="2026-11-30", reason="等")
    assert "已推迟" in words(plan.tasks()[key])
    moments.append(CLOCK() + timedelta(days=6))
    assert 'class="task is-open"' in plan.tasks()[key]
    assert "1月4日开始办" in words(plan.tasks()[key])
