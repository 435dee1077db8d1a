"""Amounts of bytes as a person reads them."""

from __future__ import annotations

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def size_text(size: int) -> str:
    """Say how much that is, in the unit that leaves at most four digits: `812 bytes`, `3.4 MiB`."""
    if size < 1_024:
        return "1 byte" if size == 1 else f"{size} bytes"
    amount, unit = float(size), 0
    while amount >= 1_023.5 and unit < len(_UNITS) - 1:
        amount /= 1_024
        unit += 1
    return f"{amount:.1f} {_UNITS[unit]}" if amount < 99.95 else f"{amount:,.0f} {_UNITS[unit]}"
