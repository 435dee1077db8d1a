"""A filter as SQL over the log's file: which events can match, for the predicate to decide on.

SQL and Python differ on JSON's edges, so SQL is only asked what it is sure of. Each part of a filter says what
holds for every event that it matches (`may`) and what holds for none that it does not (`sure`); where the two are
the same, SQL alone decides. Nothing of a filter becomes SQL text: values are bound as parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Protocol

from relay.contract.events import Verdict
from relay.contract.filter import And, Exists, Failed, Matches, Name, Node, Not, Or, Path, Term, Text
from relay.contract.filter.checks import Check, check_of
from relay.contract.filter.evaluate import created_at_age
from relay.contract.filter.intervals import MAX, MIN, Interval, intervals
from relay.contract.filter.regex import finder
from relay.contract.filter.terms import TERMS, Kind
from relay.contract.filter.values import Digits, Equals, Like, Literal, Test
from relay.contract.knock import FAILED, family_of
from relay.log.marks import EVERY, NONE, Marks
from relay.log.marks import both as both_marks
from relay.log.marks import either as either_marks
from relay.log.marks import negated as negated_marks
from relay.log.rows import FORWARDED
from relay.log.stored import stored_type

MAX_PARAMS = 20_000
"""Values bound in one plan; SQLite takes 32,766. Parts beyond it are left to the predicate."""
MAX_TESTS = 64
"""Alternatives of one term that are joined by OR; SQLite's expressions are at most 1,000 levels deep."""


@dataclass(frozen=True, slots=True)
class Sql:
    """A condition on an event `e`. It is true or false, never null.

    `row` says that it looks at more of the event than its seq, `body` that it searches the body, `marked` that
    some of its parameters are `Marks`: these stand for a list of the seqs that have them, as JSON.
    """

    text: str
    params: tuple[Any, ...] = ()
    row: bool = False
    body: bool = False
    marked: bool = False


TRUE = Sql("1")
FALSE = Sql("0")


def both(one: Sql, other: Sql) -> Sql:
    if FALSE in (one, other):
        return FALSE
    if one == TRUE:
        return other
    return one if other == TRUE else _joined("AND", one, other)


def either(one: Sql, other: Sql) -> Sql:
    if TRUE in (one, other):
        return TRUE
    if one == FALSE:
        return other
    return one if other == FALSE else _joined("OR", one, other)


def negated(one: Sql) -> Sql:
    if one == TRUE:
        return FALSE
    return TRUE if one == FALSE else replace(one, text=f"NOT {one.text}")


def _joined(word: str, one: Sql, other: Sql) -> Sql:
    # What is cheap first: SQLite stops at the first part that decides.
    if one.body and not other.body:
        one, other = other, one
    return Sql(
        f"({one.text} {word} {other.text})",
        one.params + other.params,
        one.row or other.row,
        one.body or other.body,
        one.marked or other.marked,
    )


def _among(marks: Marks) -> Sql:
    """The events that have some marks."""
    if marks == EVERY:
        return TRUE
    return FALSE if marks == NONE else Sql("e.seq IN (SELECT value FROM json_each(?))", (marks,), marked=True)


@dataclass(frozen=True, slots=True)
class Walk:
    """One ordered list of seqs in an index: all events of a type, or all that have a word.

    `size` tells how many there are, as far as it was worth counting.
    """

    table: str
    column: str
    key: bytes | int
    size: int


@dataclass(frozen=True, slots=True)
class Told:
    """What can be told of one part of a filter without looking into events.

    `may` and `marks` hold for every event that matches; what `sure` or `sure_marks` holds for does match. `left`
    is what of `may` the marks do not say already. `walks` give together every event that can match, and of those
    `walked` still has to hold; without `walks` every event has to be looked at. `apart` says that no event is in
    two of them. `low` and `high` are the seqs, both included, outside of which nothing matches.
    """

    may: Sql
    sure: Sql
    walks: tuple[Walk, ...] | None = None
    apart: bool = False
    walked: Sql = TRUE
    marks: Marks = EVERY
    sure_marks: Marks = NONE
    left: Sql = TRUE
    low: int = MIN
    high: int = MAX

    @property
    def exact(self) -> bool:
        return self.may == self.sure or self.is_marked

    @property
    def is_marked(self) -> bool:
        """The marks alone decide."""
        return self.marks == self.sure_marks

    @property
    def size(self) -> int:
        """How many events its walks give."""
        return sum(walk.size for walk in self.walks or ())


