"""The code on the guide is read by a reader of codes: it holds the link, so a camera opens it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from assistant.delivery.subscribe import Links, page
from tests.conformance.tools import need

LINKS = Links("https://rili.example.cn/f/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8/all.ics")
QUIET, POINTS = 4, 6  # modules around it, picture points for a module
STROKE = re.compile(r"M(?P<x>\d+) (?P<y>\d+)\.5|m(?P<dx>-?\d+) (?P<dy>-?\d+)|h(?P<run>\d+)")


def dark(markup: str) -> tuple[int, set[tuple[int, int]]]:
    """Return the size of the code drawn on a page and its dark modules."""
    drawn = re.search(r'viewBox="0 0 (\d+) \1" class="code"><path [^>]*d="([^"]+)"', markup)
    assert drawn
    found, x, y = set(), 0, 0
    for stroke in STROKE.finditer(drawn[2]):
        if stroke["x"]:
            x, y = int(stroke["x"]), int(stroke["y"])
        elif stroke["dx"]:
            x, y = x + int(stroke["dx"]), y + int(stroke["dy"])
        else:
            found |= {(at, y) for at in range(x, x + int(stroke["run"]))}
            x += int(stroke["run"])
    return int(drawn[1]), found


def test_the_code_holds_the_link(tmp_path: Path) -> None:
    """That of the calendar's own scheme: it opens the calendar, not a browser."""
    need("zbarimg")
    size, modules = dark(page("佛山某某阀门有限公司", LINKS))
    points = range(-QUIET * POINTS, (size + QUIET) * POINTS)
    rows = (" ".join("1" if (x // POINTS, y // POINTS) in modules else "0" for x in points) for y in points)
    picture = tmp_path / "code.pbm"
    picture.write_text(f"P1\n{len(points)} {len(points)}\n" + "\n".join(rows), "ascii")
    command = ["zbarimg", "--quiet", "--nodbus", "--raw", str(picture)]
    read = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert read.strip() == LINKS.webcal
