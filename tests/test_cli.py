"""The command line: every command, its formats and languages; bad input ends with 2, a message, and nothing written."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import openpyxl
import pytest
from click.testing import CliRunner, Result

from assistant.cli import cli
from assistant.company.facts import FactSpec
from assistant.company.profile import Profile
from assistant.delivery.feed import feed
from assistant.rulebook.book import Rulebook
from assistant.sources import read
from tests.conftest import ON, ROOT, SAMPLES, Assess

VALVES = str(ROOT / "profiles" / "valve-maker.yaml")
BAD = sorted((ROOT / "tests" / "bad_profiles").glob("*.yaml"))
TODAY = ("--on", ON.isoformat())
FILES = {"report.html", "calendar.ics", "checklist.xlsx", "result.json"}
HANZI = "[\u4e00-\u9fff]"


def run(*arguments: str | Path, **environment: str) -> Result:
    """Run a command in this process; a crash is a failure of the test."""
    result = CliRunner(env=environment).invoke(cli, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def good(*arguments: str | Path, **environment: str) -> str:
    """Run a command that must succeed; return what it prints."""
    result = run(*arguments, **environment)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def refused(*arguments: str | Path, **environment: str) -> list[str]:
    """Run a command that must be refused; return its messages."""
    result = run(*arguments, **environment)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr.splitlines()


def sample(name: str) -> Path:
    """Return a sample's file."""
    return ROOT / "profiles" / f"{name}.yaml"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return a folder that is not there yet."""
    return tmp_path / "out"


# ---- match

PROJECT_KEYS = {
    *("id", "name", "verdict", "held", "version", "kind", "cycle", "base_year", "score", "criteria", "window"),
}
CRITERION_KEYS = {
    *("id", "role", "state", "says", "instrument", "clause", "standing", "required", "actual", "short_by", "unit"),
    *("basis", "missing", "reason"),
}
WINDOW_KEYS = {"status", "opens", "closes", "whose", "confidence", "basis"}


@pytest.mark.parametrize("name", SAMPLES)
def test_match_gives_machines_what_the_contract_says(rulebook: Rulebook, name: str) -> None:
    """Every project of the rulebook, every criterion in rule order, every key."""
    data = json.loads(good("match", sample(name), *TODAY, "--format", "json"))
    assert {*data} == {"on", "enterprise", "rulebook", "projects"}
    assert data["on"] == ON.isoformat()
    assert {*data["rulebook"]} == {"version", "digest"}
    assert [project["id"] for project in data["projects"]] == list(rulebook.projects)
    for project in data["projects"]:
        assert project.keys() >= PROJECT_KEYS
        assert project["verdict"] in ("eligible", "ineligible", "undetermined", "not-offered")
        assert project["held"] is None or {*project["held"]} == {"granted", "expires"}
        assert project["score"] is None or project["score"].keys() >= {"low", "high", "pass"}
        assert project["base_year"] == project["cycle"] - 1
        for criterion in project["criteria"]:
            assert criterion.keys() >= CRITERION_KEYS
            assert criterion["state"] in ("met", "unmet", "unknown", "not-applicable")
        window = project["window"]
        assert window.keys() >= WINDOW_KEYS
        assert all(window[key] is None or {*window[key]} == {"earliest", "latest"} for key in ("opens", "closes"))


def test_match_tells_people_the_best_first() -> None:
    """A line per project, with what is short."""
    told = good("match", VALVES, *TODAY)
    assert told.index("high-tech-enterprise") < told.index("little-giant") < told.index("manufacturing-champion")
    assert "Ⅰ类知识产权" in told
    assert "佛山某某阀门有限公司" in told


def test_match_of_some_projects() -> None:
    """In the order asked for, each with its own verdict."""
    asked = ("--project", "little-giant", "--project", "innovative-sme")
    data = json.loads(good("match", VALVES, *TODAY, *asked, "--format", "json"))
    assert [project["id"] for project in data["projects"]] == ["little-giant", "innovative-sme"]


def test_match_of_another_year_and_kind() -> None:
    """What must 2027 show for 2028; what would a new application need."""
    asked = (*TODAY, "--cycle", "2028", "--kind", "new", "--project", "specialized-sme", "--format", "json")
    [project] = json.loads(good("match", VALVES, *asked))["projects"]
    assert (project["cycle"], project["base_year"], project["kind"]) == (2028, 2027, "new")


def as_json(value: date | Decimal) -> str | float:
    """Return what JSON has in place of days and decimals."""
    return float(value) if isinstance(value, Decimal) else value.isoformat()


def test_a_profile_in_json_gives_the_same(tmp_path: Path) -> None:
    """Other programs write JSON."""
    path = tmp_path / "valves.json"
    path.write_text(json.dumps(read(Path(VALVES)).data, default=as_json, ensure_ascii=False), encoding="utf-8")
    asked = (*TODAY, "--format", "json")
    assert json.loads(good("match", path, *asked)) == json.loads(good("match", VALVES, *asked))


# ---- explain


@pytest.mark.parametrize("name", ["valve-maker", "empty", "shenzhen-robotics"])
def test_explain_shows_the_tree_of_every_criterion(rulebook: Rulebook, name: str) -> None:
    """The same findings as `match`, in groups."""

    def leaves(node: dict[str, Any]) -> Iterator[str]:
        if "members" in node:
            for member in node["members"]:
                yield from leaves(member)
        elif node:
            yield node["id"]

    for project in list(rulebook.projects)[::8]:
        data = json.loads(good("explain", sample(name), project, *TODAY, "--format", "json"))
        assert data["id"] == project
        assert list(dict.fromkeys(leaves(data["tree"]))) == [one["id"] for one in data["criteria"]]


def test_explain_tells_people_reasons_and_clauses() -> None:
    """What the rule says, what was found, where it stands."""
    told = good("explain", VALVES, "little-giant", *TODAY)
    assert "非转入且权利人前三的Ⅰ类知识产权为 3 项" in told.replace("\n", "")
    assert "附件2（四）" in told
    assert "✗" in told


@pytest.mark.parametrize("name", SAMPLES)
def test_everything_can_be_explained_to_people(rulebook: Rulebook, name: str) -> None:
    """No company and no project breaks the page, in either language."""
    for number, project in enumerate(list(rulebook.projects)[SAMPLES.index(name) :: len(SAMPLES)]):
        assert good("explain", sample(name), project, *TODAY, "--lang", ("zh", "en")[number % 2])


# ---- checklist, calendar


@pytest.mark.parametrize("name", ["valve-maker", "empty", "chemical-plant"])
def test_the_checklist_in_every_form(name: str, out: Path) -> None:
    """Table, Markdown, JSON, page."""
    assert good("checklist", sample(name), *TODAY)
    told = good("checklist", sample(name), *TODAY, "--format", "md")
    assert told.startswith("# ")
    data = json.loads(good("checklist", sample(name), *TODAY, "--format", "json"))
    assert {*data} == {"on", "enterprise", "steps", "upkeep", "questions"}
    assert told.count("- [ ] ") == len(data["steps"]) + len(data["upkeep"])
    good("checklist", sample(name), *TODAY, "--format", "html", "-o", out / "list.html")
    assert (out / "list.html").read_text(encoding="utf-8").lstrip().startswith("<!DOCTYPE html>")


def test_the_checklist_as_a_spreadsheet(out: Path) -> None:
    """Bytes need a file."""
    good("checklist", VALVES, *TODAY, "--format", "xlsx", "-o", out / "list.xlsx")
    assert openpyxl.load_workbook(out / "list.xlsx").sheetnames
    assert "-o" in "".join(refused("checklist", VALVES, *TODAY, "--format", "xlsx"))


def test_the_calendar_goes_to_a_file_or_to_the_next_program(assessed: Assess, out: Path) -> None:
    """The same bytes, line ends and all."""
    result = run("calendar", VALVES, *TODAY)
    good("calendar", VALVES, *TODAY, "-o", out / "valves.ics")
    assert result.stdout_bytes == (out / "valves.ics").read_bytes() == feed(assessed("valve-maker"))


def test_the_calendar_in_part_and_with_alarms(assessed: Assess) -> None:
    """Windows alone, or tasks that ring; what else one might ask for is refused by name."""
    windows = run("calendar", VALVES, *TODAY, "--only", "windows").stdout_bytes
    assert windows == feed(assessed("valve-maker"), only="windows")
    tasks = run("calendar", VALVES, *TODAY, "--only", "tasks", "--alarms").stdout_bytes
    assert tasks == feed(assessed("valve-maker"), only="tasks", alarms=True)
    assert "windows" in "".join(refused("calendar", VALVES, *TODAY, "--only", "holidays"))


def test_an_output_replaces_the_old_one_whole(out: Path) -> None:
    """Nothing of a longer file is left."""
    out.mkdir()
    (out / "valves.ics").write_bytes(b"x" * 1_000_000)
    good("calendar", VALVES, *TODAY, "-o", out / "valves.ics")
    assert (out / "valves.ics").read_bytes().endswith(b"END:VCALENDAR\r\n")
    assert [path.name for path in out.iterdir()] == ["valves.ics"]


# ---- report


def test_the_report_is_four_whole_files(out: Path) -> None:
    """All that a company takes home; its data agree with `match`."""
    told = good("report", VALVES, *TODAY, "-o", out)
    assert {path.name for path in out.iterdir()} == FILES
    assert {Path(line) for line in told.splitlines()} == {out / name for name in FILES}
    data = json.loads((out / "result.json").read_text(encoding="utf-8"))
    matched = json.loads(good("match", VALVES, *TODAY, "--format", "json"))
    assert {key: data[key] for key in matched} == matched
    assert (out / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert (out / "calendar.ics").read_bytes().endswith(b"END:VCALENDAR\r\n")
    assert openpyxl.load_workbook(out / "checklist.xlsx").sheetnames


def test_the_report_comes_out_the_same_twice(tmp_path: Path) -> None:
    """Byte for byte, but for the spreadsheet's own clock."""
    for folder in ("one", "two"):
        good("report", sample("software-firm"), *TODAY, "-o", tmp_path / folder)
    for name in FILES - {"checklist.xlsx"}:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file in its place, a place below a file, a system folder: one message, nothing changed."""
    (tmp_path / "file").write_bytes(b"mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "deeper", Path("/proc/nowhere")):
        [message] = refused("report", VALVES, *TODAY, "-o", folder)
        assert message.startswith(f"{folder}：无法写入")
    assert (tmp_path / "file").read_bytes() == b"mine"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("blocked", sorted(FILES))
def test_a_report_is_not_half_written(out: Path, blocked: str) -> None:
    """One of the four cannot take its place: the three others stay as they were."""
    out.mkdir()
    (out / blocked).mkdir()
    for name in FILES - {blocked}:
        (out / name).write_bytes(b"old")
    refused("report", VALVES, *TODAY, "-o", out)
    assert {path.name for path in out.iterdir()} == FILES
    assert {(out / name).read_bytes() for name in FILES - {blocked}} == {b"old"}


# ---- windows, announce


def test_windows_of_every_project(rulebook: Rulebook) -> None:
    """For people and for machines."""
    data = json.loads(good("windows", *TODAY, "--format", "json"))
    assert [row["id"] for row in data["windows"]] == list(rulebook.projects)
    assert all(row["window"].keys() >= WINDOW_KEYS for row in data["windows"])
    assert "预计2027年" in good("windows", *TODAY)
    assert "expected" in good("windows", *TODAY, "--lang", "en")


def test_windows_of_the_next_months() -> None:
    """What opens later is left out."""
    for months in (1, 6, 18):
        rows = json.loads(good("windows", *TODAY, "--months", str(months), "--format", "json"))["windows"]
        opening = [row["window"]["opens"]["earliest"] for row in rows if row["window"]["opens"]]
        assert all(day <= "2028-05-23" for day in opening)
        assert months > 1 or all(day <= "2026-12-23" for day in opening)


def test_windows_of_a_city() -> None:
    """By its name as a profile may have it: with or without 市, or its code."""
    asked = (*TODAY, "--format", "json", "--city")
    assert good("windows", *asked, "广州市") != good("windows", *asked, "珠海市")
    assert good("windows", *asked, "广州市") == good("windows", *asked, "广州") == good("windows", *asked, "440100")


def test_windows_of_a_city_that_is_none() -> None:
    """Told with the nearest, not taken for any city."""
    assert "广州市" in "".join(refused("windows", *TODAY, "--city", "广洲市"))


def test_forecasts_are_measured() -> None:
    """Hits, width, and how the naive guess did."""
    data = json.loads(good("windows", "backtest", "--format", "json"))
    assert data["summary"]["predicted"] >= data["summary"]["hits"] > 0
    assert "命中" in good("windows", "backtest")


@pytest.fixture
def announcements(tmp_path: Path) -> Mapping[str, str]:
    """Return an environment with official dates of its own."""
    return {"ASSISTANT_ANNOUNCEMENTS": str(tmp_path / "announcements.yaml")}


PAGE = ("--source", "https://www.miit.gov.cn/x")


def test_an_official_date_replaces_the_forecast_everywhere(announcements: Mapping[str, str]) -> None:
    """In windows, verdicts and the calendar; the last one entered counts."""
    for day in ("2027-03-20", "2027-04-01"):
        good("announce", "little-giant", "--opens", day, "--closes", "2027-04-30", *PAGE, *TODAY, **announcements)
    asked = (*TODAY, "--format", "json")
    rows = json.loads(good("windows", *asked, **announcements))["windows"]
    [window] = [row["window"] for row in rows if row["id"] == "little-giant"]
    assert (window["status"], window["opens"]["earliest"]) == ("announced", "2027-04-01")
    [project] = json.loads(good("match", VALVES, *asked, "--project", "little-giant", **announcements))["projects"]
    assert project["window"] == window
    assert "【已公布】专精特新“小巨人”企业" in good("calendar", VALVES, *TODAY, **announcements).replace("\n ", "")


@pytest.mark.parametrize(
    "wrong",
    [
        ("little-gaint", "--opens", "2027-04-01", *PAGE),
        ("little-giant", *PAGE),
        ("little-giant", "--opens", "2027-04-01", "--closes", "2027-03-01", *PAGE),
        ("little-giant", "--opens", "2027-04-01", "--source", "听说"),
        ("little-giant", "--opens", "四月一日", *PAGE),
    ],
)
def test_a_wrong_official_date_is_not_entered(announcements: Mapping[str, str], wrong: tuple[str, ...]) -> None:
    """Unknown project, no date, reversed, no page, no day."""
    assert refused("announce", *wrong, *TODAY, **announcements)
    assert not Path(announcements["ASSISTANT_ANNOUNCEMENTS"]).exists()


# ---- profile


def test_a_new_profile_passes_the_check(out: Path) -> None:
    """Blank as it is; an existing one is not overwritten unless asked."""
    path = out / "new.yaml"
    good("profile", "new", path, "--name", "佛山某某公司", *TODAY)
    assert "已填 0 项" in good("profile", "check", path, *TODAY)
    path.write_text("mine", encoding="utf-8")
    [message] = refused("profile", "new", path, *TODAY)
    assert "--force" in message
    assert path.read_text(encoding="utf-8") == "mine"
    good("profile", "new", path, "--force", *TODAY)
    assert "facts:" in path.read_text(encoding="utf-8")


NAMES = [
    *("佛山某某公司", "“引号”公司", '引"号: 公司', "反\\斜", "a: b # c", "@%{x}", "😀𡒄", "'单'"),
    *("yes", "12800", "<b>&"),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_company_may_be_called_anything(out: Path, name: str) -> None:
    """Its name comes back as it was given."""
    good("profile", "new", out / "new.yaml", "--name", name, *TODAY)
    data = json.loads(good("match", out / "new.yaml", *TODAY, "--format", "json"))
    assert data["enterprise"]["name"] == name


def test_a_new_profile_shows_the_name_as_people_write_it(out: Path) -> None:
    """Not as escapes of Unicode."""
    good("profile", "new", out / "new.yaml", "--name", "佛山某某公司", *TODAY)
    assert "佛山某某公司" in (out / "new.yaml").read_text(encoding="utf-8")


def test_a_blank_profile_is_filled_by_taking_out_the_hashes(rulebook: Rulebook, out: Path) -> None:
    """Every fact the rules ask for has a line; any of them, uncommented and answered, is accepted."""
    good("profile", "new", out / "new.yaml", *TODAY)
    filled, answered = [], set()
    for line in (out / "new.yaml").read_text(encoding="utf-8").splitlines():
        found = re.match(r"( *)# (\w+):", line)
        spec = rulebook.dictionary.facts.get(found[2]) if found else None
        if found and spec:
            answered.add(spec.name)
            filled.append(f"{found[1]}{spec.name}: {answer_to(spec)}")
        else:
            filled.append(line)
    (out / "new.yaml").write_text("\n".join(filled), encoding="utf-8")
    told = good("profile", "check", out / "new.yaml", *TODAY)
    assert int(re.findall(r"已填 (\d+) 项", told)[0]) >= len(answered)
    used = {name for name in rulebook.facts_used() if not rulebook.dictionary.facts[name].derived}
    assert used <= answered


def answer_to(spec: FactSpec) -> str:
    """Return some right answer to a fact."""
    plain = {"flag": "yes", "date": "2020-05-18", "city": "佛山市", "industry": "C3443", "text": "某某", "events": "[]"}
    return plain.get(spec.kind) or (next(iter(spec.choices)) if spec.choices else str(spec.least or 1))


def test_the_last_lines_of_a_blank_profile_work_too(out: Path) -> None:
    """The example of a recognition, uncommented as it stands."""
    good("profile", "new", out / "new.yaml", *TODAY)
    text = (out / "new.yaml").read_text(encoding="utf-8")
    head, _, tail = text.rpartition("# recognitions:")
    assert tail
    lines = [line.removeprefix("# ").removeprefix("#") for line in ("# recognitions:" + tail).splitlines()]
    (out / "new.yaml").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    good("profile", "check", out / "new.yaml", *TODAY)


def test_every_sample_passes_the_check(samples: Mapping[str, Profile]) -> None:
    """The samples show how it is done."""
    for name, profile in samples.items():
        assert good("profile", "check", sample(name), *TODAY).startswith(f"{profile.name}：已填 ")


def test_a_doubt_is_told_and_ends_with_one(tmp_path: Path) -> None:
    """The profile can be used; the check found something."""
    path = tmp_path / "doubtful.yaml"
    path.write_text("enterprise: {name: 某某公司}\nfacts:\n  industry: C9999\n", encoding="utf-8")
    result = run("profile", "check", path, *TODAY)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{path}:3 facts.industry：行业代码“C9999”不在")
    assert run("match", path, *TODAY).exit_code == 0


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_profile_is_told_line_by_line(path: Path) -> None:
    """One line per mistake, then how many; in the file's own words (after `#!`)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    marked = [(number, told.strip()) for number, line in enumerate(lines, 1) for told in line.split("#!")[1:]]
    expected = [f"{path}:{number}{'' if told.startswith('：') else ' '}{told}" for number, told in marked]
    count = [f"共 {len(expected)} 处"] if len(expected) > 1 else []
    assert refused("profile", "check", path, *TODAY) == [*expected, *count]


