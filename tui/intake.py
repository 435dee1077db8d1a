"""What the stream's frames mean to one viewer, without I/O: its position, its filter, and what is new to it.

Every event is given once, in order, whatever connection it came over: the position only grows, each connection
begins after it, and what it covers is dropped.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from relay.contract import frames
from relay.contract.api import Problem
from relay.contract.canned import Provoking
from relay.contract.events import EventSummary
from relay.contract.text import plain

_TEXT_LIMIT = 200

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Joined:
    """A relay greeted; what follows is for seqs above `after`. Totals are to be read again, counts may be lost."""

    log: str
    first_seq: int
    last_seq: int
    after: int
    relay: frames.RelayFacts


@dataclass(frozen=True, slots=True)
class Batch:
    """New events in ascending order of seq, changed ones under their old seq, and counts by type.

    Those that `left` match no longer since they changed, if they did before.

    Every match up to and including `upto` has now been given. `counts` is what matched the filter before the
    types narrowed it.
    """

    upto: int
    events: tuple[EventSummary, ...] = ()
    changes: tuple[EventSummary, ...] = ()
    left: tuple[EventSummary, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gap:
    """Seqs `first` to `last`, both included, no longer exist and were never given."""

    first: int
    last: int
    reason: str


@dataclass(frozen=True, slots=True)
class NewLog:
    """The relay has another log than before, or less of it than was seen: what was shown is of no use now.

    The feed goes on from the oldest event of the new log, unless `Feed.seek` is called before the next item.
    """

    old: str | None
    new: str
    first_seq: int
    last_seq: int


@dataclass(frozen=True, slots=True)
class Filtered:
    """From here on events above `after` match the filter that `set_filter` gave this `id`."""

    id: int
    after: int


@dataclass(frozen=True, slots=True)
class FilterRefused:
    """The relay cannot read the filter with this `id`; the one before stays. `column` is from 1."""

    id: int
    message: str
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Beat:
    """What the relay says of itself every few seconds; `at` is its clock, the rest are seqs and numbers held.

    `public_url` is empty where the relay has no public address, and None where it does not say. `provoking` says
    which canned answers are in force, `forwarding` what events are being forwarded to, None where it does not say.
    """

    upto: int
    last_seq: int
    at: str
    quarantined: int
    secrets: int
    public_url: str | None = None
    provoking: Provoking | None = None
    forwarding: tuple[str, ...] | None = None


News: TypeAlias = Joined | Batch | Gap | NewLog | Filtered | FilterRefused | Beat


class FilterRejected(ValueError):
    """The relay cannot read the filter, and there is none before it to go on with; `column` is from 1."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(plain(problem.detail or problem.title, _TEXT_LIMIT))
        self.problem = problem
        self.column = problem.column
        self.suggestion = problem.suggestion


class NewerProtocol(RuntimeError):
    """The relay speaks a protocol that this version does not know."""

    def __init__(self, protocol: int) -> None:
        super().__init__(
            f"the relay speaks protocol {protocol} of the stream, this version knows {frames.PROTOCOL}"
        )
        self.protocol = protocol


class Lost(Exception):
    """The connection is of no further use; the text says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter as it was asked for; the first has no id, since nobody waits for its answer."""

    id: int | None
    filter: str
    types: tuple[str, ...]


