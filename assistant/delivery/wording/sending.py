"""The few words that channels add to a message."""

from __future__ import annotations

_TEXTS: dict[str, tuple[str, str]] = {
    "open": ("打开查看", "Open"),
    "reference": ("编号 {}", "Reference {}"),
}


def sending(key: str, lang: str) -> str:
    """Return the words for *key*."""
    chinese, english = _TEXTS[key]
    return chinese if lang == "zh" else english
