"""A draft in its visitor's cookies: exact, small, and never a way to hurt the server."""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64encode
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from assistant.sources import parse
from assistant.web.draft import packed, unpacked
from tests.conftest import ROOT

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.dates()
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1) | st.integers(1990, 2030), inner),
    max_leaves=12,
)


def tagged(value: object) -> bool:
    """Tell whether a text begins with the signs that stand for days and numbers: nobody can type them."""
    match value:
        case str():
            return value[:1] in ("\u0001", "\u0002")
        case list():
            return any(map(tagged, value))
        case dict():
            return any(tagged(key) or tagged(one) for key, one in value.items())
    return False


@given(st.dictionaries(st.text(min_size=1), plain, max_size=5))
def test_nothing_changes_on_the_way(data: dict[str, object]) -> None:
    """Days stay days, exact numbers exact, years numbers."""
    if not tagged(data):
        back = unpacked(packed(data))
        assert back == data
        assert repr(back) == repr(data)


@given(st.text() | st.binary().map(lambda raw: urlsafe_b64encode(raw).decode()))
def test_whatever_a_browser_sends(text: str) -> None:
    """It is a draft or an empty one."""
    assert isinstance(unpacked(text), dict)


def test_a_bomb_is_not_unpacked() -> None:
    """Ten megabytes of blanks in ten kilobytes are an empty draft; so is a deeply nested one."""
    assert unpacked(urlsafe_b64encode(zlib.compress(b'{"a": "' + b" " * 10_000_000 + b'"}')).decode()) == {}
    assert unpacked(urlsafe_b64encode(zlib.compress(b'{"a":' * 9000 + b"1" + b"}" * 9000)).decode()) == {}
    assert unpacked(urlsafe_b64encode(zlib.compress(b'{"a": "\\u00019999-99-99"}')).decode()) == {}
    assert unpacked(urlsafe_b64encode(zlib.compress(b'{"a": "\\u0002x"}')).decode()) == {}


def test_every_sample_fits() -> None:
    """Two cookies hold more than the largest of them."""
    sizes = {}
    for path in sorted((ROOT / "profiles").glob("*.yaml")):
        data = parse(path.read_text(encoding="utf-8"), name="").data or {}
        sizes[path.stem] = len(packed(data))
        assert unpacked(packed(data)) == data
    assert max(sizes.values()) < 3600, sizes
    assert unpacked(packed({"years": {2025: {"revenue": Decimal("0.1")}}, "d": date(2026, 1, 2)}))["d"] == date(
        2026, 1, 2
    )
