"""Channels: what is sent is what the provider documents; what comes of it is the provider's word, in time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.delivery.channels.dingtalk import DingTalk
from assistant.delivery.channels.dingtalk import signature as dingtalk_signature
from assistant.delivery.channels.feishu import Feishu
from assistant.delivery.channels.http import Client, public
from assistant.delivery.channels.message import Message, Part
from assistant.delivery.channels.pace import LIMITS, Limit, Pace
from assistant.delivery.channels.pieces import Dress, pieces
from assistant.delivery.channels.receipt import Receipt
from assistant.delivery.channels.registry import channels
from assistant.delivery.channels.robots import Robot
from assistant.delivery.channels.webhook import Webhook
from assistant.delivery.channels.wecom import WeCom
from assistant.delivery.wording.problems import PROBLEMS
from assistant.errors import BadInput
from tests.conftest import ROOT
from tests.posting import certificate
from tests.robots import (
    KEY,
    SECRET,
    Came,
    Handler,
    cuts,
    dingtalk,
    drips,
    feishu,
    floods,
    hangs,
    provider,
    tells,
    wecom,
)

CHANNELS = ROOT / "assistant" / "delivery" / "channels"
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
    ("not found with code 0", tells({"errcode": 0}, 404), ("retry", "404", 0.0)),
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


# ---- 钉钉

SIGNED = {"key": KEY, "secret": SECRET}
NOW = AT.timestamp()


def test_dingtalk_takes_a_signed_message() -> None:
    """By its own algorithm, over what was on the wire, decoded once."""
    with provider(dingtalk(NOW)) as robot:
        assert DingTalk(client(), robot.base).send(SHORT, SIGNED, at=AT) == Receipt("sent", "0", pieces=1)
    assert "%25" not in robot.came[0].target
    assert robot.came[0].said["markdown"]["title"] == "【已公布】申报｜某某公司"


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1), st.integers(10**12, 10**13))
def test_a_signature_survives_an_address(secret: str, stamp: int) -> None:
    """Signs that mean something in an address come out as they went in."""
    raw = base64.b64encode(hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest())
    assert parse_qs(f"sign={dingtalk_signature(secret, str(stamp))}") == {"sign": [raw.decode()]}


def test_dingtalk_says_what_is_wrong() -> None:
    """A wrong secret, a clock an hour off, a missing keyword, an unknown token: all final."""
    with provider(dingtalk(NOW, keyword="申报助手")) as robot:
        channel = DingTalk(client(), robot.base)
        wrong = channel.send(SHORT, {**SIGNED, "secret": "SECwrong"}, at=AT)
        late = channel.send(SHORT, SIGNED, at=AT + timedelta(hours=2))
        silent = channel.send(SHORT, SIGNED, at=AT)
        unknown = channel.send(SHORT, {"key": "unknown-token"}, at=AT)
        good = channel.send(SHORT, {**SIGNED, "keyword": "申报助手"}, at=AT)
    assert [(told.outcome, told.code) for told in (wrong, late, silent)] == [("dead", "310000")] * 3
    assert [told.answer.partition(",")[0] for told in (wrong, late, silent)] == [
        "sign not match",
        "invalid timestamp",
        "keywords not in content",
    ]
    assert (unknown.outcome, unknown.code) == ("dead", "300005")
    assert good.outcome == "sent"


def test_dingtalk_keeps_to_its_size() -> None:
    """Whatever stands in a text: requests are at most 20,000 bytes, the keyword is in each."""
    message = replace(LONG, parts=tuple(replace(part, lines=part.lines * 20) for part in LONG.parts))
    quoted = replace(message, parts=(*message.parts, Part('"' * 9000, ('\\"' * 9000,))))
    with provider(dingtalk(NOW, keyword="申报助手")) as robot:
        receipt = DingTalk(client(), robot.base).send(quoted, {**SIGNED, "keyword": "申报助手"}, at=AT)
    assert receipt == Receipt("sent", "0", pieces=len(robot.came))
    assert len(robot.came) > 5


def test_dingtalk_is_left_alone_after_too_many() -> None:
    """Ten minutes, as it says."""
    with provider(dingtalk(NOW)) as robot:
        for code in (130101, 410100):
            robot.plays.append(tells({"errcode": code, "errmsg": "send too fast, exceed 20 times per minute"}))
            receipt = DingTalk(client(), robot.base).send(SHORT, SIGNED, at=AT)
            assert (receipt.outcome, receipt.code, receipt.wait) == ("retry", str(code), 600.0)


# ---- 飞书


def test_feishu_takes_a_signed_card() -> None:
    """By its own algorithm."""
    with provider(feishu(NOW)) as robot:
        assert Feishu(client(), robot.base).send(SHORT, SIGNED, at=AT) == Receipt("sent", "0", pieces=1)
    card = robot.came[0].said["card"]
    assert card["header"]["title"]["content"] == "【已公布】申报｜某某公司"
    assert "[打开查看](https://a.example.cn/c/1/plan#x)" in card["elements"][0]["text"]["content"]


def test_feishu_says_what_is_wrong() -> None:
    """The old StatusCode 0 beside an error is no success; alone it is."""
    with provider(feishu(NOW, keyword="申报助手")) as robot:
        channel = Feishu(client(), robot.base)
        receipts = [
            channel.send(SHORT, {**SIGNED, "secret": "wrong"}, at=AT),
            channel.send(SHORT, SIGNED, at=AT + timedelta(hours=2)),
            channel.send(SHORT, SIGNED, at=AT),
            channel.send(SHORT, {"key": "unknown-token"}, at=AT),
        ]
        assert [(told.outcome, told.code) for told in receipts] == [
            ("dead", "19021"),
            ("dead", "19021"),
            ("dead", "19024"),
            ("dead", "19001"),
        ]
        assert channel.send(SHORT, {**SIGNED, "keyword": "申报助手"}, at=AT).outcome == "sent"
        robot.plays.append(tells({"StatusCode": 0, "StatusMessage": "success"}))
        assert channel.send(SHORT, SIGNED, at=AT).outcome == "sent"
        limited = {"code": 11232, "data": {}, "msg": "frequency limited psm[lark.oapi]appID[1500]"}
        robot.plays += [tells(limited), tells({"code": 9499, "msg": "too many request"}, 400)]
        robot.plays.append(tells({"code": 99991400, "msg": "limit"}, 400, x_ogw_ratelimit_reset="52"))
        assert [channel.send(SHORT, SIGNED, at=AT).wait for _ in range(3)] == [60.0, 60.0, 52.0]


def test_feishu_keeps_to_its_size() -> None:
    """Cards are at most 20 KB, whatever stands in them."""
    message = replace(LONG, parts=(*LONG.parts * 15, Part('"' * 9000, ('\\"' * 9000,))))
    with provider(feishu(NOW)) as robot:
        receipt = Feishu(client(), robot.base).send(message, SIGNED, at=AT)
    assert receipt == Receipt("sent", "0", pieces=len(robot.came))
    assert len(robot.came) > 5


def test_robots_are_told_apart() -> None:
    """The webhook of one is refused by the others; secret and keyword are checked, and kept."""
    known = channels(client(), None)
    shown = {
        "wecom": f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
        "dingtalk": f"https://oapi.dingtalk.com/robot/send?access_token={KEY}",
        "feishu": f"https://open.feishu.cn/open-apis/bot/v2/hook/{KEY}",
    }
    for name, url in shown.items():
        assert known[name].address({"url": url}) == {"key": KEY}
        for other in shown.keys() - {name}:
            with pytest.raises(BadInput):
                known[other].address({"url": url})
    kept = known["dingtalk"].address({"url": shown["dingtalk"], "secret": f" {SECRET}", "keyword": "申报"})
    assert kept == {**SIGNED, "keyword": "申报"}
    with pytest.raises(BadInput) as refused:
        known["feishu"].address({"url": "x", "secret": "a b", "keyword": "字" * 21})
    assert {problem.code for problem in refused.value.problems} == {"robot-url-other", "robot-secret", "robot-keyword"}
    with pytest.raises(BadInput, match="robot-format"):
        known["wecom"].address({"url": shown["wecom"], "format": "card"})
    for name in ("wecom", "dingtalk", "feishu"):
        assert isinstance(known[name], Robot)


# ---- webhooks

HOOK_SECRET = "0123456789abcdef"  # noqa: S105 # nobody's


def hook(came: Came) -> Any:
    """Check a signature as a program would."""
    signed = came.headers["x-timestamp"].encode() + b"." + came.body
    expected = hmac.new(HOOK_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert came.headers["x-signature"] == f"sha256={expected}"
    assert came.headers["content-type"].startswith("application/json")
    return {}


def test_a_program_gets_data_it_can_check() -> None:
    """Signed, with a time and the same number at every retry."""
    with provider(hook) as program:
        channel = Webhook(client(), private=True)
        address = channel.address({"url": f"{program.base}/in?x=1", "secret": HOOK_SECRET})
        assert channel.send(SHORT, address, at=AT) == Receipt("sent", "200", pieces=1)
        channel.send(SHORT, address, at=AT + timedelta(hours=1))
    first, second = program.came
    assert first.said["parts"] == [
        {"heading": part.heading, "lines": list(part.lines), "url": part.url} for part in SHORT.parts
    ]
    assert first.headers["x-message-id"] == second.headers["x-message-id"] == SHORT.key
    assert first.body == second.body
    assert first.headers["x-signature"] != second.headers["x-signature"]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, "dead") for status in (308, 401, 404, 410)),
        *((status, "retry") for status in (302, 408, 429, 500, 503)),
        (204, "sent"),
    ],
)
def test_a_programs_status_counts(status: int, outcome: str) -> None:
    """Redirects are not followed; its words are kept without the secret."""
    with provider(hook) as program:
        said = f"bad {HOOK_SECRET} see {program.base}".encode() if status != 204 else b""
        program.plays.append(tells(said, status, Location=f"{program.base}/x", Retry_After="5"))
        channel = Webhook(client(), private=True)
        receipt = channel.send(SHORT, {"url": program.base, "secret": HOOK_SECRET}, at=AT)
        assert len(program.came) == 1
    assert (receipt.outcome, receipt.code) == (outcome, str(status))
    assert receipt.wait == (5.0 if outcome == "retry" else 0.0)
    assert receipt.answer == ("" if outcome == "sent" else "bad … see …")


INSIDE = [
    "127.0.0.1",
    "0.0.0.0",  # noqa: S104 # not to listen on
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.100.100.200",
    "::1",
    "::",
    "fe80::1",
    "fd00:ec2::254",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "224.0.0.1",
    "255.255.255.255",
]


@pytest.mark.parametrize("inside", INSIDE)
def test_a_strangers_webhook_reaches_nothing_inside(inside: str) -> None:
    """Not by number, and not by a name that leads there; whatever the name led to before."""
    host = f"[{inside}]" if ":" in inside else inside
    with pytest.raises(BadInput, match="webhook-url"):
        Webhook(client()).address({"url": f"https://{host}/", "secret": HOOK_SECRET})
    family = socket.AF_INET6 if ":" in inside else socket.AF_INET

    def resolve(_: str, port: int) -> list[tuple[Any, ...]]:
        return [(family, socket.SOCK_STREAM, 6, "", (inside, port))]

    channel = Webhook(Client(patience=SOON, resolve=resolve))
    address = channel.address({"url": "https://hook.example.cn/", "secret": HOOK_SECRET})
    assert channel.send(SHORT, address, at=AT) == Receipt("dead", "private-address")


def test_the_address_looked_at_is_the_one_used() -> None:
    """A name that leads elsewhere at the second question is asked once; what is inside among its addresses is left."""
    asked: list[str] = []
    with provider(hook) as program:
        port = int(program.base.rpartition(":")[2])

        def resolve(host: str, _: int) -> list[tuple[Any, ...]]:
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        one = Client(patience=SOON, resolve=resolve)
        hidden = {"url": f"http://hook.example.cn:{port}/", "secret": HOOK_SECRET}
        assert Webhook(one).send(SHORT, hidden, at=AT).code == "private-address"
        assert program.came == []
        assert Webhook(one, private=True).send(SHORT, hidden, at=AT).outcome == "sent"
        assert program.came[0].headers["host"] == f"hook.example.cn:{port}"
    assert asked == ["hook.example.cn"] * 2


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "localhost", "127.1"])
def test_odd_ways_to_write_this_machine(host: str) -> None:
    """The system's resolver understands them, so they are looked at after it."""
    channel = Webhook(client())
    sent = channel.send(SHORT, {"url": f"https://{host}:9/", "secret": HOOK_SECRET}, at=AT)
    assert sent == Receipt("dead", "private-address")


