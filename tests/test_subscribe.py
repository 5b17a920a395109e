"""The guide to a subscription: every client that people here use, its own link, and no secret that it was not given."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from assistant.cli import cli
from assistant.delivery.subscribe import Links, guide, links, page, text
from tests.conftest import ROOT

NAME = "佛山某某阀门有限公司"
ADDRESS = "https://rili.example.cn/f/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8/all.ics"
LINKS = Links(ADDRESS)
CLIENTS = ("iPhone", "Mac", "Outlook 网页版", "Outlook 电脑版", "Thunderbird", "Google", "安卓", "ICSx⁵")
OTHERS = ("企业微信", "钉钉", "飞书", "华为", "小米")

Run = Callable[..., str]


# ---- links


@pytest.mark.parametrize(
    ("given", "https"),
    [
        (ADDRESS, ADDRESS),
        (ADDRESS.replace("all.ics", "tasks.ics"), ADDRESS),
        (ADDRESS.replace("https", "webcal"), ADDRESS),
        (f"  {ADDRESS}\n", ADDRESS),
        ("http://127.0.0.1:8000/f/x/all.ics", "http://127.0.0.1:8000/f/x/all.ics"),
        ("https://example.cn/rili/f/x/prep.ics", "https://example.cn/rili/f/x/all.ics"),
    ],
)
def test_a_link_is_taken_as_it_comes(given: str, https: str) -> None:
    """Of any of the calendars, in either scheme, pasted with blanks."""
    found = links(given)
    assert found
    assert found.https == https


@pytest.mark.parametrize(
    "given",
    [
        "",
        "all.ics",
        "/f/x/all.ics",
        "https://example.cn/f/x",
        "https://example.cn/f/x/other.ics",
        "https:///f/x/all.ics",
        "https://example.cn/f//all.ics",
        "https://example.cn/x/all.ics",
        "ftp://example.cn/f/x/all.ics",
        "https://[/f/x/all.ics",
    ],
)
def test_what_is_no_link_is_told(given: str) -> None:
    """A part of one is of no use."""
    assert links(given) is None


def test_every_calendar_has_its_address() -> None:
    """All beside each other; webcal differs in the scheme alone."""
    assert LINKS.of("prep") == ADDRESS.replace("all.ics", "prep.ics")
    assert LINKS.webcal == ADDRESS.replace("https://", "webcal://")
    assert f"/f/{LINKS.token}/" in ADDRESS


# ---- what it says


@pytest.mark.parametrize("write", [page, text])
def test_every_client_is_there(write: Callable[..., str]) -> None:
    """Those that subscribe, and those that cannot with what to do instead."""
    written = write(NAME, LINKS)
    for name in (*CLIENTS, *OTHERS):
        assert name in written
    for link in (ADDRESS, LINKS.webcal, LINKS.of("windows"), LINKS.of("prep"), LINKS.of("tasks")):
        assert link in written
    assert NAME in written


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_client_has_steps(lang: str) -> None:
    """And says what to expect of it; nobody is left without a way."""
    data = guide(NAME, LINKS, lang)
    assert all(client["done"] and client["notes"] for client in data["clients"])
    assert all(other["instead"] for other in data["others"])


def test_both_languages_say_the_same() -> None:
    """Client by client, step by step."""

    def shape(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: shape(value) for key, value in part.items()}
        return [shape(one) for one in part] if isinstance(part, list) else type(part)

    assert shape(guide(NAME, LINKS, "zh")) == shape(guide(NAME, LINKS, "en"))
    assert not re.search("[\u4e00-\u9fff]", text("Valves Ltd", LINKS, "en"))


@pytest.mark.parametrize("write", [page, text])
def test_without_a_link_there_is_none(write: Callable[..., str]) -> None:
    """The server does not know it; the steps are the same."""
    written = write(NAME, None)
    assert "://" not in re.sub(r"“[^”]*”", "", written)
    assert "建立订阅时显示的链接" in written
    assert "ICSx⁵" in written


def test_the_page_needs_nothing_and_tells_nobody() -> None:
    """No script, nothing loaded; the address of the page goes nowhere when a link is followed."""
    written = page("<script>甲</script>公司", LINKS)
    assert "<script" not in written
    assert not re.search(r"\b(?:src|@import|url\((?!#))", written)
    assert '<meta name="referrer" content="no-referrer">' in written
    assert f'href="{LINKS.webcal}"' in written
    assert written.count("<svg") == 1


# ---- commands


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a runner of commands on a store of its own; it gives the output."""
    store = {"ASSISTANT_DB": str(tmp_path / "store.db")}

    def command(*arguments: str | Path, code: int = 0) -> str:
        result = CliRunner(env=store).invoke(cli, [str(argument) for argument in arguments])
        assert result.exit_code == code, result.output
        return result.stdout if code == 0 else result.stderr

    command("company", "add", ROOT / "profiles" / "valve-maker.yaml", "--name", NAME)
    return command


def created(run: Run, name: str, *more: str | Path) -> str:
    """Create a subscription; return its address."""
    base = ("--base-url", "https://rili.example.cn/")
    made: dict[str, str] = json.loads(run("feed", "create", NAME, "--name", name, *base, "--format", "json", *more))
    return made["address"]


def test_a_new_subscription_comes_with_its_guide(run: Run, tmp_path: Path) -> None:
    """The only moment at which the link is known."""
    address = created(run, "王工手机", "--guide", tmp_path / "guide.html")
    written = (tmp_path / "guide.html").read_text("utf-8")
    assert address in written
    assert NAME in written


def test_a_guide_needs_an_address(run: Run, tmp_path: Path) -> None:
    """Nothing is created before that is clear."""
    told = run("feed", "create", NAME, "--name", "王工手机", "--guide", tmp_path / "guide.html", code=2)
    assert "--base-url" in told
    assert json.loads(run("feed", "list", "--format", "json")) == {"feeds": []}
    assert not (tmp_path / "guide.html").exists()


@pytest.mark.parametrize("named", ["王工手机", NAME])
def test_the_guide_is_shown_for_a_subscription_and_for_a_company(run: Run, named: str, tmp_path: Path) -> None:
    """With its state; with the link where somebody still has it."""
    address = created(run, "王工手机")
    shown = run("feed", "show", named)
    assert "未读取" in shown
    assert "ICSx⁵" in shown
    assert "https://" not in shown
    assert address in run("feed", "show", named, "--link", address)
    data = json.loads(run("feed", "show", named, "--link", address, "--format", "json"))
    assert (data["guide"]["address"], data["feeds"][0]["name"]) == (address, "王工手机")
    run("feed", "show", named, "--link", address, "-o", tmp_path / "guide.html")
    assert address in (tmp_path / "guide.html").read_text("utf-8")


def test_a_wrong_link_is_refused(run: Run, tmp_path: Path) -> None:
    """Broken, of another subscription, or revoked: a guide with it would help nobody."""
    mine, other = created(run, "王工手机"), created(run, "李工电脑")
    page_file = tmp_path / "guide.html"
    assert "完整的订阅链接" in run("feed", "show", "王工手机", "--link", mine[:-9], "-o", page_file, code=2)
    assert "不是这个订阅的" in run("feed", "show", "王工手机", "--link", other, "-o", page_file, code=2)
    run("feed", "revoke", "王工手机")
    assert "不是这个订阅的" in run("feed", "show", NAME, "--link", mine, "-o", page_file, code=2)
    assert "没有在用的订阅" in run("feed", "show", "王工手机", code=2)
    assert not page_file.exists()
