"""A real browser before a real server. Pictures of every page are kept where ASSISTANT_PICTURES says."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.conformance.tools import MODULES, need
from tests.serving import Server, add_sample, new_store

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 780}, "has_touch": True, "device_scale_factor": 2}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}
SIZES = {"phone": PHONE, "desktop": DESKTOP}
SAMPLE = "valve-maker"


@dataclass(frozen=True)
class Place:
    """A server with one saved company."""

    server: Server
    company: str

    def address(self, path: str) -> str:
        """Return a page's whole address."""
        return f"http://127.0.0.1:{self.server.port}{path}"


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Start a server that one person uses alone, with a saved company."""
    folder = tmp_path_factory.mktemp("browser")
    with new_store(folder) as store:
        company = add_sample(store, SAMPLE)
        with Server(store, folder) as server:
            server.settled()
            yield Place(server, company)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Start the driver."""
    need("chromium", MODULES / "axe-core" / "axe.min.js")
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Start the system's Chromium."""
    opened = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where pictures are kept."""
    kept = os.environ.get("ASSISTANT_PICTURES")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def keep(page: Page, folder: Path, name: str) -> None:
    """Keep a picture of the whole page, and see that it does not scroll sideways."""
    page.screenshot(path=str(folder / f"{name}.png"), full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} is {wide} px wider than the screen"
