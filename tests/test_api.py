"""The interface for programs: the same objects as everywhere, who may ask for what, and how it refuses."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text

from assistant.company.profile import read_profile
from assistant.delivery.result import matches, result
from assistant.delivery.wording.interface import OPERATIONS, REFUSED
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.match import Matcher
from assistant.planning.assessment import assess
from assistant.rulebook.book import Rulebook
from assistant.service.store.records import Role
from assistant.sources import parse
from assistant.web.api.answers import answer
from assistant.web.api.body import MOST
from assistant.web.site import Manner
from tests.calling import PREFIX, Program, Reply, as_json, company_of, token_for
from tests.conftest import SAMPLES
from tests.serving import profile_text
from tests.visiting import House

NOBODYS = "00000000-0000-4000-8000-000000000000"
PATH = "/companies/{}"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Return a house with an empty store."""
    with House(tmp_path, manner=Manner(api_rate=100_000)) as house:
        yield house


@pytest.fixture
def program(house: House) -> Program:
    """Return a program of 王, who has no company yet."""
    return Program(house, token_for(house, house.account("wang")))


def counted(house: House) -> dict[str, int]:
    """Return how many rows each table has, but for what every token leaves behind."""
    with house.store.engine.connect() as db:
        names = db.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        found = {name: db.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}  # noqa: S608
    return {name: number for name, number in found.items() if name != "tally"}


# ---- the same objects


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_profile_is_judged_and_not_kept(
    house: House, program: Program, sample: str, lang: str, rulebook: Rulebook, matcher: Matcher
) -> None:
    """The objects are those of `assistant match` and `assistant report`; the store stays as it was."""
    program.get("/projects")
    before = counted(house)
    on = house.site.today
    profile = read_profile(parse(profile_text(sample), name=""), rulebook.dictionary, rulebook.lists, on)
    assessment = assess(matcher, profile, on)
    found = program.post(f"/match?lang={lang}", as_json(sample))
    assert found.status == 200
    assert found.body == answer(matches(assessment, Speaker(rulebook, lang))).body
    whole = program.post(f"/assess?lang={lang}", as_json(sample))
    assert whole.body == answer(result(assessment, lang)).body
    assert counted(house) == before


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_profile_comes_back_as_it_was_sent(program: Program, sample: str) -> None:
    """A company is added by its profile; what is read afterwards is the same, and so is what follows from it."""
    sent = as_json(sample)
    sent["enterprise"]["name"] = sample
    added = program.post("/companies", sent)
    assert (added.status, added.headers["etag"]) == (201, '"1"')
    path = PATH.format(added.data["id"])
    assert added.headers["location"] == PREFIX + path
    read = program.get(f"{path}/profile")
    assert (read.data, read.headers["etag"]) == (sent, '"1"')
    assert program.get(f"{path}/result").body == program.post("/assess", sent).body


def test_numbers_stay_exact(program: Program) -> None:
    """What a float would round is kept to the last place; what a profile may say besides numbers stays, too."""
    sent = (
        '{"enterprise": {"name": "甲"}, "years": {"2025": {"revenue": 12345678.123456, "employees": 80}},'
        ' "estimates": {"2026": {"revenue": "1.4..1.5亿元", "rd_expense": "unknown"}},'
        ' "recognitions": [], "facts": {"established": "2019-03-05"}}'
    ).encode()
    added = program.ask("POST", f"{PREFIX}/companies", raw=sent)
    assert added.status == 201, added.data
    read = program.get(f"{PATH.format(added.data['id'])}/profile")
    assert b'"revenue":12345678.123456,' in read.body
    assert read.data == json.loads(sent)


