"""The line of counters by type, where there is no room for the panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.message import Message

from tui.model.dashboard import Dashboard
from tui.widgets.bar import Bar, Part, arrange, width_of
from tui.widgets.glyphs import MARKS, alike
from tui.widgets.look import look_of

_ORDER = {name: place for place, name in enumerate(MARKS)}


def short_count(count: int) -> str:
    """Write a count in at most five cells: `9,999`, `12.3k`, `1.28M`."""
    if count < 10_000:
        return f"{count:,}"
    if count < 999_950:
        return f"{count / 1_000:.1f}k" if count < 99_950 else f"{count / 1_000:.0f}k"
    return f"{count / 1_000_000:.2f}M" if count < 9_995_000 else f"{count / 1_000_000:.0f}M"


class _Counter(NamedTuple):
    types: tuple[str, ...]
    part: Part


class Counters(Bar):
    """A glyph and a count for each type seen, failing ones kept longest; with names while they fit."""

    GROUND = "side"

    class Picked(Message):
        """A type was clicked: it is to be picked, or let go again."""

        def __init__(self, types: tuple[str, ...]) -> None:
            super().__init__()
            self.types = types

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__(id="counters")
        self.dashboard = dashboard

    def left(self) -> Sequence[Part]:
        """Give the counters in the order of the catalogue."""
        return [counter.part for counter in self._counters()]

    def right(self) -> Sequence[Part]:
        """Say how many kinds of types there is no room for."""
        parts = self.left()
        if None not in arrange(parts, self.size.width, self.GAP):
            return ()
        # What this takes is taken from what would be left out next.
        hidden = arrange([*parts, Part(0, [[("+99 ", "quiet")]])], self.size.width, self.GAP).count(None)
        return [Part(0, [[(f"+{hidden} ", "quiet")]])]

    def _counters(self) -> list[_Counter]:
        counts = {name: self.dashboard.count(name) for name in self.dashboard.counts.by_type}
        seen = [name for name in MARKS if counts.get(name)]
        others = tuple(name for name in counts if name not in MARKS and counts[name])
        kinds = [*map(tuple, alike(seen)), *([others] if others else [])]
        total = [sum(map(counts.__getitem__, types)) for types in kinds]
        full = [self._counter(*kind, named=True) for kind in zip(kinds, total, strict=True)]
        if sum(width_of(counter.part.ways[0]) + self.GAP for counter in full) <= self.size.width + self.GAP:
            return full
        return [self._counter(*kind, named=False) for kind in zip(kinds, total, strict=True)]

    def _counter(self, types: tuple[str, ...], count: int, *, named: bool) -> _Counter:
        known = types[0] in MARKS
        mark, glyph = look_of(self).mark(types[0])
        picked = not set(types).isdisjoint(self.dashboard.picked)
        name = f"{mark.short if known else 'other'} " if named else ""
        loud = f"{mark.ink} bold" if mark.failing else "focus bold" if picked else "ink"
        words = [(f"{'+' if picked else ' '}{glyph} {name}", mark.ink), (short_count(count), loud)]
        importance = 1 if mark.failing or picked else 2 + (_ORDER[types[0]] if known else len(MARKS))
        return _Counter(types, Part(importance, [words]))

    def on_click(self, event: events.Click) -> None:
        """Pick the types under the mouse."""
        counters = self._counters()
        said = arrange([*self.left(), *self.right()], self.size.width, self.GAP)
        at = 0
        for counter, words in zip(counters, said, strict=False):
            if words is None:
                continue
            if at <= event.x < at + width_of(words):
                self.post_message(self.Picked(counter.types))
            at += width_of(words) + self.GAP
