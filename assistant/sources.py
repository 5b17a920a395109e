"""A source is a YAML (or JSON) file read with its positions, so that a mistake can be shown where it stands.

Reading is safe by construction: bounded size, depth and aliases, no tags beyond the plain types, duplicate
keys refused, decimals kept exact (`Decimal`, never float).
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from assistant.errors import BadInput, Place, Problem

MAX_BYTES = 5_000_000
MAX_DEPTH = 40
MAX_NODES = 400_000
MAX_STACK = 500

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})$")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?$")
_DEEP_INDENT = re.compile(r"^[ \t?:-]{500,}\S", re.MULTILINE)
_BRACKETS = re.compile(r"[\[\]{}]")
_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")  # JSON's two halves of one sign
_TAG = "tag:yaml.org,2002:"
_SWITCH = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}

Path_ = tuple[Hashable, ...]


@dataclass(slots=True)
class Source:
    """Plain data (dict, list, str, bool, int, Decimal, date, None) and the line of every part of it."""

    file: str
    data: Any = None
    lines: dict[Path_, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: Path_ = ()) -> Place:
        """Return where *path* stands, or its nearest enclosing part that has a line."""
        at = path
        while at and at not in self.lines:
            at = at[:-1]
        return Place(self.file, self.lines.get(at, 0), ".".join(map(str, path)))

    def report(self, code: str, path: Path_ = (), **params: object) -> None:
        """Note a problem at *path*."""
        self.problems.append(Problem(code, self.place(path), {k: str(v) for k, v in params.items()}))

    def done(self) -> None:
        """Raise all noted problems, if any."""
        if self.problems:
            raise BadInput(self.problems)


def read(path: Path, *, name: str | None = None) -> Source:
    """Read the file at *path*.

    Raises:
        BadInput: it is missing, too large, not text, not YAML, or built to exhaust memory.

    """
    label = name or str(path)
    return parse(read_text(path, name=label), name=label)


def read_text(path: Path, *, name: str | None = None) -> str:
    """Return the text of the file at *path*, whatever its encoding.

    Raises:
        BadInput: it is missing, too large or not text.

    """
    return _decoded(read_bytes(path, name=name), Source(name or str(path)))


def read_bytes(path: Path, *, name: str | None = None) -> bytes:
    """Return what is in the file at *path*.

    Raises:
        BadInput: it is missing or too large.

    """
    source = Source(name or str(path))
    raw = b""
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except IsADirectoryError:
        source.report("file-is-folder")
    except FileNotFoundError:
        source.report("file-missing")
    except OSError as error:
        source.report("file-unreadable", found=error.strerror or "")
    else:
        if len(raw) > MAX_BYTES:
            source.report("file-too-large", expected=f"{MAX_BYTES // 1_000_000} MB")
    source.done()
    return raw


def text_in(raw: bytes, *, name: str) -> str:
    """Return the text that the bytes of a file are, whatever its encoding; *name* stands for the file in messages.

    Raises:
        BadInput: they are too many, or no text.

    """
    source = Source(name)
    if len(raw) > MAX_BYTES:
        source.report("file-too-large", expected=f"{MAX_BYTES // 1_000_000} MB")
    source.done()
    return _decoded(raw, source)


def parse(text: str, *, name: str) -> Source:
    """Read YAML *text*; *name* stands for the file in messages.

    What can be told together with later mistakes (a key given twice, a day that is none) waits in the source.

    Raises:
        BadInput: not YAML, more than one document, or built to exhaust memory.

    """
    source = Source(name)
    if _nests_too_deep(text):
        source.report("yaml-bomb")
    source.done()
    try:
        loader = _Loader(_PAIR.sub(lambda pair: chr(_code_point(pair)), text))
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        source.lines[()] = mark.line + 1 if mark else 0
        source.report("yaml-syntax", found=error.problem or "")
    except (yaml.YAMLError, ValueError) as error:
        source.report("yaml-syntax", found=str(error).splitlines()[0])
    source.done()
    if node is not None:
        _Builder(source).build_root(node)
    return source


def _code_point(pair: re.Match[str]) -> int:
    high, low = (int(half, 16) for half in pair.groups())
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)


def _nests_too_deep(text: str) -> bool:
    """Tell whether *text* may nest deeper than the C parser's stack bears: it composes recursively."""
    if _DEEP_INDENT.search(text):
        return True
    depth = 0
    for sign in _BRACKETS.findall(text):
        depth = depth + 1 if sign in "[{" else max(0, depth - 1)
        if depth > MAX_STACK:
            return True
    return False


