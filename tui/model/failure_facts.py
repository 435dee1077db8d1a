"""What is told of one cause: an example in full, how often and since when, of what, and the commits before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from relay.contract.api import Group
from relay.contract.events import EventDetail, EventSummary
from relay.contract.moments import microseconds
from tui.model.alike import is_masked
from tui.model.clock import Clock, span
from tui.model.counting import CHANNEL, DETAILS, REASON, URL, About
from tui.model.failures import Cause, Failures, Kind
from tui.model.items import Cell, Fact, Heading, Item, Keys, Note, Place, Row, Table, Title

MOST_BEFORE = 3
"""Commits that are told of from before a cause began."""
MOST_NEWEST = 8
"""Events of a cause that are told of."""


def told(
    cause: Cause, failures: Failures, example: EventDetail | None, about: About | None, clock: Clock
) -> Iterator[Item]:
    """Tell of a cause; what was not read yet is left out."""
    last = failures.last(cause)
    if last is not None:
        yield Title(
            last.type, example.reading if example is not None and example.seq == last.seq else last.reading
        )
    yield from _when(cause, failures, clock)
    yield from _says(cause, example or last)
    if about is not None:
        yield from _of("workflows", about.workflows, "workflow")
        yield from _of("channels", about.channels, CHANNEL)
        yield from _of("providers", about.providers, "provider")
    yield from _began_after(cause, failures, clock)
    if about is not None and about.newest:
        yield None
        yield Heading("Newest", "Enter shows all of them on the screen of events")
        yield Table(tuple(_event(event, clock) for event in reversed(about.newest)))


def _says(cause: Cause, example: EventSummary | EventDetail | None) -> Iterator[Item]:
    """Give the reason and the details in full, as the newest event has them."""
    if cause.kind is Kind.LINK:
        yield Fact("link", cause.what, path=URL, raw=cause.what)
        return
    if example is None:
        return
    for name, path in (("reason", REASON), ("details", DETAILS)):
        value = _at(example.event_data, path[1:])
        if value is not None and value != "":
            yield Fact(name, str(value), path=path, raw=value)
    if is_masked(cause.details):
        yield Fact("alike", cause.details, "quiet")
    if example.truncated and not isinstance(example, EventDetail):
        yield Note("Cut short; the event has all of it.")


def _at(value: object, path: Keys) -> object:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _when(cause: Cause, failures: Failures, clock: Clock) -> Iterator[Item]:
    first, last = failures.first(cause), failures.last(cause)
    recent = sum(cause.per_minute)
    alike = sum(row.count for row in failures.rows if isinstance(row, Cause) and row.kind is cause.kind)
    share = f"{cause.count * 100 / alike:.0f} % of {alike:,}, " if alike and cause.count < alike else ""
    yield Fact("times", f"{cause.count:,}", note=f"{share}{recent:,} in the last hour")
    if first is not None:
        yield Fact("first", clock.full(first.received_at), note=_ago(first, clock.now_us))
        yield from _after(cause, first, failures)
    if last is not None and cause.count > 1:
        yield Fact("last", clock.full(last.received_at), note=_ago(last, clock.now_us))


def _after(cause: Cause, first: EventSummary, failures: Failures) -> Iterator[Item]:
    """Say in a line which commit was the last one before the first event."""
    for commit in failures.commits.before(cause.first_seq, 1) if cause.kind is not Kind.LINK else ():
        yield Fact("after", commit.reading, "event-template", f"{commit.type}, {_before(commit, first)}")


def _before(commit: EventSummary, first: EventSummary) -> str:
    us, first_us = microseconds(commit.received_at), microseconds(first.received_at)
    return "" if us is None or first_us is None else f"{span(max(first_us - us, 0))} before"


def _ago(event: EventSummary, now_us: int) -> str:
    us = microseconds(event.received_at)
    return "" if us is None else f"{span(max(now_us - us, 0))} ago"


def _of(name: str, groups: Sequence[Group], field: Place) -> Iterator[Item]:
    """Give the values of a field with their counts; a single one needs none."""
    if len(groups) == 1:
        value = groups[0].value
        yield Fact(name.removesuffix("s"), str(value), path=field, raw=value)
    for number, group in enumerate(groups if len(groups) > 1 else ()):
        yield Fact(
            name if not number else "", str(group.value), note=f"{group.count:,}", path=field, raw=group.value
        )


def _began_after(cause: Cause, failures: Failures, clock: Clock) -> Iterator[Item]:
    """Give the last commits before the first event: one of them may be why."""
    first = failures.first(cause)
    if first is None or cause.kind is Kind.LINK:
        return
    before = failures.commits.before(cause.first_seq, MOST_BEFORE)
    if not before:
        return
    yield None
    yield Heading("It began after", "what was committed or promoted before the first of them")
    yield Table(tuple(_commit(commit, first, clock) for commit in before))


def _commit(commit: EventSummary, first: EventSummary, clock: Clock) -> Row:
    cells = (
        Cell(clock.short(commit.received_at), "quiet"),
        Cell(_before(commit, first), "quiet"),
        Cell(commit.reading),
        Cell(commit.type, "quiet"),
    )
    return Row(cells, commit.type, copy=commit.reading, name="commit")


def _event(event: EventSummary, clock: Clock) -> Row:
    cells = (
        Cell(clock.short(event.received_at), "quiet"),
        Cell(event.recipient or ""),
        Cell(event.workflow or "", "quiet"),
        Cell(event.reading, "quiet"),
    )
    return Row(cells, event.type, copy=event.message_id or event.recipient or "", name="id")
