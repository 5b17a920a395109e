"""The page of reminders, over real mail and a real webhook: who is told, a test, what is to come, the way out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from assistant.service.dispatch import dispatch
from assistant.service.mail import Post
from assistant.web.site import Manner
from tests.posting import Box, post_office
from tests.serving import profile_text
from tests.visiting import Browser, House

ADDRESS = "https://assistant.example"
COMPANY = "00000000-0000-4000-8000-000000000001"
PAGE = f"/c/{COMPANY}/reminders"
WANG = "wang@example.com"


@pytest.fixture
def box() -> Iterator[Box]:
    """Give a mail server."""
    with post_office() as box:
        yield box


@pytest.fixture
def house(tmp_path: Path, box: Box) -> Iterator[House]:
    """Give a house that sends mail, with a company of somebody's."""
    post = Post.of(f"smtp://localhost:{box.port}", "noreply@example.cn")
    with House(tmp_path, manner=Manner(base_url=ADDRESS), post=post) as house:
        owner = house.account("owner")
        text = profile_text("valve-maker")
        house.store.add_company(COMPANY, "阀门厂", text, who="owner", at=house.clock(), owner=owner.id)
        yield house


@pytest.fixture
def browser(house: House) -> Browser:
    """Give the owner's browser, with the page open."""
    [owner] = house.store.accounts.all()
    browser = house.logged_in(owner)
    assert browser.get(PAGE).status == 200
    return browser


def add(browser: Browser, **fields: str) -> None:
    """Add a recipient."""
    came = browser.post(f"{PAGE}/recipients", {"name": "王工", "email": WANG, "channels": "email", **fields})
    assert came.goes_to == f"{PAGE}?done=added"


