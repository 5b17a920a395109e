"""The summary of a screening, a page that stands alone, in a browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from assistant.delivery.screening.page import page
from tests.test_screening_summary import Summaries, summaries

__all__ = ["summaries"]  # the fixture


def test_it_fits_a_desk_and_a_phone(summaries: Summaries, browser: Browser, tmp_path: Path) -> None:
    """Without scripts, in both colour schemes; the page itself never scrolls sideways."""
    for lang, data in summaries.items():
        path = tmp_path / f"{lang}.html"
        path.write_text(page(data), encoding="utf-8")
        for width in (360, 1200):
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    viewport={"width": width, "height": 800},
                    color_scheme="dark" if scheme == "dark" else "light",
                    java_script_enabled=False,
                )
                shown = context.new_page()
                shown.goto(path.as_uri())
                assert shown.evaluate("document.documentElement.scrollWidth") <= width
                assert shown.locator("h1").count() == 1
                assert shown.locator("svg.stack").count() > len(data["projects"])
                assert shown.locator("svg.chart").count() >= 1
                context.close()
