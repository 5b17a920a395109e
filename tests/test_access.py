"""Every route with every wrong identity: each is refused, tells nothing of the company, and changes nothing.

A route that is not declared here fails the test: whoever adds one says first who may use it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Literal, NamedTuple, get_args
from urllib.parse import quote

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import text
from starlette.routing import Mount

from assistant.delivery.reminders import KINDS, LEADS
from assistant.delivery.screening.summary import summary
from assistant.matching.screening.tally import Tally
from assistant.planning.marks import Mark
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import leaves
from assistant.service.store.records import Account, ChannelRecord, Recipient
from assistant.service.store.screenings import Screening
from assistant.service.store.tokens import digest_of
from assistant.web.app import DESKS
from assistant.web.identity import SESSION, VISIT, secret_text
from assistant.web.site import Manner
from tests.calling import PREFIX, Program, Reply, as_json, token_for
from tests.conftest import book
from tests.serving import profile_text
from tests.visiting import Browser, House, Page

COMPANY, OTHERS, NOBODYS = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
NAME, CODE = "保密机械厂", "91440605MA4XXX2B7B"
FEED, NOTE = "保密手机", "保密备注"
LISTED = "保密名单"  # a table of companies
TOLD = (NAME, CODE, FEED, NOTE, LISTED, "owner@example.com", "editor@example.com")  # what nobody else is to read

Who = Literal[
    "anybody", "known", "many", "own", "announcer", "administrator", "view", "edit", "share", "link", "here", "token"
]
Key = tuple[str, str]  # method and template
Names = Mapping[str, str]  # what addresses and forms name


class Door(NamedTuple):
    """Who may use a route, and what a form, or a body, says that the right one would send."""

    who: Who
    fields: Mapping[str, Any] = {}


def reading(who: Who, *paths: str) -> dict[Key, Door]:
    """Return pages that are only read."""
    return {("GET", path): Door(who) for path in paths}


# ---- who may use what

PAGES: dict[Key, Door] = {  # pages that stand once
    **reading("anybody", "/", "/samples", "/samples/{sample}/take", "/industries.json", "/static/{name}", "/rules"),
    **reading("anybody", "/help", "/healthz", "/login", "/register", "/forgot", "/try/save"),
    ("POST", "/samples/{sample}/take"): Door("anybody"),
    ("POST", "/try/save"): Door("anybody"),
    ("POST", "/try/discard"): Door("anybody"),
    ("POST", "/login"): Door("anybody", {"email": "x@example.com", "password": "y"}),
    ("POST", "/logout"): Door("anybody"),
    ("POST", "/register"): Door("anybody", {"email": "x"}),
    ("POST", "/forgot"): Door("anybody", {"email": "x@example.com"}),
    ("GET", "/metrics"): Door("here"),
    **reading("link", "/reset/{token}", "/invite/{token}", "/setup/{token}"),
    ("POST", "/reset/{token}"): Door("link", {"password": "short"}),
    ("POST", "/invite/{token}"): Door("link", {"email": "x"}),
    ("POST", "/setup/{token}"): Door("link", {"email": "x"}),
    **reading("known", "/companies", "/account"),
    ("POST", "/account/name"): Door("known", {"name": "owner"}),
    ("POST", "/account/password"): Door("known", {"current": "x"}),
    ("POST", "/account/sessions"): Door("known"),
    ("POST", "/account/tokens"): Door("known", {"token": "program"}),
    ("POST", "/account/tokens/{token}/revoke"): Door("known"),
    **reading("many", "/desk", "/desk/import", "/desk/import/done"),
    ("POST", "/desk/import"): Door("many"),
    ("POST", "/desk/import/confirm"): Door("many"),
    **reading("many", "/screening"),
    ("POST", "/screening"): Door("many"),
    **reading("own", "/screening/{screening}", "/screening/{screening}/files/{file}"),
    ("POST", "/screening/{screening}/confirm"): Door("own"),
    ("POST", "/screening/{screening}/remove"): Door("own"),
    **reading("announcer", "/official"),
    ("POST", "/official"): Door("announcer", {"project": "x"}),
    **reading("administrator", "/admin"),
    ("POST", "/admin/accounts"): Door("administrator", {"email": "x", "standing": "member"}),
    ("POST", "/admin/accounts/{account}/reset"): Door("administrator"),
    ("POST", "/admin/accounts/{account}/standing"): Door("administrator", {"standing": "member"}),
    ("POST", "/admin/accounts/{account}/disable"): Door("administrator"),
    ("POST", "/admin/accounts/{account}/enable"): Door("administrator"),
    **reading("share", "/c/{company}/members"),
    ("POST", "/c/{company}/members/invite"): Door("share", {"role": "viewer", "email": "new@example.com"}),
    ("POST", "/c/{company}/members/role"): Door("share", {"account": "{account}", "role": "editor"}),
    ("POST", "/c/{company}/members/withdraw"): Door("share", {"account": "{account}"}),
    ("POST", "/c/{company}/members/void"): Door("share", {"link": "{invitation}"}),
    **reading("view", "/c/{company}/reminders"),
    ("POST", "/c/{company}/reminders/recipients"): Door("edit", {"name": "new", "email": "new{fresh}@example.com"}),
    ("POST", "/c/{company}/reminders/recipients/{recipient}"): Door("edit", {"name": "{fresh}"}),
    ("POST", "/c/{company}/reminders/recipients/{recipient}/stop"): Door("edit"),
    ("POST", "/c/{company}/reminders/recipients/{recipient}/test"): Door("edit"),
    ("POST", "/c/{company}/reminders/channels"): Door("edit", {"kind": "webhook", "name": "x"}),
    ("POST", "/c/{company}/reminders/channels/{channel}/remove"): Door("edit"),
    **reading("link", "/u/{token}"),
    ("POST", "/u/{token}"): Door("link"),
}

OF_A_COMPANY: dict[Key, Door] = {  # pages that stand under every desk
    **reading("view", "/", "/projects/{project}", "/facts", "/spreadsheet"),
    **reading("edit", "/questions", "/facts/{topic}"),  # forms to fill in
    **reading("view", "/spreadsheet/blank.xlsx", "/spreadsheet/filled.xlsx", "/plan", "/plan/print"),
    **reading("view", "/plan/checklist.{kind}", "/calendar", "/calendar.ics", "/history", "/history/compare"),
    ("POST", "/projects/{project}/judgements/{criterion}"): Door("edit", {"verdict": "met", "by": "x", "why": "y"}),
    ("POST", "/questions"): Door("edit"),
    ("POST", "/facts/{topic}"): Door("edit"),
    ("POST", "/spreadsheet"): Door("edit"),
    ("POST", "/spreadsheet/confirm"): Door("edit", {"text": "facts: {{}}", "file": "x.yaml", "after": "1"}),
    ("POST", "/plan"): Door("edit", {"task": "{task}", "do": "done", "after": "0"}),
    ("POST", "/calendar/links"): Door("edit", {"name": "{fresh}"}),
    ("POST", "/calendar/links/{token}/replace"): Door("edit"),
    ("POST", "/calendar/links/{token}/revoke"): Door("edit"),
    ("POST", "/history/restore"): Door("edit", {"number": "1", "after": "1"}),
}

ONLY_SAVED = (  # what a draft and a sample do not have
    *("/history/compare", "/history/restore"),
    *("/calendar/links", "/calendar/links/{token}/replace", "/calendar/links/{token}/revoke"),
)

PAPERS = "/companies/{company}"
INTERFACE: dict[Key, Door] = {
    **reading("anybody", "/openapi.json", "/docs", "/problems/{kind}"),
    **reading("token", "/projects", "/projects/{project}", "/facts", "/windows", "/companies"),
    ("POST", "/match"): Door("token"),
    ("POST", "/assess"): Door("token"),
    ("POST", "/companies"): Door("token", {"enterprise": {"name": "x"}}),
    **reading("view", PAPERS, f"{PAPERS}/profile", f"{PAPERS}/versions", f"{PAPERS}/result", f"{PAPERS}/questions"),
    **reading("view", f"{PAPERS}/result/projects/{{project}}", f"{PAPERS}/path/{{target}}", f"{PAPERS}/steps"),
    **reading("view", f"{PAPERS}/feeds"),
    ("PUT", f"{PAPERS}/profile"): Door("edit", {**as_json("valve-maker"), "enterprise": {"name": NAME, "uscc": CODE}}),
    ("PATCH", f"{PAPERS}/steps/{{step}}"): Door("edit", {"note": "{fresh}"}),
    ("POST", f"{PAPERS}/feeds"): Door("edit", {"name": "{fresh}"}),
    ("DELETE", f"{PAPERS}/feeds/{{feed}}"): Door("edit"),
    **reading("announcer", "/announcements"),
    ("POST", "/announcements"): Door(
        "announcer", {"project": "{project}", "opens": "2027-01-05", "source": "https://a.cn"}
    ),
}


def doors() -> dict[Key, Door]:
    """Return all that is declared; a draft is its visitor's own, and a sample anybody's to look at."""
    found = dict(PAGES)
    for desk in DESKS:
        for (method, path), door in OF_A_COMPANY.items():
            found[method, f"{desk}{path}"] = door if desk.startswith("/c/") else Door("anybody", door.fields)
    return found | {(method, f"{PREFIX}{path}"): door for (method, path), door in INTERFACE.items()}


DOORS = doors()
IN_PAGES = [key for key in DOORS if not key[1].startswith(PREFIX)]
IN_INTERFACE = [key for key in DOORS if key[1].startswith(PREFIX) and DOORS[key].who != "anybody"]

STRANGERS = dict.fromkeys(("stranger", "adviser", "bureau", "administrator"), 404)  # none of them is a member
WRONG: Mapping[Who, Mapping[str, int]] = {  # who is known and may not, with how they are refused
    "anybody": {},
    "link": {},
    "here": {},
    "token": {},
    "known": {},
    "many": {"owner": 403, "stranger": 403},
    "own": {"owner": 403, "stranger": 403, "bureau": 404, "administrator": 404},  # it is the adviser's
    "announcer": {"owner": 403, "stranger": 403, "adviser": 403},
    "administrator": {"owner": 403, "stranger": 403, "adviser": 403, "bureau": 403},
    "view": STRANGERS,
    "edit": {**STRANGERS, "viewer": 403},
    "share": {**STRANGERS, "viewer": 403, "editor": 403},
}
RIGHT: Mapping[Who, tuple[str, ...]] = {
    "anybody": ("nobody", "owner"),
    "here": ("nobody",),
    "link": ("nobody",),
    "token": ("owner", "stranger", "administrator"),
    "known": ("owner", "stranger"),
    "many": ("adviser", "bureau", "administrator"),
    "own": ("adviser",),
    "announcer": ("bureau", "administrator"),
    "administrator": ("administrator",),
    "view": ("owner", "editor", "viewer"),
    "edit": ("owner", "editor"),
    "share": ("owner",),
}
FORGED: Mapping[str, tuple[Callable[[str], str], Mapping[str, str]]] = {  # what becomes of the seal, and what is said
    "no seal": (lambda _: "", {}),
    "another seal": (lambda _: seal_of("another"), {}),
    "a seal cut short": (lambda seal: seal[:-1], {}),
    "another site": (str, {"origin": "https://evil.example"}),
    "a frame without origin": (str, {"origin": "null"}),
    "said to be another site": (str, {"sec-fetch-site": "cross-site"}),
    "a neighbour": (str, {"sec-fetch-site": "same-site"}),
}


def routes_of(app: Any, prefix: str = "") -> Iterator[Key]:
    """Yield every method and template that *app* has, and those that it carries."""
    for route in iter_route_contexts(app.routes):
        inner = route.original_route
        if isinstance(inner, Mount):
            yield from routes_of(inner.app, f"{prefix}{inner.path}") if inner.routes else ()
        else:
            yield from ((method, f"{prefix}{route.path}") for method in sorted(route.methods or ()) if method != "HEAD")


def seal_of(secret: str) -> str:
    """Return the seal of the forms of whoever has this secret."""
    return sha256(b"seal " + secret.encode()).hexdigest()[:40]


def declared(keys: list[Key]) -> pytest.MarkDecorator:
    """Have a test look at these routes, one by one."""
    return pytest.mark.parametrize("key", keys, ids=" ".join)


# ---- the town


@dataclass
class Town:
    """A house with one company whose data are watched, and everybody there may be."""

    house: House
    people: Mapping[str, Account]
    fixed: Names

    def browser(self, who: str) -> Browser:
        """Return a new browser of somebody, or of nobody, with the seal that its forms would have."""
        house = self.house
        browser, name = (house.visitor(), VISIT) if who == "nobody" else (house.logged_in(self.people[who]), SESSION)
        if who == "nobody":
            browser.cookies.set(name, secret_text(house.entropy(32)), domain=browser.host)
        browser.seal = seal_of(browser.cookies[name])
        return browser

    def shut_out(self, how: str) -> Browser:
        """Return the browser of an owner of the company whose session is no more."""
        store, at = self.house.store.accounts, self.house.clock()
        browser = self.browser("former" if how == "disabled" else "owner")
        digest = digest_of(browser.cookies[SESSION])
        if how == "disabled":
            store.disable(self.people["former"].id, who="test", at=at)
            store.enable(self.people["former"].id, who="test", at=at)  # the session does not come back
        else:
            store.close_session(digest)
        if how == "expired":
            store.open_session(self.people["owner"].id, digest, at=at - timedelta(days=15), expires=at)
        return browser

    def program(self, who: str) -> Program:
        """Return a program with a new token of somebody."""
        return Program(self.house, token_for(self.house, self.people[who]))

    def fresh(self) -> Names:
        """Return what addresses and forms name: things of the company that nothing has happened to yet."""
        house, store, at = self.house, self.house.store, self.house.clock()
        fresh = sha256(house.entropy(8)).hexdigest()[:12]
        member = store.accounts.add(f"m-{fresh}", f"{fresh}@example.com", fresh, "x", "member", at=at, who="test")
        store.accounts.grant(member.id, COMPANY, "viewer", who="test", at=at)
        _, feed = store.add_token(COMPANY, f"{FEED} {fresh}", secret=house.entropy(32), at=at)
        expires, made = at + timedelta(days=7), {"company": COMPANY, "role": "viewer"}
        store.accounts.add_link(digest_of(fresh), "invite", at=at, expires=expires, who="test", **made)  # type: ignore[arg-type] # a role
        person = Recipient(f"r{fresh}", COMPANY, fresh, f"{fresh}@example.com", ("email",), KINDS, LEADS, at)
        store.addressees.add(person, who="test")
        store.addressees.add_channel(ChannelRecord(f"c{fresh}", COMPANY, "webhook", fresh, "sealed", at), who="test")
        named = {"recipient": person.id, "channel": f"c{fresh}"}
        named |= {"screening": screened(house, self.people["adviser"], fresh), "file": "summary.html"}
        named |= {"account": member.id, "feed": feed.id, "token": feed.id, "invitation": digest_of(fresh)}
        return {**self.fixed, **named, "fresh": fresh}

    def state(self) -> Mapping[str, str]:
        """Return what the store holds, table by table, but for what counting and looking leave behind."""
        left_out = {"tally", "session", "change", "dossier"}
        found = {}
        with self.house.store.engine.connect() as db:
            names = db.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
            for name in sorted(set(names) - left_out):
                columns = "id, account, revoked" if name == "api_token" else "*"
                rows = db.execute(text(f'SELECT {columns} FROM "{name}" ORDER BY 1')).all()  # noqa: S608 # our own tables
                found[name] = sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()
        return found


def screened(house: House, adviser: Account, fresh: str) -> str:
    """Return a screening of the adviser's that is done."""
    store, at, identity = house.store.screenings, house.clock(), sha256(fresh.encode()).hexdigest()[:32]
    on, projects = house.site.today, tuple(book().projects)
    said = summary(Tally(book(), on.year - 1, projects), {}, on, source=f"{LISTED}.csv")
    store.add(Screening(identity, adviser.id, f"{LISTED}.csv", at, on, "waiting"), b"")
    files = {"answers": b"", "verdicts": b"", "rejects": b"", "summary": json.dumps(said).encode()}
    claimed = store.claim("test", at)
    assert claimed
    assert claimed.id == identity
    assert store.finish(claimed, files, at, rows=0, companies=0, rejected=0)
    return identity


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, rulebook: Rulebook) -> Iterator[Town]:
    """Return the town."""
    with House(tmp_path_factory.mktemp("access"), manner=Manner(registration=True)) as house:
        store, at = house.store, house.clock()
        standing: Any = {name: name for name in ("adviser", "bureau", "administrator")}
        names = ("owner", "former", "editor", "viewer", "stranger", *standing)
        people = {name: house.account(name, standing.get(name, "member")) for name in names}
        content = profile_text("valve-maker").replace("佛山某某阀门有限公司", NAME)
        assert NAME in content
        assert CODE in content
        store.add_company(COMPANY, NAME, content, who="owner", at=at, uscc=CODE, owner=people["owner"].id)
        store.add_company(OTHERS, "别家", profile_text("bearing-giant"), who="x", at=at, owner=people["stranger"].id)
        for name, role in {"former": "owner", "editor": "editor", "viewer": "viewer"}.items():
            store.accounts.grant(people[name].id, COMPANY, role, who="test", at=at)  # type: ignore[arg-type] # a role
        store.add_token(COMPANY, FEED, secret=house.entropy(32), at=at)
        mark = Mark("note|1", "done", NOTE, at, who="owner", note=NOTE)
        store.work.put(COMPANY, mark, who="owner", at=at, after=0)
        project, criterion = next(
            (project.id, leaf.id)
            for project in rulebook.projects.values()
            for version in project.versions
            for leaf in leaves(version.root)
            if leaf.role == "judgement"
        )
        program = Program(house, token_for(house, people["owner"]))
        task = program.get(f"/companies/{COMPANY}/steps").data["steps"][0]["task"]["key"]
        fixed = {"company": COMPANY, "project": project, "target": project, "criterion": criterion, "task": task}
        fixed |= {"step": quote(task, safe=""), "topic": "finance", "kind": "xlsx", "sample": "valve-maker"}
        yield Town(house, people, {**fixed, "name": "site.css"})


