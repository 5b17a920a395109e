"""A robot of 飞书 (Feishu): a card, signed where the robot asks for it.

Form, signature, limits and codes: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (100 messages a
minute, 5 a second, 20 KB a request; at full and half hours 11232 may be answered to anybody), and
https://open.feishu.cn/document/server-docs/api-call-guide/frequency-control for `x-ogw-ratelimit-reset`. The old
`StatusCode` is 0 beside errors, too: it counts only where `code` is missing. 9499 means two things, a bad request and
too many of them; since we send none of the first, it is tried again.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from assistant.delivery.channels.message import Message
from assistant.delivery.channels.pieces import MARKS, Dress, Piece, pieces, weight
from assistant.delivery.channels.robots import SLOWLY, Codes, Robot

ROOM = 18_000  # bytes of text, as they stand in a request of 20 KB
_DRESS = Dress("{}", "**{}**", "[{0}]({0})", "[{1}]({0})", "\n", MARKS)


def signature(secret: str, stamp: str) -> str:
    """Return the signature: of nothing, by a key made of the moment and the secret."""
    return base64.b64encode(hmac.digest(f"{stamp}\n{secret}".encode(), b"", "sha256")).decode()


class Feishu(Robot):
    """Robots of 飞书; an address is the end of its webhook, beside it the secret and a keyword where it has them."""

    name = "飞书"
    path = "/open-apis/bot/v2/hook/"
    hidden = ""
    example = "/open-apis/bot/v2/hook/…"
    kept = ("secret", "keyword")
    codes = Codes(
        ("code", "StatusCode"),
        "msg",
        # card or form refused; token, robot, signature, address or keyword that the robot's settings refuse
        dead={11246, 19001, 19002, 19007, 19021, 19022, 19024},
        slow={9499: SLOWLY, 11232: SLOWLY, 99991400: SLOWLY},
    )

    def pieces(self, message: Message, address: Mapping[str, str]) -> tuple[Piece, ...]:
        """Return the texts, the keyword in each."""
        return pieces(message, _DRESS, ROOM, weight, address.get("keyword", ""))

    def request(self, piece: Piece, address: Mapping[str, str], at: datetime) -> tuple[str, Mapping[str, Any]]:
        """Return a card."""
        card = {
            "config": {"wide_screen_mode": True},
            "header": {"template": "blue", "title": {"tag": "plain_text", "content": piece.title}},
            "elements": [{"tag": "div", "text": {"tag": "lark_md", "content": piece.text}}],
        }
        signed = {}
        if secret := address.get("secret"):
            stamp = str(int(at.timestamp()))
            signed = {"timestamp": stamp, "sign": signature(secret, stamp)}
        return f"{self.path}{address['key']}", {**signed, "msg_type": "interactive", "card": card}
