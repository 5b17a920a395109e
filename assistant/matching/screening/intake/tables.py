"""Opening a table: what kind of file it is shows in how it begins, whatever its name."""

from __future__ import annotations

from pathlib import Path

from assistant.matching.screening.intake import delimited, parquet, sheets
from assistant.matching.screening.intake.blocks import refused
from assistant.matching.screening.intake.table import Table


def open_table(path: Path, *, sheet: str | None = None) -> Table:
    """Return the table in a file.

    Raises:
        BadInput: there is none: the one thing that is wrong with the file.

    """
    try:
        with path.open("rb") as stream:
            head = stream.read(8)
    except FileNotFoundError:
        raise refused("file-missing", str(path)) from None
    except IsADirectoryError:
        raise refused("file-is-folder", str(path)) from None
    except OSError as error:
        raise refused("file-unreadable", str(path), found=error.strerror or error) from None
    if not head.strip():
        raise refused("table-empty", path.name)
    if head.startswith(b"PAR1"):
        return parquet.opened(path)
    if head.startswith(b"PK"):
        return sheets.opened(path, sheet)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise refused("workbook-old", path.name)
    return delimited.opened(path)
