"""A letter (邮件) is a message by e-mail: text and HTML, the announced dates as a calendar, a way out in one click.

The way out is that of RFC 8058. The Message-ID comes from the message's key, so that a copy sent after a crash is
known as one. Colours are left to the reader's program, which may be dark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from typing import Protocol

from assistant.delivery.channels.message import Message
from assistant.delivery.channels.pieces import atoms, is_link, plain
from assistant.delivery.channels.receipt import Receipt
from assistant.delivery.wording.sending import sending
from assistant.errors import BadInput, Place, Problem

_WHOLE = SMTP.clone(max_line_length=990)  # shorter lines would cut links in headers to pieces
_FORM = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\]{1,190}\.[^\s@.<>\"(),:;\[\]\\]{2,}")


class Post(Protocol):
    """Whoever takes letters."""

    @property
    def sender(self) -> str:
        """The address that letters are from."""
        ...

    def hand_over(self, message: EmailMessage) -> Receipt:
        """Give a letter to the mail server, and say what it said."""
        ...


class Letters:
    """Mail boxes."""

    def __init__(self, post: Post) -> None:
        """Send by *post*."""
        self._post = post

    def address(self, given: Mapping[str, str]) -> Mapping[str, str]:
        """Return the mail address.

        Raises:
            BadInput: it is none.

        """
        to = given.get("to", "").strip()
        if not is_address(to):
            raise BadInput([Problem("recipient-email", Place("to"), {"found": to})])
        return {"to": to}

    def send(self, message: Message, address: Mapping[str, str], *, at: datetime, begin: int = 0) -> Receipt:
        """Send a letter."""
        del begin
        if not is_address(address["to"]):
            return Receipt("dead", "recipient-email")
        return self._post.hand_over(letter(message, address["to"], self._post.sender, at))


def is_address(text: str) -> bool:
    """Tell whether a mail can be sent there; hardly any server takes other letters than ASCII's."""
    if len(text) > 254 or not text.isascii() or not text.isprintable() or not _FORM.fullmatch(text):
        return False
    try:
        return bool(Address(addr_spec=text).domain)
    except (MessageError, ValueError, IndexError):  # what the parser stumbles over
        return False


def letter(message: Message, to: str, sender: str, at: datetime) -> EmailMessage:
    """Return a message as a mail."""
    made = EmailMessage(_WHOLE)
    made["From"] = sender
    made["To"] = to
    made["Subject"] = plain(message.subject)
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{sha256(message.key.encode()).hexdigest()[:32]}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    if message.unsubscribe:
        made["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        if message.unsubscribe.startswith("https://"):
            made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(_text(message), cte="base64")
    made.add_alternative(_page(message), subtype="html", cte="base64")
    if message.ics is not None:
        made.add_attachment(
            message.ics, maintype="text", subtype="calendar", filename="dates.ics", params={"charset": "utf-8"}
        )
    return made


def _text(message: Message) -> str:
    blocks = [_lines(message.intro)]
    for part in message.parts:
        body = [f"  {line}" for text in part.lines if (line := plain(text))]
        blocks.append([plain(part.heading), *body, *([f"  {plain(part.url)}"] if part.url else [])])
    blocks += [_lines(message.outro), [sending("reference", message.lang).format(plain(message.reference))]]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _lines(text: str) -> list[str]:
    return [plain(line) for line in text.splitlines() if line.strip()]


_PAGE = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>{title}</title></head>
<body style="margin:0;padding:16px;font:16px/1.6 sans-serif">
<div style="max-width:640px;margin:0 auto">
{body}
</div></body></html>
"""
_SMALL = ' style="font-size:13px;opacity:.75;margin:4px 0"'
_BLOCK = ' style="border-left:4px solid #3b82f6;padding:2px 0 2px 12px;margin:16px 0"'


def _page(message: Message) -> str:
    lang = "zh-CN" if message.lang == "zh" else "en"
    return _PAGE.format(lang=lang, title=escape(plain(message.subject)), body="\n".join(_body(message)))


def _body(message: Message) -> Iterator[str]:
    for line in _lines(message.intro):
        yield f"<p>{_linked(line)}</p>"
    for part in message.parts:
        yield f"<div{_BLOCK}>"
        yield f'<h2 style="font-size:17px;margin:0 0 4px">{escape(plain(part.heading))}</h2>'
        for text in part.lines:
            yield f'<p style="margin:2px 0">{_linked(plain(text))}</p>'
        if part.url.startswith(("https://", "http://")):
            named = escape(sending("open", message.lang))
            yield f'<p style="margin:6px 0"><a href="{escape(part.url)}">{named}</a></p>'
        yield "</div>"
    for line in _lines(message.outro):
        yield f"<p{_SMALL}>{_linked(line)}</p>"
    yield f"<p{_SMALL}>{escape(sending('reference', message.lang).format(plain(message.reference)))}</p>"


def _linked(text: str) -> str:
    """Return text as HTML, its links to be followed."""
    return "".join(
        f'<a href="{escape(atom)}">{escape(atom)}</a>' if is_link(atom) else escape(atom) for atom in atoms(text)
    )