def sent(key: Key, browser: Browser, names: Names, *, headers: Mapping[str, str] | None = None) -> Page:
    """Ask for a page, with the form that the right one would send."""
    method, template = key
    path = template.format_map(names)
    if method == "GET":
        return browser._asked("GET", path, headers=headers)
    fields = {name: str(value).format_map(names) for name, value in DOORS[key].fields.items()}
    return browser._asked("POST", path, data={"seal": browser.seal, **fields}, headers=headers)


def called(town: Town, key: Key, program: Program, names: Names, *, headers: Mapping[str, str] | None = None) -> Reply:
    """Call an operation as the right one would."""
    method, template = key
    data = {name: one.format_map(names) if isinstance(one, str) else one for name, one in DOORS[key].fields.items()}
    tag = f'"{town.house.store.latest_profile(COMPANY).number}"'
    body = None if method in ("GET", "DELETE") else data
    return program.ask(method, template.format_map(names), body, if_match=tag, **dict[str, Any](headers or {}))


def refused(town: Town, ask: Callable[[Names], Any], who: str, expected: int, names: Names) -> Any:
    """Check that what is asked for is refused, tells nothing and changes nothing; return the answer."""
    before = town.state()
    came = ask(names)
    assert came.status == expected, who
    if came.status == 303:
        assert came.headers["location"].startswith("/login?next="), who
    for word in TOLD:
        assert word.encode() not in came.body, (who, word)
        assert word not in str(came.headers), (who, word)
    assert town.state() == before, who
    return came


