"""A message as a lane: in which cell each step stands, how far its line goes, and whether it still moves."""

from __future__ import annotations

from typing import NamedTuple

from relay.contract.knock import MessageStatus
from relay.contract.moments import microseconds
from relay.contract.timeline import Flag, MessageTimeline, Outcome, Step
from relay.contract.timeline.reach import reports_delivery
from tui.model.commits import Commits
from tui.model.messages.axis import Axis

LONGEST_US = 365 * 86_400_000_000
ROOM = 2
"""Cells that a step may stand to the right of its time, where others stand in its place."""

_LOUD = frozenset({"message.bounced", "message.undelivered", "message.complaint"})
_MOVING = frozenset({Outcome.RETRYING, MessageStatus.QUEUED, MessageStatus.DELIVERY_ATTEMPTED})


class Dot(NamedTuple):
    """A step in its cell."""

    cell: int
    step: Step


class Lane(NamedTuple):
    """What is painted of a message, in cells from the left.

    The line goes from `first` to `last`, both included, and where more is to come on in dots, from `open_from` to
    `open_to`; None for no line. `before` and `after` are the nearest steps that are out of sight at either side.
    """

    dots: tuple[Dot, ...]
    first: int | None = None
    last: int | None = None
    open_from: int | None = None
    open_to: int | None = None
    before: Step | None = None
    after: Step | None = None


def is_moving(message: MessageTimeline) -> bool:
    """Tell whether Knock will say more of the delivery."""
    if message.settled:
        return False
    waits = message.outcome == Outcome.SENT and reports_delivery(message.channel) is True
    return message.outcome in _MOVING or waits


def is_stalled(message: MessageTimeline) -> bool:
    """Tell whether more should have come by now."""
    return Flag.STALLED in message.flags


def age_ms(message: MessageTimeline, now_us: int) -> float:
    """Give the time from a message's first step to now, in milliseconds."""
    first = microseconds(message.first_at)
    return 0.0 if first is None else max(now_us - first, 0) / 1_000


def length_ms(message: MessageTimeline, now_us: int) -> float:
    """Give how long a lane is, in milliseconds, with what is still open."""
    last = max((step.since_first_ms or 0.0 for step in message.steps), default=0.0)
    return max(last, age_ms(message, now_us)) if is_moving(message) and not is_stalled(message) else last


def lane_of(message: MessageTimeline, axis: Axis, width: int, now_us: int) -> Lane:
    """Lay a message out in `width` cells."""
    dots: dict[int, Step] = {}
    before: Step | None = None
    after: Step | None = None
    at = 0
    first = axis.cell(0, width)
    last = first
    for step in message.steps:
        # One that does not say when it was made comes last, as near as it can be.
        at = axis.cell(step.since_first_ms, width) if step.since_first_ms is not None else at + 1
        if at < 0:
            before = step
        elif at >= width:
            after = after or step
        else:
            last = max(last, _put(dots, at, step, width))
        last = max(last, min(at, width))
    open_from = max(last + 1, 0)
    open_to = min(axis.cell(age_ms(message, now_us), width), width - 1) if is_moving(message) else -1
    is_open = open_from <= open_to
    return Lane(
        tuple(Dot(cell, step) for cell, step in sorted(dots.items(), key=lambda one: one[0])),
        *_line(first, last, width),
        open_from if is_open else None,
        open_to if is_open else None,
        before,
        after,
    )


def marks_of(message: MessageTimeline, lane: Lane, axis: Axis, width: int, commits: Commits) -> set[int]:
    """Give the cells of what was committed while a message was under way, as far as its line goes."""
    begin = microseconds(message.first_at)
    end = lane.open_to if lane.open_to is not None else lane.last
    if begin is None or lane.first is None or end is None or not commits.events:
        return set()
    made = (axis.cell((us - begin) / 1_000, width) for us, _ in commits.made(begin, begin + LONGEST_US))
    return {cell for cell in made if lane.first <= cell <= end}


def is_marked_beyond(message: MessageTimeline, axis: Axis, width: int, commits: Commits, now_us: int) -> bool:
    """Tell whether something was committed while a message that still moves was under way, later than is seen."""
    begin = microseconds(message.first_at)
    if begin is None or not commits.events or not is_moving(message):
        return False
    end = min(now_us, begin + LONGEST_US)
    return any(axis.cell((us - begin) / 1_000, width) >= width for us, _ in commits.made(begin, end))


def _line(first: int, last: int, width: int) -> tuple[int | None, int | None]:
    """Cut a line to the cells that are seen."""
    first, last = max(first, 0), min(last, width - 1)
    return (first, last) if first <= last else (None, None)


def _put(dots: dict[int, Step], at: int, step: Step, width: int) -> int:
    """Put a step into its cell, or the next one that is free; where none is, the one that says more stays."""
    place = next((cell for cell in range(at, min(at + ROOM + 1, width)) if cell not in dots), None)
    if place is None:
        place = min(at + ROOM, width - 1)
        if dots[place].type in _LOUD and step.type not in _LOUD:
            return place
    dots[place] = step
    return place
