"""The interview asks what decides, takes answers as a profile's file does, forgets nothing, asks nothing twice."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.cli import cli
from assistant.company.profile import Profile, read_profile
from assistant.company.writing import profile_text, typed, with_answer, written
from assistant.delivery.wording.conversation import comments
from assistant.errors import BadInput
from assistant.matching.match import Matcher
from assistant.planning.assessment import assess
from assistant.planning.interview import Interview, Turn, turn
from assistant.planning.questions import Ask, Outlook
from assistant.rulebook.book import Rulebook
from assistant.sources import parse, read
from tests.conftest import ON, ROOT, SAMPLES, Read

DAY = ON.isoformat()


# ---- an interview by the answers of a sample company


def told_by(data: Mapping[str, Any], name: str) -> Any:
    """Return what the sample's file answers to a question; what it leaves out it does not know."""
    base, _, rest = name.partition("[")
    if rest:
        return data["years"].get(int(rest[:-1]), {}).get(base, "unknown")
    base, _, entry = name.partition(".")
    if base == "recognitions":
        return {"expires": "unknown"} if entry else data.get(base, "unknown")
    if entry:
        return {"cycle": ON.year, "score": "unknown"}
    return data["facts"].get(base, "unknown")


@pytest.mark.parametrize("name", ["valve-maker", "chemical-plant", "shenzhen-robotics"])
def test_an_interview_comes_to_the_verdicts_of_the_whole_profile(
    matcher: Matcher, rulebook: Rulebook, samples: Mapping[str, Profile], name: str
) -> None:
    """With every question asked once, each settling what it said it would; by fewer answers than the file holds."""
    data = read(ROOT / "profiles" / f"{name}.yaml").data
    now, asked = Interview({}), list[str]()
    promised: frozenset[str] = frozenset()
    while ask := (here := turn(now, matcher, ON, every=False)).ask:
        assert promised <= {*here.settled}
        assert not {*ask.names} & {*asked}
        asked += ask.names
        for one in ask.names:
            now, _ = now.answered(one, told_by(data, one), rulebook, ON)
        now, promised = now.past(ask), frozenset(ask.alone)
    whole = replace(samples[name], estimates={}, judgements=())
    found = assess(matcher, now.profile(rulebook, ON), ON).prospects
    expected = {one.match.project.id: one.match.verdict for one in assess(matcher, whole, ON).prospects}
    for prospect in found:
        if prospect.is_ahead(ON):
            assert prospect.is_settled
            assert prospect.match.verdict == expected[prospect.match.project.id], prospect.match.project.id
    assert len(asked) < len(whole.facts) + sum(map(len, whole.years.values()))


def test_what_was_passed_over_is_not_asked_again(matcher: Matcher) -> None:
    """Nor are the years of a figure that were; another year still is."""
    first = turn(Interview({}), matcher, ON, every=False).ask
    assert first is not None
    second = turn(Interview({}).past(first), matcher, ON, every=False).ask
    assert second is not None
    assert second.fact != first.fact
    figures = Interview({}, frozenset({"revenue[2025]"}))
    while (ask := turn(figures, matcher, ON, every=False).ask) and ask.fact != "revenue":
        figures = figures.past(ask)
    assert ask is not None
    assert 2025 not in ask.years


def test_an_answer_that_cannot_be_used_changes_nothing(rulebook: Rulebook) -> None:
    """It is refused with the words of a profile's check."""
    with pytest.raises(BadInput) as refused:
        Interview({}).answered("revenue[2025]", -5, rulebook, ON)
    assert [one.code for one in refused.value.problems] == ["negative"]


def test_what_can_hardly_be_right_is_remarked_once(rulebook: Rulebook) -> None:
    """When it is told, not again with every further answer."""
    now, remarks = Interview({}).answered("revenue[2025]", 100, rulebook, ON)
    assert remarks == ()
    now, remarks = now.answered("main_revenue[2025]", 120, rulebook, ON)
    assert [one.code for one in remarks] == ["part-exceeds-whole"]
    _, remarks = now.answered("legal_person", raw=True, book=rulebook, on=ON)
    assert remarks == ()


# ---- what is typed, and the file it becomes


