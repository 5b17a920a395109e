"""A table of companies from the file to the summary: for everybody, with scripts and without, on phone and desktop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SIZES, Place, keep
from tests.browser.test_accessible import RULES
from tests.conformance.tools import MODULES

TABLE = (
    "企业名称,城市,行业代码,成立日期,2025年营业收入（万元）,营业收入,高新技术企业,备注\n"
    "佛山甲公司,佛山市,C3443,2010-05-01,12000,1,是,好\n"
    "深圳乙公司,深圳市,C3912,2015-06-01,约三百,1,,\n"
)
PATIENCE = 90_000  # milliseconds


@pytest.fixture(params=["phone-dark", "desktop-light", "phone-without-scripts"])
def visit(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[Page, str]]:
    """Open a fresh browser of each kind."""
    size, _, rest = str(request.param).partition("-")
    context = browser.new_context(
        **SIZES[size],
        locale="zh-CN",
        color_scheme=rest if rest in ("dark", "light") else "light",  # type: ignore[arg-type] # one of them
        java_script_enabled=rest != "without-scripts",
        bypass_csp=rest != "without-scripts",
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page, str(request.param)
    context.close()


def looked_at(page: Page, name: str, folder: Path) -> None:
    """Keep a picture; where scripts run, axe finds nothing."""
    if "without-scripts" in name:
        page.screenshot(path=str(folder / f"{name}.png"), full_page=True)
        return
    keep(page, folder, name)
    page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    violations = page.evaluate(f"axe.run(document, {RULES!r}).then(found => found.violations)")
    told = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in violations]
    assert told == [], f"{page.url}\n" + "\n".join(told)


def test_from_the_file_to_the_summary(visit: tuple[Page, str], place: Place, tmp_path: Path, pictures: Path) -> None:
    """The page shows by itself how far it is, and then what came out."""
    page, kind = visit
    table, bad = tmp_path / "企业.csv", tmp_path / "坏.csv"
    table.write_text(TABLE, "utf-8")
    bad.write_text("甲,乙\n1,2\n", "utf-8")
    page.goto(place.address("/desk"))
    page.get_by_role("link", name="批量筛查").first.click()
    page.get_by_label("企业表").set_input_files(bad)
    page.get_by_role("button", name="上传").click()
    expect(page.locator(".wrong")).to_contain_text("没有一列是认识的指标")
    expect(page.get_by_label("企业表")).to_be_focused()
    looked_at(page, f"{kind}-screening-1-bad", pictures)
    page.get_by_label("企业表").set_input_files(table)
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("核对表头")
    page.get_by_label("营业收入", exact=True).select_option("revenue_2024")
    page.get_by_label("这些列就是全部").check()
    page.locator("summary").click()
    looked_at(page, f"{kind}-screening-2-headers", pictures)
    page.get_by_role("button", name="开始筛查").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    looked_at(page, f"{kind}-screening-3-progress", pictures)
    expect(page.get_by_role("heading", level=1)).to_have_text("1 家企业的筛查结果", timeout=PATIENCE)
    looked_at(page, f"{kind}-screening-4-result", pictures)
    with page.expect_download() as download:
        page.get_by_role("link", name="结论表").click()
    assert download.value.suggested_filename == "企业-verdicts.xlsx"
    page.get_by_role("link", name="批量筛查").first.click()
    looked_at(page, f"{kind}-screening-5-list", pictures)
    page.get_by_role("link", name="企业.csv").first.click()
    page.get_by_role("button", name="删除这次筛查").click()
    expect(page.get_by_role("status")).to_have_text("已删除。")
