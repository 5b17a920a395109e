"""A drawing shows every dated thing once, where its date is, on the canvas, and in words as well."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, pairwise, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.company.profile import Profile
from assistant.dates import DateSpan, add_months
from assistant.delivery.drawing.arrangement import arranged
from assistant.delivery.drawing.canvas import MARGIN, Axis, Bar, bar, width_of, wrapped
from assistant.delivery.drawing.path import PathView, path_view
from assistant.delivery.drawing.timeline import GROUPS, HEAD, SIZE, Mark, Row, TimelineView, timeline_view
from assistant.delivery.report import report
from assistant.delivery.result import result
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.match import Matcher
from assistant.planning.announcements import Announcement
from assistant.planning.assessment import Assessment, assess
from assistant.planning.upkeep import HORIZON_MONTHS
from assistant.rulebook.book import Rulebook
from tests.conftest import ON, Assess, book

HOSTILE = "<script>alert(1)</script>\"'&"
LATE = date(2027, 3, 5)
CLOSING_SIGNS = "，。、；：）”》"

Draw = Callable[[Assessment], TimelineView]
Span = tuple[str, str] | None


@pytest.fixture(scope="session")
def draw() -> Draw:
    """Return the timeline of an assessment, drawn once."""
    seen: dict[int, tuple[Assessment, TimelineView]] = {}

    def drawn(assessment: Assessment) -> TimelineView:
        if id(assessment) not in seen:
            say = Speaker(assessment.rulebook)
            seen[id(assessment)] = assessment, timeline_view(assessment, result(assessment), say)
        return seen[id(assessment)][1]

    return drawn


def rows(view: TimelineView) -> list[Row]:
    """Return all rows of a timeline from top to bottom."""
    return [row for group in view.groups for row in group.rows]


def marks(view: TimelineView) -> list[Mark]:
    """Return all marks of a timeline."""
    return [mark for row in rows(view) for mark in row.marks]


def row(view: TimelineView, name: str) -> Row:
    """Return the row of that name."""
    return next(one for one in rows(view) if one.name == name)


def corners(one: Bar) -> list[tuple[float, float]]:
    """Return the outline of a bar."""
    return [(float(x), float(y)) for x, y in (point.split(",") for point in one.points.split())]


def news(opens: date | None, closes: date | None) -> Announcement:
    """Return the official dates of the next round for new high-tech enterprises."""
    return Announcement("high-tech-enterprise", 2027, opens, closes, "https://gdii.gd.gov.cn/n")


# ---- the timeline


def test_every_entry_is_drawn_once(assessment: Assessment, draw: Draw) -> None:
    """As a window or in a mark, nothing left out and nothing twice."""
    view = draw(assessment)
    keys = [key for row in rows(view) for key in row.keys] + [key for mark in marks(view) for key in mark.keys]
    assert Counter(keys) == Counter(entry.key for entry in assessment.entries)


def test_nothing_lies_beyond_the_canvas(assessment: Assessment, draw: Draw) -> None:
    """Bars, marks and what is written beside them lie within their row, rows below each other."""
    view = draw(assessment)
    bottom = HEAD
    for one in rows(view):
        assert one.y >= bottom
        bottom = one.y + one.height
        if one.bar:
            assert all(MARGIN <= x <= view.axis.width - MARGIN and one.y <= y <= bottom for x, y in corners(one.bar)), (
                one.name
            )
        if one.note:
            wide = width_of(one.note)
            left = one.note_x - wide if one.note_ends else one.note_x
            assert 0 <= left <= view.axis.width - wide, one.name
        for mark in one.marks:
            assert 0 <= mark.x <= view.axis.width - mark.width
            assert one.y <= mark.y <= bottom - SIZE
    assert bottom <= view.height


def test_marks_stand_at_their_days(assessment: Assessment, draw: Draw) -> None:
    """Each begins on the day of its first entry; along a row the days only grow."""
    days = {entry.key: entry.span.earliest for entry in assessment.entries}
    view = draw(assessment)
    for one in rows(view):
        assert [mark.x for mark in one.marks] == sorted(mark.x for mark in one.marks)
        for mark in one.marks:
            mine = [days[key] for key in mark.keys]
            assert mine == sorted(mine)
            assert mark.sign_x + SIZE // 2 == view.axis.at(mine[0])
            if mark.sign == "prepare":
                assert mark.sign_x + mark.width >= view.axis.at(mine[-1]) + SIZE // 2


def test_marks_do_not_cover_each_other(assessment: Assessment, draw: Draw) -> None:
    """Those that are too close together stand in different lines."""
    for one in rows(draw(assessment)):
        for left, right in combinations(one.marks, 2):
            assert left.y != right.y or left.x + left.width < right.x, (one.name, left.title, right.title)


def test_rows_come_by_standing_and_opening(assessment: Assessment, draw: Draw) -> None:
    """What is ready first; in each group the round that opens first."""
    view = draw(assessment)
    assert [group.name for group in view.groups] == [name for name in GROUPS if name in {g.name for g in view.groups}]
    begins = {entry.key: entry.span.earliest for entry in assessment.entries if entry.kind == "window"}
    for group in view.groups:
        days = [begins[key] for one in group.rows for key in one.keys]
        assert days == sorted(days)


def test_it_covers_whole_months_from_today_to_the_horizon(assessment: Assessment, draw: Draw) -> None:
    """A unit is a day; every month has its name, and the years stand where they begin."""
    view = draw(assessment)
    assert view.axis.first == ON.replace(day=1)
    assert view.axis.last >= add_months(ON, HORIZON_MONTHS)
    assert view.axis.length == view.axis.days
    assert view.today == MARGIN + (ON - view.axis.first).days
    assert len(view.ticks) == HORIZON_MONTHS + 1
    assert [tick.x for tick in view.years if tick.is_year] == [tick.x for tick in view.ticks if tick.is_year]
    assert [tick.label for tick in view.years] == ["2026年", "2027年", "2028年"]


def test_a_merged_step_stands_among_the_shared_ones(assessed: Assess, draw: Draw) -> None:
    """One paper for several projects is one of the marks of the first rows, with their number."""
    assessment = assessed("valve-maker")
    shared = draw(assessment).groups[0]
    assert (shared.name, [one.name for one in shared.rows]) == ("common", ["补充信息", "共用的准备"])
    merged = {step.key for step in assessment.steps if len(step.serves) > 1 and step.kind != "answer" and step.due}
    assert {key for mark in shared.rows[1].marks for key in mark.keys} == merged
    [answers] = shared.rows[0].marks
    assert answers.label == str(sum(step.kind == "answer" for step in assessment.steps))


def test_expected_rounds_taper_and_say_so(assessed: Assess, draw: Draw) -> None:
    """A bar without a known day ends in a tip; beside it stands that it is expected."""
    for one in rows(draw(assessed("bearing-giant"))):
        if one.bar:
            assert not one.announced
            assert one.note.startswith("预计")
            assert len({y for _, y in corners(one.bar)}) > 2, one.name


def test_announced_round_has_hard_ends(matcher: Matcher, samples: Mapping[str, Profile], draw: Draw) -> None:
    """From its first day to the end of its last one, as thick all along, with its days beside it."""
    official = news(date(2027, 5, 6), date(2027, 6, 30))
    view = draw(assess(matcher, samples["valve-maker"], ON, announcements=[official]))
    one = row(view, "高新技术企业（复核）")
    assert one.announced
    assert one.bar
    assert (one.bar.left, one.bar.right) == (view.axis.at(date(2027, 5, 6)), view.axis.at(date(2027, 7, 1)))
    assert len(corners(one.bar)) == 4
    assert one.note == "已公布 5月6日—6月30日"
    assert "announced" in view.signs


def test_round_over_new_year_is_one_bar(matcher: Matcher, samples: Mapping[str, Profile], draw: Draw) -> None:
    """It crosses the line between the years."""
    official = news(date(2027, 12, 1), date(2028, 1, 31))
    view = draw(assess(matcher, samples["software-firm"], ON, announcements=[official]))
    one = next(row for row in rows(view) if row.announced)
    new_year = view.axis.at(date(2028, 1, 1))
    assert one.bar
    assert one.bar.left < new_year < one.bar.right
    assert new_year in {tick.x for tick in view.ticks if tick.is_year}


@pytest.mark.parametrize(
    ("opens", "closes", "said"),
    [(date(2027, 5, 6), None, "截止未知"), (None, date(2027, 6, 30), "开始未知")],
    ids=["opening", "closing"],
)
def test_round_without_an_end_says_so(
    opens: date | None, closes: date | None, said: str, matcher: Matcher, samples: Mapping[str, Profile], draw: Draw
) -> None:
    """What is not known is written beside the bar, never drawn."""
    view = draw(assess(matcher, samples["software-firm"], ON, announcements=[news(opens, closes)]))
    one = next(row for row in rows(view) if row.announced)
    assert one.bar
    assert one.bar.right - one.bar.left <= 2
    assert one.note.endswith(said)


def test_sure_days_are_written_and_expected_ones_are_not(assessed: Assess, draw: Draw) -> None:
    """The day on which a recognition expires stands beside its mark; a day counted back from a forecast does not."""
    view = draw(assessed("valve-maker"))
    labels = {mark.sign: mark.label for mark in row(view, "专精特新中小企业（复核）").marks}
    assert labels["expiry"] == "11月7日到期"
    assert labels["yearly"] == "5月31日"
    assert labels["apply"] == ""


def test_what_is_late_stands_at_today(matcher: Matcher, samples: Mapping[str, Profile], draw: Draw) -> None:
    """What can still be done later keeps its day; the rest is to be done now."""
    late = assess(matcher, samples["valve-maker"], LATE)
    found = [mark for mark in marks(draw(late)) if mark.late]
    keys = {key for mark in found for key in mark.keys}
    assert {step.key for step in late.steps if step.chance in ("at-the-latest", "missed")} <= keys
    assert len(found) >= 2
    assert {mark.sign_x + SIZE // 2 for mark in found} == {draw(late).today}


def test_past_round_is_over(matcher: Matcher, samples: Mapping[str, Profile], draw: Draw) -> None:
    """Asked about a year gone by, there is no bar, and the row says why."""
    view = draw(assess(matcher, samples["valve-maker"], ON, cycle=2025, projects=["high-tech-enterprise"]))
    [one] = [one for one in rows(view) if one.keys]
    assert one.bar is None
    assert one.note.endswith("已经结束")


def test_assessment_without_entries_has_no_drawing(
    matcher: Matcher, samples: Mapping[str, Profile], draw: Draw
) -> None:
    """Neither rows nor a part of the page."""
    nothing = assess(matcher, samples["empty"], ON, projects=["tcm-material-base"])
    assert nothing.entries == ()
    assert draw(nothing).groups == ()
    assert 'id="timeline"' not in report(nothing)


def test_same_assessment_same_drawing(matcher: Matcher, samples: Mapping[str, Profile]) -> None:
    """From two assessments of the same company."""
    views = []
    for _ in range(2):
        again = assess(matcher, samples["valve-maker"], ON)
        views.append(timeline_view(again, result(again), Speaker(again.rulebook)))
    assert views[0] == views[1]


# ---- on the page


def figures(html: str) -> list[ET.Element]:
    """Return the drawings of a page, read as XML."""
    return [ET.fromstring(found) for found in re.findall(r'<figure class="drawing.*?</figure>', html, re.DOTALL)]  # noqa: S314  # our own page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_drawings_are_xml_without_script(assessed: Assess, lang: str) -> None:
    """Shapes and texts only; nothing that runs or loads."""
    drawings = figures(report(assessed("valve-maker"), lang))
    assert [one.attrib["class"] for one in drawings] == ["drawing timeline", "drawing path"]
    known = {
        "figure", "div", "svg", "title", "desc", "defs", "pattern", "marker", "path", "polygon", "rect", "circle",
        "text", "tspan", "g", "a", "figcaption", "ul", "li", "p",
    }  # fmt: skip
    for element in (element for drawing in drawings for element in drawing.iter()):
        assert element.tag in known
        assert not [name for name in element.attrib if name.startswith("on") or name in ("style", "src")]
        assert element.attrib.get("href", "#").startswith("#")


def test_drawing_is_told_in_words(assessed: Assess, draw: Draw) -> None:
    """A reader who cannot see it hears what it is and a sentence for every row."""
    assessment = assessed("bearing-giant")
    drawing = figures(report(assessment))[0]
    [image] = [one for one in drawing.iter("svg") if one.attrib.get("role") == "img"]
    told = {one.attrib["id"]: one.text or "" for one in image if one.tag in ("title", "desc")}
    assert [*told] == image.attrib["aria-labelledby"].split()
    assert told["timeline-title"] == "2026年11月1日至2028年5月31日的申报时间表"
    assert all(text in told["timeline-desc"] for text in draw(assessment).says)
    assert "省级制造业单项冠军：预计" in told["timeline-desc"]


def test_legend_names_every_sign(assessed: Assess) -> None:
    """Those that occur, in words."""
    drawing = figures(report(assessed("valve-maker")))[0]
    words = ["".join(one.itertext()).strip() for one in drawing.iter("li")]
    signs = ("预计受理时间", "开始准备", "补差距", "补充信息", "最早的截止日", "年度填报", "有效期满")
    assert all(word.startswith(sign) for word, sign in zip(words, signs, strict=True))


def test_names_with_markup_stay_text(rulebook: Rulebook, samples: Mapping[str, Profile]) -> None:
    """However a project is called, its name is written and never run."""
    project = replace(rulebook.projects["high-tech-enterprise"], name=HOSTILE, en=HOSTILE)
    book = replace(rulebook, projects={**rulebook.projects, project.id: project})
    html = report(assess(Matcher(book), samples["valve-maker"], ON, projects=[project.id]))
    assert "<script>alert" not in html
    names = ["".join(one.itertext()) for drawing in figures(html)[:1] for one in drawing.iter("a")]
    assert any(HOSTILE in name for name in names)


# ---- bars and text

days = st.dates(date(2026, 1, 1), date(2029, 12, 31))
spans = st.none() | st.tuples(days, st.integers(0, 400)).map(lambda two: DateSpan(two[0], two[0] + timedelta(two[1])))
AXIS = Axis(date(2027, 1, 1), date(2028, 6, 30), 547)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(spans, spans)
def test_any_bar_lies_between_its_dates(opens: DateSpan | None, closes: DateSpan | None) -> None:
    """Whatever is known of its ends: never before the earliest or after the latest day, never off the axis."""
    found = bar(AXIS, opens, closes, 10, 12)
    first, last = opens or closes, closes or opens
    if first is None or last is None:
        assert found is None
        return
    begins, ends = first.earliest, max(first.earliest, last.latest)
    seen = begins <= AXIS.last and ends >= AXIS.first
    assert (found is not None) == seen
    if found:
        xs, ys = zip(*corners(found), strict=True)
        assert AXIS.at(begins) - 1 <= min(xs) < max(xs) <= AXIS.after(ends) + 1
        assert min(ys) >= 10
        assert max(ys) <= 22
        assert min(ys) + max(ys) == pytest.approx(32)
        assert found.begins == (opens is not None)
        assert found.ends == (closes is not None)


def test_bar_is_full_where_it_is_sure_and_thin_where_it_is_not() -> None:
    """It grows while it may begin, and never gets full where it may end before it must have begun."""
    sure = bar(AXIS, DateSpan(date(2027, 2, 1), date(2027, 3, 1)), DateSpan(date(2027, 5, 1), date(2027, 6, 1)), 0, 10)
    assert sure
    assert corners(sure)[0] == (39, 5)
    assert (AXIS.at(date(2027, 3, 1)), 0) in corners(sure)
    doubtful = bar(
        AXIS, DateSpan(date(2027, 2, 1), date(2027, 8, 1)), DateSpan(date(2027, 3, 1), date(2027, 9, 1)), 0, 10
    )
    assert doubtful
    assert 0 < min(y for _, y in corners(doubtful)) < 5


@pytest.mark.parametrize("width", [60, 100, 300])
def test_long_names_are_wrapped_whole(width: int, rulebook: Rulebook) -> None:
    """No line is wider than there is room, none begins with a closing sign, nothing is lost."""
    for project in rulebook.projects.values():
        for name in (project.name, project.en):
            lines = wrapped(name, width, 99)
            assert "".join(lines).replace(" ", "") == name.replace(" ", "")
            assert all(line[0] not in CLOSING_SIGNS for line in lines)
            assert all(width_of(line) <= width for line in lines if " " in line or not line.isascii()), lines


def test_a_name_that_does_not_fit_is_cut_with_an_ellipsis() -> None:
    """After as many lines as there are."""
    assert wrapped("国家新一代人工智能产业创新重点任务揭榜名单", 50, 2) == ("国家新一代", "人工智能…")


# ---- paths


def leg(
    project: str,
    round_: tuple[Span, Span],
    granted: Span,
    until: str | None,
    *after: str,
    kind: str = "new",
    says: str = "",
    target: bool = False,
) -> dict[str, Any]:
    """Return a leg as the result holds it."""

    def span(found: Span) -> dict[str, str] | None:
        return {"earliest": found[0], "latest": found[1]} if found else None

    opens, closes = round_
    return {
        "project": project,
        "name": f"{project}企业",
        "kind": kind,
        "cycle": int((opens or closes or ("2028",))[0][:4]),
        "window": {"status": "expected", "opens": span(opens), "closes": span(closes), "confidence": "low"},
        "granted": span(granted),
        "valid_until": until,
        "after": list(after),
        "binding": {"kind": "window", "text": says},
        "needs": [],
        "target": target,
    }


def to(*legs: dict[str, Any]) -> dict[str, Any]:
    """Return the path to the last of *legs*."""
    target = {**legs[-1], "target": True}
    return {"target": target["project"], "name": target["name"], "legs": [*legs[:-1], target]}


def spring(year: int) -> tuple[Span, Span]:
    """Return a round in the first half of a year."""
    return (f"{year}-02-28", f"{year}-05-29"), (f"{year}-03-26", f"{year}-06-20")


def autumn(year: int) -> Span:
    """Return a grant in autumn."""
    return f"{year}-08-01", f"{year}-10-31"


FIRST = leg("创新型", spring(2027), autumn(2027), "2030-07-31", says="下一轮就可以报")
SECOND = leg("专精特新", spring(2028), autumn(2028), "2031-07-31", "创新型", says="要先有创新型中小企业")
THIRD = leg("小巨人", spring(2029), autumn(2029), "2032-07-31", "专精特新", says="要先有专精特新中小企业")
BESIDE = leg("高新", spring(2027), autumn(2027), "2030-07-31")
LAST = leg("单项冠军", spring(2031), autumn(2031), None, "小巨人", "高新", says="从事相关业务满 10 年，" * 6)
LADDER = to(FIRST, SECOND, THIRD, BESIDE, LAST)


def path(*paths: dict[str, Any]) -> PathView:
    """Return the drawing of paths."""
    view = path_view(paths, ON, Speaker(book()))
    assert view is not None
    return view


def crossings(view: PathView) -> Iterator[tuple[int, int]]:
    """Yield the arrows that touch each other."""
    for one, other in combinations(view.arrows, 2):
        if one.x == other.x and one.y_to < other.y_from and other.y_to < one.y_from:
            yield one.x, other.x


def test_ladder_climbs_to_its_target() -> None:
    """Each stands above what it needs, the target on top; arrows are upright and apart."""
    view = path(LADDER)
    order = [one.project for one in view.legs]
    assert order[0] == "单项冠军"
    assert [project for project in order if project != "高新"] == ["单项冠军", "小巨人", "专精特新", "创新型"]
    assert [one.project for one in view.legs if one.is_target] == ["单项冠军"]
    assert len(view.arrows) == 4
    assert [*crossings(view)] == []
    assert all(arrow.y_to < arrow.y_from for arrow in view.arrows)


def test_arrows_lead_from_what_is_valid_into_the_round() -> None:
    """They stand where the round is; where the prerequisite lapses before, the gap is dotted."""
    view = path(LADDER)
    top = view.legs[0]
    for arrow in view.arrows:
        upper = next(one for one in view.legs if one.middle < arrow.y_to <= one.middle + 10)
        assert upper.left < arrow.x <= upper.right
    lapsed = [arrow for arrow in view.arrows if arrow.lapsed is not None]
    [beside] = [one for one in view.legs if one.project == "高新"]
    assert beside.valid
    assert [(arrow.y_from, arrow.lapsed) for arrow in lapsed] == [(beside.middle, beside.valid.right)]
    assert lapsed[0].y_to == top.middle + 10


def test_legs_that_paths_share_are_drawn_once() -> None:
    """A step to one target and the target of another path is both."""
    view = path(to(FIRST, SECOND), LADDER)
    assert Counter(one.project for one in view.legs) == Counter(one["project"] for one in LADDER["legs"])
    assert {one.project for one in view.legs if one.is_target} == {"专精特新", "单项冠军"}


def test_leg_needed_for_longer_is_renewed_on_the_way() -> None:
    """Of two paths with the same leg the longer one is drawn, with a ring where it must be renewed."""
    longer = {**FIRST, "valid_until": "2036-07-31", "renewals": ["2030-07-31", "2033-07-31"]}
    for paths in ((to(FIRST), to(longer, SECOND, LAST)), (to(longer, SECOND, LAST), to(FIRST))):
        view = path(*paths)
        lower = view.legs[-1]
        assert (lower.project, lower.is_target) == ("创新型", True)
        assert lower.renewals == (view.axis.after(date(2030, 7, 31)),)
        assert "2030年7月、2033年7月前要复核续期" in lower.says
        assert "renewed" in view.signs


def test_where_all_are_targets_none_stands_out() -> None:
    """The word target is for telling them from the steps to it."""
    assert not [one for one in path(to(FIRST), to(BESIDE)).legs if one.is_target]
    assert [one.project for one in path(to(FIRST)).legs if one.is_target] == ["创新型"]


def test_what_is_held_has_no_round() -> None:
    """A bar until its last day; what is renewed has both."""
    held = leg("创新型", spring(2027), None, "2028-12-30", kind="held")
    renewed = {
        **leg("专精特新", spring(2027), autumn(2027), "2030-12-31", "创新型", kind="review"),
        "held_until": "2027-12-31",
    }
    view = path(to(held, renewed))
    upper, lower = view.legs
    assert (lower.tag, upper.tag) == ("已有，到2028年12月", "2027年度复核")
    assert lower.round is None
    assert lower.held
    assert upper.round
    assert upper.held
    assert upper.held.right - view.axis.after(date(2027, 12, 31)) in (0, 1)


def test_round_that_nobody_knows_is_marked_unsure() -> None:
    """Its box is the whole year, and it says that the time is not known."""
    unknown = leg("设计", (None, None), None, None)
    [one] = path(to(unknown)).legs
    assert not one.sure
    assert one.round is None
    assert one.note == "受理时间未知"


@st.composite
def many_legs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return up to eight legs over ten years, each waiting for some before it."""
    legs: list[dict[str, Any]] = []
    for index in range(draw(st.integers(1, 8))):
        year = draw(st.integers(2027, 2036))
        after = (
            draw(st.lists(st.sampled_from([one["project"] for one in legs]), unique=True, max_size=3)) if legs else []
        )
        round_ = draw(st.sampled_from([spring(year), (None, spring(year)[1]), (spring(year)[0], None), (None, None)]))
        granted = draw(st.sampled_from([autumn(year), None]))
        says = "还差 12.5 万元，" * draw(st.integers(0, 12))
        legs.append(
            leg(f"项目{index}", round_, granted, draw(st.sampled_from([None, f"{year + 3}-07-31"])), *after, says=says)
        )
    return legs


