"""Access (权限): what a role lets somebody do with a company's data."""

from __future__ import annotations

from collections.abc import Mapping
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


def may(role: Role, deed: Deed) -> bool:
    """Tell whether *role* lets its holder do *deed*."""
    return deed in _MAY[role]


def may_work_for_many(standing: str) -> bool:
    """Tell whether an account has the pages for many companies and imports in bulk."""
    return standing in _MANY


def may_announce(standing: str) -> bool:
    """Tell whether an account may enter official dates, which count for every company."""
    return standing in _ANNOUNCING
