"""JSON as Knock may send it: strict where JSON is, tolerant where Python's fast parsers are not.

msgspec reads and writes nearly everything at full speed. What it refuses although it is JSON (escaped lone
surrogates, numbers outside its range) goes through the standard library, so nothing valid is lost or changed.
"""

from __future__ import annotations

import json
import math
from functools import cache
from typing import Any, NamedTuple, NoReturn

import msgspec

MAX_DEPTH = 500
"""Levels of nesting that a body may have."""

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class JsonError(ValueError):
    """A text that is not JSON; says what is wrong and where."""


def loads(data: bytes, levels: int = MAX_DEPTH) -> Any:
    """Parse one JSON text in UTF-8, nested at most `levels` deep.

    The last of repeated keys counts. Integers are exact. A number outside the range of a double is given as its
    own text, since no Python number that JSON can hold is equal to it. Raises `JsonError`.
    """
    # Fewer openings than levels allowed cannot nest too deep: two counts save walking nearly every body.
    if data.count(b"[") + data.count(b"{") > levels:
        _refuse_depth(data, levels)
    try:
        return _decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _loads_slowly(data, levels)


def _loads_slowly(data: bytes, levels: int) -> Any:
    try:
        return json.loads(
            data.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_float, parse_int=_integer
        )
    except UnicodeDecodeError as error:
        raise JsonError(f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise JsonError(
            f"{error.msg[0].lower()}{error.msg[1:]} at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise JsonError(f"nested deeper than {levels} levels") from None


def _refuse_constant(name: str) -> NoReturn:
    raise JsonError(f"{name} is not JSON")


def _float(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _integer(text: str) -> int | str:
    # Python refuses to convert very long digit strings, because it takes quadratic time.
    return int(text) if len(text) <= 4_000 else text


def _refuse_depth(data: bytes, levels: int) -> None:
    """Raise `JsonError` when brackets outside strings nest deeper than `levels`.

    A stranger chooses how many brackets a body has, so they are taken four at a time.
    """
    steps = _outside_strings()
    depth = 0
    for four in _packed_marks(data):
        rise, peak, steps = steps[four]
        if depth + peak > levels:
            raise JsonError(f"nested deeper than {levels} levels")
        depth += rise


_OPENS, _QUOTE = 1, 3
_MARKS = bytes.maketrans(b'[{]}"', b"11223")
_NO_MARKS = bytes(set(range(256)) - set(b'[{]}"'))


def _packed_marks(data: bytes) -> bytes:
    """Brackets and quotes alone, two bits each, four a byte."""
    unescaped = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = unescaped.translate(_MARKS, _NO_MARKS)
    size = -(-len(marks) // 4)
    return int(marks.ljust(4 * size, b"0"), 4).to_bytes(size, "big")


class _Step(NamedTuple):
    """What four marks do: how far they rise in all, how far at most on the way, and the steps to go on with."""

    rise: int
    peak: int
    then: list[_Step]


@cache
def _outside_strings() -> list[_Step]:
    """The step that each byte of packed marks is, where it begins outside a string."""
    outside: list[_Step] = []
    inside: list[_Step] = []
    for four in range(256):
        outside.append(_step(four, outside, inside))
        inside.append(_step(four, inside, outside, in_string=True))
    return outside


def _step(four: int, same: list[_Step], other: list[_Step], in_string: bool = False) -> _Step:
    started, rise, peak = in_string, 0, 0
    for mark in (four >> 6, four >> 4 & 3, four >> 2 & 3, four & 3):
        if mark == _QUOTE:
            in_string = not in_string
        elif mark and not in_string:
            rise += 1 if mark == _OPENS else -1
            peak = max(peak, rise)
    return _Step(rise, peak, same if in_string == started else other)


def dumps(value: object) -> bytes:
    """Write one JSON text in UTF-8; lone surrogates come out escaped, as they came in."""
    try:
        return _encode(value)
    except UnicodeEncodeError:
        return json.dumps(
            msgspec.to_builtins(value), ensure_ascii=True, allow_nan=False, separators=(",", ":")
        ).encode()
