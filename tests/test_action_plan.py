"""The action plan opens in a word processor, is ready for the printer, and says all that the result says, once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from docx import Document
from docx.document import Document as Docx
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml import etree

from assistant.cli import cli
from assistant.company.profile import Profile
from assistant.delivery.action_plan import MOST_NAMES, action_plan
from assistant.delivery.agenda import words
from assistant.delivery.plain import Json
from assistant.delivery.result import result
from assistant.delivery.spreadsheet import checklist_xlsx
from assistant.matching.match import Matcher
from assistant.planning.assessment import assess
from tests.conftest import ON, ROOT, Assess

HANZI = re.compile("[\u4e00-\u9fff]")
BOX = "☐"
CONTENT_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"


def opened(content: bytes) -> Docx:
    """Open the plan as a word processor would."""
    return Document(BytesIO(content))


def parts(document: Docx) -> Iterator[tuple[list[str], Table]]:
    """Yield every table with the headings it stands under."""
    above: dict[str, str] = {}
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield [*above.values()], block
        elif block.style is not None and str(block.style.name).startswith("Heading"):
            level = str(block.style.name)
            above = {kept: text for kept, text in above.items() if kept < level} | {level: block.text}


def rows(document: Docx, section: str) -> list[list[str]]:
    """Return the rows below a heading of the first level, heads left out."""
    tables = [table for headings, table in parts(document) if headings[0] == section]
    return [[cell.text for cell in row.cells] for table in tables for row in table.rows[1:]]


def text(document: Docx) -> str:
    """Return all that is printed between header and footer."""
    return "\n".join(
        block.text if isinstance(block, Paragraph) else "\n".join(cell.text for row in block.rows for cell in row.cells)
        for block in document.iter_inner_content()
    )


def summary(document: Docx) -> dict[str, str]:
    """Return the first table: what is said of what."""
    return {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}


Planned = Callable[..., tuple[Json, bytes]]


@pytest.fixture(scope="session")
def planned(assessed: Assess) -> Planned:
    """Return the result and the plan of a sample in a language, made once."""

    @cache
    def made(name: str, lang: str = "zh") -> tuple[Json, bytes]:
        data = result(assessed(name), lang)
        return data, action_plan(data, lang)

    return made


@pytest.fixture(scope="session")
def valves(assessed: Assess) -> Json:
    """Return the result of a company with steps (none late), gaps, questions and recognitions."""
    data = result(assessed("valve-maker"))
    return {**data, "steps": [{**one, "chance": "in-time"} for one in data["steps"]]}


# ---- content


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_step_duty_and_question_is_there_once(sample: str, lang: str, planned: Planned) -> None:
    """Nothing is lost, nothing is said twice."""
    (data, content), told = planned(sample, lang), words("action_plan", lang)
    document = opened(content)
    steps = rows(document, told["steps"]["heading"])
    assert Counter(row[2] for row in steps) == Counter(f"{one['title']}\n{one['note']}" for one in data["steps"])
    upkeep = rows(document, told["upkeep"]["heading"])
    assert [row[2] for row in upkeep] == [one["text"] for one in data["upkeep"]]
    questions = rows(document, told["questions"]["heading"])
    assert [int(row[0]) for row in questions] == [*range(1, len(data["questions"]) + 1)]
    asked = Counter(row[1].split("\n")[0] for row in questions)
    assert asked == Counter(one["question"] or one["label"] for one in data["questions"])


def test_each_thing_to_do_has_a_box_and_room_to_write(sample: str, planned: Planned) -> None:
    """Who does it and what comes of it is written in by hand."""
    document = opened(planned(sample)[1])
    for row in [*rows(document, "要做的事"), *rows(document, "已获得资质的维护")]:
        assert row[0] == BOX
        assert row[4:] == ["", ""]


def test_steps_stand_under_their_months(valves: Json) -> None:
    """Month by month; in a month day by day."""
    document = opened(action_plan(valves))
    found = [
        (headings[1], row.cells[1].text.split("\n")[0], row.cells[2].text.split("\n")[0])
        for headings, table in parts(document)
        if headings[0] == "要做的事"
        for row in table.rows[1:]
    ]
    days = [(date.fromisoformat(one["due"]), one["title"]) for one in valves["steps"]]
    assert found == [(f"{day.year}年{day.month}月", f"{day.month}月{day.day}日", title) for day, title in days]


def test_what_cannot_wait_comes_first_and_what_has_no_date_last(valves: Json) -> None:
    """Under headings of their own; the summary tells how many are late."""
    first, second, *others = valves["steps"]
    undated = {**first, "due": None}
    late = {**second, "due": "2027-01-04", "chance": "at-the-latest"}
    document = opened(action_plan({**valves, "steps": [*others, undated, late]}))
    headings = [headings[1] for headings, _ in parts(document) if headings[0] == "要做的事"]
    assert (headings[0], headings[-1]) == ("现在就办", "时间未定")
    listed = rows(document, "要做的事")
    assert listed[0][2].startswith(late["title"])
    assert listed[0][1].startswith("2027年1月4日\n")
    assert listed[-1][1:3] == ["", f"{undated['title']}\n{undated['note']}"]
    assert summary(document)["现在就办"] == "1 件事按往年时间已经偏晚"


def test_estimated_dates_are_marked(sample: str, planned: Planned) -> None:
    """预计 stands beside every date that was inferred, and beside no other."""
    data, content = planned(sample)
    marked = [(row[2].split("\n")[0], "预计" in row[1]) for row in rows(opened(content), "要做的事")]
    assert marked == [(one["title"], one["estimated"]) for one in data["steps"]]


def test_a_step_names_its_projects_and_clauses(valves: Json) -> None:
    """Clauses stand below the project that has them, each once."""
    told = []
    for one in valves["steps"]:
        lines = []
        for served in one["serves"]:
            mine = [cited["clause"] for cited in one["criteria"] if cited["project"] == served["id"]]
            lines += [served["name"], *dict.fromkeys(clause for clause in mine if clause)]
        told.append("\n".join(lines))
    assert any("\n第十一条（五）" in lines for lines in told)
    assert [row[3] for row in rows(opened(action_plan(valves)), "要做的事")] == told


def test_many_projects_are_counted(assessed: Assess) -> None:
    """A blank profile's first questions serve nearly all; a narrow column names some and says how many."""
    data = result(assessed("empty"))
    widest = max(data["steps"], key=lambda one: len(one["serves"]))
    told = {row[2].split("\n")[0]: row[3] for row in rows(opened(action_plan(data)), "要做的事")}
    names = "、".join(one["name"] for one in widest["serves"][:MOST_NAMES])
    assert told[widest["title"]] == f"{names}等 {len(widest['serves'])} 个项目"


