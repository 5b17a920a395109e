"""Sealing (加密): a channel's address is a secret, kept so that the store alone does not give it away.

The key stands outside the store: in the environment, or in a file beside an SQLite store that is made when it is first
needed. Several keys may be given: the first seals, every one opens, so that a key can be changed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from assistant.errors import BadInput, Place, Problem


class Sealer:
    """Seals and opens with the keys of one installation."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take keys of 32 bytes in URL-safe base64.

        Raises:
            BadInput: one of them is no key; says nothing of what it is.

        """
        try:
            self._keys = MultiFernet([Fernet(key.strip()) for key in keys if key.strip()])
        except ValueError:
            raise BadInput([Problem("sealing-key", Place("ASSISTANT_KEY"))]) from None

    @classmethod
    def of(cls, file: Path, fresh: str) -> Self:
        """Return the sealer with the key in *file*; *fresh* random bytes become one where there is none.

        Raises:
            BadInput: the file cannot be read or made.

        """
        try:
            if not file.exists():
                handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "w", encoding="ascii") as stream:
                    stream.write(f"{fresh}\n")
                    stream.flush()
                    os.fsync(stream.fileno())
        except FileExistsError:  # somebody else was first
            pass
        except OSError as error:
            raise BadInput([Problem("not-writable", Place(str(file)), {"found": error.strerror or ""})]) from error
        try:
            return cls(file.read_text(encoding="ascii").splitlines())
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput([Problem("sealing-key", Place(str(file)))]) from error

    def seal(self, told: Mapping[str, str]) -> str:
        """Return *told* as a text that only this installation can read."""
        return self._keys.encrypt(json.dumps(told, ensure_ascii=False).encode()).decode("ascii")

    def opened(self, sealed: str) -> Mapping[str, str]:
        """Return what was sealed.

        Raises:
            BadInput: it was sealed with another key.

        """
        try:
            found: Mapping[str, str] = json.loads(self._keys.decrypt(sealed.encode("ascii", "replace")))
        except InvalidToken:
            raise BadInput([Problem("sealed-otherwise", Place("ASSISTANT_KEY"))]) from None
        return found
