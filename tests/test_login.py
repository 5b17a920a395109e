"""Logging in: what lets somebody in, what does not, and what nobody learns from it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from assistant.service.mail import Post
from assistant.service.passwords import outdated
from assistant.service.store.tokens import digest_of
from assistant.web.identity import LASTS
from assistant.web.site import Manner
from tests.entering import MANY, OTHER, PASSWORD, inside, kept, link_in, log_in, person
from tests.posting import Box, post_office
from tests.visiting import House

WANG = "wang@example.com"
ADDRESS = "http://sb.example.cn"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Return a house in which 王 has an account."""
    with House(tmp_path) as house:
        person(house, "wang")
        yield house


# ---- in and out


def test_address_and_password_let_in(house: House) -> None:
    """However the address is written; to where one wanted to go, and out again."""
    browser = house.visitor()
    came = log_in(browser, " WANG@example.com ", to="/account?x=1")
    assert (came.status, came.goes_to) == (303, "/account?x=1")
    assert inside(browser)
    assert house.store.accounts.audit()[0].what == "login"
    assert "wang" in browser.get("/").text
    assert browser.get("/login").goes_to == "/companies"
    secret = browser.cookies["session"]
    assert browser.post("/logout").goes_to == "/"
    assert not inside(browser)
    assert house.store.accounts.session(digest_of(secret), now=house.clock()) is None


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:1", "/a\nb", "\t//evil.example"]
)
def test_nobody_is_sent_elsewhere(house: House, to: str) -> None:
    """A link to the login cannot lead to another site."""
    assert log_in(house.visitor(), WANG, to=to).goes_to == "/companies"
    assert f'value="{to}"' not in house.visitor().get(f"/login?next={to.encode().hex()}").source


def test_who_needs_an_account_is_brought_back(house: House) -> None:
    """After the login comes the page that was asked for."""
    assert house.visitor().get("/account").goes_to == "/login?next=%2Faccount"


def test_a_login_lasts_two_weeks(house: House) -> None:
    """And not a moment longer."""
    browser = house.visitor()
    log_in(browser, WANG)
    house.clock.now += LASTS
    assert not inside(browser)


# ---- nobody learns who has an account


