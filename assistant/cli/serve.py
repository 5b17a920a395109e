"""The work of `assistant serve` and `assistant publish`: calendars over HTTP, and building those that are due."""

from __future__ import annotations

import logging.config
import multiprocessing
import os
import signal
import socket
import threading
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path
from secrets import token_bytes
from tempfile import TemporaryDirectory

import click
import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from assistant.cli.children import outlived
from assistant.cli.context import Options
from assistant.cli.couriers import courier, post
from assistant.cli.inputs import rulebook
from assistant.cli.screeners import Screening
from assistant.cli.store import login
from assistant.delivery.revision import day_of
from assistant.delivery.wording.admitting import first_administrator
from assistant.errors import BadInput, Place, Problem
from assistant.matching.match import Matcher
from assistant.service.access import SETUP_LASTS
from assistant.service.dossier import Dossiers
from assistant.service.mail import Post
from assistant.service.measures import share
from assistant.service.press import Press
from assistant.service.publish import Composer
from assistant.service.store.engine import StoreFailure
from assistant.service.store.migration import upgrade
from assistant.service.store.store import open_store
from assistant.service.store.tokens import SECRET_BYTES, digest_of, token_of
from assistant.service.tick import ticking
from assistant.settings import packaged_profiles
from assistant.web.app import application
from assistant.web.identity import LOOPBACK
from assistant.web.logs import Form, log_settings
from assistant.web.site import Manner, Site

_TO_BE_MADE = ("store-missing", "store-empty", "store-outdated")
_BACKLOG = 2048  # connections that may wait for a worker
_RESTARTED = 2.0  # seconds until a press that died is started again


def _now() -> datetime:
    return datetime.now(UTC)


def serve(
    options: Options,
    url: str,
    host: str,
    port: int,
    workers: int,
    base_url: str,
    *,
    registration: bool,
    access_log: bool,
    log_format: Form,
    publishes: bool,
    api_rate: int,
    metrics_token: str,
) -> None:
    """Serve pages and calendars at *host* and *port* until told to end; build them meanwhile if it *publishes*."""
    rulebook(options)  # mistakes in the rules are told here, and press and workers find them read
    _ready(url)
    folder = _folder()
    manner = replace(
        _manner(url, host, base_url, registration=registration),
        api_rate=api_rate,
        metrics=digest_of(metrics_token) if metrics_token else "",
        measures=folder.name if folder else "",
    )
    takes_mail = post()
    listener = _listener(host, port)
    settings = log_settings(requests=access_log, form=log_format)
    logging.config.dictConfig(settings)
    shown = f"[{host}]" if ":" in host else host
    here = f"http://{shown}:{listener.getsockname()[1]}"
    click.echo(f"{here}/")
    if not manner.local:
        _invite_administrator(url, base_url.rstrip("/") or here, options.lang)
    config = uvicorn.Config(
        partial(serving, options, url, manner, takes_mail),
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,
        log_config=settings,
        backlog=_BACKLOG,
        server_header=False,
        proxy_headers=True,
        timeout_graceful_shutdown=8,
        timeout_worker_healthcheck=60,  # on a busy machine a worker takes its time to start
    )
    signal.signal(signal.SIGTERM, _leave)  # uvicorn takes it over, and raises it once more when it is done
    press = _Printing(url, options, base_url, log_format, manner.measures) if publishes else nullcontext()
    screening = Screening(url, options, log_format) if publishes else nullcontext()
    with folder or nullcontext(), press, screening, suppress(KeyboardInterrupt):
        if workers == 1:
            uvicorn.Server(config).run(sockets=[listener])
        else:
            Multiprocess(config, sockets=[listener]).run()


def publish(options: Options, url: str, base_url: str, *, everything: bool) -> bool:
    """Build the calendars that are due, or everything; tell whether all could be built."""
    composer = Composer(Matcher(rulebook(options)), options.lang, base_url)
    with open_store(url) as store:
        press = Press(store, composer, "", _now, Dossiers(store, composer.matcher))
        now = _now()
        due = store.due(date.max if everything else day_of(now), failed_before=now)
        done = [press.publish(company) for company in due]
    click.echo(f"{sum(done)}/{len(due)}")
    return all(done)