def test_the_summary_says_where_the_company_stands(valves: Json) -> None:
    """What can be applied for, what is nearly there, what waits, which dates come next."""
    told = summary(opened(action_plan(valves)))
    assert told["可以申报"] == "目前没有"
    assert [line for line in told["可以复核"].split("\n") if not line.startswith("预计")] == [
        "高新技术企业",
        "专精特新中小企业",
    ]
    near = [one for one in valves["projects"] if one["standing"] == "near" and one["id"] in valves["due"]]
    assert near
    assert all(f"{one['name']}  差 {len(one['gaps'])} 处\n{one['window']['text']}" in told["差一点"] for one in near)
    waiting = [one for one in valves["projects"] if one["questions"] and one["id"] in valves["due"]]
    asked = f"{len(waiting)} 个项目在等 {len(valves['questions'])} 个问题的回答\n"
    assert told["等待回答"].startswith(asked)
    first = next(one for one in valves["steps"] if one["kind"] == "apply")
    day = date.fromisoformat(first["due"])
    due = f"{day.year}年{day.month}月{day.day}日  {first['title']}\n预计，可信度"
    assert told["最近的申报截止"].startswith(due)
    assert told["最近到期的资质"].startswith("2027年11月7日  专精特新中小企业有效期")


def test_answers_have_the_blanks_they_need(assessed: Assess) -> None:
    """Boxes for yes and no and for choices, a line per year for figures, a date for a date."""
    asked = {
        row[1].split("\n")[0]: row[3] for row in rows(opened(action_plan(result(assessed("empty")))), "要回答的问题")
    }
    assert asked["单位是独立法人吗？"] == "☐\u00a0是　☐\u00a0否　☐\u00a0不清楚"
    assert asked["全年营业收入是多少？"] == "2025年：________ 万元\n2024年：________ 万元\n2023年：________ 万元"
    assert asked["企业哪天成立？"] == "____年__月__日"
    assert asked["申报单位属于哪一类？可以多选。"].startswith("☐\u00a0企业　☐\u00a0园区")
    assert asked["申报单位属于哪一类？可以多选。"].endswith("\n可多选")
    assert re.fullmatch("_+", asked["注册在哪个地级以上市？"])


