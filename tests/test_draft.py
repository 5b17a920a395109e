"""A draft in its visitor's cookies: exact, small, and never a way to hurt the server."""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64encode
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from assistant.matching.match import Matcher
from assistant.sources import parse
from assistant.web.draft import packed, unpacked
from tests.conftest import ROOT, SAMPLES
from tests.pages import seal_of, site_with

numbers = st.integers(-(10**12), 10**12) | st.decimals(-(10**12), 10**12, places=6)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]))
plain = st.recursive(
    st.none() | st.booleans() | texts | st.dates() | numbers,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
answers = st.dictionaries(texts, plain, max_size=4)
profiles = st.fixed_dictionaries(
    {},
    optional={
        "enterprise": answers,
        "facts": answers,
        "years": st.dictionaries(st.integers(1990, 2030), answers, max_size=3),
        "estimates": st.dictionaries(st.integers(1990, 2030), answers, max_size=1),
        "recognitions": st.lists(answers, max_size=3) | st.just("unknown"),
        "judgements": st.lists(answers, max_size=2),
    },
)
hostile = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(["\u00022025", "\u0002-1.5", "\u00012026-01-02"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text()
            | st.sampled_from(["enterprise", "name", "facts", "city", "years", "\u00022025", "recognitions", "id"]),
            inner,
            max_size=4,
        )
    ),
)


def cookie(value: Any) -> str:
    """Return any JSON as a draft's cookie would carry it."""
    return urlsafe_b64encode(zlib.compress(json.dumps(value).encode())).decode()


@given(profiles)
def test_nothing_changes_on_the_way(data: dict[str, object]) -> None:
    """Days stay days, exact numbers exact, years numbers."""
    back = unpacked(packed(data))
    assert back == data
    assert repr(back) == repr(data)


@given(st.text() | st.binary().map(lambda raw: urlsafe_b64encode(raw).decode()) | hostile.map(cookie))
def test_whatever_a_browser_sends(text: str) -> None:
    """It is a draft that goes on being one, or an empty one."""
    found = unpacked(text)
    assert unpacked(packed(found)) == found


@pytest.mark.parametrize(
    "plain",
    [
        b'{"facts": "' + b" " * 10_000_000 + b'"}',
        b'{"facts":' * 9000 + b"1" + b"}" * 9000,
        b'{"facts": {"city": "\\u00019999-99-99"}}',
        b'{"facts": {"city": "\\u0002x"}}',
        b'{"facts": {"city": "\\u00021e999999999"}}',
        b'{"facts": {"city": "\\u0002NaN"}}',
        b'{"facts": {"city": NaN}}',
        b'{"facts": {"city": 1.5}}',
        b'{"facts": {"city": ' + b"9" * 5000 + b"}}",
        b'{"facts": {"city": "\\ud800"}}',
        b'{"facts": ["city"]}',
        b'{"years": {"2025": {}}}',
        b'{"years": {"\\u00022025": 1}}',
        b'{"recognitions": ["a"]}',
        b'["facts"]',
    ],
    ids=lambda plain: plain[:30].decode(),
)
def test_what_no_page_of_ours_has_sent_is_no_draft(plain: bytes) -> None:
    """Bombs, numbers without end, sections of another kind."""
    assert unpacked(urlsafe_b64encode(zlib.compress(plain)).decode()) == {}


def test_every_sample_fits() -> None:
    """One cookie holds the largest of them, and there are two."""
    sizes = {}
    for sample in SAMPLES:
        data = parse((ROOT / "profiles" / f"{sample}.yaml").read_text(encoding="utf-8"), name="").data or {}
        sizes[sample] = len(packed(data))
        assert unpacked(packed(data)) == data
    assert max(sizes.values()) < 3600, sizes
    assert unpacked(packed({"facts": {"a": Decimal("0.10"), "b": date(2026, 1, 2)}}))["facts"] == {
        "a": Decimal("0.10"),
        "b": date(2026, 1, 2),
    }


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, matcher: Matcher) -> Any:
    """Return a browser without scripts."""
    with site_with(tmp_path_factory.mktemp("draft"), matcher).browser() as browser:
        yield browser


@settings(deadline=None, max_examples=60)
@given(hostile.map(cookie))
def test_no_page_breaks_over_a_draft_that_was_made_up(client: TestClient, text: str) -> None:
    """It is shown, or said to be unusable; the start, where it can be thrown away, is always there."""
    client.cookies.set("draft0", text)
    assert client.get("/").status_code == 200
    for address in (
        "/try/facts",
        "/try/facts/basics",
        "/try/facts/recognitions",
        "/try/save",
        "/try/questions",
        "/try/",
    ):
        assert client.get(address).status_code in (200, 422), address


def test_a_draft_beyond_all_cookies_is_refused_and_the_old_one_stays(tmp_path: Path, matcher: Matcher) -> None:
    """The page says that saving is the way, and keeps what was typed; nothing is cut off."""

    def rows(count: int) -> dict[str, Any]:
        chances = [int.from_bytes(sha256(str(place).encode()).digest()[:12], "big") for place in range(count)]
        days = [f"{2000 + one % 25}-{one // 25 % 12 + 1:02}-{one // 300 % 28 + 1:02}" for one in chances]
        amounts = [f"{one // 8400 % 10**6}.{one % 10**6:06}1"[:-1] for one in chances]
        return {"names": "equity_investments", "equity_investments:date": days, "equity_investments:amount": amounts}

    with site_with(tmp_path, matcher).browser() as browser:
        seal = seal_of(browser.get("/try/facts/finance").text)
        for count, status in ((400, 303), (950, 422)):
            sent = {"seal": seal, **rows(count)}
            assert browser.post("/try/facts/finance", data=sent, follow_redirects=False).status_code == status
        assert "draft1" in browser.cookies
        assert "浏览器里放不下了" in browser.post("/try/facts/finance", data=sent).text
        assert browser.get("/try/facts").text.count("万元；") >= 399
        kept = unpacked(browser.cookies["draft0"] + browser.cookies["draft1"])
        assert len(kept["facts"]["equity_investments"]) == 400
        small = {"seal": seal, **rows(1)}
        assert browser.post("/try/facts/finance", data=small, follow_redirects=False).status_code == 303
        assert "draft1" not in browser.cookies
