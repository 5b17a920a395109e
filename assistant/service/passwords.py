"""Passwords (密码) are kept as argon2id hashes, and refused where anybody would try them first.

A hash takes as long for an account that does not exist: how long an answer takes tells nothing.
"""

from __future__ import annotations

import re
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from assistant.errors import Place, Problem

SALT_BYTES = 16
SHORTEST, LONGEST = 10, 200
_HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1, hash_len=32, type=Type.ID)
_AT_ONCE = BoundedSemaphore(4)  # each takes 32 MiB while it works

_LEFT = 4  # characters that nobody could guess, at the least
_ROWS = ("01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb6yhn")
_RUN = 3  # characters beside each other on a keyboard that are no accident
_COMMON = re.compile(
    r"pass(?:word|w[o0]rd|wd)?|p@ss(?:w[o0]rd)?|admin(?:istrator)?|root|user|test|guest|login|welcome|letmein|master|"
    r"monkey|dragon|sunshine|princess|football|iloveyou|love|secret|super|hello|woaini|aini|wo|mima|5201314|1314|520|"
    r"q1w2e3r4t5|1q2w3e4r5t|1q2w3e|qazwsx|shenbao|zhushou|china|beijing|shanghai|(?:19|20)\d\d|(.)\1+"
)


def hashed(password: str, salt: bytes) -> str:
    """Return the hash of *password* with a random *salt*, which it holds."""
    with _AT_ONCE:
        return _HASHER.hash(password, salt=salt)


def matches(known: str, password: str) -> bool:
    """Tell whether *known* is the hash of *password*; "" stands for nobody's and takes as long."""
    try:
        with _AT_ONCE:
            return _HASHER.verify(known or _nobodys(), password) and bool(known)
    except (VerificationError, InvalidHashError):
        return False


def outdated(known: str) -> bool:
    """Tell whether a hash is weaker than those that are made now."""
    return _HASHER.check_needs_rehash(known)


def weaknesses(password: str, *own: str) -> tuple[Problem, ...]:
    """Return what is wrong with a new password of somebody whose *own* words (address, name) others know."""
    if len(password) < SHORTEST:
        return (Problem("password-short", Place("password"), {"expected": str(SHORTEST)}),)
    if len(password) > LONGEST:
        return (Problem("password-long", Place("password"), {"expected": str(LONGEST)}),)
    if len(_unguessable(password.casefold(), own)) < _LEFT:
        return (Problem("password-common", Place("password"), {}),)
    return ()


def _unguessable(text: str, own: tuple[str, ...]) -> str:
    """Return what is left of a password without the words and runs that are tried first; each letter counts once."""
    words = {word for one in own for word in (one.casefold(), *re.split(r"[\W_]+", one.casefold()))}
    for word in sorted(words, key=len, reverse=True):
        if len(word) > 1:
            text = text.replace(word, " ")
    left = _without_runs(_COMMON.sub(" ", text))
    return "".join(dict.fromkeys(re.sub(r"\s+", "", left)))


def _without_runs(text: str) -> str:
    """Return *text* without characters that follow each other on a keyboard, in an alphabet, or in a number."""
    left, at = "", 0
    while at < len(text):
        length = max(_run_at(text, at, row) for row in _both_ways())
        if length < _RUN:
            left, length = left + text[at], 1
        at += length
    return left


def _run_at(text: str, start: int, row: str) -> int:
    length = 0
    while start + length < len(text) and text[start : start + length + 1] in row:
        length += 1
    return length


@cache
def _both_ways() -> tuple[str, ...]:
    return (*_ROWS, *(row[::-1] for row in _ROWS))


@cache
def _nobodys() -> str:
    return _HASHER.hash("", salt=bytes(SALT_BYTES))
