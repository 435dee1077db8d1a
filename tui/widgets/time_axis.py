"""Counts of the last minutes as bars, with marks where something else happened; and the axis above them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.widgets.look import Look
from tui.widgets.sparkline import FLOOR, Runs, spread

MARK_INK = "event-template"


def cells_of(places: Iterable[int], minutes: int, width: int) -> set[int]:
    """Give the cells in which marks stand, of those that show so many minutes."""
    return {min(int((place + 0.5) * width / minutes), width - 1) for place in places if 0 <= place < minutes}


def marked_bars(counts: Sequence[int], width: int, ink: str, marks: Iterable[int], look: Look) -> Runs:
    """Give bars of counts; where nothing was counted a line leads down from each mark."""
    at = cells_of(marks, len(counts), width)
    runs: Runs = []
    cell = 0
    for text, text_ink in spread(counts, width, ink, ascii_only=look.ascii_only):
        for char in text:
            shown = (look.own("┊"), FLOOR) if text_ink == FLOOR and cell in at else (char, text_ink)
            if runs and runs[-1][1] == shown[1]:
                runs[-1] = (runs[-1][0] + shown[0], shown[1])
            else:
                runs.append(shown)
            cell += 1
    return runs


def axis(minutes: int, width: int, marks: Iterable[int], mark: str) -> Runs:
    """Give the line above the bars: the marks, and over which time it goes where they leave room to say so."""
    at = cells_of(marks, minutes, width)
    start = dict(enumerate(f"{minutes} min"))
    end = {width - 3 + place: char for place, char in enumerate("now")}
    names = {cell: char for name in (start, end) if at.isdisjoint(name) for cell, char in name.items()}
    runs: Runs = []
    for cell in range(width):
        text, ink = (mark, MARK_INK) if cell in at else (names.get(cell, " "), "quiet")
        if runs and runs[-1][1] == ink:
            runs[-1] = (runs[-1][0] + text, ink)
        else:
            runs.append((text, ink))
    return runs
