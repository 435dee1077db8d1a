"""The columns of a type's table: time, whom or what it is about, the fields of its EventData, then its context."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from relay.contract.events import EventSummary
from relay.contract.filter.walk import leaves
from relay.contract.knock import MESSAGE, RECIPIENT_RUN, family_of
from relay.contract.moments import microseconds
from tui.model.cellvalue import NONE, Kind, Value, value_of

Place: TypeAlias = tuple[str, ...] | str
"""Where the filter language finds a value: a path into the body, or the name of a field."""

MAX_FIELDS = 64
"""Values of EventData with a column, since metadata may have any."""
DEEPEST = 4
"""Keys below each other that a column is of."""
LOOKED_INTO = 3
"""Elements of a list that are looked through for keys."""

DOCUMENTED: Mapping[str, tuple[str, ...]] = {
    "message.delivery_attempted": ("attempt", "max_attempts", "retryable"),
    "message.undelivered": ("failure_reason", "failure_details"),
    "message.bounced": ("failure_reason", "failure_details", "token"),
    "message.link_clicked": ("url",),
    "commits.promoted": ("promote_group_id",),
    **{
        f"{family}.committed": ("commit_id",)
        for family in ("workflow", "email_layout", "translation", "source_event_action", "partial")
    },
}
"""The fields of EventData that Knock documents, in the order to show them in; others appear once they are seen."""

_IDS: Mapping[str, Place] = {
    RECIPIENT_RUN: "recipient_run",
    "workflow": "workflow",
    "email_layout": ("data", "key"),
    "partial": ("data", "key"),
    "branch": ("data", "branch", "slug"),
    "commits": ("data", "promote_group_id"),
}
_TYPE_NAME = "__typename"
_EVENT_DATA = "event_data"


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `name` is its heading and may be foreign; `place` is None where no filter reaches it."""

    key: str
    name: str
    read: Callable[[EventSummary], Value]
    place: Place | None = None
    quiet: bool = False
    within: Callable[[EventSummary], Iterator[Value]] | None = None
    """What a list is made of; None where a cell never is one."""

    @property
    def of_event_data(self) -> bool:
        """It is of what the event itself says, which a summary may cut."""
        return isinstance(self.place, tuple) and self.place[0] == _EVENT_DATA

    def values(self, event: EventSummary) -> Collection[Value]:
        """Give the values that the event has here as a filter sees them: of a list those in it, each once."""
        if self.within is None:
            return (self.read(event),)
        return dict.fromkeys(value for value in self.within(event) if value.kind is not Kind.JSON)

    def term(self, *values: Value, exclude: bool = False, alike: bool = False) -> str | None:
        """Write the term of a filter that keeps the events with all of some values, or leaves those out.

        `alike`: texts of the same digits are among the values of the column, and are not meant by a number.
        """
        from relay.contract.filter import And, Between, Name, Not, Path, Term

        tests = [value.test() for value in values]
        if self.place is None or not tests:
            return None
        field = Name(self.place) if isinstance(self.place, str) else Path(self.place)
        terms = []
        for value, test in zip(values, tests, strict=True):
            if test is None:
                return None
            number = alike and value.kind is Kind.NUMBER
            terms.append(Term(field, (Between(value.raw, value.raw) if number else test,)))
        node = And(tuple(terms)) if len(terms) > 1 else terms[0]
        return str(Not(node) if exclude else node)

    @property
    def by(self) -> str | None:
        """Write the field as the filter language does; None where no filter looks at it."""
        from relay.contract.filter import Path

        return str(Path(self.place)) if isinstance(self.place, tuple) else self.place


_Keys: TypeAlias = tuple[str, ...]


def _field(keys: _Keys) -> Column:
    def within(event: EventSummary) -> Iterator[Value]:
        return (value_of(leaf, truncated=event.truncated) for leaf in leaves(event.event_data, keys))

    def read(event: EventSummary) -> Value:
        found = list(leaves(event.event_data, keys, spread=False))
        return value_of(found[0] if len(found) == 1 else found or None, truncated=event.truncated)

    key = f"{_EVENT_DATA}.{keys[0]}" if len(keys) == 1 else f"{_EVENT_DATA}{keys}"
    return Column(key, ".".join(keys), read, (_EVENT_DATA, *keys), within=within)


def _paths(value: Any, keys: _Keys = ()) -> Iterator[_Keys]:
    """Give the keys that lead to values: into objects, and into those in a list."""
    inner = value if isinstance(value, dict) else {}
    if isinstance(value, list):
        for element in value[:LOOKED_INTO]:
            if isinstance(element, dict):
                yield from _paths(element, keys)
        if not any(isinstance(element, dict) for element in value[:LOOKED_INTO]):
            yield keys
    elif not inner or len(keys) == DEEPEST:
        yield keys
    else:
        for key, each in inner.items():
            if keys or key != _TYPE_NAME:
                yield from _paths(each, (*keys, key))


