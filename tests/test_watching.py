"""Watching a server: what its log says of requests and what it never says, what it counts, how it starts and ends."""

from __future__ import annotations

import json
import logging
import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Client, Response
from prometheus_client.parser import text_string_to_metric_families

from assistant.service import measures
from assistant.service.store.store import Store
from assistant.service.store.tokens import digest_of
from assistant.web.health import STARTING, health
from assistant.web.logs import Masked, Structured, masked
from assistant.web.shelf import Shelf
from tests.calling import PREFIX, Program, as_json, token_for
from tests.entering import PASSWORD, kept
from tests.serving import PATIENCE, Answer, Server, add_sample, add_token, new_store, now, until
from tests.visiting import House

TOKEN = "Tq" * 21 + "x"
SHAPE = r"([\w-]{43})(?![\w-])"
WATCHER = "a-token-for-whoever-watches"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for the store and the logs."""
    return tmp_path_factory.mktemp("watching")


@pytest.fixture(scope="module")
def store(folder: Path) -> Iterator[Store]:
    """Return a store with one company and one account, which has a token."""
    with new_store(folder) as store:
        account = store.accounts.add("a-1", "wang@example.com", "王", "x", "member", at=now())
        store.accounts.add_api_token("t-1", account.id, "program", digest_of(TOKEN), at=now())
        company = add_sample(store, "valve-maker")
        store.accounts.grant(account.id, company, "owner", who="test", at=now())
        yield store


@pytest.fixture(scope="module")
def server(store: Store, folder: Path) -> Iterator[Server]:
    """Return a server of two workers that logs as JSON."""
    with Server(store, folder, "--workers", "2", "--log-format", "json", "--metrics-token", WATCHER) as server:
        server.settled()
        yield server


def counts(answer: Answer) -> dict[tuple[str, ...], float]:
    """Return measures by name and labels, as Prometheus reads them."""
    assert answer.status == 200
    families = text_string_to_metric_families(answer.body.decode())
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def lines(server: Server) -> list[dict[str, Any]]:
    """Return the log, of which every line is an object."""
    return [json.loads(line) for line in server.logged().splitlines()]


# ---- measures


def test_all_workers_count_together(server: Server, store: Store) -> None:
    """Whichever is asked; what one worker was asked, the others know some seconds later; nothing is ever less."""
    [company] = store.companies()
    path = f"{PREFIX}/companies/{company.id}/versions"
    route = f"{PREFIX}/companies/{{company}}/versions"
    asked = ("assistant_requests_total", "GET", route, "200")
    before = counts(server.ask("/metrics")).get(asked, 0.0)
    for _ in range(24):
        assert server.ask(path, Authorization=f"Bearer {TOKEN}").status == 200
    seen: list[float] = []

    def all_told() -> bool:
        seen.append(counts(server.ask("/metrics")).get(asked, 0.0))
        return seen[-1] == before + 24

    until(all_told, server.logged)
    assert seen == sorted(seen)
    workers = {one.get("pid") for one in lines(server)}
    assert workers
    for _ in range(6):  # whichever answers
        assert counts(server.ask("/metrics"))[asked] == before + 24


def test_what_is_measured(server: Server, store: Store, folder: Path) -> None:
    """Requests with their durations, feeds, the press, the store, tokens refused."""
    [company] = store.companies()
    link = f"/f/{add_token(store, company.id, 'measured')}/all.ics"
    server.served(link)
    server.ask(f"{PREFIX}/projects", Authorization="Bearer nonsense")

    def told() -> dict[tuple[str, ...], float]:
        return counts(server.ask("/metrics"))

    until(lambda: told().get(("assistant_feeds_served_total", "200"), 0) >= 1, server.logged)
    until(lambda: told().get(("assistant_tokens_refused_total",), 0) == 1, server.logged)
    until(lambda: told().get(("assistant_press_builds_total", "published"), 0) >= 1, server.logged)
    found = told()
    assert found["assistant_store_up",] == 1
    assert found["assistant_press_alive",] == 1
    assert found["assistant_companies_due",] == 0
    assert found["assistant_companies_failing",] == 0
    bounds = [
        value for (name, *rest), value in found.items() if name.endswith("_seconds_bucket") and "/healthz" in rest
    ]
    assert bounds == sorted(bounds)
    assert bounds[-1] == found["assistant_request_duration_seconds_count", "/healthz"]
    routes = {rest[1] for (name, *rest) in found if name == "assistant_requests_total"}
    assert company.id not in str(routes)
    assert folder.name not in str(routes)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"X_Forwarded_For": "192.0.2.1"}, 404),
        ({"Host": "rili.example.com"}, 404),
        ({"Host": "rili.example.com", "Authorization": f"Bearer {WATCHER}"}, 200),
        ({"Host": "rili.example.com", "Authorization": f"Bearer {TOKEN}"}, 404),
        ({"Host": "rili.example.com", "Authorization": "Bearer "}, 404),
    ],
)
def test_measures_are_shown_here_or_to_the_watcher(server: Server, headers: dict[str, str], status: int) -> None:
    """To everybody else there is no such page."""
    assert ask_as(server, "/metrics", headers).status == status


def ask_as(server: Server, path: str, headers: dict[str, str]) -> Answer:
    """Return the answer to a request with these headers, the host's among them."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    try:
        connection.putrequest("GET", path, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def test_where_no_token_is_set_none_opens(tmp_path: Path) -> None:
    """An empty one least of all."""
    with House(tmp_path) as house:
        asked = Program(house, host="192.0.2.1")
        for given in ("", "Bearer ", "Bearer x"):
            assert asked.ask("GET", "/metrics", authorization=given).status == 404


def test_counts_of_processes_add_up(tmp_path: Path) -> None:
    """Those of one that is no more, too; a file that cannot be read is passed over, and a full disk is survived."""
    measures.login_failed()
    alone = counts(Answer(200, {}, measures.exposition(None, {})))["assistant_logins_failed_total",]
    assert alone >= 1
    (tmp_path / "1.json").write_text(json.dumps([["assistant_logins_failed_total", [], 5.0]]))
    (tmp_path / "2.json").write_text("{half a fi")
    together = counts(Answer(200, {}, measures.exposition(tmp_path, {"assistant_x": ("What it is.", 3.0)})))
    assert together["assistant_logins_failed_total",] == alone + 5
    assert together["assistant_x",] == 3
    measures.share(tmp_path / "gone")


# ---- log lines


def test_a_line_tells_a_request_and_nothing_of_its_content(server: Server, store: Store) -> None:
    """Route, status, time, account, id: the answer names the id, and a proxy may have given it."""
    [company] = store.companies()
    path = f"{PREFIX}/companies/{company.id}/profile?lang=en&secret=hunter2"
    answer = server.ask(path, Authorization=f"Bearer {TOKEN}")
    given = server.ask("/", X_Request_Id="proxy-0123456789")
    forged = server.ask("/", X_Request_Id='x" y')
    assert given.headers["x-request-id"] == "proxy-0123456789"
    assert re.fullmatch(r"[\w-]{12}", forged.headers["x-request-id"], re.ASCII)

    def told() -> list[dict[str, Any]]:
        return [one for one in lines(server) if one.get("request") == answer.headers["x-request-id"]]

    until(lambda: bool(told()), server.logged)
    [line] = told()
    assert line["ms"] > 0
    del line["ms"], line["time"]
    assert line == {
        "level": "INFO",
        "logger": "assistant.requests",
        "method": "GET",
        "route": f"{PREFIX}/companies/{{company}}/profile",
        "status": 200,
        "account": "a-1",
        "request": answer.headers["x-request-id"],
    }


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_journey_leaves_no_secret_in_the_log(tmp_path: Path, form: str) -> None:
    """Logging in, links, tokens, a program, a calendar, mistakes, a store that breaks: on a real server."""
    with new_store(tmp_path) as store:
        account = store.accounts.add("a-1", "wang@example.com", "王", kept(PASSWORD), "member", at=now())
        company = add_sample(store, "valve-maker")
        store.accounts.grant(account.id, company, "owner", who="test", at=now())
        with Server(store, tmp_path, "--log-format", form) as server:
            base = f"http://127.0.0.1:{server.port}"
            with Client(base_url=base, follow_redirects=True, timeout=PATIENCE) as browser:
                secrets = _journey(browser, company)
                with store.engine.begin() as db:
                    db.exec_driver_sql("DROP TABLE step_mark")
                assert browser.get(f"/c/{company}/plan").status_code == 503
            answer = server.ask(f"{PREFIX}/companies/{company}/steps", Authorization=f"Bearer {secrets['token']}")
            assert answer.status == 503
            until(lambda: answer.headers["x-request-id"] in server.logged(), server.logged)
        text = server.logged()
        assert "step_mark" in text
        assert f"{PREFIX}/companies/{{company}}/steps" in text
        assert len(secrets) == len(set(secrets.values())) == 11
        for name, secret in secrets.items():
            assert len(secret) > 3, name
            assert secret not in text, name
        assert company not in "".join(line for line in text.splitlines() if "assistant.requests" in line)


def _journey(browser: Client, company: str) -> dict[str, str]:
    """Go about as people do; return every secret seen or typed, and what of the company is nobody's business."""

    def post(path: str, **fields: str) -> Response:
        return browser.post(path, data={"seal": seals[-1], **fields})

    def look(path: str) -> str:
        page = browser.get(path).text
        seals.extend(re.findall(r'name="seal" value="(\w+)"', page))
        return page

    seals: list[str] = []
    found = {
        "wrong password": "guess-8123-no",
        "password": PASSWORD,
        "company": "佛山某某阀门",
        "person": "wang@example.com",
    }
    look("/login")
    visit = browser.cookies["visit"]
    assert post("/login", email="wang@example.com", password=found["wrong password"]).status_code == 422
    assert post("/login", email="wang@example.com", password=PASSWORD).status_code == 200
    session = browser.cookies["session"]
    look("/account")
    token = re.findall(SHAPE, post("/account/tokens", token="程序").text)[0]  # noqa: S106  # what it is called
    feed = re.findall(rf"/f/{SHAPE}/", post(f"/c/{company}/calendar/links", name="手机").text)[0]
    invitation = re.findall(rf"/invite/{SHAPE}", post(f"/c/{company}/members/invite", role="viewer", email="").text)[0]
    for path in (
        f"/f/{feed}/all.ics",
        f"/f/{feed}",
        f"/invite/{invitation}",
        f"/c/{company}/?token={token}&q=hunter-3141",
    ):
        browser.get(path, headers={"referer": f"{browser.base_url}/invite/{invitation}"})
    called = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    assert browser.get(f"{PREFIX}/companies", headers=called).status_code == 200
    assert browser.post(f"{PREFIX}/match", headers=called, content=b'{"facts": {"hunter-3141": 1}}').status_code == 422
    browser.put("/login", content=f"password={PASSWORD}")
    others = {"token": token, "feed": feed, "invitation": invitation, "query": "hunter-3141"}
    return {**found, **others, "visit": visit, "session": session, "seal": seals[-1]}


def test_what_breaks_is_told_without_the_secrets_in_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A traceback is written whole, but for them."""
    caplog.set_level(logging.INFO)
    with House(tmp_path) as house:
        account = house.account("wang")
        browser, token = house.logged_in(account), token_for(house, account)
        program, session = Program(house, token), browser.cookies["session"]
        company = program.post("/companies", as_json("valve-maker")).data["id"]

        def broken(*_: object, **__: object) -> None:
            raise RuntimeError(f"password='{PASSWORD}' session={session} Bearer {token} /f/{token}/all.ics {token}")

        monkeypatch.setattr(type(house.store), "profiles", broken)
        with pytest.raises(RuntimeError):  # handed on to the server, which has the log already
            browser.get(f"/c/{company}/history")
        assert program.get(f"/companies/{company}/versions").status == 500
    for formatter in (Masked(), Structured()):
        text = "\n".join(formatter.format(record) for record in caplog.records)
        assert text.count("RuntimeError") >= 2
        for secret in (token, session, PASSWORD):
            assert secret not in text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("postgresql://me:hunter2@db/store", "postgresql://me:***@db/store"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("{'password': 'hunter2', 'email': 'a@b.cn'}", "{'password': '***', 'email': 'a@b.cn'}"),
        ('{"token":"abc","n":1}', '{"token":"***","n":1}'),
        ("password='correct horse' x", "password='***' x"),
        (r"{\"secret\": \"a b\"}", r"{\"secret\": \"***\"}"),
        ("password=hunter2&next=/", "password=***&next=/"),
        ("cookie: session=abc; draft0=xyz", "cookie: session=***; draft0=***"),
        ("no session was open", "no session was open"),
        ("GET /f/{token}/{calendar} 200", "GET /f/{token}/{calendar} 200"),
    ],
)
def test_a_mask_lies_on_what_is_called_a_secret(line: str, expected: str) -> None:
    """And on nothing else."""
    assert masked(line) == expected


def test_a_traceback_is_one_line(server: Server) -> None:
    """Whatever is logged, every line of the log is an object with a level and a logger."""
    told = lines(server)
    assert told
    assert all({"time", "level", "logger"} <= set(one) for one in told)


# ---- beginning and end


def test_a_server_that_starts_is_not_failing(tmp_path: Path) -> None:
    """Until the press had time to show itself; what fails already is told as such."""
    with new_store(tmp_path) as store:
        moment = now()
        shelf = Shelf(store, now)
        assert health(store, shelf, moment, moment)[1]["status"] == "starting"
        well, told = health(store, shelf, moment + STARTING, moment)
        assert (well, told["status"]) == (False, "failing")
        company = add_sample(store, "valve-maker")
        store.note_failure(company, "x", at=moment)
        assert health(store, shelf, moment, moment)[1]["status"] == "failing"
        store.take_lease("press", "me", now=moment, until=moment + timedelta(seconds=9))
        assert health(store, shelf, moment, moment)[1]["status"] == "failing"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_request_under_way_is_answered_before_the_end(store: Store, folder: Path, workers: str) -> None:
    """A server told to end takes nothing new; what somebody is still sending is awaited, answered and logged."""
    body = json.dumps(as_json("valve-maker")).encode()
    server = Server(store, folder, "--workers", workers, "--no-publish")
    try:
        server.ask("/healthz")
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as slow:
            head = (
                f"POST {PREFIX}/match HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
            )
            slow.sendall(head.encode())
            assert slow.recv(100).startswith(b"HTTP/1.1 100")  # the server waits for the body
            slow.sendall(body[:100])
            server.process.terminate()
            until(lambda: "Shutting down" in server.logged(), server.logged)
            slow.sendall(body[100:])
            with slow.makefile("rb") as reader:
                answer = reader.read()
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["projects"]
        assert server.process.wait(PATIENCE) == 0
        assert f"POST {PREFIX}/match 200 " in server.logged()
    finally:
        server.stop()