NOTHING = Told(TRUE, FALSE)
"""What is told of a part that SQL does not understand."""
ALWAYS = Told(TRUE, TRUE, sure_marks=EVERY)
NEVER = Told(FALSE, FALSE, walks=(), apart=True, marks=NONE, left=FALSE)


class Index(Protocol):
    """What is known of the values that the kept events have."""

    def types(self) -> Sequence[str] | None:
        """Every type that is kept, or `None` where there are too many."""

    def walk_of_type(self, kind: str) -> Walk: ...

    def having(self, name: str, only: frozenset[str] | None, like: Like | None, check: Check) -> Told:
        """Tell of the events whose `name` has a value that passes.

        Where that is known, `only` these texts do, or only such as are `like` a pattern.
        """

    def during(self, column: str, spans: Sequence[Interval]) -> Told:
        """Tell of the events that were `received` or `created` within any of some spans, in microseconds."""

    def present(self, name: str) -> Told:
        """Tell of the events that have a `name` at all."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a filter is answered: what SQL tells, and what is left for the predicate, if anything.

    `eased` is the same without the searches of bodies that only spare the predicate some events; where these are
    few, it is quicker. It is `None` where there are no such searches.
    """

    told: Told
    rest: Node | None
    eased: Told | None = None

    @property
    def marks_alone(self) -> Marks | None:
        """The marks of just the events that match, where there are such."""
        return self.told.marks if self.rest is None and self.told.left == TRUE else None


def plan(node: Node | None, index: Index, now_us: int) -> Plan:
    """Plan a filter's tree, with ages that count back from `now_us`; `None` matches every event."""
    if node is None:
        return Plan(ALWAYS, None)
    parts = node.parts if isinstance(node, And) else (node,)
    told = [_bounded(_tell(part, index, now_us)) for part in parts]
    rest = tuple(part for part, one in zip(parts, told, strict=True) if not one.exact)
    joined = _all(told)
    whole = _bounded(joined)
    if whole is not joined:
        return Plan(whole, node)
    if not rest:
        return Plan(whole, None)
    eased = _all([_eased(one) for one in told]) if any(map(_spares, told)) else None
    return Plan(whole, And(rest) if len(rest) > 1 else rest[0], eased)


def _spares(told: Told) -> bool:
    """It searches bodies, and the predicate is asked all the same."""
    return told.may.body and not told.exact


def _eased(told: Told) -> Told:
    return replace(told, may=TRUE, walked=TRUE, left=TRUE) if _spares(told) else told


def _bounded(told: Told) -> Told:
    """Too many values are as good as none."""
    count = max(len(told.may.params), len(told.sure.params), len(told.walked.params))
    return told if count <= MAX_PARAMS else replace(NOTHING, low=told.low, high=told.high)


def _tell(node: Node, index: Index, now_us: int) -> Told:
    match node:
        case And(parts) | Or(parts):
            join = _all if isinstance(node, And) else _any
            return _bounded(join([_tell(part, index, now_us) for part in parts]))
        case Not(part):
            return _not(_tell(part, index, now_us))
        case Text(text):
            return _text(text)
        case Failed():
            return _of_types(index, FAILED.__contains__)
        case Term(Name("age"), tests):
            return _created(tuple(created_at_age(test, now_us) for test in tests), index)
        case Term(field, tests):
            return _on(field, tests, check_of(tests), index)
        case Matches(field, pattern):
            finds = finder(pattern)
            return _on(field, None, lambda value: isinstance(value, str) and finds(value), index)
        case Exists(field):
            return _exists(field, index)


def _leaf(may: Sql, sure: Sql) -> Told:
    return NEVER if may == FALSE else Told(may, sure, walked=may, left=may)


