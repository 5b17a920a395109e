"""A leaf (一份日历) is one finished calendar with the headers it goes out with, ready before anybody asks for it.

Only the compressed bytes are kept, a twentieth of the whole; for the rare client without gzip they are unpacked.
The two forms have tags of their own, since a strong tag stands for bytes; either tag is taken as "unchanged".
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

Headers = list[tuple[bytes, bytes]]

PRIVATE: Headers = [
    (b"cache-control", b"private, max-age=0, must-revalidate"),
    (b"x-robots-tag", b"noindex"),
    (b"referrer-policy", b"no-referrer"),
    (b"vary", b"Accept-Encoding"),
]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One calendar as it goes out: packed or plain, or as the news that nothing changed."""

    etag: str
    packed: bytes
    modified: datetime
    stamp: bytes
    tags: frozenset[bytes]
    packed_headers: Headers
    plain_headers: Headers
    packed_unchanged: Headers
    plain_unchanged: Headers

    @property
    def plain(self) -> bytes:
        """The calendar unpacked."""
        return gzip.decompress(self.packed)

    def is_known(self, none_match: bytes | None, since: bytes | None) -> bool:
        """Tell whether a client that sends these conditions has this very calendar."""
        if none_match is not None:
            given = none_match.strip()
            return given in self.tags or given == b"*" or not self.tags.isdisjoint(_listed(given))
        return since is not None and (since == self.stamp or self._has_not_changed_since(since))

    def _has_not_changed_since(self, since: bytes) -> bool:
        try:
            moment = parsedate_to_datetime(since.decode("latin-1"))
        except ValueError:
            return False
        return moment.replace(tzinfo=moment.tzinfo or UTC) >= self.modified.replace(microsecond=0)


def leaf(etag: str, packed: bytes, modified: datetime, length: int) -> Leaf:
    """Return the calendar *packed*, of *length* bytes when it is not, with its headers written."""
    of_packed, of_plain = f'"{etag}-gzip"'.encode(), f'"{etag}"'.encode()
    stamp = format_datetime(modified.astimezone(UTC), usegmt=True).encode()
    same = [*PRIVATE, (b"last-modified", stamp)]
    typed = [*same, (b"content-type", b"text/calendar; charset=utf-8")]
    zipped = [(b"content-encoding", b"gzip"), (b"content-length", str(len(packed)).encode())]
    return Leaf(
        etag,
        packed,
        modified,
        stamp,
        frozenset((of_packed, of_plain)),
        [*typed, *zipped, (b"etag", of_packed)],
        [*typed, (b"content-length", str(length).encode()), (b"etag", of_plain)],
        [*same, (b"etag", of_packed)],
        [*same, (b"etag", of_plain)],
    )


def _listed(tags: bytes) -> Iterable[bytes]:
    """Yield the tags of a list; weak ones count as what they stand for."""
    return (tag.strip().removeprefix(b"W/") for tag in tags.split(b","))


def takes_gzip(accept: bytes | None) -> bool:
    """Tell whether a client takes gzip: it is named, and not with weight 0."""
    if accept is None or b"gzip" not in accept.lower():
        return False
    for part in accept.lower().split(b","):
        name, *weights = (piece.strip() for piece in part.split(b";"))
        if name in (b"gzip", b"x-gzip"):
            return not any(_is_nothing(weight) for weight in weights)
    return False


def _is_nothing(weight: bytes) -> bool:
    name, _, value = weight.partition(b"=")
    return name.strip() == b"q" and not value.strip().strip(b"0.")
