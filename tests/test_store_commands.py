"""The commands on the store: company, feed, db, announce. Mistakes end with 2, one message, and nothing changed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assistant.service.store.records import Fetch
from assistant.service.store.store import open_store
from assistant.service.store.tokens import digest_of
from tests.conftest import ROOT
from tests.databases import KINDS, database
from tests.test_cli import TODAY, VALVES, good, refused, run, sample

NAME, CODE = "佛山某某阀门有限公司", "91440605MA4XXX2B7B"
FETCHED = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)  # the 24th in China


@pytest.fixture
def place(tmp_path: Path) -> Mapping[str, str]:
    """Return surroundings with neither a store nor a file of official dates yet."""
    return {
        "ASSISTANT_DB": str(tmp_path / "data" / "store.db"),
        "ASSISTANT_ANNOUNCEMENTS": str(tmp_path / "announcements.yaml"),
    }


@pytest.fixture
def valves(place: Mapping[str, str]) -> str:
    """Return the id of the company that is in the store."""
    told = good("company", "add", VALVES, "--by", "王工", *TODAY, "--format", "json", **place)
    return str(json.loads(told)["id"])


def asked(*command: str, **place: str) -> Any:
    """Return what a command tells machines."""
    return json.loads(good(*command, "--format", "json", **place))


# ---- companies


def test_the_first_company_makes_the_store(place: Mapping[str, str]) -> None:
    """With its name, its credit code and its profile as it was written, comments and all."""
    told = good("company", "add", VALVES, "--by", "王工", *TODAY, **place)
    match = re.fullmatch(rf"已登记：{NAME}\n编号：([0-9a-f-]{{36}})\n", told)
    assert match
    [company] = asked("company", "list", **place)["companies"]
    assert (company["id"], company["name"], company["uscc"]) == (match[1], NAME, CODE)
    assert (company["published"], company["failure"]) == (None, None)
    assert good("company", "history", NAME, "--version", "1", **place) == Path(VALVES).read_text(encoding="utf-8")


def test_every_version_of_a_profile_is_listed(place: Mapping[str, str], valves: str, tmp_path: Path) -> None:
    """Named by id, its beginning, the credit code or the name; the same text again is no new one."""
    newer = tmp_path / "newer.yaml"
    newer.write_text(Path(VALVES).read_text(encoding="utf-8") + "# 已核对\n", encoding="utf-8")
    for called, path, said in (
        (valves, VALVES, "资料没有变化，仍是第 1 版"),
        (valves[:4], newer, "已存为第 2 版"),
        (CODE, VALVES, "已存为第 3 版"),
        (NAME, VALVES, "资料没有变化，仍是第 3 版"),
    ):
        assert good("company", "update", called, path, "--by", "李会计", *TODAY, **place) == f"{NAME}：{said}\n"
    versions = asked("company", "history", NAME, **place)["versions"]
    assert [(one["number"], one["who"]) for one in versions] == [(1, "王工"), (2, "李会计"), (3, "李会计")]
    assert "李会计" in good("company", "history", NAME, **place)
    assert refused("company", "history", NAME, "--version", "4", **place) == [f"{NAME}：没有这一版资料，最新是第 3 版"]


def test_a_profile_with_mistakes_is_not_kept(place: Mapping[str, str], tmp_path: Path) -> None:
    """All of them are told; the store is not even made."""
    bad = tmp_path / "bad.yaml"
    bad.write_text("facts: {city: 佛上市, segment_years: 多年}\nyeras: {}\n", encoding="utf-8")
    assert len(refused("company", "add", bad, *TODAY, **place)) == 4
    nameless = tmp_path / "nameless.yaml"
    nameless.write_text("facts: {}\n", encoding="utf-8")
    assert refused("company", "add", nameless, *TODAY, **place) == [
        f"{nameless}：资料里没有企业名称，请填写 enterprise: name，或加 --name"
    ]
    assert not Path(place["ASSISTANT_DB"]).parent.exists()
    good("company", "add", nameless, "--name", "某厂", *TODAY, **place)
    assert refused("company", "update", "某厂", bad, *TODAY, **place)
    assert len(asked("company", "history", "某厂", **place)["versions"]) == 1


def test_remarks_on_a_profile_are_passed_on(place: Mapping[str, str], tmp_path: Path) -> None:
    """It is kept all the same."""
    doubtful = tmp_path / "doubtful.yaml"
    doubtful.write_text("enterprise: {name: 某厂, uscc: 91440605MA4XXX2B7C}\n", encoding="utf-8")
    result = run("company", "add", doubtful, *TODAY, **place)
    assert result.exit_code == 0
    assert "信用代码" in result.stderr
    assert len(asked("company", "list", **place)["companies"]) == 1


def test_a_company_is_there_once(place: Mapping[str, str], valves: str) -> None:
    """The message says how to update it instead."""
    [message] = refused("company", "add", VALVES, *TODAY, **place)
    assert message == f"{VALVES}：信用代码 {CODE} 已登记为 {NAME}；更新资料请用 assistant company update {valves}"


def test_another_companys_profile_is_not_taken_for_an_update(place: Mapping[str, str], valves: str) -> None:
    """The credit codes differ."""
    other = sample("software-firm")
    assert re.search(r"信用代码是 \w{18}，而", refused("company", "update", valves, other, *TODAY, **place)[0])
    assert len(asked("company", "history", valves, **place)["versions"]) == 1


def test_a_company_that_cannot_be_told_is_asked_for(place: Mapping[str, str], valves: str, tmp_path: Path) -> None:
    """None, with the nearest name; or two of the same name, with their ids."""
    [message] = refused("company", "update", "佛山某某阀门公司", VALVES, *TODAY, **place)
    assert message.endswith(f"没有企业“佛山某某阀门公司”，最接近的是 {NAME}；assistant company list 列出全部")
    assert refused("feed", "create", valves[:3], "--name", "x", **place)
    assert refused("feed", "create", "", "--name", "x", **place)
    twin = tmp_path / "twin.yaml"
    twin.write_text("facts: {}\n", encoding="utf-8")
    good("company", "add", twin, "--name", NAME, *TODAY, **place)
    [message] = refused("feed", "create", NAME, "--name", "x", **place)
    assert "不止一家" in message
    assert valves in message


def test_lists_for_people(place: Mapping[str, str], valves: str) -> None:
    """In both languages; empty ones say so."""
    assert f"{NAME}   {CODE}" in good("company", "list", **place)
    assert "to be built" in good("--lang", "en", "company", "list", **place)
    assert good("feed", "list", **place) == "还没有订阅。\n"
    assert good("--lang", "en", "feed", "list", valves, **place) == "No subscription yet.\n"


# ---- feeds


def test_a_link_is_shown_once(place: Mapping[str, str], valves: str) -> None:
    """43 characters that no command shows again; the store finds it by its digest."""
    told = good("feed", "create", valves, "--name", "王工手机", "--base-url", "https://a.cn/", **place)
    match = re.fullmatch(
        rf"{NAME}的订阅“王工手机”已建立。\n链接只显示这一次，请保存好，不要公开：\nhttps://a\.cn/f/([\w-]{{43}})/all\.ics\n",
        told,
    )
    assert match
    assert match[1] not in good("feed", "list", "--format", "json", **place)
    with open_store(f"sqlite:///{place['ASSISTANT_DB']}") as store:
        token = store.token_by_digest(digest_of(match[1]))
        assert token is not None
        store.note_fetches([Fetch(token.id, FETCHED, "iOS/18")])
    assert "2026-11-24 00:05   iOS/18   在用" in good("feed", "list", NAME, **place)


def test_a_revoked_link_stays_in_the_list(place: Mapping[str, str], valves: str) -> None:
    """By its name or its id; it cannot be revoked twice, and its name is free again."""
    first = asked("feed", "create", valves, "--name", "王工手机", **place)
    [message] = refused("feed", "create", valves, "--name", "王工手机", **place)
    assert message.endswith("已有叫“王工手机”的订阅，请换个名字，或先停用它")
    assert good("feed", "revoke", "王工手机", **place) == "订阅“王工手机”已停用，链接不能再用。\n"
    assert "没有在用的订阅“王工手机”" in refused("feed", "revoke", "王工手机", **place)[0]
    second = asked("feed", "create", valves, "--name", "王工手机", **place)
    assert second["token"] != first["token"]
    good("feed", "revoke", second["id"], **place)
    assert all(one["revoked"] for one in asked("feed", "list", valves, **place)["feeds"])
    assert "已停用" in good("feed", "list", **place)


def test_a_name_that_two_companies_use_needs_the_id(place: Mapping[str, str], valves: str) -> None:
    """Or the wrong one would be revoked."""
    good("company", "add", sample("software-firm"), *TODAY, **place)
    other = next(one["id"] for one in asked("company", "list", **place)["companies"] if one["id"] != valves)
    ids = [asked("feed", "create", one, "--name", "手机", **place)["id"] for one in (valves, other)]
    [message] = refused("feed", "revoke", "手机", **place)
    assert all(one in message for one in ids)
    good("feed", "revoke", ids[1], **place)
    assert [one["revoked"] is None for one in asked("feed", "list", **place)["feeds"]] == [True, False]


# ---- the database


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_moves_the_store(kind: str, place: Mapping[str, str], valves: str, tmp_path: Path) -> None:
    """To a fresh machine, to another kind of database; into one with data only by force."""
    address = good("feed", "create", valves, "--name", "手机", **place).splitlines()[-1]
    file, there = tmp_path / "backup.db", database(kind, tmp_path)
    counts = "企业 1 家，资料 1 版，官方日期 0 条，订阅 1 个"
    assert good("db", "backup", file, **place) == f"已备份到 {file}：{counts}\n"
    assert refused("db", "backup", file, **place) == [f"{file}：文件已存在，没有覆盖；要覆盖请加 --force"]
    assert good("db", "restore", file, "--db", there).endswith(f"：{counts}\n")
    assert refused("db", "restore", file, "--db", there)[0].endswith(
        "数据库里已有数据，没有恢复；要用备份代替这些数据，请加 --force"
    )
    assert good("--lang", "en", "db", "restore", file, "--force", "--db", there).endswith("subscriptions 1\n")
    assert asked("company", "list", "--db", there) == asked("company", "list", **place)
    with open_store(there) as store:
        assert store.token_by_digest(digest_of(address.split("/")[2])) is not None


def test_an_upgrade_says_whether_the_store_is_new(place: Mapping[str, str]) -> None:
    """In both cases it is ready."""
    file = place["ASSISTANT_DB"]
    assert refused("company", "list", **place) == [f"{file}：还没有这个数据库，请先运行 assistant db upgrade 建立"]
    assert good("db", "upgrade", **place) == f"已建立数据库：{file}\n"
    assert good("db", "upgrade", **place) == f"数据库已就绪：{file}\n"
    assert good("company", "list", **place) == "还没有登记企业。\n"


def test_a_store_that_cannot_be_used_is_one_message(tmp_path: Path) -> None:
    """No traceback, no password."""
    letter = tmp_path / "letter.db"
    letter.write_text("尊敬的客户" * 500, encoding="utf-8")
    for where in (letter, "foo://x", "postgresql://u:geheim@127.0.0.1:9/x", "/proc/store.db", tmp_path):
        for command in (("company", "list"), ("db", "upgrade"), ("db", "backup", str(tmp_path / "out.db"))):
            [message] = refused(*command, "--db", str(where))
            assert "geheim" not in message
    assert not (tmp_path / "out.db").exists()


# ---- official dates

PAGE = ("--source", "https://www.miit.gov.cn/x.html")


def little_giant(**place: str) -> Any:
    """Return the window that a company is told."""
    data = json.loads(good("match", VALVES, *TODAY, "--project", "little-giant", "--format", "json", **place))
    return data["projects"][0]["window"]


def test_an_official_date_goes_to_the_store_where_there_is_one(place: Mapping[str, str], valves: str) -> None:
    """The file is not made; every command about a company reads it, and companies are to be built anew."""
    assert little_giant(**place)["status"] == "expected"
    good("announce", "little-giant", "--opens", "2027-04-01", "--closes", "2027-04-30", *PAGE, *TODAY, **place)
    assert not Path(place["ASSISTANT_ANNOUNCEMENTS"]).exists()
    assert little_giant(**place)["opens"] == {"earliest": "2027-04-01", "latest": "2027-04-01"}
    windows = {one["id"]: one for one in asked("windows", *TODAY, **place)["windows"]}
    assert windows["little-giant"]["window"]["status"] == "announced"
    with open_store(f"sqlite:///{place['ASSISTANT_DB']}") as store:
        assert [entry.project for entry in store.inputs(valves).announcements] == ["little-giant"]


def test_official_dates_of_file_and_store_are_both_read(place: Mapping[str, str]) -> None:
    """What was entered before there was a store still counts; the store, which came later, corrects it."""
    dated = ("announce", "little-giant", *PAGE, *TODAY)
    good(*dated, "--opens", "2027-04-01", **place)
    file = Path(place["ASSISTANT_ANNOUNCEMENTS"]).read_text(encoding="utf-8")
    good("db", "upgrade", **place)
    assert little_giant(**place)["opens"]["earliest"] == "2027-04-01"
    good(*dated, "--opens", "2027-04-08", **place)
    assert little_giant(**place)["opens"]["earliest"] == "2027-04-08"
    assert Path(place["ASSISTANT_ANNOUNCEMENTS"]).read_text(encoding="utf-8") == file


def test_a_store_that_was_named_is_not_replaced_by_the_file(place: Mapping[str, str], tmp_path: Path) -> None:
    """Or the date would be where nobody looks."""
    missing = str(tmp_path / "missing.db")
    dated = ("announce", "little-giant", "--opens", "2027-04-01", *PAGE, *TODAY, "--db", missing)
    assert "还没有这个数据库" in refused(*dated, **place)[0]
    assert not Path(place["ASSISTANT_ANNOUNCEMENTS"]).exists()
    good("db", "upgrade", "--db", missing)
    good(*dated, **place)
    with open_store(f"sqlite:///{missing}") as store:
        assert len(store.announcements()) == 1


# ---- the parts of the store are beside the core


def test_a_match_starts_without_the_database(place: Mapping[str, str]) -> None:
    """Where there is no store, none of its parts is even looked for; nor for the list of commands."""
    for command in (("match", VALVES, *TODAY, "--format", "json"), ("--help",)):
        program = f"import sys; from assistant.cli import cli; cli({list(command)!r}, standalone_mode=False); "
        told = "print({*sys.modules} & {'sqlalchemy', 'alembic', 'fastapi', 'uvicorn'}, file=sys.stderr)"
        ended = subprocess.run(
            [sys.executable, "-c", program + told],
            capture_output=True,
            env={**os.environ, **place},
            cwd=ROOT,
            check=True,
        )
        assert ended.stderr.decode() == "set()\n"


def test_a_server_that_is_not_installed_is_named(place: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it makes a store."""
    monkeypatch.delitem(sys.modules, "assistant.cli.serve", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    [message] = refused("serve", **place)
    assert message.endswith("（uvicorn），请运行 pip install 'shenbao-assistant[serve]'")
    assert not Path(place["ASSISTANT_DB"]).exists()


@pytest.mark.parametrize("missing", ["sqlalchemy", "alembic"])
def test_parts_that_are_not_installed_are_named(
    missing: str, place: Mapping[str, str], valves: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the way to get them. Official dates in a store are not passed over in silence."""
    assert valves
    for module in [
        one
        for one in sys.modules
        if one.startswith(("assistant.service", "assistant.cli.storing", "assistant.cli.official", missing))
    ]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, missing, None)
    for command in (("company", "list"), *([("match", VALVES, *TODAY)] if missing == "sqlalchemy" else [])):
        [message] = refused(*command, **place)
        assert f"（{missing}" in message
        assert message.endswith("请运行 pip install 'shenbao-assistant[store]'")