def test_questions_of_a_topic_stand_together(sample: str, planned: Planned) -> None:
    """One table per topic, in the order of first use."""
    data, content = planned(sample)
    topics = [headings[1] for headings, _ in parts(opened(content)) if headings[0] == "要回答的问题"]
    assert topics == [*dict.fromkeys(one["topic"] for one in data["questions"])]


def test_the_appendix_gives_gaps_in_numbers(valves: Json) -> None:
    """Counts for every project with a round to come, then each gap with its clause."""
    tables = [table for headings, table in parts(opened(action_plan(valves))) if headings[0].startswith("附录")]
    counts, gaps = [[[cell.text for cell in row.cells] for row in table.rows[1:]] for table in tables]
    live = [
        one
        for one in valves["projects"]
        if one["standing"] != "not-offered" and one["window"]["status"] in ("announced", "expected", "rolling")
    ]
    assert {row[0]: row[2] for row in counts} == {one["name"]: str(len(one["gaps"]) or "") for one in live}
    assert len(gaps) == sum(len(one["gaps"]) for one in live)
    (staff,) = [row for row in gaps if row[1] == "专职研究与试验发展人员不少于50人\n第七条（五）"]
    assert staff[0] == "省级企业技术中心"
    assert "差 14 人" in staff[2]
    listed = text(opened(action_plan(valves)))
    assert f"另有 {len(valves['projects']) - len(live)} 个项目近年没有组织、时间未知或不适用" in listed


def test_a_blank_company_is_told_so(assessed: Assess) -> None:
    """Nothing held, nothing ready: a sentence instead of an empty table."""
    document = opened(action_plan(result(assessed("empty"))))
    assert "没有需要维护的资质。" in text(document)
    assert summary(document)["可以申报"] == "目前没有"
    assert rows(document, "已获得资质的维护") == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_to_do_is_a_whole_document(valves: Json, lang: str) -> None:
    """No steps, no duties, no questions, no projects."""
    empty: Json = {key: [] for key in ("steps", "upkeep", "questions", "projects", "due", "ranked")}
    told = words("action_plan", lang)
    document = opened(action_plan({**valves, **empty}, lang))
    assert len(document.tables) == 1
    assert all(told[name]["none"] in text(document) for name in ("steps", "upkeep", "questions"))


def test_the_text_reads_well(sample: str, planned: Planned) -> None:
    """No doubled stops, no colon or comma before nothing, no name of a missing value."""
    for line in text(opened(planned(sample)[1])).splitlines():
        assert not re.search("。。|，，|、、|；。|（）|[：、，]$|None|False|True", line), line


def test_keys_of_later_versions_do_no_harm(valves: Json) -> None:
    """A step of a kind not known here, and keys beside the known ones."""
    steps = [{**one, "kind": "rehearse", "effort": 3} for one in valves["steps"]]
    questions = [{**one, "type": "poem", "choices": [], "closes": 2} for one in valves["questions"]]
    document = opened(action_plan({**valves, "steps": steps, "questions": questions, "paths": []}))
    assert len(rows(document, "要做的事")) == len(steps)
    assert len(rows(document, "要回答的问题")) == len(questions)


# ---- English


def test_english_words_for_english_readers(assessed: Assess) -> None:
    """Title, headings, heads of tables; months by name. The law's own words stay Chinese."""
    data = result(assessed("valve-maker"), "en")
    document = opened(action_plan(data, "en"))
    assert document.paragraphs[0].text == "Action plan for applications"
    first = [block.text for block in document.paragraphs if block.style and block.style.name == "Heading 1"]
    heads = [cell.text for table in document.tables[1:] for cell in table.rows[0].cells]
    assert not [one for one in [*first, *heads, *summary(document)] if HANZI.search(one)]
    months = [headings[1] for headings, _ in parts(document) if headings[0] == "To do"]
    assert {"December 2026", "January 2027"} <= {*months}
    assert document.sections[0].footer.paragraphs[0].text.startswith("Page ")


# ---- layout


def test_rows_stay_whole_and_heads_are_repeated(sample: str, planned: Planned) -> None:
    """Whatever page a row falls on, its columns are named above it."""
    first, *others = opened(planned(sample)[1]).tables
    for table in (first, *others):
        for number, row in enumerate(table.rows):
            (rules,) = row._tr.findall(qn("w:trPr"))
            assert rules.find(qn("w:cantSplit")) is not None
            assert (rules.find(qn("w:tblHeader")) is not None) is (number == 0 and table is not first)