@pytest.mark.parametrize("outside", ["1.1.1.1", "223.5.5.5", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_the_public_internet_is_public(outside: str) -> None:
    """Which is where webhooks may be."""
    assert public(outside)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hook",
        "http://hook.example.cn/",
        "ftp://hook.example.cn/",
        "javascript:alert(1)",
        "https://a:b@hook.example.cn/",
        "https:///x",
        "https://hook.example.cn:x/",
        "https://hook.example.cn/a b",
        "https://hook.example.cn/\r\nX: y",
        "https://[::1",
        "https://回调.example.cn/",
        "https://hook.example.cn/" + "x" * 2000,
    ],
)
def test_a_webhook_is_an_encrypted_address(url: str) -> None:
    """With one problem for each mistake."""
    with pytest.raises(BadInput) as refused:
        Webhook(client()).address({"url": url, "secret": "short"})
    assert {problem.code for problem in refused.value.problems} == {"webhook-url", "webhook-secret"}


def test_certificates_are_checked(tmp_path: Path) -> None:
    """One that nobody vouches for is not talked to; one we know is, by the name in the address."""
    server, ours = certificate(tmp_path)
    with provider(hook, tls=server) as program:
        url = program.base.replace("http://127.0.0.1", "https://localhost")
        address = {"url": url, "secret": HOOK_SECRET}
        stranger = Webhook(client(), private=True).send(SHORT, address, at=AT)
        assert (stranger.outcome, stranger.code) == ("retry", "certificate")
        assert program.came == []
        known = Webhook(Client(patience=2.0, context=lambda: ours), private=True)
        assert known.send(SHORT, address, at=AT).outcome == "sent"
        port = int(url.rpartition(":")[2])
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        misled = Client(patience=2.0, context=lambda: ours, resolve=lambda *_: found)
        other = {"url": f"https://hook.example.cn:{port}/", "secret": HOOK_SECRET}
        assert Webhook(misled, private=True).send(SHORT, other, at=AT).code == "certificate"
        assert len(program.came) == 1