def test_answers_are_asked_for_days_cycles_and_projects(house: House, program: Program, rulebook: Rulebook) -> None:
    """As the commands are."""
    sent = as_json("software-firm")
    first, second = list(rulebook.projects)[:2]
    found = program.post(f"/match?project={first}&project={second}&cycle=2028&kind=new", sent).data
    assert [(one["id"], one["cycle"], one["kind"]) for one in found["projects"]] == [
        (first, 2028, "new"),
        (second, 2028, "new"),
    ]
    later = house.site.today + timedelta(days=200)
    assert program.post(f"/match?on={later}", sent).data["on"] == later.isoformat()
    company = program.post("/companies", sent).data["id"]
    earlier = house.site.today - timedelta(days=400)
    assert program.get(f"{PATH.format(company)}/result?on={earlier}").data["on"] == earlier.isoformat()
    told = program.get(f"{PATH.format(company)}/result/projects/{first}").data
    assert (told["id"], bool(told["tree"])) == (first, True)
    asked = program.get(f"{PATH.format(company)}/questions?limit=3&all=true").data
    assert len(asked["questions"]) == 3
    assert asked["count"] > 3
    [way] = program.get(f"{PATH.format(company)}/path/{second}").data["paths"]
    assert way["target"] == second


def test_the_rules_are_open_to_every_token(program: Program, rulebook: Rulebook) -> None:
    """Projects, facts, windows: all of them, each as it stands in the rulebook."""
    listed = program.get("/projects").data
    assert [one["id"] for one in listed["projects"]] == list(rulebook.projects)
    for id_, project in rulebook.projects.items():
        told = program.get(f"/projects/{id_}?lang=en").data
        assert (told["name"], [one["id"] for one in told["rules"]]) == (
            project.en,
            [version.id for version in project.versions],
        )
    assert [one["name"] for one in program.get("/facts").data["facts"]] == list(rulebook.dictionary.facts)
    assert len(program.get("/windows?months=1").data["windows"]) < len(
        program.get("/windows?months=60").data["windows"]
    )
    assert program.get("/windows?city=深圳").status == 200


# ---- saving


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ({}, 428),
        ({"if_match": '"1"'}, 200),
        ({"if_match": "*"}, 200),
        ({"if_match": '"7", "1"'}, 200),
        ({"if_match": 'W/"1"'}, 412),
        ({"if_match": '"2"'}, 412),
        ({"if_match": "1"}, 412),
        ({"if_match": '"01"'}, 412),
        ({"if_match": ""}, 412),
    ],
)
def test_a_version_is_saved_on_condition(program: Program, condition: dict[str, str], status: int) -> None:
    """That it was made from the newest one; otherwise nothing is saved, and the newest is named."""
    sent = as_json("valve-maker")
    path = PATH.format(program.post("/companies", sent).data["id"])
    sent["facts"]["established"] = "2011-04-05"
    came = program.put(f"{path}/profile", sent, **condition)
    assert came.status == status
    numbers = [one["number"] for one in program.get(f"{path}/versions").data["versions"]]
    if status == 200:
        assert (came.headers["etag"], came.data["number"], numbers) == ('"2"', 2, [1, 2])
    else:
        assert numbers == [1]
    if status == 412:
        assert (came.headers["etag"], came.data["latest"]) == ('"1"', 1)


def test_the_same_again_is_no_new_version(program: Program) -> None:
    """Nobody has to compare before sending."""
    sent = as_json("valve-maker")
    path = PATH.format(program.post("/companies", sent).data["id"])
    assert program.put(f"{path}/profile", sent, if_match='"1"').data["number"] == 1


def test_a_company_is_not_made_twice_nor_mixed_up(program: Program) -> None:
    """Its credit code says who it is; what others have is not told."""
    sent = as_json("valve-maker")
    first = program.post("/companies", sent)
    assert program.post("/companies", sent).codes == ["body/enterprise/uscc company-exists"]
    other = {**as_json("bearing-giant"), "enterprise": as_json("bearing-giant")["enterprise"]}
    came = program.put(f"{PATH.format(first.data['id'])}/profile", other, if_match='"1"')
    assert came.codes == ["body/enterprise/uscc company-differs"]
    assert program.post("/companies", {"facts": {}}).codes == ["body/enterprise/name company-nameless"]


