"""Every page for everybody: axe finds nothing, on a phone in the dark and on a desktop in the light."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import DESKTOP, PHONE, Place, keep
from tests.conformance.tools import MODULES

GENERAL = (
    "/",
    "/samples",
    "/companies",
    "/desk",
    "/official",
    "/desk/import",
    "/screening",
    "/rules",
    "/help",
    "/login",
    "/admin",
    "/nowhere",
)
OF_A_COMPANY = (
    "/",
    "/plan",
    "/facts",
    "/facts/finance",
    "/facts/recognitions",
    "/facts/enterprise",
    "/questions",
    "/spreadsheet",
    "/calendar",
    "/history",
    "/history/compare",
    "/members",
    "/projects/little-giant",
    "/projects/provincial-enterprise-tech-center",
)
OF_A_SAMPLE = ("/", "/plan", "/facts", "/calendar", "/projects/little-giant")
OF_A_DRAFT = ("/", "/plan", "/facts/basics", "/questions", "/spreadsheet", "/save")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.mark.parametrize(("look", "scheme"), [("phone", "dark"), ("desktop", "light")])
def test_axe_finds_nothing(browser: Browser, place: Place, pictures: Path, look: str, scheme: str) -> None:
    """No page has a violation, and none scrolls sideways."""
    size = PHONE if look == "phone" else DESKTOP
    context = browser.new_context(**size, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    found: dict[str, list[str]] = {}
    axe = (MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    of_desks = {f"/c/{place.company}": OF_A_COMPANY, "/samples/precision-parts": OF_A_SAMPLE, "/try": OF_A_DRAFT}
    addresses = [*GENERAL, *(f"{base}{path}" for base, paths in of_desks.items() for path in paths)]
    for address in addresses:
        answer = page.goto(place.address(address))
        assert answer is not None
        if answer.status != (404 if address == "/nowhere" else 200):
            found[address] = [f"status {answer.status}"]
            continue
        keep(
            page,
            pictures,
            f"{look}-{scheme}-{address.replace(place.company, 'saved').strip('/').replace('/', '-') or 'start'}",
        )
        page.evaluate(axe)
        violations = page.evaluate(f"axe.run(document, {RULES!r}).then(found => found.violations)")
        if violations:
            found[address] = [
                f"{one['id']}: {one['nodes'][0]['html'][:160]} {one['nodes'][0].get('failureSummary', '')[-200:]}"
                for one in violations
            ]
    context.close()
    assert found == {}, "\n".join(f"{address}\n  " + "\n  ".join(told) for address, told in found.items())
