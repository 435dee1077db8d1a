"""What of an event a filter looks at, so that a reader loads and parses no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from relay.contract.filter.fields import Name, Path
from relay.contract.filter.tree import And, Exists, Failed, Matches, Node, Not, Or, Term, Text
from relay.contract.filter.walk import Keys

_OF_THE_ROW = frozenset({"type", "family", "seq", "received"})
_CHANGING = frozenset({"verdict", "deliveries", "forwarded"})
"""Names whose values later facts about an event change."""


class Reads(NamedTuple):
    """The paths in the body; and whether more is read than the body, the type, the seq and the time."""

    paths: frozenset[Keys]
    more: bool


def reads(node: Node) -> Reads:
    """Return what a predicate made of this tree reads."""
    paths: set[Keys] = set()
    more = False
    for term in _terms(node):
        match term:
            case Term(Path(keys)) | Matches(Path(keys)) | Exists(Path(keys)):
                paths.add(keys)
            case Term(Name(name)) | Matches(Name(name)) | Exists(Name(name)):
                more = more or name not in _OF_THE_ROW
            case Term() | Matches() | Exists() | Failed():
                more = True
            case Text():
                pass
    return Reads(frozenset(paths), more)


def reads_changing(node: Node) -> bool:
    """Tell whether an event that matches may no longer do so once there are later facts about it."""
    for term in _terms(node):
        match term:
            case Term(Name(name)) | Matches(Name(name)) | Exists(Name(name)) if name in _CHANGING:
                return True
    return False


def _terms(node: Node) -> Iterator[Text | Term | Matches | Exists | Failed]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _terms(part)
        case Not(part):
            yield from _terms(part)
        case _:
            yield node
