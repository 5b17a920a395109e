"""The published list compared with the rules: what is new, gone or changed, drafts for new rows, and the command."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from assistant.catalogue.compare import Known, compare, known
from assistant.catalogue.document import read_document
from assistant.catalogue.draft import drafts, with_listed
from assistant.catalogue.draft import listed as kept_of
from assistant.catalogue.listing import listing
from assistant.catalogue.rows import PublishedList
from assistant.cli.catalogue import import_
from assistant.delivery.wording.catalogue import DRAFT_WORDS, report
from assistant.errors import BadInput
from assistant.rulebook.reading import read_rules
from assistant.settings import packaged_rules
from tests.conftest import book
from tests.data.lists.printing import LIST, as_markdown, pieces, without

ON = date(2026, 11, 23)


@dataclass(frozen=True)
class Kept:
    """A row as a rule keeps it."""

    year: int
    name: str
    basis: Sequence[str]
    basis_links: Sequence[str]
    notices: Sequence[str]
    notice_links: Sequence[str]
    planned: str


@pytest.fixture(scope="module")
def printed() -> PublishedList:
    """Return the 2023 list as printed."""
    return listing(read_document(LIST))


def test_the_list_agrees_with_the_rules(printed: PublishedList) -> None:
    """All 39 rows have their rule, by name and number."""
    comparison = compare(printed, [known(project) for project in book().projects.values()])
    assert comparison.agrees
    assert len(comparison.pairs) == 39


def as_kept(published: PublishedList) -> list[Known]:
    """Return rules that keep the rows of *published*."""
    return [
        Known(f"project-{at}", f"项目{at}", row.section, row.number, Kept(**kept_of(row, published)))
        for at, row in enumerate(published.rows)
    ]


def test_rows_kept_are_compared_column_by_column(printed: PublishedList) -> None:
    """The same list agrees; each changed column is named with before and after."""
    projects = as_kept(printed)
    assert compare(printed, projects).agrees
    first, *others = printed.rows
    changes: dict[str, Any] = {
        "basis": ("《新办法》",),
        "notices": ("甲通知", "乙通知"),
        "notice_links": (),
        "planned": "2023年6月",
        "number": 40,
    }
    for name, value in changes.items():
        altered = replace(first, **{name: value})
        (pair,) = compare(replace(printed, rows=(altered, *others)), projects).changed
        assert (pair.id, [change.field for change in pair.changes]) == ("project-0", [name])


def test_new_vanished_and_renamed_rows(printed: PublishedList) -> None:
    """A row is known by its name, or by a name much like it; the rest is new or gone."""
    projects = as_kept(printed)
    rows = [row for row in printed.rows if row.name != "国家工业遗产"]
    rows[0] = replace(rows[0], name="国家工业产品质量控制与技术评价实验室（示范）", number=30)
    rows.append(replace(rows[5], name="国家低空经济场景培育", number=31))
    comparison = compare(replace(printed, rows=tuple(rows)), projects)
    assert [row.name for row in comparison.new] == ["国家低空经济场景培育"]
    assert [project.number for project in comparison.vanished] == [22]
    assert [pair.id for pair in comparison.renamed] == ["project-0"]
    said = "\n".join(report(printed, comparison, "zh"))
    assert "新增 1，消失 1，更名 1，变更 1" in said
    assert "序号：1 → 30" in said


def test_drafts_are_rule_files(printed: PublishedList, tmp_path: Path) -> None:
    """A draft loads, keeps its row, and can never make anybody eligible."""
    made = drafts(printed.rows, printed, {"national-1"}, ON, DRAFT_WORDS)
    assert len(made) == 39
    assert "national-1" not in made
    for name in ("facts.yaml", "lists"):
        (tmp_path / name).symlink_to(packaged_rules() / name)
    for id_, text in made.items():
        data = yaml.safe_load(text)
        assert data["listed"]["name"] == data["name"]
        (tmp_path / f"{id_}.yaml").write_text(re.sub(r"^listed:\n(?: .*\n)*", "", text, flags=re.MULTILINE), "utf-8")
    rules, problems = read_rules(tmp_path)
    assert problems == []
    versions = [version for project in rules.projects.values() for version in project.versions]
    assert {applies.text for version in versions for applies in version.applies} == {"missing"}


def test_rows_go_into_rule_files(printed: PublishedList) -> None:
    """The columns as printed find their place in a rule file, once however often they are put there."""
    row = printed.rows[0]
    text = (packaged_rules() / "quality-control-lab.yaml").read_text("utf-8")
    filled = with_listed(text, row, printed)
    assert with_listed(filled, row, printed) == filled
    data = yaml.safe_load(filled)
    assert data.pop("listed") == kept_of(row, printed)
    bare = yaml.safe_load(text)
    bare.pop("listed", None)
    assert data == bare


# ---- the command


def run(*arguments: str) -> tuple[int, str, BaseException | None]:
    """Run the command."""
    result = CliRunner().invoke(import_, list(arguments))
    return result.exit_code, result.output, result.exception


def test_the_command_reports_in_both_languages() -> None:
    """Status 0 where list and rules agree; oddities are shown all the same."""
    status, chinese, _ = run(str(LIST), "--lang", "zh")
    assert status == 0
    assert "共 39 项：推荐报国家项目 26，以本机关名义开展的省级项目 13" in chinese
    assert "国家 23：缺号" in chinese
    status, english, _ = run(str(LIST), "--lang", "en")
    assert status == 0
    assert "table 4: the column of planned date is headed ‘序号’" in english


def test_the_command_writes_drafts(tmp_path: Path) -> None:
    """Status 1 where something differs; drafts are written once and never over others."""
    rules = tmp_path / "rules"
    rules.mkdir()
    for path in packaged_rules().iterdir():
        if path.stem != "iot-case":
            (rules / path.name).symlink_to(path)
    folder = tmp_path / "drafts"
    arguments = [str(LIST), "--rules", str(rules), "--draft", str(folder), "--on", "2026-11-23"]
    status, output, _ = run(*arguments, "--format", "json")
    data = json.loads(output)
    assert (status, data["agrees"], [row["name"] for row in data["new"]]) == (1, False, ["国家物联网项目"])
    assert [Path(name) for name in data["drafts"]] == list(folder.iterdir())
    assert "checked: 2026-11-23" in (folder / "national-9.yaml").read_text("utf-8")
    _, _, error = run(*arguments)
    assert isinstance(error, BadInput)
    assert error.problems[0].code == "draft-exists"


def test_a_row_less_is_a_project_vanished(tmp_path: Path) -> None:
    """The rule whose row is gone is named."""
    path = tmp_path / "list.md"
    path.write_text(as_markdown(without(pieces(), "国家工业遗产")), "utf-8")
    status, output, _ = run(str(path), "--lang", "en")
    assert status == 1
    assert "vanished: national 22 国家工业遗产 [national-industrial-heritage]" in output
