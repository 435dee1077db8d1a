"""The events that came closest to a filter: which term failed for them, and what the value was instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from relay.contract import jsontext
from relay.contract.events import EventDetail
from relay.contract.filter import (
    And,
    Exists,
    Failed,
    Field,
    Filter,
    Header,
    Matches,
    Name,
    Node,
    Not,
    Or,
    Path,
    Subject,
    Term,
    Text,
)
from relay.contract.filter.evaluate import Predicate, predicate_of
from relay.contract.filter.subject import header_values
from relay.contract.filter.terms import TERMS, Kind, kind_of
from relay.contract.filter.walk import leaves
from relay.contract.moments import microseconds, rfc3339
from relay.contract.text import plain

VALUES, SEQS = 4, 5
"""Different values of a term that are told, and events with a value that are named."""
FEW_VALUES, FEW_SEQS = 2, 3
"""The same where several terms are told of in one line."""
_TEXT_LIMIT = 80
_FILTER_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Whole:
    """An event as a filter looks at it, of its detail; `body` is only read for a text that is looked for."""

    summary: EventDetail
    body: bytes = b""

    @property
    def seq(self) -> int:
        return self.summary.seq

    @property
    def type(self) -> str:
        return self.summary.type

    @property
    def payload(self) -> Any:
        return self.summary.payload

    @property
    def headers(self) -> Sequence[tuple[str, str]]:
        return self.summary.headers

    @property
    def received_us(self) -> int:
        return microseconds(self.summary.received_at) or 0


class Miss(NamedTuple):
    """Events that the same terms kept from matching; `partly` where other terms matched."""

    failed: tuple[Node, ...]
    events: tuple[Subject, ...]
    partly: bool


def looks_at_bodies(filter_: Filter) -> bool:
    """Tell whether the exact bytes of an event have to be read to say what it lacks."""
    return filter_.tree is not None and any(isinstance(node, Text) for node in _nodes(filter_.tree))


def all_but_one(filter_: Filter) -> Iterator[str]:
    """Give the filters that find what fails at a single term, for each of the terms that are joined by AND."""
    for parts in () if filter_.tree is None else _alternatives(filter_.tree):
        if len(parts) > 1:
            for at, part in enumerate(parts):
                yield str(And((*parts[:at], part.part if isinstance(part, Not) else Not(part), *parts[at + 1 :])))


def any_of(filter_: Filter) -> str:
    """Give the filter that finds what passes at least one of the terms; empty where that is the filter itself."""
    parts = [part for way in _alternatives(filter_.tree) for part in way] if filter_.tree is not None else []
    return str(Or(tuple(parts))) if isinstance(filter_.tree, And) or len(parts) > 2 else ""


def misses(filter_: Filter, events: Iterable[Subject]) -> list[Miss]:
    """Group events by the terms that they fail at; those that fail at the fewest alone, the smallest group first.

    An event that matches is none of them.
    """
    if filter_.tree is None:
        return []
    ways = [
        [(part, predicate_of(part, filter_.now_us)) for part in parts] for parts in _alternatives(filter_.tree)
    ]
    groups: dict[tuple[Node, ...], tuple[list[Subject], bool]] = {}
    for event in sorted(events, key=lambda event: event.seq):
        failed, partly = min((_failed(way, event) for way in ways), key=lambda found: len(found[0]))
        if failed:
            groups.setdefault(failed, ([], partly))[0].append(event)
    fewest = min(map(len, groups), default=0)
    found = [
        Miss(failed, tuple(held), partly) for failed, (held, partly) in groups.items() if len(failed) == fewest
    ]
    return sorted(found, key=lambda miss: len(miss.events))


def told(miss: Miss, count: int | None = None) -> str:
    """Say in one plain line what failed and what was there instead; `count` is how many events it is true of."""
    number = len(miss.events) if count is None else count
    events = "1 event" if number == 1 else f"{number:,} events"
    names = [plain(str(node), _FILTER_LIMIT) for node in miss.failed]
    if miss.partly:
        head = f"{events} matched all but {' and '.join(names)}"
    elif len(names) > 1:
        head = f"{events} matched none of {', '.join(names)}"
    else:
        head = f"{events} did not match {names[0]}"
    few = len(miss.failed) > 1
    instead = (text for node in miss.failed for text in _instead(node, miss.events, few=few))
    return f"{head}: {'; '.join(dict.fromkeys(instead))}"


def _alternatives(tree: Node) -> Iterator[tuple[Node, ...]]:
    """Give what has to be true together, for each way to match."""
    for way in tree.parts if isinstance(tree, Or) else (tree,):
        yield way.parts if isinstance(way, And) else (way,)


def _failed(way: Sequence[tuple[Node, Predicate]], event: Subject) -> tuple[tuple[Node, ...], bool]:
    failed = tuple(part for part, matches in way if not matches(event))
    return failed, len(failed) < len(way)


def _nodes(tree: Node) -> Iterator[Node]:
    """Give the terms of a tree."""
    match tree:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _nodes(part)
        case Not(part):
            yield from _nodes(part)
        case _:
            yield tree


def _instead(tree: Node, events: Sequence[Subject], *, few: bool) -> Iterator[str]:
    """Say for each thing that the terms look at what it was."""
    negated = isinstance(tree, Not)
    values, seqs = (FEW_VALUES, FEW_SEQS) if few else (VALUES, SEQS)
    for node in _nodes(tree):
        match node:
            case Text(text):
                shown = plain(jsontext.dumps(text).decode(), _TEXT_LIMIT)
                yield f"{shown} {'was' if negated else 'was not'} in the body ({_seqs(events, seqs)})"
            case Failed():
                yield _values("type", _by_value(Name("type"), events), values, seqs)
            case Term(field, _) | Matches(field, _) | Exists(field):
                yield _values(plain(str(field), _TEXT_LIMIT), _by_value(field, events), values, seqs)
            case _:
                continue


def _values(name: str, by_value: Mapping[str, Sequence[Subject]], values: int, seqs: int) -> str:
    told_of = [f"{value} ({_seqs(events, seqs)})" for value, events in list(by_value.items())[:values]]
    more = len(by_value) - values
    others = f" and {more:,} other{'s' if more > 1 else ''}" if more > 0 else ""
    return f"{name} was {', '.join(told_of)}{others}"


def _seqs(events: Sequence[Subject], most: int) -> str:
    numbers = [str(event.seq) for event in events[:most]]
    more = f" and {len(events) - most:,} more" if len(events) > most else ""
    return f"seq {', '.join(numbers)}{more}"


def _by_value(field: Field, events: Sequence[Subject]) -> dict[str, list[Subject]]:
    found: dict[str, list[Subject]] = {}
    for event in events:
        found.setdefault(_value(field, event), []).append(event)
    return found


def _value(field: Field, event: Subject) -> str:
    """Write what a term sees in an event, in plain text for one line."""
    value = _read(field, event)
    if isinstance(value, int) and not isinstance(value, bool) and kind_of(field) in (Kind.TIME, Kind.AGE):
        value = rfc3339(value)
    if value is None or value == []:
        return "absent"
    if isinstance(value, list):
        return plain(" and ".join(map(_written, value)), _TEXT_LIMIT)
    return plain(_written(value), _TEXT_LIMIT)


def _read(field: Field, event: Subject) -> Any:
    match field:
        case Path(keys):
            values = list(leaves(event.payload, keys))
            return values[0] if len(values) == 1 else [value for value in values if value is not None]
        case Header(name):
            return header_values(event, name)
        case Name(name):
            return TERMS[name].read(event)
        case _:
            return None


def _written(value: Any) -> str:
    if isinstance(value, str) and value and value.isprintable() and " " not in value:
        return value
    return jsontext.dumps(value).decode("utf-8", "replace")
