"""Thunderbird on a screen of its own, subscribed to one calendar; what it knows is read from its cache database."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.conformance.readers import Row

FEED = "calendar.registry.feed"
COLOUR = "#FF9500"
POLL = "0.1"  # minutes; as a text it may be a part of one
SCREEN = (1400, 1000)
WINDOW = "chrome://messenger/content/messenger.xhtml"
PREFERENCES: dict[str, Any] = {
    f"{FEED}.type": "ics",
    f"{FEED}.refreshInterval": POLL,
    f"{FEED}.readOnly": True,
    f"{FEED}.cache.enabled": True,
    f"{FEED}.calendar-main-in-composite": True,
    f"{FEED}.color": COLOUR,
    "calendar.list.sortOrder": "feed",
    "calendar.timezone.useSystemTimezone": False,
    "calendar.timezone.local": "Asia/Shanghai",
    "calendar.week.start": 1,
    "calendar.weeks.inview": 6,
    "calendar.previousweeks.inview": 0,
    # an account without mail, or it asks for one first
    "mail.accountmanager.accounts": "account1",
    "mail.accountmanager.defaultaccount": "account1",
    "mail.accountmanager.localfoldersserver": "server1",
    "mail.account.account1.server": "server1",
    "mail.server.server1.directory-rel": "[ProfD]Mail/Local Folders",
    "mail.server.server1.hostname": "Local Folders",
    "mail.server.server1.name": "Local Folders",
    "mail.server.server1.type": "none",
    "mail.server.server1.userName": "nobody",
    # nothing that comes up by itself, nothing that asks the net
    "app.donation.eoy.version.viewed": 999,
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.rights.version": 1,
    "mail.shell.checkDefaultClient": False,
    "mailnews.start_page.enabled": False,
    "mailnews.start_page_override.mstone": "ignore",
}
LAYOUT = {
    "messengerWindow": {"screenX": "0", "screenY": "0", "width": str(SCREEN[0]), "height": str(SCREEN[1])},
    "view-box": {"selectedIndex": "2"},  # several weeks, from this one on
    "bottom-events-box": {"collapsed": "true"},
    "calendar-view-splitter": {"state": "collapsed"},
    "today-pane-panel": {"collapsedinmodes": "mail,calendar,task,chat"},
}


@dataclass(frozen=True)
class Thunderbird:
    """A running one."""

    profile: Path
    display: str

    def rows(self) -> list[Row]:
        """Return the events it keeps, in no order; none before it has any."""
        folder = self.profile / "calendar-data"
        copy = self.profile / "copy"  # it holds the lock of its own
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for file in sorted(folder.glob("cache.sqlite*")):
            shutil.copy(file, copy)
        if not (copy / "cache.sqlite").exists():
            return []
        with closing(sqlite3.connect(copy / "cache.sqlite")) as database:
            try:
                found = database.execute(
                    "SELECT id, event_start, event_end, ical_status, title, value FROM cal_events"
                    " LEFT JOIN cal_properties ON item_id = id AND key = 'DESCRIPTION'"
                ).fetchall()
            except sqlite3.DatabaseError:  # copied in the midst of a change, or not made yet
                return []
        return [
            Row(uid, _day(start), _day(end), status, title, bytes(text).decode() if isinstance(text, bytes) else text)
            for uid, start, end, status, title, text in found
        ]

    def await_rows(self, wanted: list[Row], seconds: float) -> list[Row]:
        """Return the events it keeps as soon as they are those *wanted*, or whatever they are in the end."""
        end = time.monotonic() + seconds
        while True:
            found = sorted(self.rows(), key=str)
            if found == sorted(wanted, key=str) or time.monotonic() > end:
                return found
            time.sleep(0.5)

    def picture(self, file: Path, seconds: float) -> int:
        """Keep what its screen shows once it shows events and stands still; return how much of it is events."""
        file.parent.mkdir(exist_ok=True)
        end, before = time.monotonic() + seconds, -1
        while True:
            subprocess.run(["import", "-display", self.display, "-window", "root", file], check=True)
            shown = _painted(file)
            if (shown and shown == before) or time.monotonic() > end:
                return shown
            before = shown
            time.sleep(1)


def _painted(file: Path) -> int:
    """Return how many points of a picture have the colour of the calendar."""
    chosen = ["-fill", "black", "+opaque", COLOUR, "-fill", "white", "-opaque", COLOUR]
    command = ["convert", str(file), *chosen, "-format", "%[fx:round(w*h*mean)]", "info:"]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _day(microseconds: int) -> str:
    """Return a whole day: it is kept as the midnight of no particular place."""
    return str((datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)).date())


@contextmanager
def thunderbird(folder: Path, url: str, name: str) -> Iterator[Thunderbird]:
    """Run Thunderbird with its profile in *folder*, subscribed to *url* under a *name*."""
    profile, home = folder / "profile", folder / "home"
    profile.mkdir(parents=True)
    home.mkdir()
    preferences = {**PREFERENCES, f"{FEED}.uri": url, f"{FEED}.name": name}
    lines = [f"user_pref({json.dumps(key)}, {json.dumps(value)});" for key, value in preferences.items()]
    (profile / "user.js").write_text("\n".join(lines), "utf-8")
    (profile / "xulstore.json").write_text(json.dumps({WINDOW: LAYOUT}), "utf-8")
    with screen() as display:
        environment = {**os.environ, "DISPLAY": display, "HOME": str(home), "MOZ_CRASHREPORTER_DISABLE": "1"}
        command = ["thunderbird", "--profile", str(profile), "--no-remote", "-calendar"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
            try:
                yield Thunderbird(profile, display)
            finally:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def screen() -> Iterator[str]:
    """Run a screen that nobody sees; give its name."""
    reading, writing = os.pipe()
    size = f"{SCREEN[0]}x{SCREEN[1]}x24"
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            yield f":{told.readline().strip()}"
    finally:
        process.terminate()
        process.wait()
