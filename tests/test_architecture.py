"""The house: layers hold, the engine knows no law, time is passed in, files stay small."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

PACKAGE = ROOT / "assistant"
MODULES = sorted(PACKAGE.rglob("*.py"))
TEMPLATES = sorted(path for path in (PACKAGE / "delivery" / "templates").iterdir() if path.is_file())
RULES = sorted(path for path in (ROOT / "rules").glob("*.yaml") if path.stem != "facts")
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))

ROOMS = {
    "icalendar": {"delivery/feed.py"},
    "openpyxl": {
        "delivery/screening/sheets.py",
        "delivery/screening/verdicts.py",
        "delivery/screening/writing.py",
        "delivery/spreadsheet.py",
        "delivery/workbook/opening.py",
        "delivery/workbook/writing.py",
        "matching/screening/intake/sheets.py",
    },
    "docx": {"delivery/paper.py"},
    "jinja2": {
        "delivery/documents.py",
        "delivery/report.py",
        "delivery/screening/page.py",
        "delivery/subscribe.py",
        "web/page.py",
    },
    "segno": {"delivery/subscribe.py"},
    "rich": {
        "cli/screened.py",
        "delivery/reminder_tables.py",
        "delivery/comparison_tables.py",
        "delivery/plan_tables.py",
        "delivery/question_tables.py",
        "delivery/store_tables.py",
        "delivery/tables.py",
    },
    "chinese_calendar": {"planning/workdays.py"},
    "holidays": {"planning/workdays.py"},
    "stdnum": {"company/profile.py"},
    "platformdirs": {"settings.py"},
    "ical": {"service/proof.py"},
    "uvicorn": {"cli/serve.py"},
    "prometheus_client": {"service/measures.py"},
    "argon2": {"service/passwords.py"},
    "smtplib": {"service/mail.py"},
    "pyarrow": {"matching/screening/arrow.py"},
    "pyspark": {"matching/screening/arrow.py"},
    "polars": {
        "logic/column_dates.py",
        "logic/column_numbers.py",
        "logic/columns.py",
        *(f"matching/screening/{name}.py" for name in ("frame", "held", "nearest", "plan", "reading", "sheet", "view")),
        *(f"matching/screening/{name}.py" for name in ("arrow", "findings", "routes", "sole", "tally", "transitions")),
        *(f"delivery/screening/{name}.py" for name in ("answers", "findings", "verdicts", "writing")),
        "service/screening.py",
        *(
            f"matching/screening/intake/{name}.py"
            for name in ("delimited", "holdings", "intake", "parquet", "sheets", "table", "values")
        ),
    },
    "httpcore2": {"delivery/channels/http.py"},
    "apprise": {"delivery/channels/apprise.py"},
}
DOORS = {
    "click": "cli",
    "lark": "logic",
    "lxml": "catalogue",
    "pdfplumber": "catalogue",
    "markdown_it": "catalogue",
    "sqlalchemy": "service/store",
    "alembic": "service/store",
    "fastapi": "web",
    "starlette": "web",
    "pydantic": "web/api",
}
BESIDES = {"fastapi": "cli/serve.py", "pydantic": "rulebook/schema.py"}  # one file elsewhere


def name(path: Path) -> str:
    """Return a file's path inside the package."""
    return path.relative_to(PACKAGE).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imported(path: Path) -> set[str]:
    """Return the top-level names a module imports, at once or when they are needed."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        match node:
            case ast.Import(names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module)):
                found.add(module)
            case ast.Call(func=ast.Name("import_module"), args=[ast.Constant(str(module)), *_]):
                found.add(module)
    return {module.partition(".")[0] for module in found}


def strings(path: Path) -> Iterator[str]:
    """Yield the texts of a module, docstrings left out."""
    module = tree(path)
    openings = [node.body[0] for node in ast.walk(module) if isinstance(node, _DOCUMENTED) and node.body]
    docs = {id(first.value) for first in openings if isinstance(first, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef


# ---- layers and libraries


def test_imports_point_one_way() -> None:
    """The contracts of pyproject.toml; in a process of its own, since the linter turns off the loggers it finds."""
    linter = [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"]
    found = subprocess.run(linter, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("library", list(ROOMS))
def test_each_library_has_one_room(library: str) -> None:
    """Whoever wants to put another in its place has one file to change."""
    assert {name(path) for path in MODULES if library in imported(path)} <= ROOMS[library]


@pytest.mark.parametrize("library", list(DOORS))
def test_each_door_is_in_its_folder(library: str) -> None:
    """The command line alone knows click, the language alone its grammar."""
    users = [name(path) for path in MODULES if library in imported(path)]
    outside = [user for user in users if not user.startswith(f"{DOORS[library]}/")]
    assert [user for user in outside if user != BESIDES.get(library)] == []


# ---- the law is data


def words_of_law() -> dict[str, str]:
    """Return every project's id and name, with the rule file they come from."""
    found: dict[str, str] = {}
    for path in RULES:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # the safe one, in C
        found |= {data["id"]: path.name, data["name"]: path.name}
        for version in data["versions"]:
            found |= {version["instrument"]["title"]: path.name}
            if number := version["instrument"].get("number"):
                found[number] = path.name
    return found