def test_tables_fill_the_page(sample: str, planned: Planned) -> None:
    """A4, and every table as wide as the text."""
    document = opened(planned(sample)[1])
    (section,) = document.sections
    across, height, margin = (section.page_width, section.page_height, section.left_margin)
    assert across is not None
    assert height is not None
    assert margin is not None
    assert (round(across.mm), round(height.mm)) == (210, 297)
    between = across - 2 * margin
    for table in document.tables:
        assert abs(sum(int(column.width or 0) for column in table.columns) - between) < Mm(1)


def test_pages_are_numbered(valves: Json) -> None:
    """By fields, so that the word processor counts; above stand company and day."""
    (section,) = opened(action_plan(valves)).sections
    footer = section.footer.paragraphs[0]
    assert [field.get(qn("w:instr")) for field in footer._p.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    assert "".join(node.text or "" for node in footer._p.iter(qn("w:t"))) == "第 1 页，共 1 页"
    assert section.header.paragraphs[0].text == "佛山某某阀门有限公司\t2026年11月23日"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_chinese_has_a_chinese_font(valves: Json, lang: str) -> None:
    """Named for East Asian text in every style; a theme's font would win over it."""
    document = opened(action_plan(valves, lang))
    fonts = list(document.styles.element.iter(qn("w:rFonts")))
    assert len(fonts) > 10
    assert {one.get(qn("w:eastAsia")) for one in fonts} == {"Microsoft YaHei", "Segoe UI Symbol"}
    assert not [name for one in fonts for name in one.attrib if "Theme" in str(name)]
    defaults = document.styles.element.find(qn("w:docDefaults"))
    assert defaults is not None
    (spoken,) = defaults.iter(qn("w:lang"))
    assert spoken.get(qn("w:eastAsia")) == "zh-CN"


def test_looks_come_from_styles(valves: Json) -> None:
    """Who wants another look changes a style, not a thousand cells."""
    document = opened(action_plan(valves))
    used = {str(one.get(qn("w:val"))) for one in document.element.body.iter(qn("w:pStyle"))}
    assert used >= {"Title", "Subtitle", "Heading1", "Heading2", "Cell", "CellSmall", "CellHead", "CellBox"}
    assert used <= {style.style_id for style in document.styles}
    assert not list(document.element.body.iter(qn("w:rPr")))


# ---- the file


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_the_package_is_whole(sample: str, planned: Planned, assessed: Assess, kind: str) -> None:
    """Every part parses and has a content type; every relation leads to a part; nothing is there twice."""
    content = planned(sample)[1] if kind == "docx" else checklist_xlsx(assessed(sample))
    with ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
        assert len({*names}) == len(names)
        assert archive.testzip() is None
        trees = {name: etree.fromstring(archive.read(name)) for name in names if name.endswith((".xml", ".rels"))}
        types = trees["[Content_Types].xml"]
        by_ending = {one.get("Extension") for one in types.iter(f"{CONTENT_TYPES}Default")}
        by_name = {one.get("PartName") for one in types.iter(f"{CONTENT_TYPES}Override")}
        assert {name for name in by_name if str(name).removeprefix("/") not in names} == set()
        typed = {name for name in names if f"/{name}" in by_name or name.rpartition(".")[2] in by_ending}
        assert {*names} - typed <= {"[Content_Types].xml"}
        for name, tree in trees.items():
            if name.endswith(".rels"):
                folder = Path("/", name).parent.parent
                leading = [one.get("Target") for one in tree if one.get("TargetMode") != "External"]
                targets = {os.path.normpath(folder / str(target)).removeprefix("/") for target in leading}
                assert targets <= {*names}, name


def test_the_file_says_what_it_is(valves: Json) -> None:
    """Title, author, day; nothing of the tool that wrote it, no picture of an empty page."""
    content = action_plan(valves)
    about = opened(content).core_properties
    assert about.title == "佛山某某阀门有限公司 申报行动计划"
    assert (about.author, about.last_modified_by, about.comments) == ("申报助手", "申报助手", "")
    assert about.created is not None
    assert about.created.date() == ON
    assert about.modified == about.created
    with ZipFile(BytesIO(content)) as archive:
        assert {entry.date_time[:3] for entry in archive.infolist()} == {(ON.year, ON.month, ON.day)}
        assert not [name for name in archive.namelist() if name.endswith(("jpeg", "app.xml"))]
        assert not [name for name in archive.namelist() if b"python-docx" in archive.read(name)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_same_company_same_bytes_in_every_process(tmp_path: Path, lang: str) -> None:
    """Whatever the seed of hashes, the hour or the zone."""
    contents = set()
    for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai")):
        target = tmp_path / f"{seed}.docx"
        command = ["checklist", str(ROOT / "profiles" / "bearing-giant.yaml"), "--on", ON.isoformat(), "--lang", lang]
        ran = subprocess.run(
            [sys.executable, "-m", "assistant", *command, "--format", "docx", "-o", str(target)],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            cwd="/",
            capture_output=True,
            check=True,
        )
        assert ran.stdout.decode().strip() == str(target)
        contents.add(target.read_bytes())
    assert len(contents) == 1


# ---- hostile names


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("甲\x00乙\x0b丙\x1f公司", "甲乙丙公司", id="control characters"),
        pytest.param("甲\ud800乙\ufffe丙", "甲乙丙", id="no characters at all"),
        pytest.param("</w:t></w:r>&amp;<b>甲</b>]]>", "</w:t></w:r>&amp;<b>甲</b>]]>", id="markup"),
        pytest.param('=HYPERLINK("http://x")', '=HYPERLINK("http://x")', id="formula"),
        pytest.param("{{ 1 + 1 }}{count}%s", "{{ 1 + 1 }}{count}%s", id="templates"),
        pytest.param("长" * 20_000, "长" * 20_000, id="very long"),
        pytest.param("", "", id="empty"),
        pytest.param("甲\r\n乙\t丙", "甲\n乙\t丙", id="line ends"),
    ],
)
def test_names_cannot_break_the_document(
    matcher: Matcher, samples: dict[str, Profile], on: date, name: str, shown: str
) -> None:
    """They are printed as they are, as far as they can be printed; the page header stays one line."""
    content = action_plan(result(assess(matcher, replace(samples["valve-maker"], name=name), on)))
    document = opened(content)
    assert document.paragraphs[1].text.replace("\r", "") in (shown, shown.replace("\n", "\n\n"))
    assert len(document.sections[0].header.paragraphs[0].text) < 60
    assert len(document.core_properties.title) <= 255


