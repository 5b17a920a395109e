"""Dossiers in the store: what pages show of a company, part by part, as it was built last.

Every part carries the key of what it was built from; under another key it is out of date, and good for nothing else
than a glance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Engine, delete, insert, select

from assistant.service.store import schema
from assistant.service.store.engine import transaction

_dossier = schema.dossier.c
_AT_ONCE = 500  # companies named in one query


class DossierRows:
    """The dossiers of one store; bodies are compressed JSON."""

    def __init__(self, engine: Engine, label: str) -> None:
        """Work on the store behind *engine*, called *label* in messages."""
        self._engine = engine
        self._label = label

    def part(self, company: str, part: str) -> tuple[str, bytes] | None:
        """Return a part with its key, as it was built last."""
        asked = select(_dossier.key, _dossier.body).where(_dossier.company == company, _dossier.part == part)
        with transaction(self._engine, self._label) as db:
            row = db.execute(asked).one_or_none()
            return (row[0], row[1]) if row else None

    def parts(self, companies: Sequence[str], part: str) -> Mapping[str, bytes]:
        """Return one part of many companies, of those that have it."""
        found: dict[str, bytes] = {}
        with transaction(self._engine, self._label) as db:
            for start in range(0, len(companies), _AT_ONCE):
                some = companies[start : start + _AT_ONCE]
                asked = select(_dossier.company, _dossier.body).where(_dossier.part == part)
                found |= dict(db.execute(asked.where(_dossier.company.in_(some))).all())
        return found

    def put(self, company: str, key: str, parts: Mapping[str, bytes]) -> None:
        """Put a whole dossier in the place of the last one."""
        rows: Iterable[Mapping[str, object]] = [
            {"company": company, "part": part, "key": key, "body": body} for part, body in parts.items()
        ]
        with transaction(self._engine, self._label, writes=True) as db:
            if db.execute(select(schema.company.c.id).where(schema.company.c.id == company)).first() is None:
                return
            db.execute(delete(schema.dossier).where(_dossier.company == company))
            db.execute(insert(schema.dossier), list(rows))
