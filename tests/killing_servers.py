"""A server that is killed again and again while somebody saves: run in a process of its own, for it forks.

Usage: python -m tests.killing_servers DB COMPANY TIMES — each time a child serves the application and gets one form:
a change of the company's answers or, one time in five, a draft to be saved. It is killed (SIGKILL) at a statement of
the transaction, between the transaction and the answer, as soon as it has answered, or at any moment.
Prints JSON: how many were answered, at how many different moments they were killed, what was lost, what was halved.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import MutableMapping
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import uvicorn
from sqlalchemy import event
from starlette.types import Receive, Scope, Send

from assistant.matching.match import Matcher
from assistant.rulebook.load import load
from assistant.service.dossier import Dossiers
from assistant.service.store.store import Store, open_store
from assistant.settings import cache_directory, packaged_rules
from assistant.sources import parse
from assistant.web.app import application
from assistant.web.site import Manner, Site
from tests.filling import Form, form_of

STATEMENTS = 6  # of a transaction, at which a child is killed in turn
ANSWERING, ANSWERED, ANY = -1, -2, -3
MOMENTS = (*range(STATEMENTS), ANSWERING, ANSWERED, ANSWERING, ANY, ANSWERED)
PATIENCE = 60
NAME = "valve-maker"  # of the company before anybody saves
_FORM = "application/x-www-form-urlencoded"


class Killing:
    """One store, served by children that are killed."""

    def __init__(self, url: str) -> None:
        """Load the rules once for all children, and listen once."""
        self.url = url
        self.matcher = Matcher(load(packaged_rules(), cache=cache_directory()))
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.cookies: dict[str, str] = {}

    def child(self, moment: int) -> tuple[int, int]:
        """Serve in a child, which tells when it has come to *moment*, and waits there; return where it tells."""
        heard, told = os.pipe()
        child = os.fork()
        if not child:
            os.close(heard)
            store = open_store(self.url)
            _stop_at(store, moment, told)
            site = Site(store, self.matcher, Dossiers(store, self.matcher), _now, os.urandom, Manner("王工"))
            app = _answering(application(site), told) if moment == ANSWERING else application(site)
            uvicorn.Server(uvicorn.Config(app, log_level="critical")).run(sockets=[self.listener])
            os._exit(0)
        os.close(told)
        return child, heard

    def ask(self, address: str, sent: str | None = None) -> HTTPConnection:
        """Send a request and return where its answer will come."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        method = "GET" if sent is None else "POST"
        connection.request(method, address, sent, headers | ({"content-type": _FORM} if sent else {}))
        return connection

    def read(self, connection: HTTPConnection) -> tuple[int, str]:
        """Return a whole answer; keep its cookies."""
        answer = connection.getresponse()
        body = answer.read().decode()
        for cookie in answer.headers.get_all("set-cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return answer.status, body

    def form(self, address: str) -> Form:
        """Open a form."""
        status, body = self.read(self.ask(address))
        assert status == 200, body
        return form_of(body, address)

    def kill(self, moment: int, address: str, answers: dict[str, str | list[str]], after: float) -> tuple[bool, bool]:
        """Send a form to a child and kill it; tell whether it had answered, and whether it got to the *moment*."""
        child, heard = self.child(moment)
        try:
            sent = urlencode(self.form(address).filled(answers), doseq=True)
            connection = self.ask(address, sent)
            if moment == ANY:
                time.sleep(after)
            ready, _, _ = select.select([heard, connection.sock], [], [], 0 if moment == ANY else PATIENCE)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(heard)
        if heard in ready or connection.sock not in ready:
            connection.close()
            return False, heard in ready
        status, _ = self.read(connection)
        assert status == 303
        return True, moment == ANSWERED


def _now() -> datetime:
    return datetime.now(UTC)


def _stop_at(store: Store, moment: int, told: int) -> None:
    passed = [-1]

    def after(*given: object) -> None:
        if passed[0] >= 0 or str(given[2]).startswith("UPDATE change"):
            passed[0] += 1
            if passed[0] == moment:
                os.write(told, b"!")
                time.sleep(PATIENCE)

    event.listen(store.engine, "after_cursor_execute", after)


def _answering(app: Any, told: int) -> Any:
    """Return *app*, which stops where it would begin to say that something was done."""

    async def stopping(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: MutableMapping[str, Any]) -> None:
            if message.get("status") == 303:
                os.write(told, b"!")
                time.sleep(PATIENCE)  # noqa: ASYNC251 # the whole server stands still
            await send(message)

        await app(scope, receive, sending)

    return stopping


def main(url: str, company: str, times: int) -> None:
    """Kill so many children, and look at the store after each."""
    killing = Killing(url)
    answered, moments = 0, set[int]()
    lost, halved = list[int](), list[int]()
    numbers = [0]
    for number in range(1, times + 1):
        moment = MOMENTS[number % len(MOMENTS)]
        after = number % 7 * 0.02
        if number % 5 == 0:
            done, reached = draft(killing, moment, number, after)
        else:
            address = f"/c/{company}/facts/enterprise"
            done, reached = killing.kill(moment, address, {"enterprise.name": f"第{number}号企业"}, after)
        answered += done
        moments |= {moment} if reached else set()
        with open_store(url) as store:
            versions, known = store.profiles(company), store.company(company)
            kept = [int(named(one.content)[1:-3]) for one in versions[1:]]
            called = named(versions[-1].content) if kept else NAME
            whole = len(versions) == versions[-1].number and known is not None and known.name == called
            halved += [] if whole and kept == sorted({*kept}) else [number]
            if number % 5 == 0:
                saved = [one for one in store.companies() if one.name == f"第{number}号企业"]
                lost += [number] if done and not saved else []
                halved += [number] if any(not store.profiles(one.id) for one in saved) else []
            else:
                lost += [number] if done and number not in kept else []
            lost += [one for one in numbers if one not in kept and one]
            numbers = kept
    print(json.dumps({"answered": answered, "moments": sorted(moments), "lost": lost, "halved": halved}))


def draft(killing: Killing, moment: int, number: int, after: float) -> tuple[bool, bool]:
    """Fill in a draft, and kill the server that is to save it; then have another one save it: it is one company."""
    child, heard = killing.child(10**6)
    names = {"enterprise.name": f"第{number}号企业"}
    address = "/try/facts/enterprise"
    status, _ = killing.read(killing.ask(address, urlencode(killing.form(address).filled(names), doseq=True)))
    assert status == 303
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(heard)
    return killing.kill(moment, "/try/save", {}, after)


def named(content: str) -> str:
    """Return the company's name in a profile."""
    return str(parse(content, name="").data["enterprise"]["name"])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
