"""The plan as somebody works on it: a tick at once, a name that brings its address, a mistake where it was made."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SIZES, Place


@pytest.fixture(params=list(SIZES))
def page(request: pytest.FixtureRequest, browser: Browser, place: Place) -> Iterator[Page]:
    """Open the plan of the saved company, on a phone and on a desk; no script may break."""
    context = browser.new_context(**SIZES[request.param], locale="zh-CN")
    opened = context.new_page()
    broken: list[str] = []
    opened.on("pageerror", lambda error: broken.append(str(error)))
    opened.goto(place.address(f"/c/{place.company}/plan"))
    yield opened
    assert broken == []
    context.close()


def left(page: Page) -> int:
    """Return how many things are left to do, as the page says."""
    return int(page.locator("#left").inner_text())


def test_a_tick_needs_no_new_page(page: Page) -> None:
    """The step is done where it stands, the numbers follow, the button has the focus for taking it back."""
    page.evaluate("window.same = true")
    before, month = left(page), page.locator(".month").nth(1).locator("h3 .n")
    there = int(month.inner_text())
    task = page.locator(".month").nth(1).locator(".task").first
    identity = task.get_attribute("id")
    task.get_by_role("button", name=re.compile("^标为办完")).click()
    done = page.locator(f"#{identity}.is-done")
    expect(done).to_contain_text("办完")
    expect(page.locator("#live")).to_contain_text("已办完")
    assert (left(page), int(month.inner_text())) == (before - 1, there - 1)
    back = done.get_by_role("button", name=re.compile("^重新打开")).first
    expect(back).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f"#{identity}.is-open")).to_be_visible()
    assert left(page) == before
    assert page.evaluate("window.same") is True
    page.reload()
    assert left(page) == before


def test_a_step_is_arranged_where_it_stands(page: Page) -> None:
    """What is wrong is told at its field; what is saved is shown, and what was put off too late is warned of."""
    page.evaluate("window.same = true")
    task = page.locator(".task").nth(3)
    identity = task.get_attribute("id")
    task = page.locator(f"#{identity}")
    task.locator("summary").click()
    task.get_by_label("负责人").fill("李会计")
    task.get_by_label("邮箱").fill("李")
    task.get_by_role("button", name=re.compile("^保存")).click()
    expect(task.get_by_text("这不像一个邮箱地址")).to_be_visible()
    expect(task.get_by_label("邮箱")).to_be_focused()
    expect(task.get_by_label("负责人")).to_have_value("李会计")
    task.get_by_label("邮箱").fill("li@example.com")
    task.get_by_role("button", name=re.compile("^保存")).click()
    expect(page.locator("#live")).to_contain_text("已保存")
    expect(task.locator(".what > p .tag", has_text="李会计")).to_be_visible()
    task.locator("summary").click()
    task.get_by_label("推迟到").fill("2099-01-02")
    task.get_by_label("原因").fill("等审计师")
    task.get_by_role("button", name=re.compile("^推迟")).click()
    expect(task.get_by_text("可能赶不上")).to_be_visible()
    task.locator("summary").click()
    task.get_by_role("button", name=re.compile("^不推迟了")).click()
    expect(page.locator(f"#{identity}.is-open")).to_be_visible()
    assert page.evaluate("window.same") is True


def test_a_filter_is_applied_as_it_is_chosen(page: Page) -> None:
    """Without a button; the way back is a link."""
    every = page.locator(".month .task").count()
    page.locator("select[name=project]").select_option(index=1)
    page.wait_for_url(re.compile(r"project=\w"))
    assert 0 < page.locator(".month .task").count() < every
    page.get_by_role("link", name="看全部").click()
    expect(page.locator(".month .task")).to_have_count(every)
