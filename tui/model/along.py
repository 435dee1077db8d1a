"""Going along the log: to the next event of the same message, or to the next failure, in either direction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from relay.contract.events import EventSummary
from tui.model.byvalue import joined, term
from tui.model.filtering import Choice
from tui.model.search import Passed
from tui.model.source import Row, Source


class Course(NamedTuple):
    """What to go along: how a row is known, the term that finds it in the log, and what it is called."""

    matches: Callable[[EventSummary], bool]
    term: str
    name: str


NO_MESSAGE = "This event is of no message to go along"
FAILURES = Course(lambda event: event.failed, "failed", "failed event")


def message_of(event: EventSummary) -> Course | None:
    """Give the course along the message that an event is of; without one, along its run for the recipient."""
    message, run = event.message_id, event.workflow_recipient_run_id
    if message:
        found = term("message", message) or ""
        return Course(lambda other: other.message_id == message, found, "event of this message")
    if run:
        found = term("recipient_run", run) or ""
        return Course(lambda other: other.workflow_recipient_run_id == run, found, "event of this run")
    return None


def within(rows: Sequence[Row], at: int, step: int, course: Course) -> int | None:
    """Give the seq of the next row on the course, from place `at` on upwards or, with a step of -1, down."""
    places = range(at + 1, len(rows)) if step > 0 else range(at - 1, -1, -1)
    for place in places:
        row = rows[place]
        if isinstance(row, EventSummary) and course.matches(row):
            return row.seq
    return None


async def beyond(
    source: Source,
    choice: Choice,
    course: Course,
    *,
    before: int | None = None,
    after: int | None = None,
    passed: Passed | None = None,
) -> int | None:
    """Ask the log for the nearest event on the course that the stream shows, below one seq or above another.

    `passed` is told how far it came. Raises `SourceError`.
    """
    text = joined(choice.text, course.term)
    place = before if before is not None else after
    while place is not None:
        older, newer = (place, None) if before is not None else (None, place)
        page = await source.page(text, before=older, after=newer, types=choice.types, limit=1)
        if page.events:
            return page.events[-1 if before is not None else 0].seq
        place = page.next
        if passed is not None and place is not None:
            await passed(place)
    return None
