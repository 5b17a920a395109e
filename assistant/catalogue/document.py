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
from pathlib import Path
from typing import Literal

from assistant.catalogue.refused import Refused
from assistant.catalogue.rows import Table, tables_of
from assistant.errors import BadInput, Place, Problem

MAX_BYTES = 20_000_000
MAX_TEXT = 8_000_000
MAX_ROWS = 1_000
SECONDS = 60.0
MEMORY = 1_000_000_000  # bytes of address space

Kind = Literal["markdown", "html", "docx", "pdf"]
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|meta)\b", re.IGNORECASE)
_MARKUP = re.compile(r"<table\b|^ {0,3}\|?[ :]*-+[ :]*\|", re.IGNORECASE | re.MULTILINE)
_OTHERS = {  # first bytes of files that people send instead
    b"\xd0\xcf\x11\xe0": "list-old-word",
    b"\x89PNG": "list-wrong-type",
    b"\xff\xd8\xff": "list-wrong-type",
    b"GIF8": "list-wrong-type",
    b"Rar!": "list-wrong-type",
    b"7z\xbc\xaf": "list-wrong-type",
    b"{\\rtf": "list-wrong-type",
}


def read_document(path: Path, *, seconds: float = SECONDS, memory: int = MEMORY) -> tuple[Table, ...]:
    """Read the document at *path* in a child process that may take so many *seconds* and bytes of *memory*.

    Raises:
        BadInput: it is missing, too large, of another kind, damaged, locked, or takes too much to read.

    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        return _confined(content, seconds, memory)
    except FileNotFoundError:
        refused = Refused("file-missing")
    except IsADirectoryError:
        refused = Refused("file-is-folder")
    except OSError as error:
        refused = Refused("file-unreadable", error.strerror or "")
    except Refused as error:
        refused = error
    expected = {
        "file-too-large": f"{MAX_BYTES // 1_000_000} MB",
        "list-too-long": str(MAX_ROWS),
        "list-too-slow": f"{seconds:g}",
    }
    params = {"found": refused.found, "expected": expected.get(refused.code, "")}
    raise BadInput([Problem(refused.code, Place(str(path)), params)])


def _confined(content: bytes, seconds: float, memory: int) -> tuple[Table, ...]:
    if len(content) > MAX_BYTES:
        raise Refused("file-too-large")
    kind = kind_of(content)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "assistant.catalogue.child", kind, str(MAX_ROWS), str(memory)]
    try:
        child = subprocess.run(  # noqa: S603  # our own module; the document is data on its standard input
            command, input=content, capture_output=True, timeout=seconds, env=environment, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Refused("list-too-slow") from error
    try:
        answer = json.loads(child.stdout)
    except ValueError as error:  # it died without a word: ended for its memory, or by something nobody foresaw
        raise Refused("list-too-much" if child.returncode < 0 else "list-damaged") from error
    if isinstance(answer, dict):
        raise Refused(answer["code"], answer["found"])
    return tables_of(answer)


def kind_of(content: bytes) -> Kind:
    """Tell what kind of document *content* is; its name does not matter."""
    if not content.strip():
        raise Refused("list-empty")
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.startswith(b"PK"):
        if b"word/document" in content or b"word/_rels" in content:
            return "docx"
        raise Refused("list-wrong-type" if b"PK\x05\x06" in content[-70_000:] else "list-damaged")
    for start, code in _OTHERS.items():
        if content.startswith(start):
            raise Refused(code)
    text = text_of(content)
    if _PAGE.search(text[:5_000]):
        return "html"
    if _MARKUP.search(text):
        return "markdown"
    raise Refused("list-no-table")


def text_of(content: bytes) -> str:
    """Decode *content*: UTF-8, UTF-16 with its mark, or GB 18030 where that gives Chinese."""
    if len(content) > MAX_TEXT:
        raise Refused("file-too-large")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in content:
        raise Refused("list-wrong-type")
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "gb18030" or _looks_chinese(text):
            return text
    raise Refused("list-encoding")


def _looks_chinese(text: str) -> bool:
    """Tell whether text decoded from GB 18030 is plausible: a wrong encoding gives rare signs, and rarely 的."""
    foreign = [sign for sign in text if ord(sign) > 127]
    common = sum("\u4e00" <= sign <= "\u9fff" or "\u2010" <= sign <= "\u301f" or sign > "\uff00" for sign in foreign)
    return common * 10 >= len(foreign) * 9 and any(word in text for word in ("的", "通知", "项目", "名称"))
