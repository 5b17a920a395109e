"""One's own account, the members of a company, administration: who may do what, and what it does at once."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.service.mail import Post
from assistant.service.store.tokens import digest_of
from assistant.web.app import application
from assistant.web.doors.account import MOST_TOKENS
from assistant.web.site import Manner
from tests.entering import MANY, OTHER, PASSWORD, inside, link_in, log_in, person
from tests.posting import post_office
from tests.serving import add_sample
from tests.visiting import Browser, House, Page

SAMPLE = "valve-maker"
_FIELD = re.compile(r'<textarea id="address"[^>]*>([^<]*)</textarea>')


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Return a house with an administrator, 王 who owns a company with 李 as editor, and 赵 who belongs to none."""
    with House(tmp_path) as house:
        person(house, "admin", "administrator")
        company = add_sample(house.store, SAMPLE)
        for name, role in (("wang", "owner"), ("li", "editor")):
            house.store.accounts.grant(person(house, name).id, company, role, who="test", at=house.clock())  # type: ignore[arg-type]
        person(house, "zhao")
        yield house


def company_of(house: House) -> str:
    """Return the one company."""
    return house.store.companies()[0].id


def entered(house: House, name: str, page: str = "/account") -> Browser:
    """Return the browser of somebody who logged in and has *page* open."""
    browser = house.visitor()
    assert log_in(browser, f"{name}@example.com").status == 303
    browser.get(page)
    return browser


def shown_once(page: Page) -> str:
    """Return the secret that a page shows this once."""
    [found] = _FIELD.findall(page.source)
    return html.unescape(found)


# ---- one's own account


def test_a_name_is_changed(house: House) -> None:
    """And shown as text, whatever stands in it."""
    browser = entered(house, "wang")
    assert browser.post("/account/name", {"name": " <b>王  工</b> "}).goes_to == "/account?done=name"
    page = browser.get("/account?done=name")
    assert "<b>王 工</b>" in page.text
    assert "&lt;b&gt;王 工&lt;/b&gt;" in page.source
    assert browser.post("/account/name", {"name": ""}).status == 422


def test_a_changed_password_ends_other_sessions(house: House) -> None:
    """The one it was changed in stays."""
    here, elsewhere = entered(house, "wang"), entered(house, "wang")
    changed = here.post("/account/password", {"current": PASSWORD, "password": OTHER, "again": OTHER})
    assert changed.goes_to == "/account?done=password"
    assert inside(here)
    assert not inside(elsewhere)
    assert log_in(house.visitor(), "wang@example.com").status == 422
    assert house.store.accounts.audit()[0].what == "password-changed"


def test_the_present_password_is_asked_for_and_not_to_be_guessed(house: House) -> None:
    """Who finds an open browser cannot lock its owner out."""
    browser = entered(house, "wang")
    given = {"current": "wrong wrong", "password": OTHER, "again": OTHER}
    told = [browser.post("/account/password", given) for _ in range(MANY)]
    assert [page.status for page in told] == [422] * 10 + [429] * (MANY - 10)
    assert "现在的密码不对" in told[0].text
    assert browser.post("/account/password", {**given, "current": PASSWORD}).status == 429
    assert log_in(house.visitor(), "wang@example.com").status == 303


def test_other_sessions_are_closed(house: House) -> None:
    """With one button; their number is told."""
    here, elsewhere = entered(house, "wang"), entered(house, "wang")
    assert "2 处登录着" in here.get("/account").text
    here.post("/account/sessions")
    assert inside(here)
    assert not inside(elsewhere)


def test_a_key_for_a_program_is_shown_once(house: House) -> None:
    """The store has its digest; nobody else revokes it; revoked it opens nothing."""
    browser = entered(house, "wang")
    token = shown_once(browser.post("/account/tokens", {"token": "财务系统"}))
    assert len(token) == 43
    again = browser.get("/account")
    assert token not in again.source
    assert "财务系统" in again.text
    people = house.store.accounts
    account = people.api_account(digest_of(token), now=house.clock())
    assert account is not None
    assert account.id == "a-wang"
    [known] = people.api_tokens("a-wang")
    assert token not in repr(known)
    assert entered(house, "li").post(f"/account/tokens/{known.id}/revoke").status == 404
    assert people.api_account(digest_of(token), now=house.clock()) is not None
    assert browser.post(f"/account/tokens/{known.id}/revoke").goes_to == "/account?done=token"
    assert people.api_account(digest_of(token), now=house.clock()) is None
    assert browser.post("/account/tokens", {"token": " "}).status == 422


def test_keys_are_not_without_end(house: House) -> None:
    """Twenty in use at once."""
    browser = entered(house, "wang")
    told = [browser.post("/account/tokens", {"token": f"t{n}"}).status for n in range(MOST_TOKENS + 1)]
    assert told == [200] * MOST_TOKENS + [422]


