"""Calendars over HTTP, asked of a server that really runs."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path

import pytest
from ical.calendar_stream import IcsCalendarStream

from assistant.planning.announcements import Announcement
from assistant.service.store.store import Store
from assistant.web.logs import masked
from tests.conftest import ROOT
from tests.serving import Answer, Server, add_sample, add_token, new_store, now, profile_text, until

PRIVATE = {
    "cache-control": "private, max-age=0, must-revalidate",
    "x-robots-tag": "noindex",
    "referrer-policy": "no-referrer",
    "vary": "Accept-Encoding",
}
KINDS = ("all", "windows", "prep", "tasks")
PAGE = "https://gdii.gd.gov.cn/notice"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for the store and the logs."""
    return tmp_path_factory.mktemp("serving")


@pytest.fixture(scope="module")
def store(folder: Path) -> Iterator[Store]:
    """Return a store with one company."""
    with new_store(folder) as store:
        yield store


@pytest.fixture(scope="module")
def company(store: Store) -> str:
    """Return the company."""
    return add_sample(store, "valve-maker")


@pytest.fixture(scope="module")
def token(store: Store, company: str) -> str:
    """Return its token."""
    return add_token(store, company)


@pytest.fixture(scope="module")
def server(store: Store, folder: Path, token: str) -> Iterator[Server]:
    """Return a running server whose calendars are built."""
    with Server(store, folder) as server:
        server.served(f"/f/{token}/all.ics")
        yield server


@pytest.fixture(scope="module")
def link(token: str) -> str:
    """Return the path of the company's calendar."""
    return f"/f/{token}/all.ics"


def undated(answer: Answer) -> dict[str, str]:
    """Return the headers without the time of day."""
    return {name: value for name, value in answer.headers.items() if name != "date"}


# ---- what is sent


def test_a_calendar_goes_out_with_these_headers(server: Server, link: str) -> None:
    """And no others: nothing asks the browser to save a file, nothing tells what runs here."""
    answer = server.ask(link)
    headers = undated(answer)
    assert answer.status == 200
    assert re.fullmatch(r'"[0-9a-f]{32}"', headers.pop("etag"))
    assert datetime.strptime(headers.pop("last-modified"), "%a, %d %b %Y %H:%M:%S GMT")  # noqa: DTZ007
    length = str(len(answer.body))
    assert headers == {**PRIVATE, "content-type": "text/calendar; charset=utf-8", "content-length": length}


@pytest.mark.parametrize("kind", KINDS)
def test_every_calendar_is_whole_and_packs(server: Server, token: str, kind: str) -> None:
    """The strict reader takes it; unpacked it is the same; its tag is that of its bytes."""
    plain = server.ask(f"/f/{token}/{kind}.ics")
    packed = server.ask(f"/f/{token}/{kind}.ics", Accept_Encoding="gzip, deflate, br, zstd")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 4
    assert plain.headers["etag"] == f'"{sha256(plain.body).hexdigest()[:32]}"'
    assert packed.headers["etag"] != plain.headers["etag"]
    calendar = IcsCalendarStream.calendar_from_ics(plain.body.decode())
    assert calendar.todos if kind == "tasks" else calendar.events


def test_the_calendars_add_up(server: Server, token: str) -> None:
    """Windows and what is to be done are all there is; tasks are the latter once more."""
    uids = {kind: set(re.findall(rb"\r\nUID:(\S+)", server.ask(f"/f/{token}/{kind}.ics").body)) for kind in KINDS}
    assert uids["windows"]
    assert uids["prep"]
    assert not uids["windows"] & uids["prep"]
    assert uids["all"] == uids["windows"] | uids["prep"]
    assert uids["tasks"] <= {b"task-" + uid for uid in uids["prep"]}


def test_head_tells_the_same_without_the_calendar(server: Server, link: str) -> None:
    """Packed or not."""
    for accepted in ({}, {"Accept_Encoding": "gzip"}):
        got, told = server.ask(link, **accepted), server.ask(link, "HEAD", **accepted)
        assert (told.status, undated(told), told.body) == (200, undated(got), b"")


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [("gzip", True), ("GZIP;q=0.5", True), ("deflate, x-gzip", True), ("gzip;q=0", False), ("br", False), ("*", False)],
)
def test_only_who_takes_gzip_gets_it(server: Server, link: str, accepted: str, *, packed: bool) -> None:
    """Also when it is named only to be refused."""
    assert ("content-encoding" in server.ask(link, Accept_Encoding=accepted).headers) == packed


