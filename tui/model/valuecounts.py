"""The values of a type's columns in all of the log that matches: what the relay counted, and what arrived since.

What is known of a column is of use until a filter makes it another question. Arrivals are added as long as it is
certain what they change; where it is not, the relay is asked again, after a while that grows with how long the
last answer took.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from relay.contract.api import MAX_LIMIT, Group
from relay.contract.events import EventSummary
from relay.contract.knock import ChannelType
from tui.model.cellvalue import LONG, NONE, Kind, Value, value_of
from tui.model.source import Values
from tui.model.typecolumns import Column

LIMIT = MAX_LIMIT
"""Values that are asked for; of others nothing is known."""
AGAIN = 2.0
"""Seconds after which an answer that is not right any more is asked for again at the soonest."""
TIMES = 10
"""So many times as long as the answer took it is not asked for again."""
FAILED = 10.0
"""Seconds after which a question that failed is asked again."""
MOST_WAITING = 5_000
"""Events that are kept while a question is under way; with more of them the answer is asked for again."""

_UNASKED = ("time", "seq")
"""Columns in which nearly every event has a value of its own."""


@dataclass(slots=True)
class _Counted:
    """What the log holds of one column: events by value up to seq `upto`, and what was added since."""

    values: Counter[Value] = field(default_factory=Counter)
    upto: int | None = None
    all_values: bool = True
    stale: bool = False
    due: float = 0.0


class ValueCounts:
    """What is known of each column by its key. Times are in seconds by any clock that goes on."""

    def __init__(self) -> None:
        self._counted: dict[str, _Counted] = {}
        self._failed: dict[str, float] = {}
        self._waiting: list[EventSummary] | None = None
        self.asking: str | None = None
        """The key of the column that the relay is counting."""
        self._asked_at = 0.0

    def restart(self) -> None:
        """Forget everything: another filter is in force, or another log."""
        self._counted.clear()
        self._failed.clear()
        self._waiting = self.asking = None

    def wants(self, column: Column, now: float) -> bool:
        """Tell whether the relay is to be asked for the values of a column."""
        if column.by is None or column.key in _UNASKED or now < self._failed.get(column.key, now):
            return False
        known = self._counted.get(column.key)
        return known is None or (known.stale and now >= known.due)

    def waits(self, now: float) -> float:
        """Give for how many seconds an answer has been awaited; 0 where none is."""
        return now - self._asked_at if self.asking is not None else 0.0

    def ask(self, column: Column, now: float) -> None:
        """Note that the relay is asked: from now on arrivals are kept for its answer."""
        self.asking, self._asked_at, self._waiting = column.key, now, []

    def stop(self) -> None:
        """Note that the answer is awaited no longer."""
        self.asking = self._waiting = None

    def fail(self, column: Column, now: float) -> None:
        """Note that there was no answer."""
        self.stop()
        self._failed[column.key] = now + FAILED

    def take(self, column: Column, values: Values, none: int, seen: Iterable[Value], now: float) -> None:
        """Take what the relay counted; `none` events have no value. `seen` are values of rows that are loaded."""
        waiting, took = self._waiting, self.waits(now)
        known = _Counted(upto=values.upto, all_values=len(values.groups) < LIMIT)
        known.values.update(_own(column, values.groups, set(seen)))
        if none:
            known.values[NONE] = none
        known.due = now + max(AGAIN, TIMES * took)
        self._failed.pop(column.key, None)
        self._counted[column.key] = known
        self.stop()
        if waiting is None or len(waiting) > MOST_WAITING:
            known.stale = True
        else:
            _add(known, column, waiting)

    def arrive(self, events: Sequence[EventSummary], columns: Iterable[Column]) -> None:
        """Add new events."""
        if self._waiting is not None and len(self._waiting) <= MOST_WAITING:
            self._waiting.extend(events)
        if self._counted:
            for column in columns:
                known = self._counted.get(column.key)
                if known is not None:
                    _add(known, column, events)

    def doubt(self) -> None:
        """Note that what is known may not be right any more, and nothing tells how."""
        for known in self._counted.values():
            known.stale = True

    def of(self, column: Column) -> tuple[Mapping[Value, int], bool] | None:
        """Give how many events have each value, and whether those are all; None where the relay did not say."""
        known = self._counted.get(column.key)
        return None if known is None else (known.values, known.all_values)


def _add(known: _Counted, column: Column, events: Iterable[EventSummary]) -> None:
    for event in events:
        if known.upto is None or (event.truncated and column.of_event_data):
            known.stale = True
        elif event.seq > known.upto:
            for value in column.values(event):
                if value in known.values or known.all_values:
                    known.values[value] += 1
                else:
                    # It may be among those that were too few to be named.
                    known.stale = True


def _own(column: Column, groups: Sequence[Group], seen: set[Value]) -> Mapping[Value, int]:
    """Give the counts of values as the column has them, where a filter's field says more than that."""
    counts: Counter[Value] = Counter()
    for group in groups:
        counts[_value(group)] += group.count
    if column.key == "channel":
        # The field is its key and its id, too.
        types = {*seen, *(Value(Kind.TEXT, kind.value) for kind in ChannelType)}
        return {value: count for value, count in counts.items() if value in types}
    if column.key == "recipient":
        alone = Counter(dict(_alone(counts)))
        return {value: count for value, count in counts.items() if alone[value] != count}
    return counts


def _value(group: Group) -> Value:
    if isinstance(group.value, str) and len(group.value) > LONG:
        return Value(Kind.TEXT, group.value[:LONG], cut=True)
    return value_of(group.value)


def _alone(counts: Mapping[Value, int]) -> Iterator[tuple[Value, int]]:
    """Give the ids of recipients that are named with their collection: the field is both."""
    sums: Counter[Value] = Counter()
    for value, count in counts.items():
        _, slash, id_ = str(value.raw).partition("/")
        if slash:
            sums[Value(Kind.TEXT, id_)] += count
    yield from sums.items()
