"""Screening (批量筛查) on a server: a table that was uploaded is looked at, and later screened by a worker, in steps.

Every step is told to the store, so that whoever uploaded it sees how far it is, and another worker can tell that this
one is alive. The worker keeps nothing: one that dies or is stopped leaves a screening that is begun anew.
"""

from __future__ import annotations

import json
import logging
import re
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import polars as pl

from assistant.delivery.screening.answers import Answering, Rejects, usable
from assistant.delivery.screening.headers import choices, partial
from assistant.delivery.screening.summary import summary
from assistant.delivery.screening.verdicts import verdicts_xlsx
from assistant.delivery.screening.writing import written
from assistant.delivery.wording.screened import each_row
from assistant.errors import BadInput, Place, Problem
from assistant.matching.screening.intake.headers import IDENTITY, Matched, Target, matched
from assistant.matching.screening.intake.table import Batches, Table
from assistant.matching.screening.intake.tables import open_table
from assistant.matching.screening.plan import COLUMNS, Plan
from assistant.matching.screening.sole import SOLE
from assistant.matching.screening.tally import Tally
from assistant.planning.announcements import Announcement
from assistant.planning.applying import Applications
from assistant.rulebook.book import Rulebook
from assistant.service.store.engine import StoreFailure
from assistant.service.store.screenings import INPUT, Screening
from assistant.service.store.store import Store

MOST_BYTES, MOST_ROWS = 20_000_000, 20_000
STEP = 2_500  # rows between two reports
LANG = "zh"
KIND, ENTERPRISE = "applicant_kind", "enterprise"  # what companies apply as
ANSWERS, VERDICTS, REJECTS, SUMMARY = "answers", "verdicts", "rejects", "summary"  # what is kept of what came out

_SHEETS, _STRINGS, _OTHERS, _PARTS = 150_000_000, 40_000_000, 5_000_000, 1_000  # of a workbook, unpacked
_TAGS = 200_000  # rows of a workbook, blank ones too
_PIECE = 1_000_000
_ROW_TAG = re.compile(rb"<(?:\w+:)?row[\s/>]")
_DECLARED = re.compile(rb"<!DOCTYPE|<!ENTITY|\A(?:\xff\xfe|\xfe\xff)")  # names for texts that explode, open or hidden

log = logging.getLogger(__name__)


# ---- looking at a table


@dataclass(frozen=True)
class Looked:
    """What a table shows before it is screened: its headers as they are understood, and how many rows it has."""

    headers: tuple[Matched, ...]
    rows: int


def looked_at(content: bytes, name: str, book: Rulebook, *, enterprises: bool = False) -> Looked:
    """Look at the table in *content*, within bounds whatever somebody sends; *enterprises*: it lists nothing else.

    Raises:
        BadInput: it is no table, it is too large, or nothing in it can be used: the one thing that is wrong.

    """
    if len(content) > MOST_BYTES:
        raise _refused("screening-too-large", name, expected=f"{MOST_BYTES // 1_000_000} MB")
    tags = _within_bounds(content, name)
    with _opened(content, name) as table:
        headers = matched(table.headers, book)
        if not any(one.is_used and one.column not in IDENTITY for one in headers) and not any(
            one.status in ("guessed", "duplicate") for one in headers
        ):
            raise _refused("screening-nothing", name)
        rows = tags - 1 if 0 < tags <= MOST_ROWS + 1 else _rows(table)
    if enterprises and not any(one.is_used and one.column == KIND for one in headers):
        headers = (*headers, Matched(each_row(LANG), KIND, "", "mapped"))
    return Looked(headers, rows)


def is_clear(headers: Sequence[Matched], book: Rulebook, on: date) -> bool:
    """Tell whether nothing has to be asked about headers."""
    usable_now = any(one.is_used and one.column not in IDENTITY for one in headers)
    return usable_now and not partial(headers) and not any(choices(one, book, on) for one in headers)


def agreed(headers: Sequence[Matched], said: Mapping[int, Target], name: str) -> tuple[Matched, ...]:
    """Return headers with what was *said* of them, by their places.

    Raises:
        BadInput: two columns would mean the same, or nothing is left that can be used.

    """
    found = tuple(
        Matched(one.header, said[place].column, said[place].unit, "mapped") if place in said else one
        for place, one in enumerate(headers)
    )
    used = [one.column for one in found if one.is_used]
    twice = sorted({column for column in used if used.count(column) > 1})
    if twice:
        raise BadInput([Problem("screening-twice", Place(name), {"found": one}) for one in twice])
    try:
        usable(found, name)
    except BadInput:
        raise _refused("screening-nothing", name) from None
    return found


