"""Letters: both parts say the same, dates come as a calendar, one click ends them; the server's word is understood."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path
from smtplib import SMTPNotSupportedError, SMTPRecipientsRefused, SMTPSenderRefused, SMTPServerDisconnected
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from assistant.delivery.channels.http import Client
from assistant.delivery.channels.letters import Letters, letter
from assistant.delivery.channels.message import Message, Part
from assistant.delivery.channels.receipt import Receipt
from assistant.delivery.channels.registry import channels
from assistant.errors import BadInput
from assistant.service.mail import MailFailure, Post, receipt_of
from tests.posting import PASSWORD, USER, Box, certificate, post_office

AT = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)
SENDER = "noreply@example.cn"
TO = "wang@example.cn"
UNSUBSCRIBE = "https://assistant.example.cn/u/" + "Ab3_-" * 40


def dates() -> bytes:
    event = Event()
    event.add("uid", "1@example.cn")
    event.add("summary", "【已公布】某项目")
    event.add("dtstart", date(2026, 12, 1))
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//t//")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


MESSAGE = Message(
    "【已公布】某项目 12 月 1 日至 15 日受理，请某某科技有限公司尽早准备材料｜某某科技有限公司",
    (
        Part(
            "【已公布】某项目", ("12 月 1 日至 15 日，还有 5 天", "依据：第三条 <b>&"), "https://a.example.cn/p?a=1&b=2"
        ),
        Part("【准备】审计报告", ("12 月 4 日前办完",)),
    ),
    "K7Q2MD",
    "company|recipient|2026-11-26",
    intro="某某公司：这次有 2 项提醒。",
    outro=f"不想再收到：{UNSUBSCRIBE}",
    unsubscribe=UNSUBSCRIBE,
    ics=dates(),
)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[Box, Post]]:
    """A mail server with TLS, and who knows it."""
    server, client = certificate(tmp_path)
    with post_office(tls=server) as box:
        url = f"smtp://{USER}:{quote(PASSWORD, safe='')}@localhost:{box.port}"
        yield box, replace(Post.of(url, SENDER), context=lambda: client)


class Shown(HTMLParser):
    """What of a page is text, and where its links lead."""

    def __init__(self, page: str) -> None:
        """Read *page*."""
        super().__init__()
        self.text, self.links, self.names = "", [""][:0], {""}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.links += [text or "" for name, text in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


def test_a_letter_says_it_all_twice(office: tuple[Box, Post]) -> None:
    """As text and as a page that needs nothing from elsewhere; what looks like markup is text."""
    box, post = office
    assert Letters(post).send(MESSAGE, {"to": TO}, at=AT) == Receipt("sent", "250", pieces=1)
    came = box.next()
    assert (came["Subject"], came["To"], came["From"]) == (MESSAGE.subject, TO, SENDER)
    assert parsedate_to_datetime(str(came["Date"])) == AT
    assert came["Auto-Submitted"] == "auto-generated"
    text, page = part(came, "plain"), Shown(part(came, "html"))
    for said in [MESSAGE.intro, MESSAGE.outro, "编号 K7Q2MD", *(part.heading for part in MESSAGE.parts)]:
        assert said in text
        assert said in page.text
    for line in [line for part in MESSAGE.parts for line in part.lines]:
        assert f"\n  {line}\n" in text
        assert line in page.text
    assert page.links == [MESSAGE.parts[0].url, UNSUBSCRIBE]
    assert not page.names & {"b", "script", "img", "link", "iframe", "form"}
    assert "light dark" in part(came, "html")


def test_announced_dates_come_as_a_calendar(office: tuple[Box, Post]) -> None:
    """As an attachment that a calendar reads; without dates there is none."""
    box, post = office
    Letters(post).send(MESSAGE, {"to": TO}, at=AT)
    Letters(post).send(replace(MESSAGE, ics=None), {"to": TO}, at=AT)
    [attached] = box.next().iter_attachments()
    assert attached.get_content_type() == "text/calendar"
    assert attached.get_filename() == "dates.ics"
    raw = attached.get_payload(decode=True)
    assert isinstance(raw, bytes)
    [event] = Calendar.from_ical(raw).walk("VEVENT")
    assert isinstance(event, Event)
    assert (str(event["SUMMARY"]), event.start) == ("【已公布】某项目", date(2026, 12, 1))
    assert list(box.next().iter_attachments()) == []


def test_one_click_ends_them(office: tuple[Box, Post]) -> None:
    """By RFC 8058: the link is whole on the wire, however long; without encryption it is only shown."""
    box, post = office
    Letters(post).send(MESSAGE, {"to": TO}, at=AT)
    Letters(post).send(replace(MESSAGE, unsubscribe="http://localhost/u/x"), {"to": TO}, at=AT)
    Letters(post).send(replace(MESSAGE, unsubscribe=""), {"to": TO}, at=AT)
    came, near, none = box.next(), box.next(), box.next()
    assert f"\nList-Unsubscribe: <{UNSUBSCRIBE}>\n" in letter(MESSAGE, TO, SENDER, AT).as_string().replace("\r\n", "\n")
    assert came["List-Unsubscribe"] == f"<{UNSUBSCRIBE}>"
    assert came["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (near["List-Unsubscribe"], near["List-Unsubscribe-Post"]) == ("<http://localhost/u/x>", None)
    assert none["List-Unsubscribe"] is None


def test_a_copy_is_known_as_one() -> None:
    """The Message-ID is the key's, at every retry; other keys have others."""
    later = datetime(2026, 11, 27, tzinfo=UTC)
    first, again = letter(MESSAGE, TO, SENDER, AT), letter(MESSAGE, TO, SENDER, later)
    other = letter(replace(MESSAGE, key="x"), TO, SENDER, AT)
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.cn>", first["Message-ID"])


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
PARTS = st.builds(Part, TEXTS, st.lists(TEXTS, max_size=3).map(tuple), TEXTS)
LANGS = st.sampled_from(["zh", "en"])
ANY = st.builds(Message, TEXTS, st.lists(PARTS, max_size=3).map(tuple), TEXTS, TEXTS, LANGS, TEXTS, TEXTS)


