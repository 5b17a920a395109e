"""Links that work once: a new password, an invitation, the first administrator."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.service.access import INVITE_LASTS, RESET_LASTS, SETUP_LASTS
from assistant.service.store.records import LinkKind, Role
from assistant.service.store.tokens import digest_of, token_of
from tests.entering import OTHER, PASSWORD, inside, log_in, person
from tests.serving import Server, add_sample, new_store, now
from tests.visiting import Browser, House, Page

CHOSEN = {"password": OTHER, "again": OTHER}
NEW = {"email": "li@example.com", "name": "李会计", **CHOSEN}
SAMPLE = "valve-maker"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Return a house in which 王 has an account and owns a company."""
    with House(tmp_path) as house:
        wang = person(house, "wang")
        company = add_sample(house.store, SAMPLE)
        house.store.accounts.grant(wang.id, company, "owner", who="test", at=house.clock())
        yield house


def company_of(house: House) -> str:
    """Return the one company."""
    return house.store.companies()[0].id


def link(house: House, kind: LinkKind, *, account: str | None = None, role: Role | None = None, email: str = "") -> str:
    """Return the path of a new link."""
    token = token_of(house.entropy(32))
    lasts = {"invite": INVITE_LASTS, "reset": RESET_LASTS, "administrator": SETUP_LASTS}[kind]
    company, moment = company_of(house) if role else None, house.clock()
    house.store.accounts.add_link(
        digest_of(token),
        kind,
        at=moment,
        expires=moment + lasts,
        who="test",
        account=account,
        company=company,
        role=role,
        email=email,
    )
    return f"/{'setup' if kind == 'administrator' else kind}/{token}"


def follow(browser: Browser, path: str, fields: dict[str, str]) -> Page:
    """Open a link and send its form."""
    browser.get(path)
    return browser.post(path, fields)


# ---- what holds for all of them


KINDS = ("reset", "invite", "administrator")


def one(house: House, kind: LinkKind) -> str:
    """Return the path of a link of that kind that is in force."""
    if kind == "reset":
        return link(house, kind, account="a-wang")
    return link(house, kind, role="editor" if kind == "invite" else None)


@pytest.mark.parametrize("kind", KINDS)
def test_looking_uses_nothing_up_and_using_does(house: House, kind: LinkKind) -> None:
    """A program that fetches every link in a mail does no harm; the second use is refused, with no account made."""
    path = one(house, kind)
    for _ in range(3):
        assert house.visitor().get(path).status == 200
    assert follow(house.visitor(), path, NEW).status == 303
    before = house.store.accounts.all()
    late = house.visitor()
    late.get("/login")
    again = late.post(path, {**NEW, "email": "zhao@example.com"})
    assert again.status == 404
    assert "这个链接不能用" in again.text
    assert late.get(path).status == 404
    assert not inside(late)
    assert house.store.accounts.all() == before


@pytest.mark.parametrize("kind", KINDS)
def test_of_many_at_once_one_is_let_in(house: House, kind: LinkKind) -> None:
    """However close together they come."""
    path = one(house, kind)
    browsers = [house.visitor() for _ in range(6)]
    for browser in browsers:
        browser.get(path)

    def use(numbered: tuple[int, Browser]) -> int:
        number, browser = numbered
        return browser.post(path, {**NEW, "email": f"li{number}@example.com"}).status

    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(use, enumerate(browsers)))
    assert sorted(told) == [303, *[404] * 5]


@pytest.mark.parametrize(
    ("kind", "lasts"), [("reset", RESET_LASTS), ("invite", INVITE_LASTS), ("administrator", SETUP_LASTS)]
)
def test_a_link_expires(house: House, kind: LinkKind, lasts: object) -> None:
    """Also between looking and using."""
    path = one(house, kind)
    browser = house.visitor()
    browser.get(path)
    house.clock.now += lasts  # type: ignore[operator]
    assert browser.post(path, NEW).status == 404
    assert house.visitor().get(path).status == 404


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_is_of_one_kind(house: House, kind: LinkKind) -> None:
    """An invitation makes nobody an administrator and changes no password."""
    token = one(house, kind).rpartition("/")[2]
    for other in ("reset", "invite", "setup"):
        if one_of(kind) != other:
            assert house.visitor().get(f"/{other}/{token}").status == 404


def one_of(kind: LinkKind) -> str:
    """Return where links of that kind stand."""
    return "setup" if kind == "administrator" else kind


def test_links_cannot_be_tried_out(house: House) -> None:
    """Who keeps trying is told to wait; a good link from elsewhere still works."""
    browser = house.visitor("203.0.113.5")
    told = [browser.get(f"/invite/{token_of(house.entropy(32))}").status for _ in range(32)]
    assert told == [404] * 30 + [429] * 2
    assert house.visitor().get(one(house, "invite")).status == 200


def test_a_form_needs_the_seal_of_its_visitor(house: House) -> None:
    """Holding the link is not enough for another site to have it used."""
    path = one(house, "reset")
    browser = house.visitor()
    browser.get(path)
    assert browser.post(path, {**CHOSEN, "seal": "0" * 40}).status == 403
    assert browser.post(path, CHOSEN).status == 303


# ---- a new password


def test_a_new_password_ends_every_session(house: House) -> None:
    """And every other link; it begins one where it was chosen."""
    elsewhere = house.visitor()
    log_in(elsewhere, "wang@example.com")
    here = house.visitor()
    path = link(house, "reset", account="a-wang")
    assert follow(here, path, CHOSEN).goes_to == "/account?done=password"
    assert inside(here)
    assert not inside(elsewhere)
    assert log_in(house.visitor(), "wang@example.com").status == 422
    assert log_in(house.visitor(), "wang@example.com", OTHER).status == 303