def kept(headers: Sequence[Matched]) -> tuple[Mapping[str, str], ...]:
    """Return headers as the store keeps them."""
    return tuple({name: str(value) for name, value in asdict(one).items()} for one in headers)


def known(headers: Sequence[Mapping[str, str]]) -> tuple[Matched, ...]:
    """Return the headers that the store kept."""
    return tuple(Matched(**one) for one in headers)  # type: ignore[arg-type] # its status is one of them


def answers_csv(answers: bytes) -> bytes:
    """Return the answers, every column of them, as a text that spreadsheet programs open."""
    frame = pl.read_parquet(BytesIO(answers))
    with tempfile.TemporaryDirectory(prefix="assistant-screening-") as folder:
        path = Path(folder) / "answers.csv"
        written(path, frame.iter_slices(STEP), dict(frame.schema))
        return path.read_bytes()


# ---- screening


class _Left(Exception):
    """The screening is no longer this worker's: it was removed, or another has taken it over."""


class _Stopped(Exception):
    """The worker is to end."""


@dataclass
class Screener:
    """One worker. *stopped* tells whether it is to end."""

    store: Store
    book: Rulebook
    worker: str
    clock: Callable[[], datetime]
    stopped: Callable[[], bool]
    _plan: tuple[tuple[date, tuple[Announcement, ...]], Plan] | None = field(default=None, init=False)

    def next(self) -> bool:
        """Screen what waits longest; tell whether there was anything, and it was not told to end.

        Raises:
            StoreFailure: the store refuses; what was begun is taken up again.

        """
        one = self.store.screenings.claim(self.worker, self.clock())
        if one is None:
            return False
        log.info("screening %s: begun (%d)", one.id, one.attempts)
        try:
            self._screen(one)
        except StoreFailure:
            raise
        except _Left:
            log.info("screening %s: somebody else's now, or removed", one.id)
        except _Stopped:
            self.store.screenings.give_back(one)
            log.info("screening %s: given back", one.id)
            return False
        except BadInput as error:
            self.store.screenings.fail(one, error.problems, self.clock())
            log.info("screening %s: refused (%s)", one.id, error.problems[0].code)
        except Exception:
            log.exception("screening %s: failed", one.id)
            self.store.screenings.fail(one, [Problem("screening-broken", Place(one.name))], self.clock())
        else:
            log.info("screening %s: done", one.id)
        return True

    def _screen(self, one: Screening) -> None:
        content = self.store.screenings.file(one.id, INPUT)
        if content is None:
            raise _Left
        with (
            _opened(content, one.name, known(one.headers)) as table,
            tempfile.TemporaryDirectory(prefix="assistant-screening-") as folder,
        ):
            rows = self._counted(one, table)
            plan = self._planned(one.day)
            tally = Tally(self.book, one.day.year - 1, tuple(project.id for project in plan.projects))
            answering = Answering(plan, tally, complete=one.complete)
            rejects = Rejects(Path(folder) / "rejects.csv", one.name, LANG)
            try:
                frames = list(self._steps(one, answering, table, rejects, rows))
            finally:
                rejects.close()
            answers = pl.concat(frames) if frames else pl.DataFrame(schema=dict(answering.schema))
            files = {ANSWERS: _parquet(answers)}
            if rejects.rows:
                files[REJECTS] = (Path(folder) / "rejects.csv").read_bytes()
        files[VERDICTS] = verdicts_xlsx(
            self._told(one, rows, answers.height, rejects.rows, answers), plan.projects, LANG
        )
        said = summary(tally, plan.amounts, one.day, LANG, source=one.name, left_out=plan.left_out)
        files[SUMMARY] = json.dumps(said, ensure_ascii=False).encode()
        read = answers.height + rejects.rows
        done = self.store.screenings.finish(
            one, files, self.clock(), rows=read, companies=answers.height, rejected=rejects.rows
        )
        if not done:
            raise _Left

    def _counted(self, one: Screening, table: Table) -> int:
        """Return how many rows there are to read; of a workbook only reading them tells."""
        rows = _rows(table) if table.kind == "xlsx" else one.rows
        self._tell(one, rows, 0, 0, 0)
        return rows

    def _planned(self, day: date) -> Plan:
        """Return the rules compiled for a day, as they were for the screening before where nothing has changed."""
        official = self.store.announcements()
        if self._plan is None or self._plan[0] != (day, official):
            self._plan = (day, official), Plan(self.book, day, Applications(day, official), columns=(*COLUMNS, SOLE))
        return self._plan[1]

    def _steps(
        self, one: Screening, answering: Answering, table: Table, rejects: Rejects, rows: int
    ) -> Iterator[pl.DataFrame]:
        companies = 0
        for frame in answering.answers(table, known(one.headers), rejects, lambda _: None):
            companies += frame.height
            self._tell(one, rows, companies + rejects.rows, companies, rejects.rows)
            yield frame

    def _told(
        self, one: Screening, rows: int, companies: int, rejected: int, answers: pl.DataFrame
    ) -> Iterator[pl.DataFrame]:
        for frame in answers.iter_slices(STEP):
            self._tell(one, rows, companies + rejected, companies, rejected)
            yield frame

    def _tell(self, one: Screening, rows: int, read: int, companies: int, rejected: int) -> None:
        if self.stopped():
            raise _Stopped
        told = self.store.screenings.progress(
            one, self.clock(), rows=max(rows, read), read=read, companies=companies, rejected=rejected
        )
        if not told:
            raise _Left