def texts(message: EmailMessage) -> str:
    """Return the plain text of a letter."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_somebody_is_added_tried_and_told(house: House, browser: Browser, box: Box) -> None:
    """A test at once; the first message in the next working hours, with what the page said would come."""
    add(browser)
    [person] = house.store.addressees.recipients(COMPANY)
    tried = browser.post(f"{PAGE}/recipients/{person.id}/test")
    assert f"{WANG}：已送达" in tried.text
    assert "测试消息" in str(box.next()["Subject"])
    house.publish(COMPANY)
    shown = browser.get(PAGE)
    coming = re.findall(r"<li>(【[^<]+?)(?: <span|</li>)", shown.source)
    assert len(coming) > 10
    first = house.store.outbox.reminders(COMPANY)[0]
    house.clock.now = first.due
    assert dispatch(house.store, house.clock()) == 1
    assert house.courier.deliver() == 1
    letter = box.next()
    assert letter["To"] == WANG
    assert "阀门厂" in str(letter["Subject"])
    told = texts(letter)
    together = [row for row in house.store.outbox.reminders(COMPANY) if row.due == first.due]
    assert all(title in told for title in coming[: len(together)])
    assert f"{ADDRESS}/c/{COMPANY}/" in told
    assert "试过 1 次" in browser.get(PAGE).text


def test_one_click_in_a_mail_program_ends_it(house: House, browser: Browser, box: Box) -> None:
    """Without a session or a seal; looking at the link changes nothing; a link of ours for something else does not."""
    add(browser)
    house.publish(COMPANY)
    house.clock.now = house.store.outbox.reminders(COMPANY)[0].due
    dispatch(house.store, house.clock())
    house.courier.deliver()
    letter = box.next()
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.search(rf"<{ADDRESS}(/u/[^>]+)>", str(letter["List-Unsubscribe"]))
    assert link is not None
    stranger = house.visitor()
    assert "退订提醒" in stranger.get(link[1]).text
    assert house.store.addressees.recipients(COMPANY)[0].stopped is None
    stranger.seal = ""
    done = stranger._asked("POST", link[1], data={"List-Unsubscribe": "One-Click"})
    assert done.status == 200
    assert "已退订" in done.text
    assert house.store.addressees.recipients(COMPANY)[0].stopped == house.clock()
    assert stranger.get(f"{link[1]}x").status == 404
    assert house.courier.sealer is not None
    other = house.courier.sealer.seal({"session": "x"})
    assert stranger.get(f"/u/{other}").status == 404
    house.publish(COMPANY)
    assert {row.state for row in house.store.outbox.reminders(COMPANY)} == {"sent", "superseded"}
    assert "已退订或停止的 1 位" in browser.get(PAGE).text


def test_what_is_chosen_is_what_comes(house: House, browser: Browser) -> None:
    """One kind, two leads, in English, paused: the preview follows."""
    add(browser)
    [person] = house.store.addressees.recipients(COMPANY)
    chosen = {"name": "Ms Wang", "email": WANG, "channels": "email", "kinds": "step", "leads": ["7", "1"], "lang": "en"}
    came = browser.post(f"{PAGE}/recipients/{person.id}", {**chosen, "paused": "2026-12-01", "own": ""})
    assert came.goes_to.startswith(f"{PAGE}?done=changed")
    [known] = house.store.addressees.recipients(COMPANY)
    assert (known.kinds, known.leads, known.lang, known.own) == (("step",), (7, 1), "en", False)
    assert str(known.paused) == "2026-12-01"
    shown = browser.get(PAGE)
    assert "暂停到 2026年12月1日" in shown.text.replace(" 年 ", "年").replace(" 月 ", "月").replace(" 日", "日")
    coming = re.findall(r"<li>(\[[^<]+?)</li>", shown.source)
    assert coming
    assert all(title.startswith("[prepare]") for title in coming)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": ""}, "请填写名称"),
        ({"email": "wang"}, "不是邮箱地址"),
        ({"email": ""}, "要发邮件，请填写邮箱"),
        ({"channels": ""}, "至少要有一个邮箱或渠道"),
    ],
)
def test_a_mistake_is_told_at_its_field(house: House, browser: Browser, fields: dict[str, str], told: str) -> None:
    """What was typed stays; nobody is added."""
    given = {"name": "王工", "email": WANG, "channels": "email", **fields}
    came = browser.post(f"{PAGE}/recipients", given)
    assert came.status == 422
    assert told in came.text
    assert all(f'value="{value}"' in came.source for value in given.values() if value)
    assert house.store.addressees.recipients(COMPANY) == ()


def test_a_robot_is_kept_sealed(house: House, browser: Browser) -> None:
    """Its address is in no page and, in the clear, nowhere in the store; another's address is refused at its field."""
    key = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
    url = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={key}"
    wrong = browser.post(f"{PAGE}/channels", {"kind": "wecom", "name": "群", "url": "https://evil.example/send?key=1"})
    assert wrong.status == 422
    assert "Webhook 地址" in wrong.text
    came = browser.post(f"{PAGE}/channels", {"kind": "wecom", "name": "申报群", "url": url})
    assert came.goes_to == f"{PAGE}?done=channel#channels"
    [robot] = house.store.addressees.channels(COMPANY)
    assert key not in browser.get(PAGE).source
    assert key not in robot.sealed
    assert house.courier.sealer is not None
    assert house.courier.sealer.opened(robot.sealed)["key"] == key
    add(browser, email="", channels=robot.id)
    removed = browser.post(f"{PAGE}/channels/{robot.id}/remove")
    assert removed.goes_to == f"{PAGE}?done=removed#channels"
    assert house.store.addressees.channels(COMPANY) == ()
    assert house.store.addressees.recipients(COMPANY)[0].channels == ()


def test_a_viewer_sees_and_changes_nothing(house: House, browser: Browser) -> None:
    """The page is there, without its forms."""
    add(browser)
    viewer = house.account("viewer")
    house.store.accounts.grant(viewer.id, COMPANY, "viewer", who="owner", at=house.clock())
    theirs = house.logged_in(viewer)
    shown = theirs.get(PAGE)
    assert "王工" in shown.text
    assert f"{PAGE}/recipients" not in shown.source
    assert theirs.post(f"{PAGE}/recipients", {"name": "x", "email": "x@example.com", "channels": "email"}).status == 403
