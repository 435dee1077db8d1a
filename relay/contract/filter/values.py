"""What the value of a field must be: the tests of a term, and the limits they compare with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from relay.contract.filter.quoting import quote
from relay.contract.quantities import format_duration

NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
"""What counts as digits: a number as JSON writes it, but leading zeros are allowed."""
LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}

_BARE = re.compile(r"(?:[\w@/$%+:-]|\.(?!\.))+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment in the years 1 to 9999, in microseconds since the epoch."""

    us: int

    @property
    def first_us(self) -> int:
        return self.us

    @property
    def last_us(self) -> int:
        return self.us

    def __str__(self) -> str:
        text = (_EPOCH + timedelta(microseconds=self.us)).replace(tzinfo=None).isoformat()
        return text.removesuffix(":00") + "Z"


@dataclass(frozen=True, slots=True)
class Day:
    """A whole day in UTC, from its first microsecond to its last."""

    date: date

    @property
    def first_us(self) -> int:
        return (self.date - _EPOCH.date()).days * _DAY_US

    @property
    def last_us(self) -> int:
        return self.first_us + _DAY_US - 1

    def __str__(self) -> str:
        return self.date.isoformat()


Moment: TypeAlias = Instant | Day
Limit: TypeAlias = int | float | Moment | timedelta
"""A number, a moment, or an age."""


def _limit(limit: Limit) -> str:
    return format_duration(limit) if isinstance(limit, timedelta) else str(limit)


@dataclass(frozen=True, slots=True)
class Equals:
    """A text, exactly."""

    text: str

    def __str__(self) -> str:
        bare = _BARE.fullmatch(self.text) and not NUMBER.fullmatch(self.text) and self.text not in LITERALS
        return self.text if bare else quote(self.text, star=True)


@dataclass(frozen=True, slots=True)
class Like:
    """A text of these parts in this order, with any run of characters between them."""

    parts: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.parts) < 2:
            raise ValueError("a pattern needs a wildcard")
        first, *middle, last = self.parts
        object.__setattr__(self, "parts", (first, *filter(None, middle), last))

    def __str__(self) -> str:
        if all(not part or _BARE.fullmatch(part) for part in self.parts):
            return "*".join(self.parts)
        return '"' + "*".join(quote(part, star=True)[1:-1] for part in self.parts) + '"'


@dataclass(frozen=True, slots=True)
class Digits:
    """A number of this value, or a text of these characters."""

    text: str

    def __post_init__(self) -> None:
        if not NUMBER.fullmatch(self.text):
            raise ValueError(f"{self.text!r} is no number")

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Literal:
    """JSON's own `true`, `false` or `null`; what is absent counts as `null`."""

    value: bool | None

    def __str__(self) -> str:
        return "null" if self.value is None else str(self.value).lower()


@dataclass(frozen=True, slots=True)
class At:
    """A time that is this moment, or lies within it."""

    moment: Moment

    def __str__(self) -> str:
        return str(self.moment)


@dataclass(frozen=True, slots=True)
class Below:
    """Less than a limit; with `inclusive`, the limit too."""

    limit: Limit
    inclusive: bool = False

    def __str__(self) -> str:
        return f"{'<=' if self.inclusive else '<'}{_limit(self.limit)}"


@dataclass(frozen=True, slots=True)
class Above:
    """More than a limit; with `inclusive`, the limit too."""

    limit: Limit
    inclusive: bool = False

    def __str__(self) -> str:
        return f"{'>=' if self.inclusive else '>'}{_limit(self.limit)}"


@dataclass(frozen=True, slots=True)
class Between:
    """From one limit to another, both included."""

    low: Limit
    high: Limit

    def __str__(self) -> str:
        return f"{_limit(self.low)}..{_limit(self.high)}"


Test: TypeAlias = Equals | Like | Digits | Literal | At | Below | Above | Between


def span(test: Test) -> tuple[int | None, int | None] | None:
    """Return the first and the last microsecond, both included, that a test on time allows.

    `None` in the pair is no bound; `None` instead of a pair says that the test is not about time.
    """
    match test:
        case At(moment):
            return moment.first_us, moment.last_us
        case Below(Instant() | Day() as moment, inclusive):
            return None, moment.last_us if inclusive else moment.first_us - 1
        case Above(Instant() | Day() as moment, inclusive):
            return moment.first_us if inclusive else moment.last_us + 1, None
        case Between(Instant() | Day() as low, Instant() | Day() as high):
            return low.first_us, high.last_us
    return None
