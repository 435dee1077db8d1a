"""Where a scenario's script is played out: changes of entities at times, told as webhooks in that order."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Protocol, TypeAlias

from tui.simulator.account import DEVELOPMENT, Environment
from tui.simulator.event import SimulatedEvent, request
from tui.simulator.overrides import Override

Tempo: TypeAlias = Callable[[float], float]
"""Turns the seconds that something takes into the seconds that it takes in the play."""

_BRISK_FROM = 1.0
_PROMPT_S = 0.25
"""Knock usually renders an event this soon after what it tells of."""
_SLUGGISH = 0.06
"""Share of events that are rendered seconds later, when the entity may have moved on."""


def real_time(seconds: float) -> float:
    """Everything takes as long as it does."""
    return seconds


def brisk(seconds: float) -> float:
    """A second stays a second, a minute becomes five, half an hour nine: for people who watch."""
    return seconds if seconds <= _BRISK_FROM else _BRISK_FROM * (1 + math.log(seconds / _BRISK_FROM))


class Entity(Protocol):
    """What webhooks tell of: it changes, and it can be shown as it is now."""

    environment: Environment

    def apply(self, change: str, at: datetime) -> None: ...

    def data(self) -> dict[str, Any]: ...


@dataclass(slots=True)
class Step:
    """One change of one entity; `told` where Knock has a webhook for it."""

    at: datetime
    entity: Entity
    change: str
    event_data: dict[str, Any] | None
    told: bool
    happened: bool = False

    def happen(self) -> None:
        """Let it happen, once."""
        if not self.happened:
            self.happened = True
            self.entity.apply(self.change, self.at)


class Course:
    """One entity's changes, one after another, each after a wait."""

    def __init__(self, stage: Stage, entity: Entity, at: datetime) -> None:
        self.at = at
        self.entity = entity
        self.stage = stage

    def wait(self, least: float, most: float) -> Course:
        """Let from `least` to `most` seconds pass, short waits being the likelier ones."""
        self.at += self.stage.delay(least, most)
        return self

    def tell(self, change: str, event_data: dict[str, Any] | None = None) -> Course:
        """Let `change` happen now, and a webhook tell of it."""
        self.stage.add(Step(self.at, self.entity, change, event_data, told=True))
        return self

    def change(self, change: str) -> Course:
        """Let `change` happen now; Knock has no webhook for it."""
        self.stage.add(Step(self.at, self.entity, change, None, told=False))
        return self


class Stage:
    """A script adds courses to it; then its events are taken from it, the earliest first.

    Which steps there are, and how far apart, depends on `rng` and `tempo` alone, never on `start`.
    """

    def __init__(
        self,
        rng: Random,
        start: datetime,
        *,
        tempo: Tempo = real_time,
        environment: Environment = DEVELOPMENT,
        overrides: Sequence[Override] = (),
    ) -> None:
        self.rng = rng
        self.start = start
        self.environment = environment
        self._tempo = tempo
        self._overrides = overrides
        self._steps: list[Step] = []
        self._ahead: deque[Step] = deque()

    def delay(self, least: float, most: float) -> timedelta:
        """Draw a wait of `least` to `most` seconds."""
        seconds = self._tempo(least * (most / least) ** self.rng.random())
        return timedelta(microseconds=max(1, round(seconds * 1e6)))

    def course(self, entity: Entity, at: datetime) -> Course:
        """Begin to tell of `entity` at a time."""
        return Course(self, entity, at)

    def add(self, step: Step) -> None:
        self._steps.append(step)

    def begin(self) -> None:
        """Put the steps in order; to be called when the script is done."""
        self._ahead = deque(sorted(self._steps, key=lambda step: step.at))

    def times(self) -> list[tuple[datetime, str]]:
        """When each event that is still ahead happens, and its type."""
        return [(step.at, step.change) for step in self._ahead if step.told]

    def next_at(self) -> datetime | None:
        """When the next event happens; `None` at the end."""
        return next((step.at for step in self._ahead if step.told), None)

    def take(self, rendered_at: datetime | None = None) -> SimulatedEvent:
        """Return the next event, its entity as it is at `rendered_at`, or soon after the change.

        Knock renders the entity when it sends, not when it happened: `message.sent` may come with the status
        `delivered`. Raises `IndexError` at the end.
        """
        step = self.skip()
        self._move_on(step.entity, rendered_at or step.at + self._lag())
        return request(
            step.change,
            created_at=step.at,
            data=step.entity.data(),
            event_data=step.event_data,
            environment=step.entity.environment,
            overrides=self._overrides,
        )

    def skip(self) -> Step:
        """Let the next event happen, without a webhook being made of it. Raises `IndexError` at the end."""
        while True:
            step = self._ahead.popleft()
            step.happen()
            if step.told:
                return step

    def _move_on(self, entity: Entity, until: datetime) -> None:
        for step in self._ahead:
            if step.at > until:
                return
            if step.entity is entity:
                step.happen()

    def _lag(self) -> timedelta:
        sluggish = self.rng.random() < _SLUGGISH
        return timedelta(seconds=self.rng.uniform(1, 8) if sluggish else _PROMPT_S * self.rng.random())
