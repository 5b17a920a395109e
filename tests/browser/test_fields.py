"""What the scripts add to forms: each makes something easier that works without it as well."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, Place


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a browser in which nothing may go wrong unseen."""
    context = browser.new_context(**PHONE)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield opened
    context.close()
    assert wrong == []


def test_an_answer_and_its_tick_take_each_other_back(page: Page, place: Place) -> None:
    """Ticking empties the field, unticking brings back what stood there, typing takes the tick away."""
    page.goto(place.address(f"/c/{place.company}/questions?facts=revenue,legal_person"))
    figure = page.get_by_label("2025 年营业收入")
    before = figure.input_value()
    tick = page.locator('[name="revenue[2025]:sure"]')
    tick.check()
    assert figure.input_value() == ""
    tick.uncheck()
    assert figure.input_value() == before != ""
    tick.check()
    figure.fill("12")
    expect(tick).not_to_be_checked()
    group, unclear = page.get_by_role("radio", name="是"), page.locator('[name="legal_person:sure"]')
    expect(group).to_be_checked()
    unclear.check()
    expect(group).not_to_be_checked()
    page.get_by_role("radio", name="否").check()
    expect(unclear).not_to_be_checked()


def test_a_word_finds_its_industry(page: Page, place: Place) -> None:
    """What is chosen from the list is taken, code and name together."""
    page.goto(place.address("/try/questions?facts=industry"))
    field = page.get_by_label("所属行业")
    field.press_sequentially("旋塞")
    expect(page.locator("datalist option")).to_have_count(1)
    field.fill(page.locator("datalist option").get_attribute("value") or "")
    page.get_by_role("button", name="看结果").click()
    page.goto(place.address("/try/facts/basics"))
    assert page.get_by_label("所属行业").input_value() == "C3443"


def test_a_long_list_is_narrowed_and_a_short_one_gets_rows(page: Page, place: Place) -> None:
    """What is ticked stays in sight; a new row is sent like those that were there."""
    page.goto(place.address("/try/facts/recognitions"))
    page.get_by_label("高新技术企业", exact=True).check()
    page.get_by_role("searchbox").fill("绿色")
    page.keyboard.press("Enter")
    expect(page.get_by_label("高新技术企业", exact=True)).to_be_visible()
    expect(page.get_by_label("科技型中小企业", exact=True)).to_be_hidden()
    page.goto(place.address("/try/questions?facts=maker_china"))
    page.get_by_role("button", name="再加一行").click()
    page.get_by_label("第 3 项，全国名次").fill("40")
    page.get_by_label("第 3 项，名单公布日期").fill("2025-11-02")
    page.get_by_role("button", name="看结果").click()
    page.goto(place.address("/try/facts"))
    expect(page.get_by_text("40名，2025-11-02")).to_be_visible()
