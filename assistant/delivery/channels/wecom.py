"""A robot of 企业微信 (WeCom): markdown up to 4,096 bytes, or plain text up to 2,048 for groups read in WeChat.

Form and limits: https://developer.work.weixin.qq.com/document/path/91770 (also /99110), 20 messages a minute.
Codes: https://developer.work.weixin.qq.com/document/path/90455, which says to go by `errcode`, never by its words. What
robots were seen to answer: 93000 no such robot, 40008 and 40058 content refused, 45009 too often.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from assistant.delivery.channels.message import Message
from assistant.delivery.channels.pieces import MARKS, Dress, Piece, pieces
from assistant.delivery.channels.robots import SLOWLY, Codes, Robot
from assistant.errors import Place, Problem

MARKDOWN, TEXT = 4096, 2048  # bytes of content
_MARKDOWN = Dress("## {}", "**{}**", "[{0}]({0})", "[{1}]({0})", "\n", MARKS)
_TEXT = Dress()


def _bytes(text: str) -> int:
    return len(text.encode())


class WeCom(Robot):
    """Robots of 企业微信; an address is the key in its webhook, and whether the group reads plain *text* only."""

    name = "企业微信"
    path = "/cgi-bin/webhook/send"
    hidden = "key"
    example = "/cgi-bin/webhook/send?key=…"
    kept = ("format",)
    codes = Codes(
        ("errcode",),
        "errmsg",
        dead={40008, 40035, 40058, 44004, 45002, 93000},  # content wrong, empty or too long; robot gone
        slow={45009: SLOWLY, 45033: SLOWLY},
    )

    def _mistakes(self, others: Mapping[str, str]) -> list[Problem]:
        known = others.get("format", "markdown") in {"markdown", "text"}
        return [] if known else [Problem("robot-format", Place("format"))]

    def pieces(self, message: Message, address: Mapping[str, str]) -> tuple[Piece, ...]:
        """Return the contents."""
        if address.get("format") == "text":
            return pieces(message, _TEXT, TEXT, _bytes)
        return pieces(message, _MARKDOWN, MARKDOWN, _bytes)

    def request(self, piece: Piece, address: Mapping[str, str], at: datetime) -> tuple[str, Mapping[str, Any]]:
        """Return a message of one kind or the other."""
        del at
        kind, dress = ("text", _TEXT) if address.get("format") == "text" else ("markdown", _MARKDOWN)
        content = dress.title.format(piece.title) + dress.newline + piece.text
        return f"{self.path}?key={address['key']}", {"msgtype": kind, kind: {"content": content}}
