"""A value in a table of events: what it is, how it sorts, and the test that finds it again."""

from __future__ import annotations

import math
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from relay.contract import jsontext

if TYPE_CHECKING:
    from relay.contract.filter import Test

MINUTE_US = 60_000_000
LONG = 512
"""Characters from which on a text is looked for by its beginning: filters have an end, and summaries cut texts."""
_CUT = 256
UNWRITTEN = "?"
"""What stands for a number of more digits than Python writes."""
_JSON_LIMIT = 1_024
_SORTED_BY = 200
_WORDS = ("true", "false", "null", "(none)")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

SortKey: TypeAlias = tuple[int, int, Any]


class Kind(StrEnum):
    """What a value is. The order is that of a mixed column when it is sorted."""

    NUMBER = "number"
    TIME = "time"
    FLAG = "flag"
    TEXT = "text"
    JSON = "json"
    NONE = "none"


_RANK = {kind: rank for rank, kind in enumerate(Kind)}


class Value(NamedTuple):
    """A value that can be counted: 1 and `true` are two, null and what is absent are one.

    `raw` is what JSON has, microseconds for a time, or the compact JSON of what is nested. `cut` says that a text
    may go on in the event.
    """

    kind: Kind
    raw: Any = None
    cut: bool = False

    @property
    def text(self) -> str:
        """The value in words, foreign text as it is; a time is the caller's to write."""
        if self.kind is Kind.FLAG:
            return "true" if self.raw else "false"
        if self.kind is Kind.NUMBER:
            return number_text(self.raw)
        return "" if self.raw is None else str(self.raw)

    @property
    def told(self) -> str:
        """The value in words, a text in quotes that looks like nothing or like a value that is no text."""
        text = self.text
        quoted = self.kind is Kind.TEXT and (not text.strip() or text in _WORDS or _NUMBER.fullmatch(text))
        return f'"{text}"' if quoted else text

    def test(self) -> Test | None:
        """Give the test of a filter that finds this value; None for what no test says."""
        from relay.contract.filter import Between, Digits, Equals, Instant, Like, Literal

        match self.kind:
            case Kind.NONE:
                return Literal(None)
            case Kind.FLAG:
                return Literal(self.raw)
            case Kind.NUMBER:
                text = number_text(self.raw)
                return None if text == UNWRITTEN or text.endswith("inf") else Digits(text)
            case Kind.TIME:
                start = self.raw - self.raw % MINUTE_US
                return Between(Instant(start), Instant(start + MINUTE_US - 1))
            case Kind.TEXT:
                return Like((self.raw[:LONG], "")) if self.cut or len(self.raw) > LONG else Equals(self.raw)
        return None

    def sort_key(self, *, none_first: bool) -> SortKey:
        """Give what orders values of any kind; those that are not there stand at one end."""
        if self.kind is Kind.NONE:
            return (0 if none_first else 2, 0, 0)
        raw = self.raw
        if self.kind in (Kind.TEXT, Kind.JSON):
            raw = (raw[:_SORTED_BY].casefold(), raw[:_SORTED_BY])
        return (1, _RANK[self.kind], raw)


NONE = Value(Kind.NONE)


def value_of(raw: Any, *, truncated: bool = False) -> Value:
    """Say what a JSON value is. `truncated`: the event it is from says more than its summary."""
    if raw is None:
        return NONE
    if isinstance(raw, str):
        return Value(Kind.TEXT, raw, truncated and len(raw) >= _CUT)
    if isinstance(raw, bool):
        return Value(Kind.FLAG, raw)
    if isinstance(raw, int | float):
        return NONE if isinstance(raw, float) and math.isnan(raw) else Value(Kind.NUMBER, raw)
    return Value(Kind.JSON, jsontext.dumps(raw).decode()[:_JSON_LIMIT])


def number_text(number: float) -> str:
    """Write a number as JSON does; one that has too many digits for Python gets a question mark."""
    try:
        return repr(number)
    except ValueError:
        return UNWRITTEN
