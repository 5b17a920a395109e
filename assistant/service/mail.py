"""Mail (邮件) goes out through the one server an operator names. A password is never sent there in the clear."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from typing import Self
from urllib.parse import unquote, urlsplit

from assistant.delivery.channels.receipt import Receipt
from assistant.delivery.channels.robots import short

_PATIENCE = 20.0  # seconds
_PORTS = {"smtp": 587, "smtps": 465}
_NEAR = ("localhost", "127.0.0.1", "::1")


class MailFailure(Exception):
    """A mail was not taken; says why, without any secret."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent to one person."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Post:
    """The server that takes mail, and who the mail is from.

    With *encrypted* the connection is from the start; otherwise it becomes so before anything is said, unless the
    server is on this machine.
    """

    host: str
    port: int
    sender: str
    encrypted: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    context: Callable[[], ssl.SSLContext] = ssl.create_default_context

    @classmethod
    def of(cls, url: str, sender: str) -> Self:
        """Return the server behind `smtp(s)://user:password@host:port`.

        Raises:
            ValueError: it is no such address, or the sender is none; says nothing of what stands in it.

        """
        parts = urlsplit(url)
        try:
            port = parts.port or _PORTS[parts.scheme]
        except (KeyError, ValueError):
            raise ValueError("smtp-url") from None
        if not parts.hostname or parts.path.strip("/"):
            raise ValueError("smtp-url")
        try:
            Address(addr_spec=sender)
        except Exception:  # noqa: BLE001 # whatever the parser stumbles over
            raise ValueError("mail-from") from None
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if not (user + password).isascii():  # mail servers know no others
            raise ValueError("smtp-url")
        return cls(parts.hostname, port, sender, parts.scheme == "smtps", user, password)

    def send(self, letter: Letter, *, at: datetime) -> None:
        """Hand a letter over.

        Raises:
            MailFailure: the server did not take it, or nothing could be said to it that others may not hear.

        """
        try:
            with self._connected() as server:
                if self.user:
                    server.login(self.user, self.password)
                refused = server.send_message(self._message(letter, at))
        except smtplib.SMTPResponseException as error:
            raise MailFailure(f"the mail server answered {error.smtp_code}") from None
        except (OSError, ValueError, smtplib.SMTPException) as error:
            raise MailFailure(f"the mail server: {type(error).__name__}") from None
        if refused:
            raise MailFailure("the mail server refused the address")

    def hand_over(self, message: EmailMessage) -> Receipt:
        """Hand a whole message over, and say what the server said; what goes wrong after its yes is not asked about."""
        ready = taken = False
        try:
            with self._connected() as server:
                if self.user:
                    server.login(self.user, self.password)
                ready = True
                server.send_message(message)
                taken = True
        except (OSError, ValueError, smtplib.SMTPException, MailFailure) as error:
            if not taken:
                return receipt_of(error, str(message["To"]), ready=ready)
        return Receipt("sent", "250", pieces=1)

    def _connected(self) -> smtplib.SMTP:
        if self.encrypted:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_PATIENCE, context=self.context())
        server = smtplib.SMTP(self.host, self.port, timeout=_PATIENCE)
        try:
            server.ehlo()
            encrypts = server.has_extn("starttls")
            if encrypts:
                server.starttls(context=self.context())
                server.ehlo()
        except BaseException:
            server.close()
            raise
        if not encrypts and self.host not in _NEAR:
            server.close()
            raise MailFailure("the mail server offers no encryption")
        return server

    def _message(self, letter: Letter, at: datetime) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(at)
        told = sha256(f"{at.isoformat()} {letter.to} {letter.text}".encode()).hexdigest()[:32]
        message["Message-ID"] = f"<{told}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message


def receipt_of(error: Exception, to: str, *, ready: bool) -> Receipt:
    """Return what became of a message to *to*; a server that was not *ready* for any is not the reader's fault."""
    said: bytes | str = b""
    code = 0
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, said = next(iter(error.recipients.values()))
        case smtplib.SMTPResponseException():
            code, said = error.smtp_code, error.smtp_error
        case ssl.SSLCertVerificationError():
            return Receipt("retry", "certificate")
        case MailFailure():
            return Receipt("retry", "no-encryption")
        case smtplib.SMTPNotSupportedError() if ready:  # an address in other letters
            return Receipt("dead", "unsupported")
        case TimeoutError() | smtplib.SMTPServerDisconnected() | OSError():
            return Receipt("retry", "timeout" if isinstance(error, TimeoutError) else "unreachable")
        case _:
            return Receipt("retry", type(error).__name__)
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    final = ready and code >= 500 and not isinstance(error, smtplib.SMTPSenderRefused)
    return Receipt("dead" if final else "retry", str(code), short(words, (to,)))
