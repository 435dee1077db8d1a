"""A time as a user writes it, and the first event that was received at or after it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from relay.contract.events import EventSummary
from relay.contract.moments import microseconds, rfc3339
from relay.contract.quantities import QuantityError, parse_duration
from relay.contract.text import plain
from tui.model.byvalue import joined
from tui.model.clock import Clock
from tui.model.filtering import Choice
from tui.model.search import Passed
from tui.model.source import Source

EXAMPLES = "14:05   2026-11-23 14:05   -10m   now"
PROBE = 50
"""Events that are read at a place of the log to learn when it was written."""

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6})\d*)?)?")
_DAY = re.compile(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})")
_NAMED_DAYS = {"today": 0, "yesterday": 1}
_A_DAY = timedelta(days=1)


class NoTime(ValueError):
    """A text that is no time; says what one looks like, without a full stop."""


def read_time(text: str, clock: Clock) -> int:
    """Read a time as microseconds since the epoch. Raises `NoTime`.

    A time of day is the last one that there was, today's or yesterday's; a day without a year is the last such
    day; `10m` and `-10m` are so long ago. A time without an offset is in the zone of the screen.
    """
    text = " ".join(text.split())
    if text == "now":
        return clock.now_us
    try:
        return clock.now_us - parse_duration(text.removeprefix("-")) // timedelta(microseconds=1)
    except QuantityError:
        pass
    try:
        return _absolute(text, clock)
    except (ValueError, OverflowError, OSError):
        what = f"{plain(text, 40)} is no time" if text else "Which time"
        raise NoTime(f"{what}: write one as in {EXAMPLES}") from None


def _absolute(text: str, clock: Clock) -> int:
    wall = _on_the_wall(text, clock.wall)
    if wall is not None:
        return clock.us_of(wall)
    moment = datetime.fromisoformat(text)
    return clock.us_of(moment) if moment.tzinfo is None else _us(moment)


def _on_the_wall(text: str, now: datetime) -> datetime | None:
    """Read a time without an offset; None for what is written otherwise. Raises `ValueError`."""
    if _CLOCK.fullmatch(text):
        moment = _at(now, text)
        return moment if moment <= now else moment - _A_DAY
    day, _, hour = text.replace("T", " ", 1).partition(" ")
    if hour and not _CLOCK.fullmatch(hour):
        return None
    if day in _NAMED_DAYS:
        return _at(now - _NAMED_DAYS[day] * _A_DAY, hour)
    written = _DAY.fullmatch(day)
    if written is None:
        return None
    year, month, number = written.groups()
    date = now.replace(year=int(year or now.year), month=int(month), day=int(number))
    moment = _at(date, hour)
    return moment if year or moment <= now else moment.replace(year=now.year - 1)


def _at(day: datetime, hour: str) -> datetime:
    """Give a time of a day, its first moment where none is written."""
    written = _CLOCK.fullmatch(hour)
    hours, minutes, seconds, fraction = written.groups() if written is not None else ("0", "0", None, None)
    micros = int((fraction or "0").ljust(6, "0"))
    return day.replace(hour=int(hours), minute=int(minutes), second=int(seconds or 0), microsecond=micros)


def _us(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


async def first_since(
    source: Source, choice: Choice, us: int, last_seq: int, passed: Passed | None = None
) -> int | None:
    """Give the seq of the first event of the stream that was received at or after a time; None where none was.

    The log is in the order of receipt, so that its middle tells which half to look in: a few short questions,
    whatever its length. Imported events keep the time at which they were received elsewhere, and are passed over
    unless there are no others. `passed` is told how far the look for the event itself came.
    Raises `SourceError`.
    """
    if await _received_after(source, 0) is None:
        later = choice._replace(text=joined(choice.text, f"received:>={rfc3339(us)}"))
        return await _first_after(source, later, 0, passed)
    low, high = 0, last_seq
    while low < high:
        middle = (low + high) // 2
        event = await _received_after(source, middle)
        if event is None or (microseconds(event.received_at) or 0) >= us:
            high = middle
        else:
            low = event.seq
    return await _first_after(source, choice, high, passed)


async def _received_after(source: Source, seq: int) -> EventSummary | None:
    """Give the first event above a seq that came to this log by HTTP."""
    place: int | None = seq
    while place is not None:
        page = await source.page("", after=place, limit=PROBE)
        for event in page.events:
            if not event.imported:
                return event
        place = page.next
    return None


async def _first_after(source: Source, choice: Choice, seq: int, passed: Passed | None) -> int | None:
    place: int | None = seq
    while place is not None:
        page = await source.page(choice.text, after=place, types=choice.types, limit=1)
        if page.events:
            return page.events[0].seq
        place = page.next
        if passed is not None and place is not None:
            await passed(place)
    return None