@pytest.mark.parametrize("path", BAD[::4], ids=lambda path: path.stem)
def test_a_bad_profile_is_told_in_english_too(path: Path) -> None:
    """As many lines, at the same places."""
    english, chinese = (refused("--lang", lang, "profile", "check", path, *TODAY) for lang in ("en", "zh"))
    places = [re.split("：|: ", line)[0] for line in chinese if line.startswith(str(path))]
    assert [line.split(": ")[0] for line in english if line.startswith(str(path))] == places
    assert len(english) == len(chinese)


def test_a_bad_profile_leaves_nothing_behind(out: Path) -> None:
    """Whatever was asked for."""
    bad = ROOT / "tests" / "bad_profiles" / "several-at-once.yaml"
    commands = [
        ("report", bad, "-o", out),
        ("calendar", bad, "-o", out / "x.ics"),
        ("checklist", bad, "--format", "md", "-o", out / "x.md"),
        ("match", bad, "--format", "json"),
        ("explain", bad, "little-giant"),
    ]
    told = [refused(*command, *TODAY) for command in commands]
    assert all(lines == told[0] for lines in told)
    assert not out.exists()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"\0\0", "不是文本文件，应为 UTF-8 或 GBK 编码的 YAML、JSON"),
        (b"x" * 5_000_001, "文件太大，应不超过 5 MB"),
        (b"[" * 10_000, "内容嵌套太深或展开后太大，没有读取"),
    ],
)
def test_a_file_that_is_no_profile_is_told(tmp_path: Path, raw: bytes, message: str) -> None:
    """In one line, without a line number."""
    path = tmp_path / "x.yaml"
    path.write_bytes(raw)
    assert refused("match", path, *TODAY) == [f"{path}：{message}"]


