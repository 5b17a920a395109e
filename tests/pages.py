"""A site for tests of pages: the real application on a real store, and browsers without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import uuid5

from starlette.testclient import TestClient

from assistant.delivery.revision import NAMESPACE
from assistant.matching.match import Matcher
from assistant.service.dossier import Dossiers
from assistant.service.store.migration import upgrade
from assistant.service.store.records import Account, Standing
from assistant.service.store.store import Store, open_store
from assistant.service.store.tokens import digest_of
from assistant.web.app import application
from assistant.web.identity import LASTS, SESSION, secret_text
from assistant.web.site import Manner, Site
from tests.conftest import ROOT

MOMENT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def CLOCK() -> datetime:  # noqa: N802 # it stands for a constant
    """Return the moment it is in tests of pages."""
    return MOMENT


@dataclass
class TestSite:
    """A site with its store."""

    __test__ = False

    site: Site

    @property
    def store(self) -> Store:
        """The store behind it."""
        return self.site.store

    def company(self, sample: str, *, owner: Account | None = None) -> str:
        """Add a sample as a company and return its id."""
        identity = str(uuid5(NAMESPACE, f"{sample} {owner.id if owner else ''}"))
        content = self.site.samples[sample]
        self.store.add_company(
            identity, sample, content, who="test", at=self.site.clock(), owner=owner.id if owner else None
        )
        return identity

    def account(self, email: str, standing: Standing = "member") -> Account:
        """Add an account."""
        identity = str(uuid5(NAMESPACE, email))
        return self.store.accounts.add(identity, email, email.partition("@")[0], "x", standing, at=self.site.clock())

    def browser(self, account: Account | None = None, *, host: str = "127.0.0.1") -> TestClient:
        """Return a browser without scripts, logged in as *account*."""
        client = TestClient(application(self.site), base_url=f"http://{host}:8000", client=("127.0.0.1", 50000))
        if account:
            secret = secret_text(self.site.entropy(32))
            now = self.site.clock()
            self.store.accounts.open_session(account.id, digest_of(secret), at=now, expires=now + LASTS)
            client.cookies.set(SESSION, secret)
        return client


def site_with(
    folder: Path,
    matcher: Matcher,
    *,
    clock: Callable[[], datetime] = CLOCK,
    manner: Manner | None = None,
    url: str = "",
) -> TestSite:
    """Return a site on a new store; used by one person alone unless *manner* says otherwise."""
    url = url or f"sqlite:///{folder / 'store.db'}"
    upgrade(url)
    numbers = count(1)

    def entropy(size: int) -> bytes:
        return next(numbers).to_bytes(size, "big")

    samples = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "profiles").glob("*.yaml"))}
    store = open_store(url)
    made = Site(store, matcher, Dossiers(store, matcher), clock, entropy, manner or Manner("王工"), samples)
    return TestSite(made)


def seal_of(page: str) -> str:
    """Return the seal of the forms of a page."""
    found = re.search(r'name="seal" value="([0-9a-f]{40})"', page)
    assert found, "no form on this page"
    return found[1]
