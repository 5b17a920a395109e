"""Plans of 100,000 companies: how soon, in how much memory; messages: how many a second go out.

Usage: python tests/bench/reminders.py [--companies N] [--reminders N] [--messages N] [--couriers N] [--lanes N]
    [--db URL] [--year]

The reminders of one real company, as they are planned, are multiplied. Each part runs in processes of its own, whose
peak of memory is printed after a tenth and after all of the work: it should stay the same. Messages go by the real
webhook channel to a server on 127.0.0.1 that only says yes; a courier that dies doubles one of each lane at most. With
--year: a year of all samples, planned every working day, as the tests do it once a week. Whatever else runs on the
machine takes its share: the load average is printed with the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from uuid import UUID, uuid5

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from cryptography.fernet import Fernet  # noqa: E402

from assistant.delivery.channels.http import Client  # noqa: E402
from assistant.delivery.channels.webhook import Webhook  # noqa: E402
from assistant.delivery.reminders import KINDS, LEADS, Reminder  # noqa: E402
from assistant.delivery.revision import day_of  # noqa: E402
from assistant.matching.match import Matcher  # noqa: E402
from assistant.planning.manners import moment  # noqa: E402
from assistant.rulebook.load import load  # noqa: E402
from assistant.service import publish as publishing  # noqa: E402
from assistant.service import reminding  # noqa: E402
from assistant.service.deliver import Courier  # noqa: E402
from assistant.service.dispatch import dispatch  # noqa: E402
from assistant.service.publish import Composer, occasion_of  # noqa: E402
from assistant.service.sealing import Sealer  # noqa: E402
from assistant.service.store.migration import upgrade  # noqa: E402
from assistant.service.store.records import ChannelRecord, Recipient, ReminderChanges  # noqa: E402
from assistant.service.store.store import Store, open_store  # noqa: E402
from assistant.settings import cache_directory, packaged_rules  # noqa: E402
from tests.bench.peak import peak  # noqa: E402
from tests.conftest import ON, SAMPLES  # noqa: E402
from tests.serving import add_sample  # noqa: E402
from tests.test_reminding import Life, table, year  # noqa: E402

SPACE = UUID("00000000-0000-0000-0000-000000000002")
NOW = moment(ON)
SAMPLE = "valve-maker"
_forked = get_context("fork")


def composer() -> Composer:
    """Return what is planned with."""
    return Composer(Matcher(load(packaged_rules(), cache=cache_directory())))


def company(number: int) -> str:
    """Return the id of a company."""
    return str(uuid5(SPACE, f"company {number}"))


def recipient(number: int, way: str) -> Recipient:
    """Return who is reminded of it."""
    identity = uuid5(SPACE, f"recipient {number}").hex
    return Recipient(identity, company(number), "李会计", "", (way,), KINDS, LEADS, NOW)


class Plan:
    """What is to be told of one real company, in words, for whoever it is."""

    def __init__(self, folder: Path, most: int) -> None:
        """Plan once for all."""
        url = f"sqlite:///{folder}/one.db"
        upgrade(url)
        with open_store(url) as store:
            known = add_sample(store, SAMPLE)
            occasion = occasion_of(store.inputs(known), composer(), NOW)
        someone = recipient(0, "")
        writer = reminding._Writer(occasion, "zh")
        self.wanted = writer.wanted(someone, (), reminding.verdicts_now(occasion.assessment, occasion.inputs), ON)[
            :most
        ]
        texts = {one.key: writer.body(one) for one in self.wanted}
        self.body: Callable[[Reminder], str] = lambda one: texts[one.key]

    def moved(self) -> Plan:
        """Return the plan in which every day is a fortnight later."""
        other = object.__new__(Plan)
        later = 14 * (NOW - NOW.replace(hour=NOW.hour - 1)) * 24
        other.wanted = tuple(replace(one, day=one.day + later, last=one.last + later) for one in self.wanted)
        other.body = self.body
        return other

    def put(self, store: Store, number: int) -> int:
        """Plan for a company against what the store has; return how many reminders that changed."""
        someone = recipient(number, "")
        found = tuple(reminding._planned(someone, self.wanted, store.outbox.reminders(someone.company), self.body, NOW))
        if found:
            store.outbox.apply(ReminderChanges(found), someone.company)
        return len(found)


def alone(work: Callable[..., Any], *given: Any) -> Any:
    """Return what *work* returns in a process of its own."""
    with _forked.Pool(1) as pool:
        return pool.apply(work, given)


def planned(url: str, plan_of: Callable[[int], Plan | None], companies: int) -> str:
    """Plan for every company; return figures."""
    start, ticks, count, tenth = perf_counter(), process_time(), 0, 0
    with open_store(url) as store:
        for number in range(companies):
            plan = plan_of(number)
            count += plan.put(store, number) if plan else 0
            tenth = peak() if number == companies // 10 else tenth
    spent = perf_counter() - start
    return (
        f"{count:9} changed {spent:8.1f} s {companies / spent:8.0f} companies/s"
        f" {process_time() - ticks:8.1f} s cpu {tenth:5} → {peak()} MiB"
    )


# ---- sending


def sink(told: Any) -> None:
    """Serve, until killed, a program that takes everything."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=512)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def sinking() -> Iterator[int]:
    """Run the sink; yield its port."""
    heard, told = _forked.Pipe(duplex=False)
    process = _forked.Process(target=sink, args=(told,))
    process.start()
    try:
        yield heard.recv()
    finally:
        process.kill()
        process.join()


