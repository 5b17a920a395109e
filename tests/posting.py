"""A real mail server for tests: takes mail on this machine, with or without encryption, and keeps it."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from queue import Queue
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "robot", "p@ss/word 7"
PATIENCE = 30


@dataclass
class Box:
    """The server: where it listens, what it took, who it logged in."""

    port: int = 0
    came: Queue[EmailMessage] = field(default_factory=Queue)
    logins: list[tuple[str, str]] = field(default_factory=list)
    refuses: str = ""

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802 # its name
        """Take a mail."""
        del server, session
        if self.refuses:
            return self.refuses
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.came.put(message)
        return "250 OK"

    def admit(self, server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Check who wants to send."""
        del server, session, envelope, mechanism
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=self.logins[-1] == (USER, PASSWORD), handled=False)

    def next(self) -> EmailMessage:
        """Return the next mail, as soon as it is there."""
        return self.came.get(timeout=PATIENCE)


@contextmanager
def post_office(*, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None, wrapped: bool = False) -> Iterator[Box]:
    """Run the server: plain, with STARTTLS on offer, or *wrapped* in TLS from the start."""
    box = Box()
    options: dict[str, Any] = {"authenticator": box.admit, "auth_require_tls": tls is not None and not wrapped}
    if tls and not wrapped:
        options["tls_context"] = tls
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncio.Server:
        made = partial(SMTP, box, hostname="localhost", **options)
        return await loop.create_server(made, host, 0, ssl=tls if wrapped else None)

    async def close() -> None:
        server.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(PATIENCE)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the TLS contexts of a server on this machine and of a client that knows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))