# ---- nothing is forgotten


def test_every_route_is_declared(town: Town) -> None:
    """And none is declared that is not there."""
    assert set(routes_of(town.house.app)) == set(DOORS)
    assert {door.who for door in DOORS.values()} == set(get_args(Who)) == set(WRONG) == set(RIGHT)


# ---- pages


@declared([key for key in IN_PAGES if WRONG[DOORS[key].who] or DOORS[key].who == "known"])
def test_a_page_is_refused_to_whoever_it_is_not_for(key: Key, town: Town) -> None:
    """Somebody else, nobody, an account disabled, a session expired or closed, a token of programs."""
    names = town.fresh()
    for who, expected in WRONG[DOORS[key].who].items():
        came = refused(town, partial(sent, key, town.browser(who)), who, expected, names)
        if expected == 404:
            unknown = sent(key, town.browser(who), {**names, "company": NOBODYS, "screening": NOBODYS})
            assert came.text == unknown.text  # as if it were not there
    for how in ("nobody", "disabled", "closed", "expired"):
        browser = town.browser(how) if how == "nobody" else town.shut_out(how)
        refused(town, partial(sent, key, browser), how, 303, names)
    token = {"authorization": f"Bearer {token_for(town.house, town.people['owner'])}"}
    refused(town, partial(sent, key, town.browser("nobody"), headers=token), "token", 303, names)


