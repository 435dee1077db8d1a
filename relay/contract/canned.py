"""Canned answers: what ingest answers to the events that match a filter, once they are stored.

A script such as `500x3,200` answers the first three deliveries of an event with 500 and those after it with 200:
its last answer repeats. Written and read by the relay, the commands and the dashboard; fields may be added.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

DEFAULT_SECONDS = 600
MAX_SECONDS = 86_400
"""For how long canned answers are in force at most: Knock goes on trying for hours."""
MAX_DELAY_MS = 60_000
"""Knock's own channel for webhooks waits for 50 s; how long its outbound webhooks wait is not known."""
MAX_RETRY_AFTER = 86_400
MAX_RULES = 16
MAX_STEPS = 32
MAX_TIMES = 1_000

_STEP = re.compile(r"([0-9]{3})(?:[xX×]([0-9]{1,6}))?")
_SHAPE = "an answer is a status such as 503, or several with how often each: 500x3,200"


class ScriptError(ValueError):
    """A text that is no script of answers; says what one looks like."""


class Step(NamedTuple):
    """One status, given so many times in a row."""

    status: int
    times: int


class Script(NamedTuple):
    """The answers to one event's deliveries, in turn; the last of them repeats."""

    steps: tuple[Step, ...]

    def status(self, given: int) -> int:
        """The status for a delivery before which `given` others of the same event were answered."""
        for step in self.steps:
            if given < step.times:
                return step.status
            given -= step.times
        return self.steps[-1].status

    @property
    def is_constant(self) -> bool:
        """Every delivery gets the same: nothing has to be counted."""
        return len(self.steps) == 1

    def __str__(self) -> str:
        return ",".join(f"{status}x{times}" if times > 1 else f"{status}" for status, times in self.steps)

    @property
    def words(self) -> str:
        """The script as it is said: `500 three times, then always 200`."""
        if self.is_constant:
            return f"always {self.steps[0].status}"
        first = [f"{status} {_times(times)}" for status, times in self.steps[:-1]]
        return f"{', then '.join(first)}, then always {self.steps[-1].status}"


def _times(count: int) -> str:
    return {1: "once", 2: "twice", 3: "three times", 4: "four times", 5: "five times"}.get(count, f"{count} times")


def parse_script(text: str) -> Script:
    """Read a script: `STATUS` or `STATUSxTIMES`, comma separated, 200 to 599. Raises `ScriptError`.

    How often the last one is given is dropped: it repeats anyway.
    """
    parts = [part.strip() for part in text.split(",", MAX_STEPS)]
    if len(parts) > MAX_STEPS:
        raise ScriptError(f"a script has at most {MAX_STEPS} answers")
    *first, last = (_step(part) for part in parts)
    return Script((*first, Step(last.status, 1)))


def _step(part: str) -> Step:
    found = _STEP.fullmatch(part)
    if found is None:
        raise ScriptError(_SHAPE)
    status, times = int(found[1]), 1 if found[2] is None else int(found[2])
    if not 200 <= status <= 599:
        raise ScriptError(f"a status is 200 to 599, not {status}")
    if not 1 <= times <= MAX_TIMES:
        raise ScriptError(f"an answer is given 1 to {MAX_TIMES:,} times")
    return Step(status, times)


class NewCannedAnswer(msgspec.Struct, kw_only=True):
    """The body of `PUT /v1/answers`; an empty filter is every event. `retry_after` is in seconds."""

    filter: str
    answer: str
    delay_ms: int = 0
    retry_after: int | None = None
    for_seconds: int = DEFAULT_SECONDS


class CannedAnswer(msgspec.Struct, kw_only=True):
    """A canned answer in force, and what it did: `answered` deliveries of `events` events, `waiting` to be sent.

    `events` is null where every delivery gets the same answer, since nothing is counted then. `passed` deliveries
    matched and were answered as ever, since there was no counter left for their event.
    """

    id: int
    filter: str
    answer: str
    delay_ms: int
    retry_after: int | None
    until: str
    seconds_left: int
    answered: int
    events: int | None
    waiting: int
    passed: int


class CannedAnswersPage(msgspec.Struct, kw_only=True):
    """The canned answers, the one that is looked at first, first."""

    items: list[CannedAnswer]


class Provoking(msgspec.Struct, kw_only=True, frozen=True):
    """What viewers are told while canned answers are in force.

    How many there are, the newest one's `answer`, and when the last of them ends.
    """

    rules: int
    answer: str
    until: str
