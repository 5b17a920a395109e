"""Filling in forms in tests as a browser without scripts does: what stands in them is sent along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

PATIENCE = 60
_TYPE = "application/x-www-form-urlencoded"


@dataclass
class Form:
    """A form of a page: where it goes, and the texts that would be sent, by name."""

    action: str
    texts: dict[str, list[str]] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)  # what can be ticked or chosen, by name
    free: set[str] = field(default_factory=set)  # the names of fields for any text

    def filled(self, answers: Mapping[str, str | list[str]]) -> dict[str, list[str]]:
        """Return what is sent with *answers* filled in; only what the form has can be."""
        sent = {name: [*texts] for name, texts in self.texts.items()}
        for name, given in answers.items():
            texts = [given] if isinstance(given, str) else given
            assert name in self.texts or name in self.offered, f"no field {name}"
            assert name in self.free or name not in self.offered or {*texts} <= {*self.offered[name]}, (
                f"{name} does not offer {texts}"
            )
            sent[name] = texts
        return sent


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.inside = False
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
            self.inside = True
        if not self.inside:
            return
        form, name, kind = self.forms[-1], given.get("name", ""), given.get("type", "text")
        if tag == "select":
            self.select = name
            form.texts.setdefault(name, [])
        elif tag == "option":
            form.offered.setdefault(self.select, []).append(given.get("value", ""))
            if "selected" in given:
                form.texts[self.select].append(given.get("value", ""))
        elif tag == "input" and name and kind in ("checkbox", "radio"):
            form.offered.setdefault(name, []).append(given.get("value", "on"))
            if "checked" in given:
                form.texts.setdefault(name, []).append(given.get("value", "on"))
        elif tag == "textarea" and name:
            form.texts.setdefault(name, []).append("")
        elif tag == "input" and name:
            form.free.add(name)
            form.texts.setdefault(name, []).append(given.get("value", ""))
        elif tag == "button" and name:
            form.offered.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


def forms_of(page: str) -> list[Form]:
    """Return the forms of a page."""
    reader = _Reader()
    reader.feed(page)
    for form in reader.forms:
        for name, texts in form.texts.items():
            if not texts and form.offered.get(name):
                texts.append(form.offered[name][0])  # the first option of a list that nothing is chosen of
    return reader.forms


def form_of(page: str, action: str) -> Form:
    """Return the one form of a page that goes to *action*."""
    [found] = [form for form in forms_of(page) if form.action == action]
    return found


def posted(port: int, address: str, answers: Mapping[str, str | list[str]]) -> tuple[int, str]:
    """Open a form of a real server on this machine and send it filled in; return the status and where it leads."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", address)
        shown = connection.getresponse()
        form = form_of(shown.read().decode(), address)
        cookie = (shown.getheader("set-cookie") or "").partition(";")[0]
        sent = urlencode(form.filled(answers), doseq=True)
        connection.request("POST", address, sent, {"content-type": _TYPE, "cookie": cookie})
        answered = connection.getresponse()
        answered.read()
        return answered.status, answered.getheader("location") or ""
    finally:
        connection.close()
