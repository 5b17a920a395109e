"""The work of `assistant feed show` and of the guide that comes with a new subscription."""

from __future__ import annotations

from pathlib import Path

import click

from assistant.cli.assessing import dumped
from assistant.cli.context import Options
from assistant.cli.storing import company_named, feed_named, feed_row
from assistant.delivery import store_tables
from assistant.delivery.subscribe import Links, guide, links, page, text
from assistant.delivery.wording import stored as words
from assistant.errors import BadInput, Place, Problem
from assistant.files import write
from assistant.service.store.records import Company, FeedToken
from assistant.service.store.store import Store, open_store
from assistant.service.store.tokens import digest_of


def check_address(base_url: str) -> None:
    """Check the server's address for others, which a guide is to name.

    Raises:
        BadInput: it is none.

    """
    if links(f"{base_url.rstrip('/')}/f/token/all.ics") is None:
        raise BadInput([Problem("feed-guide-without-address", Place("--base-url"))])


def guide_written(options: Options, company: str, found: Links | None, file: Path, *, aside: bool) -> None:
    """Write the guide to a subscription as a page; tell so, *aside* where the output is for a machine."""
    write(file, page(company, found, options.lang).encode())
    click.echo(words.guide_written(str(file), options.lang), err=aside)


def feed_shown(options: Options, url: str, named: str, link: str | None, output: Path | None, form: str) -> None:
    """Print how to subscribe, or write it as a page; *named* is a subscription or a company.

    Raises:
        BadInput: there is none of that name, or the link is not its.

    """
    with open_store(url) as store:
        company, feeds = _subject(store, named)
    found = _checked(link, feeds) if link is not None else None
    if output is not None:
        guide_written(options, company.name, found, output, aside=form == "json")
    rows = [feed_row(one, company.name) for one in feeds]
    if form == "json":
        click.echo(dumped({"feeds": rows, "guide": guide(company.name, found, options.lang)}))
    elif output is None:
        store_tables.feeds(rows, options.lang)
        click.echo(text(company.name, found, options.lang), nl=False)


def _subject(store: Store, named: str) -> tuple[Company, tuple[FeedToken, ...]]:
    try:
        company = company_named(store, named)
    except BadInput:
        feed = feed_named(store, named)
        return company_named(store, feed.company), (feed,)
    return company, tuple(one for one in store.tokens(company.id) if one.revoked is None)


def _checked(link: str, feeds: tuple[FeedToken, ...]) -> Links:
    """Return the links of *link*, whose secret is that of one of the *feeds*."""
    found = links(link)
    if found is None:
        raise BadInput([Problem("feed-link-broken", Place("--link"))])
    if digest_of(found.token) not in {one.digest for one in feeds}:
        raise BadInput([Problem("feed-link-differs", Place("--link"))])
    return found
