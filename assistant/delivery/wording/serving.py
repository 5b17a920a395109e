"""What the server says in plain text: to whoever opens a link that gives no calendar, or sends too much."""

from __future__ import annotations

ANSWERS = {
    404: "没有这个日历。链接可能已经停用，请向发给您链接的人再要一个。\n"
    "There is no such calendar. The link may have been revoked; please ask whoever sent it for a new one.\n",
    405: "这里只能读取日历。\nCalendars can only be read here.\n",
    413: "内容太大：一次最多上传 5 MB，请拆分后再传。\nToo large: 5 MB at most in one go.\n",
    503: "日历正在生成，请稍后再试。\nThe calendar is being made; please try again in a moment.\n",
}