def test_no_project_and_no_instrument_stands_in_the_program() -> None:
    """Not in Python, not in a template."""
    law = words_of_law()
    assert len(law) > 100
    pattern = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, law)) + r")(?![\w-])")
    found = [(name(path), pattern.findall(path.read_text(encoding="utf-8"))) for path in [*MODULES, *TEMPLATES]]
    assert [(path, words) for path, words in found if words] == []


def test_no_threshold_stands_in_the_program() -> None:
    """No amount, no share, no head count; the command line's examples aside."""
    amount = re.compile(r"[1-9]\d*\s*(万元|亿元|%|人以上|年以上|项以上)")
    found = [
        (name(path), text)
        for path in MODULES
        if not name(path).startswith(("delivery/wording/problems", "periods", "catalogue/"))
        for text in strings(path)
        if amount.search(text)
    ]
    assert found == []


def test_sentences_stand_where_words_do() -> None:
    """In wording, templates, tables, and the help of commands; below them only single words of the users."""
    sentence = re.compile(r"[。，；]|[\u4e00-\u9fff]{7,}")
    floors = (
        "logic/",
        "company/",
        "rulebook/",
        "matching/",
        "planning/",
        "units",
        "dates",
        "errors",
        "files",
        "sources",
    )
    signs = ("，", "[")  # sets of signs and patterns are no sentences
    found = [
        (name(path), text)
        for path in MODULES
        if name(path).startswith(floors)
        for text in strings(path)
        if sentence.search(text) and not text.startswith(signs)
    ]
    assert found == []


# ---- time and chance


def test_only_the_doors_ask_what_day_it_is() -> None:
    """Everything below them is told; nothing is left to chance."""
    asked = re.compile(
        r"\bdate\.today\b|\.now\(|utcnow|time\.time\(|uuid[14]\b|\bimport (random|secrets)\b|os\.urandom"
    )
    found = [name(path) for path in MODULES if asked.search(path.read_text(encoding="utf-8"))]
    assert [path for path in found if not path.startswith("cli/")] == []


def test_the_surroundings_are_read_in_one_place() -> None:
    """Settings alone look at environment variables; reading a list in a process of its own hands them on."""
    found = {name(path) for path in MODULES if re.search(r"os\.environ|getenv", path.read_text(encoding="utf-8"))}
    assert found <= {"settings.py", "catalogue/document.py"}


def test_nothing_is_evaluated() -> None:
    """Formulas are parsed, never run; YAML makes no objects."""
    banned = {"eval", "exec", "compile", "__import__"}
    for path in MODULES:
        called = {
            node.func.id
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not called & banned, name(path)
        assert "yaml.load(" not in path.read_text(encoding="utf-8"), name(path)
        assert "unsafe_load" not in path.read_text(encoding="utf-8"), name(path)


# ---- small and readable


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_is_small_and_says_what_it_is(path: Path) -> None:
    """At most 400 lines, opened by a docstring."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    assert ast.get_docstring(ast.parse(text)) or not text.strip()


@pytest.mark.parametrize("path", [*RULES, *sorted((ROOT / "profiles").glob("*.yaml"))], ids=lambda path: path.stem)
def test_a_yaml_file_is_readable(path: Path) -> None:
    """UTF-8 without BOM, line feeds, spaces; no blanks at the ends of lines."""
    raw = path.read_bytes()
    text = raw.decode()
    assert not text.startswith("\ufeff")
    assert not re.search(r"\t|\r|[ \u3000]$", text, re.MULTILINE)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_a_rule_can_be_checked_against_its_text(path: Path) -> None:
    """Every criterion says what it asks; a formula fits on two lines of a page."""

    def criteria(node: object) -> Iterator[dict[str, object]]:
        if isinstance(node, dict):
            if "test" in node or "any_of" in node or "all_of" in node:
                yield node
            for part in node.values():
                yield from criteria(part)
        elif isinstance(node, list):
            for part in node:
                yield from criteria(part)

    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # the safe one, in C
    for criterion in criteria([version.get("conditions") for version in data["versions"]]):
        assert criterion.get("says"), criterion.get("id")
        assert len(str(criterion.get("test", ""))) <= 400, criterion["id"]


def test_samples_begin_with_what_they_show() -> None:
    """Their first line says what the company is an example of."""
    for path in (ROOT / "profiles").glob("*.yaml"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert re.match(r"# .{8,}", first), path.name


# ---- the tests themselves


def test_no_test_is_skipped_or_waits() -> None:
    """What cannot run is no test; what depends on a clock fails some day."""
    banned = {"skip", "skipif", "xfail", "importorskip", "sleep", "perf_counter", "freeze_time"}
    for path in TESTS:
        used = {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
        assert not used & banned, path.name


def test_every_test_says_what_it_shows() -> None:
    """In a line below its name."""
    for path in TESTS:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert ast.get_docstring(node), (path.name, node.name)


def test_no_two_modules_of_tests_have_one_name() -> None:
    """Of two in different folders pytest would collect the first alone, where a worker has both."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(set(names)) == sorted(names)