def test_a_credit_code_of_somebody_else_is_no_secret_told(house: House, program: Program) -> None:
    """Whoever adds the company that others have, has one of their own."""
    program.post("/companies", as_json("valve-maker"))
    other = Program(house, token_for(house, house.account("li")))
    assert other.post("/companies", as_json("valve-maker")).status == 201


def test_every_mistake_is_told_by_its_place(program: Program) -> None:
    """All at once, with what was found, what was expected and the nearest name."""
    sent = {
        "enterprise": {"nmae": "x"},
        "facts": {"rd_unitt": True, "a/b": 1, "revenue": 5},
        "years": {"2025": {"revenue": "viele", "employees": -3}, "25": {}},
        "recognitions": [{"id": "no-such"}],
        "judgements": [{"project": "x"}],
        "extra": None,
    }
    came = program.post("/match", sent)
    assert came.status == 422
    assert sorted(came.codes) == sorted(
        [
            "body/enterprise/nmae unknown-key",
            "body/extra unknown-key",
            "body/facts/rd_unitt unknown-fact",
            "body/facts/a~1b unknown-fact",
            "body/facts/revenue fact-needs-year",
            "body/years/2025/revenue number-expected",
            "body/years/2025/employees negative",
            "body/years/25 year-expected",
            "body/recognitions/0/id unknown-recognition",
            "body/judgements/0 key-missing",
            "body/judgements/0/verdict unknown-value",
        ]
    )
    by_place = {one["pointer"]: one for one in came.data["errors"]}
    assert by_place["/enterprise/nmae"]["nearest"] == "name"
    english = program.post("/match?lang=en", sent).data
    assert english["title"] == "The input has mistakes"
    assert {one["code"]: one["message"] for one in english["errors"]}["year-expected"].endswith("is not a fiscal year")


def test_a_judgement_nobody_can_make_is_told_by_its_place(program: Program, rulebook: Rulebook) -> None:
    """Inside its entry."""
    known = next(iter(rulebook.projects))
    entries = [
        {"project": "nope", "criterion": "x", "verdict": "met"},
        {"project": known, "criterion": "x", "verdict": "met"},
    ]
    came = program.post("/match", {"judgements": entries})
    assert came.codes == ["body/judgements/0/project unknown-project", "body/judgements/1/criterion unknown-criterion"]


# ---- subscriptions, tasks, official dates


def test_a_subscription_is_made_shown_once_and_ended(house: House, program: Program) -> None:
    """Its address reads the calendars until it is ended."""
    path = PATH.format(program.post("/companies", as_json("valve-maker")).data["id"])
    made = program.post(f"{path}/feeds", {"name": " 张工手机 "})
    assert (made.status, made.data["name"]) == (201, "张工手机")
    assert program.post(f"{path}/feeds", {"name": "张工手机"}).data["errors"][0]["code"] == "feed-name-taken"
    assert made.data["addresses"]["all"] == f"http://127.0.0.1/f/{made.data['token']}/all.ics"
    listed = program.get(f"{path}/feeds")
    assert [one["id"] for one in listed.data["feeds"]] == [made.data["id"]]
    assert made.data["token"] not in listed.body.decode()
    assert program.ask("DELETE", f"{PREFIX}{path}/feeds/{made.data['id']}").status == 204
    assert program.get(f"{path}/feeds").data["feeds"][0]["revoked"]
    assert program.ask("DELETE", f"{PREFIX}{path}/feeds/{made.data['id']}").status == 204
    done = [(one.what, one.detail) for one in house.store.accounts.audit() if one.what.startswith("feed")]
    assert done == [("feed-revoked", "张工手机"), ("feed-created", "张工手机")]


def test_nobody_ends_the_subscription_of_another_company(house: House, program: Program) -> None:
    """Its id is as unknown as any."""
    mine = PATH.format(program.post("/companies", as_json("valve-maker")).data["id"])
    theirs = company_of(house, house.account("li"))
    _, record = house.store.add_token(theirs, "x", secret=house.entropy(32), at=house.clock())
    assert program.ask("DELETE", f"{PREFIX}{mine}/feeds/{record.id}").status == 404
    assert house.store.tokens(theirs)[0].revoked is None