def serving(options: Options, url: str, manner: Manner, takes_mail: Post | None) -> FastAPI:
    """Return the application that serves the store at *url*: what a worker starts with."""
    server = multiprocessing.parent_process()
    if server is not None:
        threading.Thread(target=_end_with, args=(server.sentinel,), daemon=True).start()
    matcher = Matcher(rulebook(options))
    store = open_store(url)
    samples = {path.stem: path.read_text(encoding="utf-8") for path in sorted(packaged_profiles().glob("*.yaml"))}
    sends = courier(store, url, manner.base_url)
    dossiers = Dossiers(store, matcher)
    return application(Site(store, matcher, dossiers, _now, token_bytes, manner, samples, takes_mail, sends))


def _folder() -> TemporaryDirectory[str] | None:
    """Return a folder in which all processes put what they count; None where no disk has room for one."""
    try:
        return TemporaryDirectory(prefix="shenbao-assistant-", ignore_cleanup_errors=True)
    except OSError:
        return None


def _manner(url: str, host: str, base_url: str, *, registration: bool) -> Manner:
    """Return how the server stands: used by one person on this machine alone until there is an account."""
    with open_store(url) as store:
        shared = bool(store.accounts.all())
    alone = host in LOOPBACK and not base_url and not shared
    return Manner(login() or "local" if alone else "", base_url.rstrip("/"), registration)


def _invite_administrator(url: str, address: str, lang: str) -> None:
    """Print the way in for the first administrator, while there is none: a link that is good for one use."""
    token, now = token_of(token_bytes(SECRET_BYTES)), _now()
    with open_store(url) as store:
        if store.accounts.has_administrator():
            return
        expires = now + SETUP_LASTS
        store.accounts.add_link(digest_of(token), "administrator", at=now, expires=expires, who="")
    hours = SETUP_LASTS // timedelta(hours=1)
    click.echo(first_administrator(f"{address}/setup/{token}", lang, hours=hours))


def _leave(*_: object) -> None:
    raise SystemExit(0)


def _end_with(sentinel: int) -> None:
    """End this worker when the server is no more: one that was killed could not tell it to."""
    wait([sentinel])
    signal.raise_signal(signal.SIGTERM)


def _ready(url: str) -> None:
    """Make the store, or bring it up to date, where that is needed."""
    try:
        open_store(url).close()
    except StoreFailure as error:
        if error.problems[0].code not in _TO_BE_MADE:
            raise
        upgrade(url)


def _listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens already: whoever connects early waits instead of being refused."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
            0
        ]
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
        listener.set_inheritable(True)
    except OSError as error:
        place = Place(f"{host}:{port}")
        raise BadInput([Problem("not-listening", place, {"found": error.strerror or str(error)})]) from error
    return listener


class _Printing:
    """Keeps a press running in a process of its own for as long as the server does."""

    def __init__(self, url: str, options: Options, base_url: str, log_format: Form, measures: str) -> None:
        holder = f"{socket.gethostname()}:{os.getpid()}"  # a press that follows another of this server takes its lease
        self._given = (url, options, base_url, holder, log_format, measures)
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> None:
        self._keeper.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._keeper.join()

    def _keep(self) -> None:
        while not self._ended.is_set():
            code = outlived(printing, self._given, self._ended, patience=10)
            if not self._ended.is_set():
                logging.getLogger(__name__).error("the press ended (%s); it is started again", code)
                self._ended.wait(_RESTARTED)


def printing(
    server: Connection,
    url: str,
    options: Options,
    base_url: str,
    holder: str,
    log_format: Form = "text",
    measures: str = "",
) -> None:
    """Publish what is due until the *server* hangs up, or is no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server, which hangs up
    logging.config.dictConfig(log_settings(requests=False, form=log_format))
    composer = Composer(Matcher(rulebook(options)), options.lang, base_url)

    def stopped(seconds: float) -> bool:
        if measures:
            share(Path(measures))
        return bool(wait([server], seconds))

    with open_store(url) as store:
        dossiers = Dossiers(store, composer.matcher)
        with ticking(courier(store, url, base_url)):
            Press(store, composer, holder, _now, dossiers).run(stopped)
