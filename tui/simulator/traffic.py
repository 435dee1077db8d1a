"""Endless traffic: lifecycles of every kind side by side, with repeats and late arrivals, at a steady rate."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import NamedTuple

from tui.simulator.account import DEVELOPMENT, PRODUCTION
from tui.simulator.event import SimulatedEvent
from tui.simulator.lifecycle import Lifecycle
from tui.simulator.notation import chance
from tui.simulator.scenarios import SCENARIOS
from tui.simulator.stage import brisk

WEIGHTS: Mapping[str, int] = {
    "happy-email": 14,
    "feed": 7,
    "sms": 6,
    "push": 6,
    "chat": 5,
    "office-email": 4,
    "partner-hook": 3,
    "runs": 3,
    "digest": 3,
    "broadcast": 2,
    "bounce": 2,
    "retry-storm": 1,
    "manual-retry": 1,
    "bounce-wave": 1,
    "push-dead-token": 1,
    "complaint": 1,
    "template-deploy": 1,
    "branch": 1,
}
"""How often each scenario comes up in the default mix."""

_REPEATED = 0.02
_REPEATED_AFTER_S = (1.0, 15.0)
_LATE = 0.03
_LATE_BY_S = (2.0, 20.0)
_IN_PRODUCTION = 0.75


class Delivery(NamedTuple):
    """One request of the traffic and when to send it; `repeated`: the same bytes were sent before."""

    at: datetime
    event: SimulatedEvent
    repeated: bool = False
    late: bool = False


class Traffic:
    """Deliveries in the order of their time, `rate` a second, without end; waits of minutes are shortened.

    The first comes at `start`; until every scenario was begun once none begins twice, so that all event types come
    up within the first minutes. `only` narrows the mix to some scenarios. Raises `KeyError` for an unknown one.
    """

    def __init__(self, seed: int, rate: float, *, start: datetime, only: Sequence[str] = ()) -> None:
        if not rate > 0:
            raise ValueError(f"a rate of {rate} events a second never sends one")
        self._rng = chance(seed)
        self._gap_s = 1 / rate
        self._now = start
        self._names = [SCENARIOS[name].name for name in only or WEIGHTS]
        self._deck: list[str] = []
        self._dealt = False
        self._order = count()
        self._playing: list[tuple[datetime, int, Lifecycle]] = []
        self._held: list[tuple[datetime, int, Delivery]] = []

    def __iter__(self) -> Iterator[Delivery]:
        while True:
            yield self._next()
            self._now += timedelta(seconds=self._gap_s * self._rng.uniform(0.25, 1.75))

    def resume(self, at: datetime) -> None:
        """Go on at another time, for who did not keep up: what was due meanwhile comes late, at the usual rate."""
        self._now = at

    def _next(self) -> Delivery:
        while True:
            if self._held and self._held[0][0] <= self._now:
                return heapq.heappop(self._held)[2]._replace(at=self._now)
            delivery = Delivery(self._now, self._happen())
            if self._rng.random() >= _LATE:
                if self._rng.random() < _REPEATED:
                    self._hold(delivery._replace(repeated=True), *_REPEATED_AFTER_S)
                return delivery
            self._hold(delivery._replace(late=True), *_LATE_BY_S)

    def _happen(self) -> SimulatedEvent:
        """The oldest event that is due, or the first of a new lifecycle."""
        if self._playing and self._playing[0][0] <= self._now:
            _, _, lifecycle = heapq.heappop(self._playing)
        else:
            lifecycle = self._begin()
        event = lifecycle.take(rendered_at=self._now)
        if lifecycle.next_at is not None:
            heapq.heappush(self._playing, (lifecycle.next_at, next(self._order), lifecycle))
        return event

    def _begin(self) -> Lifecycle:
        if not self._deck:
            self._deck = self._shuffled()
        environment = PRODUCTION if self._rng.random() < _IN_PRODUCTION else DEVELOPMENT
        return Lifecycle.beginning(
            self._deck.pop(), self._now, seed=self._rng, tempo=brisk, environment=environment
        )

    def _shuffled(self) -> list[str]:
        """First every scenario once, then by weight."""
        deck = [name for name in self._names for _ in range(WEIGHTS[name] if self._dealt else 1)]
        self._dealt = True
        self._rng.shuffle(deck)
        return deck

    def _hold(self, delivery: Delivery, least_s: float, most_s: float) -> None:
        until = self._now + timedelta(seconds=self._rng.uniform(least_s, most_s))
        heapq.heappush(self._held, (until, next(self._order), delivery))
