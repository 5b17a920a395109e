"""The guide to a subscription (订阅说明): its links, a code to scan, and what to do in each calendar program.

Programs that cannot subscribe are named too, with what to do instead: nobody should have to find that out alone.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import segno
import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from assistant.delivery.packing import printable
from assistant.delivery.plain import Json

KINDS = ("all", "windows", "prep", "tasks")
_SUFFIX = ".ics"


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of one subscription: of its calendars, over the web's scheme and the calendar's own."""

    https: str

    @property
    def webcal(self) -> str:
        """The link that opens a calendar program at once, where one is asked to by it."""
        return f"webcal://{self.https.partition('://')[2]}"

    def of(self, kind: str) -> str:
        """Return the address of one of the calendars."""
        return f"{self.https.rpartition('/')[0]}/{kind}{_SUFFIX}"

    @property
    def token(self) -> str:
        """The secret part."""
        return self.https.rpartition("/")[0].rpartition("/")[2]


def links(address: str) -> Links | None:
    """Return the links of a subscription with this *address*, of whichever of its calendars; None if it is none."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    folder, token, name = ("", "", *parts.path.split("/"))[-3:]
    known = folder == "f" and token and name.removesuffix(_SUFFIX) in KINDS and name.endswith(_SUFFIX)
    if not known or parts.scheme not in ("http", "https", "webcal") or not parts.hostname:
        return None
    scheme = "https" if parts.scheme == "webcal" else parts.scheme
    return Links(f"{scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}/all{_SUFFIX}")


def guide(company: str, found: Links | None, lang: str = "zh") -> Json:
    """Return the guide as plain data; without links it says where they would stand."""
    words = _words()[lang]
    calendars = [
        {"kind": kind, "name": name, "says": says, "address": found.of(kind) if found else None}
        for kind, (name, says) in words["calendars"].items()
    ]
    return {
        "company": " ".join(printable(company).split()),
        "address": found.https if found else None,
        "webcal": found.webcal if found else None,
        "calendars": calendars,
        "rules": words["rules"],
        "clients": words["does"],
        "others": [{"name": name, "instead": instead} for name, instead in words["not"]],
        "trouble": [{"sign": sign, "remedy": remedy} for sign, remedy in words["trouble"]],
    }


def page(company: str, found: Links | None, lang: str = "zh") -> str:
    """Return the guide as one HTML page that needs nothing beside it."""
    template = _environment(markup=True).get_template("subscribe.html.j2")
    picture = code(found.webcal) if found else ""
    data = guide(company, found, lang)
    return template.render(guide=data, words=_words()[lang], lang=lang, picture=picture)


def text(company: str, found: Links | None, lang: str = "zh") -> str:
    """Return the guide as Markdown: for the terminal, or to be pasted into a message."""
    template = _environment(markup=False).get_template("subscribe.md.j2")
    return template.render(guide=guide(company, found, lang), words=_words()[lang], lang=lang)


def code(content: str) -> str:
    """Return *content* as a code to scan: a picture in SVG, in the colour of the text around it."""
    drawn = io.BytesIO()
    made = segno.make(content, error="m", micro=False)
    made.save(drawn, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=0, svgclass="code", lineclass=None)
    return drawn.getvalue().decode()


@cache
def _words() -> dict[str, Any]:
    written = (files("assistant.delivery") / "templates" / "subscribe.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(written)
    return loaded


def _environment(*, markup: bool) -> Environment:
    return Environment(
        loader=PackageLoader("assistant.delivery", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=markup,  # noqa: S701 - Markdown is no markup of this kind
    )
