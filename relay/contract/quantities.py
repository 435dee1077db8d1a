"""Sizes and durations as people write them: 2GiB, 30d, 1h30m."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

_SIZE_UNITS = {
    "": 1,
    "b": 1,
    "k": 1000,
    "kb": 1000,
    "kib": 1024,
    "m": 1000**2,
    "mb": 1000**2,
    "mib": 1024**2,
    "g": 1000**3,
    "gb": 1000**3,
    "gib": 1024**3,
    "t": 1000**4,
    "tb": 1000**4,
    "tib": 1024**4,
}
_DURATION_UNITS = {
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60 * 1_000_000,
    "h": 3_600 * 1_000_000,
    "d": 86_400 * 1_000_000,
    "w": 7 * 86_400 * 1_000_000,
}
_BINARY = (("TiB", 1024**4), ("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024))
_SPOKEN = (("d", _DURATION_UNITS["d"]), ("h", _DURATION_UNITS["h"]), ("m", _DURATION_UNITS["m"]))

_NUMBER = r"[0-9]{1,19}(?:\.[0-9]{1,9})?"
_SIZE = re.compile(rf"({_NUMBER})\s*([A-Za-z]*)")
_PART = re.compile(rf"({_NUMBER})\s*(ms|[smhdw])\s*")
_LONGEST = timedelta(days=36_500)


class QuantityError(ValueError):
    """A text that is no size or no duration; says what one looks like."""


def parse_size(text: str) -> int:
    """Return the bytes of `text`: ``2GiB`` is binary, ``2GB`` and ``2g`` are decimal, case is free."""
    match = _SIZE.fullmatch(text.strip())
    factor = _SIZE_UNITS.get(match[2].lower()) if match else None
    if match is None or factor is None:
        raise QuantityError("should be a size such as 500MB or 2GiB")
    size = Decimal(match[1]) * factor
    if size != size.to_integral_value():
        raise QuantityError("should be a whole number of bytes")
    return int(size)


def parse_duration(text: str) -> timedelta:
    """Return the duration of `text`: numbers with ms, s, m, h, d or w; ``0`` needs no unit."""
    text = text.strip()
    if text == "0":
        return timedelta()
    microseconds, position = Decimal(), 0
    while match := _PART.match(text, position):
        microseconds += Decimal(match[1]) * _DURATION_UNITS[match[2]]
        position = match.end()
    if position == 0 or position < len(text):
        raise QuantityError("should be a duration such as 30d, 12h or 1h30m")
    if microseconds > _LONGEST // timedelta(microseconds=1):
        raise QuantityError("should be at most 36500d")
    return timedelta(microseconds=int(microseconds))


def format_size(size: int) -> str:
    """Return `size` bytes in the largest binary unit that gives a whole number, so that it parses back exactly."""
    for unit, factor in _BINARY:
        if size and size % factor == 0:
            return f"{size // factor}{unit}"
    return f"{size}B" if size else "0"


def format_duration(duration: timedelta) -> str:
    """Return `duration`, not negative, as text that parses back to it: ``30d``, ``1h30m``, ``1.5s``, ``0``."""
    left = duration // timedelta(microseconds=1)
    if not left:
        return "0"
    text = ""
    for unit, factor in _SPOKEN:
        count, left = divmod(left, factor)
        text += f"{count}{unit}" if count else ""
    if left:
        seconds, fraction = divmod(left, 1_000_000)
        text += f"{seconds}" + f".{fraction:06d}".rstrip("0").rstrip(".") + "s"
    return text