@pytest.mark.parametrize(
    ("fact", "text", "raw"),
    [
        ("revenue", "12800", 12800),
        ("revenue", "12800.55", Decimal("12800.55")),
        ("revenue", "1.28亿元", "1.28亿元"),
        ("revenue", "5..10", "5..10"),
        ("revenue", "{a: 1}", "{a: 1}"),
        ("revenue", "[", "["),
        ("legal_person", "是", True),
        ("legal_person", "y", True),
        ("legal_person", "no", False),
        ("legal_person", "也许", "也许"),
        ("legal_person", "不清楚", "unknown"),
        ("city", "佛山", "佛山"),
        ("city", "440600", "440600"),
        ("county", "yes", "yes"),
        ("industry", "0111", "0111"),
        ("established", "2012-05-18", date(2012, 5, 18)),
        ("established", "2012年", "2012年"),
        ("applicant_kind", "1，3", ["enterprise", "platform-operator"]),
        ("applicant_kind", "企业 platform-operator", ["enterprise", "platform-operator"]),
        ("project_stage", "3", "built"),
        ("project_stage", "9", "9"),
        ("science_awards", "[]", []),
        ("science_awards", "[{level: national, rank: 1}]", [{"level": "national", "rank": 1}]),
        ("science_awards", "无", "无"),
    ],
)
def test_typed_text_becomes_what_the_file_would_hold(rulebook: Rulebook, fact: str, text: str, raw: object) -> None:
    """Choices by number or name as well; what is no value stays as typed, for the reader to refuse."""
    found = typed(text, rulebook.dictionary.spec(fact))
    assert (found, type(found)) == (raw, type(raw))


