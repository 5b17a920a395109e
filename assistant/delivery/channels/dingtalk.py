"""A robot of 钉钉 (DingTalk): markdown, signed where the robot asks for it.

Form, signature and limits: https://open.dingtalk.com/document/orgapp/custom-robot-access (20 messages a minute, then
none for 10 minutes) and …/customize-robot-security-settings. Codes: the table on the first page (310000: keyword,
signature or address that the robot's settings refuse; 4001xx: token or robot gone; 410100: too often; 4301xx: content)
and older ones still seen: 300001 and 300005 for an unknown token, 130101 and 660026 for too often, 460101 for more than
20,000 bytes.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from assistant.delivery.channels.message import Message
from assistant.delivery.channels.pieces import MARKS, Dress, Piece, pieces, weight
from assistant.delivery.channels.robots import Codes, Robot

ROOM = 18_000  # bytes of text, as they stand in a request of 20,000
_BLOCKED = 600.0  # seconds without messages after too many
_DRESS = Dress("### {}", "**{}**", "[{0}]({0})", "[{1}]({0})", "  \n  ", MARKS)


def signature(secret: str, stamp: str) -> str:
    """Return the signature, ready to stand in an address: encoded once."""
    digest = hmac.digest(secret.encode(), f"{stamp}\n{secret}".encode(), "sha256")
    return quote(base64.b64encode(digest), safe="")


class DingTalk(Robot):
    """Robots of 钉钉; an address is the token in its webhook, beside it the secret and a keyword where it has them."""

    name = "钉钉"
    path = "/robot/send"
    hidden = "access_token"
    example = "/robot/send?access_token=…"
    kept = ("secret", "keyword")
    codes = Codes(
        ("errcode",),
        "errmsg",
        # settings refuse it; token, robot or group gone; form or content refused; too long
        dead={
            *(300001, 300005, 310000, 400013, 400101, 400102, 400105, 400106, 40035),
            *(430101, 430102, 430103, 430104, 460101),
        },
        slow={130101: _BLOCKED, 410100: _BLOCKED, 660026: _BLOCKED},
    )

    def pieces(self, message: Message, address: Mapping[str, str]) -> tuple[Piece, ...]:
        """Return the texts, the keyword in each."""
        return pieces(message, _DRESS, ROOM, weight, address.get("keyword", ""))

    def request(self, piece: Piece, address: Mapping[str, str], at: datetime) -> tuple[str, Mapping[str, Any]]:
        """Return a message in markdown."""
        path = f"{self.path}?access_token={address['key']}"
        if secret := address.get("secret"):
            stamp = str(int(at.timestamp() * 1000))
            path += f"&timestamp={stamp}&sign={signature(secret, stamp)}"
        text = _DRESS.title.format(piece.title) + _DRESS.newline + piece.text
        return path, {"msgtype": "markdown", "markdown": {"title": piece.title, "text": text}}
