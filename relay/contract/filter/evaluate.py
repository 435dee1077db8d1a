"""The filter as a predicate: the tree compiled once into nested functions, so that an event costs little.

No event makes a predicate raise, whatever its body has where.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias

from relay.contract.filter.checks import Check, check_of, check_of_time
from relay.contract.filter.fields import NEVER, Field, Header, Name, OfMessage, Path
from relay.contract.filter.regex import finder
from relay.contract.filter.subject import Subject, header_values, timeline_of
from relay.contract.filter.terms import MESSAGE_TERMS, TERMS, Kind, kind_of
from relay.contract.filter.tree import And, Exists, Failed, Matches, Node, Not, Or, Term, Text
from relay.contract.filter.values import Above, Below, Between, Instant, Test
from relay.contract.filter.walk import Keys, leaves

Predicate: TypeAlias = Callable[[Subject], bool]


def predicate_of(node: Node, now_us: int) -> Predicate:
    """Compile a tree; ages count back from `now_us`."""
    match node:
        case And(parts):
            return _all(tuple(predicate_of(part, now_us) for part in parts))
        case Or(parts):
            return _any(tuple(predicate_of(part, now_us) for part in parts))
        case Not(part):
            refused = predicate_of(part, now_us)
            return lambda subject: not refused(subject)
        case Text(text):
            return _text(text)
        case Term(field, tests):
            return _on(field, _check(field, tests, now_us))
        case Matches(field, pattern):
            finds = finder(pattern)
            return _on(field, lambda value: isinstance(value, str) and finds(value))
        case Exists(field):
            return _exists(field)
        case Failed():
            return lambda subject: subject.summary.failed


def _all(parts: tuple[Predicate, ...]) -> Predicate:
    def predicate(subject: Subject) -> bool:
        for part in parts:  # noqa: SIM110 - a generator costs as much as several terms
            if not part(subject):
                return False
        return True

    return predicate


def _any(parts: tuple[Predicate, ...]) -> Predicate:
    def predicate(subject: Subject) -> bool:
        for part in parts:  # noqa: SIM110 - as above
            if part(subject):
                return True
        return False

    return predicate


def _text(text: str) -> Predicate:
    """Bytes change case for A to Z only, which is what is promised."""
    wanted = text.encode("utf-8", "surrogatepass").lower()
    if wanted == wanted.upper():
        return lambda subject: wanted in subject.body
    return lambda subject: wanted in subject.body.lower()


def _check(field: Field, tests: tuple[Test, ...], now_us: int) -> Check:
    match kind_of(field):
        case Kind.AGE:
            return check_of_time(created_at_age(test, now_us) for test in tests)
        case Kind.TIME:
            return check_of_time(tests)
        case Kind.DURATION:
            return check_of(map(_in_ms, tests))
    return check_of(tests)


def _in_ms(test: Test) -> Test:
    """The test on a number of milliseconds that a duration passes when it passes `test`."""
    ms = timedelta(milliseconds=1)
    match test:
        case Below(timedelta() as longest, inclusive):
            return Below(longest / ms, inclusive)
        case Above(timedelta() as shortest, inclusive):
            return Above(shortest / ms, inclusive)
        case Between(timedelta() as low, timedelta() as high):
            return Between(low / ms, high / ms)
    return test


def created_at_age(test: Test, now_us: int) -> Test:
    """Return the test that a time of creation passes when the age at `now_us` passes `test`."""

    def at(age: timedelta) -> Instant:
        return Instant(now_us - age // timedelta(microseconds=1))

    match test:
        case Below(timedelta() as age, inclusive):
            return Above(at(age), inclusive)
        case Above(timedelta() as age, inclusive):
            return Below(at(age), inclusive)
        case Between(timedelta() as low, timedelta() as high):
            return Between(at(high), at(low))
    return test


def _on(field: Field, check: Check) -> Predicate:
    match field:
        case Path(keys):
            return _on_path(keys, check)
        case Name(name):
            read = TERMS[name].read
            return lambda subject: _on_value(read(subject), check)
        case Header(name):
            return lambda subject: _on_value(header_values(subject, name) or None, check)
        case OfMessage(name):
            of_message = MESSAGE_TERMS[name].read
            is_wanted = field != NEVER
            return lambda subject: _on_value(of_message(timeline_of(subject)), check) is is_wanted


def _on_value(value: Any, check: Check) -> bool:
    return any(map(check, value)) if isinstance(value, list) else check(value)


def _on_path(keys: Keys, check: Check) -> Predicate:
    steps = tuple(map(str, keys))

    def predicate(subject: Subject) -> bool:
        value = subject.payload
        for step in steps:
            if type(value) is not dict:
                return any(map(check, leaves(subject.payload, keys)))
            value = value.get(step)
        if type(value) is list:
            return any(map(check, leaves(value, ())))
        return check(value)

    return predicate


def _exists(field: Field) -> Predicate:
    match field:
        case Path(keys):
            return lambda subject: any(value is not None for value in leaves(subject.payload, keys, spread=False))
        case Name(name):
            read = TERMS[name].read
            return lambda subject: read(subject) is not None
        case Header(name):
            return lambda subject: bool(header_values(subject, name))
        case OfMessage(name):
            of_message = MESSAGE_TERMS[name].read
            return lambda subject: of_message(timeline_of(subject)) not in (None, [])
