"""The line of counters by type, where there is no room for the panel."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tui.model.dashboard import Dashboard
from tui.widgets.bar import Bar, Part
from tui.widgets.glyphs import MARKS
from tui.widgets.look import look_of

_ORDER = {name: place for place, name in enumerate(MARKS)}


def short_count(count: int) -> str:
    """Write a count in at most five cells: `9,999`, `12.3k`, `1.28M`."""
    if count < 10_000:
        return f"{count:,}"
    if count < 999_950:
        return f"{count / 1_000:.1f}k" if count < 99_950 else f"{count / 1_000:.0f}k"
    return f"{count / 1_000_000:.2f}M" if count < 9_995_000 else f"{count / 1_000_000:.0f}M"


class Counters(Bar):
    """A glyph and a count for each type seen, failing ones kept longest; with names while they fit."""

    GROUND = "side"

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__(id="counters")
        self.dashboard = dashboard

    def left(self) -> Sequence[Part]:
        """Give the counters in the order of the catalogue."""
        seen = self.dashboard.counts.by_type
        known = sorted((name for name in seen if name in MARKS and seen[name]), key=_ORDER.__getitem__)
        others = sum(count for name, count in seen.items() if name not in MARKS)
        full = [self._counter(name, seen[name], named=True) for name in known]
        if others:
            full.append([(" • other ", "event-unknown"), (short_count(others), "ink")])
        if sum(sum(cell_len(word[0]) for word in words) + self.GAP for words in full) <= self.size.width:
            return [Part(1, [words]) for words in full]
        return [Part(self._importance(name), [self._counter(name, seen[name], named=False)]) for name in known]

    def _importance(self, name: str) -> int:
        return 1 if MARKS[name].failing else 2 + _ORDER[name]

    def _counter(self, name: str, count: int, *, named: bool) -> list[tuple[str, str]]:
        mark, glyph = look_of(self).mark(name)
        label = f" {glyph} {mark.short} " if named else f" {glyph} "
        return [(label, mark.ink), (short_count(count), "ink")]
