"""A filter on messages in two parts: what the stream of events knows too, and what speaks of messages alone."""

from __future__ import annotations

from datetime import tzinfo
from typing import NamedTuple


class Parts(NamedTuple):
    """The part that every screen obeys, and the part for the screens of messages."""

    of_events: str
    of_messages: str


def split(text: str, zone: tzinfo) -> Parts:
    """Split a filter at the terms that all have to match. Raises `FilterError`."""
    from relay.contract.filter import And, parse_on_messages

    parsed = parse_on_messages(text, zone=zone)
    if not parsed.speaks_of_messages or parsed.tree is None:
        return Parts(text.strip(), "")
    parts = parsed.tree.parts if isinstance(parsed.tree, And) else (parsed.tree,)
    ours = [part for part in parts if parse_on_messages(str(part)).speaks_of_messages]
    others = [part for part in parts if part not in ours]
    return Parts(*(str(And(tuple(some))) if len(some) > 1 else "".join(map(str, some)) for some in (others, ours)))


def with_term(text: str, term: str, zone: tzinfo) -> str:
    """Add a term that has to match, too, unless it is there already. Raises `FilterError`."""
    from relay.contract.filter import And, parse_on_messages

    added, applied = parse_on_messages(term, zone=zone).tree, parse_on_messages(text, zone=zone).tree
    if added is None or applied is None:
        return str(added or applied or "")
    parts = applied.parts if isinstance(applied, And) else (applied,)
    return str(applied if added in parts else And((applied, added)))
