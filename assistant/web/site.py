"""The site (站点) is all that a request is answered with: the store, the rules, the clock, how the server stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from starlette.requests import HTTPConnection

from assistant.delivery.revision import day_of
from assistant.matching.match import Matcher
from assistant.rulebook.book import Rulebook
from assistant.service.deliver import Courier
from assistant.service.dossier import Dossiers
from assistant.service.mail import Post
from assistant.service.store.store import Store


@dataclass(frozen=True)
class Manner:
    """How the server stands in the world.

    *local*: the login name of the one who uses it alone, without logging in, on this machine; "" where there are
    accounts. *base_url*: the address others reach it at, "" for the one they asked. *registration*: whether anybody
    may make an account. *api_rate*: how many requests a minute a program has. *metrics*: the digest of the token that
    shows the measures elsewhere than on this machine; *measures*: the folder that all processes count in.
    """

    local: str = ""
    base_url: str = ""
    registration: bool = False
    api_rate: int = 600
    metrics: str = ""
    measures: str = ""


@dataclass(frozen=True)
class Site:
    """Everything a request needs; the same for all of them."""

    store: Store
    matcher: Matcher
    dossiers: Dossiers
    clock: Callable[[], datetime]
    entropy: Callable[[int], bytes]
    manner: Manner = field(default_factory=Manner)
    samples: Mapping[str, str] = field(default_factory=dict)  # the texts of the sample profiles, by name
    post: Post | None = None  # who takes mail, if anybody does
    courier: Courier | None = None  # who sends reminders; the press does it, pages only try

    @property
    def book(self) -> Rulebook:
        """The rules in force here."""
        return self.matcher.rulebook

    @property
    def today(self) -> date:
        """The day it is for the people who use this."""
        return day_of(self.clock())


def site_of(connection: HTTPConnection) -> Site:
    """Return the site that a request came to."""
    site = connection.app.state.site
    assert isinstance(site, Site)
    return site