@given(ANY)
def test_no_text_breaks_a_letter(message: Message) -> None:
    """No subject adds a header; lines keep to what mail allows; no text becomes a tag."""
    made = letter(message, TO, SENDER, AT)
    raw = made.as_bytes()
    head = raw.partition(b"\r\n\r\n")[0]
    names = {line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))}
    assert names <= {b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted", b"MIME-Version"} | {
        b"Content-Type"
    }
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.isascii()
    known = {"", "html", "head", "meta", "title", "body", "div", "p", "h2", "a"}
    assert Shown(part(made, "html")).names <= known


@pytest.mark.parametrize(
    ("said", "outcome"),
    [("451 4.7.1 try later", "retry"), ("452 full", "retry"), ("550 5.7.1 spam, see https://x.cn/y", "dead")],
)
def test_a_servers_word_counts(office: tuple[Box, Post], said: str, outcome: str) -> None:
    """4xx passes, 5xx does not; its words are kept without links."""
    box, post = office
    box.refuses = said
    receipt = Letters(post).send(MESSAGE, {"to": TO}, at=AT)
    assert (receipt.outcome, receipt.code) == (outcome, said[:3])
    assert "://" not in receipt.answer
    assert receipt.answer


def test_what_is_the_operators_fault_is_tried_again(office: tuple[Box, Post], tmp_path: Path) -> None:
    """A wrong password, a certificate nobody knows, no encryption, nobody there, a server that hangs up."""
    box, post = office
    wrong = replace(post, password="wrong-secret")  # noqa: S106 # nobody's
    assert Letters(wrong).send(MESSAGE, {"to": TO}, at=AT).code == "535"
    (tmp_path / "other").mkdir()
    _, other = certificate(tmp_path / "other")
    assert Letters(replace(post, context=lambda: other)).send(MESSAGE, {"to": TO}, at=AT).code == "certificate"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
    gone = Letters(replace(post, port=port)).send(MESSAGE, {"to": TO}, at=AT)
    assert gone == Receipt("retry", "unreachable")
    with post_office(host="127.0.0.2") as plain:
        open_post = replace(post, host="127.0.0.2", port=plain.port)
        assert Letters(open_post).send(MESSAGE, {"to": TO}, at=AT) == Receipt("retry", "no-encryption")
    assert box.came.empty()


@pytest.mark.parametrize(
    ("error", "ready", "outcome", "code"),
    [
        (SMTPRecipientsRefused({TO: (550, b"no such user wang@example.cn")}), True, "dead", "550"),
        (SMTPRecipientsRefused({TO: (450, b"greylisted")}), True, "retry", "450"),
        (SMTPSenderRefused(553, b"not you", SENDER), True, "retry", "553"),
        (SMTPNotSupportedError("SMTPUTF8"), True, "dead", "unsupported"),
        (SMTPNotSupportedError("AUTH"), False, "retry", "unreachable"),
        (SMTPServerDisconnected("gone"), True, "retry", "unreachable"),
        (TimeoutError(), True, "retry", "timeout"),
        (MailFailure("the mail server offers no encryption"), False, "retry", "no-encryption"),
        (ValueError("x"), True, "retry", "ValueError"),
    ],
)
def test_whose_fault_it_was(error: Exception, ready: bool, outcome: str, code: str) -> None:
    """What the reader's server refuses is final; what ours does is not. Nobody's address is kept."""
    receipt = receipt_of(error, TO, ready=ready)
    assert (receipt.outcome, receipt.code) == (outcome, code)
    assert TO not in receipt.answer


WRONG = [
    "",
    "wang",
    "wang@",
    "@example.cn",
    "a@b",
    "a b@example.cn",
    "a@example.cn\nBcc: x@example.cn",
    "a@example.cn,b@example.cn",
    "<a@example.cn>",
    "a@exa..mple.cn.",
    "a@" + "x" * 250 + ".cn",
    "王@例子.中国",
]


def test_a_mail_address_is_checked() -> None:
    """One that is none is refused with what was typed, and never sent to."""
    post = Post.of("smtp://localhost:9", SENDER)
    mail = channels(Client(), post)["email"]
    assert mail.address({"to": f" {TO} "}) == {"to": TO}
    for wrong in WRONG:
        with pytest.raises(BadInput, match="recipient-email"):
            mail.address({"to": wrong})
        assert mail.send(MESSAGE, {"to": wrong}, at=AT) == Receipt("dead", "recipient-email")
    assert "email" not in channels(Client(), None)
