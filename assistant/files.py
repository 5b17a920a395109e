"""Files appear whole or not at all: written beside their place, then renamed onto it."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from assistant.errors import BadInput, Place, Problem


def write(path: Path, content: bytes) -> None:
    """Write one file.

    Raises:
        BadInput: it cannot be written; nothing is left behind.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:  # an interrupt leaves nothing behind either
            with suppress(OSError):
                Path(temporary).unlink()
            raise
    except OSError as error:
        raise _refused(path, error) from error


def check_writable(path: Path) -> None:
    """Find out whether *path* could be written; nothing is left behind.

    Raises:
        BadInput: it could not.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        Path(temporary).unlink()
    except OSError as error:
        raise _refused(path, error) from error


def write_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write several files into *folder*: all are written beside it before the first is put in place.

    Raises:
        BadInput: one of them cannot be written; none has been put in place.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=folder, prefix=".writing-"))
        try:
            for name, content in contents.items():
                (staging / name).write_bytes(content)
            blocked = next((folder / name for name in contents if (folder / name).is_dir()), None)
            if blocked is not None:
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(blocked))
            for name in contents:
                (staging / name).replace(folder / name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise _refused(folder, error) from error


def _refused(path: Path, error: OSError) -> BadInput:
    return BadInput([Problem("not-writable", Place(str(path)), {"found": error.strerror or str(error)})])
