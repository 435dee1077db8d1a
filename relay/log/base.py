"""What every log offers, whatever keeps it: append, read, page, get, trim.

The log holds entries, numbered by `seq`: a new event, or a later fact about one. An event keeps the seq of the
entry that made it. Cursors (`after`, `before`, `upto`) are seqs of entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

import msgspec

from relay.contract.events import Delivery, Verdict
from relay.contract.filter import Field, Filter
from relay.log.stored import StoredEvent


class LogError(Exception):
    """Something that the log cannot do; the text says what and why."""


class NotDurable(LogError):
    """An append that did not reach the disk: nothing of it may be acknowledged."""


class Declined(LogError):
    """An append whose condition did not hold any more; nothing was written."""


class NewerLog(LogError):
    """A log written by a newer version than this one."""


class NoSuchEvent(LogError):
    """No event ever had this seq."""


class TrimmedEvent(LogError):
    """The event existed, and retention or a purge took it."""


class Draft(msgspec.Struct, frozen=True):
    """An event before it has a seq.

    A struct and not a dataclass: one is made for every request, and a frozen dataclass sets each field by a call.
    `summary` is an `EventFacts` as a JSON object, `headers` a JSON list of pairs; since the epoch `received_us`
    counts microseconds and `signature_t` milliseconds. `imported` is 0, or what `relay.log.imported` says.
    """

    identity: bytes
    type: str
    received_us: int
    endpoint: str | None
    verdict: Verdict
    summary: bytes
    headers: bytes
    body: bytes
    signature_t: int | None
    secret: str | None
    remote: str | None
    imported: int = 0


class Receipt(NamedTuple):
    """The answer to an append: the event's seq, and whether it was there before."""

    seq: int
    duplicate: bool


class Entry(NamedTuple):
    """One numbered line of the log. `event` is the event as it is now; for a new event its seq is `seq`."""

    seq: int
    event: StoredEvent

    @property
    def is_new(self) -> bool:
        """The entry made the event; otherwise it is a later fact about it."""
        return self.seq == self.event.seq


GapReason: TypeAlias = Literal["retention", "purge"]


class Slice(NamedTuple):
    """Entries in ascending order, and the seq that they reach to.

    `gap` is a range that no longer exists, and `reason` what took it.
    """

    entries: Sequence[Entry]
    upto: int
    gap: tuple[int, int] | None = None
    reason: GapReason = "retention"


class Page(NamedTuple):
    """Events in the order they were asked for. `next` is the cursor to go on from, or `None` at the end."""

    events: list[StoredEvent]
    next: int | None
    scanned: int


@dataclass(frozen=True, slots=True)
class TypeTotals:
    """What is kept of one event type; `per_minute` holds 60 counts, oldest first."""

    type: str
    count: int
    last_seq: int
    last_us: int
    per_minute: list[int]


@dataclass(frozen=True, slots=True)
class Group:
    """The events with one value; `per_minute` holds 60 counts, oldest first."""

    value: Any
    count: int
    first_seq: int
    last_seq: int
    per_minute: list[int]


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept: events, age in microseconds, bytes; 0 lifts a limit."""

    events: int
    age_us: int
    size: int


@dataclass(frozen=True, slots=True)
class LogStats:
    """Figures of the log; `size` is in bytes on disk."""

    log_id: str
    first_seq: int
    last_seq: int
    events: int
    size: int


@dataclass(frozen=True, slots=True)
class Held:
    """One request in quarantine; `count` tells how often the same request came."""

    id: int
    received_us: int
    count: int
    endpoint: str | None
    headers: bytes
    body: bytes
    remote: str | None
    reason: str


class EventLog(Protocol):
    """The durable store and its positions."""

    @property
    def log_id(self) -> str: ...

    @property
    def first_seq(self) -> int:
        """The oldest entry kept; one above `last_seq` when nothing is."""

    @property
    def last_seq(self) -> int: ...

    async def append(self, draft: Draft) -> Receipt:
        """Make a draft durable, as an event or as a further delivery of one. Raises `NotDurable`."""

    async def read(self, after: int, *, limit: int, full: bool) -> Slice:
        """The entries after a cursor; with `full`, bodies and headers are loaded too."""

    async def page(
        self,
        *,
        before: int | None,
        after: int | None,
        limit: int,
        types: frozenset[str] | None,
        filter_: Filter | None,
        seconds: float,
    ) -> Page:
        """Newest matches below `before`, or oldest matches above `after`; stops looking after `seconds`.

        What matches passes the filter and is of one of the types; `None` narrows nothing.
        """

    async def count(self, *, types: frozenset[str] | None, filter_: Filter | None) -> tuple[int, int]:
        """How many events match, and the seq up to which that holds."""

    async def get(self, seq: int) -> StoredEvent:
        """One event with its body. Raises `NoSuchEvent` or `TrimmedEvent`."""

    async def deliveries(self, seq: int) -> list[Delivery]:
        """Every delivery of an event, the first one first."""

    async def delivery_body(self, seq: int, n: int) -> bytes:
        """The bytes that came with the n-th delivery. Raises `NoSuchEvent` or `TrimmedEvent`."""

    async def types(self, *, filter_: Filter | None) -> tuple[int, list[TypeTotals]]:
        """The totals of every type, and the seq up to which they hold."""

    async def trim(self) -> int:
        """Remove what retention no longer keeps; how many events went."""

    async def groups(
        self, by: Field, *, filter_: Filter | None, mask: bool, limit: int
    ) -> tuple[int, list[Group]]:
        """How many events that match have each value of a field, the largest groups first.

        Before them the seq up to which they were counted.

        With `mask`, texts that differ only in numbers, ids and addresses are one.
        """

    async def matching(self, *, types: frozenset[str] | None, filter_: Filter | None, before_us: int) -> list[int]:
        """The seqs of the events that match and arrived before a time, ascending."""

    async def purge(self, seqs: Sequence[int]) -> int:
        """Remove events for good; how many of them were there. A retry of one makes no new event."""

    async def compact(self) -> tuple[bool, bool]:
        """Leave nothing of what was purged in the file: whether it was written anew, and whether that is so."""

    def stats(self) -> LogStats: ...

    async def close(self) -> None:
        """Commit what was appended and close; later calls raise `LogError`."""


JsonObject = dict[str, Any]
