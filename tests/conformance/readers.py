"""Independent readers of a calendar: each stands for the clients built on it, and all must see the same rows.

Every reader takes files and gives the rows of each. Those in other languages are programs beside this file that print
JSON; khal is asked as its user asks it, `khal import` and then `khal list`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import icalendar
import vobject
from ical.calendar_stream import IcsCalendarStream

from tests.conformance.tools import BUILD, HERE, MODULES, need

MEMORY = Path("/dev/shm")  # noqa: S108 - khal commits twice an event; in memory that takes no time
KHAL = """\
[calendars]
[[feeds]]
path = {folder}/feeds
[sqlite]
path = {folder}/khal.db
[locale]
local_timezone = Asia/Shanghai
default_timezone = Asia/Shanghai
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
"""


class Row(NamedTuple):
    """What a subscriber sees of an event, or of a task: then *end* is the day it is due."""

    uid: str
    start: str | None
    end: str | None
    status: str | None
    summary: str | None
    description: str | None


Rows = Mapping[Path, Sequence[Row]]
Reader = Callable[[Sequence[Path]], Rows]


def as_written(files: Sequence[Path]) -> dict[Path, list[Row]]:
    """Read with the library that writes the feeds: what the others are held against."""
    return {file: [_written(one) for one in _components(file)] for file in files}


def _components(file: Path) -> list[Any]:
    calendar: Any = icalendar.Calendar.from_ical(file.read_bytes())
    return [one for one in calendar.walk() if one.name in ("VEVENT", "VTODO")]


def _written(one: Any) -> Row:
    assert not one.errors
    last = "DUE" if one.name == "VTODO" else "DTEND"
    days = (str(one[name].dt) if name in one else None for name in ("DTSTART", last))
    texts = (str(one[name]) if name in one else None for name in ("STATUS", "SUMMARY", "DESCRIPTION"))
    return Row(str(one["UID"]), *days, *texts)


def by_vobject(files: Sequence[Path]) -> dict[Path, list[Row]]:
    """Read with vobject, the base of many Python clients."""
    found: dict[Path, list[Row]] = {}
    for file in files:
        [calendar] = vobject.readComponents(file.read_text("utf-8"))
        kinds = calendar.contents
        components = [*kinds.get("vevent", ()), *kinds.get("vtodo", ())]
        found[file] = [
            Row(*(_value(one, name) for name in ("uid", "dtstart", _last(one), "status", "summary", "description")))
            for one in components
        ]
    return found


def _last(one: Any) -> str:
    return "due" if one.name == "VTODO" else "dtend"


def _value(one: Any, name: str) -> Any:
    return str(one.contents[name][0].value) if name in one.contents else None


def by_strict_ical(files: Sequence[Path]) -> dict[Path, list[Row]]:
    """Read with `ical`, that of Home Assistant: a single wrong line refuses the whole calendar."""
    found: dict[Path, list[Row]] = {}
    for file in files:
        calendar: Any = IcsCalendarStream.calendar_from_ics(file.read_text("utf-8"))
        lasts = [*((one, one.dtend) for one in calendar.events), *((one, one.due) for one in calendar.todos)]
        found[file] = [
            Row(
                one.uid,
                str(one.dtstart) if one.dtstart else None,
                str(last) if last else None,
                one.status.value if one.status else None,
                one.summary,
                one.description,
            )
            for one, last in lasts
        ]
    return found


def by_ical_js(files: Sequence[Path]) -> dict[Path, list[Row]]:
    """Read with ical.js, that of Thunderbird and Nextcloud."""
    need("node", MODULES / "ical.js")
    return _rows(_output("node", HERE / "read_icaljs.js", *files))


def by_node_ical(files: Sequence[Path]) -> dict[Path, list[Row]]:
    """Read with node-ical, that of small servers and dashboards."""
    need("node", MODULES / "node-ical")
    return _rows(_output("node", HERE / "read_node_ical.js", *files))


def by_libical(files: Sequence[Path]) -> dict[Path, list[Row]]:
    """Read with libical, that of GNOME, KDE and Cyrus; no line may break a rule of RFC 5545 or 5546."""
    found: dict[Path, list[Row]] = {}
    for line in libical(files):
        assert line["errors"] == [], line["file"]
        found |= _rows({line["file"]: line["rows"]})
    return found


def libical(files: Sequence[Path]) -> list[dict[str, Any]]:
    """Return what libical says of every file, its errors too."""
    need(BUILD / "read_libical")
    done = subprocess.run([BUILD / "read_libical", *files], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def by_khal(files: Sequence[Path]) -> dict[Path, list[Row]]:
    """Read as a user of khal does; it has one calendar of all, so each row is given back to the file that wrote it."""
    whose = {row.uid: file for file, rows in as_written(files).items() for row in rows}
    days = sorted(row.start for rows in as_written(files).values() for row in rows if row.start)
    span = (date.fromisoformat(days[-1]) - date.fromisoformat(days[0])).days + 1
    found: dict[Path, list[Row]] = {file: [] for file in files}
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        (Path(folder) / "feeds").mkdir()
        config = Path(folder) / "config"
        config.write_text(KHAL.format(folder=folder))
        fields = ("uid", "start-long", "end-long", "status", "title", "description")
        asked = [word for field in fields for word in ("--json", field)]
        _khal(config, "import", "--batch", "--include-calendar", "feeds", *files)
        listed = _khal(config, "list", "--once", *asked, days[0], f"{span}d")
    for one in (one for line in listed.splitlines() for one in json.loads(line)):
        end = date.fromisoformat(one["end-long"]) + timedelta(days=1)  # khal shows the last day, included
        row = Row(one["uid"], one["start-long"], str(end), one["status"], one["title"], one["description"])
        found[whose[row.uid]].append(row)
    return found


def _khal(config: Path, *words: str | Path) -> str:
    command = [sys.executable, "-c", "from khal.cli import main_khal; main_khal()", "-c", str(config), *map(str, words)]
    home = {**os.environ, "HOME": str(config.parent)}
    return subprocess.run(command, env=home, check=True, capture_output=True, text=True).stdout


def _output(*command: str | Path) -> dict[str, list[list[str | None]]]:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, list[list[str | None]]] = json.loads(done.stdout)
    return found


def _rows(printed: Mapping[str, Sequence[Sequence[Any]]]) -> dict[Path, list[Row]]:
    return {Path(file): [Row(*row) for row in rows] for file, rows in printed.items()}


READERS: tuple[Reader, ...] = (by_vobject, by_strict_ical, by_ical_js, by_node_ical, by_libical, by_khal)