# ---- unchanged


@pytest.mark.parametrize("form", ["{0}", "W/{0}", '"other", {0}', '{0},W/"x"', "*", "  {0}"])
@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_who_has_it_is_told_so(server: Server, link: str, form: str, accepted: str) -> None:
    """By its tag, alone or in a list, weak too; the answer has no body and no type."""
    got = server.ask(link, Accept_Encoding=accepted)
    again = server.ask(link, Accept_Encoding=accepted, If_None_Match=form.format(got.headers["etag"]))
    kept = {name: got.headers[name] for name in (*PRIVATE, "etag", "last-modified")}
    assert (again.status, undated(again), again.body) == (304, kept, b"")


def test_either_tag_is_known(server: Server, link: str) -> None:
    """A client that learns gzip need not fetch anew."""
    tag = server.ask(link).headers["etag"]
    assert server.ask(link, Accept_Encoding="gzip", If_None_Match=tag).status == 304


@pytest.mark.parametrize("tag", ['"other"', "", '""', "W/", "nonsense", '"é"'])
def test_who_has_another_gets_this_one(server: Server, link: str, tag: str) -> None:
    """Nonsense is another."""
    assert server.ask(link, If_None_Match=tag).status == 200


def test_time_tells_too(server: Server, link: str) -> None:
    """Not after the last change: unchanged. Before it, or nonsense: here it is."""
    same = server.ask(link).headers["last-modified"]
    answers = {
        same: 304,
        "Fri, 01 Jan 2100 00:00:00 GMT": 304,
        "Mon, 01 Jan 2001 00:00:00 GMT": 200,
        "yesterday": 200,
        "": 200,
    }
    assert {when: server.ask(link, If_Modified_Since=when).status for when in answers} == answers


def test_a_tag_counts_before_the_time(server: Server, link: str) -> None:
    """A second is long."""
    same = server.ask(link).headers["last-modified"]
    assert server.ask(link, If_None_Match='"other"', If_Modified_Since=same).status == 200


