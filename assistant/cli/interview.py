"""The interview at a terminal: it shows the question, takes what is typed, and saves; it decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import click

from assistant.company.answers import UNKNOWN, is_unknown
from assistant.company.facts import FactSpec
from assistant.company.writing import Comments, day, profile_text, typed
from assistant.delivery.wording import conversation
from assistant.delivery.wording.conversation import is_none
from assistant.delivery.wording.problems import problem_text
from assistant.delivery.wording.speaker import Speaker
from assistant.errors import BadInput, Problem
from assistant.files import write
from assistant.matching.match import Matcher
from assistant.planning.interview import Interview, turn
from assistant.planning.questions import Ask
from assistant.rulebook.book import Rulebook


class _Back(Exception):
    """The last question is to be asked again."""


class _Finished(Exception):
    """No more is to be asked."""


_ENDS = (_Finished, KeyboardInterrupt, EOFError, click.Abort)


class _Field(NamedTuple):
    """One part of a list's entry: its key, what is shown for it, and what typed text means."""

    key: str
    label: str
    raw: Callable[[str], Any]


@dataclass
class Talk:
    """One interview at a terminal: what is told so far, and where it is kept."""

    now: Interview
    path: Path
    matcher: Matcher
    say: Speaker
    on: date
    every: bool

    @property
    def book(self) -> Rulebook:
        """The rulebook asked for."""
        return self.matcher.rulebook

    @cached_property
    def comments(self) -> Comments:
        """What the file says besides the answers."""
        return conversation.comments(self.book)

    def hold(self) -> None:
        """Ask until nothing is left, or the person has enough; what was told is in the file at every moment."""
        with suppress(ImportError):
            import_module("readline")  # typing Chinese needs its line editing
        before = self.now.data
        self.tell(self.word("opening"), self.word("keys"))
        with suppress(*_ENDS):
            self.who()
            self.questions()
        self.tell("")
        if self.now.data == before:
            self.tell(self.word("nothing"))
        else:
            self.save()
            self.tell(*conversation.closing(self.now, str(self.path), self.say))

    def who(self) -> None:
        """Ask who the enterprise is, where that is not told."""
        if not {*self.now.data} <= {"enterprise"}:
            return  # an interview that goes on
        for key in ("name", "uscc"):
            if not (self.now.data.get("enterprise") or {}).get(key):
                with suppress(_Back):
                    if text := self.read(self.word(key)):
                        after, remarks = self.now.called(key, text, self.book, self.on)
                        self.keep(after, remarks)

    def questions(self) -> None:
        """Ask one question after the other; `<` undoes the last."""
        history: list[Interview] = []
        settled: tuple[str, ...] | None = None
        while ask := (here := turn(self.now, self.matcher, self.on, every=self.every)).ask:
            before = self.now
            if settled is not None and (new := [id_ for id_ in here.settled if id_ not in settled]):
                self.tell(conversation.newly_settled(new, self.say))
            settled = here.settled
            self.tell("", *conversation.question(here, ask, self.say))
            try:
                for name in ask.names:
                    while (raw := self.answer(ask, name)) is not None and not self.take(name, raw):
                        pass
            except _Back:
                if self.now is before and not history:
                    self.tell(self.word("first"))
                    continue
                self.keep(history.pop() if self.now is before else before, ())
            else:
                history.append(before)
                self.now = self.now.past(ask)
        self.tell(self.word("none-left"))

    # ---- one answer

    def answer(self, ask: Ask, name: str) -> Any:
        """Return what is typed in answer to `name` as the file would have it; None: passed over."""
        base, _, entry = ask.fact.partition(".")
        spec = self.book.dictionary.facts.get(base)
        if spec is None:
            granted, expires = (_Field(key, self.word(key), _day) for key in ("granted", "expires"))
            if entry:
                return self.rest([expires], ask) or self.rest([granted], ask) or None
            named = _Field("id", self.word("recognition"), self.recognition)
            return self.listed(ask, [named, granted, expires])
        if spec.kind != "events":
            text = self.read(conversation.prompt(ask, name, self.say), ask)
            return typed(text, spec) if text else None
        fields = [
            _Field(key, self.say.pick(one.label, one.en), partial(typed, spec=one)) for key, one in spec.fields.items()
        ]
        if entry:
            return self.rest([field for field in fields if field.key != "id"], ask) or None
        return self.listed(ask, fields, spec)

    def listed(self, ask: Ask, fields: Sequence[_Field], spec: FactSpec | None = None) -> Any:
        """Return the entries of a list; an interview that ends meanwhile keeps those that are whole."""
        entries: list[dict[str, Any]] = []
        try:
            while text := self.read(self.word("entry", number=len(entries) + 1, label=fields[0].label), ask):
                if not entries and is_none(text):
                    return []
                if not entries and is_unknown(text):
                    return UNKNOWN
                if spec and text.startswith("["):
                    return typed(text, spec)
                entry = {fields[0].key: fields[0].raw(text), **self.rest(fields[1:], ask)}
                if self.fits(ask.fact, [*entries, entry]):
                    entries.append(entry)
        except _ENDS:
            if entries and self.take(ask.fact, entries):
                self.tell(self.word("kept", number=len(entries)))
            raise
        return entries or None

    def rest(self, fields: Sequence[_Field], ask: Ask) -> dict[str, Any]:
        """Return what is told of the *fields*; those passed over are left out."""
        told = ((field, self.read(self.word("field", label=field.label), ask)) for field in fields)
        return {field.key: field.raw(text) for field, text in told if text}

    def recognition(self, text: str) -> str:
        """Return the recognition that *text* names, by id or by name; else the text."""
        named = {name: id_ for id_, name in self.comments.recognitions.items()}
        return named.get(text) or self.book.lists.recognition_aliases.get(text, text)

    # ---- keeping it

    def fits(self, name: str, raw: Any) -> bool:
        """Tell whether an answer can be used, and the person what is wrong with it."""
        try:
            self.now.answered(name, raw, self.book, self.on)
        except BadInput as error:
            self.complain(error.problems)
            return False
        return True

    def take(self, name: str, raw: Any) -> bool:
        """Keep an answer that can be used."""
        if not self.fits(name, raw):
            return False
        after, remarks = self.now.answered(name, raw, self.book, self.on)
        if any(one.code == "industry-not-listed" for one in remarks):
            self.complain(remarks)
            return False
        self.keep(after, remarks)
        return True

    def keep(self, after: Interview, remarks: Sequence[Problem]) -> None:
        """Go on from *after*, and save it."""
        self.complain(remarks)
        self.now = after
        self.save()

    def save(self) -> None:
        """Write the profile as far as it is told."""
        write(self.path, profile_text(self.now.data, self.book.dictionary, self.comments).encode())

    # ---- the terminal

    def read(self, prompt: str, ask: Ask | None = None) -> str:
        """Return what is typed, "" for Enter; the keys of the interview are minded."""
        while True:
            text: str = click.prompt(prompt, default="", show_default=False, prompt_suffix="")
            text = conversation.cleaned(text)
            match text:
                case conversation.BACK:
                    raise _Back
                case conversation.FINISH:
                    raise _Finished
                case conversation.HELP if ask:
                    self.tell(conversation.help_text(ask, self.say))
                case _:
                    return text

    def word(self, name: str, **values: object) -> str:
        return conversation.word(name, self.say, **values)

    def tell(self, *lines: str) -> None:
        for line in lines:
            click.echo(line)

    def complain(self, problems: Sequence[Problem]) -> None:
        for one in problems:
            self.tell(f"  {problem_text(one.code, dict(one.params), self.say.lang)}")


def _day(text: str) -> date | str:
    return UNKNOWN if is_unknown(text) else day(text)
