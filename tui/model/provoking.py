"""Canned answers as they are written by hand, and what is said of them: by the command and by the sheet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal, TypeAlias

from relay.contract.canned import (
    DEFAULT_SECONDS,
    MAX_DELAY_MS,
    MAX_RETRY_AFTER,
    MAX_SECONDS,
    CannedAnswer,
    NewCannedAnswer,
    Provoking,
    Script,
    ScriptError,
    parse_script,
)
from relay.contract.moments import microseconds
from relay.contract.quantities import QuantityError, format_duration, parse_duration

Field: TypeAlias = Literal["answer", "delay", "retry-after", "for"]

SCRIPT = "500x3,200"
"""What there is to begin with."""
DURATION = format_duration(timedelta(seconds=DEFAULT_SECONDS))
NEVER_TRIED_AGAIN = frozenset({301, 302, 303, 400, 401, 402, 403, 404, 405})
"""By some accounts Knock gives an event up that was answered so; by its own documentation it does not."""
KNOCKS_ATTEMPTS = 8


class WrongField(ValueError):
    """What was written for one field cannot be meant; says what can."""

    def __init__(self, field: Field, why: str) -> None:
        super().__init__(why)
        self.field = field


def drafted(
    filter_: str, *, answer: str, delay: str = "", retry_after: str = "", for_: str = ""
) -> NewCannedAnswer:
    """Read the fields of a canned answer; an empty one is left as it is without. Raises `WrongField`."""
    try:
        script = parse_script(answer)
    except ScriptError as error:
        raise WrongField("answer", str(error)) from None
    waits = _duration("retry-after", f"{retry_after}s" if retry_after.strip().isdigit() else retry_after)
    if waits is not None and all(step.status < 300 for step in script.steps):
        raise WrongField("retry-after", "it goes with an answer that is no success, such as 429 or 503")
    delay_ms = (_duration("delay", delay) or timedelta()) // timedelta(milliseconds=1)
    seconds = (_duration("for", for_ or DURATION) or timedelta()) // timedelta(seconds=1)
    _within("delay", delay_ms, 0, MAX_DELAY_MS, f"at most {format_duration(timedelta(milliseconds=MAX_DELAY_MS))}")
    _within("for", seconds, 1, MAX_SECONDS, f"1s to {format_duration(timedelta(seconds=MAX_SECONDS))}")
    after = None if waits is None else waits // timedelta(seconds=1)
    _within("retry-after", after or 0, 0, MAX_RETRY_AFTER, f"at most {MAX_RETRY_AFTER} seconds")
    return NewCannedAnswer(
        filter=filter_, answer=str(script), delay_ms=delay_ms, retry_after=after, for_seconds=seconds
    )


def _duration(field: Field, text: str) -> timedelta | None:
    if not text.strip():
        return None
    try:
        return parse_duration(text)
    except QuantityError as error:
        raise WrongField(field, str(error).replace("30d, 12h or 1h30m", "2s, 10m or 1h30m")) from None


def _within(field: Field, value: int, low: int, high: int, range_: str) -> None:
    if not low <= value <= high:
        raise WrongField(field, f"should be {range_}")


def what_it_gives(answer: NewCannedAnswer | CannedAnswer) -> str:
    """Say what the deliveries of an event get: `500 three times, then always 200, each after 2s`."""
    words = parse_script(answer.answer).words
    if answer.delay_ms:
        words += f", each after {format_duration(timedelta(milliseconds=answer.delay_ms))}"
    if answer.retry_after is not None:
        words += f", with Retry-After: {answer.retry_after}"
    return words


def what_it_did(answer: CannedAnswer) -> str:
    """Say how often it was given: `answered 12 deliveries of 4 events`."""
    deliveries = "1 delivery" if answer.answered == 1 else f"{answer.answered:,} deliveries"
    words = f"answered {deliveries}"
    if answer.events is not None:
        words += " of 1 event" if answer.events == 1 else f" of {answer.events:,} events"
    if answer.waiting:
        words += f", {answer.waiting:,} waiting"
    if answer.passed:
        words += f", {answer.passed:,} answered as ever for want of room to count"
    return words


def time_left(answer: CannedAnswer) -> str:
    """Say how long it stays in force: `9m50s`."""
    return format_duration(timedelta(seconds=answer.seconds_left))


def cautions(script: Script) -> Iterator[str]:
    """Say what Knock may make of a script."""
    lost = sorted({step.status for step in script.steps} & NEVER_TRIED_AGAIN)
    if lost:
        named = " or ".join(map(str, lost))
        yield f"after {named} Knock may not try again: the event is stored here, and that was its only delivery"
    failures = 0
    for step in script.steps:
        if step.status < 300:
            break
        failures += step.times
    else:
        failures = KNOCKS_ATTEMPTS
    if failures >= KNOCKS_ATTEMPTS and not lost:
        yield f"Knock makes {KNOCKS_ATTEMPTS} attempts: it gives such an event up before it is answered with a 2xx"


def seconds_until_end(provoking: Provoking, now_us: int) -> float:
    """How long canned answers are still in force, in seconds."""
    until = microseconds(provoking.until)
    return max(((until or now_us) - now_us) / 1_000_000, 0.0)
