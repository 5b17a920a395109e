"""A backup is the whole store in one SQLite file, whichever database it came from.

So it can be looked into with any SQLite tool, and restored on a fresh machine and into either kind of database.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, insert, select, update

from assistant.errors import BadInput, Place, Problem
from assistant.service.store import schema
from assistant.service.store.engine import StoreFailure, engine_of, file_of, label_of, transaction
from assistant.service.store.migration import upgrade
from assistant.service.store.store import open_store

_PASSING = (  # of the moment, or made anew from the rest
    schema.lease,
    schema.session,
    schema.tally,
    schema.dossier,
    schema.screening_file,
    schema.screening,
)
_COPIED = tuple(table for table in schema.metadata.sorted_tables if table not in (schema.change, *_PASSING))
_BATCH = 1000

Counts = Mapping[str, int]  # rows by table


def backup(url: str, file: Path, *, replace: bool = False) -> Counts:
    """Write the store at *url* to *file* as it is at one moment, while it stays in use.

    Raises:
        BadInput: there is no store, it is damaged, or the file is there already and not to be replaced.

    """
    if file.exists() and not replace:
        raise BadInput([Problem("file-exists", Place(str(file)))])
    with _beside(file) as staged:
        if file_of(url) is None:
            with open_store(url) as store:
                upgrade(_url(staged))
                _copy_rows(store.engine, store.label, _url(staged))
        else:
            _copy_pages(url, staged)
        counts = _settled(staged, label_of(url))
        _put(staged, file)
    return counts


def restore(file: Path, url: str, *, replace: bool = False) -> Counts:
    """Make the store at *url* what the backup in *file* holds.

    Raises:
        BadInput: the file is no backup, damaged or of a newer version; the store is not empty and not to be replaced.

    """
    with tempfile.TemporaryDirectory(prefix="assistant-restore-") as folder:
        staged = Path(folder) / "backup.db"
        _read(file, staged)
        target = file_of(url)
        if target is None or target.exists():
            upgrade(url)
            _fill(url, staged, replace=replace)
        else:
            with _beside(target) as fresh:
                upgrade(_url(fresh))
                _fill(_url(fresh), staged, replace=replace)
                _put(fresh, target)
        return _settled(staged, str(file))


def _read(file: Path, staged: Path) -> None:
    """Copy a backup to where it may be brought up to date, and make sure that it is whole."""
    try:
        given = file.open("rb")
    except FileNotFoundError:
        raise BadInput([Problem("file-missing", Place(str(file)))]) from None
    except OSError as error:
        raise BadInput([Problem("file-unreadable", Place(str(file)), {"found": error.strerror or ""})]) from error
    try:
        with given, staged.open("wb") as copy:
            shutil.copyfileobj(given, copy)
    except OSError as error:
        raise _refused(staged, error) from error
    _settled(staged, str(file))
    try:
        upgrade(_url(staged))
    except StoreFailure as failure:
        [problem] = failure.problems
        raise StoreFailure(problem.code, str(file), **problem.params) from failure


def _settled(staged: Path, label: str) -> Counts:
    """Return what the store in *staged* holds: one whole file, sound in every page."""
    try:
        with closing(sqlite3.connect(staged, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = DELETE")
            if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise StoreFailure("store-damaged", label)
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
                raise StoreFailure("not-a-store", label)
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            counted = [table.name for table in _COPIED if table.name in tables]
            return {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in counted}  # noqa: S608 # our tables
    except sqlite3.DatabaseError as error:
        foreign = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB
        raise StoreFailure("not-a-store" if foreign else "store-damaged", label) from error


def _fill(url: str, staged: Path, *, replace: bool) -> None:
    with open_store(url) as store:
        source = engine_of(_url(staged))
        try:
            with transaction(store.engine, store.label, writes=True) as into:
                number = into.execute(select(schema.change.c.number).with_for_update()).scalar_one()
                if not replace and any(into.execute(select(table).limit(1)).first() for table in _COPIED):
                    raise StoreFailure("store-not-empty", store.label)
                for table in reversed(schema.metadata.sorted_tables):
                    if table not in (schema.change, schema.lease):
                        into.execute(delete(table))
                with transaction(source, str(staged)) as out:
                    _pour(out, into)
                    number = max(number, out.execute(select(schema.change.c.number)).scalar_one()) + 1
                into.execute(update(schema.change).values(number=number))
                # whoever serves feeds looks again, and whoever is building them from the replaced data is refused
                into.execute(update(schema.company).values(changed=number, revision=schema.company.c.revision + number))
        finally:
            source.dispose()


def _copy_rows(source: Engine, label: str, target: str) -> None:
    with open_store(target) as store, transaction(store.engine, store.label, writes=True) as into:
        still = source.execution_options(isolation_level="REPEATABLE READ")
        with transaction(still, label) as out:
            _pour(out, into)
            into.execute(update(schema.change).values(number=out.execute(select(schema.change.c.number)).scalar_one()))


def _pour(out: Connection, into: Connection) -> None:
    for table in _COPIED:
        for rows in out.execution_options(yield_per=_BATCH).execute(select(table)).partitions():
            into.execute(insert(table), [dict(row._mapping) for row in rows])  # noqa: SLF001 # SQLAlchemy's public name


def _copy_pages(url: str, staged: Path) -> None:
    """Copy an SQLite store of any version, page by page, while others read and write."""
    file = file_of(url)
    if file is None or not file.exists():
        raise StoreFailure("store-missing", label_of(url))
    try:
        with closing(sqlite3.connect(file)) as store, closing(sqlite3.connect(staged)) as copy:
            store.backup(copy)
            tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            for table in _PASSING:
                if table.name in tables:
                    copy.execute(f"DELETE FROM {table.name}")  # noqa: S608 # our tables
            copy.commit()
            copy.execute("VACUUM")  # nothing of what was left out stays in the file
    except sqlite3.Error as error:
        reason = getattr(error, "sqlite_errorcode", None)
        code = "not-a-store" if reason == sqlite3.SQLITE_NOTADB else "store-unusable"
        full = reason in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE)  # told of where it writes
        raise StoreFailure(code, staged.as_posix() if full else label_of(url), found=str(error)) from error


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """Give a file beside *file*, for its owner's eyes; gone afterwards unless it was put in place.

    What goes wrong with it is told of *file*.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        folder = tempfile.mkdtemp(dir=file.parent, prefix=f".{file.name}.")
    except OSError as error:
        raise _refused(file, error) from error
    staged = Path(folder).absolute() / file.name
    try:
        yield staged
    except StoreFailure as failure:
        [problem] = failure.problems
        if problem.place.file != staged.as_posix():
            raise
        raise StoreFailure(problem.code, str(file), **problem.params) from failure
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put(staged: Path, file: Path) -> None:
    """Put a finished store into its place, on the disk to stay."""
    try:
        staged.chmod(0o600)
        with staged.open("rb+") as stream:
            os.fsync(stream.fileno())
        staged.replace(file)
    except OSError as error:
        raise _refused(file, error) from error


def _refused(file: Path, error: OSError) -> BadInput:
    return BadInput([Problem("not-writable", Place(str(file)), {"found": error.strerror or str(error)})])


def _url(file: Path) -> str:
    return f"sqlite:///{file.absolute().as_posix()}"