# ---- pace


@given(st.lists(st.floats(0, 20), min_size=30, max_size=150), st.sampled_from(sorted(LIMITS)))
def test_a_robot_never_speaks_too_often(gaps: list[float], kind: str) -> None:
    """In no stretch of time, wherever it begins; and whoever waits as told may speak."""
    pace = Pace(LIMITS[kind])
    now, spoke = 1_000_000.0, []
    for gap in gaps:
        now += gap / 10
        if wait := pace.wait("key", now):
            now += wait + 1e-6
            assert pace.wait("key", now) == 0.0
        spoke.append(now)
    for limit in LIMITS[kind]:
        for first, last in zip(spoke, spoke[limit.most :], strict=False):
            assert last - first >= limit.within - 1e-3


def test_robots_do_not_wait_for_each_other() -> None:
    """Nor for a clock that went back; those that are silent are forgotten."""
    pace = Pace([Limit(1, 60.0)])
    assert [pace.wait("a", 100.0), pace.wait("b", 100.0), pace.wait("a", 130.0)] == [0.0, 0.0, 30.0]
    assert pace.wait("a", 50.0) == 0.0
    for number in range(3000):
        pace.wait(f"robot {number}", 1000.0 + number)
    assert len(pace._spoke) < 1100


def test_a_robot_waits_before_it_speaks() -> None:
    """A long message stops where the minute is full, and goes on later."""
    with provider(wecom) as robot:
        channel = channels(client(), None, {"wecom": robot.base})["wecom"]
        for _ in range(3):
            assert channel.send(LONG, ADDRESS, at=AT).pieces == 5
        assert channel.send(LONG, ADDRESS, at=AT + timedelta(seconds=1)).pieces == 5
        full = channel.send(SHORT, ADDRESS, at=AT + timedelta(seconds=2))
        assert (full.outcome, full.code, full.wait) == ("retry", "pace", 58.0)
        assert channel.send(SHORT, ADDRESS, at=AT + timedelta(seconds=60)).outcome == "sent"
        assert len(robot.came) == 21