def test_a_profile_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Missing, or a folder."""
    assert refused("match", tmp_path / "no.yaml", *TODAY) == [f"{tmp_path / 'no.yaml'}：找不到这个文件"]
    assert refused("match", tmp_path, *TODAY) == [f"{tmp_path}：这是文件夹，需要一个文件"]


@pytest.mark.parametrize("command", [("match",), ("profile", "check")])
def test_a_judgement_on_nothing_is_told_where_it_stands(tmp_path: Path, command: tuple[str, ...]) -> None:
    """By the check as by the match: what passes the one passes the other."""
    path = tmp_path / "x.yaml"
    path.write_text(
        "judgements:\n"
        "  - {project: little-gaint, criterion: chain-field, verdict: met}\n"
        "  - {project: little-giant, criterion: chain-feild, verdict: met}\n",
        encoding="utf-8",
    )
    assert refused(*command, path, *TODAY) == [
        f"{path}:2 judgements.0.project：没有“little-gaint”这个项目，最接近的是 little-giant",
        f"{path}:3 judgements.1.criterion：没有“chain-feild”这个条件，最接近的是 chain-field",
        "共 2 处",
    ]


# ---- rules


def test_the_rules_are_without_mistakes(rulebook: Rulebook) -> None:
    """All of them, on a day before their review."""
    told = good("rules", "check", "--on", "2026-11-23")
    assert told.startswith(f"{len(rulebook.projects)} ")


def test_an_overdue_review_is_told_and_ends_with_one(rulebook: Rulebook) -> None:
    """One line per rule."""
    result = run("rules", "check", "--on", "2031-01-01")
    assert result.exit_code == 1
    assert result.stderr.count("已过期") == len(rulebook.projects)


@pytest.mark.parametrize("command", [("check",), ("list",), ("show", "little-giant"), ("test",)])
def test_rules_that_are_not_there_are_told(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Not taken for rules without mistakes."""
    missing = tmp_path / "nowhere"
    assert refused("rules", *command, "--rules", missing) == [f"{missing}：找不到这个文件夹"]
    assert refused("--rules", missing, "rules", *command) == [f"{missing}：找不到这个文件夹"]