def test_a_disabled_account_is_out_at_once(house: House) -> None:
    """In the middle of whatever it was doing, and its keys with it."""
    browser = entered(house, "wang")
    token = shown_once(browser.post("/account/tokens", {"token": "t"}))
    admin = entered(house, "admin", "/admin")
    assert admin.post("/admin/accounts/a-wang/disable").goes_to == "/admin?done=disable"
    assert browser.get("/account").goes_to.startswith("/login")
    assert browser.get(f"/c/{company_of(house)}/members").goes_to.startswith("/login")
    assert house.store.accounts.api_account(digest_of(token), now=house.clock()) is None
    assert admin.post("/admin/accounts/a-wang/enable").status == 303
    assert not inside(browser)
    assert log_in(house.visitor(), "wang@example.com").status == 303


# ---- members


@pytest.mark.parametrize(("name", "status"), [("li", 403), ("zhao", 404), ("admin", 404)])
def test_owners_alone_decide_who_belongs(house: House, name: str, status: int) -> None:
    """Editors may not; for anybody else, the administrator too, there is no such company."""
    base = f"/c/{company_of(house)}/members"
    browser = entered(house, name)
    assert browser.get(base).status == status
    for path, fields in (
        ("/invite", {"role": "owner"}),
        ("/role", {"account": f"a-{name}", "role": "owner"}),
        ("/withdraw", {"account": "a-wang"}),
        ("/void", {"link": "a" * 64}),
    ):
        assert browser.post(base + path, fields).status == status, path
    assert {one.account.id: one.role for one in house.store.accounts.members(company_of(house))} == {
        "a-wang": "owner",
        "a-li": "editor",
    }
    assert house.store.accounts.links(company_of(house), now=house.clock()) == ()


def test_an_invitation_is_made_shown_once_and_taken_back(house: House) -> None:
    """Its link stands on the page this once; what is listed afterwards opens nothing."""
    base = f"/c/{company_of(house)}/members"
    browser = entered(house, "wang", base)
    made = browser.post(f"{base}/invite", {"role": "viewer"})
    path = link_in(shown_once(made))
    assert shown_once(made) == f"http://127.0.0.1{path}"
    assert house.visitor().get(path).status == 200
    listed = browser.get(base)
    assert path not in listed.source
    assert "还没有用的邀请" in listed.text
    [known] = house.store.accounts.links(company_of(house), now=house.clock())
    assert house.visitor().get(f"/invite/{known.digest}").status == 404
    assert browser.post(f"{base}/void", {"link": known.digest}).goes_to == f"{base}?done=void"
    assert house.visitor().get(path).status == 404


def test_nobody_takes_back_another_companys_invitation(house: House) -> None:
    """Or anything else that is a link."""
    company = company_of(house)
    other = house.store.add_company("other", "别家", "facts: {}\n", who="", at=house.clock(), owner="a-zhao").id
    mine = f"/c/{other}/members"
    zhao = entered(house, "zhao", mine)
    people, now = house.store.accounts, house.clock()
    until = now.replace(year=2027)
    people.add_link("a" * 64, "invite", at=now, expires=until, who="", company=company, role="viewer")
    people.add_link("b" * 64, "reset", at=now, expires=until, who="", account="a-wang")
    for digest in ("a" * 64, "b" * 64):
        assert zhao.post(f"{mine}/void", {"link": digest}).status == 404
        assert people.link(digest, now=now) is not None
    assert zhao.post(f"{mine}/withdraw", {"account": "a-li"}).status == 404
    assert people.role("a-li", company) == "editor"


def test_roles_change_and_members_go(house: House) -> None:
    """With effect on the very next page; the last owner stays, and is told why."""
    base = f"/c/{company_of(house)}/members"
    wang, li = entered(house, "wang", base), entered(house, "li")
    for path, fields in (
        ("/withdraw", {"account": "a-wang"}),
        ("/role", {"account": "a-wang", "role": "viewer"}),
    ):
        told = wang.post(base + path, fields)
        assert told.status == 422
        assert "最后一位所有者" in told.text
    assert wang.post(f"{base}/role", {"account": "a-li", "role": "owner"}).goes_to == f"{base}?done=role"
    assert li.get(base).status == 200
    assert wang.post(f"{base}/role", {"account": "a-wang", "role": "viewer"}).goes_to == f"/c/{company_of(house)}/"
    assert wang.get(base).status == 403
    li.get(base)
    assert li.post(f"{base}/withdraw", {"account": "a-wang"}).status == 303
    assert wang.get(base).status == 404
    assert "不再是成员" in li.get(base).text


def test_a_role_that_is_none_is_refused(house: House) -> None:
    """Whatever a form may say."""
    base = f"/c/{company_of(house)}/members"
    browser = entered(house, "wang", base)
    assert browser.post(f"{base}/role", {"account": "a-li", "role": "administrator"}).status == 422
    assert browser.post(f"{base}/invite", {"role": ""}).status == 422
    assert browser.post(f"{base}/invite", {"role": "viewer", "email": "no address"}).status == 422
    assert browser.post(f"{base}/role", {"account": "a-zhao", "role": "owner"}).status == 404