def test_where_an_answer_goes() -> None:
    """Closed years, the current year, lists and their entries have places of their own."""
    data: Any = {"recognitions": [{"id": "x"}, {"id": "y"}]}
    for name, raw in (
        ("city", "佛山市"),
        ("revenue[2025]", 5),
        ("revenue[2026]", 6),
        ("recognitions.y", {"expires": date(2027, 1, 1)}),
        ("platform_scores.z", {"cycle": 2026, "score": 60}),
    ):
        data = with_answer(data, name, raw, ON)
    assert data == {
        "facts": {"city": "佛山市", "platform_scores": [{"id": "z", "cycle": 2026, "score": 60}]},
        "years": {2025: {"revenue": 5}},
        "estimates": {2026: {"revenue": 6}},
        "recognitions": [{"id": "x"}, {"id": "y", "expires": date(2027, 1, 1)}],
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_a_profile_written_down_reads_the_same(rulebook: Rulebook, company: Read, name: str) -> None:
    """Every sample, judgements and all; every answer on a line of its own with its name beside it."""
    source = read(ROOT / "profiles" / f"{name}.yaml")
    text = profile_text(source.data, rulebook.dictionary, comments(rulebook))
    assert company(text) == read_profile(source, rulebook.dictionary, rulebook.lists, ON)
    assert profile_text(parse(text, name="again").data, rulebook.dictionary, comments(rulebook)) == text


def test_the_file_can_be_read(rulebook: Rulebook) -> None:
    """Chinese beside every answer: what it is, in what unit, what the choice means."""
    data = {
        "enterprise": {"name": "某公司"},
        "facts": {"city": "佛山市", "applicant_kind": ["enterprise"], "segment_years": "5..10", "legal_person": True},
        "years": {2025: {"revenue": 12800}},
        "recognitions": [{"id": "high-tech-enterprise", "granted": date(2024, 11, 19)}],
    }
    lines = profile_text(data, rulebook.dictionary, comments(rulebook)).splitlines()
    for line in (
        "  # 基本情况",
        "  applicant_kind: [enterprise]   # 申报主体类型：企业",
        "  legal_person: yes   # 独立法人",
        '  segment_years: "5..10"   # 从事细分市场年限，年',
        "    revenue: 12800   # 营业收入，万元",
        "  - {id: high-tech-enterprise, granted: 2024-11-19}   # 高新技术企业",
    ):
        assert line in lines


@given(st.text())
@settings(derandomize=True, database=None, deadline=None)
def test_any_text_is_written_so_that_it_reads_the_same(text: str) -> None:
    """Signs that mean something to YAML, words that look like numbers, nothing at all."""
    assert parse(f"name: {written(text)}", name="x").data == {"name": text}


# ---- at the terminal


def interview(path: Path, typed_: str, *more: str) -> Result:
    """Return what happens when *typed_* is typed, a line an answer."""
    arguments = ["profile", "new", str(path), "--interview", "--on", DAY, *more]
    return CliRunner().invoke(cli, arguments, input=typed_, prog_name="assistant")


def answers(path: Path) -> Any:
    return read(path).data


def test_answers_are_taken_and_saved(tmp_path: Path) -> None:
    """The name, the code passed over, a choice by number, yes, a city; then enough."""
    path = tmp_path / "mine.yaml"
    shown = interview(path, "某公司\n\n1\n是\n佛山\nq\n")
    assert shown.exit_code == 0
    assert answers(path)["enterprise"] == {"name": "某公司"}
    assert answers(path)["facts"] == {"applicant_kind": ["enterprise"], "legal_person": True, "city": "佛山"}
    assert "已能判断 0/41 个项目" in shown.output
    assert "→ 定下了：" in shown.output
    assert f"已存到 {path}：答了 3 项，其中不清楚的 0 项。" in shown.output
    assert CliRunner().invoke(cli, ["profile", "check", str(path), "--on", DAY]).exit_code == 0


def test_a_wrong_answer_is_told_and_asked_again(tmp_path: Path) -> None:
    """In the words of a profile's check."""
    path = tmp_path / "mine.yaml"
    shown = interview(path, "某公司\n\n火星\n1\n也许\n否\nq\n")
    assert "不能是“火星”" in shown.output
    assert "写的是“也许”，应为 yes（是）、no（否）或 unknown（不清楚）" in shown.output
    assert answers(path)["facts"] == {"applicant_kind": ["enterprise"], "legal_person": False}


def test_enter_passes_over_and_not_known_is_kept(tmp_path: Path) -> None:
    """Neither is asked again in this interview; what is not known never."""
    path = tmp_path / "mine.yaml"
    shown = interview(path, "某公司\n\n\n不清楚\nq\n")
    assert answers(path)["facts"] == {"legal_person": "unknown"}
    assert shown.output.count("申报单位属于哪一类？") == 1
    again = interview(path, "1\n佛山\n\n\n\nq\n", "--continue")
    assert "申报单位属于哪一类？" in again.output
    assert "单位是独立法人吗？" not in again.output


def test_one_can_go_back(tmp_path: Path) -> None:
    """The last answer is taken back and its question put again; before the first there is none."""
    path = tmp_path / "mine.yaml"
    shown = interview(path, "某公司\n\n<\n1\n是\n<\n否\nq\n")
    assert "已经是第一题了。" in shown.output
    assert answers(path)["facts"] == {"applicant_kind": ["enterprise"], "legal_person": False}


def test_help_is_given_where_it_is_asked_for(tmp_path: Path) -> None:
    """With an input method's question mark too."""
    shown = interview(tmp_path / "mine.yaml", "某公司\n\n？\n1\n?\nq\n")
    assert "公司选“企业”" in shown.output
    assert "分公司、个体工商户、合伙企业不是" in shown.output


def test_the_end_of_the_input_loses_nothing(tmp_path: Path) -> None:
    """As Ctrl-D does."""
    path = tmp_path / "mine.yaml"
    shown = interview(path, "某公司\n\n1\n")
    assert shown.exit_code == 0
    assert answers(path)["facts"] == {"applicant_kind": ["enterprise"]}


def test_no_answer_no_file(tmp_path: Path) -> None:
    """A name alone is an answer."""
    assert "没有写文件" in interview(tmp_path / "a.yaml", "\n\nq\n").output
    assert not (tmp_path / "a.yaml").exists()
    interview(tmp_path / "b.yaml", "某公司\nq\n")
    assert answers(tmp_path / "b.yaml")["enterprise"] == {"name": "某公司"}


Asking = Callable[..., None]


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> Asking:
    """Return how to make an interview ask these questions only."""

    def only(*asks: Ask) -> None:
        def following(now: Interview, *_: object, **__: object) -> Turn:
            ask = next((one for one in asks if not {*one.names} & now.passed), None)
            return Turn(ask, Outlook(41, 0, 16, 0), ())

        monkeypatch.setattr("assistant.cli.interview.turn", following)

    return only


def test_figures_are_asked_for_all_years_at_once(tmp_path: Path, asking: Asking) -> None:
    """Each by its year; a year may be passed over, `<` takes back what was told of them."""
    asking(Ask("revenue", (2025, 2024, 2023), ()))
    path = tmp_path / "mine.yaml"
    shown = interview(path, "某公司\n\n12800\n<\n11800\n\n不清楚\n")
    assert "2025 年：12800\n2024 年：<\n" in shown.output
    assert answers(path)["years"] == {2025: {"revenue": 11800}, 2023: {"revenue": "unknown"}}


def test_what_can_hardly_be_right_is_told(tmp_path: Path, asking: Asking) -> None:
    """The answer stays."""
    asking(Ask("revenue", (2025,), ()), Ask("main_revenue", (2025,), ()))
    path = tmp_path / "mine.yaml"
    assert "2025 年主营业务收入大于营业收入，请核对" in interview(path, "某公司\n\n100\n120\n").output
    assert answers(path)["years"] == {2025: {"main_revenue": 120, "revenue": 100}}


def test_an_industry_that_is_not_listed_is_asked_again(tmp_path: Path, asking: Asking) -> None:
    """The nearest code is named."""
    asking(Ask("industry", (), ()))
    path = tmp_path / "mine.yaml"
    assert "不在 GB/T 4754-2017 的列表里" in interview(path, "某公司\n\nC3449\n3443\n").output
    assert answers(path)["facts"] == {"industry": "3443"}


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (
            ["高新技术企业", "2024-11-19", "", "innovative-sme", "", "2027-03-01", ""],
            [
                {"id": "high-tech-enterprise", "granted": date(2024, 11, 19)},
                {"id": "innovative-sme", "expires": date(2027, 3, 1)},
            ],
        ),
        (["无"], []),
        (["不清楚"], "unknown"),
        (
            ["不存在的", "", "", "高新技术企业", "", "不清楚", ""],
            [{"id": "high-tech-enterprise", "expires": "unknown"}],
        ),
        (
            ["高新技术企业", "2030-01-01", "", "高新技术企业", "2024-01-01", "", ""],
            [{"id": "high-tech-enterprise", "granted": date(2024, 1, 1)}],
        ),
    ],
)
def test_recognitions_are_told_one_by_one(tmp_path: Path, asking: Asking, lines: list[str], kept: Any) -> None:
    """By name or id with their dates; one that cannot be is told and asked again."""
    asking(Ask("recognitions", (), ()))
    path = tmp_path / "mine.yaml"
    assert interview(path, "\n".join(["某公司", "", *lines, ""])).exit_code == 0
    assert answers(path)["recognitions"] == kept