def test_the_cases_of_one_project_run() -> None:
    """And say how many."""
    told = good("rules", "test", "innovative-sme", "--cases", ROOT / "tests" / "projects")
    assert re.match(r"运行 [1-9]\d* 个案例，0 处不符", told)


def test_the_rules_are_listed(rulebook: Rulebook) -> None:
    """For people and for machines."""
    rows = json.loads(good("rules", "list", "--format", "json"))
    assert [row["id"] for row in rows] == list(rulebook.projects)
    told = good("rules", "list")
    assert [id_ for id_ in rulebook.projects if id_ not in told] == []


def test_every_rule_is_shown_clause_by_clause(rulebook: Rulebook) -> None:
    """Every version, whatever shape its project has."""
    for id_, project in list(rulebook.projects.items())[::6]:
        told = good("rules", "show", id_)
        assert id_ in told
        assert all(version.id in told for version in project.versions)


# ---- names that are nearly right


@pytest.mark.parametrize("before", [("match", VALVES, "--project"), ("explain", VALVES), ("rules", "show")])
def test_a_wrong_project_is_told_with_the_nearest(before: tuple[str, ...]) -> None:
    """Before anything is worked out."""
    [message] = refused(*before, "litle-giant")
    assert "没有“litle-giant”这个项目，最接近的是 little-giant" in message


