"""All that the dashboard knows: a fold over what its source gives. No widgets, no I/O."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Flag, auto

from relay.contract.canned import Provoking
from relay.contract.events import EventSummary
from relay.contract.moments import microseconds
from tui.model.browse import Browse, Stance
from tui.model.clock import Clock
from tui.model.commits import Commits
from tui.model.counts import TypeCounts, counted
from tui.model.environments import Environment, Environments
from tui.model.filtering import Filtering
from tui.model.forwarding import Forwarding
from tui.model.history import History
from tui.model.link import Link
from tui.model.minutes import MINUTE_US, Span
from tui.model.provoking import seconds_until_end
from tui.model.rate import Rate
from tui.model.source import Arrivals, Began, Item, LinkChange, LinkState, Missing, Pulse, Recount, Totals
from tui.model.tunnel import Tunnel, TunnelState
from tui.model.window import Window

RATE_SPAN = 30
"""Seconds over which rates are the mean."""
MAX_RATES = 128
RECOUNT_S = 5.0
"""Seconds at least between two counts because events came to match or no longer do."""


class Changed(Flag):
    """What a flush touched, so that only that is painted."""

    NOTHING = 0
    ROWS = auto()
    HEADER = auto()
    COUNTS = auto()
    RESTARTED = auto()
    LINK = auto()


class Dashboard:
    """The model behind every screen."""

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        filter_text: str = "",
        window: Window | None = None,
        environments: Mapping[str, Environment] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock = clock if clock is not None else Clock()
        self.monotonic = monotonic
        self.browse = Browse(window)
        self.counts = TypeCounts()
        self.filtering = Filtering(filter_text)
        self.environments = Environments(environments)
        self.link = Link(monotonic())
        self.rate = Rate(RATE_SPAN)
        self.type_rates: dict[str, Rate] = {}
        self.began = False
        """The first answer of the relay is in."""
        self.file = ""
        """What all events are from, where nothing else can arrive."""
        self.quarantined = 0
        self.secrets: int | None = None
        """Signing secrets that the relay checks with; None until it said."""
        self.public_url = ""
        """Where Knock reaches the relay; empty where it has no such address, or did not say so far."""
        self.provoking: Provoking | None = None
        """The canned answers that are in force at the relay; None where it answers as ever."""
        self.targets: tuple[str, ...] = ()
        """The URLs that events are being forwarded to, by whichever client of the relay; foreign texts."""
        self.tunnel = Tunnel()
        """The tunnel that this dashboard opened."""
        self.forwarding = Forwarding()
        """The forward of this dashboard to an app."""
        self.last_event_us: int | None = None
        self.upto = 0
        self.first_seq = 1
        """The oldest seq that the log keeps, as far as it was heard of."""
        self.history = History(self)
        """When the events of each type came, as far as it was seen."""
        self.commits = Commits()
        """What was committed and promoted, whatever the filter."""
        self.span = Span.ALL
        """Over how long counts and sparklines go."""
        self.marked: EventSummary | None = None
        """The event that others are compared with."""
        self.columns: tuple[str, ...] = ()
        """What the user wants of the columns, as `tui.model.columns` takes it."""
        self.listeners: list[Callable[[Item], None]] = []
        """Further folds over what the source gives, told of each item after the dashboard took it in."""
        self._skew_us = 0
        self._recounted: float | None = None
        self._miscounted = False
        self._older_from: int | None = None

    @property
    def paused(self) -> bool:
        """The list takes nothing in."""
        return self.browse.stance is Stance.PAUSED

    @property
    def picked(self) -> tuple[str, ...]:
        """The types that narrow the stream, none for all; counts go on for all of them."""
        return self.filtering.picked

    @property
    def narrowed(self) -> bool:
        """A filter or a choice of types keeps events out of the stream."""
        return bool(self.filtering.applied or self.picked)

    @property
    def marked_seq(self) -> int | None:
        """Seq of the marked event."""
        return None if self.marked is None else self.marked.seq

    @property
    def open_to_everyone(self) -> bool:
        """Whoever learns the public address can post events, and they show."""
        return self.secrets == 0 and bool(self.public_url or self.tunnel.state is TunnelState.OPEN)

    @property
    def provoked_for(self) -> float | None:
        """Seconds for which deliveries are still answered as provoked; None where they are answered as ever."""
        if self.provoking is None:
            return None
        return seconds_until_end(self.provoking, self.now_us) or None

    @property
    def total(self) -> int | None:
        """Events that the stream has, so many as match the filter and are of a picked type; None until known."""
        if not self.counts.known:
            return None
        return sum(self.counts.by_type[name] for name in self.picked) if self.picked else self.counts.total

    @property
    def position(self) -> int | None:
        """Which event of the stream the cursor is on, counted from the oldest; None where nobody counted."""
        total, behind = self.total, self.browse.behind
        return None if total is None or behind is None else max(total - behind, 1)

    @property
    def now_us(self) -> int:
        """Microseconds since the epoch by the relay's clock."""
        return self.clock.now_us + self._skew_us

    @property
    def minute(self) -> int:
        """The present minute by the relay's clock, as `tui.model.minutes` counts them."""
        return self.now_us // MINUTE_US

    def per_minute(self, type_: str) -> list[int]:
        """Give how many events of a type came in each of the last sixty minutes, oldest first, this one last."""
        return self.counts.per_minute(type_, self.minute)

    def count(self, type_: str) -> int:
        """Count the events of a type within the span."""
        minutes = self.span.minutes
        if minutes == 1:
            return self.history.within_a_minute(type_)
        return self.counts.by_type[type_] if minutes is None else sum(self.per_minute(type_)[-minutes:])

    @property
    def last_event_age(self) -> float | None:
        """Seconds since the last event was received, by the relay's clock; None before the first."""
        if self.last_event_us is None:
            return None
        return max(self.now_us - self.last_event_us, 0) / 1_000_000

    def apply(self, items: Iterable[Item]) -> Changed:
        """Take in what the source gave, in order; says what to paint."""
        changed = Changed.NOTHING
        for item in items:
            match item:
                case Arrivals():
                    changed |= self._arrive(item)
                case LinkChange():
                    changed |= self._relink(item)
                case Pulse():
                    changed |= self._pulse(item)
                case Missing():
                    self.browse.lose(item)
                    self.first_seq = max(self.first_seq, item.to + 1)
                    changed |= Changed.ROWS
                case Recount():
                    self.counts.recount()
                    changed |= Changed.COUNTS
                case Began():
                    changed |= self._begin(item)
            for listener in self.listeners:
                listener(item)
        return changed

    def take_totals(self, totals: Totals) -> None:
        """Take what the log says it holds."""
        self.counts.base(totals, self.minute)
        if not self.picked:
            self._came(max((item.last_at for item in totals.items if item.count), default=None))

    def _arrive(self, arrivals: Arrivals) -> Changed:
        now = self.monotonic()
        self.upto = max(self.upto, arrivals.upto)
        self.link.heard(now, arrivals.upto, None)
        self.browse.arrive(arrivals.events)
        if self.browse.change(arrivals.changes) + self.browse.leave(arrivals.left):
            self._miscounted = True
            self._recount(now)
        changed = (*arrivals.changes, *arrivals.left)
        self.marked = next((one for one in changed if one.seq == self.marked_seq), self.marked)
        self.commits.arrive(
            arrivals.events, arrivals.upto, whole=arrivals.counts is None and not self.filtering.applied
        )
        if not arrivals.events and not arrivals.counts:
            return Changed.ROWS
        self.counts.take(arrivals, self.minute)
        self.history.note(arrivals.events)
        if arrivals.counts is not None:
            given = Counter(event.type for event in arrivals.events)
            for name, count in arrivals.counts.items():
                self.history.note_unseen(name, count - given[name])
        self._note_last(arrivals.events)
        self.environments.note(arrivals.events)
        # What is caught up on came some time ago: it is no rate.
        if self.link.state is LinkState.LIVE:
            self._measure(arrivals, now)
        return Changed.ROWS | Changed.HEADER | Changed.COUNTS

    def _recount(self, now: float) -> Changed:
        """Count anew where other events match than were counted, now and then: it takes the relay some time."""
        if not self._miscounted or (self._recounted is not None and now - self._recounted < RECOUNT_S):
            return Changed.NOTHING
        self._recounted, self._miscounted = now, False
        self.counts.recount()
        return Changed.COUNTS

    def _measure(self, arrivals: Arrivals, now: float) -> None:
        by_type = counted(arrivals)
        if imported := Counter(event.type for event in arrivals.events if event.imported):
            # They are new to the log, and did not come from Knock now.
            by_type = Counter(by_type) - imported
        self.rate.add(sum(by_type.values()), now)
        for name, count in by_type.items():
            if name in self.type_rates or len(self.type_rates) < MAX_RATES:
                # A type that comes seldom was looked out for all the time.
                self.type_rates.setdefault(name, Rate(RATE_SPAN, self.rate.since)).add(count, now)

    def _note_last(self, events: Iterable[EventSummary]) -> None:
        self._came(max((event.received_at for event in events if not event.imported), default=None))

    def _came(self, last: str | None) -> None:
        us = microseconds(last) if last is not None else None
        if us is not None and (self.last_event_us is None or us > self.last_event_us):
            self.last_event_us = us

    def note_page(self, events: Iterable[EventSummary]) -> None:
        """Learn from a page of history when the last event came, and from where."""
        events = list(events)
        # A page around an older event says nothing of what came last.
        if self.browse.attached:
            self._note_last(events)
        if not self.environments.seen:
            self.environments.note(events)

    def note_older(self, before: int, events: Sequence[EventSummary]) -> None:
        """Learn from the pages of history that go on below what arrived when their events came."""
        if before == self._older_from:
            self.history.note(events)
            self._older_from = events[0].seq if events else None

    def _relink(self, change: LinkChange) -> Changed:
        was_live = self.link.state is LinkState.LIVE
        self.link.change(change, self.monotonic())
        if was_live and change.state is not LinkState.CATCHING_UP and change.state is not LinkState.LIVE:
            self.rate.restart()
            self.type_rates.clear()
        return Changed.HEADER | Changed.COUNTS | Changed.LINK

    def _pulse(self, pulse: Pulse) -> Changed:
        self.link.heard(self.monotonic(), pulse.upto, pulse.last_seq)
        self.upto = max(self.upto, pulse.upto)
        if pulse.at_us is not None:
            self._skew_us = pulse.at_us - self.clock.now_us
        if pulse.quarantined is not None:
            self.quarantined = pulse.quarantined
        if pulse.secrets is not None:
            self.secrets = pulse.secrets
        if pulse.public_url is not None:
            self.public_url = pulse.public_url
        self.provoking = pulse.provoking
        if pulse.forwarding is not None:
            self.targets = pulse.forwarding
        return Changed.HEADER | self._recount(self.monotonic())

    def _begin(self, began: Began) -> Changed:
        # Where only the choice of types is another, the counts of all of them go on.
        counting = self.began and began.why == "filter" and began.filter == self.filtering.applied
        self.began = True
        self.filtering.accept(began.filter, began.types)
        if not counting:
            self.counts.restart()
            self.history.restart()
            self.type_rates.clear()
            self.rate.restart()
        if began.why == "log":
            self.marked = None
            self.environments.restart()
            self.commits.restart()
        self.last_event_us = None
        self.upto = began.after
        self.first_seq = began.first_seq
        # Pages that a choice of types narrows tell nothing of the other types.
        self._older_from = began.after + 1 if not counting and not began.types else None
        self.browse.restart(began.after, keep_place=began.why == "filter")
        return Changed.ROWS | Changed.HEADER | Changed.COUNTS | Changed.RESTARTED