def test_rules_cannot_break_the_document(valves: Json) -> None:
    """Nor can a title of a thousand lines, a note of markup, a clause of control characters."""
    serves = [{"id": "x", "name": "\x08<项目>"}]
    criteria = [{"project": "x", "criterion": "y", "clause": "\x0c第一条&"}]
    step = {
        **valves["steps"][0],
        "title": "题\n" * 1000,
        "note": "]]><w:p/>\x07",
        "serves": serves,
        "criteria": criteria,
    }
    (row,) = rows(opened(action_plan({**valves, "steps": [step]})), "要做的事")
    assert row[2] == f"{'题' + chr(10)}" * 1000 + "\n]]><w:p/>"
    assert row[3] == "<项目>\n第一条&"


# ---- the command


def run(*arguments: str) -> tuple[int, str, str]:
    """Run the checklist command on a sample."""
    ran = CliRunner().invoke(
        cli, ["checklist", str(ROOT / "profiles" / "valve-maker.yaml"), "--on", ON.isoformat(), *arguments]
    )
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran.exit_code, ran.stdout, ran.stderr


def test_the_command_writes_the_plan(assessed: Assess, tmp_path: Path) -> None:
    """The file is what the library gives; folders are made."""
    target = tmp_path / "new" / "plan.docx"
    assert run("--format", "docx", "-o", str(target)) == (0, f"{target}\n", "")
    assert target.read_bytes() == action_plan(result(assessed("valve-maker")))


def test_a_plan_needs_a_file(tmp_path: Path) -> None:
    """Bytes do not go to a terminal; a format that is not there is refused; nothing is written."""
    code, printed, told = run("--format", "docx")
    assert (code, printed) == (2, "")
    assert "docx 需要 -o 文件名" in told
    code, printed, told = run("--format", "doc", "-o", str(tmp_path / "plan.doc"))
    assert (code, printed) == (2, "")
    assert "'docx'" in told
    assert list(tmp_path.iterdir()) == []


def test_one_project_alone(tmp_path: Path) -> None:
    """The plan of one project names no other."""
    target = tmp_path / "plan.docx"
    assert run("--format", "docx", "-o", str(target), "--project", "little-giant")[0] == 0
    assert {row[3].split("\n")[0] for row in rows(opened(target.read_bytes()), "要做的事")} == {"专精特新“小巨人”企业"}


def test_other_commands_do_not_wait_for_it() -> None:
    """The library of documents is imported when a document is written."""
    code = "import sys, assistant.cli.plan; sys.exit('docx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd="/", check=False).returncode == 0
