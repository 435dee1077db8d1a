"""The axis of time above the lanes: the first second has as much room as the hours after it.

Times are milliseconds since a message's first step. An axis lies in stretched units, which grow with the logarithm
of the time, so that a zoom and a pan mean the same wherever one is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

BEND_MS = 300.0
"""Up to here the axis is nearly even."""
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000

_MAIN = (SECOND, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR)
_LATER = (DAY, 7 * DAY, 30 * DAY, 365 * DAY)
_FINER = (
    *(100, 2 * SECOND, 10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 12 * HOUR, 3 * DAY, 14 * DAY),
    *(90 * DAY, 180 * DAY),
)
_FINEST = (20, 50, 200, 500, 3 * SECOND, 20 * SECOND, 3 * MINUTE, 20 * MINUTE, 4 * HOUR, 2 * DAY)
_EVEN = (
    *(10**power * unit for power in range(3) for unit in (1, 2, 5)),
    *(unit * SECOND for unit in (1, 2, 5, 10, 20, 30)),
    *(unit * MINUTE for unit in (1, 2, 5, 10, 20, 30)),
    *(unit * HOUR for unit in (1, 2, 6, 12)),
    *(unit * DAY for unit in (1, 2, 7, 30, 90)),
)
_FITS = (*_MAIN, *_LATER)
_ZOOM = 1.5
_NARROWEST = 0.02
_WIDEST = math.log1p(365 * DAY / BEND_MS)
_GAP = 2
"""Cells between two labels at least."""


def stretched(ms: float) -> float:
    """Give where a time lies in the units of the axis."""
    return math.log1p(max(ms, 0.0) / BEND_MS)


def relaxed(units: float) -> float:
    """Give the time that lies there."""
    return math.expm1(units) * BEND_MS


class Tick(NamedTuple):
    """A time that is named, in milliseconds, the cell in which it lies, and where its name begins."""

    ms: float
    cell: int
    at: int
    label: str


class Axis(NamedTuple):
    """What is seen of time, from `start` to `end` in stretched units.

    One that is `fitted` grows with what there is to show; one that was zoomed or panned stays.
    """

    start: float = 0.0
    end: float = stretched(30 * SECOND)
    fitted: bool = True

    def cell(self, ms: float, width: int) -> int:
        """Give the cell of a time in a lane of `width` cells; it is outside of them where the time is not seen."""
        share = (stretched(ms) - self.start) / (self.end - self.start)
        return round(share * (width - 1))

    def fit(self, longest_ms: float) -> Axis:
        """Give the axis that shows everything up to a time, and ends at a round one."""
        last = next((round_ms for round_ms in _FITS if round_ms >= longest_ms), _FITS[-1])
        return Axis(0.0, stretched(last))

    def grown(self, longest_ms: float) -> Axis:
        """Give the axis with room for a longer time, where nobody has zoomed; it never shrinks by itself."""
        return self.fit(longest_ms) if self.fitted and stretched(longest_ms) > self.end else self

    def zoomed(self, steps: int, at_ms: float | None = None) -> Axis:
        """Give a nearer view, or with negative steps a wider one; what is at a time stays where it is."""
        around = stretched(at_ms) if at_ms is not None else (self.start + self.end) / 2
        if not self.start <= around <= self.end:
            around = (self.start + self.end) / 2
        length = min(max((self.end - self.start) / _ZOOM**steps, _NARROWEST), _WIDEST)
        start = around - (around - self.start) / (self.end - self.start) * length
        return self._at(start, length)

    def panned(self, share: float) -> Axis:
        """Give a later view, or an earlier one, by a share of what is seen."""
        length = self.end - self.start
        return self._at(self.start + share * length, length)

    def _at(self, start: float, length: float) -> Axis:
        start = max(min(start, _WIDEST - length), 0.0)
        return Axis(start, start + length, fitted=False)

    def ticks(self, width: int) -> list[Tick]:
        """Give the times to name over a lane, from the left; round ones first, as many as there is room for."""
        found: list[Tick] = []
        taken: list[tuple[int, int]] = []
        for ms in self._candidates():
            label = latency(ms) if ms else "0"
            cell = self.cell(ms, width)
            # The name of the last one ends where it would begin elsewhere.
            at = min(cell, width - len(label))
            taken_here = any(at - _GAP < end and begin < at + len(label) + _GAP for begin, end in taken)
            if not 0 <= cell < width or at < 0 or taken_here:
                continue
            taken.append((at, at + len(label)))
            found.append(Tick(ms, cell, at, label))
        return sorted(found)

    def _candidates(self) -> Iterator[float]:
        yield 0
        times: Sequence[float]
        for times in (_MAIN, _LATER, _FINER, _FINEST):
            yield from times
        yield from self._even()

    def _even(self) -> Iterator[float]:
        """Give even times for a view so near that no round one falls into it."""
        first, last = relaxed(self.start), relaxed(self.end)
        step = next((one for one in _EVEN if (last - first) / one <= 8), _EVEN[-1])
        number = math.ceil(first / step)
        while number * step <= last:
            yield float(number * step)
            number += 1


def latency(ms: float) -> str:
    """Write a time between two steps: `350 ms`, `1.2 s`, `12 s`, `3 m 20 s`, `5 h 10 m`, `3 d 4 h`."""
    sign, ms = ("-", -ms) if ms < 0 else ("", ms)
    whole = round(ms)
    if whole < SECOND:
        return f"{sign}{whole} ms" if whole else "0 ms"
    if whole < 10 * SECOND:
        return f"{sign}{ms / SECOND:.1f}".removesuffix(".0") + " s"
    seconds = round(ms / SECOND)
    for size, unit, part, smaller in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "m"), (60, "m", 1, "s")):
        if seconds >= size:
            rest = seconds % size // part
            return f"{sign}{seconds // size:,} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{sign}{seconds} s"
