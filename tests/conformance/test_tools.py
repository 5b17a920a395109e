"""A tool that is missing is told of: its tests stand aside with the reason; with CI set they fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from _pytest.outcomes import Failed, Skipped

from tests.conformance.tools import need


def test_what_is_there_is_enough(tmp_path: Path) -> None:
    """Commands by their names, files by their paths."""
    need("sh", tmp_path)


def test_a_missing_tool_stands_aside_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """And with how to get it; what is there is not named."""
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(Skipped, match=r"missing: no-such-tool \(tests/conformance/setup"):
        need("sh", "no-such-tool")


def test_in_ci_a_missing_tool_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Or nobody would notice that nothing is tested any more."""
    monkeypatch.setenv("CI", "true")
    with pytest.raises(Failed, match=r"missing: .*no-such-file"):
        need("sh", tmp_path / "no-such-file")
