"""The channels that one installation has, by the names they are stored under."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

from assistant.delivery.channels.apprise import Others
from assistant.delivery.channels.channel import Channel
from assistant.delivery.channels.dingtalk import DingTalk
from assistant.delivery.channels.feishu import Feishu
from assistant.delivery.channels.http import Client
from assistant.delivery.channels.letters import Letters, Post
from assistant.delivery.channels.pace import LIMITS, Pace
from assistant.delivery.channels.robots import Robot
from assistant.delivery.channels.webhook import Webhook
from assistant.delivery.channels.wecom import WeCom

OFFICIAL: Mapping[str, str] = {
    "wecom": "https://qyapi.weixin.qq.com",
    "dingtalk": "https://oapi.dingtalk.com",
    "feishu": "https://open.feishu.cn",
}
_ROBOTS: Mapping[str, type[Robot]] = {"wecom": WeCom, "dingtalk": DingTalk, "feishu": Feishu}


def channels(
    http: Client, post: Post | None, bases: Mapping[str, str] = OFFICIAL, *, private: bool = False
) -> Mapping[str, Channel]:
    """Return the channels.

    Args:
        http: sends what goes over HTTP.
        post: takes letters; without it there is no e-mail.
        bases: where the providers of robots are.
        private: users may name hosts inside this network, for webhooks and, where it is installed, to Apprise.

    """
    found: dict[str, Channel] = {
        name: robot(http, bases[name], Pace(LIMITS[name])) for name, robot in _ROBOTS.items() if name in bases
    }
    found["webhook"] = Webhook(http, private=private)
    if post is not None:
        found["email"] = Letters(post)
    if private and find_spec("apprise") is not None:
        found["apprise"] = Others()
    return found
