"""Reading a document: what kind it is, then its tables, in a process of its own that cannot take more than its share.

The readers of other people's formats are large, and a hostile file may make them run on or fill the memory; so they
work in a child with a bound on time and memory, which answers in JSON.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Literal

from assistant.catalogue.rows import Document, document_of, plain
from assistant.errors import BadInput, Place, Problem

MAX_BYTES = 20_000_000
MAX_TEXT = 8_000_000
MAX_ROWS = 1_000
SECONDS = 60
MEMORY = 1_500_000_000  # bytes of address space

Kind = Literal["markdown", "html", "docx", "pdf"]
_MODULES: dict[Kind, str] = {"markdown": "html", "html": "html", "docx": "docx", "pdf": "pdf"}
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|meta|table)\b", re.IGNORECASE)
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*(gb2312|gbk|gb18030|utf-?8)""", re.IGNORECASE)


class Refused(Exception):
    """A document that cannot be read: the code of the problem, and what was found."""

    def __init__(self, code: str, found: str = "") -> None:
        """Keep *code* and *found*."""
        super().__init__(code)
        self.code, self.found = code, found


def read_document(path: Path) -> Document:
    """Read the document at *path*.

    Raises:
        BadInput: it is missing, too large, of another kind, damaged, locked, or takes too much to read.

    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        return read_confined(content)
    except FileNotFoundError:
        refused = Refused("file-missing")
    except IsADirectoryError:
        refused = Refused("file-is-folder")
    except OSError as error:
        refused = Refused("file-unreadable", error.strerror or "")
    except Refused as error:
        refused = error
    expected = {"file-too-large": f"{MAX_BYTES // 1_000_000} MB", "list-too-long": str(MAX_ROWS)}.get(refused.code, "")
    raise BadInput([Problem(refused.code, Place(str(path)), {"found": refused.found, "expected": expected})])


def read_confined(content: bytes, *, seconds: float = SECONDS, memory: int = MEMORY) -> Document:
    """Read *content* in a child process that may take so many *seconds* and so much *memory*."""
    if len(content) > MAX_BYTES:
        raise Refused("file-too-large")
    kind_of(content)  # refuses what needs no child
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "assistant.catalogue.child", str(memory)]
    try:
        child = subprocess.run(  # noqa: S603  # our own module; the document is data on its standard input
            command, input=content, capture_output=True, timeout=seconds, env=environment, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Refused("list-too-slow", f"{seconds:g}") from error
    try:
        answer = json.loads(child.stdout)
    except ValueError as error:  # it was ended from outside, most likely for its memory
        raise Refused("list-too-much") from error
    if "code" in answer:
        raise Refused(answer["code"], answer["found"])
    return document_of(answer)


def answer(content: bytes) -> bytes:
    """Return what the child says about *content*: the document, or the code of the problem."""
    try:
        return json.dumps(plain(read(content)), ensure_ascii=False).encode()
    except Refused as refused:
        return json.dumps({"code": refused.code, "found": refused.found}).encode()
    except (MemoryError, RecursionError):
        return json.dumps({"code": "list-too-much", "found": ""}).encode()


def read(content: bytes) -> Document:
    """Read *content* here and now, without bounds on time and memory."""
    kind = kind_of(content)
    try:
        module = import_module(f"assistant.catalogue.{_MODULES[kind]}")
    except ImportError as error:
        raise Refused("list-reader-missing", error.name or "") from error
    reader = getattr(module, f"read_{kind}")
    ...
