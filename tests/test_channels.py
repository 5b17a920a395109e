"""Channels: what is sent is what the provider documents; what comes of it is the provider's word, in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.delivery.channels.http import Client
from assistant.delivery.channels.message import Message, Part
from assistant.delivery.channels.pieces import Dress, pieces
from assistant.delivery.channels.wecom import WeCom
from assistant.errors import BadInput
from tests.robots import KEY, Handler, cuts, drips, floods, hangs, provider, tells, wecom

AT = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)
SOON = 0.3  # seconds a request may take here
SHORT = Message(
    "【已公布】申报｜某某公司",
    (Part("【已公布】某项目", ("12 月 1 日至 15 日，还有 5 天", "依据：第三条"), "https://a.example.cn/c/1/plan#x"),),
    "K7Q2MD",
    "k7q2md",
    outro="不想再收到：https://a.example.cn/u/abc_def",
)
LONG = Message(
    "本周提醒",
    tuple(Part(f"【准备】第 {at} 项", tuple(f"第 {line} 行" + "材料" * 40 for line in range(6))) for at in range(9)),
    "K7Q2MD",
    "k7q2md",
    intro="某某公司：这次有 9 项提醒。",
)
ADDRESS = {"key": KEY}


def client() -> Client:
    return Client(patience=SOON)


# ---- pieces

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), max_size=200)
PARTS = st.builds(Part, TEXTS, st.lists(TEXTS, max_size=4).map(tuple), st.just(""))
MESSAGES = st.builds(Message, TEXTS, st.lists(PARTS, max_size=6).map(tuple), st.just("REF"), st.just("k"), intro=TEXTS)
BARE = Dress()


@given(MESSAGES, st.integers(700, 3000))
def test_nothing_is_lost_and_nothing_is_too_long(message: Message, room: int) -> None:
    """However a message is cut: every character arrives, in order, and each piece keeps to the limit in bytes."""
    made = pieces(message, BARE, room, lambda text: len(text.encode()))
    sizes = [len(f"{piece.title}\n{piece.text}".encode()) for piece in made]
    assert max(sizes) <= room
    said = [message.intro, *(text for part in message.parts for text in (part.heading, *part.lines)), "编号 REF"]
    assert "".join("".join(piece.text for piece in made).split()) == "".join("".join(said).split())
    if len(made) > 1:
        assert all(piece.title.endswith(f"（{at}/{len(made)}）") for at, piece in enumerate(made, 1))


def test_a_message_is_cut_between_reminders() -> None:
    """One that fits into a piece is not torn; a piece begins with its heading."""
    made = pieces(LONG, BARE, 2048, lambda text: len(text.encode()))
    assert len(made) == 9
    assert all(piece.text.lstrip().startswith(("【准备】", "某某公司")) for piece in made)


def test_a_link_stays_whole() -> None:
    """It is never the place where a line is cut."""
    link = "https://a.example.cn/c/1/projects/" + "x" * 60
    message = Message("题", (Part("头", (f"请看{link}，谢谢。" * 20,)),), "R", "k")
    made = pieces(message, BARE, 600, lambda text: len(text.encode()))
    assert len(made) > 3
    assert sum(piece.text.count(link) for piece in made) == 20


# ---- 企业微信


def test_wecom_takes_a_message() -> None:
    """Title, headings, links and reference, as markdown."""
    with provider(wecom) as robot:
        receipt = WeCom(client(), robot.base).send(SHORT, ADDRESS, at=AT)
    assert (receipt.outcome, receipt.code, receipt.pieces) == ("sent", "0", 1)
    content = robot.came[0].said["markdown"]["content"]
    assert content.startswith("## 【已公布】申报｜某某公司\n**【已公布】某项目**\n")
    assert "[打开查看](https://a.example.cn/c/1/plan#x)" in content
    assert "[https://a.example.cn/u/abc_def](https://a.example.cn/u/abc_def)" in content
    assert content.endswith("编号 K7Q2MD")


def test_text_does_not_become_markup() -> None:
    """Nobody is called by name, nothing becomes a link that was none."""
    odd = Message("# *题*", (Part("**<@all>** [x](y)", ("> `a` <font color='red'>b</font>",)),), "R", "k")
    with provider(wecom) as robot:
        assert WeCom(client(), robot.base).send(odd, ADDRESS, at=AT).outcome == "sent"
    content = robot.came[0].said["markdown"]["content"]
    assert content == "## ＃ ＊题＊\n**＊＊＜@all＞＊＊ ［x］(y)**\n＞ ｀a｀ ＜font color='red'＞b＜/font＞\n\n编号 R"


@pytest.mark.parametrize("form", ["markdown", "text"])
def test_wecom_counts_bytes(form: str) -> None:
    """Chinese is three bytes a character: a long message goes out in as many pieces as it needs, all of them taken."""
    with provider(wecom) as robot:
        receipt = WeCom(client(), robot.base).send(LONG, {**ADDRESS, "format": form}, at=AT)
    assert receipt.outcome == "sent"
    assert receipt.pieces == len(robot.came) == {"markdown": 5, "text": 9}[form]


def test_what_has_arrived_is_not_said_again() -> None:
    """A message that failed in the middle goes on after the pieces that were taken."""
    with provider(wecom) as robot:
        channel = WeCom(client(), robot.base)
        robot.plays += [tells({"errcode": 0}), tells({"errcode": 0}), tells({"errcode": 45009, "errmsg": "freq"})]
        broken = channel.send(LONG, ADDRESS, at=AT)
        assert (broken.outcome, broken.code, broken.wait, broken.pieces) == ("retry", "45009", 60.0, 2)
        assert channel.send(LONG, ADDRESS, at=AT, begin=broken.pieces).pieces == 5
        titles = [came.said["markdown"]["content"].partition("\n")[0] for came in robot.came]
    assert titles == [f"## 本周提醒（{number}/5）" for number in (1, 2, 3, 3, 4, 5)]


def test_a_wrong_key_is_final() -> None:
    """The provider's words are kept without links and without the key."""
    with provider(wecom) as robot:
        receipt = WeCom(client(), robot.base).send(SHORT, {"key": "another-key-123"}, at=AT)
    assert (receipt.outcome, receipt.code) == ("dead", "93000")
    assert receipt.answer == "invalid webhook url, hint: [1], more info at …"


