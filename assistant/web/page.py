"""A page (页面) is a template filled with values; every page has the same frame around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from assistant.delivery.wording.labels import labels
from assistant.delivery.wording.problems import problem_text
from assistant.errors import Problem
from assistant.units import decimal_text
from assistant.web.identity import VISIT, put_cookie, visitor_of
from assistant.web.site import site_of

LANG = "zh"
SEAL = "seal"  # the field of every form that shows it comes from here
_HERE = ZoneInfo("Asia/Shanghai")
_WORDS = (
    "state",
    "role",
    "kind",
    "level",
    "confidence",
    "standing",
    "standing-of-source",
    "step",
    "cost",
    "verdict",
    "account",
    "member",
)
_SHOWN_PLACES = 2


def page(request: Request, template: str, /, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page; it knows the visitor, and the desk where it is given one."""
    visitor = visitor_of(request)
    site = site_of(request)
    made = _environment().get_template(template)
    said = {
        "request": request,
        "visitor": visitor,
        "site": site,
        "today": site.today,
        "desk": None,
        "seal": lambda: Markup('<input type="hidden" name="{}" value="{}">').format(SEAL, visitor.seal),
        **values,
    }
    response = HTMLResponse(made.render(said), status)
    if visitor.fresh:
        put_cookie(request, response, VISIT, visitor.secret)
    return response


def see(address: str) -> RedirectResponse:
    """Send the browser on to a page of ours after something was done."""
    return RedirectResponse(address, 303)


def own_address(given: str, otherwise: str = "/") -> str:
    """Return where a visitor wanted to go, if that is here; a link elsewhere is not followed."""
    plain = given.startswith("/") and not given.startswith("//") and "\\" not in given and given.isprintable()
    return given if plain else otherwise


def told(problems: Iterable[Problem]) -> list[str]:
    """Return each mistake as a sentence."""
    return [problem_text(one.code, dict(one.params), LANG) for one in problems]


@cache
def assets() -> Mapping[str, tuple[str, bytes]]:
    """Return our own files by name, with the type of each; the styles are one file."""
    folder = files("assistant.web") / "static"
    sheets = sorted(
        (one for one in (folder / "styles").iterdir() if one.name.endswith(".css")), key=lambda one: one.name
    )
    drawing = files("assistant.delivery") / "templates" / "drawing.css"  # as on the report
    styles = b"\n".join(one.read_bytes() for one in (drawing, *sheets))
    found = {"site.css": ("text/css; charset=utf-8", styles)}
    types = {
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
        ".webmanifest": "application/manifest+json",
    }
    for one in folder.iterdir():
        ending = one.name[one.name.rfind(".") :]
        if one.is_file() and ending in types:
            found[one.name] = (types[ending], one.read_bytes())
    return found


@cache
def asset(name: str) -> str:
    """Return the address of one of our own files; it changes with what is in it, so it may be kept for ever."""
    return f"/static/{name}?{sha256(assets()[name][1]).hexdigest()[:12]}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [PackageLoader("assistant.web", "templates"), PackageLoader("assistant.delivery", "templates")]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = asset
    environment.globals["words"] = {group: labels(group, LANG) for group in _WORDS}
    environment.filters |= {"day": day, "moment": moment, "number": number, "link": link, "told": told}
    return environment


def day(value: str | date | None) -> str:
    """Return a day as it is written: 2027年3月1日."""
    if not value:
        return ""
    known = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{known.year}年{known.month}月{known.day}日"


def moment(value: datetime | None) -> str:
    """Return a moment as a clock here shows it."""
    return value.astimezone(_HERE).strftime("%Y-%m-%d %H:%M") if value else ""


def number(value: float) -> str:
    """Return a JSON number for reading, cut and never rounded up."""
    return decimal_text(Fraction(str(value)), places=_SHOWN_PLACES)


def link(url: str | None) -> str:
    """Return *url* where a browser may be sent there, else nothing."""
    return url if url and url.startswith(("https://", "http://")) else ""