def test_a_task_is_marked(house: House, program: Program) -> None:
    """Whose it is, that it is done, a note: each is kept; whoever saw an older mark is told."""
    path = PATH.format(program.post("/companies", as_json("valve-maker")).data["id"])
    steps = program.get(f"{path}/steps").data
    assert [one["state"] for one in steps["steps"]] == ["open"] * len(steps["steps"])
    key = steps["steps"][0]["task"]["key"]
    at = f"{PREFIX}{path}/steps/{quote(key, safe='')}"
    marked = program.ask("PATCH", at, {"state": "done", "assignee": "王工", "note": "已交", "revision": 0})
    assert (marked.status, marked.data["mark"]["revision"]) == (200, 3)
    shown = next(one for one in program.get(f"{path}/steps").data["steps"] if one["task"]["key"] == key)
    assert shown == marked.data
    assert (shown["state"], shown["mark"]["assignee"], shown["mark"]["note"]) == ("done", "王工", "已交")
    assert program.ask("PATCH", at, {"state": "open", "revision": 1}).status == 412
    until = house.site.today + timedelta(days=9)
    put_off = program.ask("PATCH", at, {"state": "postponed", "postponed_to": str(until), "reason": "等证书"})
    assert (put_off.data["due"], put_off.data["mark"]["assignee"]) == (until.isoformat(), "王工")
    assert {one.what for one in house.store.work.events(path.rpartition("/")[2])} == {
        "done",
        "assigned",
        "noted",
        "postponed",
    }


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        ({"state": "postponed"}, ["body/postponed_to shape", "body key-missing"]),
        ({"state": "postponed", "postponed_to": "2020-01-01", "reason": "x"}, ["body/postponed_to shape"]),
        ({"state": "open", "reason": "x"}, ["body/state shape"]),
        ({"email": "nobody"}, ["body/email account-email-unlike"]),
        ({"state": "finished"}, ["body/state shape"]),
        ({"stat": "done"}, ["body/stat unknown-key"]),
        ({"note": 5}, ["body/note shape"]),
        (["done"], ["body shape"]),
    ],
)
def test_what_cannot_be_said_of_a_task_is_told(program: Program, wanted: Any, codes: list[str]) -> None:
    """With its place; nothing is marked."""
    path = PATH.format(program.post("/companies", as_json("valve-maker")).data["id"])
    key = program.get(f"{path}/steps").data["steps"][0]["task"]["key"]
    came = program.ask("PATCH", f"{PREFIX}{path}/steps/{quote(key, safe='')}", wanted)
    assert (came.status, came.codes) == (422, codes)
    assert all(one["mark"] is None for one in program.get(f"{path}/steps").data["steps"])


def test_an_official_date_counts_for_everybody(house: House, rulebook: Rulebook) -> None:
    """Entered by a bureau, seen by all; mistakes are told by their fields."""
    bureau = Program(house, token_for(house, house.account("bureau", "bureau")))
    project = next(iter(rulebook.projects))
    opens = house.site.today + timedelta(days=30)
    sent = {"project": project, "opens": str(opens), "source": "https://example.gov.cn/notice"}
    made = bureau.post("/announcements", sent)
    assert (made.status, made.data["cycle"], made.data["who"]) == (201, opens.year, "bureau")
    assert bureau.get("/announcements").data["announcements"] == [made.data]
    member = Program(house, token_for(house, house.account("wang")))
    window = next(one["window"] for one in member.get("/windows").data["windows"] if one["id"] == project)
    assert (window["status"], window["opens"]["earliest"]) == ("announced", str(opens))
    wrong = bureau.post("/announcements", {"project": "x", "source": "https://a.b", "closes": None})
    assert sorted(wrong.codes) == ["body/opens announcement-without-date", "body/project unknown-project"]
    assert bureau.post("/announcements", {"project": project, "source": "x", "opens": "soon"}).codes == [
        "body/opens shape",
        "body/source shape",
    ]


# ---- who may

