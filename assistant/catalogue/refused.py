"""Refused: a document that cannot be read as a list, with the code of the problem."""

from __future__ import annotations


class Refused(Exception):
    """Why a document is not read: *code* is a key of the wording's problem table, *found* what was met."""

    def __init__(self, code: str, found: str = "") -> None:
        """Keep *code* and *found*."""
        super().__init__(code)
        self.code = code
        self.found = found
