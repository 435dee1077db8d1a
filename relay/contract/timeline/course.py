"""Steps in order, and what follows from the order: the outcome, the ladder of attempts, the engagement."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from relay.contract import jsontext
from relay.contract.events import Channel, EventSummary
from relay.contract.knock import Engagement, object_of, text_of
from relay.contract.moments import microseconds
from relay.contract.outcomes import Outcome
from relay.contract.timeline.model import Attempt, Failure
from relay.contract.timeline.reach import CLICK_READS

SENT = "message.sent"
ATTEMPTED = "message.delivery_attempted"
DELIVERED = "message.delivered"
BOUNCED = "message.bounced"
UNDELIVERED = "message.undelivered"
COMPLAINT = "message.complaint"

_ON_ITS_WAY = (SENT, ATTEMPTED, DELIVERED, BOUNCED, UNDELIVERED)
"""The events of a delivery, in the order of those that were made at the same time."""
DOES: Mapping[str, Engagement] = {f"message.{deed}": deed for deed in Engagement}
UNDOES: Mapping[str, Engagement] = {
    "message.unseen": Engagement.SEEN,
    "message.unread": Engagement.READ,
    "message.unarchived": Engagement.ARCHIVED,
}
_RANKS = {kind: rank for rank, kind in enumerate((*_ON_ITS_WAY, COMPLAINT, *DOES, *UNDOES))}
_OUTCOMES = {
    SENT: Outcome.SENT,
    DELIVERED: Outcome.DELIVERED,
    BOUNCED: Outcome.BOUNCED,
    UNDELIVERED: Outcome.UNDELIVERED,
}
_MAX_ATTEMPTS = 64


class Placed(NamedTuple):
    """An event and when Knock made it, in microseconds since the epoch; `None` where it does not say."""

    at: int | None
    event: EventSummary

    @property
    def known_us(self) -> int:
        """When it was made, or else when it arrived."""
        return (microseconds(self.event.received_at) or 0) if self.at is None else self.at


def in_order(events: Iterable[EventSummary]) -> list[Placed]:
    """Put events in the order in which Knock made them; those that do not say when come last.

    The order in which they arrived has no part in it, unless two say the very same.
    """
    return sorted((Placed(_made_us(event), event) for event in events), key=_place)


def _made_us(event: EventSummary) -> int | None:
    return None if event.created_at is None else microseconds(event.created_at)


def _place(placed: Placed) -> tuple[bool, int, int, str, bytes, str, int, int]:
    at, event = placed
    rank = _RANKS.get(event.type, len(_RANKS))
    said = b"" if event.event_data is None else jsontext.dumps(event.event_data)
    return at is None, at or 0, rank, event.type, said, event.status or "", event.size, event.seq


def late_arrivals(steps: Sequence[Placed]) -> list[bool]:
    """Tell of each step whether it arrived after one that was made later."""
    found = [False] * len(steps)
    earliest = math.inf  # of all that were made later
    for at, together in groupby(reversed(list(enumerate(steps))), key=lambda each: each[1].at):
        if at is None:
            continue
        seqs = {place: step.event.seq for place, step in together}
        for place, seq in seqs.items():
            found[place] = seq > earliest
        earliest = min(earliest, *seqs.values())
    return found


class Course(NamedTuple):
    """How a delivery went: its outcome, and the step that decided it, if there is one."""

    outcome: str
    decided: Placed | None
    was_retried: bool = False
    failed_late: bool = False


def course_of(steps: Sequence[Placed]) -> Course:
    """Follow a delivery to its end."""
    course: Course | None = None
    for step in steps:
        if step.event.type not in _ON_ITS_WAY:
            continue
        if course is None:
            course = Course(_outcome(step.event), step)
        elif course.outcome != Outcome.DELIVERED or step.event.type in (BOUNCED, UNDELIVERED):
            course = _next(course, step)
    return course or Course(_last_status(steps), None)


def _next(course: Course, step: Placed) -> Course:
    kind = step.event.type
    again = kind in (SENT, ATTEMPTED, DELIVERED) or (
        course.decided is not None and kind == course.decided.event.type
    )
    return Course(
        _outcome(step.event),
        step,
        course.was_retried or (course.outcome == Outcome.UNDELIVERED and again),
        course.failed_late or course.outcome == Outcome.DELIVERED,
    )


def _outcome(event: EventSummary) -> Outcome:
    if event.type == ATTEMPTED:
        gave_up = object_of(event.event_data).get("retryable") is False
        return Outcome.UNDELIVERED if gave_up else Outcome.RETRYING
    return _OUTCOMES[event.type]


def _last_status(steps: Sequence[Placed]) -> str:
    return next((step.event.status for step in reversed(steps) if step.event.status), Outcome.UNKNOWN)


def failure_of(course: Course) -> Failure | None:
    """Say why a message did not arrive, while that is so."""
    if course.decided is None or course.outcome not in (Outcome.BOUNCED, Outcome.UNDELIVERED):
        return None
    event = course.decided.event
    data = object_of(event.event_data)
    return Failure(
        type=event.type,
        reason=text_of(data.get("failure_reason")),
        details=text_of(data.get("failure_details")),
        token=text_of(data.get("token")),
    )


def attempts_of(steps: Sequence[Placed]) -> tuple[list[Attempt], bool]:
    """Give the attempts that failed, and whether some that there must have been are missing."""
    found: list[Attempt] = []
    round_, before, before_us = 1, 0, None
    missing = given_up = False
    for at, event in steps:
        if event.type in (UNDELIVERED, SENT, DELIVERED):
            # An attempt that worked, or the end: the next that fails belongs to another round.
            given_up = bool(found) or event.type == UNDELIVERED
        if event.type != ATTEMPTED:
            continue
        data = object_of(event.event_data)
        number = _count(data.get("attempt"))
        if given_up or (number is not None and number <= before):
            round_, before, before_us = round_ + bool(found or given_up), 0, None
            given_up = False
        missing = missing or (number is not None and number > before + 1)
        retryable = data.get("retryable")
        found.append(
            Attempt(
                round=round_,
                number=number,
                of=_count(data.get("max_attempts")),
                retryable=retryable if isinstance(retryable, bool) else None,
                created_at=event.created_at,
                since_previous_ms=span_ms(before_us, at),
            )
        )
        before, before_us = (before + 1 if number is None else number), at
    return found[-_MAX_ATTEMPTS:], missing


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def span_ms(since_us: int | None, until_us: int | None) -> float | None:
    """Milliseconds from one moment to another."""
    return None if since_us is None or until_us is None else (until_us - since_us) / 1_000


class Engaged(NamedTuple):
    """What the recipient did and did not undo, in Knock's order; and which steps, by place, were undone."""

    standing: list[str]
    undone: frozenset[int]


def engagement_of(steps: Sequence[Placed], channel: Channel | None) -> Engaged:
    """Follow what the recipient did."""
    standing: dict[Engagement, list[int]] = {}
    undone: set[int] = set()
    also_reads = channel is not None and channel.type in CLICK_READS
    for place, step in enumerate(steps):
        kind = step.event.type
        if deed := DOES.get(kind):
            standing.setdefault(deed, []).append(place)
            if deed is Engagement.LINK_CLICKED and also_reads:
                standing.setdefault(Engagement.READ, [])
        elif taken_back := UNDOES.get(kind):
            undone.update(standing.pop(taken_back, ()))
    return Engaged([deed.value for deed in Engagement if deed in standing], frozenset(undone))


def gaps_ms(steps: Sequence[Placed]) -> list[float | None]:
    """Milliseconds to each step from the one before."""
    return [None, *(span_ms(one.at, other.at) for one, other in pairwise(steps))][: len(steps)]
