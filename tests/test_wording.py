"""Words: every mistake has its sentence, every reason reads like one, no inside of a program shows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Any, get_args

import pytest

from assistant.company.facts import Cost
from assistant.delivery.result import result
from assistant.delivery.wording import events, labels, sentences
from assistant.delivery.wording.labels import label
from assistant.delivery.wording.problems import PROBLEMS, problem_text
from assistant.delivery.wording.reasons import reason
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.findings import Finding, State, leaf_findings
from assistant.matching.match import Verdict
from assistant.planning.assessment import Assessment
from assistant.planning.checklist import StepKind
from assistant.planning.prospect import Standing
from assistant.planning.windows import Confidence, Status, Whose
from assistant.rulebook.requirement import Role
from tests.conftest import ROOT

SENTENCES = PROBLEMS
HANZI = "\u4e00-\u9fff"
HALF_WIDTH = re.compile(rf"[{HANZI}”》）][,:;?!()]|[,:;?!()][{HANZI}“《（]")
CLUMSY = re.compile(r"。。|，，|；；|；。|，。|：。|、、|  |（）|“”|。；|。，|^[，。；、：]")
INSIDES = re.compile(r"None|Fraction|Range\(|Decimal|frozenset|datetime|<[a-z]|\bTrue\b|\bFalse\b|\bnan\b|\{\w*\}")
FACT_NAME = re.compile(r"\b[a-z0-9]+_[a-z0-9_]+\b")


# ---- mistakes


@dataclass(frozen=True)
class Telling:
    """A place in the program where a mistake is told: its code and, where written out, what is told with it."""

    file: str
    line: int
    code: str
    given: frozenset[str] | None

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.code}"


TELLERS = {
    **dict.fromkeys(("report", "remark", "Problem", "mistake", "Mistake"), frozenset({"nearest", "formula"})),
    **dict.fromkeys(("AnswerError", "NotListed"), frozenset({"nearest", "label"})),
}


def tellings() -> Iterator[Telling]:
    """Yield every place of the program where a mistake is told by its code."""
    for path in sorted((ROOT / "assistant").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and (name := _name(node.func)) in TELLERS:
                given = _given(node)
                for code in _codes(node.args[0]):
                    yield Telling(path.name, node.lineno, code, None if given is None else given | TELLERS[name])
            elif isinstance(node, ast.Assign) and any(_name(target) == "code" for target in node.targets):
                for code in _codes(node.value):
                    yield Telling(path.name, node.lineno, code, None)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _codes(node: ast.expr) -> list[str]:
    branches = [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]
    return [str(one.value) for one in branches if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def _given(call: ast.Call) -> frozenset[str] | None:
    dicts = [arg for arg in call.args[1:] if isinstance(arg, ast.Dict)]
    if any(isinstance(arg, ast.Name) and arg.id == "params" for arg in call.args):
        return None
    if any(keyword.arg is None for keyword in call.keywords) or any(None in one.keys for one in dicts):
        return None
    keys = {key.value for one in dicts for key in one.keys if isinstance(key, ast.Constant)}
    return frozenset({keyword.arg for keyword in call.keywords if keyword.arg} | {str(key) for key in keys})


def placeholders(text: str) -> set[str]:
    """Return what a sentence leaves open."""
    return {field for _, field, _, _ in Formatter().parse(text) if field}


def test_every_mistake_has_a_sentence() -> None:
    """Whatever the program can tell."""
    found = list(tellings())
    assert len({one.code for one in found}) > 80
    assert [str(one) for one in found if one.code not in SENTENCES] == []


def test_every_sentence_belongs_to_a_mistake() -> None:
    """Words that nothing says are dead."""
    sources = [path for path in (ROOT / "assistant").rglob("*.py") if path.parent.name != "wording"]
    told = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    known = {f"uscc-{fault}" for fault in ("length", "letters", "check", "organisation")}
    assert [code for code in SENTENCES if code not in known and f'"{code}"' not in told] == []


def test_no_sentence_is_left_with_a_hole() -> None:
    """Where a mistake is told, all that its sentences ask for is told with it."""
    holes = [
        f"{one}: {missing}"
        for one in tellings()
        if one.given is not None and one.code in SENTENCES
        for missing in [{name for text in SENTENCES[one.code] for name in placeholders(text)} - one.given]
        if missing
    ]
    assert holes == []


@pytest.mark.parametrize("code", list(SENTENCES))
def test_a_sentence_is_there_in_both_languages(code: str) -> None:
    """Chinese in Chinese signs, English without hanzi (but for what is quoted)."""
    chinese, english = SENTENCES[code]
    assert re.search(f"[{HANZI}]", chinese)
    assert not HALF_WIDTH.search(re.sub(r"\{\w+\}", "中", chinese).replace("键: 值", ""))
    assert not re.search(f"[{HANZI}]", re.sub("‘[^’]*’", "", english))
    assert not re.search("[，。；：？！（）]", english)


def test_the_nearest_name_is_said_with_its_label() -> None:
    """So that a person knows what is meant; not twice where both are the same."""
    params = {"found": "citty", "nearest": "city", "label": "注册地市"}
    assert problem_text("unknown-fact", params, "zh") == "没有“citty”这个指标，最接近的是 city（注册地市）"
    assert problem_text("unknown-fact", params, "en") == "there is no fact ‘citty’; the nearest is city"
    assert problem_text("unknown-fact", {"found": "x"}, "zh") == "没有“x”这个指标"
    same = {"found": "高企业", "nearest": "高企", "label": "高企"}
    assert problem_text("unknown-recognition", same, "zh") == "没有“高企业”这个资质，最接近的是 高企"


def test_a_mistake_in_hostile_text_is_still_told() -> None:
    """Braces and percent signs of the user are not ours."""
    for found in ("{", "}", "{found}", "{0}", "%s", "{nearest.x}", "\\n"):
        assert found in problem_text("unknown-fact", {"found": found}, "zh")


# ---- fixed words


def pairs() -> dict[str, tuple[str, str]]:
    """Return every fixed word and phrase of the product."""
    tables = (labels._LABELS, events._TAGS, events._WORDS, events._CHANGES, sentences._NOTES)
    return {f"{number}.{name}": pair for number, table in enumerate(tables) for name, pair in table.items()}


def test_every_word_is_there_in_both_languages() -> None:
    """A pair each, the Chinese one in Chinese signs, the English one without."""
    for name, (chinese, english) in pairs().items():
        assert chinese, name
        assert english, name
        assert not HALF_WIDTH.search(re.sub(r"\{\w*\}", "中", chinese)), name
        assert not re.search(f"[{HANZI}，。；：（）]", english), name
        assert chinese.count("{}") == english.count("{}"), name


@pytest.mark.parametrize(
    ("group", "names"),
    [
        ("verdict", get_args(Verdict)),
        ("standing", get_args(Standing)),
        ("review", get_args(Standing)),
        ("state", get_args(State)),
        ("role", get_args(Role)),
        ("kind", ("new", "review")),
        ("status", get_args(Status)),
        ("confidence", get_args(Confidence)),
        ("standing-of-source", ("official", "secondary", "unverified")),
        ("whose", get_args(Whose)),
        ("level", ("national", "provincial")),
        ("step", get_args(StepKind)),
        ("cost", get_args(Cost)),
        ("flag", ("yes", "no")),
    ],
)
def test_every_kind_of_thing_has_a_word(group: str, names: tuple[str, ...]) -> None:
    """In both languages, and no word is left over."""
    for lang in ("zh", "en"):
        words = labels.labels(group, lang)
        assert words.keys() == {*names}
        assert words == {name: label(f"{group}.{name}", lang) for name in names}


# ---- what is said about companies


def texts(data: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of *data* with the name it stands under."""
    if isinstance(data, dict):
        for name, part in data.items():
            yield from texts(part, name)
    elif isinstance(data, list):
        for part in data:
            yield from texts(part, key)
    elif isinstance(data, str):
        yield key, data


