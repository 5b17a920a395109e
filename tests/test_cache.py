"""The compiled rulebook is kept, never stale, and never needed."""

from __future__ import annotations

import os
import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import BadInput
from assistant.rulebook.book import Rulebook
from assistant.rulebook.load import load
from tests.conftest import ROOT

FEW = ("innovative-sme", "little-giant")  # enough to be a rulebook, few enough to compile quickly


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a rules folder of one's own, with few projects."""
    folder = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", folder, ignore=lambda _, names: [n for n in names if n.endswith(".md")])
    for path in folder.glob("*.yaml"):
        if path.stem not in (*FEW, "facts"):
            path.unlink()
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return a folder for compiled rules that is not there yet."""
    return tmp_path / "deep" / "cache"


def kept(cache: Path) -> list[Path]:
    """Return the compiled rulebooks."""
    return sorted(cache.glob("rulebook-*.pickle"))


def swap(path: Path, old: str, new: str) -> None:
    """Change a rule file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_compiled_rulebook_is_the_rulebook(rules: Path, cache: Path) -> None:
    """Compiled, kept, and read back: all equal."""
    plain = load(rules)
    assert load(rules, cache=cache) == plain
    assert len(kept(cache)) == 1
    assert load(rules, cache=cache) == plain


def test_the_packaged_rules_are_the_same_from_the_cache(rulebook: Rulebook, surroundings: Path) -> None:
    """All of them."""
    again = load(ROOT / "rules", cache=surroundings)
    assert again is not rulebook
    assert (again.projects, again.lists, again.digest) == (rulebook.projects, rulebook.lists, rulebook.digest)
    assert (again.dictionary, again.version) == (rulebook.dictionary, rulebook.version)


def test_the_kept_one_is_used(rules: Path, cache: Path) -> None:
    """Put another in its place, and that is what comes."""
    load(rules, cache=cache)
    [path] = kept(cache)
    path.write_bytes(pickle.dumps(replace(load(rules), version="kept")))
    assert load(rules, cache=cache).version == "kept"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("little-giant.yaml", "segment_years >= 3 年", "segment_years >= 4 年"),
        ("facts.yaml", "label: 独立法人", "label: 法人"),
        ("lists/regions.yaml", "en: Foshan", "en: Fatshan"),
        ("lists/industries.csv", "稻谷种植", "水稻种植"),
        ("lists/documents.yaml", "lead_days: ", "lead_days: 1"),
        ("little-giant.yaml", "id: little-giant", "id: little-giant  # 改了一个字"),
    ],
)
def test_any_change_compiles_anew(rules: Path, cache: Path, file: str, old: str, new: str) -> None:
    """Of a rule, of the dictionary, of a list, of a comment."""
    before = load(rules, cache=cache)
    swap(rules / file, old, new)
    after = load(rules, cache=cache)
    assert after.digest != before.digest
    assert after == load(rules)


def test_a_new_file_compiles_anew(rules: Path, cache: Path) -> None:
    """And one taken away."""
    before = load(rules, cache=cache)
    shutil.copy(ROOT / "rules" / "high-tech-enterprise.yaml", rules)
    assert load(rules, cache=cache).projects.keys() == {*FEW, "high-tech-enterprise"}
    (rules / "high-tech-enterprise.yaml").unlink()
    assert load(rules, cache=cache) == before


def test_a_mistake_is_told_in_spite_of_the_cache(rules: Path, cache: Path) -> None:
    """What was right before is not taken for what is wrong now."""
    load(rules, cache=cache)
    swap(rules / "little-giant.yaml", "segment_years >= 3 年", "segment_yeers >= 3 年")
    with pytest.raises(BadInput):
        load(rules, cache=cache)
    assert len(kept(cache)) == 1


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x80\x05", id="cut short"),
        pytest.param(b"not a pickle", id="text"),
        pytest.param(pickle.dumps({"projects": {}}), id="something else"),
        pytest.param(b"cno.such.module\nThing\n.", id="of another program"),
    ],
)
def test_a_damaged_cache_only_means_compiling_again(rules: Path, cache: Path, damage: bytes) -> None:
    """And mends itself."""
    plain = load(rules, cache=cache)
    [path] = kept(cache)
    path.write_bytes(damage)
    assert load(rules, cache=cache) == plain
    assert pickle.loads(path.read_bytes()) == plain  # noqa: S301  # our own


def test_a_cache_of_somebody_else_is_not_read(rules: Path, cache: Path) -> None:
    """A link to a file of another owner could run their code; a folder in its place is no cache."""
    plain = load(rules, cache=cache)
    [path] = kept(cache)
    path.unlink()
    path.mkdir()
    assert load(rules, cache=cache) == plain


@pytest.mark.parametrize("place", ["file", "nowhere"])
def test_a_place_that_cannot_be_written_is_no_error(rules: Path, tmp_path: Path, place: str) -> None:
    """A read-only home: compiled every time."""
    (tmp_path / "file").write_bytes(b"mine")
    folder = {"file": tmp_path / "file" / "cache", "nowhere": Path("/proc/nowhere")}[place]
    assert load(rules, cache=folder) == load(rules)
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_nothing_half_written_is_left(rules: Path, cache: Path) -> None:
    """Only compiled rulebooks stand in the folder, and nobody else may write there."""
    load(rules, cache=cache)
    assert sorted(cache.iterdir()) == kept(cache)
    assert not cache.stat().st_mode & 0o022
    assert kept(cache)[0].stat().st_uid == os.getuid()


def test_old_ones_are_cleared_away(rules: Path, cache: Path) -> None:
    """A few are kept: two folders of rules may take turns."""
    for number in range(8):
        swap(rules / "facts.yaml", "facts:", f"# {number}\nfacts:")
        load(rules, cache=cache)
    assert 1 <= len(kept(cache)) <= 5


def test_two_folders_take_turns(rules: Path, tmp_path: Path, cache: Path) -> None:
    """Neither drives out the other."""
    other = tmp_path / "other"
    shutil.copytree(rules, other)
    swap(other / "facts.yaml", "label: 独立法人", "label: 法人")
    load(rules, cache=cache)
    load(other, cache=cache)
    assert len(kept(cache)) == 2
    assert load(rules, cache=cache) == load(rules)
    assert load(other, cache=cache) == load(other)


def test_rules_that_are_not_there_are_told(tmp_path: Path, cache: Path) -> None:
    """And nothing is kept."""
    with pytest.raises(BadInput) as caught:
        load(tmp_path / "nowhere", cache=cache)
    assert [problem.code for problem in caught.value.problems] == ["folder-missing"]
    assert not cache.exists()
