"""An answer is what a company gives for one fact: a value, a range ("5..10"), "unknown", or a mistake to mend."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assistant.company.facts import FactSpec
from assistant.company.lists import Lists
from assistant.errors import nearest
from assistant.logic.values import Range, between
from assistant.units import UNITS, Number, Unit, decimal_text, exact, to_base

UNKNOWN = "unknown"
_UNKNOWN_WORDS = {UNKNOWN, "不清楚", "不知道", "未知"}
_YES = {"是": True, "有": True, "否": False, "无": False, "没有": False}
_RANGE = re.compile(r"\s*(-?[0-9.]+)?\s*(?:\.\.|～|~)\s*(-?[0-9.]+)\s*(\S*)\s*$")
_WITH_UNIT = re.compile(r"\s*(-?[0-9]+(?:\.[0-9]+)?)\s*([^\d\s.]+)\s*$")
_DIGITS = re.compile(r"-?[0-9]+(\.[0-9]+)?$")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}$")
MONEY_PLACES = 6
LARGEST = 10**12  # in the fact's own unit: a hundred times the world's largest company in 万元


class AnswerError(Exception):
    """A mistake in one answer; `code` and `params` as in `errors.Problem`."""

    def __init__(self, code: str, **params: object) -> None:
        """Keep the code and its parameters."""
        self.code = code
        self.params = {key: str(value) for key, value in params.items()}
        super().__init__(code)


class AnswerErrors(Exception):
    """Several mistakes in one answer: a list of events has many places for them."""

    def __init__(self, errors: list[AnswerError]) -> None:
        """Keep the *errors* in the order of their places."""
        self.errors = errors
        super().__init__(", ".join(error.code for error in errors))


class NotListed(AnswerError):
    """An answer that the reference list does not have: asked about, not refused."""


def read_answer(raw: Any, spec: FactSpec, lists: Lists, on: date) -> Any:
    """Return the value of *raw* for the fact *spec*: base units, None for "unknown".

    Raises:
        AnswerError: the answer cannot be used.
        NotListed: an industry code that is well-formed but not in the list.

    """
    if is_unknown(raw):
        return None
    if spec.numeric:
        return read_number(raw, spec)
    match spec.kind:
        case "flag":
            return read_flag(raw)
        case "choice":
            return _choices(raw, spec) if spec.multiple else _choice(raw, spec)
        case "date":
            return read_date(raw, on, future=spec.future)
        case "city":
            return _city(raw, lists)
        case "industry":
            return _industry(raw, lists)
        case "events":
            return _events(raw, spec, lists, on)
        case _:
            return str(raw)


def is_unknown(raw: Any) -> bool:
    """Tell whether *raw* says that the company was asked and does not know."""
    return isinstance(raw, str) and raw.strip().lower() in _UNKNOWN_WORDS


def read_number(raw: Any, spec: FactSpec) -> Number | Range:
    """Return a number, or a range of numbers, in base units."""
    unit = spec.unit
    assert unit is not None
    if isinstance(raw, str):
        return _spoken_number(raw, spec, unit)
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        raise AnswerError("number-expected", found=shown(raw), expected=unit.symbol)
    if spec.kind == "percent" and 0 < raw < 1:
        raise AnswerError("fraction-for-percent", found=raw, meant=decimal_text(exact(raw) * 100), label=spec.label)
    return _checked(exact(raw), spec, unit, str(raw))


def _percent(text: str) -> str:
    return f"{decimal_text(exact(text) * 100)}%"


def _spoken_number(raw: str, spec: FactSpec, unit: Unit) -> Number | Range:
    if found := _RANGE.match(raw):
        low_text, high_text, symbol = found.groups()
        given = _unit(symbol, unit, raw) if symbol else unit
        if low_text is None:
            low_text = str(spec.least) if spec.least is not None else None
        if low_text is None:
            raise AnswerError("range-open", found=raw)
        if spec.kind == "percent" and not symbol and low_text and 0 < exact(high_text) < 1:
            raise AnswerError("fraction-for-percent", found=raw, meant=f"{_percent(low_text)}～{_percent(high_text)}")
        try:
            low: Number = _checked(_in(low_text, given, unit), spec, unit, raw)
            high: Number = _checked(_in(high_text, given, unit), spec, unit, raw)
        except (ValueError, ArithmeticError):
            raise AnswerError("number-expected", found=raw, expected=unit.symbol) from None
        if high < low:
            raise AnswerError("range-reversed", found=raw)
        return between(low, high)
    if found := _WITH_UNIT.match(raw):
        text, symbol = found.groups()
        return _checked(_in(text, _unit(symbol, unit, raw), unit), spec, unit, raw)
    if _DIGITS.match(raw.strip()):
        raise AnswerError("number-as-text", found=raw)
    raise AnswerError("number-expected", found=raw, expected=unit.symbol)


def _in(text: str, given: Unit, unit: Unit) -> Number:
    """Return the number *text*, given in *given*, in the fact's own unit."""
    return exact(Fraction(to_base(text, given)) / unit.factor) if given is not unit else exact(text)


def _unit(symbol: str, unit: Unit, raw: str) -> Unit:
    given = UNITS.get(symbol)
    if given is None or given.dimension != unit.dimension:
        raise AnswerError("wrong-unit", found=raw, expected=unit.symbol)
    return given