OWNER, EDITOR, VIEWER, STRANGER, NOBODY = "owner", "editor", "viewer", "stranger", "nobody"
ADVISER, BUREAU, ADMINISTRATOR = "adviser", "bureau", "administrator"
CALLERS = (OWNER, EDITOR, VIEWER, STRANGER, ADVISER, BUREAU, ADMINISTRATOR, NOBODY)
ALL, MEMBERS = set(CALLERS) - {NOBODY}, {OWNER, EDITOR, VIEWER}
WRITERS, ANNOUNCERS = {OWNER, EDITOR}, {BUREAU, ADMINISTRATOR}

# operation → request, who may
TABLE: dict[str, tuple[str, str, Any, set[str]]] = {
    "list_projects": ("GET", "/projects", None, ALL),
    "get_project": ("GET", "/projects/{project}", None, ALL),
    "list_facts": ("GET", "/facts", None, ALL),
    "list_windows": ("GET", "/windows", None, ALL),
    "match_profile": ("POST", "/match", {}, ALL),
    "assess_profile": ("POST", "/assess", {}, ALL),
    "list_companies": ("GET", "/companies", None, ALL),
    "add_company": ("POST", "/companies", {"enterprise": {"name": "x"}}, ALL),
    "get_company": ("GET", "/companies/{company}", None, MEMBERS),
    "get_profile": ("GET", "/companies/{company}/profile", None, MEMBERS),
    "put_profile": ("PUT", "/companies/{company}/profile", {"facts": {}}, WRITERS),
    "list_versions": ("GET", "/companies/{company}/versions", None, MEMBERS),
    "get_result": ("GET", "/companies/{company}/result", None, MEMBERS),
    "get_result_of_project": ("GET", "/companies/{company}/result/projects/{project}", None, MEMBERS),
    "get_questions": ("GET", "/companies/{company}/questions", None, MEMBERS),
    "get_path": ("GET", "/companies/{company}/path/{project}", None, MEMBERS),
    "get_steps": ("GET", "/companies/{company}/steps", None, MEMBERS),
    "mark_step": ("PATCH", "/companies/{company}/steps/{step}", {"note": "x"}, WRITERS),
    "list_feeds": ("GET", "/companies/{company}/feeds", None, MEMBERS),
    "add_feed": ("POST", "/companies/{company}/feeds", {"name": "x"}, WRITERS),
    "revoke_feed": ("DELETE", "/companies/{company}/feeds/{feed}", None, WRITERS),
    "list_announcements": ("GET", "/announcements", None, ANNOUNCERS),
    "add_announcement": ("POST", "/announcements", {"opens": "2027-01-05", "source": "https://a.cn"}, ANNOUNCERS),
}  # fmt: skip


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, dict[str, Program], str]]:
    """Return a house with one company, and a program for everybody there may be."""
    with House(tmp_path_factory.mktemp("town"), manner=Manner(api_rate=100_000)) as house:
        store, at = house.store, house.clock()
        owner = house.account(OWNER)
        company = company_of(house, owner)
        programs = {OWNER: Program(house, token_for(house, owner)), NOBODY: Program(house)}
        roles: tuple[Role, ...] = ("editor", "viewer")
        for role in roles:
            account = house.account(role)
            store.accounts.grant(account.id, company, role, who="test", at=at)
            programs[role] = Program(house, token_for(house, account))
        for name in (STRANGER, ADVISER, BUREAU, ADMINISTRATOR):
            standing: Any = "member" if name == STRANGER else name
            programs[name] = Program(house, token_for(house, house.account(name, standing)))
        yield house, programs, company


def test_the_table_names_every_operation(town: tuple[House, dict[str, Program], str]) -> None:
    """An operation that nobody declared here fails."""
    described = town[0].app.routes
    assert described
    found = town[1][NOBODY].get("/openapi.json").data
    operations = {one["operationId"] for methods in found["paths"].values() for one in methods.values()}
    assert operations == set(TABLE) == set(OPERATIONS)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("operation", list(TABLE))
