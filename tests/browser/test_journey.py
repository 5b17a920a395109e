"""From nothing to a subscribed calendar: on a phone and a desktop, without scripts, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, SIZES, Place, keep


@pytest.fixture(params=["phone", "desktop", "phone-without-scripts"])
def visit(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[Page, str]]:
    """Open a fresh browser of each kind."""
    name = str(request.param)
    scripts = not name.endswith("without-scripts")
    context = browser.new_context(**SIZES[name.partition("-")[0]], locale="zh-CN", java_script_enabled=scripts)
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page, name
    context.close()


def shot(page: Page, folder: Path, name: str) -> None:
    """Keep a picture; without scripts nothing can be measured in the page."""
    if "without" in name:
        page.screenshot(path=str(folder / f"{name}.png"), full_page=True)
    else:
        keep(page, folder, name)


def test_from_nothing_to_a_subscribed_calendar(visit: tuple[Page, str], place: Place, pictures: Path) -> None:
    """Answer, read, save, plan, subscribe; the link gives a calendar."""
    page, name = visit
    page.goto(place.address("/"))
    shot(page, pictures, f"{name}-1-start")
    page.get_by_role("link", name=re.compile("回答问题")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("基本情况")
    company = f"惠州某某电子有限公司（{name}）"
    page.get_by_label("企业名称").fill(company)
    page.get_by_role("checkbox", name="企业", exact=True).check()
    shot(page, pictures, f"{name}-2-questions")
    page.get_by_role("button", name="下一组").click()
    expect(page.get_by_text("上一组")).to_be_visible()
    page.goto(place.address("/try/facts/finance"))
    page.get_by_label("2025 年营业收入").fill("一大笔")
    page.get_by_role("button", name="记下").click()
    expect(page.get_by_role("alert")).to_be_visible()
    shot(page, pictures, f"{name}-3-mistake")
    assert page.get_by_label("2025 年营业收入").input_value() == "一大笔"
    page.get_by_label("2025 年营业收入").fill("12,800")
    page.get_by_label("2024 年营业收入").fill("1亿")
    page.get_by_role("button", name="记下").click()
    expect(page.get_by_role("status")).to_contain_text("已记下")
    page.goto(place.address("/try/"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    shot(page, pictures, f"{name}-4-results")
    page.get_by_role("link", name="保存").first.click()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    assert re.search(r"/c/[0-9a-f-]{36}/", page.url)
    base = urlsplit(page.url).path
    expect(page.get_by_role("link", name=company)).to_be_visible()
    page.goto(place.address(f"{base}plan"))
    shot(page, pictures, f"{name}-5-plan")
    page.goto(place.address(f"{base}calendar"))
    page.get_by_label("给谁、在哪里用").fill("王工手机")
    page.get_by_role("button", name="建立订阅链接").click()
    shot(page, pictures, f"{name}-6-calendar")
    link = re.search(r"http[^\s\"<]+/f/([\w-]{43})/all\.ics", page.content())
    assert link, "no link to subscribe to"
    body = place.server.served(f"/f/{link[1]}/all.ics").body
    assert body.startswith(b"BEGIN:VCALENDAR")
    page.goto(place.address(f"{base}history"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    shot(page, pictures, f"{name}-7-history")


def test_two_people_change_the_same_answer(browser: Browser, place: Place) -> None:
    """The second is told what the first has saved, keeps what was typed, and decides."""
    first, second = (browser.new_context(**DESKTOP).new_page() for _ in range(2))
    for page in (first, second):
        page.goto(place.address(f"/c/{place.company}/facts/finance"))
    first.get_by_label("2025 年净利润").fill("901")
    first.get_by_role("button", name="保存").click()
    expect(first.get_by_role("status")).to_have_text("已保存。")
    second.get_by_label("2025 年净利润").fill("902")
    second.get_by_role("button", name="保存").click()
    alert = second.get_by_role("alert")
    expect(alert).to_contain_text("901")
    expect(alert).to_contain_text("902")
    assert second.get_by_label("2025 年净利润").input_value() == "902"
    second.get_by_role("radio", name="用我填写的").check()
    second.get_by_role("button", name="照这样保存").click()
    expect(second.get_by_role("status")).to_have_text("已保存。")
    first.goto(place.address(f"/c/{place.company}/facts/finance"))
    assert first.get_by_label("2025 年净利润").input_value() == "902"
    for page in (first, second):
        page.context.close()


def test_by_keyboard_alone(browser: Browser, place: Place) -> None:
    """Skip to the text, tick a box, go on: nothing needs a mouse, and one sees where one is."""
    context = browser.new_context(**PHONE)
    page = context.new_page()
    page.goto(place.address("/try/questions"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("企业名称")).to_be_focused()
    page.keyboard.type("珠海某某软件有限公司")
    for _ in range(60):
        page.keyboard.press("Tab")
        outlined = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outlined != "none"
        if page.evaluate("document.activeElement.value") == "enterprise":
            page.keyboard.press("Space")
        if page.evaluate("document.activeElement.innerText || ''").strip() == "下一组":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="珠海某某软件有限公司")).to_be_visible()
    page.goto(place.address("/try/facts/basics"))
    expect(page.get_by_role("checkbox", name="企业", exact=True)).to_be_checked()
    context.close()
