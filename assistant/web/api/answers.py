"""What every operation shares: the language and the day asked for, and how plain data go out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Depends, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from assistant.delivery.wording.interface import REFUSED
from assistant.delivery.wording.speaker import Speaker
from assistant.errors import Place
from assistant.rulebook.book import Rulebook
from assistant.web.api.problems import QUERY, TYPE, unknown
from assistant.web.page import LANG
from assistant.web.site import Site, site_of

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
USUAL = ("unauthorized", "bad-input", "rate-limited", "internal", "unavailable")
OF_A_COMPANY = ("not-found",)
OF_A_BODY = ("malformed", "too-large", "unsupported-media-type")

Lang = Annotated[Literal["zh", "en"], Query(description="The language of texts.")]
On = Annotated[date | None, Query(ge=EARLIEST, le=LATEST, description="As of this day; today unless given.")]
Projects = Annotated[list[str], Query(description="Only these projects; repeatable.")]


@dataclass(frozen=True)
class Asked:
    """What is asked for besides the address: in which language, as of which day, for which application."""

    site: Site
    lang: str
    on: date
    cycle: int | None = None
    kind: str | None = None
    projects: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Tell whether that is what the pages show too, and is at hand."""
        return self == Asked(self.site, LANG, self.site.today)

    @property
    def say(self) -> Speaker:
        """Who says things in that language."""
        return Speaker(self.site.book, self.lang)


def asked(request: Request, lang: Lang = "zh", on: On = None) -> Asked:
    """Return the language and the day asked for."""
    site = site_of(request)
    return Asked(site, lang, on or site.today)


def asked_for_application(
    request: Request,
    lang: Lang = "zh",
    on: On = None,
    cycle: Annotated[
        int | None, Query(ge=EARLIEST.year, le=LATEST.year, description="Year of the application.")
    ] = None,
    kind: Annotated[Literal["new", "review"] | None, Query(description="Kind of the application.")] = None,
) -> Asked:
    """Return what an application may be asked about."""
    site = site_of(request)
    return Asked(site, lang, on or site.today, cycle, kind)


def asked_in(request: Request, lang: Lang = "zh") -> Asked:
    """Return the language asked for, where the day is today's."""
    site = site_of(request)
    return Asked(site, lang, site.today)


InLanguage = Annotated[Asked, Depends(asked_in)]
Plainly = Annotated[Asked, Depends(asked)]
ForApplication = Annotated[Asked, Depends(asked_for_application)]


def asked_for_projects(
    asked: ForApplication,
    project: Projects = [],  # noqa: B006  # read only, and part of the description
) -> Asked:
    """Return all that an assessment may be asked for."""
    return replace(asked, projects=known_projects(project, asked.site.book))


ForProjects = Annotated[Asked, Depends(asked_for_projects)]


def known_projects(names: Sequence[str], book: Rulebook) -> tuple[str, ...]:
    """Return the projects named in a query.

    Raises:
        BadInput: one of them is not in the rulebook.

    """
    for name in names:
        if name not in book.projects:
            raise unknown(name, book.projects, "unknown-project", Place(QUERY, 0, "project"))
    return tuple(dict.fromkeys(names))


def answer(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return plain data as JSON, with nothing added or rounded."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_plain, allow_nan=False)
    return Response(text.encode("utf-8", "replace"), status, headers, media_type="application/json")


def _plain(value: Any) -> Any:
    """Return what JSON has no word for: days as texts, exact numbers as numbers where those are as exact."""
    if isinstance(value, Decimal):
        close = float(value)
        exact = Decimal(repr(close)) == value
        return int(value) if value == value.to_integral_value() else close if exact else str(value)
    return value.isoformat()


# ---- what the description says


def refusals(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """Return how the description tells of the refusals that an operation may give, besides the usual ones."""
    content = {TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    found = sorted((REFUSED[kind].status, REFUSED[kind].title[1]) for kind in (*USUAL, *kinds))
    return {status: {"description": title, "content": content} for status, title in found}


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """Return how the description tells of a body."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
