"""A filter on messages: one is listed when one of its events matches; some terms speak of the message itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, tzinfo

from relay.contract.filter.fields import OfMessage
from relay.contract.filter.parse import Filter, checked
from relay.contract.filter.subject import SubjectOfMessage
from relay.contract.filter.tree import And, Exists, Matches, Node, Not, Or, Term


class MessageFilter(Filter):
    """A filter on messages that parsed.

    `events` is a filter on events that every event which makes a message listed matches. Where the filter
    `speaks_of_messages`, `matches` has to be asked as well, of the event and its message's whole timeline.
    """

    __slots__ = ("events", "speaks_of_messages")

    matches: Callable[[SubjectOfMessage], bool]  # type: ignore[assignment] # it looks at more than a filter on events

    def __init__(self, text: str, tree: Node | None, now_us: int) -> None:
        super().__init__(text, tree, now_us)
        self.speaks_of_messages = tree is not None and _speaks(tree)
        possible = tree if tree is None or not self.speaks_of_messages else _possible(tree)
        self.events = Filter(text, possible, now_us)


def parse_on_messages(text: str, now_us: int | None = None, *, zone: tzinfo = UTC) -> MessageFilter:
    """Read a filter on messages, as `parse` does one on events. Raises `FilterError`."""
    if now_us is None:
        now_us = time.time_ns() // 1_000
    return MessageFilter(text, checked(text, zone, of_messages=True), now_us)


def _speaks(node: Node) -> bool:
    match node:
        case And(parts) | Or(parts):
            return any(map(_speaks, parts))
        case Not(part):
            return _speaks(part)
        case Term(OfMessage()) | Matches(OfMessage()) | Exists(OfMessage()):
            return True
    return False


def _possible(node: Node) -> Node | None:
    """The tree without what speaks of messages: every event that can match passes; `None` for any event."""
    if not _speaks(node):
        return node
    if isinstance(node, And):
        parts = [part for part in map(_possible, node.parts) if part is not None]
        return parts[0] if len(parts) == 1 else And(tuple(parts)) if parts else None
    if isinstance(node, Or):
        ways = [_possible(part) for part in node.parts]
        return None if None in ways else Or(tuple(way for way in ways if way is not None))
    return None
