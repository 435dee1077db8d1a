"""The tests of a term as one function over a value, compiled once.

A value is what JSON holds, but no list: of a list each element is asked. What is absent comes as `None`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from relay.contract.filter.times import time_us
from relay.contract.filter.values import Above, Below, Between, Digits, Equals, Like, Limit, Literal, Test, span

Check: TypeAlias = Callable[[Any], bool]


def check_of(tests: Iterable[Test]) -> Check:
    """Return what tells whether a JSON value passes any of the tests."""
    tests = tuple(tests)
    texts = frozenset(test.text for test in tests if isinstance(test, Equals | Digits))
    if all(isinstance(test, Equals) for test in tests):
        return _is_text(texts)
    literals = frozenset(test.value for test in tests if isinstance(test, Literal))
    numbers = frozenset(_number(test.text) for test in tests if isinstance(test, Digits))
    of_text = _either([check for test in tests for check in _text_checks(test)])
    of_number = _either([check for test in tests for check in _number_checks(test)])

    def check(value: Any) -> bool:
        if isinstance(value, str):
            return value in texts or of_text(value)
        if value is None or isinstance(value, bool):
            return value in literals
        if isinstance(value, int | float):
            return value in numbers or of_number(value)
        return False

    return check


def _either(checks: Sequence[Check]) -> Check:
    if not checks:
        return lambda value: False  # noqa: ARG005 - a `Check`
    if len(checks) == 1:
        return checks[0]
    return lambda value: any(check(value) for check in checks)


def _is_text(texts: frozenset[str]) -> Check:
    if len(texts) == 1:
        (only,) = texts
        return lambda value: bool(value == only)
    return lambda value: isinstance(value, str) and value in texts


def check_of_time(tests: Iterable[Test]) -> Check:
    """Return what tells whether a time passes any of the tests: microseconds, `None`, or a text that is none."""
    tests = tuple(tests)
    null = Literal(None) in tests
    within = _either([_within(span_) for test in tests if (span_ := span(test)) is not None])
    return lambda value: within(value) if isinstance(value, int) else value is None and null


def _text_checks(test: Test) -> list[Check]:
    if isinstance(test, Like):
        return [_like(test.parts)]
    if (span_ := span(test)) is None:
        return []
    within = _within(span_)
    return [lambda value: (us := time_us(value)) is not None and within(us)]


def _within(span_: tuple[int | None, int | None]) -> Check:
    first = -math.inf if span_[0] is None else span_[0]
    last = math.inf if span_[1] is None else span_[1]
    return lambda us: first <= us <= last


def _like(parts: tuple[str, ...]) -> Check:
    first, *middle, last = parts
    if not middle and not last:
        return lambda text: bool(text.startswith(first))
    if not middle and not first:
        return lambda text: bool(text.endswith(last))
    least = sum(map(len, parts))

    def check(text: Any) -> bool:
        if len(text) < least or not (text.startswith(first) and text.endswith(last)):
            return False
        position, end = len(first), len(text) - len(last)
        for part in middle:
            position = text.find(part, position, end)
            if position < 0:
                return False
            position += len(part)
        return True

    return check


def _number_checks(test: Test) -> list[Check]:
    match test:
        case Below(limit, inclusive) if _is_number(limit):
            return [(lambda value: value <= limit) if inclusive else (lambda value: value < limit)]
        case Above(limit, inclusive) if _is_number(limit):
            return [(lambda value: value >= limit) if inclusive else (lambda value: value > limit)]
        case Between(low, high) if _is_number(low):
            return [lambda value: low <= value <= high]
    return []


def _is_number(limit: Limit) -> bool:
    return isinstance(limit, int | float)


def _number(text: str) -> int | float:
    """Infinity stands for what no JSON number that Python holds can equal."""
    return int(text) if text.removeprefix("-").isdigit() else float(text)