class Intake:
    """Turn frames into news. For each connection: `dial`, then `take` every frame, then `leave`."""

    def __init__(self, *, after: int | None, log: str | None, filter_: str, types: Sequence[str]) -> None:
        self.news: deque[News] = deque()
        """What is new and was not fetched yet."""
        self.upto = after
        self.last_seq = 0
        self.log = log
        self.greeted = False
        self.proven = False
        """The relay sent more than a greeting over this connection."""
        self._begun_after: int | None = None
        self._hello: frames.Hello | None = None
        self._ids = 0
        self._wanted = self._sent = Asked(None, filter_, tuple(types))
        self._obeyed: Asked | None = None
        self._unanswered: dict[int, Asked] = {}

    @property
    def position(self) -> int:
        """The last seq that was given, 0 before any."""
        return self.upto or 0

    @property
    def is_live(self) -> bool:
        """All that the relay is known to have was given."""
        return self.greeted and self.upto == self.last_seq

    @property
    def must_begin(self) -> bool:
        """A greeting was taken and `begin` has to follow, once its news were read."""
        return self._hello is not None

    def ask(self, filter_: str, types: Sequence[str]) -> int:
        """Want other events from now on; give the id of the answer to come."""
        self._ids += 1
        self._wanted = self._unanswered[self._ids] = Asked(self._ids, filter_, tuple(types))
        return self._ids

    def dial(self) -> tuple[int | None, Asked]:
        """Give what to connect with: the seq to begin after, `None` for the newest, and the filter."""
        self._begun_after, self._sent = self.upto, self._wanted
        return self._begun_after, self._sent

    def leave(self) -> None:
        """Forget the connection, which has ended."""
        self._hello = None
        self.greeted = self.proven = False

    def unsent(self) -> Asked | None:
        """Give the filter that the relay has to be told, once."""
        if not self.greeted or self._sent is self._wanted:
            return None
        self._sent = self._wanted
        return self._sent

    def take(self, frame: frames.ServerFrame | None) -> None:
        """Take the next frame, `None` for one of an unknown kind. Raises `Lost` and `NewerProtocol`."""
        if isinstance(frame, frames.Error):
            self._take_error(frame)
        elif not self.greeted:
            self._take_hello(frame)
        elif isinstance(frame, frames.Hello):
            raise Lost("the relay greeted twice")
        else:
            self._take_news(frame)
            self.proven = True

    def begin(self) -> None:
        """Go on from the greeting, after the reader of a `NewLog` had its say about where. Raises `Lost`."""
        hello, self._hello = self._hello, None
        if hello is None:
            return
        if self.upto != self._begun_after:
            raise Lost("another log than before")
        if self.upto is None:
            self.upto = hello.last_seq
        self.greeted = True
        self._obeyed = self._sent
        self.news.append(Joined(hello.log, hello.first_seq, hello.last_seq, self.upto, hello.relay))
        if self._sent.id in self._unanswered:
            self._answer(self._sent, self.upto)

    def refused_at_the_door(self, problem: Problem) -> None:
        """Fall back to the filter before. Raises `FilterRejected` where there is none."""
        refused = self._sent
        if refused.id is not None:
            self._unanswered.pop(refused.id, None)
        if self._obeyed is None or refused.id is None or refused is self._obeyed:
            raise FilterRejected(problem)
        said = plain(problem.detail or problem.title, _TEXT_LIMIT)
        self._fall_back(FilterRefused(refused.id, said, problem.column), refused)

    def _take_hello(self, hello: frames.ServerFrame | None) -> None:
        if not isinstance(hello, frames.Hello) or self._hello is not None:
            raise Lost("the relay did not greet")
        if hello.protocol > frames.PROTOCOL:
            raise NewerProtocol(hello.protocol)
        old, self.log, self.last_seq = self.log, hello.log, hello.last_seq
        self._hello = hello
        if (old is not None and old != hello.log) or self.position > hello.last_seq:
            self.news.append(NewLog(old, hello.log, hello.first_seq, hello.last_seq))
            if self.upto is not None:
                self.upto = 0

    def _take_news(
        self,
        frame: frames.Events
        | frames.Changes
        | frames.Left
        | frames.Counts
        | frames.Gap
        | frames.Filtered
        | frames.Heartbeat
        | None,
    ) -> None:
        match frame:
            case frames.Events():
                self._take_events(frame.items, frame.upto)
            case frames.Changes():
                self._advance(frame.upto)
                self.news.append(Batch(self.position, changes=tuple(frame.items)))
            case frames.Left():
                self.news.append(Batch(self.position, left=tuple(frame.items)))
            case frames.Counts():
                self._advance(frame.upto)
                self.news.append(Batch(self.position, counts=frame.added))
            case frames.Gap():
                self._take_gap(frame)
            case frames.Filtered():
                self._take_filtered(frame)
            case frames.Heartbeat():
                self.last_seq = frame.last_seq
                self._advance(frame.upto)
                told = None if frame.public_url is msgspec.UNSET else frame.public_url or ""
                targets = None if frame.forwarding is msgspec.UNSET else tuple(frame.forwarding)
                known = frame.quarantined, frame.secrets, told, frame.provoking, targets
                self.news.append(Beat(self.position, self.last_seq, frame.at, *known))
            case None:
                pass

    def _take_events(self, items: list[EventSummary], upto: int) -> None:
        before = self.position
        fresh = tuple(event for event in items if event.seq > before)
        self._advance(upto)
        if fresh or self.position > before:
            self.news.append(Batch(self.position, events=fresh))

    def _take_gap(self, gap: frames.Gap) -> None:
        first = max(gap.from_, self.position + 1)
        if gap.to < first:
            return
        self.news.append(Gap(first, gap.to, plain(gap.reason, _TEXT_LIMIT)))
        if first == self.position + 1:
            self._advance(gap.to)

    def _take_filtered(self, frame: frames.Filtered) -> None:
        asked = self._unanswered.get(frame.id) if isinstance(frame.id, int) else None
        if asked is not None:
            self._obeyed = asked
            self._advance(frame.from_)
            self._answer(asked, self.position)

    def _answer(self, asked: Asked, after: int) -> None:
        """Tell that a filter holds; those asked for before it will never be told of."""
        if asked.id is not None:
            held = asked.id
            self._unanswered = {id_: other for id_, other in self._unanswered.items() if id_ > held}
            self.news.append(Filtered(held, after))

    def _take_error(self, error: frames.Error) -> None:
        said = plain(error.message, _TEXT_LIMIT)
        if error.code not in ("bad-filter", "bad-frame"):
            raise Lost(said or "the relay is stopping")
        # Filters are all that is ever sent, so that a complaint without an id is about the oldest of them.
        id_ = error.id if isinstance(error.id, int) else next(iter(self._unanswered), None)
        refused = None if id_ is None else self._unanswered.pop(id_, None)
        if id_ is None or refused is None:
            _log.warning("the relay complains: %s", said)
        else:
            self._fall_back(FilterRefused(id_, said, error.column), refused)

    def _fall_back(self, refusal: FilterRefused, refused: Asked) -> None:
        self.news.append(refusal)
        if self._wanted is refused and self._obeyed is not None:
            self._wanted = self._sent = self._obeyed

    def _advance(self, upto: int) -> None:
        self.upto = max(self.position, upto)
        self.last_seq = max(self.last_seq, self.upto)
