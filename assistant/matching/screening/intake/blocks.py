"""The bytes of a text file as blocks of whole records in UTF-8, whatever its encoding; a few at a time."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from assistant.errors import BadInput, Place, Problem

BLOCK = 8_000_000  # bytes read at once
LONGEST = 64_000_000  # of one record: more is a quote that nobody closed
_SAMPLE = 4_000_000
_LOOKED_AT = 200_000
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MARKS = "，。：；（）“”《》〔〕、％—…·　"


def refused(code: str, name: str, line: int = 0, **params: object) -> BadInput:
    """Return the one message of a table that cannot be read."""
    return BadInput([Problem(code, Place(name, line), {key: str(value) for key, value in params.items()})])


def texts(path: Path, size: int = BLOCK) -> Iterator[bytes]:
    """Yield the file's text in UTF-8 with line feeds alone, cut anywhere between signs.

    Raises:
        BadInput: it is no text.

    """
    with path.open("rb") as stream:
        encoding, start = _encoding(stream, path.name)
        stream.seek(start)
        decoder = _Decoder(encoding, path.name)
        held = b""
        while raw := stream.read(size):
            text = held + decoder.decode(raw)
            held = b"\r" if text.endswith(b"\r") else b""
            yield _unix(text[: len(text) - len(held)])
        if rest := _unix(held + decoder.decode(b"", final=True)):
            yield rest


def _unix(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text


def _encoding(stream: BinaryIO, name: str) -> tuple[str, int]:
    """Return the encoding that the beginning shows, "" while it shows none, and where the text begins."""
    sample = stream.read(_SAMPLE)
    for bom, encoding in _BOMS:
        if sample.startswith(bom):
            return encoding, len(bom)
    if b"\0" in sample:
        raise refused("table-not-text", name)
    return "", 0


class _Decoder:
    """Turns bytes into UTF-8; what is ASCII so far may still be any encoding."""

    def __init__(self, encoding: str, name: str) -> None:
        self._name = name
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)() if encoding else None

    def decode(self, raw: bytes, *, final: bool = False) -> bytes:
        if self._decoder is None:
            if raw.isascii():
                return self._checked(raw)
            self._encoding = _guessed(raw, self._name)
            self._decoder = codecs.getincrementaldecoder(self._encoding)()
        try:
            return self._checked(self._decoder.decode(raw, final).encode())
        except UnicodeError:
            raise refused("table-encoding", self._name, found=self._encoding) from None

    def _checked(self, text: bytes) -> bytes:
        if b"\0" in text:
            raise refused("table-not-text", self._name)
        return text


def _guessed(raw: bytes, name: str) -> str:
    """Return the encoding of text that is not ASCII: UTF-8 where it is, else GB18030 where that gives Chinese."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(raw)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or _looks_chinese(text[:_LOOKED_AT]):
            return encoding
    raise refused("table-not-text", name)


def _looks_chinese(text: str) -> bool:
    """Tell whether text decoded from GB18030 is plausible: wrong encodings give rare signs, not hanzi."""
    foreign = [sign for sign in text if ord(sign) > 127]
    likely = sum("\u4e00" <= sign <= "\u9fff" or sign in _MARKS or "\uff01" <= sign <= "\uff5e" for sign in foreign)
    return likely * 10 >= len(foreign) * 9


def records(path: Path, size: int = BLOCK) -> Iterator[bytes]:
    """Yield the file's text in blocks that end with a record, with a line feed behind it.

    Quoted line breaks belong to their record; where quotes stand inside of words, lines are records.
    """
    pending = b""
    for text in texts(path, size):
        pending += text
        end = boundary(pending)
        if end:
            yield pending[:end]
            pending = pending[end:]
        elif len(pending) > LONGEST:
            raise refused("table-quote-open" if b'"' in pending else "table-none", path.name)
    if pending.strip():
        if pending.count(b'"') % 2 and not strays(pending):
            raise refused("table-quote-open", path.name)
        yield pending.removesuffix(b"\n") + b"\n"


_STRAY = re.compile(rb'"(?<![,;\t\n"]")(?![,;\t\n"])')


def strays(text: bytes) -> bool:
    """Tell whether a quote stands where it neither opens nor closes a field."""
    return b'"' in text and _STRAY.search(b"\n" + text + b"\n") is not None


def boundary(text: bytes) -> int:
    """Return where the last whole record ends; 0 where none does."""
    end = text.rfind(b"\n")
    if end < 0 or b'"' not in text or strays(text):
        return end + 1
    quotes = text.count(b'"', 0, end)
    while end >= 0 and quotes % 2:  # inside of a quoted field
        before = text.rfind(b"\n", 0, end)
        quotes -= text.count(b'"', max(before, 0), end)
        end = before
    return end + 1