def test_all_wrong_projects_are_told_at_once() -> None:
    """Not the first only."""
    messages = refused("match", VALVES, *TODAY, "--project", "litle-giant", "--project", "inovative-sme")
    assert len(messages) == 3


@pytest.mark.parametrize("cycle", ["0", "-1", "10000", "99999999999", "abc"])
def test_a_year_that_is_none_is_refused(cycle: str) -> None:
    """No traceback at either end of the calendar."""
    assert refused("match", VALVES, *TODAY, "--cycle", cycle)


@pytest.mark.parametrize("day", ["2026-13-01", "tomorrow", "20261123x", ""])
def test_a_day_that_is_none_is_refused(day: str) -> None:
    """For every command."""
    assert refused("match", VALVES, "--on", day)
    assert refused("windows", "--on", day)


@pytest.mark.parametrize("day", ["0001-01-01", "1990-01-01", "2100-02-28", "9998-12-31", "9999-12-31"])
def test_any_day_of_the_calendar_is_answered_or_refused(day: str) -> None:
    """A wrong century on a computer's clock is no crash."""
    for command in (("match", sample("empty")), ("windows",), ("calendar", sample("empty"))):
        assert run(*command, "--on", day).exit_code in (0, 2)


# ---- languages


@pytest.mark.parametrize("arguments", [("--lang", "en", "match", VALVES), ("match", VALVES, "--lang", "en")])
def test_english_may_be_asked_for_before_or_after_the_command(arguments: tuple[str, ...]) -> None:
    """The labels are English."""
    told = good(*arguments, *TODAY)
    assert "project" in told
    assert "expected" in told
    assert "预计" not in told


