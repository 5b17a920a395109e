"""The README keeps its word: every command shown runs, in a fresh copy, from the first line on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OURSELVES = "tests/run"  # the command that runs this test


def commands() -> list[str]:
    """Return the shell lines of the README in order."""
    text = (ROOT / "README.md").read_text("utf-8")
    return [line for block in BLOCK.findall(text) for line in block.splitlines() if line.strip()]


def copy(target: Path) -> None:
    """Copy what is tracked or new to *target*: what a clone would have."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def test_every_command_runs(tmp_path: Path) -> None:
    """A new user types them one after the other."""
    copy(tmp_path)
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    environment |= {"ASSISTANT_CACHE": str(tmp_path / "cache"), "ASSISTANT_ANNOUNCEMENTS": str(tmp_path / "dates.yaml")}
    environment |= {"ASSISTANT_DB": str(tmp_path / "store.db")}
    shown = commands()
    assert shown[0].startswith("python3 -m venv")
    assert OURSELVES in shown
    for line in shown:
        if line == OURSELVES:
            continue
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,  # at a terminal the interview would ask
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stderr.decode()}"
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "report.html",
        "calendar.ics",
        "checklist.xlsx",
        "result.json",
    }
