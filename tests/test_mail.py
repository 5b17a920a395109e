"""Mail: it arrives as it was written; no password and no letter travels where others may read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from assistant.service.mail import Letter, MailFailure, Post
from tests.posting import PASSWORD, USER, certificate, post_office

AT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
SENDER = "noreply@example.cn"
WRONG = "wrong-secret"
LETTER = Letter("wang@example.cn", "申报助手：重设密码", "请打开链接：\nhttps://a.example.cn/reset/x\n")
LOGIN = f"{USER}:{quote(PASSWORD, safe='')}@"


def test_a_letter_arrives() -> None:
    """On this machine without encryption; in Chinese, with sender, day, and a note that nobody need answer."""
    with post_office() as box:
        Post.of(f"smtp://localhost:{box.port}", SENDER).send(LETTER, at=AT)
        came = box.next()
    assert (came["From"], came["To"], came["Subject"]) == (SENDER, LETTER.to, LETTER.subject)
    assert came.get_content().replace("\r\n", "\n") == LETTER.text
    assert parsedate_to_datetime(str(came["Date"])) == AT
    assert came["Auto-Submitted"] == "auto-generated"
    assert came["Message-ID"].endswith("@example.cn>")


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_password_goes_over_an_encrypted_connection(scheme: str, tmp_path: Path) -> None:
    """From the start, or after the server offered it."""
    server, client = certificate(tmp_path)
    with post_office(tls=server, wrapped=scheme == "smtps") as box:
        post = replace(Post.of(f"{scheme}://{LOGIN}localhost:{box.port}", SENDER), context=lambda: client)
        post.send(LETTER, at=AT)
        assert box.next()["To"] == LETTER.to
    assert box.logins == [(USER, PASSWORD)]


def test_a_stranger_in_the_middle_gets_nothing(tmp_path: Path) -> None:
    """A certificate nobody vouches for, and a server elsewhere without encryption, are not talked to."""
    server, _ = certificate(tmp_path)
    with post_office(tls=server) as box:
        with pytest.raises(MailFailure):
            Post.of(f"smtp://{LOGIN}localhost:{box.port}", SENDER).send(LETTER, at=AT)
        assert box.logins == []
        assert box.came.empty()
    with post_office(host="127.0.0.2") as box:
        with pytest.raises(MailFailure, match="no encryption"):
            Post.of(f"smtp://{LOGIN}127.0.0.2:{box.port}", SENDER).send(LETTER, at=AT)
        assert box.logins == []
        assert box.came.empty()


def test_what_went_wrong_is_told_without_secrets() -> None:
    """Refused, or nobody there; neither password nor letter stands in the message."""
    with post_office() as box:
        post = Post.of(f"smtp://localhost:{box.port}", SENDER)
        box.refuses = "550 no such user"
        with pytest.raises(MailFailure, match="550"):
            post.send(LETTER, at=AT)
        with pytest.raises(MailFailure, match="535") as refused:
            replace(post, user=USER, password=WRONG).send(LETTER, at=AT)
        assert WRONG not in f"{refused.value!r} {replace(post, password=WRONG)!r}"
    with pytest.raises(MailFailure):
        post.send(LETTER, at=AT)


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://a", SENDER),
        ("smtp:/a", SENDER),
        ("smtp://", SENDER),
        ("smtp://a:99999", SENDER),
        ("smtp://a/path", SENDER),
        ("smtp://u:%E5%AF%86@a", SENDER),
        ("smtp://a", "nobody"),
        ("smtp://a", "x@y\nBcc: z@y"),
    ],
)
def test_settings_that_make_no_sense_are_refused(url: str, sender: str) -> None:
    """At once, not when the first mail is due; what they hold is not repeated."""
    with pytest.raises(ValueError, match=r"^(smtp-url|mail-from)$") as refused:
        Post.of(url.replace("//a", "//u:hidden@a"), sender)
    assert "hidden" not in str(refused.value)
