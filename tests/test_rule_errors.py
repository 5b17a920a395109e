"""A mistake in a rule file is named where it stands, in words that help to mend it.

Each file of `bad_rules` is named after one mistake: what it writes instead of what into the sound `_base.yaml`, and
the problems that must come of it. `at` is text of the line that a problem points to, by default the first line written.
A file without `expect` is a mistake whose words are not settled: it must be refused, at that line.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assistant.company.lists import Lists, read_lists
from assistant.delivery.wording.problems import PROBLEMS, problem_text
from assistant.errors import BadInput, Problem
from assistant.rulebook.load import load
from assistant.rulebook.reading import read_rules
from assistant.sources import Source, read

BAD = Path(__file__).parent / "bad_rules"
RULES = Path(__file__).parents[1] / "rules"
MISTAKES = sorted(path.stem for path in BAD.glob("[a-z]*.yaml"))


@cache
def base() -> str:
    """Return the sound rule file."""
    return (BAD / "_base.yaml").read_text("utf-8")


@cache
def read_once(path: Path, name: str | None) -> Source:
    """Read the dictionary once for all mistakes; it is sound, so nothing is ever reported to it."""
    return read(path, name=name)


@cache
def read_lists_once(name: str) -> tuple[Lists, tuple[Source, ...]]:
    """Read the lists once for all mistakes."""
    lists, sources = read_lists(RULES / "lists", name)
    return lists, tuple(sources)


def lists_again(_: Path, name: str) -> tuple[Lists, list[Source]]:
    """Return the lists as reading them gives."""
    lists, sources = read_lists_once(name)
    return lists, list(sources)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a rules folder with the real dictionary and lists, and no projects."""
    monkeypatch.setattr(
        "assistant.rulebook.reading.read",
        lambda path, *, name=None: (
            read_once(RULES / path.name, name) if path.name == "facts.yaml" else read(path, name=name)
        ),
    )
    monkeypatch.setattr("assistant.rulebook.reading.read_lists", lists_again)
    rules = tmp_path / "rules"
    rules.mkdir()
    for name in ("facts.yaml", "lists"):
        (rules / name).symlink_to(RULES / name)
    return rules


def problems(folder: Path, **files: str) -> list[Problem]:
    """Return what is wrong with the project *files* in *folder*."""
    for stem, text in files.items():
        (folder / f"{stem}.yaml").write_text(text, "utf-8")
    return read_rules(folder)[1]


def said(problem: Problem) -> str:
    """Return the Chinese sentence of *problem*."""
    return problem_text(problem.code, dict(problem.params), "zh")


def spoiled(mistake: dict[str, Any]) -> str:
    """Return the base with the mistake written into it."""
    if "whole" in mistake:
        return str(mistake["whole"])
    assert base().count(mistake["instead_of"]) > 0, "the base has no such text"
    return base().replace(mistake["instead_of"], mistake["write"], 1)


def stands_at(problem: Problem, text: str, wanted: str) -> bool:
    """Tell whether *problem* points to a line of *text* that has *wanted* in it."""
    lines: Sequence[str] = ["", *text.splitlines()]
    return wanted in lines[problem.place.line]


def test_the_base_is_sound(folder: Path) -> None:
    """Without a mistake there is nothing to say, so every mistake below is the file's own."""
    assert problems(folder, sample=base()) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named(folder: Path, name: str) -> None:
    """Each mistake gives its messages and no other, at its line."""
    mistake = read(BAD / f"{name}.yaml").data
    text = spoiled(mistake)
    found = sorted(problems(folder, sample=text), key=lambda problem: problem.place.line)
    written = (mistake.get("write") or mistake.get("whole", "")).strip().split("\n")[0]
    if "expect" not in mistake:
        assert found, "nothing was noticed"
        assert any(stands_at(problem, text, mistake.get("at", written)) for problem in found)
        return
    expected = mistake["expect"]
    assert [(problem.code, said(problem)) for problem in found] == [(one["code"], one["says"]) for one in expected]
    for problem, one in zip(found, expected, strict=True):
        assert problem.place.file == "rules/sample.yaml"
        assert stands_at(problem, text, one.get("at", written)), str(problem)


def test_two_files_are_reported_at_once(folder: Path) -> None:
    """A mistake in one file does not hide that in another; each comes with its file and line."""
    one = base().replace("test: revenue[FY-1] >= 1000 万元", "test: revenu[FY-1] >= 1000 万元")
    two = base().replace("id: sample", "id: second").replace("pass: 60", "pass: 110")
    (folder / "first.yaml").write_text(one.replace("id: sample", "id: first"), "utf-8")
    (folder / "second.yaml").write_text(two, "utf-8")
    with pytest.raises(BadInput) as caught:
        load(folder)
    assert [f"{problem.place}：{said(problem)}" for problem in caught.value.problems] == [
        "rules/first.yaml:34 versions.1.conditions.0.test：没有“revenu”这个指标，最接近的是 revenue",
        "rules/second.yaml:77 versions.1.scoring.0：合格线 110 高于满分 100",
    ]


def test_a_broken_file_does_not_hide_the_others(folder: Path) -> None:
    """Where one file is no YAML at all, the mistakes of the other still come."""
    found = problems(folder, first="id: [", sample=base().replace("n: 2", "n: 4"))
    assert {(problem.place.file, problem.code) for problem in found} == {
        ("rules/first.yaml", "yaml-syntax"),
        ("rules/sample.yaml", "at-least-too-many"),
    }


def test_prerequisites_may_not_go_in_a_circle(folder: Path) -> None:
    """Two projects that each need the other first."""
    one = base().replace("id: sample", "id: first").replace("[innovative-sme]", "[second]")
    two = base().replace("id: sample", "id: second").replace("[innovative-sme]", "[first]")
    assert [said(problem) for problem in problems(folder, first=one, second=two)] == [
        "前置资质绕成了圈：first → second → first"
    ]


def test_every_message_has_its_words(folder: Path) -> None:
    """No mistake of the folder is told as a bare code."""
    found = [
        problem for name in MISTAKES for problem in problems(folder, sample=spoiled(read(BAD / f"{name}.yaml").data))
    ]
    assert {problem.code for problem in found} <= set(PROBLEMS)
    assert len({problem.code for problem in found}) > 40
