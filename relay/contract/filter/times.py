"""ISO 8601 times, in the one form that filters and bodies are read in: a date, and maybe a time and an offset."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as clock
from typing import NamedTuple

from relay.contract.filter.values import Day, Instant, Limit
from relay.contract.moments import microseconds

_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_OFFSET = r"(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)"
_TIME = re.compile(rf"{_DATE}(?:[Tt ][0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]+)?)?{_OFFSET}?)?")
_DATE_LENGTH = len("2026-11-23")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_US = Day(date.min).first_us
_LAST_US = Day(date.max).last_us


class LocalDay(NamedTuple):
    """A day of another zone than UTC, which may be longer or shorter than 24 hours."""

    first: Instant
    last: Instant


def time_us(text: str) -> int | None:
    """Return microseconds since the epoch, or `None` if `text` is no time.

    A date alone is its first moment; a time without an offset is in UTC; smaller digits than microseconds are cut.
    """
    return microseconds(text.upper()) if _TIME.fullmatch(text) else None


def moment(text: str, zone: tzinfo) -> Instant | Day | LocalDay | None:
    """Return the moment that a filter means by `text`, `None` if it is none; without an offset it is in `zone`."""
    if not _TIME.fullmatch(text):
        return None
    try:
        if len(text) == _DATE_LENGTH:
            return _day(date.fromisoformat(text), zone)
        when = datetime.fromisoformat(text.upper())
        us = _us(when if when.tzinfo else when.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return None
    return Instant(us) if _FIRST_US <= us <= _LAST_US else None


def _day(day: date, zone: tzinfo) -> Day | LocalDay:
    if zone is UTC:
        return Day(day)
    first = _us(datetime.combine(day, clock.min, zone))
    last = _us(datetime.combine(day, clock.max, zone).replace(fold=1))
    return LocalDay(Instant(max(first, _FIRST_US)), Instant(min(last, _LAST_US)))


def _us(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(microseconds=1)


def first(limit: Limit | LocalDay) -> Limit:
    """Return where a limit begins: of a local day its first moment, of anything else itself."""
    return limit.first if isinstance(limit, LocalDay) else limit


def last(limit: Limit | LocalDay) -> Limit:
    """Return where a limit ends: of a local day its last moment, of anything else itself."""
    return limit.last if isinstance(limit, LocalDay) else limit
