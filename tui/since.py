"""Where to begin in a log, as the user says it: `now`, `beginning`, a seq, or how long ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from relay.contract.quantities import QuantityError, parse_duration
from relay.contract.text import plain

_MAX_SEQ = (1 << 62) - 1


@dataclass(frozen=True, slots=True)
class Since:
    """Begin with seq `seq`, or with what arrived within `age`; with neither, at what arrives from now on."""

    seq: int | None = None
    age: timedelta | None = None


NOW = Since()
BEGINNING = Since(seq=0)


def parse_since(text: str) -> Since:
    """Read `now`, `beginning`, a seq such as `1200`, or an age such as `10m` or `1h30m`. Raises `ValueError`."""
    text = text.strip()
    if text == "now":
        return NOW
    if text == "beginning":
        return BEGINNING
    if text.isascii() and text.isdigit():
        return Since(seq=min(int(text[:20]), _MAX_SEQ))
    try:
        return Since(age=parse_duration(text))
    except QuantityError:
        raise ValueError(
            f"{plain(text, 40) or 'nothing'} is no place to begin: give 10m, a seq, beginning or now"
        ) from None
