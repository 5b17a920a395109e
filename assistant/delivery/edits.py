"""Edits as plain data: what was changed, what it said before, what it says now."""

from __future__ import annotations

from assistant.company.edits import edits
from assistant.company.profile import Profile
from assistant.delivery.plain import Json
from assistant.delivery.wording.edits import edit_label, given_text
from assistant.delivery.wording.speaker import Speaker


def edited(before: Profile, after: Profile, say: Speaker) -> list[Json]:
    """Return what *after* answers differently, in words."""
    return [
        {
            "kind": one.kind,
            "how": "added" if one.before is None else "removed" if one.after is None else "changed",
            "label": edit_label(one, say),
            "before": given_text(one, one.before, say),
            "after": given_text(one, one.after, say),
        }
        for one in edits(before, after)
    ]