def test_each_does_what_it_may(
    operation: str, caller: str, town: tuple[House, dict[str, Program], str], rulebook: Rulebook
) -> None:
    """Members see, editors write, strangers see what they would see if there were nothing."""
    house, programs, company = town
    method, path, data, allowed = TABLE[operation]
    project = next(iter(rulebook.projects))
    step = programs[OWNER].get(f"/companies/{company}/steps").data["steps"][0]["task"]["key"]
    secret = house.entropy(32)
    _, feed = house.store.add_token(company, f"{operation} {caller}", secret=secret, at=house.clock())
    version = house.store.latest_profile(company).number
    if operation == "add_feed":
        data = {"name": f"new {caller}"}
    if operation == "add_announcement":
        data = {**data, "project": project}
    before = counted(house)

    def asked(company: str) -> Reply:
        filled = path.format(company=company, project=project, step=quote(step, safe=""), feed=feed.id)
        return programs[caller].ask(method, PREFIX + filled, data, if_match=f'"{version}"')

    came = asked(company)
    if caller in allowed:
        assert 200 <= came.status < 300, came.data
        return
    expected = 401 if caller == NOBODY else 404 if "{company}" in path and caller not in MEMBERS else 403
    assert came.status == expected
    assert counted(house) == before
    assert "佛山" not in came.body.decode()
    if expected == 404:
        unknown = asked(NOBODYS)
        assert same_but_for_the_address(came) == same_but_for_the_address(unknown)


def same_but_for_the_address(reply: Reply) -> Any:
    """Return a refusal without what names the request itself."""
    return reply.status, {key: value for key, value in reply.data.items() if key not in ("instance", "request")}


@pytest.mark.parametrize("wrong", ["revoked", "disabled", "unknown", "cookie", "basic", "empty", "two words"])
def test_no_other_key_opens(house: House, wrong: str) -> None:
    """A token revoked, an account disabled, a session's cookie: each is a stranger's request, told as such."""
    account = house.account("wang")
    token, company = token_for(house, account), company_of(house, account)
    path = f"{PREFIX}/companies/{company}"
    headers = {"authorization": f"Bearer {token}"}
    assert Program(house).ask("GET", path, raw=None, **headers).status == 200
    match wrong:
        case "revoked":
            held = house.store.accounts.api_tokens(account.id)[0]
            house.store.accounts.revoke_api_token(held.id, account.id, at=house.clock())
        case "disabled":
            house.store.accounts.disable(account.id, who="test", at=house.clock())
        case "unknown":
            headers = {"authorization": f"Bearer {'A' * 43}"}
        case "cookie":
            secret = house.logged_in(account).cookies["session"]
            headers = {"cookie": f"session={secret}"}
        case "basic":
            headers = {"authorization": f"Basic {token}"}
        case "empty":
            headers = {"authorization": "Bearer"}
        case "two words":
            headers = {"authorization": f"Bearer {token} {token}"}
    came = Program(house).ask("GET", path, raw=None, **headers)
    assert came.status == 401
    assert came.headers["www-authenticate"].startswith("Bearer")
    assert company not in str({**came.data, "instance": ""})


def test_whoever_uses_the_machine_alone_needs_no_token(tmp_path: Path) -> None:
    """On the machine itself, under its own name, not sent by a page elsewhere and not passed on."""
    with House(tmp_path, manner=Manner(local="me")) as house:
        here = Program(house)
        added = here.post("/companies", as_json("valve-maker"))
        assert added.status == 201
        assert [one["id"] for one in here.get("/companies").data["companies"]] == [added.data["id"]]
        assert house.store.latest_profile(added.data["id"]).who == "me"
        assert Program(house, host="192.0.2.7").get("/companies").status == 401
        for headers in (
            {"sec_fetch_site": "cross-site"},
            {"origin": "https://evil.example"},
            {"host": "evil.example"},
            {"x_forwarded_for": "192.0.2.7"},
            {"authorization": f"Bearer {'A' * 43}"},
        ):
            assert here.get("/companies", **headers).status == 401


# ---- refusals


