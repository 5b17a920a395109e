"""Every link leads somewhere: pages are followed from the first one on, and so are the places inside them."""

from __future__ import annotations

import re
from collections import deque
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.testclient import TestClient

from assistant.matching.match import Matcher
from assistant.web.site import Manner
from tests.pages import site_with

LINK = re.compile(r'<(?:a|form|link|script|img)\b[^>]*?\s(?:href|action|src)="([^"]*)"(?P<rest>[^>]*)')
MOST = 400  # pages


@pytest.mark.parametrize("start", ["/c/{company}/", "/samples/precision-parts/", "/try/", "/desk", "/"])
def test_every_link_leads_somewhere(tmp_path: Path, matcher: Matcher, start: str) -> None:
    """No address is missing, and no place on its page either."""
    site = site_with(tmp_path, matcher)
    with site.browser() as browser:
        seen, dead = crawled(browser, start.format(company=site.company("valve-maker")))
    assert seen > 20
    assert not dead, "\n".join(dead)


def test_one_who_may_only_look_is_led_nowhere_else(tmp_path: Path, matcher: Matcher) -> None:
    """A viewer is offered no link that would be refused."""
    site = site_with(tmp_path, matcher, manner=Manner())
    owner, viewer = site.account("wang@example.com"), site.account("li@example.com")
    company = site.company("valve-maker", owner=owner)
    site.store.accounts.grant(viewer.id, company, "viewer", who="test", at=site.site.clock())
    with site.browser(viewer) as browser:
        seen, dead = crawled(browser, f"/c/{company}/")
    assert seen > 20
    assert not dead, "\n".join(dead)


def crawled(browser: TestClient, start: str) -> tuple[int, list[str]]:
    """Follow the links of a page, and of those it leads to; return how many pages there are, and what leads nowhere."""
    wanted = deque([(start, "")])
    seen: dict[str, set[str]] = {}
    dead: list[str] = []
    while wanted and len(seen) < MOST:
        address, source = wanted.popleft()
        path, _, place = address.partition("#")
        if path not in seen:
            answer = browser.get(path)
            if answer.status_code != 200:
                dead.append(f"{source} -> {address}: {answer.status_code}")
            seen[path] = set(re.findall(r'\sid="([^"]+)"', answer.text))
            for found in LINK.finditer(answer.text) if "html" in answer.headers.get("content-type", "") else ():
                target = urljoin(str(answer.url), found[1].replace("&amp;", "&"))
                if urlsplit(target).netloc == "127.0.0.1:8000" and _is_followed(found[0], target, start):
                    wanted.append((target.removeprefix("http://127.0.0.1:8000"), path))
        if place and place not in seen[path]:
            dead.append(f"{source} -> {address}: no such place")
    return len(seen), dead


def _is_followed(tag: str, target: str, start: str) -> bool:
    """Tell whether a link is one to open: forms that change something are not; other companies have their own turn."""
    path = urlsplit(target).path
    if tag.startswith("<form"):
        return False
    return path.startswith(("/static", start)) or (
        start in ("/", "/desk") and not path.startswith(("/samples/", "/c/"))
    )