# ---- inside


def _refused(code: str, name: str, **params: str) -> BadInput:
    return BadInput([Problem(code, Place(name), params)])


def _parquet(answers: pl.DataFrame) -> bytes:
    stream = BytesIO()
    answers.write_parquet(stream, compression="zstd")
    return stream.getvalue()


@contextmanager
def _opened(content: bytes, name: str, headers: Sequence[Matched] = ()) -> Iterator[Table]:
    """Give the table in *content*, in steps, as long as the block lasts; one header more holds for every row."""
    with tempfile.TemporaryDirectory(prefix="assistant-screening-") as folder:
        path = Path(folder) / ("table.xlsx" if content.startswith(b"PK") else "table")  # its library looks at names
        path.write_bytes(content)
        table = open_table(path)
        source = _with_kind(table) if len(headers) > len(table.headers) else table.source
        yield Table(
            name,
            table.headers,
            table.kind,
            _stepped(source),
            table.day_one,
            table.height,
            table.sheet,
            table.sheets,
        )


def _stepped(source: Batches) -> Batches:
    """Return the rows of *source* in steps, whatever its own pieces are."""

    def steps(columns: Sequence[int], faults: list[Problem]) -> Iterator[pl.DataFrame]:
        held: list[pl.DataFrame] = []
        for piece in source(columns, faults):
            for part in piece.iter_slices(STEP):
                held.append(part)
                if sum(one.height for one in held) >= STEP:
                    yield pl.concat(held)
                    held = []
        if held:
            yield pl.concat(held)

    return steps


def _with_kind(table: Table) -> Batches:
    """Return the rows of *table* with a column more, which says that every one of them is an enterprise."""
    own = len(table.headers)

    def batches(columns: Sequence[int], faults: list[Problem]) -> Iterator[pl.DataFrame]:
        for piece in table.source([one for one in columns if one < own], faults):
            yield piece.with_columns(pl.lit(ENTERPRISE).alias(str(own)))

    return batches


def _rows(table: Table) -> int:
    """Return how many rows a table has.

    Raises:
        BadInput: more than are screened here.

    """
    faults: list[Problem] = []
    rows = 0
    for piece in table.batches([0], faults):
        rows += piece.height
        if rows + len(faults) > MOST_ROWS:
            raise _refused("screening-too-many", table.name, expected=f"{MOST_ROWS:,}")
    return rows + len(faults)


def _within_bounds(content: bytes, name: str) -> int:
    """Refuse a workbook that is too large before it is read; return about how many rows it has, 0 for no workbook."""
    if not content.startswith(b"PK"):
        return 0
    left = {"sheets": _SHEETS, "strings": _STRINGS, "others": _OTHERS}
    rows = 0
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = [one.filename for one in archive.infolist() if one.filename.endswith((".xml", ".rels"))]
            if len(parts) > _PARTS:
                raise _refused("screening-unpacked", name)
            for part in parts:
                kind = _kind(part)
                found = 0
                for piece in _pieces(archive, part):
                    left[kind] -= len(piece)  # what an entry says of its size may be wrong
                    if left[kind] < 0:
                        raise _refused("screening-unpacked", name)
                    if _DECLARED.search(piece):
                        raise _refused("workbook-damaged", name)
                    found += len(_ROW_TAG.findall(piece)) if kind == "sheets" else 0
                rows = max(rows, found)
    except (BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error):
        raise _refused("workbook-damaged", name) from None
    if rows > _TAGS:
        raise _refused("screening-too-many", name, expected=f"{MOST_ROWS:,}")
    return rows


def _kind(part: str) -> str:
    if "worksheets/" in part and not part.endswith(".rels"):
        return "sheets"
    return "strings" if part.endswith("sharedStrings.xml") else "others"


def _pieces(archive: ZipFile, part: str) -> Iterator[bytes]:
    """Yield a part of a workbook in pieces that end where a tag begins."""
    rest = b""
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            text = rest + piece
            cut = text.rfind(b"<")
            whole, rest = (text[:cut], text[cut:]) if cut > 0 else (text, b"")
            yield whole
    yield rest
