"""A migration brings a store to this program's tables, forward only: the way back is a backup."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, inspect

from assistant.service.store import schema
from assistant.service.store.engine import StoreFailure, engine_of, file_of, keep_wal, label_of, transaction

MIGRATIONS = "assistant.service.store:migrations"
_TURN = 7_302_151  # PostgreSQL's advisory lock: one upgrade at a time


def upgrade(url: str, *, to: str = "head") -> str:
    """Create the store at *url* or bring it up to date; return its version before, "" for a new one.

    Raises:
        StoreFailure: out of reach, no store of ours, or of a newer version; it is as it was.

    """
    label = label_of(url)
    file = file_of(url)
    made = file is not None and _made(file, label)
    engine = engine_of(url)
    try:
        with transaction(engine, label, writes=True) as db:
            if db.dialect.name == "postgresql":
                db.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")
            before = _migrate(db, label, to)
        keep_wal(engine, label)
    except BaseException:
        if made and file is not None:
            file.unlink(missing_ok=True)
        raise
    finally:
        engine.dispose()
    return before


def _migrate(db: Connection, label: str, to: str) -> str:
    tables = inspect(db).get_table_names()
    if tables and "alembic_version" not in tables:
        raise StoreFailure("not-a-store", label)
    before = "" if not tables else str(db.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())
    if before > schema.HEAD:
        raise StoreFailure("store-newer", label, found=before)
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.attributes["connection"] = db
    try:
        command.upgrade(config, to)
    except CommandError as error:
        raise StoreFailure("store-unusable", label, found=str(error)) from error
    return before


def _made(file: Path, label: str) -> bool:
    """Tell whether the file had to be made; only its owner may read it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        return False
    except OSError as error:
        raise StoreFailure("store-unusable", label, found=error.strerror or "") from error
    return True