def _decoded(raw: bytes, source: Source) -> str:
    encodings = ["utf-16"] if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    if b"\0" in raw and encodings[0] != "utf-16":
        source.report("file-not-text")
        source.done()
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "gb18030" and not _looks_chinese(text):
            break
        return text
    source.report("file-not-text")
    raise BadInput(source.problems)


def _looks_chinese(text: str) -> bool:
    """Tell whether text decoded from GBK is plausible: wrong encodings give rare signs, not hanzi."""
    foreign = [char for char in text if ord(char) > 127]
    common = sum("\u4e00" <= char <= "\u9fff" or char in "，。：；（）“”《》〔〕、％—…　" for char in foreign)
    return common * 10 >= len(foreign) * 9


class _Builder:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.left = MAX_NODES

    def build_root(self, node: yaml.Node) -> None:
        try:
            self.source.data = self.build(node, ())
        except _TooMuch:
            self.source.report("yaml-bomb")
            raise BadInput(self.source.problems) from None

    def build(self, node: yaml.Node, path: Path_) -> Any:
        self.left -= 1
        if self.left < 0 or len(path) > MAX_DEPTH:
            raise _TooMuch
        self.source.lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
        return self.scalar(node, path)

    def mapping(self, node: yaml.MappingNode, path: Path_) -> dict[Any, Any]:
        built: dict[Any, Any] = {}
        written: set[Any] = set()
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.source.lines[path] = key_node.start_mark.line + 1
                self.source.report("key-not-plain", path)
                continue
            if key_node.tag == _TAG + "merge":
                self.merge(built, self.build(value_node, path), path)
                continue
            key = self.scalar(key_node, path)
            if isinstance(key, bool | None.__class__ | date):
                key = key_node.value
            at = (*path, key)
            if key in written:
                self.source.problems.append(
                    Problem(
                        "duplicate-key",
                        Place(self.source.file, key_node.start_mark.line + 1, ".".join(map(str, at))),
                        {"found": str(key), "first": str(self.source.lines[at])},
                    )
                )
                continue
            written.add(key)
            built[key] = self.build(value_node, at)
            self.source.lines[at] = key_node.start_mark.line + 1
        return built

    def merge(self, built: dict[Any, Any], merged: Any, path: Path_) -> None:
        """Take over the keys of `<<`; those written in the mapping itself win."""
        for mapping in merged if isinstance(merged, list) else [merged]:
            if isinstance(mapping, dict):
                for key, value in mapping.items():
                    built.setdefault(key, value)
            else:
                self.source.report("not-a-mapping", path)

    def scalar(self, node: yaml.Node, path: Path_) -> Any:
        text: str = node.value
        tag = node.tag
        if tag == _TAG + "str":
            return text
        if tag == _TAG + "null":
            return None
        if tag == _TAG + "bool":
            return _SWITCH.get(text.lower(), text)
        if tag in (_TAG + "int", _TAG + "float"):
            return _number(text)
        if tag == _TAG + "timestamp":
            return self.day(text, path)
        self.source.report("yaml-tag", path, found=tag.removeprefix(_TAG))
        return text

    def day(self, text: str, path: Path_) -> date | str | None:
        match = _DATE.match(text)
        if not match:
            return text
        try:
            return date(*map(int, match.groups()))
        except ValueError:
            self.source.report("no-such-day", path, found=text)
            return None


def _number(text: str) -> int | Decimal | str:
    """Return the exact number written, or the text itself for forms nobody means as a number (0x1F, 1:30)."""
    if not _NUMBER.match(text):
        return text
    digits = text.lstrip("+-")
    if digits.isdigit():  # a code such as 0111 is no number
        return int(text) if len(text) < 40 and (digits == "0" or digits[0] != "0") else text
    return Decimal(text)


class _TooMuch(Exception):
    """More nodes or levels than any honest file has."""
