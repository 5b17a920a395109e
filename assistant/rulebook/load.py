"""Loading gives the rulebook of a rules folder, compiled anew or from the cache.

The cache holds the compiled rulebook under the digest of all rule files and of the code that compiles them, so it
can never be stale; a damaged one only means compiling again.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from assistant.errors import BadInput, Place, Problem
from assistant.rulebook.book import Rulebook

_PACKAGES = ("logic", "company", "rulebook")
_KEPT = 4  # compiled rulebooks in the cache


def load(folder: Path, *more: Path, cache: Path | None = None) -> Rulebook:
    """Return the rulebook in *folder*; projects and facts of *more* folders are added or put in their place.

    Raises:
        BadInput: with every mistake in every file of it.

    """
    missing = [Problem("folder-missing", Place(str(one))) for one in (folder, *more) if not one.is_dir()]
    if missing:
        raise BadInput(missing)
    digest = _digest([folder, *more])
    kept = cache / f"rulebook-{digest}.pickle" if cache else None
    if kept and (found := _kept(kept)):
        return found
    # Imported only where the cache does not help: reading rule files costs more start-up than all else together.
    reading = import_module("assistant.rulebook.reading")
    rulebook, problems = reading.read_rules(folder, *more, digest=digest)
    if problems:
        raise BadInput(problems)
    if kept:
        _keep(rulebook, kept)
    assert isinstance(rulebook, Rulebook)
    return rulebook


def _digest(folders: Iterable[Path]) -> str:
    """Return a digest of every rule file and of the code that compiles them."""
    package = Path(__file__).parent.parent
    code = [path for name in _PACKAGES for path in sorted((package / name).glob("*.*")) if path.is_file()]
    rules = [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in (".yaml", ".csv")]
    return _hash([*code, *(package / name for name in ("units.py", "sources.py", "dates.py")), *rules])


def _hash(paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        total.update(f"{path.name}:{len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()[:20]


def _kept(path: Path) -> Rulebook | None:
    """Return the compiled rulebook, if it is there, ours and whole."""
    try:
        if path.stat().st_uid != os.getuid():
            return None
        with path.open("rb") as stream:
            found = pickle.load(stream)  # noqa: S301  # our own file, named by the digest of its content's sources
    except Exception:  # noqa: BLE001  # a damaged cache of any kind only means compiling again
        return None
    return found if isinstance(found, Rulebook) else None


def _keep(rulebook: Rulebook, path: Path) -> None:
    """Write the compiled rulebook whole or not at all; a read-only home is no error."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        older = sorted(path.parent.glob("rulebook-*.pickle"), key=lambda old: old.stat().st_mtime, reverse=True)
        for old in older[_KEPT - 1 :]:
            old.unlink(missing_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            pickle.dump(rulebook, stream, protocol=pickle.HIGHEST_PROTOCOL)
        Path(temporary).replace(path)
