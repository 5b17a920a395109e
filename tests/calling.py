"""Calling the interface in tests: the real application on a real store, asked as a program would ask it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

from httpx2 import ASGITransport, AsyncClient

from assistant.delivery.revision import NAMESPACE
from assistant.service.store.records import Account
from assistant.service.store.tokens import digest_of
from assistant.sources import parse
from assistant.web.api.answers import answer
from assistant.web.identity import secret_text
from tests.serving import PATIENCE, profile_text
from tests.visiting import House

PREFIX = "/api/v1"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        """The body as plain data."""
        return json.loads(self.body)

    @property
    def codes(self) -> list[str]:
        """The mistakes that a refusal lists: where, and of what kind."""
        return [f"{one['place']}{one['pointer']} {one['code']}" for one in self.data["errors"]]


class Program:
    """A program with a token, or without."""

    def __init__(self, house: House, token: str | None = None, *, host: str = "127.0.0.1") -> None:
        """Ask the application of *house* from the machine *host*, under the same name."""
        self._house = house
        self._host = host
        self._given = {"authorization": f"Bearer {token}"} if token is not None else {}

    def ask(
        self, method: str, path: str, data: Any = None, *, raw: bytes | list[bytes] | None = None, **headers: str
    ) -> Reply:
        """Return the answer to *data* sent as JSON, or to a *raw* body; *headers* are written with underscores.

        A list goes out piece by piece, and does not say how much it is.
        """
        sent = {**self._given, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if raw is None and data is not None:
            raw = json.dumps(data, ensure_ascii=False).encode()
        if raw is not None:
            sent.setdefault("content-type", "application/json")

        async def asked() -> Reply:
            transport = ASGITransport(app=self._house.app, client=(self._host, 50000), raise_app_exceptions=False)
            address = f"http://{self._host}"
            async with AsyncClient(transport=transport, base_url=address, timeout=PATIENCE) as client:
                content = _pieces(raw) if isinstance(raw, list) else raw
                found = await client.request(method, path, content=content, headers=sent)
                return Reply(found.status_code, found.headers, found.content)

        with ThreadPoolExecutor(1) as thread:  # where no loop of a driven browser runs
            return thread.submit(asyncio.run, asked()).result()

    def get(self, path: str, **headers: str) -> Reply:
        """Return what is at *path* under the prefix."""
        return self.ask("GET", PREFIX + path, raw=None, **headers)

    def post(self, path: str, data: Any, **headers: str) -> Reply:
        """Send *data* to *path* under the prefix."""
        return self.ask("POST", PREFIX + path, data, raw=None, **headers)

    def put(self, path: str, data: Any, **headers: str) -> Reply:
        """Put *data* at *path* under the prefix."""
        return self.ask("PUT", PREFIX + path, data, raw=None, **headers)


async def _pieces(raw: list[bytes]) -> AsyncIterator[bytes]:
    for piece in raw:
        yield piece


def token_for(house: House, account: Account, name: str = "program") -> str:
    """Return the text of a new token of *account*."""
    token = secret_text(house.entropy(32))
    digest = digest_of(token)
    house.store.accounts.add_api_token(digest[:16], account.id, name, digest, at=house.clock())
    return token


def company_of(house: House, owner: Account, sample: str = "valve-maker") -> str:
    """Add a sample as a company of *owner* and return its id."""
    identity = str(uuid5(NAMESPACE, f"{sample} {owner.id}"))
    house.store.add_company(identity, sample, profile_text(sample), who="test", at=house.clock(), owner=owner.id)
    return identity


def as_json(sample: str) -> Any:
    """Return a sample's profile as a program has it."""
    return json.loads(bytes(answer(parse(profile_text(sample), name=sample).data).body))
