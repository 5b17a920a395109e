"""The child process that reads a document: its bytes on standard input, tables or a problem as JSON on standard output.

Called as `python -m assistant.catalogue.child KIND ROWS BYTES`.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from importlib import import_module

from assistant.catalogue.document import text_of
from assistant.catalogue.refused import Refused
from assistant.catalogue.rows import Table, plain

_CPU_SECONDS = 300  # should the parent be gone


def read(kind: str, content: bytes, most_rows: int) -> tuple[Table, ...]:
    """Read *content* here and now.

    Raises:
        Refused: it cannot be read, or its reader is not installed.

    """
    try:
        reader = import_module(f"assistant.catalogue.{'html' if kind == 'markdown' else kind}")
    except ImportError as error:
        raise Refused("list-reader-missing", error.name or "") from error
    match kind:
        case "docx":
            tables: tuple[Table, ...] = reader.read_docx(content, most_rows)
        case "pdf":
            tables = reader.read_pdf(content, most_rows)
        case "html":
            tables = reader.read_html(text_of(content), most_rows)
        case _:
            tables = reader.read_markdown(text_of(content), most_rows)
    return tables


def answer(kind: str, content: bytes, most_rows: int) -> bytes:
    """Return what is to be said about *content*: its tables, or the code of the problem."""
    try:
        return json.dumps(plain(read(kind, content, most_rows)), ensure_ascii=False).encode()
    except Refused as refused:
        code, found = refused.code, refused.found
    except (MemoryError, RecursionError):
        code, found = "list-too-much", ""
    return json.dumps({"code": code, "found": found}).encode()


def confine(memory: int) -> None:
    """Bound what this process may take, where the system can."""
    with suppress(ImportError, ValueError, OSError):
        resource = import_module("resource")
        resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


if __name__ == "__main__":
    confine(int(sys.argv[3]))
    sys.stdout.buffer.write(answer(sys.argv[1], sys.stdin.buffer.read(), int(sys.argv[2])))
