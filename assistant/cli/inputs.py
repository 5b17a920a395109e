"""Inputs of commands: the rulebook and the profile, read from where the options say."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from pathlib import Path
from types import ModuleType

from assistant.cli.context import Options
from assistant.company.answers import AnswerError, read_answer
from assistant.company.profile import Profile, read_profile
from assistant.errors import BadInput, Place, Problem, nearest
from assistant.planning.announcements import Announcement, read_announcements
from assistant.rulebook.book import Rulebook
from assistant.rulebook.load import load
from assistant.settings import announcements_file, cache_directory, database_url, store_exists
from assistant.sources import read


def rulebook(options: Options) -> Rulebook:
    """Load the rulebook, from the cache where it is unchanged."""
    return load(*options.rules, cache=cache_directory())


def profile(path: Path, book: Rulebook, on: date) -> Profile:
    """Read the profile at *path* as of *on*."""
    return read_profile(read(path), book.dictionary, book.lists, on)


def official_dates() -> tuple[Announcement, ...]:
    """Return the official dates on this machine: those of the file, then those of the store, which was there later."""
    listed = read_announcements(announcements_file())
    url = database_url()
    if not store_exists(url):
        return listed
    kept: tuple[Announcement, ...] = store_part("assistant.cli.official").official(url)
    return (*listed, *kept)


def store_part(name: str, extra: str = "store") -> ModuleType:
    """Import a module that works on the store: only where there is one to work on, for start-up counts.

    Raises:
        BadInput: what it needs is not installed; *extra* is what would install it.

    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        wanted, place = f"shenbao-assistant[{extra}]", Place("assistant")
        raise BadInput([Problem("parts-missing", place, {"found": error.name or "", "expected": wanted})]) from error


def known_projects(names: tuple[str, ...], book: Rulebook, option: str = "--project") -> tuple[str, ...]:
    """Return the projects named on the command line.

    Raises:
        BadInput: one of them is not in the rulebook.

    """
    unknown = [name for name in names if name not in book.projects]
    if unknown:
        raise BadInput(
            Problem("unknown-project", Place(option), {"found": name, "nearest": nearest(name, book.projects)})
            for name in unknown
        )
    return names


def known_city(name: str | None, book: Rulebook) -> str | None:
    """Return the city named on the command line as a profile has it: by name, with or without 市, or by code.

    Raises:
        BadInput: it is no city of the list.

    """
    if name is None:
        return None
    try:
        return str(read_answer(name, book.dictionary.spec("city"), book.lists, date.max))
    except AnswerError as error:
        raise BadInput([Problem(error.code, Place("--city"), error.params)]) from None
