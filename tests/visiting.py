"""Visiting pages in tests: the real application on a real store and the real rules, asked as a browser would ask it."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cryptography.fernet import Fernet
from httpx2 import ASGITransport, AsyncClient, Cookies

from assistant.delivery.channels.http import Client
from assistant.delivery.channels.registry import channels
from assistant.matching.match import Matcher
from assistant.service.deliver import Courier
from assistant.service.dossier import Dossiers
from assistant.service.leaving import leaving
from assistant.service.mail import Post
from assistant.service.publish import Composer, publish
from assistant.service.sealing import Sealer
from assistant.service.store.records import Account, Standing
from assistant.service.store.store import Store
from assistant.service.store.tokens import digest_of
from assistant.web.app import application
from assistant.web.identity import secret_text
from assistant.web.site import Manner, Site
from tests.conftest import ROOT, book
from tests.serving import new_store

MORNING = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)
_SEAL = re.compile(r'name="seal" value="([0-9a-f]+)"')


@dataclass
class Clock:
    """The time of a house; it stands still until it is put forward."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def forward(self, **by: int) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


@dataclass
class Entropy:
    """Random bytes for tests: never the same twice, the same in every run."""

    numbers: count[int] = field(default_factory=count)

    def __call__(self, length: int) -> bytes:
        """Return so many bytes."""
        return sha256(f"test {next(self.numbers)}".encode()).digest()[:length]


class House:
    """One application with its store; visitors come and go."""

    def __init__(self, folder: Path, *, manner: Manner | None = None, post: Post | None = None) -> None:
        """Open it with an empty store in *folder*; *post* takes its mail."""
        self.store: Store = new_store(folder)
        self.clock, self.entropy = Clock(), Entropy()
        self.matcher = Matcher(book())
        samples = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "profiles").glob("*.yaml"))}
        dossiers = Dossiers(self.store, self.matcher)
        manner = manner or Manner()
        seals = Sealer([Fernet.generate_key().decode()])
        ways, link = channels(Client(), post, private=True), leaving(seals, manner.base_url)
        self.courier = Courier(self.store, ways, seals, self.clock, lambda: 0.5, "test", manner.base_url, link)
        site = Site(self.store, self.matcher, dossiers, self.clock, self.entropy, manner, samples, post, self.courier)
        self.site = site
        self.app = application(site)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.store.close()

    def visitor(self, host: str = "127.0.0.1", scheme: str = "http") -> Browser:
        """Return a browser of nobody in particular, on the machine itself or at *host*."""
        return Browser(self.app, host, scheme)

    def account(self, name: str, standing: Standing = "member") -> Account:
        """Add an account."""
        return self.store.accounts.add(f"a-{name}", f"{name}@example.com", name, "x", standing, at=self.clock())

    def logged_in(self, account: Account) -> Browser:
        """Return the browser of an account that has logged in."""
        secure = self.site.manner.base_url.startswith("https:")
        browser = self.visitor(scheme="https" if secure else "http")
        secret = secret_text(self.entropy(32))
        until = self.clock() + timedelta(days=7)
        self.store.accounts.open_session(account.id, digest_of(secret), at=self.clock(), expires=until)
        browser.cookies.set("__Host-session" if secure else "session", secret, domain=browser.host)
        return browser

    def publish(self, company: str) -> None:
        """Build the company's calendars and dossier, as the press does."""
        assert publish(self.store, company, Composer(self.matcher), self.clock(), dossiers=self.site.dossiers)


@dataclass
class Page:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def source(self) -> str:
        """The page as it came."""
        return self.body.decode()

    @property
    def text(self) -> str:
        """What a reader sees, on one line."""
        return " ".join(html.unescape(_TAG.sub(" ", self.source)).split())

    @property
    def goes_to(self) -> str:
        """Where it sends the browser on to."""
        return self.headers.get("location", "")


class Browser:
    """A visitor's browser: it keeps cookies, and sends forms with the seal of the last page it saw."""

    def __init__(self, app: Any, host: str, scheme: str) -> None:
        """Ask *app* from the machine *host*, under the same name."""
        self.host = host
        self._address = f"{scheme}://[{host}]" if ":" in host else f"{scheme}://{host}"
        self.cookies = Cookies()
        self.seal = ""
        self._app = app

    def get(self, path: str) -> Page:
        """Open a page."""
        return self._asked("GET", path)

    def post(self, path: str, fields: Mapping[str, Any] | None = None, files: Sequence[tuple[str, bytes]] = ()) -> Page:
        """Send a form, with *files* in its field `files`."""
        uploads = [("files", file) for file in files] or None
        return self._asked("POST", path, data={"seal": self.seal, **(fields or {})}, files=uploads)

    def _asked(self, method: str, path: str, **sent: Any) -> Page:
        async def ask() -> Page:
            transport = ASGITransport(app=self._app, client=(self.host, 50000))
            async with AsyncClient(transport=transport, base_url=self._address, cookies=self.cookies) as client:
                answer = await client.request(method, path, **sent)
                self.cookies = client.cookies
                return Page(answer.status_code, answer.headers, answer.content)

        with ThreadPoolExecutor(1) as thread:  # where no loop of a driven browser runs
            page = thread.submit(asyncio.run, ask()).result()
        kind = page.headers.get("content-type", "")
        found = _SEAL.search(page.source) if kind.startswith("text/html") else None
        self.seal = found[1] if found else self.seal
        return page
