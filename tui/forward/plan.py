"""What is forwarded where and how, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from relay.contract.events import EventSummary
from tui.feed import Gap, Link, NewLog
from tui.forward.request import Sign
from tui.forward.send import Answer
from tui.since import NOW, Since

BACKLOG = 1_000
"""Events of the past that are forwarded at most without being asked for so many."""
CONCURRENCY = 4
TIMEOUT_S = 10.0
RETRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to forward. `timeout` is in seconds; `retries` come after the first attempt.

    Only events that are verified or stale are sent, all others with `unverified`. `patience` is how many seconds
    the app may take until it can be reached at the start, None for as long as that takes.
    """

    url: str
    filter: str = ""
    sign: Sign = Sign.AS_RECEIVED
    since: Since = NOW
    concurrency: int = CONCURRENCY
    timeout: float = TIMEOUT_S
    retries: int = RETRIES
    unverified: bool = False
    backlog: int = BACKLOG
    force: bool = False
    patience: float | None = None


class Why(StrEnum):
    """Why an event is passed over."""

    UNVERIFIED = "unverified"
    IMPORTED = "imported"
    PRODUCTION = "production"
    UNSIGNED = "unsigned"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Waiting:
    """The app cannot be reached yet; `reason` is plain text for one line."""

    reason: str


@dataclass(frozen=True, slots=True)
class Begun:
    """Events above seq `after` are forwarded from now on."""

    after: int


@dataclass(frozen=True, slots=True)
class Sent:
    """An event was sent. With `retry_in` it is sent again in so many seconds, else this was the last time."""

    event: EventSummary
    answer: Answer
    attempt: int = 1
    retry_in: float | None = None

    @property
    def given_up(self) -> bool:
        """The app did not take it, and it is not sent again."""
        return self.retry_in is None and not self.answer.taken


@dataclass(frozen=True, slots=True)
class PassedOver:
    """An event is not sent."""

    event: EventSummary
    why: Why


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Headers that events came with are not sent, since the relay shows their values to nobody."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """The relay did not do what was asked of it for an event; it is asked again."""

    event: EventSummary
    reason: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """It ended before so many events were sent, or taken; `seq` is the first of them."""

    count: int
    seq: int


News: TypeAlias = Waiting | Begun | Sent | PassedOver | LeftOut | Trouble | Unfinished | Link | Gap | NewLog


class BacklogRefused(Exception):
    """So many events above seq `after` wait to be forwarded, which is more than somebody can have meant."""

    def __init__(self, count: int, after: int, most: int) -> None:
        super().__init__(
            f"{count:,} events match since seq {after + 1}, and at most {most:,} are forwarded at once"
        )
        self.count = count
        self.after = after


class TargetUnreachable(Exception):
    """Nobody answers at the address that events are to be forwarded to."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url} is not reachable: {reason}")
        self.url = url
        self.reason = reason