def marked(marks: Marks, sure: Marks) -> Told:
    """What the marks of an index tell."""
    if marks == NONE:
        return NEVER
    may = _among(marks)
    return Told(may, _among(sure), walked=may, marks=marks, sure_marks=sure)


def _not(told: Told) -> Told:
    may, marks = negated(told.sure), negated_marks(told.sure_marks)
    if may == FALSE or marks == NONE:
        return NEVER
    sure, sure_marks = negated(told.may), negated_marks(told.marks)
    left = TRUE if told.is_marked else may
    return Told(may, sure, walked=may, marks=marks, sure_marks=sure_marks, left=left)


def _all(told: Sequence[Told]) -> Told:
    """The smallest part that can be walked is; the others are conditions on what it gives."""
    may = reduce(both, (one.may for one in told))
    marks = reduce(both_marks, (one.marks for one in told))
    if may == FALSE or marks == NONE:
        return NEVER
    sure = reduce(both, (one.sure for one in told))
    sure_marks = reduce(both_marks, (one.sure_marks for one in told))
    left = reduce(both, (one.left for one in told))
    low, high = max(one.low for one in told), min(one.high for one in told)
    walked = min((one for one in told if one.walks is not None), key=lambda one: one.size, default=None)
    if walked is None:
        return Told(may, sure, None, False, may, marks, sure_marks, left, low, high)
    walk_left = reduce(both, (one.may for one in told if one is not walked), walked.walked)
    return Told(may, sure, walked.walks, walked.apart, walk_left, marks, sure_marks, left, low, high)


def _any(told: Sequence[Told]) -> Told:
    may = reduce(either, (one.may for one in told))
    sure = reduce(either, (one.sure for one in told))
    marks = reduce(either_marks, (one.marks for one in told))
    sure_marks = reduce(either_marks, (one.sure_marks for one in told))
    left = TRUE if all(one.left == TRUE for one in told) else may
    low, high = min(one.low for one in told), max(one.high for one in told)
    walks: dict[Walk, None] = {}
    for one in told:
        if one.walks is None:
            return Told(may, sure, None, False, may, marks, sure_marks, left, low, high)
        walks.update(dict.fromkeys(one.walks))
    walked = TRUE if all(one.walked == TRUE for one in told) else may
    return Told(may, sure, tuple(walks), len(walks) < 2, walked, marks, sure_marks, left, low, high)


def _on(field: Any, tests: tuple[Test, ...] | None, check: Check, index: Index) -> Told:
    """Tell of a field whose value has to pass; `tests` are what the check is made of, where it is."""
    match field:
        case Path(keys):
            return _path(keys, tests)
        case Name("type"):
            return _of_types(index, check)
        case Name("family"):
            return _of_types(index, lambda kind: check(family_of(kind)))
        case Name("verdict"):
            return _in("e.verdict", [verdict.value for verdict in Verdict if check(verdict)])
        case Name("created") if tests is not None:
            return _created(tests, index)
        case Name(name) if name in _NUMBERS and tests is not None:
            told = _number(name, tests)
            if name != "received" or len(spans := intervals(tests)) > MAX_TESTS:
                return told
            return replace(told, marks=index.during("received", spans).marks)
        case Name(name) if TERMS[name].kind is Kind.TEXT:
            like = tests[0] if tests is not None and len(tests) == 1 and isinstance(tests[0], Like) else None
            return index.having(name, None if tests is None else _texts(tests), like, check)
    return NOTHING


def _exists(field: Any, index: Index) -> Told:
    match field:
        case Path(keys):
            return _key(keys)
        case Name("type" | "family" | "verdict" | "deliveries" | "seq" | "size" | "received"):
            return ALWAYS
        case Name("forwarded"):
            return exactly(Sql(f"{FORWARDED} NOT NULL", row=True))
        case Name(name) if TERMS[name].kind is Kind.TEXT:
            return index.present(name)
    return NOTHING


def exactly(condition: Sql) -> Told:
    """What SQL decides alone."""
    return _leaf(condition, condition)


