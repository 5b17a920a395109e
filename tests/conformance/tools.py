"""Tools that cannot be installed everywhere.

Where one is missing, its tests are skipped with the reason; with CI set that is a failure.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BUILD = HERE / "build"  # what `setup` compiles and the tests keep
MODULES = HERE / "node_modules"


def need(*wanted: str | Path) -> None:
    """Go on only where every command is on the PATH and every file is there."""
    missing = [
        str(one) for one in wanted if not (one.exists() if isinstance(one, Path) else shutil.which(one) is not None)
    ]
    if not missing:
        return
    reason = f"missing: {', '.join(missing)} (tests/conformance/setup installs it as root on Debian)"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
