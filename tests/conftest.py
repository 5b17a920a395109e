"""The standing cast: the rulebook, one fixed day, every sample company and its assessment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from assistant.company.profile import Profile, read_profile
from assistant.matching.match import Matcher
from assistant.planning.assessment import Assessment, assess
from assistant.rulebook.book import Rulebook
from assistant.rulebook.load import load
from assistant.settings import cache_directory, packaged_rules
from assistant.sources import parse, read

ROOT = Path(__file__).parent.parent
ON = date(2026, 11, 23)
SAMPLES = sorted(path.stem for path in (ROOT / "profiles").glob("*.yaml"))

ACCEPTANCE = {  # real servers, browsers, terminals and clients, whole journeys: two thirds of the time
    *("access", "api", "api_schema", "api_together", "backup", "bureau_pages", "cache", "calendar_page"),
    *(
        "catalogue_hostile",
        "crawl",
        "faults",
        "interview",
        "links",
        "outbox",
        "readme",
        "reminding",
        "serving",
        "spark",
    ),
    *("together", "watching", "workbook_mistakes"),
}

Assess = Callable[[str], Assessment]
Read = Callable[[str], Profile]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes long: `tests/run -m 'not acceptance'` leaves it out, CI runs all."""
    for item in items:
        path = item.path
        if path.parent != ROOT / "tests" or path.stem.removeprefix("test_") in ACCEPTANCE:
            item.add_marker("acceptance")


@pytest.fixture(scope="session", autouse=True)
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the tests a cache, announcements, a store and a language of their own; the user's stay untouched."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("ASSISTANT_CACHE", str(folder))
        patch.setenv("ASSISTANT_ANNOUNCEMENTS", str(folder / "announcements.yaml"))
        patch.setenv("ASSISTANT_DB", str(folder / "assistant.db"))
        patch.setenv("LANG", "C.UTF-8")
        patch.setenv("PYTHONPATH", str(ROOT))
        for name in ("LC_ALL", "LC_MESSAGES"):
            patch.delenv(name, raising=False)
        yield folder


@cache
def book() -> Rulebook:
    """Return the packaged rules, for tests that cannot take a fixture: hypothesis would print all of it."""
    return load(packaged_rules(), cache=cache_directory())


@pytest.fixture(scope="session")
def rulebook(surroundings: Path) -> Rulebook:
    """Return the packaged rules."""
    assert cache_directory() == surroundings
    return book()


@pytest.fixture(scope="session")
def matcher(rulebook: Rulebook) -> Matcher:
    """Return a matcher of the packaged rules."""
    return Matcher(rulebook)


@pytest.fixture(scope="session")
def on() -> date:
    """Return the day on which everything is looked at."""
    return ON


@pytest.fixture(scope="session")
def samples(rulebook: Rulebook, on: date) -> Mapping[str, Profile]:
    """Return every sample company by its file's name."""
    return {
        name: read_profile(read(ROOT / "profiles" / f"{name}.yaml"), rulebook.dictionary, rulebook.lists, on)
        for name in SAMPLES
    }


@pytest.fixture(scope="session")
def assessed(matcher: Matcher, samples: Mapping[str, Profile], on: date) -> Assess:
    """Return the assessment of a sample, made once."""
    return cache(lambda name: assess(matcher, samples[name], on))


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> str:
    """Return the name of each sample in turn."""
    return str(request.param)


@pytest.fixture
def assessment(sample: str, assessed: Assess) -> Assessment:
    """Return the assessment of each sample in turn."""
    return assessed(sample)


@pytest.fixture(scope="session")
def company(rulebook: Rulebook, on: date) -> Read:
    """Return a reader of profiles written in the test itself."""
    return lambda text: read_profile(parse(text, name="profile.yaml"), rulebook.dictionary, rulebook.lists, on)