def _in(column: str, values: Sequence[Any]) -> Told:
    if not values:
        return NEVER
    return exactly(Sql(f"{column} IN ({', '.join('?' * len(values))})", tuple(values), row=True))


def _texts(tests: tuple[Test, ...]) -> frozenset[str] | None:
    """The only texts that pass, where the tests name them."""
    if all(isinstance(test, Equals | Digits) for test in tests):
        return frozenset(test.text for test in tests if isinstance(test, Equals | Digits))
    return None


def _of_types(index: Index, check: Callable[[str], Any]) -> Told:
    """The types that are kept are few: each is asked, and those that pass are named."""
    kept = index.types()
    if kept is None:
        return NOTHING
    kinds = [kind for kind in kept if check(kind)]
    if len(kinds) == len(kept):
        return ALWAYS
    if not kinds:
        return NEVER
    told = _in("e.type", [stored_type(kind) for kind in kinds])
    of_index = index.having("type", frozenset(kinds), None, check)
    return replace(
        told,
        walks=tuple(index.walk_of_type(kind) for kind in kinds),
        apart=True,
        walked=TRUE,
        marks=of_index.marks,
        sure_marks=of_index.sure_marks,
        left=TRUE if of_index.is_marked else told.may,
    )


# -- numbers

# What the event's body is by now: that of the delivery which first proved to be ours.
_LATER_BODY = "(SELECT facts.body FROM facts WHERE facts.seq = e.body_entry)"
_NUMBERS: dict[str, str] = {
    "deliveries": "e.delivery_count",
    "forwarded": FORWARDED,
    "seq": "e.seq",
    "received": "e.received_us",
    "size": f"length(CASE WHEN e.body_entry IS NULL THEN e.body ELSE coalesce({_LATER_BODY}, e.body) END)",
}


def _created(tests: tuple[Test, ...], index: Index) -> Told:
    """A span that is told by blocks, or nothing: the text of a time is read by Python alone."""
    if Literal(None) in tests or len(tests) > MAX_TESTS:
        return NOTHING
    return index.during("created", intervals(tests))


def _number(name: str, tests: tuple[Test, ...]) -> Told:
    column = _NUMBERS[name]
    wanted = intervals(tests)
    if len(wanted) > MAX_TESTS:
        return NOTHING
    told = exactly(reduce(either, (_within(column, one, row=name != "seq") for one in wanted), FALSE))
    if Literal(None) in tests and name == "forwarded":
        return _any([told, exactly(Sql(f"{FORWARDED} IS NULL", row=True))])
    if name == "seq" and wanted:
        return replace(told, low=wanted[0].low, high=wanted[-1].high)
    return told


def _within(column: str, interval: Interval, *, row: bool) -> Sql:
    # A column may be null, and then it lies in no interval.
    return Sql(f"coalesce({column} BETWEEN ? AND ?, 0)", (interval.low, interval.high), row=row)


# -- text and paths

_BLANK_IN_LIKE = frozenset("\0\ufffd\ufffe\uffff")
_ESCAPED = re.compile(r"[%_\\]")


def _contains(text: str, escape: str = "\\") -> tuple[str, str]:
    return f"%{_ESCAPED.sub(lambda found: escape + found[0], text)}%", escape


def _text(text: str) -> Told:
    """A to Z in any case is what LIKE means as well. It reads no more than Unicode's characters, nor a NUL."""
    if not _BLANK_IN_LIKE.isdisjoint(text) or not is_unicode(text):
        return NOTHING
    wanted = _contains(text)
    own = "CAST(e.body AS TEXT) LIKE ? ESCAPE ?"
    later = f"CAST(coalesce({_LATER_BODY}, e.body) AS TEXT) LIKE ? ESCAPE ?"
    condition = f"CASE WHEN e.body_entry IS NULL THEN {own} ELSE {later} END"
    return exactly(Sql(condition, wanted + wanted, row=True, body=True))