def test_a_list_that_is_broken_off_keeps_what_is_whole(tmp_path: Path, asking: Asking) -> None:
    """And says that others must be added."""
    asking(Ask("recognitions", (), ()))
    path = tmp_path / "mine.yaml"
    shown = interview(path, "某公司\n\n高新技术企业\n2024-11-19\n\n创新型中小企业\nq\n")
    assert "清单按已填的 1 项保存" in shown.output
    assert [one["id"] for one in answers(path)["recognitions"]] == ["high-tech-enterprise"]


@pytest.mark.parametrize(
    ("fact", "lines", "kept"),
    [
        (
            "equity_investments",
            ["2025-09-12", "1000", "2026-04-20", "负数", "2026-04-20", "800.5", ""],
            [{"date": date(2025, 9, 12), "amount": 1000}, {"date": date(2026, 4, 20), "amount": Decimal("800.5")}],
        ),
        ("equity_investments", ["没有"], []),
        (
            "science_awards",
            ["national", "2", "2025-01-10", ""],
            [{"level": "national", "rank": 2, "date": date(2025, 1, 10)}],
        ),
        ("maker_china", ["[{rank: 500, date: 2025-11-21}]"], [{"rank": 500, "date": date(2025, 11, 21)}]),
    ],
)
def test_events_are_told_one_by_one(tmp_path: Path, asking: Asking, fact: str, lines: list[str], kept: Any) -> None:
    """Field by field, or as the file writes them."""
    asking(Ask(fact, (), ()))
    path = tmp_path / "mine.yaml"
    assert interview(path, "\n".join(["某公司", "", *lines, ""])).exit_code == 0
    assert answers(path)["facts"][fact] == kept


def test_entries_of_their_own(tmp_path: Path, asking: Asking) -> None:
    """The last day of a recognition held, the score of one platform."""
    asking(Ask("recognitions.specialized-sme", (), ()), Ask("platform_scores.srdi-development", (), ()))
    path = tmp_path / "mine.yaml"
    path.write_text(
        "enterprise: {name: 某公司, uscc: 91440605MA4XXX2B7B}\nrecognitions: [{id: specialized-sme}]\n", "utf-8"
    )
    assert interview(path, "2027-11-07\n2026\n63\n", "--continue").exit_code == 0
    assert answers(path)["recognitions"] == [{"id": "specialized-sme", "expires": date(2027, 11, 7)}]
    assert answers(path)["facts"] == {"platform_scores": [{"id": "srdi-development", "cycle": 2026, "score": 63}]}


# ---- the file


