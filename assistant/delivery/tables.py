"""Tables are what the command line prints for people."""

from __future__ import annotations

from assistant.rulebook.load import Rulebook


def rules_checked(book: Rulebook, lang: str) -> str:
    """Return the closing line of a clean check."""
    count = len(book.projects)
    return f"{count} 个项目，没有发现问题（规则 {book.digest}）" if lang == "zh" else f"{count} projects, no problems ({book.digest})"


def cases_ran(ran: int, failed: int, lang: str) -> str:
    """Return the closing line of a test run."""
    return f"运行 {ran} 个案例，{failed} 处不符" if lang == "zh" else f"{ran} cases, {failed} problems"