@settings(derandomize=True, deadline=None, max_examples=150)
@given(many_legs())
def test_any_path_is_drawn_without_crossings(legs: list[dict[str, Any]]) -> None:
    """Every leg once above what it needs, nothing beyond the canvas, no arrow over another or over its box's label."""
    view = path(to(*legs))
    assert Counter(one.project for one in view.legs) == Counter(one["project"] for one in legs)
    assert len(view.arrows) == sum(len(one["after"]) for one in legs)
    assert [*crossings(view)] == []
    for one in view.legs:
        assert 0 <= one.left < one.right <= view.axis.width - MARGIN
        wide = max((width_of(line) for line in one.binding), default=0)
        text_left = one.binding_x - wide if one.binding_ends else one.binding_x
        assert 0 <= text_left <= view.axis.width - wide
        incoming = [arrow.x for arrow in view.arrows if arrow.y_to == one.middle + 10]
        assert all(not text_left <= x <= text_left + wide for x in incoming) or not one.binding
    for upper, lower in pairwise(view.legs):
        assert upper.y + upper.height == lower.y
    at = {one.project: one.y for one in view.legs}
    assert all(at[one["project"]] < at[id_] for one in legs for id_ in one["after"])
    assert all(arrow.x <= view.axis.width for arrow in view.arrows)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(many_legs())
def test_arrows_pass_as_few_rows_as_can_be(legs: list[dict[str, Any]]) -> None:
    """No other order, with each leg above what it needs, has shorter arrows: compared with all of them."""
    needs = {one["project"]: one["after"] for one in legs[:6]}

    def length(order: Sequence[str]) -> int | None:
        spans = [order.index(id_) - order.index(need) for id_ in order for need in needs[id_]]
        return None if any(span < 0 for span in spans) else sum(spans)

    lengths = [found for order in permutations(needs) if (found := length(order)) is not None]
    assert length(arranged(needs)) == min(lengths)


def test_legs_that_wait_for_each_other_are_still_drawn() -> None:
    """By time, without the arrow that would point down."""
    view = path(to(leg("甲", spring(2027), None, None, "乙"), leg("乙", spring(2028), None, None, "甲")))
    assert [one.project for one in view.legs] == ["乙", "甲"]
    assert len(view.arrows) == 1


def test_no_legs_no_drawing(rulebook: Rulebook) -> None:
    """Nor where a path cannot be gone."""
    say = Speaker(rulebook)
    assert path_view([], ON, say) is None
    assert path_view([{"target": "x", "name": "x", "legs": []}], ON, say) is None