def test_without_a_terminal_a_blank_file_is_written(tmp_path: Path) -> None:
    """So that scripts go on as before; or where it is asked for."""
    for more in ((), ("--blank",)):
        path = tmp_path / f"{len(more)}.yaml"
        done = CliRunner().invoke(cli, ["profile", "new", str(path), "--name", "某公司", "--on", DAY, *more])
        assert done.exit_code == 0
        assert "# 不清楚写 unknown" in path.read_text("utf-8")


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    """Unless it is to be overwritten or gone on with; then what it told stays."""
    path = tmp_path / "mine.yaml"
    path.write_text("enterprise: {name: 旧公司, uscc: 91440605MA4XXX2B7B}\nfacts: {county: 南海区}\n", "utf-8")
    assert interview(path, "q\n").exit_code == 2
    assert "旧公司" in path.read_text("utf-8")
    assert interview(path, "1\nq\n", "--continue").exit_code == 0
    assert answers(path)["facts"] == {"applicant_kind": ["enterprise"], "county": "南海区"}
    assert interview(path, "q\n", "--force").exit_code == 0
    assert answers(path)["facts"]["county"] == "南海区"
    assert interview(path, "新公司\nq\n", "--force").exit_code == 0
    assert answers(path)["enterprise"] == {"name": "新公司"}


def test_a_file_with_mistakes_is_not_gone_on_with(tmp_path: Path) -> None:
    """They are told first, all of them."""
    path = tmp_path / "mine.yaml"
    path.write_text("facts: {city: 火星, segment_years: -1}\n", "utf-8")
    refused = interview(path, "q\n", "--continue")
    assert refused.exit_code == 2
    assert "共 2 处" in refused.output
    assert "火星" in path.read_text("utf-8")


def test_a_place_that_cannot_be_written_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    """Not after the first answer."""
    (tmp_path / "file").write_text("", "utf-8")
    refused = interview(tmp_path / "file" / "mine.yaml", "某公司\n\n1\nq\n")
    assert refused.exit_code == 2
    assert "企业名称" not in refused.output


def test_blank_and_interview_exclude_each_other(tmp_path: Path) -> None:
    """A usage error."""
    assert interview(tmp_path / "mine.yaml", "", "--blank").exit_code == 2


def test_the_interview_speaks_english(tmp_path: Path) -> None:
    """Its own words; the dictionary's questions are Chinese."""
    shown = interview(tmp_path / "mine.yaml", "Acme\n\n1\nmaybe\nq\n", "--lang", "en")
    assert "One question at a time" in shown.output
    assert "0 of 41 projects can be judged" in shown.output
    assert "→ settled: " in shown.output
    assert "expected yes, no or unknown" in shown.output


# ---- a real terminal


AT_TERMINAL = "import os, sys; os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])"


class Terminal:
    """A command run at a terminal of its own, typed at by a test."""

    def __init__(self, *arguments: str) -> None:
        """Start the command."""
        self.master, slave = pty.openpty()
        command = [sys.executable, "-c", AT_TERMINAL, sys.executable, "-m", "assistant", *arguments]
        environment = {**os.environ, "TERM": "dumb", "PYTHONUTF8": "1"}
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment, cwd=ROOT)
        os.close(slave)
        self.shown = ""

    def type(self, text: str, *after: str) -> None:
        """Type once these words were shown one after the other."""
        self.read_until(after)
        os.write(self.master, text.encode())

    def read_until(self, words: Sequence[str] = ()) -> None:
        """Read until *words* were shown in this order, or to the end."""
        wanted = re.compile(".*".join(map(re.escape, words)), re.DOTALL)
        start, data = len(self.shown), b""
        while not words or not wanted.search(self.shown, start):
            ready, _, _ = select.select([self.master], [], [], 60)
            assert ready, self.shown
            try:
                data += os.read(self.master, 65536)
            except OSError:  # the other end is closed
                break
            self.shown = self.shown[:start] + data.decode(errors="ignore")

    def close(self, end: str, *after: str) -> int:
        """Type *end* and return the exit status; keys struck while the prompt is being set up are lost, so again."""
        self.read_until(after)
        for _ in range(12):
            os.write(self.master, end.encode())
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
                break
        self.read_until()
        os.close(self.master)
        return self.process.wait(60)


@pytest.mark.parametrize("end", ["q\n", "\x04", "\x03"], ids=["q", "Ctrl-D", "Ctrl-C"])
def test_at_a_real_terminal(tmp_path: Path, end: str) -> None:
    """It asks without being told to; whatever ends it, what was answered is in the file."""
    path = tmp_path / "mine.yaml"
    terminal = Terminal("profile", "new", str(path), "--on", DAY)
    terminal.type("某公司\n", "企业名称：")
    terminal.type("\n", "代码", "：")
    terminal.type("1\n", "哪一类", "答：")
    terminal.type("是\n", "独立法人吗", "答：")
    assert terminal.close(end, "地级以上市", "答：") == 0, terminal.shown
    assert "Traceback" not in terminal.shown
    assert answers(path)["facts"] == {"applicant_kind": ["enterprise"], "legal_person": True}
    assert "答了 2 项" in terminal.shown
