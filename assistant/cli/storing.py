"""The work of `assistant db`, `company` and `feed`, on the store itself."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from assistant.cli.assessing import dumped
from assistant.cli.context import Options, report_problems
from assistant.cli.inputs import rulebook
from assistant.company.profile import Profile, read_profile
from assistant.delivery import store_tables
from assistant.delivery.plain import Json
from assistant.delivery.wording import stored as words
from assistant.errors import BadInput, Place, Problem, nearest
from assistant.service.store.backup import backup, restore
from assistant.service.store.engine import StoreFailure, label_of
from assistant.service.store.migration import upgrade
from assistant.service.store.records import Company, FeedToken
from assistant.service.store.store import Store, open_store
from assistant.sources import parse, read_text

_NONE_YET = ("store-missing", "store-empty")
_SHORTEST = 4  # characters of an id that are enough to name it


# ---- the database


def upgraded(options: Options, url: str) -> None:
    """Create the store or bring it up to date."""
    click.echo(words.upgraded(upgrade(url), label_of(url), options.lang))


def backed_up(options: Options, url: str, file: Path, *, replace: bool) -> None:
    """Back the store up."""
    click.echo(words.backed_up(backup(url, file, replace=replace), str(file), options.lang))


def restored(options: Options, url: str, file: Path, *, replace: bool) -> None:
    """Restore a backup."""
    click.echo(words.restored(restore(file, url, replace=replace), label_of(url), options.lang))


# ---- companies


def added(
    options: Options, url: str, path: Path, *, identity: str, name: str, who: str, at: datetime, on: date, form: str
) -> None:
    """Add the company whose profile is at *path*; the first one makes the store.

    Raises:
        BadInput: the profile has mistakes or names nobody, or the company is there already.

    """
    text, profile = _profile(options, path, on)
    called = name or profile.name
    if not called:
        raise BadInput([Problem("company-nameless", Place(str(path)))])
    with made_store(url) as store:
        same = [one for one in store.companies() if profile.uscc and one.uscc == profile.uscc]
        if same:
            name, place = same[0].name, Place(str(path))
            raise BadInput([Problem("company-exists", place, {"found": profile.uscc, "name": name, "id": same[0].id})])
        company = store.add_company(identity, called, text, uscc=profile.uscc, who=who, at=at)
    click.echo(dumped(_company(company)) if form == "json" else words.added(company.name, company.id, options.lang))
    report_problems(profile.remarks, options.lang)


def updated(options: Options, url: str, named: str, path: Path, *, name: str, who: str, at: datetime, on: date) -> None:
    """Save the profile at *path* as the company's newest.

    Raises:
        BadInput: the profile has mistakes, or is another company's.

    """
    text, profile = _profile(options, path, on)
    with open_store(url) as store:
        company = company_named(store, named)
        if company.uscc and profile.uscc and company.uscc != profile.uscc:
            code, own, place = profile.uscc, company.uscc, Place(str(path))
            raise BadInput([Problem("company-differs", place, {"found": code, "expected": own, "name": company.name})])
        before = store.latest_profile(company.id).number
        called = name or profile.name
        version = store.save_profile(company.id, text, who=who, at=at, name=called, uscc=profile.uscc)
    told = words.updated(called or company.name, version.number, options.lang, new=version.number > before)
    click.echo(told)
    report_problems(profile.remarks, options.lang)


def companies(options: Options, url: str, form: str) -> None:
    """Print the companies."""
    with open_store(url) as store:
        rows = [_company(one) for one in store.companies()]
    if form == "json":
        click.echo(dumped({"companies": rows}))
    else:
        store_tables.companies(rows, options.lang)


def history(options: Options, url: str, named: str, number: int | None, form: str) -> None:
    """Print the versions of a company's profile, or one of them as it was handed in.

    Raises:
        BadInput: there is no such company or version.

    """
    with open_store(url) as store:
        company = company_named(store, named)
        versions = store.profiles(company.id)
    if number is not None:
        if number > len(versions):
            raise BadInput([Problem("profile-version-unknown", Place(company.name), {"expected": str(len(versions))})])
        click.echo(versions[number - 1].content, nl=False)
        return
    rows: list[Json] = [{"number": one.number, "at": one.at.isoformat(), "who": one.who} for one in versions]
    if form == "json":
        click.echo(dumped({"company": company.id, "versions": rows}))
    else:
        store_tables.versions(company.name, rows, options.lang)


def company_named(store: Store, text: str) -> Company:
    """Return the company that is called so: by id or its beginning, credit code, or name.

    Raises:
        BadInput: there is none, or more than one.

    """
    known = store.companies()
    exact = [one for one in known if text and text in (one.id, one.uscc, one.name)]
    found = exact or [one for one in known if len(text) >= _SHORTEST and one.id.startswith(text)]
    if len(found) == 1:
        return found[0]
    if found:
        listed = "、".join(one.id for one in found)
        raise BadInput([Problem("company-ambiguous", Place(store.label), {"found": text, "expected": listed})])
    close = nearest(text, [one.name for one in known])
    raise BadInput([Problem("unknown-company", Place(store.label), {"found": text, "nearest": close})])


# ---- feeds


def feed_created(
    options: Options, url: str, named: str, name: str, *, secret: bytes, at: datetime, base_url: str, form: str
) -> tuple[str, str]:
    """Create a subscription and print its address, which nobody can look up later; return the company's name and it."""
    with open_store(url) as store:
        company = company_named(store, named)
        token, record = store.add_token(company.id, name, secret=secret, at=at)
    address = f"{base_url.rstrip('/')}/f/{token}/all.ics"
    if form == "json":
        click.echo(dumped({**feed_row(record, company.name), "token": token, "address": address}))
    else:
        click.echo(words.feed_created(company.name, record.name, address, options.lang))
    return company.name, address