def sent(url: str, key: str, most: int, lanes: int, worker: str) -> tuple[int, float, int, int]:
    """Send; return how many, the seconds of processor, and the peak after a tenth and at the end."""
    with open_store(url) as store:
        courier = Courier(
            store, {"webhook": Webhook(Client(), private=True)}, Sealer([key]), lambda: NOW, lambda: 0.5, worker
        )
        ticks = process_time()
        first = courier.deliver(lanes=lanes, most=most // 10)
        tenth = peak()
        count = first + courier.deliver(lanes=lanes, most=most - first)
        return count, process_time() - ticks, tenth, peak()


def sending(url: str, plan: Plan, messages: int, couriers: int, lanes: int) -> None:
    """Queue so many messages and send them; print figures."""
    key = Fernet.generate_key().decode()
    with sinking() as port:
        with open_store(url) as store:
            address = {"url": f"http://127.0.0.1:{port}/hook", "secret": "0123456789abcdef"}
            for number in range(messages):
                identity, way = company(number), uuid5(SPACE, f"channel {number}").hex
                store.add_company(identity, f"第{number}号企业", "facts: {}", who="bench", at=NOW)
                sealed = Sealer([key]).seal(address)
                store.addressees.add_channel(ChannelRecord(way, identity, "webhook", "程序", sealed, NOW), who="bench")
                store.addressees.add(recipient(number, way), who="bench")
                plan.put(store, number)
            start = perf_counter()
            queued = dispatch(store, NOW)
            spent = perf_counter() - start
            print(f"queued   {queued:9} messages {spent:8.1f} s {queued / spent:8.0f} a second")
        start = perf_counter()
        with _forked.Pool(couriers) as pool:
            share = -(-queued // couriers)
            told = pool.starmap(sent, [(url, key, share, lanes, f"courier {number}") for number in range(couriers)], 1)
        spent = perf_counter() - start
    count = sum(one[0] for one in told)
    print(
        f"sent     {count:9} messages {spent:8.1f} s {count / spent:8.0f} a second,"
        f" {couriers} couriers × {lanes} lanes,"
        f" {1000 * sum(one[1] for one in told) / max(count, 1):.2f} ms cpu each,"
        f" {', '.join(f'{tenth} → {whole}' for _, _, tenth, whole in told)} MiB"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=100_000)
    parser.add_argument("--reminders", type=int, default=12, help="of each company")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--couriers", type=int, default=2)
    parser.add_argument("--lanes", type=int, default=1)
    parser.add_argument("--db", default="", help="an empty database; default: new SQLite files")
    parser.add_argument("--year", action="store_true")
    given = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder:
        if given.year:
            publishing.FEEDS = {}
            url = f"sqlite:///{folder}/year.db"
            upgrade(url)
            with open_store(url) as store:
                print(table(year(Life(store, composer()), SAMPLES, daily=True)))
            return
        plan = Plan(Path(folder), given.reminders)
        moved = plan.moved()
        url = given.db or f"sqlite:///{folder}/plans.db"
        upgrade(url)
        if not given.db:
            fill(url, given.companies)
            kinds: dict[str, Callable[[int], Plan | None]] = {
                "first": lambda _: plan,
                "unchanged": lambda _: plan,
                "1 % moved": lambda number: moved if number % 100 == 0 else plan,
                "only the 1 %": cache(lambda number: plan if number % 100 == 0 else None),
            }
            for name, plan_of in kinds.items():
                heard, told = _forked.Pipe(duplex=False)
                process = _forked.Process(target=lambda: told.send(planned(url, plan_of, given.companies)))  # noqa: B023
                process.start()
                print(f"{name:12} {heard.recv()}")
                process.join()
        url = given.db or f"sqlite:///{folder}/messages.db"
        upgrade(url)
        sending(url, plan, given.messages, given.couriers, given.lanes)
        print(json.dumps({"day": day_of(NOW).isoformat(), "load": round(os.getloadavg()[0], 1)}))


def fill(url: str, companies: int) -> None:
    """Add companies, each with somebody who is reminded."""
    with open_store(url) as store:
        for number in range(companies):
            store.add_company(company(number), f"第{number}号企业", "facts: {}", who="bench", at=NOW)
            store.addressees.add(recipient(number, "email"), who="bench")


if __name__ == "__main__":
    main()
