"""Filters of the company's page as somebody chooses them: with scripts it shows what the server would, at once."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, SAMPLE, Place


def shown(page: Page) -> list[str]:
    """Return the projects that can be seen."""
    return page.locator(".project-row[data-name]:not([hidden]) h3").all_inner_texts()


def test_filters_show_at_once_what_the_server_would(browser: Browser, place: Place) -> None:
    """Every choice is the same as from the server; the address can be passed on; back and forth nothing is lost."""
    context = browser.new_context(**DESKTOP, locale="zh-CN")
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(place.address(f"/samples/{SAMPLE}/"))
    everything = shown(page)
    expect(page.get_by_role("button", name="筛选")).to_be_hidden()
    page.get_by_label("级别").select_option("national")
    page.get_by_label("名称").fill("制造 ")
    expect(page.locator("#found")).to_contain_text(re.compile(r"符合的有 [1-9]\d* 项"))
    found = shown(page)
    assert 0 < len(found) < len(everything)
    assert "level=national" in page.url
    plain = browser.new_context(**DESKTOP, java_script_enabled=False).new_page()
    plain.goto(page.url)
    assert plain.locator(".project-row[data-name]:not([hidden]) h3").all_text_contents() == found
    plain.context.close()
    page.locator(".project-row:not([hidden]) a").first.click()
    expect(page.locator("h1")).to_have_text(found[0])
    page.go_back()
    expect(page.get_by_label("名称")).to_have_value("制造 ")
    assert shown(page) == found
    page.get_by_label("名称").fill("没有这样的项目")
    expect(page.locator("#found")).to_contain_text("符合的有 0 项")
    expect(page.locator("section.group:visible")).to_have_count(0)
    page.get_by_role("link", name="看全部").click()
    expect(page.locator("#found")).to_be_hidden()
    assert shown(page) == everything
    assert broken == []
    context.close()
