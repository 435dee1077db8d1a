"""Counts over time as a line of bars, a cell each."""

from __future__ import annotations

from collections.abc import Sequence

BARS = " ▁▂▃▄▅▆▇█"
ASCII_BARS = " .:-=+*#@"


def sparkline(counts: Sequence[int], width: int, *, ascii_only: bool = False) -> str:
    """Give `width` cells, the newest last; the highest is full, and whatever there was at all is seen.

    More counts than cells are added up in equal runs; the oldest run may be shorter.
    """
    if width < 1:
        return ""
    bars = ASCII_BARS if ascii_only else BARS
    run = max(-(-len(counts) // width), 1)
    sums = [sum(counts[max(end - run, 0) : end]) for end in range(len(counts), 0, -run)][::-1]
    most = max(sums, default=0)
    return "".join(bars[-(-count * (len(bars) - 1) // most)] if most else " " for count in sums).rjust(width)
