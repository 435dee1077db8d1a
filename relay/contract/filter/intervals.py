"""What tests on a number allow of a whole number, as intervals that anything can compare with."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from relay.contract.filter.values import Above, Below, Between, Digits, Limit, Test, span

_INFINITE = (math.inf, -math.inf)
MIN, MAX = -(1 << 63), (1 << 63) - 1
"""The whole numbers that fit into 64 bits."""


class Interval(NamedTuple):
    """Whole numbers from one to another, both included."""

    low: int
    high: int


def intervals(tests: Iterable[Test]) -> list[Interval]:
    """Return the 64-bit whole numbers that pass any of the tests, ascending and apart; of a time, microseconds."""
    merged: list[Interval] = []
    for one in sorted(found for test in tests if (found := _interval(test)) is not None):
        if merged and one.low <= merged[-1].high + 1:
            merged[-1] = Interval(merged[-1].low, max(merged[-1].high, one.high))
        else:
            merged.append(one)
    return merged


def _interval(test: Test) -> Interval | None:
    low, high = _ends(test)
    low, high = max(low, MIN), min(high, MAX)
    return Interval(int(low), int(high)) if low <= high else None


def _ends(test: Test) -> tuple[int, int]:
    if (moments := span(test)) is not None:
        first, last = moments
        return MIN if first is None else first, MAX if last is None else last
    match test:
        case Digits(text):
            number = float(text) if not text.removeprefix("-").isdigit() else int(text)
            return _from(number), _to(number)
        case Below(int() | float() as limit, inclusive):
            return MIN, _to(limit) - (0 if inclusive or not _is_whole(limit) else 1)
        case Above(int() | float() as limit, inclusive):
            return _from(limit) + (0 if inclusive or not _is_whole(limit) else 1), MAX
        case Between(int() | float() as low, int() | float() as high):
            return _from(low), _to(high)
    return 1, 0


def _is_whole(limit: Limit) -> bool:
    return isinstance(limit, int) or (isinstance(limit, float) and limit.is_integer())


def _from(number: float) -> int:
    """The least whole number that is no less."""
    if number in _INFINITE:
        return MAX + 1 if number > 0 else MIN
    return math.ceil(number)


def _to(number: float) -> int:
    if number in _INFINITE:
        return MAX if number > 0 else MIN - 1
    return math.floor(number)
