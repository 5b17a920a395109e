"""Access (权限): what a role lets somebody do with a company, what an account may do, how long a way in lasts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from assistant.service.store.records import Role, Standing

Deed = Literal["view", "edit", "share"]  # look; answer, mark, judge, subscribe; invite members, see what was done

_MAY: Mapping[Role, frozenset[Deed]] = {
    "viewer": frozenset(("view",)),
    "editor": frozenset(("view", "edit")),
    "owner": frozenset(("view", "edit", "share")),
}
_MANY: frozenset[Standing] = frozenset(("adviser", "bureau", "administrator"))
_ANNOUNCING: frozenset[Standing] = frozenset(("bureau", "administrator"))

RESET_LASTS = timedelta(hours=24)  # a link to choose a new password with
FIRST_LASTS = timedelta(days=7)  # the same, for an account that somebody else made
SETUP_LASTS = timedelta(hours=24)  # the link for the first administrator
INVITE_LASTS = timedelta(days=7)

_LONGEST = 254  # characters of an address that mail can carry
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@(?:[^\s@<>\"(),:;\\\[\].]+\.)+[^\s@<>\"(),:;\\\[\].]{2,}")


def may(role: Role, deed: Deed) -> bool:
    """Tell whether *role* lets its holder do *deed*."""
    return deed in _MAY[role]


def may_work_for_many(standing: str) -> bool:
    """Tell whether an account has the pages for many companies and imports in bulk."""
    return standing in _MANY


def may_announce(standing: str) -> bool:
    """Tell whether an account may enter official dates, which count for every company."""
    return standing in _ANNOUNCING


def may_admit(standing: str) -> bool:
    """Tell whether an account looks after the accounts of others."""
    return standing == "administrator"


def is_address(text: str) -> bool:
    """Tell whether *text* can be an e-mail address; whether mail arrives, only a mail can tell."""
    return len(text) <= _LONGEST and text.isprintable() and _ADDRESS.fullmatch(text.strip()) is not None
