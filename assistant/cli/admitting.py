"""The work of `assistant account`, on the store itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from assistant.cli.assessing import dumped
from assistant.cli.context import Options
from assistant.cli.storing import company_named, made_store
from assistant.delivery import store_tables
from assistant.delivery.plain import Json
from assistant.delivery.wording import admitting as words
from assistant.errors import BadInput, Place, Problem, nearest
from assistant.service.access import FIRST_LASTS, RESET_LASTS, is_address
from assistant.service.store.records import Account, Role, Standing
from assistant.service.store.store import Store, open_store
from assistant.service.store.tokens import digest_of, token_of


def added(
    options: Options,
    url: str,
    email: str,
    name: str,
    standing: Standing,
    *,
    identity: str,
    secret: bytes,
    base_url: str,
    who: str,
    at: datetime,
) -> None:
    """Add an account and print the link with which its password is chosen.

    Raises:
        BadInput: the address is none or taken, or the name is blank.

    """
    if not is_address(email):
        raise BadInput([Problem("account-email-unlike", Place("EMAIL"), {"found": email})])
    if not name.strip():
        raise BadInput([Problem("account-name-missing", Place("--name"))])
    with made_store(url) as store:
        account = store.accounts.add(identity, email, name.strip(), "", standing, at=at, who=who)
        address = _link(store, account, secret, base_url=base_url, who=who, at=at, lasts=FIRST_LASTS)
    click.echo(words.added(account.name, account.email, address, options.lang, days=FIRST_LASTS.days))


def listed(options: Options, url: str, form: str) -> None:
    """Print the accounts."""
    with open_store(url) as store:
        belongs = store.accounts.belonging()
        rows = [_row(one, belongs.get(one.id, 0)) for one in store.accounts.all()]
    if form == "json":
        click.echo(dumped({"accounts": rows}))
    else:
        store_tables.accounts(rows, options.lang)


def reset(options: Options, url: str, email: str, *, secret: bytes, base_url: str, who: str, at: datetime) -> None:
    """Print a link with which a new password is chosen.

    Raises:
        BadInput: there is no such account, or it is disabled.

    """
    with open_store(url) as store:
        account = _account(store, email)
        if account.disabled:
            raise BadInput([Problem("account-disabled", Place(store.label), {"found": account.email})])
        address = _link(store, account, secret, base_url=base_url, who=who, at=at, lasts=RESET_LASTS)
    click.echo(words.reset(account.email, address, options.lang, hours=RESET_LASTS // timedelta(hours=1)))


def given_standing(options: Options, url: str, email: str, standing: Standing, *, who: str, at: datetime) -> None:
    """Change what an account may do.

    Raises:
        BadInput: there is no such account, or it is the last administrator's.

    """
    with open_store(url) as store:
        account = _account(store, email)
        store.accounts.set_standing(account.id, standing, who=who, at=at)
    click.echo(words.standing(account.email, standing, options.lang))


def switched(options: Options, url: str, email: str, *, on: bool, who: str, at: datetime) -> None:
    """Disable an account or let it in again.

    Raises:
        BadInput: there is no such account, or it is the last administrator's.

    """
    with open_store(url) as store:
        account = _account(store, email)
        if on:
            store.accounts.enable(account.id, who=who, at=at)
        else:
            store.accounts.disable(account.id, who=who, at=at)
    click.echo(words.switched(account.email, options.lang, on=on))


def granted(options: Options, url: str, email: str, named: str, role: Role, *, who: str, at: datetime) -> None:
    """Make an account a member of a company.

    Raises:
        BadInput: there is no such account or company, or the last owner would be one no more.

    """
    with open_store(url) as store:
        account, company = _account(store, email), company_named(store, named)
        store.accounts.grant(account.id, company.id, role, who=who, at=at)
    click.echo(words.granted(account.email, company.name, role, options.lang))


def _link(
    store: Store, account: Account, secret: bytes, *, base_url: str, who: str, at: datetime, lasts: timedelta
) -> str:
    token = token_of(secret)
    store.accounts.add_link(digest_of(token), "reset", at=at, expires=at + lasts, who=who, account=account.id)
    return f"{base_url.rstrip('/')}/reset/{token}"


def _account(store: Store, email: str) -> Account:
    found = store.accounts.by_email(email)
    if found is None:
        close = nearest(email, [one.email for one in store.accounts.all()])
        raise BadInput([Problem("unknown-account", Place(store.label), {"found": email, "nearest": close})])
    return found


def _row(account: Account, companies: int) -> Json:
    return {
        "id": account.id,
        "email": account.email,
        "name": account.name,
        "standing": account.standing,
        "created": account.created.isoformat(),
        "disabled": account.disabled.isoformat() if account.disabled else None,
        "companies": companies,
    }
