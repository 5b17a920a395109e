"""Tries (尝试): how often somebody may guess. Counted in the store, so that all workers count together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from starlette.requests import Request

from assistant.service.store.tokens import digest_of
from assistant.web.site import site_of

_QUARTER, _HOUR = timedelta(minutes=15), timedelta(hours=1)
_KEY = 32  # characters of a digest in a key
_NEIGHBOURS = 64  # bits of an IPv6 address that one household has to itself


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries *within* a time under one name."""

    name: str
    most: int
    within: timedelta


LOGIN_THERE = Limit("login-there", 10, _QUARTER)  # at one account, from one address: others cannot lock its owner out
LOGIN_ACCOUNT = Limit("login-account", 100, _QUARTER)
LOGIN_ADDRESS = Limit("login-address", 60, _QUARTER)  # an office has one
PASSWORD = Limit("password", 10, _QUARTER)
LINK = Limit("link", 30, _QUARTER)
REGISTER = Limit("register", 20, _HOUR)
FORGOT_ADDRESS = Limit("forgot-address", 10, _HOUR)
FORGOT_ACCOUNT = Limit("forgot-account", 3, _HOUR)
INVITE = Limit("invite", 50, _HOUR)
TRIAL = Limit("trial", 20, _HOUR)  # test messages of one company


def counted(request: Request, limit: Limit, value: str = "") -> bool:
    """Count a try at *value*, else of whoever asks; tell whether it is one too many."""
    site = site_of(request)
    return not site.store.accounts.allowed(
        _key(limit, value or whence(request)), now=site.clock(), most=limit.most, within=limit.within
    )


def forgiven(request: Request, limit: Limit, value: str) -> None:
    """Forget the tries at *value*."""
    site_of(request).store.accounts.forgive(_key(limit, value))


def whence(request: Request) -> str:
    """Return from which network address a request comes; neighbours in one IPv6 network are one."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _NEIGHBOURS), strict=False))
    return host


def _key(limit: Limit, value: str) -> str:
    return f"{limit.name}:{digest_of(value)[:_KEY]}"