def test_a_session_that_was_planted_is_not_the_one_that_begins(house: House) -> None:
    """Whoever lays a cookie into a browser does not get in with it."""
    browser = house.visitor()
    browser.cookies.set("session", "A" * 43, domain=browser.host)
    follow(browser, link(house, "reset", account="a-wang"), CHOSEN)
    assert inside(browser)
    assert browser.cookies["session"] != "A" * 43
    assert house.store.accounts.session(digest_of("A" * 43), now=house.clock()) is None


def test_a_weak_password_leaves_the_link(house: House) -> None:
    """The mistake is told, and the next try may be right."""
    path, browser = link(house, "reset", account="a-wang"), house.visitor()
    weak = follow(browser, path, {"password": "wang@example.com", "again": "wang@example.com"})
    assert weak.status == 422
    assert "太容易被猜到" in weak.text
    assert browser.post(path, CHOSEN).status == 303


def test_a_disabled_account_has_no_way_back(house: House) -> None:
    """Its links are void, those that were made before and any made after."""
    before = link(house, "reset", account="a-wang")
    house.store.accounts.disable("a-wang", who="", at=house.clock())
    after = link(house, "reset", account="a-wang")
    for path in (before, after):
        browser = house.visitor()
        browser.get("/login")
        assert browser.post(path, CHOSEN).status == 404


# ---- an invitation


def test_an_invitation_makes_an_account_and_a_member(house: House) -> None:
    """With the role it was for, and nothing else."""
    browser = house.visitor()
    path = link(house, "invite", role="viewer")
    assert "查看者" in browser.get(path).text
    came = browser.post(path, NEW)
    assert (came.status, came.goes_to) == (303, f"/c/{company_of(house)}/")
    account = house.store.accounts.by_email("li@example.com")
    assert account is not None
    assert (account.standing, house.store.accounts.role(account.id, company_of(house))) == ("member", "viewer")
    assert inside(browser)


def test_who_is_logged_in_joins_as_such(house: House) -> None:
    """And whoever has an account is sent to log in and back."""
    person(house, "li")
    path, browser = link(house, "invite", role="editor"), house.visitor()
    assert f"/login?next={path}" in browser.get(path).source
    assert log_in(browser, "li@example.com", to=path).goes_to == path
    assert follow(browser, path, {}).goes_to == f"/c/{company_of(house)}/"
    assert house.store.accounts.role("a-li", company_of(house)) == "editor"


def test_an_invitation_for_one_address_is_for_nobody_else(house: House) -> None:
    """Neither for another account nor for a new one under another address."""
    person(house, "zhao")
    path = link(house, "invite", role="owner", email="Li@example.com")
    zhao = house.visitor()
    log_in(zhao, "zhao@example.com")
    told = follow(zhao, path, {})
    assert told.status == 422
    assert "li@example.com" in told.text
    assert house.store.accounts.role("a-zhao", company_of(house)) is None
    assert follow(house.visitor(), path, {**NEW, "email": "mallory@example.com"}).status == 303
    assert house.store.accounts.by_email("mallory@example.com") is None
    assert [one.account.email for one in house.store.accounts.members(company_of(house))] == [
        "wang@example.com",
        "li@example.com",
    ]


def test_an_invitation_takes_nothing_away(house: House) -> None:
    """An owner who opens one for viewers stays what they are, and it stays in force for somebody else."""
    path, browser = link(house, "invite", role="viewer"), house.visitor()
    log_in(browser, "wang@example.com")
    told = follow(browser, path, {})
    assert "您已经是这家企业的所有者" in told.text
    assert house.store.accounts.role("a-wang", company_of(house)) == "owner"
    assert house.visitor().get(path).status == 200


def test_an_address_that_has_an_account_is_not_taken_over(house: House) -> None:
    """Registering with somebody's address is refused, and the invitation stays."""
    path, browser = link(house, "invite", role="viewer"), house.visitor()
    told = follow(browser, path, {**NEW, "email": "wang@example.com"})
    assert told.status == 422
    assert "已经有账户" in told.text
    assert log_in(house.visitor(), "wang@example.com", PASSWORD).status == 303
    assert house.visitor().get(path).status == 200


# ---- the first administrator


def test_the_first_administrator_is_the_only_one_who_comes_so(house: House) -> None:
    """As soon as there is one, the link is void, used or not."""
    path = link(house, "administrator")
    person(house, "zhao", "administrator")
    assert house.visitor().get(path).status == 404
    browser = house.visitor()
    browser.get("/login")
    assert browser.post(path, NEW).status == 404
    assert house.store.accounts.by_email("li@example.com") is None


def test_serve_prints_the_way_in_once(tmp_path: Path) -> None:
    """On standard output, never in the log; with it somebody becomes administrator, and the next start prints none."""
    store = new_store(tmp_path)
    options = ("--base-url", "http://127.0.0.1")  # for others, too: nobody uses it alone
    with Server(store, tmp_path, *options) as server:
        told = [server.process.stdout.readline().decode() for _ in range(2)]  # type: ignore[union-attr]
        assert "还没有管理员" in told[0]
        path = told[1].strip().removeprefix("http://127.0.0.1")
        assert path.startswith("/setup/")
        assert server.ask(path).status == 200
        assert server.ask("/setup/" + "A" * 43).status == 404
        store.accounts.add("a", "wang@example.com", "王工", "x", "administrator", at=now())
        assert server.ask(path).status == 404
        token = path.rpartition("/")[2]
        server.stop()
        assert token not in server.logged()
    with Server(store, tmp_path, *options) as server:
        assert server.ask("/login").status == 200
        server.process.terminate()
        assert server.process.wait(30) == 0
        assert server.process.stdout.read() == b""  # type: ignore[union-attr]
