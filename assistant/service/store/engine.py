"""An engine is the way to one store: its URL, how it begins transactions, how its failures are told.

SQLite stays in WAL mode: one writes while others read. A transaction that will write says so at its beginning,
for one that starts reading and then writes may be refused in between.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import sleep

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from assistant.errors import BadInput, Place, Problem

WRITING = "writing"  # the execution option of an engine whose transactions write
_PATIENCE = 30  # seconds a writer waits for another
_DRIVER = "psycopg"


class StoreFailure(BadInput):
    """The store cannot be used: missing, out of reach, damaged, of another version. Nothing was changed."""

    def __init__(self, code: str, label: str, **params: str) -> None:
        """Say what is wrong with the store at *label*."""
        super().__init__([Problem(code, Place(label), params)])


def engine_of(url: str) -> Engine:
    """Return an engine for *url*; nothing is opened yet.

    Raises:
        StoreFailure: no SQLite or PostgreSQL URL, or PostgreSQL's driver is not installed.

    """
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, connect_args={"timeout": _PATIENCE})
        event.listen(engine, "connect", _take_over_transactions)
        event.listen(engine, "begin", _begin)
        return engine
    if find_spec(_DRIVER) is None:
        raise StoreFailure("store-driver-missing", label_of(url), found=_DRIVER)
    return create_engine(address, pool_pre_ping=True, connect_args={"connect_timeout": _PATIENCE})


def label_of(url: str) -> str:
    """Return how the store is called in messages: its file, or its URL without the password."""
    try:
        address = make_url(url)
    except ArgumentError:
        return url.partition("@")[2] or url
    return address.database or url if address.get_backend_name() == "sqlite" else address.render_as_string()


def file_of(url: str) -> Path | None:
    """Return the file of an SQLite store; None for a store on a server."""
    address = _address(url)
    return Path(str(address.database)) if address.get_backend_name() == "sqlite" else None


@contextmanager
def transaction(engine: Engine, label: str, *, writes: bool = False) -> Iterator[Connection]:
    """Do all of the block or nothing.

    Raises:
        StoreFailure: the database refuses, or holds what cannot be read.

    """
    try:
        with engine.execution_options(**{WRITING: writes}).begin() as connection:
            yield connection
    except (SQLAlchemyError, ValueError) as error:  # ValueError: a damaged time or state
        raise StoreFailure("store-unusable", label, found=_reason(error)) from error


def keep_wal(engine: Engine, label: str) -> None:
    """Put an SQLite store into WAL mode, where it stays."""
    if engine.dialect.name != "sqlite":
        return
    for last in (*(False,) * (_PATIENCE * 10), True):
        try:
            connection = engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA journal_mode = WAL")
            finally:
                connection.close()
        except (SQLAlchemyError, sqlite3.Error) as error:
            # SQLite does not wait by itself where two would have to give way to each other
            if last or getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY:
                raise StoreFailure("store-unusable", label, found=_reason(error)) from error
            sleep(0.1)
        else:
            return


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        raise StoreFailure("store-url", label_of(url)) from None
    backend = address.get_backend_name()
    if backend in ("postgres", "postgresql"):
        return address.set(drivername=f"postgresql+{_DRIVER}")
    if backend != "sqlite" or address.database in (None, "", ":memory:"):
        raise StoreFailure("store-url", label_of(url))
    return address


def _reason(error: Exception) -> str:
    told = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return (str(told).strip() or type(told).__name__).splitlines()[0]


def _take_over_transactions(connection: object, record: ConnectionPoolEntry) -> None:
    """Begin transactions here: Python's own sqlite3 begins them late and never for a reader."""
    del record
    connection.isolation_level = None  # type: ignore[attr-defined] # sqlite3's
    connection.execute("PRAGMA foreign_keys = ON")  # type: ignore[attr-defined]


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
