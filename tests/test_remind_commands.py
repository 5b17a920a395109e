"""`assistant remind`: recipients, channels with secrets from standard input, what is to come, a test, the log."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.posting import Box, post_office
from tests.test_cli import TODAY, VALVES, good, refused

NAME = "佛山某某阀门有限公司"
ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"


@pytest.fixture
def box() -> Iterator[Box]:
    """Give a mail server."""
    with post_office() as box:
        yield box


@pytest.fixture
def place(tmp_path: Path, box: Box) -> Mapping[str, str]:
    """Return surroundings with a store, a company in it, and a mail server."""
    found = {
        "ASSISTANT_DB": str(tmp_path / "store.db"),
        "ASSISTANT_ANNOUNCEMENTS": str(tmp_path / "announcements.yaml"),
        "ASSISTANT_SMTP_URL": f"smtp://127.0.0.1:{box.port}",
        "ASSISTANT_MAIL_FROM": "noreply@example.cn",
        "ASSISTANT_KEY": "",
    }
    good("company", "add", VALVES, *TODAY, **found)
    return found


def asked(*command: str, **place: str) -> Any:
    """Return what a command tells machines."""
    return json.loads(good(*command, "--format", "json", **place))


def typed(text: str, *command: str, **place: str) -> subprocess.CompletedProcess[str]:
    """Run a command that reads *text* from standard input."""
    line = [sys.executable, "-m", "assistant", *command]
    return subprocess.run(
        line, cwd=ROOT, env={**os.environ, **place}, input=text, capture_output=True, text=True, check=False
    )


def test_a_recipient_is_added_and_tried(place: Mapping[str, str], box: Box) -> None:
    """By name or address; the test mail arrives at any hour, and what is to come is listed."""
    assert (
        good("remind", "add", NAME, "--name", "王工", "--email", "wang@example.cn", **place) == "已添加收件人“王工”。\n"
    )
    assert good("remind", "test", NAME, "WANG@example.cn", **place) == "wang@example.cn：已送达\n"
    assert box.next()["To"] == "wang@example.cn"
    coming = asked("remind", "plan", NAME, "--days", "100", **place)["reminders"]
    assert {one["recipient"] for one in coming} == {"王工"}
    assert [one["due"] for one in coming] == sorted(one["due"] for one in coming)
    assert all("T09:00:00+08:00" in one["due"] for one in coming)
    listed = asked("remind", "list", NAME, **place)
    assert [one["channels"] for one in listed["recipients"]] == [["email"]]
    assert "计划了 1 家企业的提醒" in good("remind", "send", **place)
    assert "计划了 0 家企业的提醒" in good("remind", "send", "--lanes", "4", **place)
    assert asked("remind", "log", NAME, **place)["messages"] == [] or box.next()
    assert "不再提醒“王工”" in good("remind", "stop", NAME, "王工", **place)
    assert asked("remind", "plan", NAME, **place)["reminders"] == []


def test_a_channel_s_secret_comes_from_standard_input(place: Mapping[str, str], tmp_path: Path) -> None:
    """It is in no answer and, in the clear, in no file; the key lies beside the store, for its owner alone."""
    done = typed(f"{ROBOT}\n\n", "remind", "channel", NAME, "--kind", "wecom", "--name", "申报群", **place)
    assert done.returncode == 0, done.stderr
    assert "已添加渠道“申报群”" in done.stdout
    assert "693a91f6" not in done.stdout + done.stderr
    assert not any(b"693a91f6" in file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    key = tmp_path / "store.db.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    good("remind", "add", NAME, "--name", "群", "--channel", "申报群", **place)
    again = typed(f"{ROBOT}\n\n", "remind", "channel", NAME, "--kind", "wecom", "--name", "申报群", **place)
    assert again.returncode == 2
    assert "已经有叫这个名字的渠道" in again.stderr
    assert "密钥也删了" in good("remind", "channel", NAME, "--kind", "wecom", "--name", "申报群", "--remove", **place)
    assert asked("remind", "list", NAME, **place)["channels"] == []


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("add", NAME, "--name", "王工"), "至少要有一个邮箱或渠道"),
        (("add", NAME, "--name", "王工", "--email", "wang"), "不是邮箱地址"),
        (("add", NAME, "--name", "王工", "--email", "a@b.cn", "--kind", "clossing"), "最接近的是 closing"),
        (("add", NAME, "--name", "王工", "--channel", "群"), "没有叫“群”的渠道"),
        (("stop", NAME, "王工"), "没有叫“王工”的收件人"),
        (("plan", "佛山"), "佛山"),
    ],
)
def test_a_mistake_is_one_message(place: Mapping[str, str], command: tuple[str, ...], told: str) -> None:
    """And nothing is changed."""
    assert told in " ".join(refused("remind", *command, **place))
    assert asked("remind", "list", NAME, **place)["recipients"] == []


def test_a_wrong_key_is_told_without_showing_it(place: Mapping[str, str]) -> None:
    """It may be a real one with a letter missing."""
    secret = "c2VjcmV0LXNlY3JldA"  # noqa: S105 # made up
    told = " ".join(refused("remind", "test", NAME, "x", **{**place, "ASSISTANT_KEY": secret}))
    assert "没有叫“x”的收件人" in told
    good("remind", "add", NAME, "--name", "王工", "--email", "wang@example.cn", **place)
    told = " ".join(refused("remind", "test", NAME, "王工", **{**place, "ASSISTANT_KEY": secret}))
    assert "不是有效的密钥" in told
    assert secret not in told
