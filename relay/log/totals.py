"""Running totals of every event type, kept in memory beside the log."""

from __future__ import annotations

from dataclasses import dataclass, field

from relay.log.base import TypeTotals

MINUTES = 60
_MINUTE_US = 60_000_000


def minute_of(received_us: int) -> int:
    """The minute that a time belongs to, counted from the epoch."""
    return received_us // _MINUTE_US


@dataclass(slots=True)
class _Running:
    count: int = 0
    last_seq: int = 0
    last_us: int = 0
    minutes: dict[int, int] = field(default_factory=dict)


class Totals:
    """Counts by type, folded as events are added and trimmed. Times are in microseconds since the epoch."""

    def __init__(self) -> None:
        self._types: dict[str, _Running] = {}
        self.events = 0

    def load(self, kind: str, count: int, last_seq: int, last_us: int) -> None:
        """Start from what is stored already."""
        self._types[kind] = _Running(count, last_seq, last_us)
        self.events += count

    def load_minute(self, kind: str, received_us: int, count: int = 1) -> None:
        """Count stored events of the last hour into their minute."""
        minutes = self._types[kind].minutes
        minute = received_us // _MINUTE_US
        minutes[minute] = minutes.get(minute, 0) + count

    def add(self, kind: str, seq: int, received_us: int, *, is_recent: bool = True) -> None:
        """Count a new event; into its minute only where that `is_recent`, which one from a file may not be."""
        running = self._types.get(kind)
        if running is None:
            running = self._types[kind] = _Running()
        self.events += 1
        running.count += 1
        running.last_seq = seq
        running.last_us = received_us
        if not is_recent:
            return
        minute = received_us // _MINUTE_US
        minutes = running.minutes
        if minute in minutes:
            minutes[minute] += 1
            return
        minutes[minute] = 1
        if len(minutes) > 2 * MINUTES:
            for old in [each for each in minutes if each <= minute - MINUTES]:
                del minutes[old]

    def remove(self, kind: str, count: int) -> None:
        """Events that are no longer kept."""
        running = self._types.get(kind)
        if running is None:
            return
        self.events -= count
        running.count -= count
        if running.count <= 0:
            del self._types[kind]

    def take(self, kind: str, minute: int, count: int) -> None:
        """Events of one minute that were purged."""
        running = self._types.get(kind)
        if running is None:
            return
        if minute in running.minutes:
            running.minutes[minute] -= count
        self.remove(kind, count)

    def settle(self, kind: str, upto: int, latest: tuple[int, int] | None) -> None:
        """Say which event of a type, by seq and time, is the newest up to a seq, now that others went."""
        running = self._types.get(kind)
        if running is not None and latest is not None and running.last_seq <= upto:
            running.last_seq, running.last_us = latest

    def of(self, kinds: frozenset[str] | None) -> int:
        """How many events of these types are kept; of all types for `None`."""
        if kinds is None:
            return self.events
        return sum(running.count for kind, running in self._types.items() if kind in kinds)

    def all(self, now_us: int) -> list[TypeTotals]:
        """Every type, in the order of its name."""
        newest = now_us // _MINUTE_US
        return [
            TypeTotals(
                kind,
                running.count,
                running.last_seq,
                running.last_us,
                [running.minutes.get(minute, 0) for minute in range(newest - MINUTES + 1, newest + 1)],
            )
            for kind, running in sorted(self._types.items())
        ]
