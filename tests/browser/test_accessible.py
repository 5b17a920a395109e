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
    "/import",
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
AXE = (MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8") if MODULES.exists() else ""
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.mark.parametrize(("look", "scheme"), [("phone", "dark"), ("desktop", "light")])
def test_axe_finds_nothing(browser: Browser, place: Place, pictures: Path, look: str, scheme: str) -> None:
    """No page has a violation, and none scrolls sideways."""
    size = PHONE if look == "phone" else DESKTOP
    context = browser.new_context(**size, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    found: dict[str, list[str]] = {}
    bases = (f"/c/{place.company}", "/samples/precision-parts", "/try")
    addresses = [*GENERAL, *(f"{base}{path}" for base in bases for path in OF_A_COMPANY)]
    seen = 0
    for address in addresses:
        answer = page.goto(place.address(address))
        assert answer is not None
        if answer.status >= 500:
            found[address] = [f"status {answer.status}"]
            continue
        if answer.status == 404 and address != "/nowhere":
            continue
        seen += 1
        keep(
            page,
            pictures,
            f"{look}-{scheme}-{address.replace(place.company, 'saved').strip('/').replace('/', '-') or 'start'}",
        )
        page.evaluate(AXE)
        violations = page.evaluate(f"axe.run(document, {RULES!r}).then(found => found.violations)")
        if violations:
            found[address] = [
                f"{one['id']}: {one['nodes'][0]['html'][:160]} {one['nodes'][0].get('failureSummary', '')[-200:]}"
                for one in violations
            ]
    context.close()
    assert found == {}, "\n".join(f"{address}\n  " + "\n  ".join(told) for address, told in found.items())
    assert seen > 30