# ---- the rest


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # by a library of its
def test_apprise_does_what_we_do_not() -> None:
    """Others' services, whose failures it tells; not those it is wrong about, and only where users are trusted."""
    assert "apprise" not in channels(client(), None)
    with provider(lambda _: {}) as service:
        others = channels(client(), None, private=True)["apprise"]
        address = others.address({"url": f"{service.base.replace('http', 'json')}/?rto=1&cto=1"})
        assert others.send(SHORT, address, at=AT) == Receipt("sent", "taken", pieces=1)
        assert "12 月 1 日至 15 日，还有 5 天\n" in service.came[0].said["message"]
        service.plays.append(tells({}, 500))
        assert others.send(SHORT, address, at=AT) == Receipt("retry", "not-taken")
    for url in ("wecombot://abcdefgh-1234", "dingtalk://12345678901234567890/", "feishu://abc-def", "lark://abc-def"):
        with pytest.raises(BadInput, match="apprise-own"):
            others.address({"url": url})
        assert others.send(SHORT, {"url": url}, at=AT) == Receipt("dead", "apprise-own")
    for url in ("", "nonsense", "nobody://x"):
        with pytest.raises(BadInput, match="apprise-url"):
            others.address({"url": url})


def test_every_problem_has_its_words() -> None:
    """What channels refuse is said in both languages."""
    source = "".join(path.read_text(encoding="utf-8") for path in CHANNELS.glob("*.py"))
    codes = set(re.findall(r'Problem\("([a-z-]+)"|code = "([a-z-]+)" if .* else "([a-z-]+)"', source))
    named = {code for found in codes for code in found if code}
    assert len(named) > 8
    assert named <= PROBLEMS.keys()