def test_an_invitation_is_mailed(tmp_path: Path) -> None:
    """To the address it is for, with the link the owner sees."""
    with post_office() as box, House(tmp_path, manner=Manner(base_url="http://sb.example.cn")) as house:
        house.site = replace(house.site, post=Post.of(f"smtp://localhost:{box.port}", "noreply@example.cn"))
        house.app = application(house.site)
        company = add_sample(house.store, SAMPLE)
        house.store.accounts.grant(person(house, "wang").id, company, "owner", who="test", at=house.clock())
        base = f"/c/{company}/members"
        page = entered(house, "wang", base).post(f"{base}/invite", {"role": "editor", "email": "li@example.com"})
        letter = box.next()
        assert letter["To"] == "li@example.com"
        assert shown_once(page) in str(letter.get_content())
        assert "编辑" in str(letter.get_content())
        assert "已经发到 li@example.com" in page.text


# ---- administration


@pytest.mark.parametrize("name", ["wang", "li", "zhao", "adviser", "bureau"])
def test_administrators_alone_look_after_accounts(house: House, name: str) -> None:
    """Nobody makes themselves one."""
    if name in ("adviser", "bureau"):
        person(house, name, name)  # type: ignore[arg-type]
    browser = entered(house, name)
    assert browser.get("/admin").status == 403
    for path, fields in (
        ("/accounts", {"email": "x@example.com", "name": "x", "standing": "administrator"}),
        (f"/accounts/a-{name}/standing", {"standing": "administrator"}),
        ("/accounts/a-admin/reset", {}),
        ("/accounts/a-admin/disable", {}),
        ("/accounts/a-admin/enable", {}),
    ):
        assert browser.post(f"/admin{path}", fields).status == 403, path
    assert house.visitor().get("/admin").goes_to.startswith("/login")
    assert [one.email for one in house.store.accounts.all() if one.standing == "administrator"] == ["admin@example.com"]


def test_an_account_is_opened_with_a_link(house: House) -> None:
    """The administrator never knows its password."""
    admin = entered(house, "admin", "/admin")
    new = {"email": "sun@example.com", "name": "孙", "standing": "adviser"}
    path = link_in(shown_once(admin.post("/admin/accounts", new)))
    assert path not in admin.get("/admin").source
    account = house.store.accounts.by_email("sun@example.com")
    assert account is not None
    assert account.standing == "adviser"
    browser = house.visitor()
    browser.get(path)
    assert browser.post(path, {"password": OTHER, "again": OTHER}).status == 303
    assert log_in(house.visitor(), "sun@example.com", OTHER).status == 303
    assert admin.post("/admin/accounts", new).status == 422
    added = next(
        one for one in house.store.accounts.audit() if one.what == "account-added" and one.account == account.id
    )
    assert added.who == "admin"


def test_a_password_is_reset_by_a_link(house: House) -> None:
    """Without reading anything of the account's; what was done is noted."""
    admin = entered(house, "admin", "/admin")
    path = link_in(shown_once(admin.post("/admin/accounts/a-wang/reset")))
    browser = house.visitor()
    assert "wang@example.com" in browser.get(path).text
    assert "给出重设密码的链接" in admin.get("/admin").text
    house.store.accounts.disable("a-li", who="", at=house.clock())
    assert admin.post("/admin/accounts/a-li/reset").status == 404
    assert admin.post("/admin/accounts/nobody/reset").status == 404


def test_the_last_administrator_stays(house: House) -> None:
    """Told on the page; with a second one the first may go, and sees it no more."""
    admin = entered(house, "admin", "/admin")
    for path, fields in (("disable", {}), ("standing", {"standing": "member"})):
        told = admin.post(f"/admin/accounts/a-admin/{path}", fields)
        assert told.status == 422
        assert "最后一位管理员" in told.text
    assert admin.post("/admin/accounts/a-wang/standing", {"standing": "administrator"}).status == 303
    assert admin.post("/admin/accounts/a-admin/standing", {"standing": "member"}).goes_to == "/"
    assert admin.get("/admin").status == 403
    assert admin.post("/admin/accounts/a-wang/standing", {"standing": "emperor"}).status == 403


def test_an_administrator_sees_no_company(house: House) -> None:
    """Neither its pages nor its name in what was done."""
    admin = entered(house, "admin", "/admin")
    assert SAMPLE not in admin.get("/admin").source
    assert admin.get(f"/c/{company_of(house)}/").status == 404


def test_whoever_uses_the_machine_alone_is_told_how_to_share(tmp_path: Path) -> None:
    """There are no accounts yet, and no login is needed."""
    with House(tmp_path, manner=Manner("王工")) as house:
        company, browser = add_sample(house.store, SAMPLE), house.visitor()
        assert "单人使用" in browser.get("/admin").text
        assert browser.get("/login").goes_to == "/companies"
        assert browser.get("/account").status == 404
        assert "单人使用" in browser.get(f"/c/{company}/members").text
        assert house.visitor("203.0.113.5").get("/admin").goes_to.startswith("/login")
