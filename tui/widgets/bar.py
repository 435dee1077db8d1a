"""A line of the screen that is painted whole: header, counters, position, keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.look import look_of

Words: TypeAlias = Sequence[tuple[str, str] | tuple[str, str, str]]
"""Texts with their inks, and a ground where it is not the bar's; the texts are safe to paint by then."""


class Part(NamedTuple):
    """Something a bar may say: its ways to say it, the longest first, and its importance, 0 being the greatest."""

    importance: int
    ways: Sequence[Words]


def width_of(words: Words) -> int:
    """Count the cells of a way to say something."""
    return sum(cell_len(word[0]) for word in words)


def arrange(parts: Sequence[Part], width: int, gap: int) -> list[Words | None]:
    """Choose for each part the longest way that leaves room for all that is more important; None is unsaid."""
    chosen: list[Words | None] = [None] * len(parts)
    left = width + gap
    for index in sorted(range(len(parts)), key=lambda index: parts[index].importance):
        for words in parts[index].ways:
            needed = width_of(words) + gap
            if needed <= left:
                chosen[index] = words
                left -= needed
                break
    return chosen


class Bar(Widget):
    """One line. Subclasses say its parts, those at the left and those at the right end."""

    GROUND = "bar"
    GAP = 2

    def left(self) -> Sequence[Part]:
        """Give the parts from the left end on."""
        return ()

    def right(self) -> Sequence[Part]:
        """Give the parts that end at the right end."""
        return ()

    def render_line(self, y: int) -> Strip:
        """Paint the line."""
        width = self.size.width
        if y > 0:
            return Strip.blank(width, look_of(self).style("ink", self.GROUND))
        left = self.left()
        chosen = arrange([*left, *self.right()], width, self.GAP)
        return self._paint(chosen[: len(left)], chosen[len(left) :], width)

    def _paint(self, starts: Sequence[Words | None], ends: Sequence[Words | None], width: int) -> Strip:
        segments = self._joined(starts)
        tail = self._joined(ends)
        space = width - sum(cell_len(s.text) for s in segments) - sum(cell_len(s.text) for s in tail)
        blank = look_of(self).style("ink", self.GROUND)
        strip = Strip([*segments, Segment(" " * max(space, 0), blank), *tail])
        return strip.adjust_cell_length(width, blank)

    def _joined(self, said: Sequence[Words | None]) -> list[Segment]:
        look = look_of(self)
        segments: list[Segment] = []
        for words in said:
            if words and segments:
                segments.append(Segment(" " * self.GAP, look.style("ink", self.GROUND)))
            for word in words or ():
                text, ink = word[0], word[1]
                ground = word[2] if len(word) == 3 else self.GROUND
                name, _, weight = ink.partition(" ")
                segments.append(Segment(text, look.style(name, ground, bold=weight == "bold")))
        return segments
