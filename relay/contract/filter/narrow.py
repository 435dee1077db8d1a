"""Which event types a filter can match at all, so that others need not be read."""

from __future__ import annotations

from collections.abc import Iterable

from relay.contract.filter.fields import Name
from relay.contract.filter.tree import And, Failed, Node, Or, Term
from relay.contract.filter.values import Digits, Equals
from relay.contract.knock import FAILED

_TYPE = Name("type")


def types_of(node: Node) -> frozenset[str] | None:
    """Return the only types that can match, or `None` where the filter does not tell."""
    match node:
        case And(parts):
            told = [types for types in map(types_of, parts) if types is not None]
            return frozenset.intersection(*told) if told else None
        case Or(parts):
            return _union(map(types_of, parts))
        case Failed():
            return FAILED
        case Term(field, tests) if field == _TYPE:
            return _union(frozenset({test.text}) if isinstance(test, Equals | Digits) else None for test in tests)
    return None


def _union(sets: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    union: frozenset[str] = frozenset()
    for types in sets:
        if types is None:
            return None
        union |= types
    return union
