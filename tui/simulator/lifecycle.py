"""Plays scenarios: their events in order, the same for the same seed and time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from relay.contract.knock import CATALOGUE
from tui.simulator.account import DEVELOPMENT, Environment
from tui.simulator.event import SimulatedEvent
from tui.simulator.notation import Seed, chance
from tui.simulator.overrides import Override
from tui.simulator.scenarios import SCENARIOS
from tui.simulator.stage import Stage, Tempo, real_time

TYPES: tuple[str, ...] = tuple(CATALOGUE)
"""The event types that can be simulated: all that Knock documents."""

_BY_TYPE: Mapping[str, tuple[str, ...]] = {
    event_type: tuple(name for name, scenario in SCENARIOS.items() if event_type in scenario.types)
    for event_type in TYPES
}
_REHEARSAL = datetime(2026, 1, 1, tzinfo=UTC)


class Lifecycle:
    """A scenario being played: its events in the order of their `created_at`, each given out once."""

    def __init__(
        self,
        scenario: str,
        *,
        seed: Seed,
        start: datetime,
        tempo: Tempo = real_time,
        environment: Environment = DEVELOPMENT,
        overrides: Sequence[Override] = (),
    ) -> None:
        """Begin at `start`; the first event comes a moment later. Raises `KeyError` for an unknown scenario."""
        self.scenario = SCENARIOS[scenario]
        self._stage = Stage(chance(seed), start, tempo=tempo, environment=environment, overrides=overrides)
        self.scenario.script(self._stage)
        self._stage.begin()

    @classmethod
    def beginning(
        cls,
        scenario: str,
        at: datetime,
        *,
        seed: Seed,
        tempo: Tempo = real_time,
        environment: Environment = DEVELOPMENT,
    ) -> Lifecycle:
        """Play it so that its first event happens at `at`."""
        number = chance(seed).getrandbits(64)
        first, _ = _rehearse(scenario, number, tempo)[0]
        return cls(scenario, seed=number, start=at - first, tempo=tempo, environment=environment)

    @classmethod
    def ending(cls, scenario: str, at: datetime, *, seed: Seed, overrides: Sequence[Override] = ()) -> Lifecycle:
        """Play it so that its last event happens at `at`: a story that is just over."""
        number = chance(seed).getrandbits(64)
        last, _ = _rehearse(scenario, number)[-1]
        return cls(scenario, seed=number, start=at - last, overrides=overrides)

    @property
    def next_at(self) -> datetime | None:
        """When the next event happens; `None` at the end."""
        return self._stage.next_at()

    def take(self, rendered_at: datetime | None = None) -> SimulatedEvent:
        """Return the next event with its entity as it is at `rendered_at`; without it, soon after the event.

        Raises `IndexError` at the end.
        """
        return self._stage.take(rendered_at)

    def skip(self, count: int) -> Lifecycle:
        """Let the next `count` events happen untold."""
        for _ in range(count):
            self._stage.skip()
        return self

    def __iter__(self) -> Iterator[SimulatedEvent]:
        while self.next_at is not None:
            yield self.take()


def event(event_type: str, *, seed: Seed, now: datetime, overrides: Sequence[Override] = ()) -> SimulatedEvent:
    """Make one event that happens at `now`, out of a whole lifecycle, so that its entity is what Knock would show.

    Raises `KeyError` for a type that Knock does not document, `OverrideError`.
    """
    rng = chance(seed)
    scenario = rng.choice(_BY_TYPE[event_type])
    number = rng.getrandbits(64)
    times = _rehearse(scenario, number)
    position = rng.choice([index for index, (_, change) in enumerate(times) if change == event_type])
    offset, _ = times[position]
    lifecycle = Lifecycle(scenario, seed=number, start=now - offset, overrides=overrides)
    return lifecycle.skip(position).take(rendered_at=now)


def _rehearse(scenario: str, seed: int, tempo: Tempo = real_time) -> list[tuple[timedelta, str]]:
    """How long after its start each event of a lifecycle comes, and its type."""
    stage = Stage(chance(seed), _REHEARSAL, tempo=tempo)
    SCENARIOS[scenario].script(stage)
    stage.begin()
    return [(at - _REHEARSAL, change) for at, change in stage.times()]
