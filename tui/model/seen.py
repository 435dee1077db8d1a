"""What the log holds at a place in the filter that is typed: which values to ask for, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple

from relay.contract.api import Group
from relay.contract.events import EventDetail
from tui.model.completion import Seen, place_of, typed_at, word_at

if TYPE_CHECKING:
    from relay.contract.filter import Node

LIMIT = 100
"""Values that are asked for at once."""
NEWEST = 50_000
"""Where every body has to be read, only so many of the newest events are looked through."""
KEPT = 64
FRESH = 10.0
"""Seconds for which an answer is good: counts go on, and nobody reads them to the last digit."""
TYPES = 24
"""Types of which the newest event is read, for its keys."""

_STANDIN = "stands-where-the-cursor-is"


class Question(NamedTuple):
    """The values of a field among the events that match `filter`; `part` is a text that they all have."""

    by: str
    filter: str
    part: str = ""


class Answers:
    """What was asked and what the relay said. Times are in seconds by any clock that goes on.

    A time in a filter that has no offset is in `zone`.
    """

    def __init__(self, zone: tzinfo = UTC) -> None:
        self._zone = zone
        self._answers: dict[Question, tuple[float, Sequence[Group] | None]] = {}
        self.details: dict[str, EventDetail] = {}
        """The newest event of each type, as far as it was read."""

    def lacking(self, text: str, cursor: int, now: float, newest: int) -> Question | None:
        """Give what to ask for the place at the cursor; None where nothing is to be asked, or all is known.

        `newest` is the newest seq of the log.
        """
        for question in questions(text, cursor, newest, self._zone):
            at, found = self._answers.get(question, (None, ()))
            if at is None or now - at > FRESH:
                return question
            if found is None or len(found) < LIMIT:
                return None
        return None

    def take(self, question: Question, found: Sequence[Group] | None, now: float) -> None:
        """Keep an answer, or that there was none."""
        self._answers.pop(question, None)
        self._answers[question] = (now, found)
        while len(self._answers) > KEPT:
            del self._answers[next(iter(self._answers))]

    def seen(self, text: str, cursor: int, newest: int) -> tuple[Sequence[Seen] | None, bool]:
        """Give the values that are known for a place, the most frequent first, and tell whether they are all.

        None where the relay did not say so far.
        """
        found: dict[tuple[type, Any], Seen] = {}
        answers = [
            answer
            for question in questions(text, cursor, newest, self._zone)
            if (answer := self._answers.get(question, (0.0, None))[1]) is not None
        ]
        for group in (group for answer in reversed(answers) for group in answer):
            found.setdefault((type(group.value), group.value), Seen(group.value, group.count))
        ordered = sorted(found.values(), key=lambda one: -one.events)
        return (ordered, any(len(answer) < LIMIT for answer in answers)) if answers else (None, False)

    @property
    def payloads(self) -> Sequence[Mapping[str, Any]]:
        """The bodies of the events that were read."""
        return [detail.payload for detail in self.details.values() if isinstance(detail.payload, dict)]

    @property
    def headers(self) -> Sequence[str]:
        """The names of the headers that these events came with."""
        return list(dict.fromkeys(name.lower() for detail in self.details.values() for name, _ in detail.headers))


def questions(text: str, cursor: int, newest: int, zone: tzinfo = UTC) -> Sequence[Question]:
    """Give what to ask for a place in a filter: all values, then those alone that have what is typed of one."""
    by = place_of(text, cursor)
    if by is None:
        return ()
    rest = rest_of(text, cursor, zone)
    if "." in by and newest > NEWEST:
        # No index helps with the keys of bodies: each of them is read.
        rest = " ".join(part for part in (rest, f"seq:>{newest - newest % NEWEST - NEWEST}") if part)
    part = typed_at(text, cursor)
    whole = Question(by, rest)
    narrower = _narrowed(by, rest, part)
    return (whole,) if narrower is None else (whole, narrower)


def _narrowed(by: str, rest: str, part: str) -> Question | None:
    """Ask for the texts alone that have a part, in any case: of many values those may be far down."""
    from relay.contract.filter import FilterError, Matches, parse
    from relay.contract.filter.names import field_of

    if not part:
        return None
    try:
        term = Matches(field_of(by), f"(?i){_literal(part)}")
        narrowed = str(parse(f"{rest} {term}" if rest else str(term)))
    except (FilterError, ValueError):
        return None
    return Question(by, narrowed, part)


def _literal(text: str) -> str:
    return "".join(char if char.isalnum() or char in "_-@" else f"\\x{{{ord(char):x}}}" for char in text)


def rest_of(text: str, cursor: int, zone: tzinfo = UTC) -> str:
    """Give what the rest of a filter asks of the events that the term at the cursor is about.

    Only what stands beside that term has to be so: of `a OR (b x)` an event with `x` need not match `a`. Empty
    where the rest does not parse.
    """
    from relay.contract.filter import FilterError, parse

    start, end = word_at(text, cursor)
    try:
        tree = parse(f"{text[:start]}{_STANDIN}{text[end:]}", zone=zone).tree
    except FilterError:
        return ""
    return " ".join(_grouped(one) for one in (_beside(tree) if tree is not None else None) or ())


def _beside(node: Node) -> list[Node] | None:
    """Give what stands beside the place on every level; None where the place is not in a node."""
    from relay.contract.filter import And, Not, Or, Text

    match node:
        case Text(text):
            return [] if text == _STANDIN else None
        case Not(part):
            return _beside(part)
        case And(parts) | Or(parts):
            for part in parts:
                inner = _beside(part)
                if inner is not None:
                    others = [other for other in parts if other is not part] if isinstance(node, And) else []
                    return others + inner
    return None


def _grouped(node: Node) -> str:
    from relay.contract.filter import Or

    return f"({node})" if isinstance(node, Or) else str(node)