def provoked(kind: str, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reply:
    """Return an answer that is refused for that reason."""
    account = house.account("wang")
    token, path = token_for(house, account), f"/companies/{company_of(house, account)}"
    program, json_ = Program(house, token), "application/json"
    match kind:
        case "malformed":
            return program.ask("POST", f"{PREFIX}/match", raw=b"{")
        case "unauthorized":
            return Program(house).get("/projects")
        case "forbidden":
            return program.get("/announcements")
        case "not-found":
            return program.get(f"/companies/{NOBODYS}")
        case "method-not-allowed":
            return program.ask("DELETE", f"{PREFIX}/projects")
        case "superseded":
            return program.put(f"{path}/profile", {}, if_match='"9"')
        case "too-large":
            return program.ask("POST", f"{PREFIX}/match", raw=b" " * (MOST + 1))
        case "unsupported-media-type":
            return program.ask("POST", f"{PREFIX}/match", raw=b"{}", content_type="text/yaml")
        case "bad-input":
            return program.post("/match", {"facts": {"x": 1}})
        case "precondition-required":
            return program.put(f"{path}/profile", {})
        case "rate-limited":
            (tmp_path / "b").mkdir()
            with House(tmp_path / "b", manner=Manner(api_rate=1)) as busy:
                caller = Program(busy, token_for(busy, busy.account("wang")))
                assert caller.get("/projects").status == 200
                return caller.get("/projects")
        case "internal":
            monkeypatch.setattr(type(house.store.work), "marks", _fail)
            return program.get(f"{path}/steps")
        case _:
            assert kind == "unavailable"
            with house.store.engine.begin() as db:
                db.execute(text("DROP TABLE announcement"))
            return program.ask("POST", f"{PREFIX}/match", {}, content_type=json_)


def _fail(*_: object) -> None:
    raise ZeroDivisionError("secret of the house")


@pytest.mark.parametrize("kind", list(REFUSED))
def test_every_kind_of_refusal_is_told_alike(
    kind: str, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As problem details, with nothing of what happens inside, and a page that explains the kind."""
    came = provoked(kind, house, tmp_path, monkeypatch)
    known = REFUSED[kind]
    assert (came.status, came.headers["content-type"]) == (known.status, "application/problem+json")
    told = came.data
    assert {key: told[key] for key in ("type", "title", "status", "detail")} == {
        "type": f"{PREFIX}/problems/{kind}",
        "title": known.title[0],
        "status": known.status,
        "detail": known.advice[0],
    }
    assert told["instance"].startswith(PREFIX)
    assert told["request"] == came.headers["x-request-id"]
    assert came.headers["cache-control"] == "no-store"
    for inside in ("Traceback", "File ", ".py", "secret of the house", "sqlite", "SELECT"):
        assert inside not in came.body.decode()
    explained = Program(house).ask("GET", told["type"])
    assert explained.status == 200
    assert html.escape(known.title[0]) in explained.body.decode()
    assert known.advice[0] in html.unescape(explained.body.decode())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/", 404),
        ("GET", "/api/v2/projects", 404),
        ("POST", "/api/v1", 404),
        ("GET", "/api/v1/", 404),
        ("GET", "/api/v1/projects/", 404),
        ("GET", "/api/v1/problems/nothing", 404),
        ("PROPFIND", "/api/v1/projects", 405),
        ("OPTIONS", "/api/v1/companies", 405),
        ("GET", "/api/v1/companies/%00/profile", 404),
        ("GET", "/api/v1/projects/%00", 404),
        ("GET", "/api/v1/companies/..%2f..%2fetc/profile", 404),
    ],
)
def test_nothing_under_the_interface_is_refused_otherwise(
    program: Program, method: str, path: str, status: int
) -> None:
    """Whatever is asked for beside its addresses."""
    came = program.ask(method, path)
    assert (came.status, came.headers["content-type"], came.data["status"]) == (
        status,
        "application/problem+json",
        status,
    )
    if status == 405:
        assert came.headers["allow"]


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 400, "json-syntax"),
        (b"{'a': 1}", 400, "json-syntax"),
        (b'{"facts": {"x": NaN}}', 400, "json-syntax"),
        (b'{"facts": {"x": 1e9999}}', 400, "json-syntax"),
        (b'{"facts": {"x": 0.' + b"3" * 60 + b"}}", 400, "json-syntax"),
        (b'{"facts": ' + b"9" * 5000 + b"}", 400, "json-syntax"),
        (b'\xef\xbb\xbf{"facts": {}}', 400, "json-syntax"),
        ("{}".encode("utf-16"), 400, "json-syntax"),
        (b'{"facts": {}, "facts": {}}', 400, "given-twice"),
        (b"[" * 100_000, 400, "yaml-bomb"),
        (b'{"a":' * 60 + b"1" + b"}" * 60, 422, "yaml-bomb"),
        (b'{"enterprise": {"name": "\\u0000"}}', 422, "unwritable-text"),
        (b'{"enterprise": {"name": "\\ud800"}}', 422, "unwritable-text"),
        (b'{"\\udfff": 1}', 422, "unwritable-text"),
        (b"[]", 422, "not-a-mapping"),
        (b'"facts"', 422, "not-a-mapping"),
    ],
)
def test_a_body_that_is_no_profile_is_told(program: Program, raw: bytes, status: int, code: str) -> None:
    """Never a crash, never a guess."""
    came = program.ask("POST", f"{PREFIX}/match", raw=raw)
    assert (came.status, [one["code"] for one in came.data["errors"]]) == (status, [code])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content_type": "application/json; charset=utf-8"}, 200),
        ({"content_type": "Application/JSON"}, 200),
        ({"content_type": "application/json; charset=gbk"}, 415),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/x-www-form-urlencoded"}, 415),
        ({"content_type": ""}, 415),
        ({"content_encoding": "gzip"}, 415),
        ({"content_encoding": "identity"}, 200),
    ],
)
def test_a_body_says_what_it_is(program: Program, headers: dict[str, str], status: int) -> None:
    """JSON in UTF-8, not packed."""
    assert program.ask("POST", f"{PREFIX}/match", raw=b"{}", **headers).status == status


def test_a_body_however_large_is_refused_alike(program: Program) -> None:
    """Larger than any upload, too; and one that does not say how large it is."""
    for raw in (b" " * (8 * 1024 * 1024), b"x" * (MOST + 1), [b" " * 1000] * (MOST // 1000 + 1)):
        came = program.ask("POST", f"{PREFIX}/match", raw=raw)
        assert (came.status, came.data["type"]) == (413, f"{PREFIX}/problems/too-large")


def test_a_query_is_checked_like_a_body(program: Program) -> None:
    """By the names of its parameters."""
    came = program.get("/windows?months=99&lang=fr&on=2026-13-01")
    assert sorted(came.codes) == ["querylang shape", "querymonths shape", "queryon shape"]
    assert {one["pointer"]: one["expected"] for one in came.data["errors"]} == {
        "months": "<= 60",
        "lang": "'zh' or 'en'",
        "on": "YYYY-MM-DD",
    }
    assert program.post("/match?project=x", {}).codes == ["queryproject unknown-project"]


# ---- the description


def test_the_description_is_for_programs_and_for_people(program: Program) -> None:
    """Every operation stands in both, with its words; the page brings nothing along from elsewhere."""
    described = program.get("/openapi.json").data
    shown = program.get("/docs").body.decode()
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', shown)
    refs = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)))
    assert refs <= set(described["components"]["schemas"])
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["operationId"] in OPERATIONS
            assert operation["security"] == [{"token": []}]
            assert {"401", "429", "500", "503"} <= set(operation["responses"])
            assert f'<code class="method">{method.upper()}</code> <code>{path}</code>' in shown
            for status, one in operation["responses"].items():
                kinds = set(one.get("content", {}))
                assert kinds == (
                    {"application/problem+json"}
                    if status >= "4"
                    else {"application/json"}
                    if status != "204"
                    else set()
                )
    for name in re.findall(r'href="#([A-Za-z]+)"', shown):
        assert f'id="{name}"' in shown
