"""Log lines (日志) of the server, on standard error. No line holds a token: a link that leaks would open a calendar.

The mask works on the finished line, tracebacks included, so no caller can forget it.
"""

from __future__ import annotations

import logging
import re
from typing import Any

MASK = "***"
_IN_LINK = re.compile(r"(?<=/f/)[^/\s?#\"']+")
_ALONE = re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])", re.ASCII)


def masked(line: str) -> str:
    """Return *line* without the tokens in it: what stands in a feed's link, and what has a token's shape."""
    return _ALONE.sub(MASK, _IN_LINK.sub(MASK, line))


class Masked(logging.Formatter):
    """Formats a record, then masks it."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def log_settings(*, access: bool) -> dict[str, Any]:
    """Return how everything in a server's process is logged; *access* adds a line per request."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"masked": {"()": Masked, "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "masked"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "uvicorn": {"level": "INFO"},
            "uvicorn.access": {"level": "INFO" if access else "WARNING", "propagate": access},
            "alembic": {"level": "WARNING"},
        },
    }
