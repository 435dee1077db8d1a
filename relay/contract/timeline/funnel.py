"""How far messages come, and how long each step takes: counted over timelines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from relay.contract.events import Channel
from relay.contract.knock import Engagement
from relay.contract.moments import microseconds
from relay.contract.timeline.model import MessageTimeline
from relay.contract.timeline.pages import FunnelStep
from relay.contract.timeline.reach import CLICK_READS, can_be_sent, can_engage, reports_delivery

STEPS = ("sent", "delivered", "seen", "read", "clicked")
_TYPES = ("message.sent", "message.delivered", "message.seen", "message.read", "message.link_clicked")
_DEEDS = (Engagement.SEEN, Engagement.READ, Engagement.LINK_CLICKED)


class Way(NamedTuple):
    """When a message first came to each step, in microseconds since the epoch, and which of them it can come to.

    A step that it came to without a time is 0.
    """

    reached: tuple[int | None, ...]
    possible: tuple[bool, ...]


def way_of(message: MessageTimeline) -> Way:
    """Follow a message through the funnel. The timeline has to have all its steps."""
    return way_by(((step.type, step.created_at) for step in message.steps), message.channel)


def way_by(events: Iterable[tuple[str, str | None]], channel: Channel | None) -> Way:
    """Follow a message by the types of its events, in any order, and when Knock made them."""
    firsts: dict[str, int] = {}
    for kind, created_at in events:
        if kind in _TYPES:
            at = (microseconds(created_at) if created_at else None) or 0
            known = firsts.get(kind)
            firsts[kind] = min(at, known) if at and known else at or known or 0
    if channel is not None and channel.type in CLICK_READS and _TYPES[4] in firsts:
        firsts.setdefault(_TYPES[3], firsts[_TYPES[4]])
    reached = tuple(firsts.get(kind) for kind in _TYPES)
    possible = (can_be_sent(channel), reports_delivery(channel) is not False, *_engagement(channel))
    return Way(reached, tuple(can or at is not None for can, at in zip(possible, reached, strict=True)))


def _engagement(channel: Channel | None) -> Iterator[bool]:
    return (can_engage(channel, deed) for deed in _DEEDS)


class FunnelCount:
    """Messages counted step by step."""

    def __init__(self) -> None:
        self.messages = 0
        self._counts = [0] * len(STEPS)
        self._possible = [0] * len(STEPS)
        self._times: list[list[float]] = [[] for _ in STEPS]

    def add(self, way: Way) -> None:
        """Count one message."""
        self.messages += 1
        before: int | None = None
        for place, (at, can) in enumerate(zip(way.reached, way.possible, strict=True)):
            self._possible[place] += can
            if at is None:
                continue
            self._counts[place] += 1
            if at and before and at >= before:
                self._times[place].append((at - before) / 1_000)
            before = at or before

    def steps(self) -> list[FunnelStep]:
        """Tell what was counted so far."""
        return [
            FunnelStep(
                step=step,
                count=self._counts[place],
                of=self._possible[place],
                median_ms=_median(self._times[place]),
                p95_ms=_p95(self._times[place]),
            )
            for place, step in enumerate(STEPS)
        ]


def _median(values: list[float]) -> float | None:
    """The value in the middle, or halfway between the two that are there."""
    if not values:
        return None
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


def _p95(values: list[float]) -> float | None:
    """The least of the values that 95 in 100 of them do not exceed."""
    return sorted(values)[math.ceil(len(values) * 95 / 100) - 1] if values else None


def funnel_of(messages: Sequence[MessageTimeline]) -> list[FunnelStep]:
    """Count messages that are at hand; their timelines have to have all their steps."""
    count = FunnelCount()
    for message in messages:
        count.add(way_of(message))
    return count.steps()
