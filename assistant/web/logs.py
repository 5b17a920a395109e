"""Log lines (日志) of the server, on standard error, as text or as one JSON object a line.

No line holds a secret: a link that leaks would open a calendar, a session somebody's account. The mask works on the
finished line, tracebacks included, so no caller can forget it.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any, Literal

Form = Literal["text", "json"]

MASK = "***"
_IN_LINK = re.compile(r"(?<=/[fu]/)(?!\{)[^/\s?#\"']+")  # not in the template of such links
_ALONE = re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])", re.ASCII)  # 32 bytes as text: sessions, tokens, links
_IN_URL = re.compile(r"(?<=://)([^\s/:@]*):[^\s/@]+(?=@)")  # a database's password
_BEARER = re.compile(r"(?i)(?<=\bbearer )[^\s\"',]+")
_NAME = r"(?i)\b(password|passwd|passphrase|secret|seal|session|visit|draft[01]|token)(\\*[\"']?\s*[=:]\s*)"
_QUOTED = re.compile(_NAME + r"(\\*([\"'])).*?\3")
_NAMED = re.compile(_NAME + r"(?!\\*[\"'])[^\s\"',;&)}\]\\]+")


def masked(line: str) -> str:
    """Return *line* without the secrets in it: what stands in a feed's link, is named as one, or has its shape."""
    line = _ALONE.sub(MASK, _IN_LINK.sub(MASK, line))
    line = _BEARER.sub(MASK, _IN_URL.sub(rf"\1:{MASK}", line))
    return _NAMED.sub(rf"\1\2{MASK}", _QUOTED.sub(rf"\1\2\3{MASK}\3", line))


class Masked(logging.Formatter):
    """Formats a record, then masks it."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class Structured(logging.Formatter):
    """Formats a record as a JSON object on one line, every text in it masked."""

    def format(self, record: logging.LogRecord) -> str:
        found: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        told = getattr(record, "told", None)
        if isinstance(told, dict):
            found |= told
        else:
            found["message"] = masked(record.getMessage())
        if record.exc_info:
            found["traceback"] = masked(self.formatException(record.exc_info))
        return json.dumps(found, ensure_ascii=False, default=str)


def log_settings(*, requests: bool, form: Form = "text") -> dict[str, Any]:
    """Return how everything in a server's process is logged; *requests* adds a line per request."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"()": Masked, "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s"},
            "json": {"()": Structured},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": form}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "uvicorn": {"level": "INFO"},
            "uvicorn.access": {"level": "WARNING", "propagate": False},
            "assistant.requests": {"level": "INFO" if requests else "WARNING"},
            "alembic": {"level": "WARNING"},
            "apscheduler": {"level": "WARNING"},
        },
    }
