"""A real server for tests: `assistant serve` in a process of its own, and a client that takes answers as they come."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid5

from assistant.delivery.revision import NAMESPACE
from assistant.service.store.migration import upgrade
from assistant.service.store.store import Store, open_store
from tests.conftest import ROOT

PATIENCE = 90.0  # seconds until a test gives up


def now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


def profile_text(name: str) -> str:
    """Return the text of a sample's profile."""
    return (ROOT / "profiles" / f"{name}.yaml").read_text(encoding="utf-8")


def new_store(folder: Path) -> Store:
    """Return a new store in *folder*."""
    url = f"sqlite:///{folder / 'store.db'}"
    upgrade(url)
    return open_store(url)


def add_sample(store: Store, name: str, content: str | None = None) -> str:
    """Add a sample company and return its id."""
    identity = str(uuid5(NAMESPACE, name))
    store.add_company(identity, name, content or profile_text(name), who="test", at=now())
    return identity


def add_token(store: Store, company: str, name: str = "subscriber") -> str:
    """Return the text of a new token."""
    secret = sha256(f"{company} {name}".encode()).digest()
    return store.add_token(company, name, secret=secret, at=now())[0]


@dataclass(frozen=True)
class Answer:
    """What came back, as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Server:
    """A running server on a port of its own; its log is kept in a file."""

    def __init__(self, store: Store, folder: Path, *options: str, before: str = "") -> None:
        """Start it, with a shell command *before* it; it listens as soon as this returns."""
        self.log = folder / f"server-{len(list(folder.glob('server-*')))}.log"
        command = [sys.executable, "-m", "assistant", "serve", "--db", str(store.label), "--port", "0", *options]
        if before:
            command = ["sh", "-c", f'{before}; exec "$@"', "sh", *command]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log)
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode().strip()
        assert line.startswith("http://127.0.0.1:"), self.logged()
        self.port = int(line.rstrip("/").rpartition(":")[2])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> int:
        """End it as an operator would; return its exit status."""
        self.process.terminate()
        try:
            return self.process.wait(30)
        finally:
            self.process.kill()
            assert self.process.stdout is not None
            self.process.stdout.close()

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Return the answer; *headers* are written with underscores."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def health(self) -> tuple[int, dict[str, Any]]:
        """Return what the health page says."""
        answer = self.ask("/healthz")
        return answer.status, json.loads(answer.body)

    def logged(self) -> str:
        """Return the log so far."""
        return self.log.read_text(encoding="utf-8")

    def served(self, path: str) -> Answer:
        """Return a calendar as soon as there is one."""
        until(lambda: self.ask(path, "HEAD").status == 200, self.logged)
        return self.ask(path)

    def settled(self) -> None:
        """Wait until nothing is due and all is well."""
        until(lambda: self.health()[0] == 200 and not self.health()[1]["due"], self.logged)


def until(reached: Callable[[], bool], told: Callable[[], str] = str) -> None:
    """Wait until *reached*."""
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end, "\n".join(
            line for line in told().splitlines() if " assistant.requests " not in line
        )
        time.sleep(0.05)