def feeds(options: Options, url: str, named: str | None, form: str) -> None:
    """Print the subscriptions of one company, or of all."""
    with open_store(url) as store:
        chosen = company_named(store, named).id if named else None
        names = {one.id: one.name for one in store.companies()}
        rows = [feed_row(one, names[one.company]) for one in store.tokens(chosen)]
    if form == "json":
        click.echo(dumped({"feeds": rows}))
    else:
        store_tables.feeds(rows, options.lang)


def feed_revoked(options: Options, url: str, named: str, *, at: datetime) -> None:
    """Revoke a subscription.

    Raises:
        BadInput: none in use is called so, or more than one.

    """
    with open_store(url) as store:
        feed = feed_named(store, named)
        store.revoke_token(feed.id, at=at)
    click.echo(words.feed_revoked(feed.name, options.lang))


def feed_named(store: Store, text: str) -> FeedToken:
    """Return the subscription in use with that id or name.

    Raises:
        BadInput: there is none, or more than one.

    """
    live = [one for one in store.tokens() if one.revoked is None]
    found = [one for one in live if one.id == text] or [one for one in live if one.name == text.strip()]
    if len(found) == 1:
        return found[0]
    if found:
        listed = "、".join(one.id for one in found)
        raise BadInput([Problem("feed-ambiguous", Place(store.label), {"found": text, "expected": listed})])
    close = nearest(text, [one.name for one in live])
    raise BadInput([Problem("unknown-feed", Place(store.label), {"found": text, "nearest": close})])


def _profile(options: Options, path: Path, on: date) -> tuple[str, Profile]:
    """Return the profile at *path*, as it is written and as it is read."""
    book = rulebook(options)
    text = read_text(path)
    return text, read_profile(parse(text, name=str(path)), book.dictionary, book.lists, on)


def made_store(url: str) -> Store:
    """Return the store, made first where there is none yet."""
    try:
        return open_store(url)
    except StoreFailure as failure:
        if failure.problems[0].code not in _NONE_YET:
            raise
    upgrade(url)
    return open_store(url)


def _company(one: Company) -> Json:
    return {
        "id": one.id,
        "name": one.name,
        "uscc": one.uscc,
        "created": one.created.isoformat(),
        "published": one.published.isoformat() if one.published else None,
        "failure": one.failure or None,
    }


def feed_row(one: FeedToken, company: str) -> Json:
    """Return a subscription as plain data."""
    return {
        "id": one.id,
        "company": one.company,
        "company_name": company,
        "name": one.name,
        "created": one.created.isoformat(),
        "revoked": one.revoked.isoformat() if one.revoked else None,
        "last_fetched": one.last_fetched.isoformat() if one.last_fetched else None,
        "last_client": one.last_client or None,
    }
