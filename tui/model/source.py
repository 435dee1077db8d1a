"""Where the dashboard gets its events from: what a source gives, and what may go wrong with it.

The screen is written against this protocol alone. `tui.source` keeps it with a real relay, tests with a script.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

from relay.contract.api import ForwardsPage, Group, QuarantinePage, SecretAdded, SecretInfo, Stored, TypeCount
from relay.contract.canned import CannedAnswer, NewCannedAnswer, Provoking
from relay.contract.events import EventDetail, EventSummary, Forward
from relay.contract.exported import Imported

if TYPE_CHECKING:
    from relay.contract.timeline.model import MessageTimeline
    from relay.contract.timeline.pages import Funnel, MessagesPage, RunsPage, RunTree

PAGE_LIMIT = 500
"""Events that a page holds at most."""
MESSAGES_LIMIT = 100
"""Messages that a page holds at most."""
RUNS_LIMIT = 40
"""Runs that a page holds at most."""
FORWARDS_LIMIT = 100
"""Forwards that a page holds at most."""
HELD_LIMIT = 100
"""Requests in quarantine that a page holds at most."""


class LinkState(StrEnum):
    """How things stand between the dashboard and its relay."""

    CONNECTING = "connecting"
    CATCHING_UP = "catching up"
    LIVE = "live"
    STALLED = "stalled"
    RECONNECTING = "reconnecting"
    REFUSED = "refused"
    FAILED = "failed"

    @property
    def connected(self) -> bool:
        """Events can arrive."""
        return self in (LinkState.CATCHING_UP, LinkState.LIVE, LinkState.STALLED)


@dataclass(frozen=True, slots=True)
class LinkChange:
    """The link is in another state. `retry_in` is in seconds; `reason` is a phrase without a full stop."""

    state: LinkState
    retry_in: float | None = None
    reason: str = ""


class Began(NamedTuple):
    """A new run of arrivals, all above seq `after` and all matching `filter`; what lies below is read by pages.

    `types` are those that narrow it, none for all. `first_seq` is the oldest that the log keeps.
    """

    after: int
    filter: str
    why: Literal["start", "filter", "log"] = "start"
    types: tuple[str, ...] = ()
    first_seq: int = 1


class Arrivals(NamedTuple):
    """Every match up to seq `upto` that had not been given before, ascending.

    `counts` are the new events above seq `since` by type, before the choice of types narrowed them. None means
    that nothing was narrowed, so that the events themselves are what there is to count. What `left` does not match
    any more, since it changed.
    """

    events: Sequence[EventSummary]
    changes: Sequence[EventSummary]
    upto: int
    counts: Mapping[str, int] | None = None
    since: int = 0
    left: Sequence[EventSummary] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """Seqs `seq` to `to`, both included, are gone for good; shown as a row among the events."""

    seq: int
    to: int
    reason: str


class Recount(NamedTuple):
    """Counts may have been lost on the way: the totals are to be read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What the relay says of itself now and then. `at_us` is its clock; None leaves what was known.

    `public_url` is where Knock reaches it, empty where it has no such address. `provoking` says which canned
    answers are in force, `forwarding` which URLs events are being forwarded to, by whoever is attached for that.
    """

    upto: int
    last_seq: int
    at_us: int | None = None
    quarantined: int | None = None
    secrets: int | None = None
    public_url: str | None = None
    provoking: Provoking | None = None
    forwarding: tuple[str, ...] | None = None


Item: TypeAlias = LinkChange | Began | Arrivals | Missing | Recount | Pulse
Row: TypeAlias = EventSummary | Missing


@dataclass(frozen=True, slots=True)
class Page:
    """Older or newer events, ascending by seq. `next` goes on in the same direction; None at the end."""

    events: Sequence[EventSummary]
    next: int | None


@dataclass(frozen=True)
class Totals:
    """What the log holds up to and including seq `upto` of the events that match a filter, an item a type."""

    upto: int
    items: Sequence[TypeCount] = ()

    @cached_property
    def by_type(self) -> Mapping[str, int]:
        """How many events there are of each type."""
        return {item.type: item.count for item in self.items}


class Values(NamedTuple):
    """How many events have each value of a field, the most frequent first, of those up to seq `upto`.

    A relay of an earlier version does not say up to where it counted.
    """

    groups: Sequence[Group]
    upto: int | None


class Source(Protocol):
    """A relay as the dashboard sees it. Every method may raise `SourceError`."""

    @property
    def address(self) -> str:
        """Where the relay is, as short as it can be said: `127.0.0.1:4747`."""

    @property
    def webhook_url(self) -> str:
        """What to paste into Knock: at the relay's public address, once it has one."""

    def ingest_url(self, endpoint: str | None = None) -> str:
        """Give the address of this relay itself that takes events, for an endpoint where one is named."""

    @property
    def log_id(self) -> str | None:
        """The name of the relay's log; None until the relay said it."""

    def items(self) -> AsyncIterator[Item]:
        """Give what happens as it happens, for as long as the dashboard runs."""

    async def set_filter(self, text: str, types: Sequence[str] = ()) -> None:
        """Ask for another filter and for some types alone; `Began` says when both are in force.

        Counts go on for all types. Raises `FilterRefused`.
        """

    async def page(
        self,
        filter_text: str,
        *,
        before: int | None = None,
        after: int | None = None,
        types: Sequence[str] = (),
        limit: int = PAGE_LIMIT,
    ) -> Page:
        """Read events next to a seq, which itself is left out: older ones with `before`, newer with `after`."""

    async def totals(self, filter_text: str) -> Totals:
        """Count by type what the log holds, whatever types narrow the stream."""

    async def count(self, filter_text: str, types: Sequence[str] = ()) -> int:
        """Count the events that the log holds of those that match a filter, and are of some types."""

    async def groups(self, by: str, filter_text: str, *, limit: int, mask: bool = False) -> Sequence[Group]:
        """Count by the values of a field what the log holds of a filter, the most frequent first.

        With `mask`, texts that differ only in numbers, ids and addresses are one.

        A relay of an earlier version does not: then it raises `SourceError`.
        """

    async def count_values(self, by: str, filter_text: str, *, limit: int) -> Values:
        """Count by the values of a field as `groups` does, and say up to where."""

    async def messages(
        self, filter_text: str, *, sort: str, before: str | None = None, limit: int = MESSAGES_LIMIT
    ) -> MessagesPage:
        """Read messages that match, each with its newest steps; `before` is the `next` of the page before.

        `sort` is `activity`, `slowest` or `failing`. A page may be empty and yet have a next one. Raises
        `FilterRefused`.
        """

    async def message(self, message_id: str) -> MessageTimeline:
        """Read one message with all of its steps."""

    async def funnel(self, filter_text: str, by: str = "") -> Funnel:
        """Count how far the messages came that match, by `channel` or `workflow` too. Raises `FilterRefused`."""

    async def runs(self, filter_text: str, *, before: str | None = None, limit: int = RUNS_LIMIT) -> RunsPage:
        """Read the runs with an event that matches, the one with the newest first.

        `before` is the `next` of the page before; a page may be empty and yet have a next one. Raises
        `FilterRefused`.
        """

    async def run(self, workflow_run_id: str) -> RunTree:
        """Read one run with all that happened in it, as far as the log has it."""

    async def detail(self, seq: int) -> EventDetail:
        """Read one event in full, but for its exact bytes. Raises `NoSuchEvent`."""

    async def body(self, seq: int) -> bytes:
        """Read the exact bytes of one event. Raises `NoSuchEvent`."""

    async def delivery_body(self, seq: int, n: int) -> bytes:
        """Read the exact bytes that came with delivery `n` of one event. Raises `NoSuchEvent`."""

    async def report_forward(self, seq: int, forward: Forward) -> None:
        """Have the relay note what came of sending an event. Raises `NoSuchEvent`."""

    async def forwards(self, *, before: int | None = None, limit: int = FORWARDS_LIMIT) -> ForwardsPage:
        """Read forwards of all events without their answers, the newest first; `before` is a `next` of before."""

    async def forward(self, seq: int, n: int) -> Forward:
        """Read one forward of an event, with what was answered. Raises `NoSuchEvent`."""

    async def quarantine(self, *, before: int | None = None, limit: int = HELD_LIMIT) -> QuarantinePage:
        """Read the requests that did not verify, newest first, those below the id `before` where one is given."""

    async def held_body(self, held_id: int) -> bytes:
        """Read the exact bytes of a request in quarantine."""

    async def admit(self, held_id: int) -> Stored:
        """Make an event of a request in quarantine, with the verdict as it is."""

    async def discard(self, held_id: int) -> None:
        """Drop a request in quarantine for good."""

    def export(self, filter_text: str, types: Sequence[str] = ()) -> AsyncGenerator[bytes, None]:
        """Give what matches as lines of NDJSON, whole ones each time, oldest first, up to the newest of now."""

    async def import_lines(self, lines: bytes) -> Imported:
        """Have the relay take some lines of an export; they are on its disk when it answers."""

    async def secrets(self) -> Sequence[SecretInfo]:
        """Read which signing secrets the relay checks with, by their ids."""

    async def add_secret(self, secret: str, endpoint: str | None = None) -> SecretAdded:
        """Have the relay check with one more secret, for one endpoint or for all; it may admit what waited."""

    async def remove_secret(self, secret_id: str) -> None:
        """Have the relay forget a secret that was added."""

    async def canned_answers(self) -> Sequence[CannedAnswer]:
        """Give the canned answers in force, the one that is looked at first, first."""

    async def provoke(self, answer: NewCannedAnswer) -> CannedAnswer:
        """Have the relay answer deliveries of what matches as scripted, once they are stored."""

    async def end_canned(self, id_: int | None = None) -> Sequence[CannedAnswer]:
        """Have the relay answer as ever again, or end one canned answer; give what ended."""

    async def close(self) -> None:
        """Let go of the relay."""


class SourceError(Exception):
    """The relay did not answer a question. The text is one sentence for the screen, without a full stop."""


class NoSuchEvent(SourceError):
    """The log does not hold this event, or no longer does."""


class FilterRefused(SourceError):
    """The filter does not parse. `column` is from 1; `length` is how many characters are at fault."""

    def __init__(self, message: str, column: int | None = None, length: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.column = column
        self.length = length
        self.hint = hint


class ConnectFailed(SourceError):
    """The relay could not be joined. `hint` is the next step; the screen tries again after `retry_in` seconds."""

    def __init__(self, message: str, hint: str = "", retry_in: float = 5.0) -> None:
        super().__init__(message)
        self.hint = hint
        self.retry_in = retry_in


class StartFailed(Exception):
    """The dashboard cannot go on: it ends with this exit code and this text on stderr."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
