"""Calendar programs by what they call themselves when they fetch a feed."""

from __future__ import annotations

_KNOWN = (  # the first that occurs counts
    ("dataaccessd", "iPhone、iPad 日历"),
    ("calendaragent", "Mac 日历"),
    ("google-calendar-importer", "Google 日历"),
    ("microsoft.exchange", "Outlook 网页版"),
    ("microsoft outlook", "Outlook 电脑版"),
    ("microsoft office", "Outlook 电脑版"),
    ("thunderbird", "Thunderbird"),
    ("icsx5", "ICSx⁵"),
    ("icsdroid", "ICSx⁵"),
    ("ical4j", "ICSx⁵"),
    ("curl", "curl"),
    ("mozilla", "浏览器"),
)


def client_name(agent: str) -> str:
    """Return what people call the program that names itself *agent*, "" where that is not known."""
    told = agent.casefold()
    return next((name for sign, name in _KNOWN if sign in told), "")
