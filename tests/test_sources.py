"""Reading YAML: every part knows its line, every encoding a Chinese office writes is read, nothing harms the reader."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.errors import BadInput
from assistant.sources import MAX_BYTES, MAX_DEPTH, Source, parse, read

PROFILE = "enterprise:\n  name: 佛山某某阀门有限公司\nfacts:\n  city: 佛山市\n"

fuzzed = settings(derandomize=True, deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))


def data(text: str) -> Any:
    """Return what *text* holds; mistakes that wait for others are told at once here."""
    source = parse(text, name="x.yaml")
    source.done()
    return source.data


def refusal(text: str) -> list[tuple[int, str]]:
    """Return the line and code of every problem of *text*."""
    return refused(lambda: data(text))


def refused(reading: Any) -> list[tuple[int, str]]:
    """Return the line and code of every problem that *reading* ends with."""
    with pytest.raises(BadInput) as caught:
        reading()
    return [(problem.place.line, problem.code) for problem in caught.value.problems]


# ---- values


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12800", 12800),
        ("12800.50", Decimal("12800.50")),
        ("-620", -620),
        ("0.1", Decimal("0.1")),
        ("1.5e3", "1.5e3"),
        ("1.5e+3", Decimal("1.5e+3")),
        ("010", "010"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("1:30", "1:30"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("9" * 60, "9" * 60),
        ("'12800'", "12800"),
        ("yes", True),
        ("Off", False),
        ("~", None),
        ("", None),
        ("2012-05-18", date(2012, 5, 18)),
        ("2012-05-18 10:00:00", "2012-05-18 10:00:00"),
        ("5..10", "5..10"),
        ("佛山市", "佛山市"),
    ],
)
def test_a_value_is_read_exactly_or_left_as_text(written: str, value: object) -> None:
    """Whole numbers, exact decimals, flags, days; forms that nobody means as a number stay text."""
    found = data(f"key: {written}\n")["key"]
    assert (found, type(found)) == (value, type(value))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
@fuzzed
def test_a_decimal_is_never_a_float(number: Decimal) -> None:
    """Every figure with six decimals comes back as it was written."""
    assert data(f"key: {number}\n")["key"] == number


def test_keys_that_yaml_takes_for_flags_keep_their_letters() -> None:
    """`on` is the day of a judgement, not yes."""
    assert data("{on: 2026-10-08, no: 1, 2025-01-01: x}") == {"on": date(2026, 10, 8), "no": 1, "2025-01-01": "x"}


def test_merged_keys_yield_to_those_written_out() -> None:
    """`<<` gives what the mapping itself does not say."""
    assert data("{a: &a {x: 1, y: 1}, b: {<<: *a, y: 2, z: 2}}")["b"] == {"x": 1, "y": 2, "z": 2}


def test_json_is_read_too() -> None:
    """A profile written by another program."""
    written = {"enterprise": {"name": "佛山“某某”/阀门\\公司"}, "list": [1, True, None, "x"], "nested": {"a": []}}
    for options in ({}, {"ensure_ascii": False}, {"indent": 2}, {"indent": "\t", "ensure_ascii": False}):
        assert data(json.dumps(written, **options)) == written


def test_json_is_read_with_signs_beyond_the_basic_plane() -> None:
    """JSON writes 𡒄 and 😀 as two escapes."""
    assert data(json.dumps({"name": "𡒄😀公司"})) == {"name": "𡒄😀公司"}


# ---- places


def test_every_part_knows_its_line() -> None:
    """Keys, entries of lists, values inside braces."""
    source = parse("a: 1\nb:\n  - x\n  - {c: 1,\n     d: 2}\n\ne:\n  f: 3\n", name="x.yaml")
    lines = {(): 1, ("a",): 1, ("b",): 2, ("b", 0): 3, ("b", 1): 4, ("b", 1, "d"): 5, ("e",): 7, ("e", "f"): 8}
    assert {path: source.place(path).line for path in lines} == lines


def test_a_part_that_is_not_there_stands_where_its_parent_does() -> None:
    """A missing key is shown at the mapping that lacks it."""
    place = parse("a:\n  b: 1\n", name="x.yaml").place(("a", "c", 0))
    assert (str(place), place.line) == ("x.yaml:1 a.c.0", 1)


def test_an_empty_file_holds_nothing() -> None:
    """Nothing, blanks, or a comment."""
    assert [data(text) for text in ("", " \n\n", "# 空\n")] == [None, None, None]


# ---- encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_file_is_read_in_every_encoding_of_a_chinese_office(tmp_path: Path, encoding: str) -> None:
    """UTF-8 with and without BOM, GBK, and what Windows calls Unicode."""
    path = tmp_path / "profile.yaml"
    path.write_bytes(PROFILE.encode(encoding))
    assert read(path).data["facts"]["city"] == "佛山市"


def test_utf_16_is_read_in_both_byte_orders(tmp_path: Path) -> None:
    """The byte order mark tells."""
    path = tmp_path / "profile.yaml"
    for order, mark in (("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        path.write_bytes(mark + PROFILE.encode(order))
        assert read(path).data["facts"]["city"] == "佛山市"


def test_line_ends_of_windows_do_not_shift_lines(tmp_path: Path) -> None:
    """CRLF counts once."""
    path = tmp_path / "profile.yaml"
    path.write_bytes(PROFILE.replace("\n", "\r\n").encode())
    assert read(path).place(("facts", "city")).line == 4


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"facts: {city: \0}", id="nul"),
        pytest.param(PROFILE.encode("utf-16-le"), id="utf-16 without a mark"),
        pytest.param(b"\xff\xfe\x41", id="half a sign of utf-16"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", id="picture"),
        pytest.param(b"PK\x03\x04\x14\x00\x06\x00\x08\x00", id="spreadsheet"),
        pytest.param("facts: {city: 佛山市}".encode("big5"), id="big5"),
        pytest.param("facts: {name: Café Zoë}".encode("latin-1"), id="latin-1"),
        pytest.param(b"facts: {city: \xe4\xbd\xff}", id="neither"),
    ],
)
def test_what_is_not_text_is_refused(tmp_path: Path, raw: bytes) -> None:
    """A picture, a spreadsheet, a foreign encoding: one message, no guess."""
    path = tmp_path / "profile.yaml"
    path.write_bytes(raw)
    assert refused(lambda: read(path)) == [(0, "file-not-text")]


# ---- what could harm


def test_fifty_megabytes_are_refused_unread(tmp_path: Path) -> None:
    """The size is seen before anything is parsed."""
    path = tmp_path / "profile.yaml"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)
    assert refused(lambda: read(path)) == [(0, "file-too-large")]


def test_the_largest_file_allowed_is_read(tmp_path: Path) -> None:
    """Exactly the limit is within it."""
    path = tmp_path / "profile.yaml"
    path.write_bytes(b"a: 1\n#" + b"x" * (MAX_BYTES - 6))
    assert read(path).data == {"a": 1}


_LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{f'*a{i - 1}, ' * 9}]\n" for i in range(1, 12))
_DOUBLING = "a0: &a0 {x: 1}\n" + "".join(f"a{i}: &a{i} {{b: *a{i - 1}, c: *a{i - 1}}}\n" for i in range(1, 40))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(_LAUGHS, id="laughs"),
        pytest.param(_DOUBLING, id="doubling"),
        pytest.param("&a [*a]", id="itself"),
        pytest.param("[" * 100_000, id="brackets"),
        pytest.param("[" * 100_000 + "]" * 100_000, id="closed brackets"),
        pytest.param("{a: " * 50_000 + "}" * 50_000, id="braces"),
        pytest.param("- " * 100_000 + "x", id="dashes"),
        pytest.param("".join(" " * i + "a:\n" for i in range(2000)), id="indentation"),
        pytest.param("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2), id="one level too many"),
    ],
)
def test_a_bomb_does_not_go_off(text: str) -> None:
    """Aliases that multiply, nesting without end: refused before memory or stack is gone."""
    assert [code for _, code in refusal(text)] == ["yaml-bomb"]


def test_honest_nesting_is_read() -> None:
    """As deep as allowed."""
    assert data("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!python/name:os.system", "!secret", "!!binary"])
def test_a_tag_makes_nothing(tag: str) -> None:
    """Only plain values are read."""
    assert refusal(f"a: 1\nb: {tag} id\n") == [(2, "yaml-tag")]


@pytest.mark.parametrize("tag", ["!!bool", "!!int", "!!float", "!!null", "!!timestamp"])
def test_a_plain_type_forced_on_other_text_is_no_crash(tag: str) -> None:
    """`!!bool perhaps` is text or a mistake, never a traceback."""
    try:
        found = data(f"a: {tag} perhaps\n")["a"]
    except BadInput:
        return
    assert found in ("perhaps", None)


# ---- mistakes


def test_every_duplicate_key_is_told_with_both_lines() -> None:
    """The first stands; the second is named at its own line."""
    with pytest.raises(BadInput) as caught:
        data("a: 1\nb: {c: 1, c: 2}\na: 2\n")
    told = [(p.place.line, p.place.path, p.params["first"]) for p in caught.value.problems]
    assert told == [(2, "b.c", "2"), (3, "a", "1")]


def test_days_that_do_not_exist_are_told_together() -> None:
    """29 February of a common year, a thirteenth month."""
    assert refusal("a: 2023-02-29\nb: 2024-02-29\nc: 2024-13-01\n") == [(1, "no-such-day"), (3, "no-such-day")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1, 2\nb: 3\n", 2),
        ("a: 1\n b: 2\n", 2),
        ("a: 'x\n", 2),
        ("a: 1\n---\nb: 1\n", 2),
        ("a: \x07\n", 0),
        ("\ta: 1\n", 1),
    ],
)
def test_what_is_not_yaml_is_told_with_its_line(text: str, line: int) -> None:
    """Open brackets, wrong indentation, open quotes, two documents, control characters, tabs."""
    assert refusal(text) == [(line, "yaml-syntax")]


def test_a_list_is_no_key() -> None:
    """`? [a]` has no name to be shown by."""
    assert refusal("a: 1\n? [b]\n: c\n") == [(2, "key-not-plain")]


def test_a_file_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    """Missing, a folder, a path through a file."""
    (tmp_path / "file").write_text("a: 1")
    found = [refused(lambda path=path: read(path)) for path in (tmp_path / "no", tmp_path, tmp_path / "file" / "x")]
    assert found == [[(0, "file-missing")], [(0, "file-is-folder")], [(0, "file-unreadable")]]


# ---- anything at all

_BITS = (
    *"abc:-?[]{},&*!|>%@`'\"# \n\t\r\\=~",
    *("<<", "佛山", "2025", "2024-02-30", "1.5", "yes", "- ", ": ", "&a ", "*a ", "!!int ", "!!set ", "!!omap "),
    *("\u2028", "\x85", "\ufeff", "😀", "---\n", "...\n", "0b1", "<<: *a\n", "2024-01-01 10:00:00"),
)


@given(st.lists(st.sampled_from(_BITS), max_size=30).map("".join))
@fuzzed
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but data or `BadInput` comes out."""
    with suppress(BadInput):
        assert isinstance(parse(text, name="x.yaml"), Source)


@given(raw=st.binary(max_size=60))
@fuzzed
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    """The same for files."""
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(raw)
    with suppress(BadInput):
        assert isinstance(read(path), Source)
