"""A body (正文) is the JSON that a program sends. Numbers stay exact; a mistake has a JSON pointer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from fastapi import Depends
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from assistant.company.profile import Profile, read_profile
from assistant.delivery.wording.interface import expected
from assistant.errors import BadInput, Place, Problem, nearest
from assistant.rulebook.book import Rulebook
from assistant.sources import MAX_DEPTH, Path_, Source
from assistant.web.api.caller import Caller
from assistant.web.api.problems import Refusal, shortened

MOST = 1024 * 1024  # bytes
_LONGEST_NUMBER = 40
_EXPONENT = re.compile(r"[eE][-+]?\d{4}")
_YEAR = re.compile(r"[0-9]{4}")
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")

Model = TypeVar("Model", bound=BaseModel)


class Body(Source):
    """A source without lines: a place in it is a JSON pointer."""

    __slots__ = ()

    def place(self, path: Path_ = ()) -> Place:
        """Return where *path* stands."""
        return Place(self.file, 0, "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path))


async def body_of(request: Request, caller: Caller) -> Body:
    """Return the body of a request whose caller is known.

    Raises:
        Refusal: it is too large, of another type, or not JSON.
        BadInput: it holds what can be kept nowhere.

    """
    del caller
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.partition("charset=")[2].strip().strip('"').lower()
    if kind.strip().lower() != "application/json" or charset not in ("", "utf-8") or _is_packed(request):
        raise Refusal("unsupported-media-type", headers={"accept": "application/json"})
    body = Body("body", _parsed(await _raw(request)))
    for path, found in _walk(body.data, ()):
        if len(path) > MAX_DEPTH:
            raise BadInput([Problem("yaml-bomb", body.place())])
        if isinstance(found, str) and _UNWRITABLE.search(found):
            body.report("unwritable-text", path)
    body.done()
    return body


Sent = Annotated[Body, Depends(body_of)]


def _is_packed(request: Request) -> bool:
    return request.headers.get("content-encoding", "identity").strip().lower() != "identity"


async def _raw(request: Request) -> bytes:
    said = request.headers.get("content-length", "0")
    if not said.isdigit() or int(said) > MOST:
        raise Refusal("too-large", headers={"connection": "close"})
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > MOST:
            raise Refusal("too-large", headers={"connection": "close"})
    return bytes(found)


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(
            raw.decode(), parse_float=_exact, parse_constant=_no_number, object_pairs_hook=_without_repeats
        )
    except RecursionError:
        problem = Problem("yaml-bomb", Place("body"))
    except _Repeated as error:
        problem = Problem("given-twice", Place("body"), {"found": shortened(error)})
    except ValueError as error:  # no UTF-8, no JSON, no number that anybody means
        problem = Problem("json-syntax", Place("body"), {"found": str(error)})
    raise Refusal("malformed", mistakes=(problem,))


class _Repeated(Exception):
    """A key is given twice."""


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        raise _Repeated(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value] # adds
    return found


def _exact(text: str) -> Decimal:
    if len(text) > _LONGEST_NUMBER or _EXPONENT.search(text):
        raise ValueError(shortened(text))
    return Decimal(text)


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _walk(value: Any, path: Path_) -> Iterator[tuple[Path_, Any]]:
    waiting: list[tuple[Path_, Any]] = [(path, value)]
    while waiting:
        at, found = waiting.pop()
        yield at, found
        if len(at) > MAX_DEPTH:
            return
        if isinstance(found, dict):
            for key, one in found.items():
                yield (*at, key), key
                waiting.append(((*at, key), one))
        elif isinstance(found, list):
            waiting += [((*at, index), one) for index, one in enumerate(found)]


# ---- what a body is read as


def profile_in(body: Body, book: Rulebook, on: date) -> Profile:
    """Return the profile that a body is; its years become numbers, as a profile's file has them.

    Raises:
        BadInput: with every mistake in it.

    """
    if body.data is None:
        body.report("not-a-mapping")
    elif isinstance(body.data, dict):
        for section in ("years", "estimates"):
            figures = body.data.get(section)
            if isinstance(figures, dict):
                body.data[section] = {int(k) if _YEAR.fullmatch(k) else k: one for k, one in figures.items()}
        enterprise = body.data.get("enterprise")
        for key, given in enterprise.items() if isinstance(enterprise, dict) else ():
            if key in ("name", "uscc") and not isinstance(given, str | None):
                wanted = expected("string_type", {}, "")
                body.report("shape", ("enterprise", key), found=shortened(given), expected=wanted)
    return read_profile(body, book.dictionary, book.lists, on)


def read_as(model: type[Model]) -> Callable[[Body], Model]:
    """Return a dependency that reads a body as *model*."""

    def reading(body: Sent) -> Model:
        try:
            return model.model_validate_json(json.dumps(body.data, default=float), strict=True)
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                _report(body, fault["type"], tuple(fault["loc"]), fault, model)
            raise BadInput(body.problems) from None

    return reading


def _report(body: Body, kind: str, path: Path_, fault: Mapping[str, Any], model: type[BaseModel]) -> None:
    match kind:
        case "missing":
            body.report("key-missing", path[:-1], expected=path[-1])
        case "extra_forbidden":
            known = [field.alias or name for name, field in model.model_fields.items()]
            body.report("unknown-key", path, found=path[-1], nearest=nearest(str(path[-1]), known))
        case _:
            wanted = expected(kind, fault.get("ctx", {}), fault["msg"])
            body.report("shape", path, found=shortened(fault.get("input")), expected=wanted)