def test_mistakes_are_told_in_the_language_asked_for() -> None:
    """Wherever the option stands; for groups of commands too."""
    bad = ROOT / "tests" / "bad_profiles" / "several-at-once.yaml"
    for command in (("match", bad), ("profile", "check", bad)):
        before, after = refused("--lang", "en", *command, *TODAY), refused(*command, *TODAY, "--lang", "en")
        assert before == after
        assert before[-1].endswith("problems")


@pytest.mark.parametrize(
    ("environment", "english"),
    [
        ({"LANG": "en_US.UTF-8"}, True),
        ({"LANG": "zh_CN.UTF-8"}, False),
        ({"LANG": "C.UTF-8"}, False),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, False),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, True),
    ],
)
def test_the_environment_may_ask_for_english(environment: dict[str, str], *, english: bool) -> None:
    """Only where it says so; else Chinese."""
    assert ("no mistakes" in good("profile", "check", VALVES, *TODAY, **environment)) is english


def test_english_labels_in_every_output(out: Path) -> None:
    """Names of projects, headings, titles."""
    data = json.loads(good("match", VALVES, *TODAY, "--format", "json", "--lang", "en"))
    assert not any(re.search(HANZI, project["name"]) for project in data["projects"])
    assert "preparation checklist" in good("checklist", VALVES, *TODAY, "--format", "md", "--lang", "en")
    assert "[expected]" in good("calendar", VALVES, *TODAY, "--lang", "en")
    good("report", VALVES, *TODAY, "--lang", "en", "-o", out)
    assert '<html lang="en">' in (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", cli.list_commands(click.Context(cli)))
def test_every_command_explains_itself(command: str) -> None:
    """In Chinese and English."""
    told = good(command, "--help")
    assert re.search(HANZI, told)
    assert re.search(r"[a-z]{4}", told)


# ---- as other programs see it


def process(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a process of its own, in another folder."""
    command = [sys.executable, "-m", "assistant", *map(str, arguments)]
    return subprocess.run(command, cwd="/", env={**os.environ, **environment}, capture_output=True, check=False)


def test_the_program_runs_from_any_folder() -> None:
    """And says which it is."""
    done = process("--version")
    assert (done.returncode, done.stderr) == (0, b"")
    assert re.match(rb"assistant, version \d", done.stdout)


def test_a_profile_may_come_from_standard_input(samples: Mapping[str, Profile]) -> None:
    """Written by another program, read without a file."""
    with Path(VALVES).open("rb") as stream:
        command = [sys.executable, "-m", "assistant", "match", "/dev/stdin", *TODAY, "--format", "json"]
        done = subprocess.run(command, stdin=stream, capture_output=True, check=True)
    assert json.loads(done.stdout)["enterprise"]["name"] == samples["valve-maker"].name


def test_machines_get_utf_8_wherever_they_run() -> None:
    """A terminal that knows no Chinese is no reason to crash."""
    done = process("match", VALVES, *TODAY, "--format", "json", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert done.returncode == 0, done.stderr.decode()[-300:]
    assert json.loads(done.stdout)["projects"]


def test_a_mistake_ends_the_process_with_two() -> None:
    """Messages on standard error, nothing on standard output, no traceback."""
    done = process("match", ROOT / "tests" / "bad_profiles" / "several-at-once.yaml", *TODAY)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().splitlines()[-1] == "共 8 处"
    assert b"Traceback" not in done.stderr


def test_today_is_the_default_day() -> None:
    """Only here is a clock looked at, and nothing hangs on what it says."""
    data = json.loads(good("match", sample("empty"), "--format", "json"))
    assert date.fromisoformat(data["on"]) >= date(2026, 1, 1)