def _checked(number: Number, spec: FactSpec, unit: Unit, raw: str) -> Number:
    """Refuse what cannot be: out of bounds, parts of a person, a decimal beyond 分. Returns base units."""
    if spec.least is not None and number < spec.least:
        code = "negative" if spec.least == 0 else "too-small"
        raise AnswerError(code, found=raw, expected=f"{spec.least} {unit.symbol}", label=spec.label)
    if spec.most is not None and number > spec.most:
        raise AnswerError("too-large", found=raw, expected=f"{spec.most} {unit.symbol}", label=spec.label)
    if not -LARGEST <= number <= LARGEST:
        raise AnswerError("too-large", found=raw, expected=f"{LARGEST:,} {unit.symbol}", label=spec.label)
    base = to_base(number, unit)
    if spec.kind == "count" and not isinstance(base, int):
        raise AnswerError("whole-number-expected", found=raw, expected=unit.symbol)
    if spec.kind == "money" and not isinstance(base, int):
        raise AnswerError("too-many-decimals", found=raw, expected=MONEY_PLACES)
    return base


def read_date(raw: Any, on: date, *, future: bool = False) -> date:
    """Return a date; one after *on* only where *future* allows it."""
    if isinstance(raw, str) and _DAY.match(raw):
        raw = _day(raw)
    if not isinstance(raw, date):
        raise AnswerError("date-expected", found=shown(raw))
    if raw > on and not future:
        raise AnswerError("date-in-future", found=raw, on=on)
    if raw.year < 1840:
        raise AnswerError("date-expected", found=raw)
    return raw


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise AnswerError("no-such-day", found=text) from None


def read_flag(raw: Any) -> bool:
    """Return yes or no, in either language."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.strip() in _YES:
        return _YES[raw.strip()]
    raise AnswerError("flag-expected", found=shown(raw))


def _choice(raw: Any, spec: FactSpec) -> str:
    text = "none" if raw is None or raw is False else str(raw).strip()
    if text in spec.choices:
        return text
    by_label = {label: id_ for id_, label in spec.choices.items()}
    if text in by_label:
        return by_label[text]
    close = nearest(text, [*spec.choices, *by_label])
    raise AnswerError(
        "unknown-value",
        name=spec.label,
        found=text,
        expected="、".join(f"{id_}（{label}）" for id_, label in spec.choices.items()),
        nearest=close,
        label=spec.choices.get(close, ""),
    )


def _choices(raw: Any, spec: FactSpec) -> tuple[str, ...]:
    listed = raw if isinstance(raw, list) else [raw]
    if len(listed) < (spec.least or 0):
        raise AnswerError("choice-missing", expected="、".join(spec.choices))
    return tuple(dict.fromkeys(_choice(item, spec) for item in listed))


def _city(raw: Any, lists: Lists) -> str:
    text = str(raw).strip()
    for name in (lists.cities.get(text, text), f"{text}市"):
        if name in lists.city_names:
            return name
    raise AnswerError("unknown-city", found=text, nearest=nearest(text, lists.city_names), label="")


def _industry(raw: Any, lists: Lists) -> tuple[str, ...]:
    text = str(raw).strip().upper()
    letter, digits = (text[0], text[1:]) if text[:1].isalpha() else ("", text)
    if not re.fullmatch(r"[A-T]?\d{0,4}", text) or not text:
        raise AnswerError("industry-form", found=shown(raw))
    chain = lists.ancestors(digits or letter)
    if not chain:
        raise NotListed("industry-not-listed", found=text, nearest=nearest(digits, lists.industries) if digits else "")
    if letter and chain[0] != letter:
        raise AnswerError(
            "industry-letter", found=text, expected=f"{chain[0]}{digits}", label=lists.industries[digits][0]
        )
    return chain


def _events(raw: Any, spec: FactSpec, lists: Lists, on: date) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(raw, list):
        raise AnswerError("list-expected", found=shown(raw), expected=", ".join(spec.fields))
    errors: list[AnswerError] = []
    entries = tuple(_event(number, entry, spec, lists, on, errors) for number, entry in enumerate(raw, 1))
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise AnswerErrors(errors)
    return entries


def _event(
    number: int, entry: Any, spec: FactSpec, lists: Lists, on: date, errors: list[AnswerError]
) -> Mapping[str, Any]:
    if not isinstance(entry, dict):
        errors.append(AnswerError("list-expected", found=shown(entry), expected=", ".join(spec.fields), path=number))
        return {}
    for key in entry:
        if key not in spec.fields:
            close = nearest(str(key), spec.fields)
            at = f"{number}.{key}"
            errors.append(AnswerError("unknown-field", found=key, name=spec.label, nearest=close, label="", path=at))
    read: dict[str, Any] = {}
    for name, inner in spec.fields.items():
        if name in entry:
            try:
                read[name] = read_answer(entry[name], inner, lists, on)
            except AnswerError as error:
                error.params = {"label": inner.label, **error.params, "path": f"{number}.{name}"}
                errors.append(error)
    return read


def shown(raw: Any) -> str:
    """Return *raw* as the user would recognise it in a message, cut short."""
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    text = "（空）" if raw is None else str(raw)
    return text if len(text) <= 40 else text[:39] + "…"
