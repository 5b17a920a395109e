"""The work of `assistant remind`: recipients and channels, what is to come, sending, what became of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

import click

from assistant.cli.assessing import dumped
from assistant.cli.context import Options
from assistant.cli.couriers import courier, sealer
from assistant.cli.inputs import rulebook
from assistant.cli.storing import company_named
from assistant.delivery import reminder_tables as tables
from assistant.delivery.channels.http import Client
from assistant.delivery.channels.letters import is_address
from assistant.delivery.channels.registry import OFFICIAL, channels
from assistant.delivery.reminders import KINDS, LEADS
from assistant.delivery.revision import day_of
from assistant.delivery.wording import reminding as words
from assistant.errors import BadInput, Place, Problem, nearest
from assistant.matching.match import Matcher
from assistant.service.deliver import trials
from assistant.service.dispatch import EMAIL, dispatch
from assistant.service.dossier import Dossiers
from assistant.service.press import Press
from assistant.service.publish import Composer, occasion_of
from assistant.service.reminding import preview
from assistant.service.store.records import ChannelRecord, Recipient
from assistant.service.store.store import Store, open_store
from assistant.settings import private_webhooks, robot_addresses


def planned(options: Options, url: str, named: str, *, days: int, form: str, now: datetime) -> None:
    """Print what everybody would be told in the next days."""
    composer = Composer(Matcher(rulebook(options)), options.lang)
    with open_store(url) as store:
        company = company_named(store, named)
        occasion = occasion_of(store.inputs(company.id), composer, now)
        people = [one for one in occasion.inputs.recipients if one.stopped is None]
        shown = [(one, preview(occasion, one, now, days=days)) for one in people]
    rows = [
        {
            "recipient": one.name or one.email,
            "due": row.due.isoformat(),
            "kind": row.kind,
            "confirmed": row.confirmed,
            "title": json.loads(row.body)["title"],
            "key": row.key,
        }
        for one, found in shown
        for row in found
    ]
    if form == "json":
        click.echo(dumped({"company": company.id, "reminders": rows}))
    else:
        tables.plan(rows, options.lang)


def due(options: Options, url: str, form: str, *, now: datetime) -> None:
    """Print what is due now, and how the outbox stands."""
    with open_store(url) as store:
        waiting = [
            {"recipient": one.name or one.email, "company": one.company}
            for one in map(store.addressees.recipient, store.outbox.due(now))
            if one is not None
        ]
        counts = store.outbox.counts()
    if form == "json":
        click.echo(dumped({"due": waiting, "messages": counts}))
    else:
        tables.due(waiting, counts, options.lang)


def sent(options: Options, url: str, base_url: str, *, lanes: int, now: datetime) -> bool:
    """Plan anew where something changed, queue what is due and send what waits; tell whether all went well."""
    composer = Composer(Matcher(rulebook(options)), options.lang, base_url)
    with open_store(url) as store:
        press = Press(store, composer, "", lambda: now, Dossiers(store, composer.matcher))
        built = [press.publish(company) for company in store.due(day_of(now), failed_before=now)]
        messenger = courier(store, url, base_url)
        queued = dispatch(store, now)
        taken = messenger.deliver(lanes=lanes)
        counts = store.outbox.counts()
    click.echo(words.sent_text(len(built), queued, taken, counts.get("pending", 0), options.lang))
    return all(built)


def logged(options: Options, url: str, named: str, *, limit: int, form: str) -> None:
    """Print the messages of a company and every try to hand one over."""
    with open_store(url) as store:
        company = company_named(store, named)
        messages = store.outbox.messages(company.id, limit=limit)
        attempts = store.outbox.attempts([one.id for one in messages])
        people = {one.id: one.name or one.email for one in store.addressees.recipients(company.id)}
        names = {one.id: one.name for one in store.addressees.channels(company.id)}
    rows = [
        {
            "id": one.id,
            "recipient": people.get(one.recipient or "", ""),
            "channel": names.get(one.channel, one.channel) if one.channel else EMAIL,
            "state": one.state,
            "created": one.created.isoformat(),
            "titles": [told["title"] for told in json.loads(one.body).get("reminders", ())],
            "attempts": [
                {**asdict(tried), "at": tried.at.isoformat()} for tried in attempts if tried.message == one.id
            ],
        }
        for one in messages
    ]
    if form == "json":
        click.echo(dumped({"company": company.id, "messages": rows}))
    else:
        tables.log(rows, options.lang)


def tested(
    options: Options, url: str, named: str, recipient: str, base_url: str, *, now: datetime, chance: str
) -> bool:
    """Send a test message to every channel of a recipient; tell whether each was taken."""
    with open_store(url) as store:
        company = company_named(store, named)
        person = recipient_named(store, company.id, recipient)
        found = trials(courier(store, url, base_url), person, now, chance)
    for name, receipt in found:
        click.echo(words.trial_text(name, receipt.outcome, receipt.code, receipt.answer, options.lang))
    return all(receipt.outcome == "sent" for _, receipt in found)


def added(
    options: Options,
    url: str,
    named: str,
    *,
    identity: str,
    at: datetime,
    who: str,
    name: str,
    email: str,
    channels: Sequence[str],
    kinds: Sequence[str],
    leads: Sequence[int],
    own: bool,
    language: str,
) -> None:
    """Add a recipient."""
    with open_store(url) as store:
        company = company_named(store, named)
        known = {one.name: one.id for one in store.addressees.channels(company.id)}
        problems = [
            Problem("unknown-channel", Place("--channel"), {"found": one, "nearest": nearest(one, known)})
            for one in channels
            if one not in known
        ]
        problems += [
            Problem("unknown-kind", Place("--kind"), {"found": one, "nearest": nearest(one, KINDS)})
            for one in kinds
            if one not in KINDS
        ]
        if email and not is_address(email):
            problems.append(Problem("recipient-email", Place("--email"), {"found": email}))
        if not email and not channels:
            problems.append(Problem("recipient-unreachable", Place(name)))
        if problems:
            raise BadInput(problems)
        ways = (*((EMAIL,) if email else ()), *(known[one] for one in channels))
        chosen = tuple(sorted(set(leads), reverse=True)) or LEADS
        person = Recipient(
            identity, company.id, name, email, ways, tuple(kinds) or KINDS, chosen, at, own=own, lang=language
        )
        store.addressees.add(person, who=who)
    click.echo(words.added_text(name, options.lang))


def listed(options: Options, url: str, named: str, form: str) -> None:
    """Print the recipients and channels of a company."""
    with open_store(url) as store:
        company = company_named(store, named)
        ways = store.addressees.channels(company.id)
        people = store.addressees.recipients(company.id)
    names = {one.id: one.name for one in ways} | {EMAIL: EMAIL}
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "email": one.email,
            "channels": [names[way] for way in one.channels if way in names],
            "kinds": list(one.kinds),
            "leads": list(one.leads),
            "own": one.own,
            "language": one.lang,
            "paused": one.paused.isoformat() if one.paused else None,
            "stopped": one.stopped.isoformat() if one.stopped else None,
        }
        for one in people
    ]
    told = [
        {"id": one.id, "kind": one.kind, "name": one.name, "failures": one.failures, "answer": one.answer}
        for one in ways
    ]
    if form == "json":
        click.echo(dumped({"company": company.id, "recipients": rows, "channels": told}))
    else:
        tables.people(rows, told, options.lang)


def stopped(options: Options, url: str, named: str, recipient: str, *, who: str, at: datetime) -> None:
    """Remind somebody no more."""
    with open_store(url) as store:
        person = recipient_named(store, company_named(store, named).id, recipient)
        store.addressees.change(replace(person, stopped=at), who=who, at=at)
    click.echo(words.stopped_text(person.name or person.email, options.lang))


def channel(
    options: Options, url: str, named: str, *, identity: str, at: datetime, kind: str, name: str, remove: bool, who: str
) -> None:
    """Add a channel, or remove it; its address and secret come from the terminal, or from standard input."""
    with open_store(url) as store:
        company = company_named(store, named)
        known = {one.name: one.id for one in store.addressees.channels(company.id)}
        if remove:
            if name not in known:
                params = {"found": name, "nearest": nearest(name, known)}
                raise BadInput([Problem("unknown-channel", Place("--name"), params)])
            store.addressees.remove_channel(company.id, known[name], who=who, at=at)
            click.echo(words.channel_text(name, options.lang, removed=True))
            return
        if name in known:
            raise BadInput([Problem("channel-known", Place(name))])
        seals = sealer(url)
        if seals is None:
            raise BadInput([Problem("sealing-key-missing", Place("ASSISTANT_KEY"))])
        offered = channels(Client(), None, {**OFFICIAL, **robot_addresses()}, private=private_webhooks())
        if kind not in offered:
            raise BadInput([Problem("channel-unavailable", Place(kind))])
        given = {"url": _asked("url", options.lang), "secret": _asked("secret", options.lang)}
        address = offered[kind].address(given)
        record = ChannelRecord(identity, company.id, kind, name, seals.seal(address), at)
        store.addressees.add_channel(record, who=who)
    click.echo(words.channel_text(name, options.lang, removed=False))


def recipient_named(store: Store, company: str, text: str) -> Recipient:
    """Return the recipient of the company that is called so, or has that address or id.

    Raises:
        BadInput: there is none.

    """
    known = store.addressees.recipients(company)
    for one in known:
        if text in (one.id, one.email, one.name) or text.casefold() == one.email.casefold():
            return one
    close = nearest(text, [one.name or one.email for one in known])
    raise BadInput([Problem("unknown-recipient", Place(store.label), {"found": text, "nearest": close})])


def _asked(what: str, lang: str) -> str:
    """Return what is typed unseen, or the next line of standard input."""
    if sys.stdin.isatty():
        typed: str = click.prompt(words.asked_text(what, lang), default="", hide_input=True, show_default=False)
        return typed
    return sys.stdin.readline().strip()
