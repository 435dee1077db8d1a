"""Counts over time as bars: a line of them, a cell each, or rows of them that fill a width."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

BARS = " ▁▂▃▄▅▆▇"
"""No bar fills its cell: it would run into the one of the line above."""
ASCII_BARS = " .:-=+*#"
SPREAD = " ▁▂▃▄▅▆▇█"
ASCII_SPREAD = " .:-=+*#@"
"""Bars that stand by themselves fill their cells, so that rows of them join."""
LEVELS = len(SPREAD) - 1

Runs: TypeAlias = list[tuple[str, str]]
"""Texts with their inks, side by side."""

FLOOR = "line"
"""The ink of a time in which nothing came: a hairline, which says no more than that time goes on there."""


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


@lru_cache(1024)
def heights(counts: tuple[int, ...], width: int, rows: int = 1) -> tuple[int, ...]:
    """Spread counts evenly over `width` cells, a cell the mean of the times it covers.

    In eighths of a row, from 0 to `8 * rows`; what came at all is at least 1.
    """
    length = len(counts)
    if width < 1 or not length:
        return (0,) * max(width, 0)
    means = [_mean(counts, cell * length / width, (cell + 1) * length / width) for cell in range(width)]
    most = max(means)
    return tuple(max(1, round(mean / most * LEVELS * rows)) if mean > 0 else 0 for mean in means)


def _mean(counts: Sequence[int], start: float, end: float) -> float:
    total = 0.0
    for place in range(int(start), min(int(end) + 1, len(counts))):
        total += counts[place] * max(min(end, place + 1) - max(start, place), 0.0)
    return total / (end - start)


def spread(
    counts: Sequence[int], width: int, ink: str, *, rows: int = 1, row: int = 0, ascii_only: bool = False
) -> Runs:
    """Give one row, counted from the top, of bars that are `rows` rows high and fill a width."""
    bars = ASCII_SPREAD if ascii_only else SPREAD
    floor = ("_" if ascii_only else SPREAD[1]) if row == rows - 1 else " "
    below = LEVELS * (rows - 1 - row)
    runs: Runs = []
    for height in heights(tuple(counts), width, rows):
        level = max(min(height - below, LEVELS), 0)
        cell, cell_ink = (bars[level], ink) if level else (floor, FLOOR)
        if runs and runs[-1][1] == cell_ink:
            runs[-1] = (runs[-1][0] + cell, cell_ink)
        else:
            runs.append((cell, cell_ink))
    return runs