def _fact(name: str, read: Callable[[EventSummary], Any], place: Place | None = None) -> Column:
    def value(event: EventSummary) -> Value:
        return value_of(read(event), truncated=event.truncated)

    return Column(name, name, value, place, quiet=True)


def _time(event: EventSummary) -> Value:
    us = microseconds(event.received_at)
    return NONE if us is None else Value(Kind.TIME, us)


def _bare(event: EventSummary) -> Value:
    data = event.event_data
    return NONE if isinstance(data, dict) else value_of(data, truncated=event.truncated)


def _within_bare(event: EventSummary) -> Iterator[Value]:
    return (value_of(leaf, truncated=event.truncated) for leaf in leaves(event.event_data, ()))


_TIME = Column("time", "time", _time, "received", quiet=True)
_RECIPIENT = Column("recipient", "recipient", lambda event: value_of(event.recipient), "recipient")
_BARE = Column(_EVENT_DATA, _EVENT_DATA, _bare, (_EVENT_DATA,), within=_within_bare)
_READING = Column("reading", "reading", lambda event: value_of(event.reading))
_CONTEXT = (
    _fact("workflow", lambda event: event.workflow, "workflow"),
    _fact("channel", lambda event: event.channel and (event.channel.type or event.channel.id), "channel"),
    _fact("provider", lambda event: event.channel and event.channel.provider, "provider"),
    _fact("tenant", lambda event: event.tenant, "tenant"),
    _fact("message", lambda event: event.message_id, "message"),
    _fact("verdict", lambda event: event.verdict.value, "verdict"),
    _fact("deliveries", lambda event: event.delivery_count, "deliveries"),
)
_SEQ = _fact("seq", lambda event: event.seq, "seq")


class TypeColumns:
    """The columns of one type, which grow with what its events bring and never go again."""

    def __init__(self, type_: str) -> None:
        family = family_of(type_)
        self._fields: dict[_Keys, Column] = {(key,): _field((key,)) for key in DOCUMENTED.get(type_, ())}
        self._about = _fact(_thing(family), lambda event: event.entity.id, _IDS.get(family))
        self._of_message = family == MESSAGE
        self._seen: set[str] = set()
        self._columns: tuple[Column, ...] = ()
        self._place()

    def __iter__(self) -> Iterator[Column]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __getitem__(self, index: int) -> Column:
        return self._columns[index]

    def index(self, key: str) -> int:
        """Give the place of a column; 0 for one that there is not."""
        return next((place for place, column in enumerate(self._columns) if column.key == key), 0)

    def learn(self, events: Iterable[EventSummary]) -> bool:
        """Look for columns in what events bring; tells whether there are more than before."""
        before = len(self._fields), len(self._seen)
        for event in events:
            self._learn_fields(event.event_data)
            self._learn_context(event)
        if (len(self._fields), len(self._seen)) == before:
            return False
        self._place()
        return True

    def _learn_fields(self, data: Any) -> None:
        if isinstance(data, dict):
            for keys in _paths(data):
                if len(self._fields) >= MAX_FIELDS:
                    break
                if keys and keys not in self._fields:
                    self._fields[keys] = _field(keys)
        elif data is not None:
            self._seen.add(_EVENT_DATA)

    def _learn_context(self, event: EventSummary) -> None:
        if event.recipient is not None:
            self._seen.add("recipient")
        if event.entity.id is not None and not self._of_message:
            self._seen.add("about")
        for column in _CONTEXT:
            if column.key not in self._seen and _says(column, event):
                self._seen.add(column.key)

    def _place(self) -> None:
        seen = self._seen
        columns = [_TIME]
        if "recipient" in seen:
            columns.append(_RECIPIENT)
        if "about" in seen and (self._about.key,) not in self._fields:
            columns.append(self._about)
        columns += self._fields.values()
        if _EVENT_DATA in seen:
            columns.append(_BARE)
        elif not self._fields:
            columns.append(_READING)
        taken = {column.key for column in columns}
        columns += [column for column in _CONTEXT if column.key in seen and column.key not in taken]
        self._columns = (*columns, _SEQ)


def _thing(family: str) -> str:
    return {RECIPIENT_RUN: "run", "commits": "promotion"}.get(family, family.replace("_", " "))


def _says(column: Column, event: EventSummary) -> bool:
    """A verdict that is the best one, and a single delivery, are nothing to speak of."""
    value = column.read(event)
    return value.kind is not Kind.NONE and value.raw not in ("verified", 1)
