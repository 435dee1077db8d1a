"""The text of a value as the test it stands for, which depends on what the field holds.

Errors have columns that count from the first character of the text they were given.
"""

from __future__ import annotations

import math
from datetime import timedelta, tzinfo

from relay.contract.filter.errors import FilterError
from relay.contract.filter.fields import Field
from relay.contract.filter.quoting import unquote, unquote_parts
from relay.contract.filter.terms import Kind, kind_of
from relay.contract.filter.times import LocalDay, first, last, moment
from relay.contract.filter.values import (
    LITERALS,
    NUMBER,
    Above,
    At,
    Below,
    Between,
    Day,
    Digits,
    Equals,
    Instant,
    Like,
    Limit,
    Literal,
    Test,
)
from relay.contract.quantities import QuantityError, parse_duration, parse_size

_EXAMPLES = {
    Kind.ANY: ["a number, as in 5", "a time, as in 2026-11-23T10:00"],
    Kind.NUMBER: ["a number, as in 5"],
    Kind.SIZE: ["a size, as in 10k"],
    Kind.TIME: ["a time, as in 2026-11-23T10:00", "a day, as in 2026-11-23"],
    Kind.AGE: ["a duration, as in 10m"],
    Kind.DURATION: ["a duration, as in 30s"],
}


def equal(field: Field, text: str, zone: tzinfo) -> Test:
    """Read a value that stands by itself."""
    kind = kind_of(field)
    if kind in (Kind.AGE, Kind.DURATION):
        raise FilterError(
            f"{field} has to be compared, as in {field}:{'<10m' if kind is Kind.AGE else '>30s'}",
            column=1,
            length=len(text),
            expected=["<", "<=", ">", ">=", "a range"],
            suggestion=f"<{text}",
        )
    if kind in (Kind.ANY, Kind.TEXT):
        return Literal(LITERALS[text]) if text in LITERALS else _text(text)
    if text == "null":
        return Literal(None)
    if kind is Kind.TIME:
        when = _moment(field, text, zone)
        return Between(when.first, when.last) if isinstance(when, LocalDay) else At(when)
    return Digits(text if NUMBER.fullmatch(text) else str(_number(field, text)))


def _text(text: str) -> Test:
    if text.startswith('"'):
        parts = unquote_parts(text)
    elif NUMBER.fullmatch(text):
        return Digits(text)
    else:
        parts = text.split("*")
    return Equals(parts[0]) if len(parts) == 1 else Like(tuple(parts))


def limit(field: Field, text: str, zone: tzinfo) -> Limit | LocalDay:
    """Read a value that others are compared with."""
    match kind_of(field):
        case Kind.TEXT:
            raise FilterError(f"{field} is text, which < > and ranges do not compare", column=1, length=len(text))
        case Kind.AGE | Kind.DURATION:
            return _age(field, text)
        case Kind.TIME:
            return _moment(field, text, zone)
        case Kind.ANY if (when := moment(_bare(text), zone)) is not None:
            return when
    return _number(field, text)


def compare(operator: str, limit: Limit | LocalDay) -> Test:
    """Build the test of ``<``, ``<=``, ``>`` or ``>=``."""
    inclusive = operator.endswith("=")
    if operator.startswith("<"):
        return Below(last(limit) if inclusive else first(limit), inclusive)
    return Above(first(limit) if inclusive else last(limit), inclusive)


def between(low: Limit | LocalDay, high: Limit | LocalDay, length: int) -> Test:
    """Build the test of a range that was written in `length` characters."""
    test = Between(first(low), last(high))
    low_unit, lowest = _measure(test.low, end=False)
    high_unit, highest = _measure(test.high, end=True)
    if low_unit != high_unit:
        raise FilterError("the ends of a range have to be of one kind", column=1, length=length)
    if lowest > highest:
        raise FilterError(
            "this range ends before it begins",
            column=1,
            length=length,
            suggestion=str(Between(test.high, test.low)),
        )
    return test


def _measure(limit: Limit, *, end: bool) -> tuple[str, int | float]:
    match limit:
        case Instant() | Day():
            return "time", limit.last_us if end else limit.first_us
        case timedelta():
            return "age", limit // timedelta(microseconds=1)
    return "number", limit


def _moment(field: Field, text: str, zone: tzinfo) -> Instant | Day | LocalDay:
    when = moment(_bare(text), zone)
    if when is None:
        raise _unfit(field, text)
    return when


def _age(field: Field, text: str) -> timedelta:
    try:
        return parse_duration(text)
    except QuantityError:
        raise _unfit(field, text) from None


def _number(field: Field, text: str) -> int | float:
    if not NUMBER.fullmatch(text):
        return _size(field, text)
    if text.removeprefix("-").isdigit():
        return int(text)
    number = float(text)
    if math.isinf(number):
        raise FilterError("this number is too large to compare with", column=1, length=len(text))
    return number


def _size(field: Field, text: str) -> int:
    try:
        if kind_of(field) is Kind.SIZE:
            return parse_size(text)
    except QuantityError:
        pass
    raise _unfit(field, text)


def _unfit(field: Field, text: str) -> FilterError:
    kind = kind_of(field)
    message = f"{field} takes {kind}" if kind is not Kind.ANY else "< > and ranges compare numbers and times"
    return FilterError(message, column=1, length=len(text), expected=_EXAMPLES[kind])


def _bare(text: str) -> str:
    return unquote(text) if text.startswith('"') else text
