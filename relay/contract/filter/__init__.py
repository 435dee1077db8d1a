"""The one filter language: text in, a tree that prints itself back, and a predicate over one event."""

from __future__ import annotations

from relay.contract.filter.errors import FilterError
from relay.contract.filter.fields import Field, Header, Name, OfMessage, Path
from relay.contract.filter.messages import MessageFilter, parse_on_messages
from relay.contract.filter.parse import Filter, parse
from relay.contract.filter.subject import Subject
from relay.contract.filter.terms import Row, message_reference, reference
from relay.contract.filter.tree import And, Exists, Failed, Matches, Node, Not, Or, Term, Text
from relay.contract.filter.values import (
    Above,
    At,
    Below,
    Between,
    Day,
    Digits,
    Equals,
    Instant,
    Like,
    Limit,
    Literal,
    Moment,
    Test,
)

__all__ = [
    "Above",
    "And",
    "At",
    "Below",
    "Between",
    "Day",
    "Digits",
    "Equals",
    "Exists",
    "Failed",
    "Field",
    "Filter",
    "FilterError",
    "Header",
    "Instant",
    "Like",
    "Limit",
    "Literal",
    "Matches",
    "MessageFilter",
    "Moment",
    "Name",
    "Node",
    "Not",
    "OfMessage",
    "Or",
    "Path",
    "Row",
    "Subject",
    "Term",
    "Test",
    "Text",
    "message_reference",
    "parse",
    "parse_on_messages",
    "reference",
]