def test_one_connection_serves_many_requests(server: Server, link: str) -> None:
    """Whatever came before."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    tag = server.ask(link).headers["etag"]
    statuses = []
    for headers in ({}, {"If-None-Match": tag}, {}, {"Accept-Encoding": "gzip"}, {"If-None-Match": tag}):
        connection.request("GET", link, headers=headers)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()
    assert statuses == [200, 304, 200, 200, 304]


# ---- not found


@pytest.fixture(scope="module")
def revoked(store: Store, company: str, server: Server) -> str:
    """Return a token that was good once."""
    text = add_token(store, company, "gone")
    assert server.served(f"/f/{text}/all.ics").status == 200
    [record] = [one for one in store.tokens(company) if one.name == "gone"]
    store.revoke_token(record.id, at=now())
    until(lambda: server.ask(f"/f/{text}/all.ics", "HEAD").status == 404, server.logged)
    return text


@pytest.mark.parametrize("kind", ["all", "tasks"])
def test_unknown_revoked_and_nonsense_are_the_same_404(server: Server, token: str, revoked: str, kind: str) -> None:
    """To the byte, so that nobody learns that a token was good once; and so are calendars that are none."""
    unknown = server.ask(f"/f/{'A' * 43}/{kind}.ics")
    assert unknown.status == 404
    assert unknown.headers.items() >= PRIVATE.items()
    paths = [f"/f/{revoked}/{kind}.ics", "/f/", "/f//all.ics", "/f/x", f"/f/{'y' * 3000}/all.ics", "/f/%00%ff/all.ics"]
    paths += [f"/f/{token}/{kind}", f"/f/{token}/", f"/f/{token}", f"/f/{token}/all.ics/x", f"/f/{token}/ALL.ics"]
    paths += [
        f"/f/{token[:-1]}/{kind}.ics",
        f"/f/{token}x/{kind}.ics",
        f"/f/{token}/upkeep.ics",
        "/f/%e4%ba%8c/all.ics",
    ]
    for path in paths:
        answer = server.ask(path)
        assert (answer.status, undated(answer), answer.body) == (404, undated(unknown), unknown.body), path
        told = server.ask(path, "HEAD")
        assert (told.status, undated(told), told.body) == (404, undated(unknown), b""), path


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
def test_calendars_are_only_read(server: Server, link: str, method: str) -> None:
    """The answer is the same whether there is such a calendar or not."""
    answer, unknown = server.ask(link, method), server.ask(f"/f/{'A' * 43}/all.ics", method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert (undated(answer), answer.body) == (undated(unknown), unknown.body)


def test_other_pages_are_not_calendars(server: Server) -> None:
    """Nor is anything else that nobody has."""
    for path in ("/f", "/docs", "/openapi.json", "/healthz/x", "/api/v2"):
        assert server.ask(path).status == 404


# ---- changes


def test_a_change_is_seen_and_nothing_else_is(store: Store, company: str, server: Server, link: str) -> None:
    """The same profile again changes nothing; another one gives another calendar under another tag."""
    before = server.ask(link)
    store.save_profile(company, profile_text("valve-maker"), who="test", at=now())
    store.save_profile(company, profile_text("valve-maker") + "\n# a remark\n", who="test", at=now())
    server.settled()
    same = server.ask(link)
    assert (same.body, undated(same)) == (before.body, undated(before))
    store.save_profile(company, profile_text("bearing-giant"), who="test", at=now())
    until(lambda: server.ask(link, If_None_Match=before.headers["etag"]).status == 200, server.logged)
    assert server.ask(link).body != before.body


def test_an_official_date_reaches_the_calendar(store: Store, server: Server) -> None:
    """Without a restart."""
    link = f"/f/{add_token(store, add_sample(store, 'another', profile_text('valve-maker')))}/all.ics"
    before = server.served(link)
    today = now().date()
    opens = today + timedelta(days=30) if today.month < 10 else date(today.year + 1, 4, 1)  # the next round's year
    closes = opens + timedelta(days=20)
    entry = Announcement("high-tech-enterprise", opens.year, opens, closes, PAGE, now().date())
    store.add_announcement(entry, who="test", at=now())
    until(lambda: server.ask(link, If_None_Match=before.headers["etag"]).status == 200, server.logged)
    days = f"DTSTART;VALUE=DATE:{opens:%Y%m%d}\r\nDTEND;VALUE=DATE:{closes + timedelta(days=1):%Y%m%d}\r\n".encode()
    assert (days in before.body, days in server.ask(link).body) == (False, True)


def test_the_last_fetch_is_noted(store: Store, company: str, server: Server) -> None:
    """With the client's own name, also where nothing had changed; in a while, not at once."""
    began = now()
    token = add_token(store, company, "noted")
    tag = server.served(f"/f/{token}/all.ics").headers["etag"]
    server.ask(f"/f/{token}/all.ics", If_None_Match=tag, User_Agent="Thunderbird/140.12 \t")

    def noted() -> bool:
        [record] = [one for one in store.tokens(company) if one.name == "noted"]
        return record.last_client.startswith("Thunderbird/140.12") and record.last_fetched is not None

    until(noted, server.logged)
    [record] = [one for one in store.tokens(company) if one.name == "noted"]
    assert record.last_fetched is not None
    assert began <= record.last_fetched <= now()


def test_what_was_fetched_is_noted_before_the_end(store: Store, company: str, folder: Path) -> None:
    """The server is stopped at once."""
    token = add_token(store, company, "short")
    with Server(store, folder, "--no-publish") as server:
        assert server.ask(f"/f/{token}/windows.ics", User_Agent="short").status == 200
        assert server.stop() == 0
    [record] = [one for one in store.tokens(company) if one.name == "short"]
    assert record.last_client == "short"


# ---- trouble