SEALLESS = ("POST", "/u/{token}")  # mail programs send it (RFC 8058): its link alone says who may


@declared([key for key in IN_PAGES if key[0] == "POST" and key != SEALLESS])
def test_a_form_is_refused_without_its_seal_or_from_elsewhere(key: Key, town: Town) -> None:
    """Of those who may send it, too: no seal, somebody else's, a page of another site, one of a neighbour's."""
    names = town.fresh()
    for case, (forged, headers) in FORGED.items():
        browser = town.browser(RIGHT[DOORS[key].who][0])
        browser.seal = forged(browser.seal)
        refused(town, partial(sent, key, browser, headers=headers), case, 403, names)


@declared([key for key in IN_PAGES if DOORS[key].who != "link"])
def test_whoever_a_page_is_for_gets_it(key: Key, town: Town) -> None:
    """Otherwise refusing would prove nothing."""
    for who in RIGHT[DOORS[key].who]:
        came = sent(key, town.browser(who), town.fresh())
        assert came.status in _fitting(key, who), who
        assert not came.goes_to.startswith("/login"), who


def _fitting(key: Key, who: str) -> set[int]:
    """Return how a page answers whoever it is for."""
    method, template = key
    if template in ("/account/tokens/{token}/revoke", "/desk/import/done"):
        return {404}  # nothing is called so, and that is told to those who may ask
    if template == "/healthz":
        return {503}  # nothing builds calendars here
    if key == ("POST", "/forgot"):
        return {403}  # nothing takes mail here
    if who == "owner" and template in ("/login", "/register"):
        return {200, 303, 422}  # who is in already is sent on
    suffix = template.removeprefix("/samples/{sample}").removeprefix("/try")
    if suffix != template and (suffix in ONLY_SAVED or (method, suffix) == ("POST", "/plan")):
        return {403, 404}
    if template.startswith("/samples") and OF_A_COMPANY.get((method, suffix), Door("view")).who == "edit":
        return {403, 404}  # a sample is only looked at
    if method == "GET":
        return {200}
    return {200, 303, 409, 422}


