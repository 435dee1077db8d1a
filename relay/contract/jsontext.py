"""JSON as Knock may send it: strict where JSON is, tolerant where Python's fast parsers are not.

msgspec reads and writes nearly everything at full speed. What it refuses although it is JSON (escaped lone
surrogates, numbers outside its range) goes through the standard library, so nothing valid is lost or changed.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

import msgspec

MAX_DEPTH = 500
"""Levels of nesting that a body may have."""

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class JsonError(ValueError):
    """A text that is not JSON; says what is wrong and where."""


def loads(data: bytes) -> Any:
    """Parse one JSON text in UTF-8.

    The last of repeated keys counts. Integers are exact. A number outside the range of a double is given as its
    own text, since no Python number that JSON can hold is equal to it. Raises `JsonError`.
    """
    # Fewer openings than levels allowed cannot nest too deep: two counts save walking nearly every body.
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH:
        _refuse_depth(data)
    try:
        return _decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _loads_slowly(data)


def _loads_slowly(data: bytes) -> Any:
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
        raise JsonError(f"nested deeper than {MAX_DEPTH} levels") from None


def _refuse_constant(name: str) -> NoReturn:
    raise JsonError(f"{name} is not JSON")


def _float(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _integer(text: str) -> int | str:
    # Python refuses to convert very long digit strings, because it takes quadratic time.
    return int(text) if len(text) <= 4_000 else text


def _refuse_depth(data: bytes) -> None:
    """Raise `JsonError` when brackets outside strings nest deeper than `MAX_DEPTH`."""
    depth = 0
    in_string = False
    escaped = False
    for byte in data:
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_string = False
        elif byte == 0x22:
            in_string = True
        elif byte in (0x5B, 0x7B):
            depth += 1
            if depth > MAX_DEPTH:
                raise JsonError(f"nested deeper than {MAX_DEPTH} levels")
        elif byte in (0x5D, 0x7D):
            depth -= 1


def dumps(value: object) -> bytes:
    """Write one JSON text in UTF-8; lone surrogates come out escaped, as they came in."""
    try:
        return _encode(value)
    except UnicodeEncodeError:
        return json.dumps(
            msgspec.to_builtins(value), ensure_ascii=True, allow_nan=False, separators=(",", ":")
        ).encode()
