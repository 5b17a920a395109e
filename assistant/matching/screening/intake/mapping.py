"""A mapping file says what the headers of a foreign table mean where that does not show.

销售额: revenue_2025
研发投入(千元): {column: rd_expense_2025, unit: 千元}
备注:                                      # not used
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.company.writing import written
from assistant.errors import nearest
from assistant.matching.screening.frame import RECOGNITIONS, asked_of
from assistant.matching.screening.intake.answers import units_of
from assistant.matching.screening.intake.headers import IDENTITY, Matched, Target, is_column
from assistant.rulebook.book import Rulebook
from assistant.sources import Source


def read_mapping(source: Source, rulebook: Rulebook) -> Mapping[str, Target]:
    """Return what a mapping file says of each header.

    Raises:
        BadInput: with every mistake in it.

    """
    data = source.data or {}
    if not isinstance(data, dict):
        source.report("not-a-mapping")
        data = {}
    found = {str(header): _target(source, str(header), said, rulebook) for header, said in data.items()}
    source.done()
    return found


def _target(source: Source, header: str, said: object, rulebook: Rulebook) -> Target:
    target = Target(str(said or ""))
    if isinstance(said, dict):
        for key in said:
            if key not in ("column", "unit"):
                source.report("unknown-key", (header, key), found=key, nearest=nearest(str(key), ("column", "unit")))
        target = Target(str(said.get("column") or ""), str(said.get("unit") or ""))
    if not target.column:
        return target
    if not is_column(target.column, rulebook):
        known = [
            *rulebook.dictionary.facts,
            *IDENTITY,
            *(f"{RECOGNITIONS}.{id_}" for id_ in rulebook.lists.recognitions),
        ]
        source.report("mapping-column", (header,), found=target.column, nearest=nearest(target.column, known))
        return target
    spec = asked_of(target.column, rulebook)
    units = units_of(spec) if spec else {}
    if target.unit and target.unit not in units:
        label = spec.label if spec else target.column
        source.report("mapping-unit", (header,), found=target.unit, label=label, expected="、".join(units))
    return target


def mapping_text(matched: Sequence[Matched]) -> str:
    """Return a mapping file for a table's headers: what is known as it is, what is proposed as a comment."""
    lines: dict[str, str] = {}
    for one in matched:
        key = written(one.header)
        if one.header in lines or not one.header:
            continue
        if one.is_used:
            said = written({"column": one.column, "unit": one.unit}) if one.unit else one.column
            lines[one.header] = f"{key}: {said}"
        else:
            lines[one.header] = f"{key}:" + (f"   # {one.status}: {one.nearest}" if one.nearest else "")
    return "\n".join(lines.values()) + "\n"