@pytest.mark.parametrize("kind", ["reset", "invite", "setup"])
def test_a_link_opens_once_and_in_time(kind: str, town: Town) -> None:
    """One that is unknown, used, expired or of another kind opens nothing and names nobody."""
    store, at = town.house.store.accounts, town.house.clock()

    def link(kind: Any, *, expires: timedelta = timedelta(hours=1)) -> str:
        token = secret_text(town.house.entropy(32))
        given: Any = {"company": COMPANY, "role": "viewer"} if kind == "invite" else {}
        given |= {"account": town.people["owner"].id} if kind == "reset" else {}
        store.add_link(digest_of(token), kind, at=at, expires=at + expires, who="test", **given)
        return token

    own = "administrator" if kind == "setup" else kind
    used = link(own)
    assert store.use_link(digest_of(used), at=at)
    other = link("invite" if kind == "reset" else "reset")
    for token in ("A" * 43, used, link(own, expires=timedelta(0)), other, digest_of(used)):
        for method in ("GET", "POST"):
            browser, path = town.browser("nobody"), f"/{kind}/{token}"
            typed = {"password": "a long password 9", "again": "a long password 9", "email": "n@x.cn", "name": "n"}
            form = {"seal": browser.seal, **typed} if method == "POST" else None

            def ask(_: Names, browser: Browser = browser, path: str = path, form: Any = form) -> Page:
                return browser._asked("POST" if form else "GET", path, data=form)

            refused(town, ask, f"{method} {path}", 404, {})


