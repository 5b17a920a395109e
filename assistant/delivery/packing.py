"""A package is the zip of XML parts that a workbook or a document is; the same parts give the same bytes."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_UNIX = 3  # where an entry says it was made; else it depends on the machine
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def stamped(package: bytes, day: date) -> bytes:
    """Return *package* with every entry bearing *day* instead of the hour of its writing."""
    packed = BytesIO()
    with ZipFile(BytesIO(package)) as archive, ZipFile(packed, "w", ZIP_DEFLATED) as written:
        for name in archive.namelist():
            entry = ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            entry.compress_type, entry.create_system = ZIP_DEFLATED, _UNIX
            written.writestr(entry, archive.read(name))
    return packed.getvalue()


def printable(text: str) -> str:
    """Return *text* without the characters that no XML part can hold."""
    return _UNPRINTABLE.sub("", text)
