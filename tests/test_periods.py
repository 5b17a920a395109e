"""Dates as officials write them: every wording of the 2023 list, wordings of notices and notes, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.periods import LONGEST, Period, Reading, mentioned_periods, read_periods
from tests.data.lists.printing import pieces

CITIES = (
    "广州市",
    "深圳市",
    "珠海市",
    "汕头市",
    "佛山市",
    "惠州市",
    "东莞市",
    "中山市",
    "江门市",
    "阳江市",
    "清远市",
    "肇庆市",
)

Span = tuple[str | None, str | None]


def brief(period: Period) -> tuple[Any, ...]:
    """Return a period as its ends, precision and whatever else it says."""
    said = {
        "whose": period.whose, "review_of": period.review_of, "event": period.event, "place": period.place,
        "batch": period.batch, "approximate": period.approximate, "pending": period.pending,
    }  # fmt: skip
    ends = [day.isoformat() if day else None for day in (period.earliest, period.latest)]
    return (*ends, period.precision, {name: value for name, value in said.items() if value})


LISTED: dict[str, list[tuple[Any, ...]]] = {
    "待上级部门通知": [(None, None, "none", {"pending": True})],
    "上级部门通知": [(None, None, "none", {"pending": True})],
    "2023年10月": [("2023-10-01", "2023-10-31", "month", {})],
    "2023年5月": [("2023-05-01", "2023-05-31", "month", {})],
    "2023年上半年": [("2023-01-01", "2023-06-30", "half", {})],
    "2023年三季度": [("2023-07-01", "2023-09-30", "quarter", {})],
    "2023年3季度": [("2023-07-01", "2023-09-30", "quarter", {})],
    "2023年四季度": [("2023-10-01", "2023-12-31", "quarter", {})],
    "2024年4季度": [("2024-10-01", "2024-12-31", "quarter", {})],
    "2023年1季度—2季度": [("2023-01-01", "2023-06-30", "quarter", {})],
    "三季度，具体以通知为准。": [("2023-07-01", "2023-09-30", "quarter", {"pending": True})],
    "二季度，具体以工信部通知为准。": [("2023-04-01", "2023-06-30", "quarter", {"pending": True})],
    "2023年5月左右，具体根据工信部通知的时间": [
        ("2023-05-01", "2023-05-31", "month", {"approximate": True, "pending": True})
    ],
    "2023年5月底前推荐上报工信部": [(None, "2023-05-31", "third", {"whose": "province", "event": "reported"})],
    "2023年1季度（评审2022年的）、2023年4季度（评审2023年的）": [
        ("2023-01-01", "2023-03-31", "quarter", {"review_of": 2022}),
        ("2023-10-01", "2023-12-31", "quarter", {"review_of": 2023}),
    ],
    "第一批集中受理项目申报材料的截止时间为2023年2月10日，2月24日前确认推荐名单": [
        ("2023-02-10", "2023-02-10", "day", {"event": "closes", "batch": "第一批"}),
        (None, "2023-02-24", "day", {"event": "reported"}),
    ],
}


def test_every_wording_of_the_list_is_a_case() -> None:
    """No wording of the last column is left out above."""
    printed = {row[6] for table in pieces() for row in table.rows if len(row) == 7}
    assert printed == set(LISTED)


@pytest.mark.parametrize("wording", LISTED)
def test_wordings_of_the_list(wording: str) -> None:
    """Each is understood as a whole."""
    reading = read_periods(wording, year=2023)
    assert [brief(period) for period in reading.periods] == LISTED[wording]
    assert reading.unread == ()


@pytest.mark.parametrize(
    ("wording", "expected"),
    [
        ("2023年1季度（评审2022年的）、4季度（评审2023年的）", ["2023-01-01..2023-03-31", "2023-10-01..2023-12-31"]),
        ("5月至7月", ["2026-05-01..2026-07-31"]),
        ("5—7月", ["2026-05-01..2026-07-31"]),
        ("２０２３年６月中旬", ["2023-06-11..2023-06-20"]),
        ("2023 年 6 月 上旬", ["2023-06-01..2023-06-10"]),
        ("2024年2月下旬", ["2024-02-21..2024-02-29"]),
        ("2025年4月初", ["2025-04-01..2025-04-10"]),
        ("2022年12月底", ["2022-12-21..2022-12-31"]),
        ("2022-03中旬", ["2022-03-11..2022-03-20"]),
        ("2023-04-10至05-20", ["2023-04-10..2023-05-20"]),
        ("2023-07-19至25", ["2023-07-19..2023-07-25"]),
        ("2024-10-11至10-15 18:00", ["2024-10-11..2024-10-15"]),
        ("自2023年5月10日起至6月30日止", ["2023-05-10..2023-06-30"]),
        ("2023年5月10日起", ["2023-05-10.."]),
        ("即日起至2023年5月31日止", ["..2023-05-31"]),
        ("申报截止2023年5月31日", ["2023-05-31..2023-05-31"]),
        ("2023年5月12日（星期五）18:00前", ["..2023-05-12"]),
        ("年底前", ["..2026-12-31"]),
        ("2023年底", ["2023-11-01..2023-12-31"]),
        ("2023年12月至次年3月", ["2023-12-01..2024-03-31"]),
        ("2023年一至二季度", ["2023-01-01..2023-06-30"]),
        ("十一月", ["2026-11-01..2026-11-30"]),
        ("2023年5月和10月", ["2023-05-01..2023-05-31", "2023-10-01..2023-10-31"]),
        ("2023年第四季度开始申报", ["2023-10-01..2023-12-31"]),
        ("2023年内", ["2023-01-01..2023-12-31"]),
        ("5.25—6.30省级初核推荐", ["2026-05-25..2026-06-30"]),
    ],
)
def test_wordings_of_notices(wording: str, expected: list[str]) -> None:
    """Other wordings in use, with 2026 as the year where they name none."""
    reading = read_periods(wording, year=2026)
    assert [f"{period.earliest or ''}..{period.latest or ''}" for period in reading.periods] == expected


@pytest.mark.parametrize(
    "wording",
    [
        "10月前",  # before it begins, or before it ends?
        "6月中旬前",
        "三季度前",
        "5月或6月",
        "10-11",  # a day, or two months?
        "6.30",
        "2月30日",
        "2023年13月",
        "2023年12月至3月",  # backwards
        "2023年5月12日（星期四）",  # a Friday
        "不早于2023年5月",
        "2023年5月，暂不开展",
        "2023年5月，联系人张三",
        "除2023年5月外",
        "原截止2023年5月20日",
        "2022年通知称2023年5月",
        "中旬",
        "常年受理",
        "企业",
        "2023年中旬",
        "2023年5月10日前起",
        "企业和省厅2023年5月" * 300,
    ],
)
def test_what_is_ambiguous_or_unknown_is_handed_back(wording: str) -> None:
    """Nothing is guessed: no period, and the words that were not understood."""
    reading = read_periods(wording, year=2023)
    assert reading.periods == ()
    assert reading.unread
    assert all(words in wording[:LONGEST] for words in reading.unread)


def test_without_a_year_nothing_is_guessed() -> None:
    """A quarter of no year is no date."""
    assert read_periods("三季度").unread == ("三季度",)
    assert read_periods("三季度", year=2027).periods[0].earliest == date(2027, 7, 1)
    assert read_periods("") == Reading((), ())


@pytest.mark.parametrize(
    ("note", "year", "expected"),
    [
        (
            "2023年6月中旬发布；清远、广州07-20，东莞07-31；省截止未见",
            2023,
            [
                ("2023-06-11", "2023-06-20", "third", {"event": "issued"}),
                ("2023-07-20", "2023-07-20", "day", {"place": "清远市"}),
                ("2023-07-20", "2023-07-20", "day", {"place": "广州市"}),
                ("2023-07-31", "2023-07-31", "day", {"place": "东莞市"}),
            ],
        ),
        (
            "地市提前截止：阳江07-24、汕头08-05；次年预计6至7月",
            2026,
            [
                ("2026-07-24", "2026-07-24", "day", {"place": "阳江市", "whose": "city", "event": "closes"}),
                ("2026-08-05", "2026-08-05", "day", {"place": "汕头市", "whose": "city", "event": "closes"}),
                ("2027-06-01", "2027-07-31", "month", {}),
            ],
        ),
        (
            "广州2022-01-30转发、各区04-29前；71家",
            2022,
            [
                ("2022-01-30", "2022-01-30", "day", {"place": "广州市", "event": "issued"}),
                (None, "2022-04-29", "day", {"place": "广州市", "whose": "county"}),
            ],
        ),
        (
            "2023年7月中旬发布；中山、佛山市级截止08-16",
            2023,
            [
                ("2023-07-11", "2023-07-20", "third", {"event": "issued"}),
                ("2023-08-16", "2023-08-16", "day", {"place": "中山市", "whose": "city", "event": "closes"}),
                ("2023-08-16", "2023-08-16", "day", {"place": "佛山市", "whose": "city", "event": "closes"}),
            ],
        ),
        (
            "2022-07-04为肇庆县区报市；07-20为省报部",
            2022,
            [
                ("2022-07-04", "2022-07-04", "day", {"place": "肇庆市", "whose": "county", "event": "reported"}),
                ("2022-07-20", "2022-07-20", "day", {"whose": "province", "event": "reported"}),
            ],
        ),
        (
            "公示2023-01-06至01-12，新认定8986家；评定在2023年一至二季度",
            2022,
            [
                ("2023-01-06", "2023-01-12", "day", {"event": "shown"}),
                ("2023-01-01", "2023-06-30", "quarter", {"event": "assessed"}),
            ],
        ),
        ("产权人线上截止2025-08-05", 2025, [
            ("2025-08-05", "2025-08-05", "day", {"whose": "company", "event": "closes"})
        ]),
        ("深圳市级截止2019-03-15", 2019, [
            ("2019-03-15", "2019-03-15", "day", {"place": "深圳市", "whose": "city", "event": "closes"})
        ]),
        ("结果 工信厅节函〔2023〕305号，107 家", 2023, []),
        ("名单文 工信厅政法函〔2022〕338号；通知未见", 2022, []),
    ],
)  # fmt: skip
def test_dates_in_notes(note: str, year: int, expected: list[tuple[Any, ...]]) -> None:
    """Notes in prose give the dates they mention, and whose deadlines these are."""
    reading = mentioned_periods(note, year=year, places=CITIES)
    assert [brief(period) for period in reading.periods] == expected
    assert reading.unread == ()


@pytest.mark.parametrize(
    ("note", "unread"),
    [
        ("湖南地市报省截止 2022-10-20；广东未取得", ["湖南地市报省截止 2022-10-20"]),
        ("天津 2025-12-18 发文、各区报市截止 2025-12-24", ["天津 2025-12-18 发文", "各区报市截止 2025-12-24"]),
        ("企业系统填报2月28日前、福建省局3月10日前确认", ["企业系统填报2月28日前", "福建省局3月10日前确认"]),
        ("第三批由08-20延到09-05（2023-08-13通知）", ["第三批由08-20延到09-05（2023-08-13通知）"]),
    ],
)
def test_dates_of_others_are_not_taken_for_ours(note: str, unread: list[str]) -> None:
    """A sentence with a dated clause that is not understood gives no date at all."""
    reading = mentioned_periods(note, year=2023, places=CITIES)
    assert reading.periods == ()
    assert list(reading.unread) == unread


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 400))
def test_days_and_ranges_read_as_written(day: date, length: int) -> None:
    """Any day, and any range of days, comes back as it was written."""
    end = min(day + timedelta(days=length), date(2099, 12, 31))
    for form in ("{0.year}年{0.month}月{0.day}日", "{0:%Y-%m-%d}", "{0.year}.{0.month}.{0.day}"):
        assert read_periods(form.format(day)).periods[0].earliest == day
        (period,) = read_periods(f"{form.format(day)}至{form.format(end)}").periods
        assert (period.earliest, period.latest) == (day, end)


WORDS = [
    "2023年",
    "5月",
    "31日",
    "前",
    "起",
    "至",
    "三季度",
    "上半年",
    "底",
    "，",
    "；",
    "（",
    "）",
    "省厅",
    "报市",
    "次年",
    "07-20",
    " ",
    "第一批",
]


@given(st.lists(st.sampled_from(WORDS), max_size=12).map("".join))
def test_any_jumble_is_read_or_handed_back(text: str) -> None:
    """Whatever the order of words: ends in order, and either periods or unread words, never both, never an error."""
    reading = read_periods(text, year=2023)
    assert not (reading.periods and reading.unread)
    for period in reading.periods:
        assert period.earliest is None or period.latest is None or period.earliest <= period.latest
    mentioned_periods(text, year=2023, places=CITIES)