LATER = format_datetime(AT + timedelta(minutes=2))
FAULTS: list[tuple[str, Callable[[Handler], None], tuple[str, str, float]]] = [
    ("busy", tells({"errcode": -1, "errmsg": "system busy"}), ("retry", "-1", 0.0)),
    ("a code nobody knows", tells({"errcode": 123456}), ("retry", "123456", 0.0)),
    ("no code", tells({"ok": True}), ("retry", "200", 0.0)),
    ("code is no number", tells({"errcode": "0"}), ("retry", "200", 0.0)),
    ("code is true", tells({"errcode": False}), ("retry", "200", 0.0)),
    ("a page", tells(b"<html>200 OK</html>"), ("retry", "200", 0.0)),
    ("nothing", tells(b""), ("retry", "200", 0.0)),
    ("nesting", tells(b"[" * 60000), ("retry", "200", 0.0)),
    ("error page", tells(b"<html>", 502), ("retry", "502", 0.0)),
    ("error with code 0", tells({"errcode": 0}, 500), ("retry", "0", 0.0)),
    ("too often", tells(b"", 429, Retry_After="17"), ("retry", "429", 17.0)),
    (
        "too often, until",
        tells({}, 429, Retry_After=LATER),
        ("retry", "429", 120.0),
    ),
    ("too often, no word", tells({}, 429), ("retry", "429", 60.0)),
    ("too often, nonsense", tells({}, 429, Retry_After="soon"), ("retry", "429", 60.0)),
    ("too often, for ever", tells({}, 429, Retry_After="9" * 30), ("retry", "429", 6 * 3600.0)),
    ("elsewhere", tells(b"", 302, Location="/cgi-bin/webhook/send"), ("retry", "302", 0.0)),
    ("hangs", hangs, ("retry", "timeout", 0.0)),
    ("drips headers", drips(b"HTTP/1.1 200 OK\r\nX: "), ("retry", "timeout", 0.0)),
    (
        "drips a body",
        drips(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + b" " * 99),
        ("retry", "timeout", 0.0),
    ),
    ("floods", floods, ("retry", "200", 0.0)),
    ("cut", cuts, ("retry", "cut", 0.0)),
    ("no HTTP", lambda handler: void(handler.wfile.write(b"220 smtp ready\r\n\r\n")), ("retry", "cut", 0.0)),
]


def void(_: Any) -> None:
    """Forget."""


@pytest.mark.parametrize(("play", "expected"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
def test_what_is_no_yes_is_tried_again(play: Callable[[Handler], None], expected: tuple[str, str, float]) -> None:
    """Only the provider's own code 0 is success; a fault is over in time, and asks once."""
    with provider(wecom) as robot:
        robot.plays.append(play)
        receipt = WeCom(client(), robot.base).send(SHORT, ADDRESS, at=AT)
        assert (receipt.outcome, receipt.code, receipt.wait) == expected
        assert receipt.pieces == 0
        assert len(robot.came) == 1


def test_nobody_there_is_tried_again() -> None:
    """A closed port, a name that nobody has."""
    with provider(wecom) as robot:
        base = robot.base
    assert WeCom(client(), base).send(SHORT, ADDRESS, at=AT).code == "unreachable"
    lost = WeCom(client(), "https://robot.invalid").send(SHORT, ADDRESS, at=AT)
    assert (lost.outcome, lost.code) == ("retry", "unknown-host")


OFFICIAL = "https://qyapi.weixin.qq.com"


def test_an_address_is_what_the_provider_shows() -> None:
    """The whole webhook; its key is kept."""
    channel = WeCom(client(), OFFICIAL)
    kept = channel.address({"url": f" {OFFICIAL}/cgi-bin/webhook/send?key={KEY} ", "format": "text", "junk": "x"})
    assert kept == {"key": KEY, "format": "text"}


@pytest.mark.parametrize(
    "url",
    [
        "",
        KEY,
        f"http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
        f"https://qyapi.weixin.qq.com.evil.cn/cgi-bin/webhook/send?key={KEY}",
        f"https://qyapi.weixin.qq.com:444/cgi-bin/webhook/send?key={KEY}",
        f"https://qyapi.weixin.qq.com@evil.cn/cgi-bin/webhook/send?key={KEY}",
        f"https://a:b@qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
        f"{OFFICIAL}/cgi-bin/webhook/upload?key={KEY}",
        f"{OFFICIAL}/cgi-bin/webhook/send?key=a/../../b%0d%0aX",
        f"{OFFICIAL}/cgi-bin/webhook/send?key={KEY}&key={KEY}2",
        "https://[::1",
        "https://qyapi.weixin.qq.com:port/",
    ],
)
def test_an_address_elsewhere_is_refused(url: str) -> None:
    """Other hosts, paths and keys; with one problem, which does not repeat the secret."""
    with pytest.raises(BadInput) as refused:
        WeCom(client(), OFFICIAL).address({"url": url})
    assert [problem.code for problem in refused.value.problems] == ["robot-url-other" if url else "robot-url-missing"]
    assert KEY not in str(refused.value)