def test_measures_are_for_this_machine(town: Town) -> None:
    """And for nobody elsewhere, whoever it is."""
    elsewhere = town.house.visitor("192.0.2.4")
    secret = town.house.logged_in(town.people["administrator"]).cookies[SESSION]
    elsewhere.cookies.set(SESSION, secret, domain=elsewhere.host)
    assert elsewhere.get("/metrics").status == 404
    assert town.browser("nobody").get("/metrics").status == 200


def test_a_calendar_is_for_whoever_has_its_link(town: Town) -> None:
    """Not for one that was ended, not by its id, not by a session."""
    store, house = town.house.store, town.house
    token, record = store.add_token(COMPANY, f"{FEED} ended", secret=house.entropy(32), at=house.clock())
    store.revoke_token(record.id, at=house.clock())
    for given in (token, record.id, record.digest, COMPANY, "A" * 43):
        browser, path = town.browser("owner"), f"/f/{given}/all.ics"

        def ask(_: Names, browser: Browser = browser, path: str = path) -> Page:
            return browser.get(path)

        assert refused(town, ask, given, 404, {}).headers["content-type"].startswith("text/plain")


# ---- the interface


@declared(IN_INTERFACE)
def test_an_operation_is_refused_to_whoever_it_is_not_for(key: Key, town: Town) -> None:
    """Strangers as if there were no company, viewers where something would change, and every key that is none."""
    names = town.fresh()
    for who, expected in WRONG[DOORS[key].who].items():
        came = refused(town, partial(called, town, key, town.program(who)), who, expected, names)
        if expected == 404:
            unknown = called(town, key, town.program(who), {**names, "company": NOBODYS})
            assert same(came) == same(unknown)
    house, store, at = town.house, town.house.store.accounts, town.house.clock()
    revoked, disabled = (token_for(house, town.people[who]) for who in ("owner", "former"))
    assert store.revoke_api_token(digest_of(revoked)[:16], town.people["owner"].id, at=at)
    store.disable(town.people["former"].id, who="test", at=at)
    store.enable(town.people["former"].id, who="test", at=at)  # tokens do not come back
    session = town.browser("owner").cookies[SESSION]
    for case, token, headers in (
        ("nobody", None, {}),
        ("revoked", revoked, {}),
        ("disabled", disabled, {}),
        ("unknown", "A" * 43, {}),
        ("a session", None, {"cookie": f"{SESSION}={session}"}),
        ("a session as token", session, {}),
        ("a digest as token", digest_of(token_for(house, town.people["owner"])), {}),
    ):
        house.clock.forward(minutes=1)  # whoever guesses is slowed down
        came = refused(town, partial(called, town, key, Program(house, token), headers=headers), case, 401, names)
        assert came.headers["content-type"] == "application/problem+json"


@declared(IN_INTERFACE)
def test_whoever_an_operation_is_for_gets_it(key: Key, town: Town) -> None:
    """Otherwise refusing would prove nothing."""
    for who in RIGHT[DOORS[key].who]:
        came = called(town, key, town.program(who), town.fresh())
        assert 200 <= came.status < 300, (who, came.data)


def same(reply: Reply) -> Any:
    """Return a refusal without what names the request itself."""
    return reply.status, {name: one for name, one in reply.data.items() if name not in ("instance", "request")}
