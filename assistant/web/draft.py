"""A draft (草稿) is a profile nobody has saved: it lies in its visitor's own browser, in cookies, and nowhere else.

It is the profile's plain data as JSON, compressed. Whatever else a browser sends instead is an empty draft.
"""

from __future__ import annotations

import json
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from starlette.requests import Request
from starlette.responses import Response

from assistant.company.writing import Data
from assistant.web.identity import cookie_name, drop_cookie, put_cookie

_NAMES = ("draft0", "draft1")
_MOST = 3600  # characters of one cookie: browsers take 4,096 bytes with name and attributes
_MOST_PLAIN = 60_000  # bytes unpacked
_DAY, _NUMBER = "\u0001", "\u0002"  # before texts that stand for a day or an exact number
_DIGITS = re.compile(r"-?[0-9]{1,60}(?:\.[0-9]{1,60})?")


class DraftTooLong(Exception):
    """A draft does not fit into a browser's cookies; saving it is the way."""


def draft_of(request: Request) -> Data:
    """Return the visitor's draft; empty where there is none or it cannot be read."""
    text = "".join(request.cookies.get(cookie_name(request, name), "") for name in _NAMES)
    return unpacked(text)


def has_draft(request: Request) -> bool:
    """Tell whether the visitor has answered anything."""
    return bool(draft_of(request))


def keep_draft(request: Request, response: Response, data: Data) -> None:
    """Have the visitor's browser keep *data* until it is closed.

    Raises:
        DraftTooLong: it is more than cookies hold, or than would be read back from them.

    """
    text = packed(data)
    pieces = [text[start : start + _MOST] for start in range(0, len(text), _MOST)]
    if len(pieces) > len(_NAMES) or unpacked(text) != data:
        raise DraftTooLong
    for place, name in enumerate(_NAMES):
        if place < len(pieces):
            put_cookie(request, response, name, pieces[place])
        else:
            drop_cookie(request, response, name)


def drop_draft(request: Request, response: Response) -> None:
    """Have the browser forget the draft."""
    for name in _NAMES:
        drop_cookie(request, response, name)


def packed(data: Data) -> str:
    """Return *data* as the text of cookies."""
    plain = json.dumps(_tagged(data), ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(zlib.compress(plain.encode(), 9)).decode().rstrip("=")


def unpacked(text: str) -> Data:
    """Return the profile that was packed; an empty one for anything else."""
    try:
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(urlsafe_b64decode(text + "=" * (-len(text) % 4)), _MOST_PLAIN)
        found = _untagged(json.loads(plain, parse_float=_refused, parse_constant=_refused)) if unpacker.eof else {}
        json.dumps(_tagged(found), ensure_ascii=False).encode()
    except (ValueError, Error, zlib.error, RecursionError):
        return {}
    return found if _is_profile(found) else {}


def _refused(text: str) -> NoReturn:
    raise ValueError(text)


def _is_profile(found: Any) -> bool:
    """Tell whether the sections of a profile are there as pages look for their answers."""
    if not isinstance(found, dict):
        return False
    sections = [found.get(name) or {} for name in ("enterprise", "facts", "years", "estimates")]
    lists = [found.get(name) or [] for name in ("recognitions", "judgements")]
    return (
        all(isinstance(one, dict) for one in sections)
        and all(isinstance(year, int) and isinstance(one, dict) for part in sections[2:] for year, one in part.items())
        and all(isinstance(one, str | list) for one in lists)
        and all(isinstance(entry, dict) for one in lists if isinstance(one, list) for entry in one)
    )


def _tagged(value: Any) -> Any:
    match value:
        case dict():
            return {f"{_NUMBER}{key}" if isinstance(key, int) else str(key): _tagged(one) for key, one in value.items()}
        case list() | tuple():
            return [_tagged(one) for one in value]
        case date():
            return f"{_DAY}{value.isoformat()}"
        case Decimal():
            return f"{_NUMBER}{value:f}"
    return value


def _untagged(value: Any) -> Any:
    match value:
        case dict():
            return dict(_entries(value))
        case list():
            return [_untagged(one) for one in value]
        case str() if value.startswith(_DAY):
            return date.fromisoformat(value[1:])
        case str() if value.startswith(_NUMBER):
            return Decimal(value[1:]) if _DIGITS.fullmatch(value[1:]) else _refused(value)
    return value


def _entries(value: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Yield the entries of a mapping; keys that are years come back as numbers."""
    for key, one in value.items():
        yield (int(key[1:]) if key.startswith(_NUMBER) else key), _untagged(one)