SPOKEN = {"reason", "text", "title", "note", "name", "label", "basis", "remarks", "says", "question", "help"}


def findings(assessment: Assessment) -> Iterator[Finding]:
    """Yield every finding about a company."""
    for prospect in assessment.prospects:
        if prospect.match.tree:
            yield from leaf_findings(prospect.match.tree)


def test_everything_said_in_chinese_reads_like_chinese(assessment: Assessment) -> None:
    """Full-width signs, no doubled ones, no name of a fact, nothing of Python."""
    said = [(key, text) for key, text in texts(result(assessment, "zh")) if key in SPOKEN]
    own = [text for key, text in said if key not in ("note", "help", "basis")]
    assert said
    assert [text for _, text in said if HALF_WIDTH.search(text) or CLUMSY.search(text) or INSIDES.search(text)] == []
    assert [text for text in own if FACT_NAME.search(text)] == []


@pytest.mark.parametrize(("lang", "stops"), [("zh", ("。",)), ("en", (".", "。"))])
def test_every_finding_has_a_reason(assessment: Assessment, lang: str, stops: tuple[str, ...]) -> None:
    """A sentence that ends, with nothing of Python in it."""
    say = Speaker(assessment.rulebook, lang)
    reasons = [reason(say, finding) for finding in findings(assessment)]
    assert reasons
    assert [text for text in reasons if not text.endswith(stops) or INSIDES.search(text)] == []


def test_reasons_in_english_are_english(assessment: Assessment) -> None:
    """But for names of industries, which have no English list, and what others wrote in Chinese."""
    say = Speaker(assessment.rulebook, "en")
    own = [
        reason(say, finding)
        for finding in findings(assessment)
        if not finding.judgement
        and finding.criterion.role != "text"
        and "'industry'" not in str(finding.criterion.test)
    ]
    assert [text for text in own if re.search(f"[{HANZI}]", text)] == []


def test_names_and_windows_in_english_are_english(assessment: Assessment) -> None:
    """Rules are quoted in Chinese; what the product itself says is not."""
    data = result(assessment, "en")
    own = [question["label"] for question in data["questions"]]
    for project in data["projects"]:
        own += [project["name"], project["window"]["text"]]
    assert [text for text in own if re.search(f"[{HANZI}]", text)] == []


def test_a_met_criterion_does_not_speak_of_what_is_short(assessment: Assessment) -> None:
    """It says what was found."""
    say = Speaker(assessment.rulebook, "zh")
    met = [one for one in findings(assessment) if one.state == "met" and not one.judgement and not one.score]
    assert [text for text in (reason(say, one) for one in met) if "，差 " in text or "要求" in text] == []