def test_a_profile_that_cannot_be_used_leaves_the_last_calendar(tmp_path: Path) -> None:
    """The health page and the log say so, and when it is mended they say that."""
    with new_store(tmp_path) as store, Server(store, tmp_path) as server:
        company = add_sample(store, "software-firm")
        token = add_token(store, company)
        before = server.served(f"/f/{token}/all.ics")
        store.save_profile(company, "enterprise: {name: [", who="test", at=now())
        until(lambda: server.health()[0] == 503, server.logged)
        status, told = server.health()
        assert (status, told["status"], told["store"]) == (503, "failing", "ok")
        assert [(one["company"], one["why"]) for one in told["failed"]] == [(company, "yaml-syntax")]
        assert f"ERROR assistant.service.press company {company}: not published" in server.logged()
        after = server.ask(f"/f/{token}/all.ics")
        assert (after.status, after.body, undated(after)) == (200, before.body, undated(before))
        store.save_profile(company, profile_text("software-firm"), who="test", at=now())
        server.settled()
        assert server.ask(f"/f/{token}/all.ics", If_None_Match=before.headers["etag"]).status == 304


def test_a_calendar_that_was_never_built_is_asked_for_later(tmp_path: Path) -> None:
    """No empty calendar: clients would drop what they have."""
    with new_store(tmp_path) as store, Server(store, tmp_path, "--no-publish") as server:
        company = add_sample(store, "never", "facts: 1")
        link = f"/f/{add_token(store, company)}/all.ics"
        until(lambda: server.ask(link).status != 404, server.logged)
        answer = server.ask(link)
        assert (answer.status, answer.headers["retry-after"]) == (503, "10")
        assert not answer.headers["content-type"].startswith("text/calendar")
        assert published(store) == (1, "0/1\n")
        store.save_profile(company, profile_text("empty"), who="test", at=now())
        assert published(store) == (0, "1/1\n")
        assert published(store) == (0, "0/0\n")
        assert published(store, "--all") == (0, "1/1\n")
        assert server.served(link).status == 200


def published(store: Store, *options: str) -> tuple[int, str]:
    """Return the exit status and the output of `assistant publish`."""
    command = [sys.executable, "-m", "assistant", "publish", "--db", store.label, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_port_in_use_is_told_in_one_line(store: Store, server: Server) -> None:
    """Exit 2, no traceback."""
    command = [sys.executable, "-m", "assistant", "serve", "--db", store.label, "--port", str(server.port)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(rf"127\.0\.0\.1:{server.port}：这个地址和端口用不了：.+\n", done.stderr)


# ---- several workers, another start


def test_workers_give_the_same_and_forget_together(store: Store, company: str, server: Server, folder: Path) -> None:
    """Two workers, and a server started before: one tag, one revocation."""
    token = add_token(store, company, "shared")
    link = f"/f/{token}/all.ics"
    expected = server.served(link)
    with Server(store, folder, "--workers", "2") as other:
        answers = {(one.status, one.headers.get("etag"), one.body) for one in (other.ask(link) for _ in range(20))}
        assert answers == {(200, expected.headers["etag"], expected.body)}
        assert other.health()[1]["press"]["alive"]
        [record] = [one for one in store.tokens(company) if one.name == "shared"]
        store.revoke_token(record.id, at=now())
        until(lambda: {one.ask(link).status for one in (server, *([other] * 20))} == {404}, other.logged)
        assert other.stop() == 0
    assert token not in other.logged()


# ---- logs


def test_no_log_line_holds_a_token(server: Server, link: str, token: str, revoked: str) -> None:
    """Neither the link asked for, nor nonsense around it."""
    for path in (link, f"/f/{token}", f"/x/{token}/y", f"/f/{token}%2Fall.ics", f"//f/{token}/all.ics?a={token}"):
        server.ask(path)
    server.ask("/healthz", Referer=f"https://example.org/f/{token}/all.ics")
    until(lambda: " assistant.requests GET /healthz 200 " in server.logged(), server.logged)
    text = server.logged()
    assert " assistant.requests GET /f/{token}/{calendar} 200 " in text
    assert token not in text
    assert revoked not in text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("GET /f/abc/all.ics 404", "GET /f/***/all.ics 404"),
        ("/f/abc?x=1 /f/def#y", "/f/***?x=1 /f/***#y"),
        (f"key {'aB3_-' * 8}xyz.", "key ***."),
        (f"digest {'0' * 64}", f"digest {'0' * 64}"),
        ("company 1c96577c-fb56-4030-a8d9-01a1225b7a5f", "company 1c96577c-fb56-4030-a8d9-01a1225b7a5f"),
    ],
)
def test_a_mask_lies_on_tokens_alone(line: str, expected: str) -> None:
    """Whatever is behind /f/, and what has a token's shape."""
    assert masked(line) == expected
