"""Marks on an axis of time where something was committed; the axis above bars, which names its ends, too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from tui.widgets.look import Look
from tui.widgets.sparkline import FLOOR, Runs

MARK_INK = "event-template"
LINE = "┊"
"""Leads from a mark through bars."""
COMMITTED = "workflow.committed"
"""The type whose glyph stands for all that is committed."""
LEGEND = "committed or promoted"


def cells_of(places: Iterable[int], length: int, width: int) -> set[int]:
    """Give the cells in which marks stand: `places` are of `length` counts, which are spread over a width."""
    if width < 1:
        return set()
    return {min(int((place + 0.5) * width / length), width - 1) for place in places if 0 <= place < length}


def cells_of_runs(places: Iterable[int], length: int, width: int) -> set[int]:
    """Give the cells in which marks stand where counts are added up in equal runs, the newest in the last cell."""
    if width < 1:
        return set()
    run = max(-(-length // width), 1)
    return {width - 1 - (length - 1 - place) // run for place in places if 0 <= place < length}


def before_bars(cells: AbstractSet[int], counted: Sequence[int]) -> set[int]:
    """Give the cells of marks that are seen among bars: one that falls on a bar stands before it if it can.

    What was committed is the cause of what came in the same cell. `counted` says for each cell whether there is a
    bar; where the cell before has one, too, the mark stays.
    """
    return {cell - 1 if cell and counted[cell] and not counted[cell - 1] else cell for cell in cells}


def marked(bars: Runs, cells: AbstractSet[int], look: Look, *, over: bool = False) -> Runs:
    """Lead a line through bars at marks; where something was counted the bar stays, unless marks go `over` it."""
    if not cells:
        return bars
    painted = [(char, ink) for text, ink in bars for char in text]
    mark = (look.own(LINE), MARK_INK)
    return joined(
        mark if at in cells and (over or ink == FLOOR) else (char, ink) for at, (char, ink) in enumerate(painted)
    )


def axis(minutes: int, width: int, at: AbstractSet[int], mark: str) -> Runs:
    """Give the line above the bars: the marks, and over which time it goes where they leave room to say so."""
    start = dict(enumerate(f"{minutes} min"))
    end = {width - 3 + place: char for place, char in enumerate("now")}
    names = {cell: char for name in (start, end) if at.isdisjoint(name) for cell, char in name.items()}
    return joined((mark, MARK_INK) if cell in at else (names.get(cell, " "), "quiet") for cell in range(width))


def joined(cells: Iterable[tuple[str, str]]) -> Runs:
    """Put cells of one ink together."""
    runs: Runs = []
    for text, ink in cells:
        if runs and runs[-1][1] == ink:
            runs[-1] = (runs[-1][0] + text, ink)
        else:
            runs.append((text, ink))
    return runs


def legend(look: Look) -> Runs:
    """Say what the marks are."""
    return [(look.own(LINE), MARK_INK), (f" {LEGEND}", "quiet")]
