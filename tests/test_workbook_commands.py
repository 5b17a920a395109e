"""The commands of the workbook: template, export, import; nothing is written until all is right."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assistant.cli import cli
from assistant.company.joining import joined
from assistant.company.profile import read_profile
from assistant.sources import read
from tests.conftest import ON, ROOT, book
from tests.workbooks import blank, cell, filled

TODAY = ("--on", ON.isoformat())


def run(*arguments: str | Path) -> Result:
    """Run a command in this process; a crash is a failure of the test."""
    result = CliRunner().invoke(cli, ["profile", *(str(argument) for argument in arguments), *TODAY])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_template_is_written_filled_in_and_read(tmp_path: Path) -> None:
    """From nothing to a profile that every command takes."""
    workbook, profile = tmp_path / "资料.xlsx", tmp_path / "profile.yaml"
    assert run("template", "-o", workbook).exit_code == 0
    assert workbook.read_bytes() == blank()
    title, at = cell("revenue", "E")
    workbook.write_bytes(filled({("企业", "C3"): "某某泵业", (title, at): "1.4亿"}, base=workbook.read_bytes()))
    done = run("import", workbook, "-o", profile, "--lang", "zh")
    assert (done.exit_code, done.stdout) == (0, f"{profile}\n")
    assert done.stderr == f"{workbook} 财务!{at}：写的是“1.4亿”，按 14,000 万元读取\n"
    assert read(profile).data == {
        "enterprise": {"name": "某某泵业"},
        "facts": None,
        "years": {2025: {"revenue": "14000万元"}},
    }


def test_mistakes_are_listed_and_nothing_is_written(tmp_path: Path) -> None:
    """All of them, each with its cell, in both languages; status 2."""
    workbook, profile = tmp_path / "F.xlsx", tmp_path / "profile.yaml"
    (_, one), (_, two) = cell("revenue"), cell("iso9001")
    workbook.write_bytes(filled({cell("revenue"): "约三百", cell("iso9001"): "也许", cell("city"): "东莞市"}))
    done = run("import", workbook, "-o", profile, "--lang", "zh")
    assert done.exit_code == 2
    assert done.stderr.splitlines() == [
        f"{workbook} 企业!{two}：应为是、否、不清楚；现为“也许”",
        f"{workbook} 财务!{one}：应为数字，万元；现为“约三百”",
        "共 2 处",
    ]
    assert "a number in 万元 is expected" in run("import", workbook, "-o", profile, "--lang", "en").stderr
    assert not profile.exists()


def test_what_is_there_is_not_overwritten_unasked(tmp_path: Path) -> None:
    """Neither a workbook somebody is filling in nor a profile."""
    workbook, profile = tmp_path / "F.xlsx", tmp_path / "profile.yaml"
    workbook.write_bytes(blank())
    profile.write_text("facts: {}\n", encoding="utf-8")
    for command in (
        ("template", "-o", workbook),
        ("export", ROOT / "profiles" / "valve-maker.yaml", "-o", workbook),
        ("import", workbook, "-o", profile),
    ):
        assert run(*command).exit_code == 2
        assert run(*command, "--force").exit_code == 0


def test_there_and_back(sample: str, tmp_path: Path) -> None:
    """Every sample, as the commands do it; more years than it has change nothing."""
    workbook, profile = tmp_path / "F.xlsx", tmp_path / "profile.yaml"
    source = ROOT / "profiles" / f"{sample}.yaml"
    assert run("export", source, "-o", workbook, "--years", "6").exit_code == 0
    assert run("import", workbook, "-o", profile).exit_code == 0
    before, after = (read_profile(read(path), book().dictionary, book().lists, ON) for path in (source, profile))
    assert (after.facts, after.years, after.estimates) == (before.facts, before.years, before.estimates)
    assert (after.recognitions, after.judgements, after.unsure) == (
        before.recognitions,
        before.judgements,
        before.unsure,
    )


@pytest.mark.parametrize("name", ["everything-at-once", "syntax", "choice-misspelt"])
def test_a_profile_that_is_wrong_is_not_exported(name: str, tmp_path: Path) -> None:
    """Its mistakes are told as always."""
    workbook = tmp_path / "F.xlsx"
    assert run("export", ROOT / "tests" / "bad_profiles" / f"{name}.yaml", "-o", workbook).exit_code == 2
    assert not workbook.exists()


def test_what_is_told_takes_the_place_of_what_was_known() -> None:
    """And what is not told stays: facts, figures, estimates, judgements one by one; a list as a whole."""
    held, new = [{"id": "high-tech-enterprise"}], [{"id": "innovative-sme"}]
    a, b = ({"project": "p", "criterion": one, "verdict": "met"} for one in "ab")
    known = {
        "enterprise": {"name": "甲", "uscc": "1"},
        "facts": {"city": "东莞市", "iso9001": True},
        "years": {2024: {"revenue": 1}, 2025: {"revenue": 2}},
        "estimates": {2026: {"revenue": 3}},
        "recognitions": held,
        "judgements": [a],
    }
    told = {
        "enterprise": {"name": "乙"},
        "facts": {"iso9001": "unknown"},
        "years": {2025: {"revenue": 5, "exports": 0}},
        "judgements": [{**a, "verdict": "unmet"}, b],
    }
    assert joined(known, told) == {
        "enterprise": {"name": "乙", "uscc": "1"},
        "facts": {"city": "东莞市", "iso9001": "unknown"},
        "years": {2024: {"revenue": 1}, 2025: {"revenue": 5, "exports": 0}},
        "estimates": {2026: {"revenue": 3}},
        "recognitions": held,
        "judgements": [{**a, "verdict": "unmet"}, b],
    }
    assert joined(known, {"recognitions": new})["recognitions"] == new
    assert joined(known, {"recognitions": []})["recognitions"] == []
    assert joined(known, {}) == known
    assert joined({}, told) == {section: value for section, value in told.items() if value}