def is_unicode(text: str) -> bool:
    """Whether a text can be bound as a parameter: JSON's may hold half of a surrogate pair."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


_TINY, _HUGE, _EPSILON = 1e-300, 1e300, 1e-15
"""Between the first two, what is read as a number differs from it by less than the third, times the number."""
_FEW = 2
"""Texts that are looked for one by one."""
_PLAIN = re.compile(r"[A-Za-z0-9 ,.:;@+=_-]+")
"""Characters that JSON writes as themselves, but where it writes any of them as an escape."""


def _path(keys: Sequence[str | int], tests: tuple[Test, ...] | None) -> Told:
    """A value that is there needs its key in the body, and a text what it is made of."""
    if tests is not None and Literal(None) in tests:
        return NOTHING
    key = _key(keys)
    if tests is None or len(tests) > MAX_TESTS:
        return key
    digits = [test for test in tests if isinstance(test, Digits)]
    found: Sql = reduce(either, map(_sought, tests), _numbered(keys[-1], digits) if digits else FALSE)
    return _leaf(both(found, key.may), FALSE)


def _key(keys: Sequence[str | int]) -> Told:
    """Whatever a path leads to, the last of its keys that is no index is in the body."""
    named = [key for key in keys if isinstance(key, str)]
    if not named or not _PLAIN.fullmatch(named[-1]):
        return NOTHING
    # SQLite looks for a first character that is rare much faster than for a quote.
    return _leaf(_spelled(f'{named[-1]}"'), FALSE)


def _sought(test: Test) -> Sql:
    """What a body needs for a value that passes."""
    match test:
        case Equals(text):
            return _spelled(_longest([text]))
        case Like(parts):
            return _spelled(_longest(parts))
        case Literal(bool() as value):
            return _spelled("true" if value else "false")
        case Digits():
            return FALSE  # `_numbered` tells of these
    return TRUE


def _numbered(key: str | int, tests: Sequence[Digits]) -> Sql:
    """After the key stands one of these numbers as a text, or what can begin a number of this value, or an array.

    JSON has no end of ways to write a number, but few characters that each of them can begin with.
    """
    firsts: set[str] = set()
    for test in tests:
        some = _first_characters(test.text)
        if some is None:
            return TRUE
        firsts |= some
    if not isinstance(key, str) or not _PLAIN.fullmatch(key):
        return TRUE
    others = "".join(sorted(set("0123456789") - firsts)) + 'tfn{"' + ("" if "-" in firsts else "-")
    texts = [f'*{key}":"{test.text}"*' for test in tests] if len(tests) <= _FEW else [f'*{key}":"[0-9-]*']
    # Where blanks stand before the colon or after it, the second character is a blank or the colon.
    return _globbed(f'*{key}"?[^{others}]*', *texts)


def _first_characters(number: str) -> frozenset[str] | None:
    """What a number in JSON begins with that is read as this one; `None` where that may be anything."""
    size = abs(float(number))
    if not _TINY < size < _HUGE:
        return None
    if number.startswith("-"):
        return frozenset("-")
    # What rounds to 7 may be written 6.9999999999999999 as well, and any number 0.7e1.
    return frozenset(f"0{size * (1 - _EPSILON):.17e}"[:2] + f"{size * (1 + _EPSILON):.17e}"[0])


def _longest(texts: Iterable[str]) -> str:
    return max((run for text in texts for run in _PLAIN.findall(text)), key=len, default="")


def _globbed(*patterns: str) -> Sql:
    """The body is like one of these, or has escapes that could stand for what is in them, or was replaced."""
    one = "CAST(e.body AS TEXT) GLOB ?"
    condition = " OR ".join([one] * (len(patterns) + 1) + ["e.body_entry NOT NULL"])
    return Sql(f"({condition})", (*patterns, "*\\u*"), row=True, body=True)


def _spelled(text: str) -> Sql:
    """The body has these plain characters, or escapes that could stand for some of them, or it was replaced."""
    if len(text) < 2:  # nearly every body has any single character
        return TRUE
    condition = (
        "(CAST(e.body AS TEXT) LIKE ? ESCAPE ? OR CAST(e.body AS TEXT) LIKE '%\\u%' OR e.body_entry NOT NULL)"
    )
    return Sql(condition, _contains(text), row=True, body=True)
