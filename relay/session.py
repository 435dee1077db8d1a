"""One viewer's feed, without I/O: a cursor into the log, and the frames that move it.

The shell reads the log after `cursor` and hands each slice to `take`, which gives the frames to send. Nothing is
kept for a viewer but its cursor and its filter, so a slow one costs nothing.

No frame claims more events than have been sent before it: only the last frame of changes and events of a slice
moves `upto` to its end. A connection cut between two frames then resumes without a loss. Counts come after that,
and a cut may take them: who counts asks for the totals again after every greeting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from relay.contract import frames
from relay.contract.canned import Provoking
from relay.contract.filter import Filter
from relay.contract.filter.reads import reads_changing
from relay.contract.moments import rfc3339
from relay.log.base import Entry, Slice
from relay.log.stored import StoredEvent

View = Literal["summary", "full"]
Render = Callable[[StoredEvent], bytes]


class Standing(NamedTuple):
    """What a heartbeat tells of the relay."""

    last_seq: int
    quarantined: int
    secrets: int
    public_url: str | None = None
    provoking: Provoking | None = None
    forwarding: tuple[str, ...] = ()


class _News(NamedTuple):
    """New events, those that changed and match or no longer do, and how many new ones match of each type."""

    fresh: list[StoredEvent]
    changed: dict[int, StoredEvent]
    left: dict[int, StoredEvent]
    added: dict[str, int]


class Session:
    """The server side of one viewer. `after` is the seq to go on from."""

    def __init__(self, *, after: int, filter_: Filter, types: frozenset[str]) -> None:
        self.cursor = after
        self._filter = filter_
        self._may_leave = _may_leave(filter_)
        self._types = types
        self._beaten: Standing | None = None
        self._beaten_upto = -1

    def hello(self, *, log: str, first_seq: int, last_seq: int, relay: frames.RelayFacts) -> bytes:
        """The first frame, always."""
        return frames.encode(
            frames.Hello(protocol=frames.PROTOCOL, log=log, first_seq=first_seq, last_seq=last_seq, relay=relay)
        )

    @property
    def asked(self) -> tuple[object, ...]:
        """What the frames depend on, but for the cursor; ages in a filter count back from when it was set."""
        return (self._filter.text, self._filter.now_us if self._filter.text else 0, self._types)

    @property
    def needs_bodies(self) -> bool:
        """The filter looks at more than the type."""
        return bool(self._filter.text)

    def set_filter(self, frame: frames.SetFilter, filter_: Filter) -> bytes:
        """Obey another filter from here on; the answer names the seq from which it holds."""
        self._filter = filter_
        self._may_leave = _may_leave(filter_)
        self._types = frozenset(frame.types)
        return frames.encode(frames.Filtered(id=frame.id, from_=self.cursor))

    def take(self, found: Slice, render: Render) -> list[bytes]:
        """The frames for what was read after the cursor; moves the cursor to the end of it."""
        out: list[bytes] = []
        if found.gap is not None:
            first, last = found.gap
            out.append(frames.encode(frames.Gap(from_=first, to=last, reason=found.reason)))
            self.cursor = max(self.cursor, last)
        out += self._told(self._news(found.entries), found.upto, render)
        self.cursor = max(self.cursor, found.upto)
        return out

    def _news(self, entries: Sequence[Entry]) -> _News:
        """What the entries are to this viewer."""
        news = _News([], {}, {}, {})
        for seq, event in entries:
            matches = self._filter.matches(event)
            event.release()
            if matches and seq == event.seq:
                news.added[event.type] = news.added.get(event.type, 0) + 1
                if self._is_wanted(event):
                    news.fresh.append(event)
            elif event.seq <= self.cursor and (matches or self._may_leave) and self._is_wanted(event):
                into, out_of = (news.changed, news.left) if matches else (news.left, news.changed)
                out_of.pop(event.seq, None)
                into[event.seq] = event
        return news

    def _told(self, news: _News, upto: int, render: Render) -> Iterator[bytes]:
        """The frames that tell it."""
        packed = list(_packed(news.fresh, render))
        repacked = list(_packed(_by_seq(news.changed), render))
        for items, _ in _packed(_by_seq(news.left), render):
            yield frames.encode_items("left", items, self.cursor)
        for index, (items, _) in enumerate(repacked):
            is_end = not packed and index == len(repacked) - 1
            yield frames.encode_items("changes", items, upto if is_end else self.cursor)
        for index, (items, last_seq) in enumerate(packed):
            yield frames.encode_items("events", items, upto if index == len(packed) - 1 else last_seq)
        if news.added:
            yield frames.encode(frames.Counts(upto=upto, added=news.added))

    def _is_wanted(self, event: StoredEvent) -> bool:
        return not self._types or event.type in self._types

    def beat(self, standing: Standing, now_us: int) -> bytes:
        """A heartbeat with where this viewer and the log are."""
        self._beaten = standing
        self._beaten_upto = self.cursor
        return frames.encode(
            frames.Heartbeat(
                upto=self.cursor,
                last_seq=max(standing.last_seq, self.cursor),
                at=rfc3339(now_us),
                quarantined=standing.quarantined,
                secrets=standing.secrets,
                public_url=standing.public_url,
                provoking=standing.provoking,
                forwarding=list(standing.forwarding),
            )
        )

    def must_beat(self, standing: Standing) -> bool:
        """The viewer has caught up, or the relay's standing changed, and nobody told it yet."""
        if self._beaten is None:
            return True
        caught_up = self.cursor >= standing.last_seq and self._beaten_upto < self.cursor
        return caught_up or standing[1:] != self._beaten[1:]


def _by_seq(events: Mapping[int, StoredEvent]) -> list[StoredEvent]:
    return [events[seq] for seq in sorted(events)]


def _may_leave(filter_: Filter) -> bool:
    return filter_.tree is not None and reads_changing(filter_.tree)


def _packed(events: Sequence[StoredEvent], render: Render) -> Iterator[tuple[list[bytes], int]]:
    """Rendered events in groups that fit a frame, each with the seq of its last one."""
    items: list[bytes] = []
    size = 0
    last_seq = 0
    for event in events:
        item = render(event)
        if items and (len(items) == frames.MAX_ITEMS or size + len(item) + 1 > frames.MAX_BYTES - 64):
            yield items, last_seq
            items, size = [], 0
        items.append(item)
        size += len(item) + 1
        last_seq = event.seq
    if items:
        yield items, last_seq


def summary_of(event: StoredEvent) -> bytes:
    """How an event is rendered in a summary view."""
    return event.json
