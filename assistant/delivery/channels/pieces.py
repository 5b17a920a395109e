"""Pieces (分条): a message as one text, or as few as fit, for channels that take only so many bytes at once.

It is cut between reminders, then between lines, and only where a line is too long between words. Never inside a
character or a link. Text cannot become markup: what would be some is written with the full-width sign that looks alike,
since these providers document no way to escape.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.delivery.channels.message import Message
from assistant.delivery.wording.sending import sending

MARKS = dict(zip(map(ord, "*[]`<>#~|\\"), "＊［］｀＜＞＃～｜＼", strict=True))
_NUMBERED = "（{}/{}）"
_MOST_TITLE = 60  # characters
_ATOM = re.compile(r"https?://[^\s，。；：！？（）【】「」、<>\"]+|.", re.DOTALL)
_ENDS = "，。；：！？、）】」 "  # after these a line is best cut
_LOOK = 60  # so many characters back one of them is looked for


@dataclass(frozen=True, slots=True)
class Dress:
    """How a channel writes titles, headings, links and the ends of lines; *marks* are the signs it would misread."""

    title: str = "{}"
    heading: str = "{}"
    link: str = "{}"  # in a line, by its address
    named: str = "{1}：{0}"  # on its own, with what it is called
    newline: str = "\n"
    marks: Mapping[int, str] = field(default_factory=dict)

    def text(self, raw: str) -> str:
        """Return plain text, its links dressed."""
        return "".join(map(self.atom, atoms(raw)))

    def atom(self, raw: str) -> str:
        """Return a character or a link."""
        if is_link(raw):
            return self.link.format(_tame(raw))
        return raw.translate(self.marks)


@dataclass(frozen=True, slots=True)
class Piece:
    """One text with its title."""

    title: str
    text: str


def atoms(text: str) -> list[str]:
    """Return what is never cut: characters and links."""
    return _ATOM.findall(text)


def is_link(atom: str) -> bool:
    """Tell whether an atom is a link."""
    return len(atom) > 1


def plain(text: str) -> str:
    """Return text on one line, without signs that nobody sees."""
    kept = (" " if sign.isspace() else sign for sign in text if sign.isspace() or _seen(sign))
    return " ".join("".join(kept).split())


def _seen(sign: str) -> bool:
    return unicodedata.category(sign) not in {"Cc", "Cs", "Co", "Cn"}


def _tame(url: str) -> str:
    """Return a link that cannot end its own brackets."""
    return url.replace("(", "%28").replace(")", "%29").replace("[", "%5B").replace("]", "%5D").replace("`", "%60")


def weight(text: str) -> int:
    """Return how many bytes a text is inside a request of JSON."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2


def title_of(message: Message) -> str:
    """Return a title of bounded length."""
    title = plain(message.subject)
    return title if len(title) <= _MOST_TITLE else f"{title[: _MOST_TITLE - 1]}…"


@dataclass(frozen=True, slots=True)
class _Line:
    """One line before it is dressed; *name* is what a link is called."""

    raw: str
    heading: bool = False
    name: str = ""

    def dressed(self, dress: Dress) -> str:
        if self.name:
            return dress.named.format(_tame(self.raw), self.name)
        text = dress.text(self.raw)
        return dress.heading.format(text) if self.heading and text else text


def pieces(message: Message, dress: Dress, room: int, size: Callable[[str], int], extra: str = "") -> tuple[Piece, ...]:
    """Return a message as texts of at most *room* by the measure *size*, each counted with its title.

    The measure of two texts together is the sum of theirs. *extra* stands in every piece, as a keyword must.
    """
    title = title_of(message).translate(dress.marks)
    blocks = list(_blocks(message))
    whole = _joined([line for block in blocks for line in block], dress, extra)
    if size(dress.title.format(title) + dress.newline + whole) <= room:
        return (Piece(title, whole),)
    longest = dress.title.format(title + _NUMBERED.format(999, 999)) + dress.newline * 2 + extra
    texts = [_joined(lines, dress, extra) for lines in _packed(blocks, room - size(longest), dress, size)]
    return tuple(Piece(title + _NUMBERED.format(at, len(texts)), text) for at, text in enumerate(texts, 1))


def _joined(lines: Sequence[_Line], dress: Dress, extra: str) -> str:
    shown = [line.dressed(dress) for line in lines]
    while shown and not shown[-1]:
        shown.pop()
    text = dress.newline.join(shown)
    return f"{text}{dress.newline}{extra}" if extra and extra not in text else text


def _blocks(message: Message) -> Iterator[list[_Line]]:
    """Yield the parts of a message; an empty line stands between them."""
    gap = _Line("")
    if head := _lines(message.intro.splitlines()):
        yield [*head, gap]
    for part in message.parts:
        link = [_Line(plain(part.url), name=sending("open", message.lang))] if part.url.strip() else []
        yield [_Line(plain(part.heading), heading=True), *_lines(part.lines), *link, gap]
    reference = sending("reference", message.lang).format(plain(message.reference))
    yield [*_lines(message.outro.splitlines()), _Line(reference)]


def _lines(texts: Iterable[str]) -> list[_Line]:
    return [_Line(line) for text in texts if (line := plain(text))]


def _packed(
    blocks: Sequence[Sequence[_Line]], room: int, dress: Dress, size: Callable[[str], int]
) -> list[list[_Line]]:
    """Return the lines of each piece: as full as they get without tearing a reminder that fits in one."""
    packed: list[list[_Line]] = []
    left = 0
    for block in blocks:
        lines = [piece for line in block for piece in _cut(line, room, dress, size)]
        costs = [size(line.dressed(dress) + dress.newline) for line in lines]
        if sum(costs) > left and sum(costs) <= room:
            packed.append([])
            left = room
        for line, cost in zip(lines, costs, strict=True):
            if cost > left and line.raw:
                packed.append([])
                left = room
            if packed[-1] or line.raw:
                packed[-1].append(line)
            left -= cost
    return packed


def _cut(line: _Line, room: int, dress: Dress, size: Callable[[str], int]) -> list[_Line]:
    """Return a line as the lines it must become to fit."""
    if size(line.dressed(dress) + dress.newline) <= room:
        return [line]
    room -= size(dress.newline + dress.heading.format(""))
    rest = [small for atom in atoms(line.raw) for small in ([atom] if size(dress.atom(atom)) <= room else atom)]
    found: list[_Line] = []
    while rest:
        end, used = 0, 0
        while end < len(rest) and used + (cost := size(dress.atom(rest[end]))) <= room:
            end, used = end + 1, used + cost
        if end < len(rest):
            end = next((at for at in range(end, end - min(end, _LOOK), -1) if rest[at - 1] in _ENDS), end)
        found.append(_Line("".join(rest[:end]), heading=line.heading))
        rest = rest[end:]
    return found
