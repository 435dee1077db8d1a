"""From the events of one message to its timeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from relay.contract.events import Channel, EventSummary
from relay.contract.knock import FailureReason, MessageStatus, object_of
from relay.contract.moments import microseconds
from relay.contract.outcomes import Flag, Outcome
from relay.contract.readings import Earlier, reading
from relay.contract.timeline.course import (
    COMPLAINT,
    DELIVERED,
    DOES,
    UNDOES,
    Course,
    Placed,
    attempts_of,
    course_of,
    engagement_of,
    failure_of,
    gaps_ms,
    in_order,
    late_arrivals,
    span_ms,
)
from relay.contract.timeline.model import MessageTimeline, Step
from relay.contract.timeline.reach import is_sent_first, reports_delivery

STALL_AFTER_US = 600_000_000
"""How long nothing may come of a message that can still move: ten minutes."""
LISTED_STEPS = 20
"""Steps of a timeline in a list of timelines, the newest."""

_LOOK_BACK = frozenset({DELIVERED, "message.seen", "message.read", "message.archived", *UNDOES})
"""Types whose readings tell of what was before: how long ago, or that it is so again."""
_MOVING = frozenset({Outcome.RETRYING, MessageStatus.QUEUED, MessageStatus.DELIVERY_ATTEMPTED})
_OVER = frozenset({Outcome.DELIVERED, Outcome.BOUNCED, Outcome.UNDELIVERED, MessageStatus.NOT_SENT})


class Origin(NamedTuple):
    """What only a message's bodies tell of it: when it was made, and the workflow's step that made it."""

    made_at: str | None = None
    step_ref: str | None = None


class Standpoint(NamedTuple):
    """From where timelines are told: now, and how long nothing may come before a message stalls; 0 for ever.

    `kept_from_us` is when the oldest event that is kept arrived, if others before it are not kept any more. All
    are in microseconds, times since the epoch.
    """

    now_us: int
    stall_after_us: int = STALL_AFTER_US
    kept_from_us: int | None = None


NO_ORIGIN = Origin()


def timeline_of(
    message_id: str, events: Iterable[EventSummary], standpoint: Standpoint, origin: Origin = NO_ORIGIN
) -> MessageTimeline:
    """Tell what happened to a message, from its events in any order. Raises `ValueError` where there are none.

    What `data` says is the state when the event was sent, not when it was made, so nothing is told by it that the
    types and times of the events tell.
    """
    steps = in_order(events)
    if not steps:
        raise ValueError(f"message {message_id} has no events")
    channel = _channel(steps)
    course = course_of(steps)
    attempts, are_missing = attempts_of(steps)
    engaged = engagement_of(steps, channel)
    late = late_arrivals(steps)
    settled = _is_settled(course.outcome, channel)
    flags = {
        Flag.COMPLAINT: any(step.event.type == COMPLAINT for step in steps),
        Flag.STALLED: _has_stalled(steps, course, channel, standpoint),
        Flag.RETRIED: bool(attempts),
        Flag.MANUAL_RETRY: course.was_retried,
        Flag.LATE_FAILURE: course.failed_late,
        Flag.UNDONE: bool(engaged.undone),
        Flag.OUT_OF_ORDER: any(late),
        Flag.DUPLICATE_DELIVERY: any(step.event.delivery_count > 1 for step in steps),
        Flag.BODY_DIFFERS: any(step.event.body_differs for step in steps),
        Flag.ATTEMPTS_MISSING: are_missing,
        Flag.HISTORY_TRIMMED: _is_trimmed(steps, channel, standpoint, origin),
    }
    decided = course.decided
    times = span_of(steps)
    return MessageTimeline(
        message_id=message_id,
        recipient=newest(steps, "recipient"),
        workflow=newest(steps, "workflow"),
        channel=channel,
        tenant=newest(steps, "tenant"),
        environment_id=newest(steps, "environment_id"),
        workflow_run_id=newest(steps, "workflow_run_id"),
        workflow_recipient_run_id=newest(steps, "workflow_recipient_run_id"),
        step_ref=origin.step_ref,
        outcome=str(course.outcome),
        settled=settled,
        engagement=engaged.standing,
        made_at=origin.made_at,
        first_at=times[0],
        last_at=times[1],
        took_ms=None if decided is None else span_ms(steps[0].at, decided.at),
        flags=[flag.value for flag, is_so in flags.items() if is_so],
        failure=failure_of(course),
        attempts=attempts,
        step_count=len(steps),
        steps=steps_of(steps, late, engaged.undone, origin),
    )


def steps_of(
    steps: Sequence[Placed],
    late: Sequence[bool] | None = None,
    undone: frozenset[int] = frozenset(),
    origin: Origin = NO_ORIGIN,
) -> list[Step]:
    """Tell of events that are in order, one by one; `late` and `undone` say which of them are, by place."""
    late = late_arrivals(steps) if late is None else late
    readings = _readings(steps, origin)
    return [
        Step(
            seq=event.seq,
            type=event.type,
            created_at=event.created_at,
            received_at=event.received_at,
            since_first_ms=span_ms(steps[0].at, at),
            since_previous_ms=gap_ms,
            reading=next(readings),
            event_data=event.event_data,
            delivery_count=event.delivery_count,
            out_of_order=late[place],
            undone=place in undone,
            failed=event.failed,
            body_differs=event.body_differs,
            verdict=event.verdict,
            truncated=event.truncated,
        )
        for place, ((at, event), gap_ms) in enumerate(zip(steps, gaps_ms(steps), strict=True))
    ]


def _readings(steps: Sequence[Placed], origin: Origin) -> Iterator[str]:
    """Read what looks back anew: when it arrived, the events before it may not have been there yet."""
    earlier = Earlier()
    made_at = origin.made_at or steps[0].event.created_at
    for at, event in steps:
        if event.type in _LOOK_BACK and at is not None:
            yield reading(event.type, _data(event.channel, made_at), event.event_data, event.created_at, earlier)
        else:
            yield event.reading
        if at is not None:
            earlier.note(event.type, at)


def _data(channel: Channel | None, made_at: str | None) -> dict[str, object]:
    """As much of a body as such a reading needs."""
    said: dict[str, object] = {"inserted_at": made_at}
    if channel is not None:
        said["channel"] = {"provider": channel.provider, "key": channel.key, "type": channel.type}
        said["channel_id"] = channel.id
    return said


def newest(steps: Sequence[Placed], name: str) -> str | None:
    """A text as the newest event has it that has it."""
    for step in reversed(steps):
        value: str | None = getattr(step.event, name)
        if value is not None:
            return value
    return None


def _channel(steps: Sequence[Placed]) -> Channel | None:
    """The channel as the newest event that tells most of it names it."""
    named = [step.event.channel for step in reversed(steps) if step.event.channel is not None]
    return next((channel for channel in named if channel.type is not None), named[0] if named else None)


def _last(steps: Sequence[Placed]) -> Placed:
    """The last of those whose time is known."""
    return next((step for step in reversed(steps) if step.at is not None), steps[-1])


def span_of(steps: Sequence[Placed]) -> tuple[str, str]:
    """When Knock made the first event and the last, or when they arrived where no event says it."""
    if steps[0].at is None:
        arrivals = [step.event.received_at for step in steps]
        return min(arrivals), max(arrivals)
    return steps[0].event.created_at or "", _last(steps).event.created_at or ""


def _is_settled(outcome: str, channel: Channel | None) -> bool:
    return outcome in _OVER or (outcome == Outcome.SENT and reports_delivery(channel) is False)


def _has_stalled(steps: Sequence[Placed], course: Course, channel: Channel | None, standpoint: Standpoint) -> bool:
    """Whether something should have come by now; a message that somebody did something with has arrived."""
    can_move = course.outcome in _MOVING or (course.outcome == Outcome.SENT and reports_delivery(channel) is True)
    if not can_move or any(step.event.type in DOES for step in steps):
        return False
    silent_us = standpoint.now_us - (course.decided or _last(steps)).known_us
    return 0 < standpoint.stall_after_us <= silent_us


def _is_trimmed(steps: Sequence[Placed], channel: Channel | None, standpoint: Standpoint, origin: Origin) -> bool:
    if standpoint.kept_from_us is None or not _lacks_beginning(steps, channel):
        return False
    made_us = None if origin.made_at is None else microseconds(origin.made_at)
    return made_us is None or made_us < standpoint.kept_from_us


def _lacks_beginning(steps: Sequence[Placed], channel: Channel | None) -> bool:
    """Whether there must have been events before these."""
    kind, data = steps[0].event.type, object_of(steps[0].event.event_data)
    match kind:
        case "message.delivered":
            return is_sent_first(channel)
        case "message.undelivered":
            return data.get("failure_reason") == FailureReason.RETRIES_EXHAUSTED
        case "message.delivery_attempted":
            number = data.get("attempt")
            return isinstance(number, int) and number > 1
    return kind == COMPLAINT or kind in DOES or kind in UNDOES


def listed(timeline: MessageTimeline) -> MessageTimeline:
    """Cut a timeline to what a list shows of it."""
    if len(timeline.steps) > LISTED_STEPS:
        timeline.steps = timeline.steps[-LISTED_STEPS:]
    return timeline
