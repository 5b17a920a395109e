"""People who enter by the front door in tests: accounts with a password, and what they type."""

from __future__ import annotations

import html
import re
from functools import cache

from assistant.service.passwords import hashed
from assistant.service.store.records import Account, Standing
from tests.visiting import Browser, House, Page

PASSWORD, OTHER = "灯塔 & 三只海鸥 47", "correct horse battery"
MANY = 12  # more tries than anybody needs
_LINK = re.compile(r"/(?:reset|invite|setup)/[\w-]{43}")


@cache
def kept(password: str) -> str:
    """Return the hash of a password."""
    return hashed(password, bytes(16))


def person(house: House, name: str, standing: Standing = "member") -> Account:
    """Add an account that can log in with PASSWORD."""
    account = house.account(name, standing)
    house.store.accounts.rehash(account.id, kept(PASSWORD))
    return account


def log_in(browser: Browser, email: str, password: str = PASSWORD, to: str = "") -> Page:
    """Type address and password."""
    browser.get("/login")
    return browser.post("/login", {"email": email, "password": password, "next": to})


def link_in(text: str) -> str:
    """Return the one link in a page or a letter."""
    [found] = {one[0] for one in _LINK.finditer(html.unescape(text))}
    return found


def inside(browser: Browser) -> bool:
    """Tell whether somebody is logged in there."""
    return browser.get("/account").status == 200
