"""A period is a date as officials write it (“三季度”, “5月底前”), read as an interval that says how exact it is.

Every word of a clause must be known: a clause with an unknown word, two dates, or a form that can be read in two
ways is handed back unread. A wording that only refers to a later notice is a period without dates.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

Precision = Literal["day", "third", "month", "quarter", "half", "year", "none"]
Whose = Literal["company", "county", "city", "province"]
Event = Literal["issued", "opens", "applied", "closes", "reported", "assessed", "shown", "published"]

LONGEST = 2000  # signs of a wording; no honest one is longer


@dataclass(frozen=True, slots=True)
class Period:
    """Something happens between *earliest* and *latest*, both included; None where that end is open or not said.

    “5月底前” has no earliest, “5月10日起” no latest, “待上级部门通知” neither. *whose* deadline and which *event* it
    is are given only where the text says so; *review_of* is the year whose applications are assessed.
    """

    earliest: date | None
    latest: date | None
    precision: Precision
    whose: Whose | None = None
    review_of: int | None = None
    text: str = ""
    event: Event | None = None
    place: str = ""
    batch: str = ""
    approximate: bool = False  # 约, 左右, 年底: the words themselves are vague
    pending: bool = False  # 具体以通知为准: another notice decides


@dataclass(frozen=True, slots=True)
class Reading:
    """The periods of a wording, in its order, and the clauses that were not understood, as printed."""

    periods: tuple[Period, ...]
    unread: tuple[str, ...] = ()


def read_periods(text: str, *, year: int | None = None) -> Reading:
    """Read a wording that is nothing but dates, such as a cell of a list; *year* stands in where it names none.

    All of it is understood, or none of it is used: an unknown word may take the date back.
    """
    reading = _Reader(year, (), prose=False).read(text)
    if reading.unread or not reading.periods:
        return Reading((), reading.unread or tuple(filter(None, [text.strip()])))
    return reading


def mentioned_periods(text: str, *, year: int | None = None, places: Collection[str] = ()) -> Reading:
    """Read the dates that a note in prose mentions; *places* are the cities it may name (韶关市).

    Clauses without a date are passed over. A sentence (up to ；or 。) with a dated clause that is not understood is
    handed back with all its dated clauses: they may speak of another place than they seem to.
    """
    return _Reader(year, places, prose=True).read(text)


# ---- one date as written

_NUMERALS = {sign: number for number, sign in enumerate("一二三四五六七八九十", 1)} | {"十一": 11, "十二": 12}
_MONTH = r"1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九]"
_DAY = r"3[01]|[12]\d|0?[1-9]"
_YEAR = r"(?:(?P<y>20\d\d)|(?P<ry>[今本当明次翌]))年"
_THIRD = r"(?P<t>上旬|中旬|下旬|初|中|底|末)"
_POINTS = tuple(
    re.compile(form)
    for form in (
        rf"(?P<y>20\d\d)(?P<sep>[-/.])(?P<m>{_MONTH})(?P=sep)(?P<d>{_DAY})(?!\d)",
        rf"(?P<y>20\d\d)[-/.](?P<m>1[0-2]|0?[1-9])(?![-/.\d])(?:月份?)?{_THIRD}?",
        rf"(?P<m>1[0-2]|0?[1-9])(?P<short>[-.])(?P<d>{_DAY})(?![-.\d])",
        rf"(?:{_YEAR}度?)?(?P<m>{_MONTH})月份?(?:(?P<d>{_DAY})[日号]|{_THIRD})?",
        rf"(?:{_YEAR}度?)?(?:第?(?P<q>[1-4一二三四])季度|(?P<h>[上下])半年)",
        rf"{_YEAR}(?:年?(?P<p>初|中(?!旬)|底|末)|度?内?)|年(?P<p2>初|中|底|末|内)",
    )
)
_BARE_DAY = re.compile(rf"(?P<d>{_DAY})[日号]?(?![\d日号月.:-])")
_JOINT = re.compile(r"起?(?:至|到)")
_OFFSETS = {"明": 1, "次": 1, "翌": 1}
_THIRDS = {"上": (1, 10), "初": (1, 10), "中": (11, 20), "下": (21, 31), "底": (21, 31), "末": (21, 31)}
_YEAR_PARTS = {"初": (1, 3), "中": (5, 8), "底": (11, 12), "末": (11, 12)}  # months; the words are vaguer than that
_ORDER: tuple[Precision, ...] = ("day", "third", "month", "quarter", "half", "year")


@dataclass(frozen=True, slots=True)
class _Point:
    """The units that one date names."""

    year: int | None = None
    offset: int = 0  # 次年: years after the one spoken of
    month: int | None = None
    day: int | None = None
    third: str = ""
    quarter: int | None = None
    half: str = ""
    part: str = ""  # of a year
    short: str = ""  # the sign of 07-20 and 7.20

    @property
    def precision(self) -> Precision:
        if self.month:
            return "day" if self.day else "third" if self.third else "month"
        return "quarter" if self.quarter or self.part in _YEAR_PARTS else "half" if self.half else "year"

    def span(self, year: int) -> tuple[date, date]:
        """Return first and last day; ValueError where there is no such day."""
        if self.month and self.day:
            return date(year, self.month, self.day), date(year, self.month, self.day)
        if self.month and self.third:
            first, last = _THIRDS[self.third]
            return date(year, self.month, first), date(year, self.month, min(last, monthrange(year, self.month)[1]))
        first, last = (self.month, self.month) if self.month else _YEAR_PARTS.get(self.part, (1, 12))
        if self.quarter:
            first, last = self.quarter * 3 - 2, self.quarter * 3
        elif self.half:
            first, last = (1, 6) if self.half == "上" else (7, 12)
        return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def _point(text: str, at: int) -> tuple[_Point, int] | None:
    """Return the date that stands at *at* and where it ends."""
    if at and text[at - 1].isdigit() and text[at].isdigit():
        return None
    found = next((match for form in _POINTS if (match := form.match(text, at))), None)
    if found is None:
        return None
    groups: dict[str, str] = {name: written for name, written in found.groupdict().items() if written}
    year, month, day, quarter = (
        _NUMERALS.get(written) or int(written) if (written := groups.get(name)) else None for name in "ymdq"
    )
    third, half, short = (groups.get(name, "") for name in ("t", "h", "short"))
    part = groups.get("p") or groups.get("p2", "")
    offset = _OFFSETS.get(groups.get("ry", ""), 0)
    return _Point(year, offset, month, day, third[:1], quarter, half, part, short), found.end()


# ---- the words beside it: what they say | how they are written

_WORDS = r"""
pending                       | 待?上级部门(?:另行)?通知|待(?:上级)?通知|(?:具体)?(?:时间)?另行通知|(?:时间)?待定
pending                       | (?:具体)?(?:时间|日期)?(?:以|根据|按){_ISSUER}?的?(?:正式)?通知(?:的时间)?(?:为准)?
approximate                   | 大?约|左右|前后|大致|初步|暂定|原则上
whose=company event=reported  | 企业(?:报|交)(?:县区|区县|区|县|镇街)
whose=county event=reported   | (?:市县|县区|区县|各县区|各区|区级|镇街|镇区)报市局?
whose=city event=reported     | (?:各?地市|各市|市局|市)(?:联合)?报省[厅局]?|地市发函推荐
whose=province event=reported | (?:推荐)?(?:上报|报送|报)[至到]?(?:工信部|工业和信息化部|国家|部)|省[厅局]?报部
whose=company                 | (?:申报|申请|推荐|各)?企业|申报(?:单位|主体)|牵头单位|产权人|申请人
whose=county                  | 各?县区|各?区县|各区|各县|区级|县级|镇街|镇区|县（市、区）
whose=city                    | 各?地级以上市|各?地市|各市|市级|市局|本市|市工信局
whose=province                | 省级|省厅|省局|我厅|全省|省工信厅|省
event=closes                  | 截止(?:时间|日期|日)?[为到至是]?|报名截止|延(?:期|长)?[至到]
event=opens                   | 开始(?:申报|受理|填报)?|启动(?:申报)?|起始(?:时间|日期)?为?
event=applied                 | 线上申报|网上申报|申报|填报|提交|组织
event=reported                | 上报|报送|报[市省][厅局]?|(?:确认)?推荐名单|推荐|初审
event=issued                  | 发布|印发|转发|发文|下发|成文|通知
event=assessed                | 评审(?:完成)?|评定|认定|遴选|评价
event=shown                   | 公示期?
event=published               | 公布
batch                         | (?P<batch>第(?:[一二三四五六七八九十]{1,3}|\d{1,2})批)
review_of                     | 评审(?P<review_of>20\d\d)年度?的?
weekday                       | (?:周|星期)(?P<weekday>[一二三四五六日天])
edge=by                       | 即日起[至到]?
time                          |  ?\d{1,2}(?::\d\d|时(?:\d\d分)?)|上午|下午|下班|中午
nothing                       | 预计|计划|拟|提前|更早|完成|工作|(?:申报)?时间为?|日期|[末首本]轮|下批
nothing                       | (?:集中)?受理|项目|(?:申报)?材料|系统|线上|寄送|初核|入围|名单|行动计划
nothing                       | 国家|部级?|我省|广东省?|由(?=[各省市县])|[自从为是于在的应须请均将并（）()“”"]
"""
_ISSUER = r"(?:工信部|国家|上级(?:部门)?|省厅|我厅|部)"
_LEXICON = tuple(
    (re.compile(form.replace("{_ISSUER}", _ISSUER)), dict(effect.partition("=")[::2] for effect in says.split()))
    for says, _, form in (line.partition("| ") for line in _WORDS.strip().splitlines())
)
_EDGE = re.compile(r"(?P<by>之?前|以前|止)(?!后)|(?P<from>之后|以后|后|起)")  # only just behind a date

_DATED = re.compile(
    r"(?<!〔)20\d\d(?!\d)|\d ?月|[一二三四五六七八九十]月|\d ?日|[\d一二三四] ?季度|半年|年[初中底末内]|旬"
    r"|(?<![\w.-])\d\d?[-.]\d\d?(?![\d.-])"
)
_STOPS = re.compile(
    r"(?P<strong>[；;。\n])|[，、]|(?<!\d),|,(?!\d)|(?:和|及|以及)(?=\d|第?[一二三四]季度|[上下]半年|[明次翌]年)"
)
_COLON = re.compile(r"：|(?<!\d):|:(?!\d)")
_SIGNS = str.maketrans("—–―～~－０１２３４５６７８９．：", "至至至至至至0123456789.:")
_NUMBER = r"\d{1,2}|[一二三四五六七八九十]{1,2}"
_SHORTENED = re.compile(rf"(?<![\d.-])({_NUMBER})(?:至|到|-)({_NUMBER})(月份?|季度|[日号])(?!\d*[-/])")
_DAY_OR_MONTHS = re.compile(r"1[0-2]-1[0-2]$")


def _plain(text: str) -> str:
    """Return *text* without spaces, with one sign for every dash, and “3至4月” written out."""
    squeezed = re.sub(r"(?<!\d) +| +(?!\d)", "", re.sub(r"\s+", " ", text).strip().translate(_SIGNS))
    squeezed = re.sub(r"至{2,}", "至", squeezed)
    squeezed = re.sub(r"(?<=[月日号度旬底初末年])-(?=[\d一二三四五六七八九十次翌明])", "至", squeezed)
    squeezed = re.sub(r"([今本当明次翌]年)(预计|计划|拟|约)", r"\2\1", squeezed)
    return _SHORTENED.sub(r"\1\3至\2\3", squeezed)


def _sentences(text: str) -> Iterator[list[str]]:
    """Split *text* at its stops, outside brackets: sentences of clauses."""
    depth, start = 0, 0
    clauses: list[str] = []
    stops = {match.start(): match for match in _STOPS.finditer(text)}
    for at, sign in enumerate(text):
        depth += (sign in "（(") - (sign in "）)")
        stop = stops.get(at)
        if stop and depth <= 0:
            clauses.append(text[start:at])
            start = stop.end()
            if stop["strong"]:
                yield [clause.strip() for clause in clauses if clause.strip()]
                clauses = []
    clauses.append(text[start:])
    yield [clause.strip() for clause in clauses if clause.strip()]


# ---- reading


class _NotUnderstood(Exception):
    """A clause that must be handed back."""


@dataclass(slots=True)
class _Clause:
    """What the scan of one clause found: at most one date or range, what the words say, and places."""

    points: list[_Point] = field(default_factory=list)
    says: dict[str, Any] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)

    def add(self, says: Mapping[str, Any]) -> None:
        """Take over what a word says; two that contradict each other are not understood."""
        for name, value in says.items():
            known = self.says.setdefault(name, value)
            if known == value:
                continue
            if name != "event" or {known, value} <= {"opens", "closes"}:
                raise _NotUnderstood
            if known not in ("opens", "closes"):
                self.says[name] = value  # 推荐评审公示: the last word is what happens


class _Reader:
    """Reads one text; remembers the year that was named last."""

    def __init__(self, year: int | None, places: Collection[str], *, prose: bool) -> None:
        self.year = year
        self.named: int | None = None
        self.prose = prose
        self.cities = {place.removesuffix("市"): place for place in places}
        names = "|".join(re.escape(name) for name in sorted(self.cities, key=len, reverse=True))
        self.city = re.compile(rf"({names})(?:市(?![级局]))?" if names else r"(?!)")

    def read(self, text: str) -> Reading:
        if len(text) > LONGEST:
            return Reading((), (text[:LONGEST],))
        periods: list[Period] = []
        unread: list[str] = []
        for clauses in _sentences(text):
            try:
                periods += self._sentence(clauses, periods)
            except _NotUnderstood:
                unread += [clause for clause in clauses if _DATED.search(clause)] if self.prose else clauses
        return Reading(tuple(periods), tuple(unread))

    def _sentence(self, clauses: Sequence[str], before: list[Period]) -> list[Period]:
        """Return the periods between two full stops; what stands before a colon holds for all of them."""
        periods: list[Period] = []
        heading: dict[str, Any] = {}
        waiting: list[str] = []  # cities named before the one that carries the date: 中山、佛山市级截止08-16
        last: str = ""
        for written in clauses:
            clause = written
            colon = _COLON.search(clause)
            if colon and not _DATED.search(clause[: colon.start()]):
                heading = self._scan(clause[: colon.start()]).says
                clause = clause[colon.end() :]
            try:
                found = self._scan(clause)
            except _NotUnderstood:
                if self.prose and not _DATED.search(clause):
                    continue
                raise
            if not found.points:
                waiting += found.places
                if "pending" in found.says and (known := periods or before):
                    known[-1] = replace(known[-1], pending=True)  # “具体以通知为准” belongs to the date before it
                elif "pending" in found.says:
                    periods.append(Period(None, None, "none", text=written, pending=True))
                elif not self.prose:
                    raise _NotUnderstood
                continue
            found.says = heading | found.says
            period = self._period(found, written)
            places = [*waiting, *found.places]
            if not places and period.whose in ("county", "city"):
                places = [last]
            periods += [replace(period, place=place) for place in places or [""]]
            waiting, last = [], (found.places or [last])[-1]
        return periods

    def _scan(self, written: str) -> _Clause:
        """Read a clause word by word, always the longest."""
        text = _plain(written)
        clause = _Clause()
        at, behind_date = 0, False
        while at < len(text):
            words = [(match, says) for form, says in _LEXICON if (match := form.match(text, at))]
            match, says = max(words, key=lambda word: word[0].end(), default=(None, {}))
            end = match.end() if match else at
            edge = _EDGE.match(text, at) if behind_date else None
            dates = self._dates(text, at)
            if dates and dates[1] >= end:
                if clause.points:
                    raise _NotUnderstood
                clause.points, at = dates
                behind_date = True
            elif edge and edge.end() >= end:
                clause.add({"edge": edge.lastgroup})
                at = edge.end()
            elif city := self.city.match(text, at):
                clause.places.append(self.cities[city[1]])
                at, behind_date = city.end(), False
            elif match and end > at:
                clause.add({name: match.groupdict().get(name) or value or True for name, value in says.items()})
                behind_date = behind_date and (says.keys() <= {"time", "weekday"} or match[0] in "（）()")
                at = end
            else:
                raise _NotUnderstood
        return clause

    def _dates(self, text: str, at: int) -> tuple[list[_Point], int] | None:
        """Return the date, or the two ends of the range, that stand at *at*, and where they end."""
        found = _point(text, at)
        if found is None:
            return None
        first, end = found
        joint = _JOINT.match(text, end)
        if not joint:
            if _DAY_OR_MONTHS.match(text[at:end]):
                raise _NotUnderstood
            return [first], end
        second = _point(text, joint.end())
        bare = _BARE_DAY.match(text, joint.end()) if first.day else None
        if bare and (second is None or second[1] <= bare.end()):
            second = _Point(month=first.month, day=int(bare["d"])), bare.end()
        if second is None:
            raise _NotUnderstood
        return [first, second[0]], second[1]

    def _period(self, found: _Clause, text: str) -> Period:
        """Lay the date of a clause on its year."""
        says = {name: value for name, value in found.says.items() if name not in ("nothing", "time")}
        edge, weekday = says.pop("edge", None), says.pop("weekday", "").replace("天", "日")
        points = found.points
        spans: list[tuple[date, date]] = []
        for point in points:
            base = self.year if self.named is None else self.named
            try:
                self.named = point.year or (base + point.offset if base else 0)
                spans.append(point.span(self.named))
            except ValueError as error:  # no such day, or no year to lay it on
                raise _NotUnderstood from error
        precision = max((point.precision for point in points), key=_ORDER.index)
        ends = len(points) == 1 and (precision == "day" or (points[0].third or points[0].part) in ("底", "末"))
        if (
            (len(spans) == 2 and (spans[1][0] < spans[0][0] or spans[1][1] < spans[0][1] or edge == "from"))
            or (weekday and (precision != "day" or "一二三四五六日".index(weekday) != spans[-1][1].weekday()))
            or (edge and len(points) == 1 and not ends)  # 10月前: before it begins, or before it ends?
            or (edge == "from" and precision != "day")
            or (points[0].short == "." and "event" not in says)  # 6.30 is a number unless something happens on it
        ):
            raise _NotUnderstood
        by = edge == "by" and len(points) == 1
        if edge == "from":
            says.setdefault("event", "opens")
        vague = not by and any(point.part in _YEAR_PARTS for point in points)
        return Period(
            None if by else spans[0][0],
            None if edge == "from" else spans[-1][1],
            precision,
            text=text,
            approximate=says.pop("approximate", False) or vague,
            review_of=int(says.pop("review_of", 0)) or None,
            **says,
        )
