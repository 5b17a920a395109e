"""`assistant account`: who may log in, told in one line; mistakes end with 2 and change nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assistant.service.store.records import Account
from assistant.service.store.store import open_store
from assistant.service.store.tokens import digest_of
from tests.test_cli import TODAY, VALVES, good, refused

WANG, LI = "wang@example.cn", "li@example.cn"
LINK = re.compile(r"/reset/([\w-]{43})$", re.MULTILINE)


@pytest.fixture
def place(tmp_path: Path) -> Mapping[str, str]:
    """Return surroundings with a store whose administrator is 王工."""
    place = {"ASSISTANT_DB": str(tmp_path / "store.db")}
    good("account", "add", WANG, "--name", "王工", "--standing", "administrator", **place)
    return place


def accounts(place: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what is listed."""
    listed: list[dict[str, Any]] = json.loads(good("account", "list", "--format", "json", **place))["accounts"]
    return listed


def link_of(told: str, place: Mapping[str, str]) -> Account | None:
    """Return whose password the link in *told* is for."""
    found = LINK.search(told)
    assert found, told
    with open_store(f"sqlite:///{place['ASSISTANT_DB']}") as store:
        link = store.accounts.link(digest_of(found[1]), now=datetime.now(UTC))
        assert store.accounts.link(digest_of(found[1]), now=datetime.now(UTC) + timedelta(days=8)) is None
        return store.accounts.by_id(link.account or "") if link and link.kind == "reset" else None


def test_an_account_is_added_with_a_link_to_choose_a_password(place: Mapping[str, str]) -> None:
    """Nobody types another's password; until one is chosen there is none. The first one makes the store."""
    told = good(
        "account", "add", LI, "--name", "李会计", "--base-url", "https://a.example.cn/", "--by", "root", **place
    )
    assert "已建立账户：李会计" in told
    assert "https://a.example.cn/reset/" in told
    account = link_of(told, place)
    assert account is not None
    assert (account.email, account.standing) == (LI, "member")
    with open_store(f"sqlite:///{place['ASSISTANT_DB']}") as store:
        assert store.accounts.password_hash(account.id) == ""
        added, link = store.accounts.audit()[1], store.accounts.audit()[0]
    assert (added.what, added.who, added.detail) == ("account-added", "root", "member")
    assert (link.what, link.who) == ("link-reset", "root")


def test_a_reset_replaces_the_link_before(place: Mapping[str, str]) -> None:
    """Only the last one works; without the server's address the end of it is told."""
    first, second = (good("account", "reset", WANG.upper(), **place) for _ in range(2))
    assert "接在服务器的网址后面" in second
    assert link_of(first, place) is None
    found = link_of(second, place)
    assert found is not None
    assert found.email == WANG


def test_standing_and_state_change(place: Mapping[str, str]) -> None:
    """And are listed; a disabled account gets no link."""
    good("account", "add", LI, "--name", "李会计", **place)
    assert good("account", "standing", LI, "bureau", **place) == f"{LI} 现在是主管部门。\n"
    assert good("account", "disable", LI, **place) == f"{LI} 已停用，已经退出登录。\n"
    [_, li] = accounts(place)
    assert (li["standing"], li["companies"], bool(li["disabled"])) == ("bureau", 0, True)
    assert "已停用" in refused("account", "reset", LI, **place)[0]
    assert good("account", "enable", LI, **place) == f"{LI} 已启用。\n"
    assert accounts(place)[1]["disabled"] is None
    assert "主管部门" in good("account", "list", **place)


def test_a_company_is_given_an_owner(place: Mapping[str, str]) -> None:
    """Those that were added without accounts belong to nobody yet."""
    good("company", "add", VALVES, *TODAY, **place)
    name = json.loads(good("company", "list", "--format", "json", **place))["companies"][0]["name"]
    assert good("account", "grant", WANG, name, **place) == f"{WANG} 现在是{name}的所有者。\n"
    assert accounts(place)[0]["companies"] == 1
    assert "最后一位所有者" in refused("account", "grant", WANG, name, "--role", "viewer", **place)[0]


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("add", "no address", "--name", "李"), "不像邮箱地址"),
        (("add", "li@example", "--name", "李"), "不像邮箱地址"),
        (("add", WANG.upper(), "--name", "李"), "已经有账户"),
        (("add", LI, "--name", " "), "请写姓名"),
        (("reset", "wan@example.cn"), f"没有账户“wan@example.cn”，最接近的是 {WANG}"),
        (("standing", WANG, "member"), "最后一位管理员"),
        (("disable", WANG), "最后一位管理员"),
        (("grant", WANG, "水泵"), "没有企业"),
    ],
)
def test_mistakes_change_nothing(place: Mapping[str, str], command: tuple[str, ...], told: str) -> None:
    """One message, and the accounts as they were."""
    before = accounts(place)
    assert told in refused("account", *command, **place)[0]
    assert accounts(place) == before
