"""The most memory that a process has had: its own, where `ru_maxrss` begins with what its parent had."""

from __future__ import annotations

from pathlib import Path


def peak() -> int:
    """Return the most MiB that this process has had resident."""
    status = Path("/proc/self/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024