def test_a_wrong_password_and_no_account_are_one_answer(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """The same page, and the password stands neither in it nor in the log."""
    with caplog.at_level(logging.DEBUG):
        wrong = log_in(house.visitor(), WANG, OTHER)
        nobody = log_in(house.visitor(), "nobody@example.com", OTHER)
    assert wrong.status == nobody.status == 422
    assert wrong.text == nobody.text
    assert "邮箱或密码不对" in wrong.text
    assert OTHER not in wrong.source + caplog.text
    assert WANG not in caplog.text


@pytest.mark.parametrize("email", [WANG, "nobody@example.com", "li@example.com", "zhao@example.com"])
def test_every_login_does_the_same_work(house: House, email: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hash, with the same costs: for a wrong password, for no account, a disabled one, one without a password."""
    li, _ = person(house, "li"), house.account("zhao")
    house.store.accounts.disable(li.id, who="", at=house.clock())
    house.store.accounts.rehash("a-zhao", "")
    asked: list[str] = []
    verify = PasswordHasher.verify

    def noticed(self: PasswordHasher, known: str, password: str) -> bool:
        asked.append(known.rpartition("$")[0].rpartition("$")[0])
        return verify(self, known, password)

    monkeypatch.setattr(PasswordHasher, "verify", noticed)
    assert log_in(house.visitor(), email, OTHER).status == 422
    assert asked == [kept(PASSWORD).rpartition("$")[0].rpartition("$")[0]]


def test_who_is_disabled_does_not_get_in(house: House) -> None:
    """With the right password, too; and an account without a password has no empty one."""
    house.store.accounts.disable("a-wang", who="", at=house.clock())
    assert log_in(house.visitor(), WANG).status == 422
    house.account("li")
    house.store.accounts.rehash("a-li", "")
    assert log_in(house.visitor(), "li@example.com", "").status == 422


def test_a_weak_hash_is_made_anew(house: House) -> None:
    """As soon as its owner logs in."""
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD, salt=bytes(16))
    house.store.accounts.rehash("a-wang", weak)
    log_in(house.visitor(), WANG)
    now = house.store.accounts.password_hash("a-wang")
    assert now != weak
    assert not outdated(now)
    assert log_in(house.visitor(), WANG).status == 303


# ---- sessions


def test_a_session_that_somebody_else_chose_is_none(house: House) -> None:
    """Whatever cookie the browser had before the login, the session is a new one; the one before it is over."""
    browser = house.visitor()
    planted = "A" * 43
    browser.cookies.set("session", planted, domain=browser.host)
    log_in(browser, WANG)
    first = browser.cookies["session"]
    assert first != planted
    assert house.store.accounts.session(digest_of(planted), now=house.clock()) is None
    browser.get("/account")
    seal = browser.seal
    log_in_again = browser.post("/login", {"email": WANG, "password": PASSWORD, "seal": seal})
    assert log_in_again.status == 303
    assert browser.cookies["session"] != first
    assert house.store.accounts.session(digest_of(first), now=house.clock()) is None


def test_the_seal_of_before_does_not_serve_after(house: House) -> None:
    """A form made before the login is refused after it, and so is another visitor's."""
    browser = house.visitor()
    browser.get("/login")
    before = browser.seal
    log_in(browser, WANG)
    assert browser.post("/account/name", {"name": "x", "seal": before}).status == 403
    other = house.visitor()
    other.get("/login")
    assert browser.post("/account/name", {"name": "x", "seal": other.seal}).status == 403
    assert browser.post("/account/name", {"name": "x", "seal": ""}).status == 403


def test_cookies_are_out_of_reach(tmp_path: Path) -> None:
    """No script reads them, no other site sends them; over HTTPS they are bound to this host."""
    with House(tmp_path) as house:
        person(house, "wang")
        browser = house.visitor(scheme="https")
        visit = browser.get("/login").headers["set-cookie"]
        session = browser.post("/login", {"email": WANG, "password": PASSWORD}).headers["set-cookie"]
    assert visit.startswith("__Host-visit=")
    assert session.startswith("__Host-session=")
    for cookie in (visit, session):
        said = {part.strip().lower() for part in cookie.split(";")}
        assert {"httponly", "secure", "samesite=lax", "path=/"} <= said
        assert not any(part.startswith("domain") for part in said)


# ---- guessing


def test_guessing_ends(house: House) -> None:
    """After ten tries not even the right password helps from there; its owner elsewhere gets in, and later all do."""
    guesser = house.visitor("203.0.113.5")
    told = [log_in(guesser, WANG, OTHER).status for _ in range(MANY)]
    assert told == [422] * 10 + [429] * (MANY - 10)
    refused = log_in(guesser, WANG)
    assert refused.status == 429
    assert "15 分钟" in refused.text
    assert log_in(house.visitor("198.51.100.7"), WANG).status == 303
    house.clock.forward(minutes=15)
    assert log_in(guesser, WANG).status == 303


def test_whoever_gets_in_starts_anew(house: House) -> None:
    """Nine slips today and nine tomorrow lock nobody out."""
    browser = house.visitor("203.0.113.5")
    for _ in range(2):
        for _ in range(9):
            log_in(browser, WANG, OTHER)
        assert log_in(browser, WANG).status == 303
        browser.get("/account")
        browser.post("/logout")


@pytest.mark.parametrize(("hosts", "most"), [(["203.0.113.5"], 60), (["2001:db8::1", "2001:db8::2"], 60)])
def test_trying_many_accounts_ends(house: House, hosts: list[str], most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One address, or one network of them, tries so many passwords and no more, whomever they belong to."""
    monkeypatch.setattr("assistant.web.doors.login.matches", lambda _known, _password: False)
    told: list[int] = []
    for n in range(most + 2):
        browser = house.visitor(hosts[n % len(hosts)])
        browser.get("/login")
        told.append(browser.post("/login", {"email": f"x{n}@example.com", "password": OTHER}).status)
    assert told[:most] == [422] * most
    assert told[most:] == [429, 429]


# ---- registering


def test_nobody_registers_where_that_is_closed(house: House) -> None:
    """Which is so by default; the page says kindly who can help."""
    told = house.visitor().get("/register")
    assert "凭邀请注册" in told.text
    assert "管理员" in told.text
    browser = house.visitor()
    assert "凭邀请注册" in browser.get("/login").text
    assert browser.post("/register", newcomer()).status == 403
    assert len(house.store.accounts.all()) == 1


def newcomer(**changes: str) -> dict[str, str]:
    """Return what somebody types who registers."""
    return {"email": "li@example.com", "name": "李会计", "password": OTHER, "again": OTHER, **changes}


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[House]:
    """Return a house where everybody may register."""
    with House(tmp_path, manner=Manner(registration=True)) as house:
        yield house


def test_registering_lets_in(open_house: House) -> None:
    """As a member of nothing, under the name that was given."""
    browser = open_house.visitor()
    browser.get("/register?next=/try/save")
    came = browser.post("/register", newcomer(next="/try/save"))
    assert (came.status, came.goes_to) == (303, "/try/save")
    account = open_house.store.accounts.by_email("li@example.com")
    assert account is not None
    assert (account.name, account.standing) == ("李会计", "member")
    assert inside(browser)
    assert browser.get("/admin").status == 403
    assert log_in(open_house.visitor(), "li@example.com", OTHER).status == 303


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"email": "li"}, "email", "不像邮箱地址"),
        ({"name": " "}, "name", "请写姓名"),
        ({"password": "short", "again": "short"}, "password", "至少 10 个字符"),
        ({"password": "password1234", "again": "password1234"}, "password", "太容易被猜到"),
        ({"password": "li@example.com", "again": "li@example.com"}, "password", "太容易被猜到"),
        ({"again": OTHER + "x"}, "again", "不一样"),
    ],
)
def test_a_mistake_is_told_at_its_field(open_house: House, changes: dict[str, str], field: str, told: str) -> None:
    """What was typed stays, but for the passwords; the field says what is wrong with it."""
    browser = open_house.visitor()
    browser.get("/register")
    page = browser.post("/register", newcomer(**changes))
    assert page.status == 422
    assert f'id="{field}-wrong"' in page.source
    assert page.source.count('aria-invalid="true"') == 1
    assert told in page.text
    assert OTHER not in page.source
    assert [one for one in re.findall(r'<input type="password"[^>]*>', page.source) if "value" in one] == []
    assert open_house.store.accounts.all() == ()


def test_an_address_registers_once(open_house: House) -> None:
    """In whatever capitals."""
    person(open_house, "li")
    browser = open_house.visitor()
    browser.get("/register")
    page = browser.post("/register", newcomer(email="LI@example.com"))
    assert page.status == 422
    assert "已经有账户" in page.text


# ---- a forgotten password


@pytest.fixture
def box() -> Iterator[Box]:
    """Return a running mail server."""
    with post_office() as box:
        yield box


def mailing(tmp_path: Path, box: Box, base_url: str = ADDRESS) -> House:
    """Return a house that can send mail."""
    post = Post.of(f"smtp://localhost:{box.port}", "noreply@example.cn")
    return House(tmp_path, manner=Manner(base_url=base_url), post=post)


def body(message: EmailMessage) -> str:
    """Return the text of a letter."""
    return str(message.get_content())


def test_a_forgotten_password_is_chosen_anew(tmp_path: Path, box: Box) -> None:
    """By a link that comes by mail."""
    with mailing(tmp_path, box) as house:
        person(house, "wang")
        browser = house.visitor()
        browser.get("/forgot")
        browser.post("/forgot", {"email": WANG.upper()})
        came = box.next()
        assert came["To"] == WANG
        assert f"{ADDRESS}/reset/" in body(came)
        link = link_in(body(came))
        assert "wang@example.com" in browser.get(link).text
        assert browser.post(link, {"password": OTHER, "again": OTHER}).status == 303
        assert log_in(house.visitor(), WANG).status == 422
        assert log_in(house.visitor(), WANG, OTHER).status == 303


def test_nobody_learns_from_it_who_has_an_account(tmp_path: Path, box: Box) -> None:
    """The same answer; no mail to nobody, to a disabled account, or to anybody a fourth time in an hour."""
    with mailing(tmp_path, box) as house:
        person(house, "wang")
        house.store.accounts.disable(person(house, "li").id, who="", at=house.clock())
        told: list[str] = []
        for email in ("nobody@example.com", "li@example.com", *[WANG] * 4):
            browser = house.visitor()
            browser.get("/forgot")
            page = browser.post("/forgot", {"email": email})
            told.append(f"{page.status} {page.text}")
        assert len(set(told)) == 1
        assert [box.next()["To"] for _ in range(3)] == [WANG] * 3
        assert box.came.empty()


def test_a_link_is_never_made_of_what_the_visitor_says(tmp_path: Path, box: Box) -> None:
    """Without an address of its own the server mails none: whoever asks could name another host."""
    with mailing(tmp_path, box, base_url="") as house:
        person(house, "wang")
        browser = house.visitor("evil.example")
        assert "没有设邮件" in browser.get("/forgot").text
        browser.get("/login")
        assert browser.post("/forgot", {"email": WANG}).status == 403
        assert box.came.empty()


def test_a_mail_that_fails_is_noted_without_its_link(
    tmp_path: Path, box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    """The visitor sees the same; the operator sees why."""
    box.refuses = "451 try later"
    with mailing(tmp_path, box) as house:
        person(house, "wang")
        browser = house.visitor()
        browser.get("/forgot")
        assert browser.post("/forgot", {"email": WANG}).status == 200
    assert "451" in caplog.text
    assert "/reset/" not in caplog.text
