"""The report says what to do next, then why; it needs nothing beside it and lets no answer become markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from assistant.company.profile import Judgement, Profile
from assistant.delivery.report import _environment, report
from assistant.delivery.result import result
from assistant.delivery.wording.labels import labels
from assistant.matching.match import Matcher
from assistant.planning.announcements import Announcement
from assistant.planning.assessment import Assessment, assess

VOID = {"meta", "br", "hr", "img", "input", "link"}
HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}"
LATE = date(2027, 3, 5)

Assess = Callable[[str], Assessment]
Read = Callable[[str], Profile]


@dataclass
class Element:
    """An element of a page with the text below it."""

    tag: str
    attributes: dict[str, str | None]
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text, runs of white space as one blank."""
        return re.sub(r"\s+", " ", "".join(self.pieces)).strip()

    def walk(self) -> Iterator[Element]:
        """Yield the element and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, tag: str, class_: str = "") -> list[Element]:
        """Return the elements of a tag (and class) below."""
        return [one for one in self.walk() if one.tag == tag and (not class_ or class_ in one.classes)]

    @property
    def classes(self) -> list[str]:
        """The element's classes."""
        return (self.attributes.get("class") or "").split()


class Page(HTMLParser):
    """A page as a tree; tags that do not match fail."""

    def __init__(self, html: str) -> None:
        """Parse *html*."""
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]
        self.feed(html)
        self.close()
        assert self.open == [self.root], [one.tag for one in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Close the element."""
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        """Give text to every element around it, but not style and script."""
        if self.open[-1].tag not in ("style", "script"):
            for element in self.open:
                element.pieces.append(data)

    def by_id(self, id_: str) -> Element:
        """Return the element of an id."""
        return next(one for one in self.root.walk() if one.attributes.get("id") == id_)


@pytest.fixture(params=["zh", "en"])
def lang(request: pytest.FixtureRequest) -> str:
    """Return each language in turn."""
    return str(request.param)


def test_page_is_whole(assessment: Assessment, lang: str) -> None:
    """Tags match, ids are unique, every link within the page leads somewhere."""
    page = Page(report(assessment, lang))
    ids = [one.attributes["id"] for one in page.root.walk() if "id" in one.attributes]
    links = [one.attributes.get("href") or "" for one in page.root.all("a")]
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)


def test_page_loads_nothing(assessment: Assessment, lang: str) -> None:
    """Only links to official documents lead outside; nothing is fetched to show the page."""
    html = report(assessment, lang)
    page = Page(html)
    assert not [one.tag for one in page.root.walk() if one.tag in ("link", "img", "iframe", "object", "base", "form")]
    assert not [
        one for one in page.root.walk() if set(one.attributes) & {"src", "srcset", "action", "style", "onclick"}
    ]
    outside = [one for one in page.root.walk() if (one.attributes.get("href") or "#")[0] != "#"]
    known = {entry["instrument"]["url"] for entry in result(assessment, lang)["projects"] if entry["instrument"]}
    assert {one.attributes["href"] for one in outside} <= known
    assert all(one.tag == "a" and one.attributes["rel"] == "noreferrer" for one in outside)
    assert not re.search(r"@import|url\((?!#)", html)


def test_parts_come_in_order(assessment: Assessment) -> None:
    """What to do next opens the page; the criteria close it."""
    page = Page(report(assessment))
    parts = [one.attributes["id"] for one in page.root.all("section")]
    order = [
        "next",
        "timeline",
        "ready",
        "near",
        "targets",
        "paths",
        "open",
        "held",
        "questions",
        "checklist",
        "others",
        "criteria",
    ]
    assert parts == [part for part in order if part in parts]
    assert parts[0] == "next"
    assert {"held", "checklist"} < set(parts)


def test_every_project_is_there(assessment: Assessment, lang: str) -> None:
    """No project is left out, whatever its verdict; where criteria were looked at, each one is shown."""
    page = Page(report(assessment, lang))
    data = result(assessment, lang)
    text = page.root.text
    for project in data["projects"]:
        assert project["name"] in text
        if project["criteria"]:
            part = page.by_id(f"p-{project['id']}")
            shown = [one.text for one in part.all("p", "says")]
            assert all(re.sub(r"\s+", " ", one["says"]) in shown for one in project["criteria"])


def test_state_is_mark_and_word(assessed: Assess) -> None:
    """A state is never told by colour alone: every one has its word, and a mark of its own."""
    page = Page(report(assessed("valve-maker")))
    states = {tuple(one.classes): one.text for one in page.root.all("span", "state")}
    words = labels("state", "zh")
    assert len(states) >= 3
    assert all(text.endswith(words[classes[1]]) and text != words[classes[1]] for classes, text in states.items())
    assert len({text[0] for text in states.values()}) == len(states)


def test_criterion_names_clause_and_source(assessed: Assess) -> None:
    """Beside every criterion stand its clause, or that it was not seen, and how sure the source is."""
    page = Page(report(assessed("bearing-giant")))
    standings = labels("standing-of-source", "zh").values()
    sources = [one.text for one in page.root.all("li", "criterion") for one in one.all("p", "source")]
    assert len(sources) > 50
    assert all(any(word in text for word in standings) for text in sources)


def test_actions_are_few_and_dated(assessment: Assessment) -> None:
    """The next things to do are at most seven, the late ones first, then by date."""
    actions = Page(report(assessment)).by_id("next").all("ol", "actions")
    entries = actions[0].children if actions else []
    days = [("late" not in one.classes, one.all("time")[0].attributes["datetime"]) for one in entries]
    assert 1 <= len(entries) <= 7
    assert days == sorted(days, key=str)


def test_late_things_come_first(matcher: Matcher, samples: dict[str, Profile]) -> None:
    """What should have begun by last years' dates is to be done now, and says so in words."""
    late = assess(matcher, samples["valve-maker"], LATE)
    part = Page(report(late)).by_id("next")
    first = part.all("ol", "actions")[0].children[0]
    assert "late" in first.classes
    assert first.all("time")[0].text == "现在"
    assert f"有 {sum(step.late for step in late.steps)} 件事" in part.text


def test_expiry_is_among_the_next_things(assessed: Assess) -> None:
    """A recognition that expires within the horizon is not forgotten."""
    part = Page(report(assessed("valve-maker"))).by_id("next")
    assert "专精特新中小企业到期" in [one.text for one in part.all("h3")]


def test_near_project_shows_its_gaps_in_numbers(assessed: Assess) -> None:
    """A gap says what there is, what is required and by how much it falls short."""
    card = Page(report(assessed("valve-maker"))).by_id("c-provincial-enterprise-tech-center")
    figures = [
        {one.all("dt")[0].text: one.all("dd")[0].text for one in row.children} for row in card.all("dl", "figures")
    ]
    assert {"指标": "2026年专职研发人员", "现在": "36 人", "要求": "不低于 50 人", "还差": "14 人"} in figures
    assert "预计" in card.text


def test_shortfall_is_rounded_up(company: Read, matcher: Matcher, on: date) -> None:
    """What is still to do must suffice: a third of a percent point is 0.34, not 0.33."""
    text = """
enterprise: {name: 某某公司}
facts: {applicant_kind: enterprise, city: 佛山市, established: 2010-01-01, industry: C3443}
estimates: {2026: {total_income: 3000, hitech_revenue: 1790}}
"""
    page = Page(report(assess(matcher, company(text), on, projects=["high-tech-enterprise"])))
    figures = [one.text for one in page.root.all("dl", "figures")]
    assert any("还差0.34 个百分点" in one for one in figures), figures
    assert "要增加 10 万元" in page.root.text


def test_forecasts_say_so(assessment: Assessment) -> None:
    """A window that nobody announced is never a bare date."""
    page = Page(report(assessment))
    for prospect in assessment.prospects:
        id_ = prospect.match.project.id
        cards = [one for one in page.root.all("article") if one.attributes.get("id") == f"c-{id_}"]
        if cards and prospect.window.status == "expected":
            assert "预计" in cards[0].text
            assert "可信度" in cards[0].text


def test_announced_date_links_to_its_notice(matcher: Matcher, samples: dict[str, Profile], on: date) -> None:
    """An official date leads to its notice; an address that a browser should not follow is not a link."""
    for source, linked in (("https://gdii.gd.gov.cn/n", True), ("javascript:alert(1)", False)):
        news = Announcement("high-tech-enterprise", 2027, date(2027, 5, 6), date(2027, 6, 30), source)
        html = report(assess(matcher, samples["valve-maker"], on, announcements=[news]))
        links = {one.attributes.get("href") for one in Page(html).by_id("c-high-tech-enterprise").all("a")}
        assert (source in links) is linked
        assert "2027年5月6日开始" in Page(html).by_id("c-high-tech-enterprise").text


def test_held_recognitions_show_their_duties(assessed: Assess) -> None:
    """What is held comes with its last day and what its holder owes."""
    part = Page(report(assessed("valve-maker"))).by_id("held")
    cards = {one.all("h3")[0].text: one for one in part.all("article")}
    assert set(cards) == {"创新型中小企业", "专精特新中小企业", "高新技术企业"}
    assert "有效期至2027年11月7日" in cards["专精特新中小企业"].text
    assert {"2027-05-31", "2027-11-07"} <= {one.attributes["datetime"] for one in cards["专精特新中小企业"].all("time")}


def test_not_offered_gives_the_reason(assessed: Assess) -> None:
    """A project that a company's city runs by itself is named with that reason."""
    part = Page(report(assessed("shenzhen-robotics"))).by_id("others")
    assert "深圳市自行组织评价和公布" in part.text


def test_blank_profile_claims_nothing(assessed: Assess) -> None:
    """Without answers there is no verdict, no gap and no figure that stands in; there are questions."""
    page = Page(report(assessed("empty")))
    parts = {one.attributes["id"] for one in page.root.all("section")}
    assert {"ready", "near", "others"}.isdisjoint(parts)
    assert "暂时还不能下结论" in page.root.text
    assert "数据口径" not in page.root.text
    asked = page.by_id("questions").all("li")
    assert len(asked) == len(assessed("empty").asks)
    assert asked[0].all("p", "source")[0].text.startswith("看哪里")


def test_questions_stand_by_topic(assessed: Assess) -> None:
    """Every topic comes once, the most useful first and unfolded."""
    topics = Page(report(assessed("empty"))).by_id("questions").all("details")
    names = [one.all("h3")[0].text for one in topics]
    assert names[0] == "基本情况"
    assert len(names) == len(set(names))
    assert ["open" in one.attributes for one in topics] == [True, *[False] * (len(topics) - 1)]


def test_what_a_company_writes_stays_text(matcher: Matcher, samples: dict[str, Profile], on: date, lang: str) -> None:
    """Names and notes are shown as they were typed and never run."""
    judgement = Judgement("little-giant", "chain-field", met=True, by=HOSTILE, why=HOSTILE, on=on)
    profile = replace(samples["valve-maker"], name=HOSTILE, uscc=HOSTILE, judgements=(judgement,))
    html = report(assess(matcher, profile, on), lang)
    page = Page(html)
    assert "<script>alert" not in html
    assert [one.text for one in page.root.all("h1")] == [HOSTILE]
    assert page.root.text.count(HOSTILE) >= 4
    assert len(page.root.all("script")) == 1


def test_score_table_has_parts_and_items(assessed: Assess) -> None:
    """A scoring shows every part with its minimum and every item with its points."""
    assessment = assessed("software-firm")
    data: dict[str, Any] = next(one for one in result(assessment)["projects"] if one["id"] == "innovative-sme")
    table = Page(report(assessment)).by_id("p-innovative-sme").all("table", "score")[0]
    assert len(table.all("tr", "part")) == len(data["score"]["parts"]) == 3
    assert len(table.all("tr")) == 1 + 3 + len(data["score"]["items"])
    assert f"得分 {data['score']['low']} 分，满分 100 分，要 60 分以上" in table.text


def test_english_page_is_english(assessed: Assess) -> None:
    """Headings and labels of the English page are English; rules are quoted in Chinese and marked so."""
    page = Page(report(assessed("valve-maker"), "en"))
    assert page.root.all("html")[0].attributes["lang"] == "en"
    for tag in ("h2", "dt"):
        assert not [one.text for one in page.root.all(tag) if re.search("[一-鿿]", one.text)]
    assert any(re.search("[一-鿿]", one.text) for one in page.root.all("span") if one.attributes.get("lang") == "zh-CN")


def test_page_suits_screen_and_paper(assessed: Assess) -> None:
    """The page has a width for phones, a dark face and a face for paper."""
    html = report(assessed("valve-maker"))
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in html
    for rule in ("@media print", "prefers-color-scheme: dark", "max-width: 40rem", "size: A4"):
        assert rule in html


def test_rules_behind_the_page_are_named(assessed: Assess) -> None:
    """The foot names the rulebook by its digest."""
    assessment = assessed("valve-maker")
    assert assessment.rulebook.digest in Page(report(assessment)).root.all("footer")[0].text


def test_same_assessment_same_page(matcher: Matcher, samples: dict[str, Profile], on: date, lang: str) -> None:
    """Rendering twice, from two assessments, gives the same page."""
    pages = {report(assess(matcher, samples["bearing-giant"], on), lang) for _ in range(2)}
    assert len(pages) == 1


def test_project_page_says_verdict_and_days_left(assessed: Assess) -> None:
    """Where it stands, when it can be applied for, and in how many days at the earliest."""
    head = Page(report(assessed("valve-maker"))).by_id("p-little-giant").all("dl", "rows")[0]
    told = {term.text: text.text for term, text in zip(head.all("dt"), head.all("dd"), strict=True)}
    assert told["结论"] == "差 1 项，另缺 1 项信息。"
    assert told["申报时间"].startswith("预计2027年2月28日至5月29日之间开始")
    assert told["申报时间"].endswith("最早还有 97 天开始。")


def test_project_page_asks_and_says_what_the_answer_decides(assessed: Assess) -> None:
    """Every question it waits for, each once, with the criteria that are open until it is answered."""
    assessment = assessed("bearing-giant")
    data = result(assessment)
    page = Page(report(assessment))
    project = next(one for one in data["projects"] if one["id"] == "green-manufacturing-list")
    asked = page.by_id("p-green-manufacturing-list").all("ol", "asked")[0].all("li")
    assert len(asked) == len({one["fact"].partition("[")[0] for one in project["questions"]})
    reasons = [one.all("p", "source")[0].text for one in asked if one.all("p", "source")]
    assert len(reasons) > 5
    open_criteria = [one["says"] for one in project["criteria"] if one["state"] == "unknown"]
    assert all(any(says in reason for says in open_criteria) for reason in reasons)


def test_papers_of_a_project_come_by_the_day_to_begin(assessed: Assess) -> None:
    """Those of the step that prepares them; what has no step comes last."""
    assessment = assessed("valve-maker")
    part = Page(report(assessment)).by_id("p-high-tech-enterprise")
    heading = next(one for one in part.all("h4") if one.text.startswith("申报材料"))
    papers = part.children[part.children.index(heading) + 1].all("time")
    days = [one.attributes["datetime"] for one in papers]
    due = {
        step.due.isoformat()
        for step in assessment.steps
        if step.kind == "prepare" and step.due and "high-tech-enterprise" in step.serves
    }
    assert days == sorted(days, key=str)
    assert set(days) <= due
    assert len(days) > 5


def test_projects_that_matter_come_first_and_print_on_their_own_page(assessed: Assess) -> None:
    """What can be applied for, or nearly, in a round to come."""
    html = report(assessed("valve-maker"))
    matters = ["matters" in one.classes for one in Page(html).by_id("criteria").all("details", "project")]
    assert matters == sorted(matters, reverse=True)
    assert sum(matters) == 4
    assert "#criteria .matters:not(:first-of-type)" in html


def test_project_not_held_says_what_it_would_ask(assessed: Assess) -> None:
    """Duties of every year come with their day, before they are anybody's."""
    part = Page(report(assessed("valve-maker"))).by_id("p-little-giant")
    assert "取得以后要做的事" in [one.text for one in part.all("h4")]
    assert "每年5月31日前" in part.text
    held = Page(report(assessed("bearing-giant"))).by_id("p-little-giant")
    assert "持有期间要做的事" in [one.text for one in held.all("h4")]
    assert "2027年9月1日" in held.text


def test_compiled_template_is_kept_and_never_needed(assessed: Assess, tmp_path: Path) -> None:
    """The page is the same without a cache, with a new one, a kept one, a damaged one, and where none can be."""
    assessment = assessed("precision-parts")
    plain = report(assessment)
    folder = tmp_path / "deep" / "cache"
    assert report(assessment, cache=folder) == plain
    kept = sorted(folder.iterdir())
    assert kept
    for damage in (None, b"", b"no template", kept[0].read_bytes()[:200]):
        if damage is not None:
            kept[0].write_bytes(damage)
        _environment.cache_clear()
        assert report(assessment, cache=folder) == plain
    (tmp_path / "file").write_text("in the way")
    assert report(assessment, cache=tmp_path / "file") == plain
