"""The line of counters by type, where there is no room for the panel."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from tui.model.dashboard import Dashboard
from tui.widgets.bar import Bar, Part, arrange, width_of
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
        return [part for _, part in self._counters()]

    def right(self) -> Sequence[Part]:
        """Say how many types there is no room for."""
        shown = [words is not None for words in arrange(self.left(), self.size.width, self.GAP)]
        if all(shown):
            return ()
        # Room for this is taken from what would be left out next.
        left = arrange([*self.left(), Part(0, [[("+99 ", "quiet")]])], self.size.width, self.GAP)
        return [Part(0, [[(f"+{left.count(None)} ", "quiet")]])]

    def _counters(self) -> list[tuple[str, Part]]:
        seen = {name: self.dashboard.count(name) for name in self.dashboard.counts.by_type}
        known = sorted((name for name in seen if name in MARKS and seen[name]), key=_ORDER.__getitem__)
        others = sum(count for name, count in seen.items() if name not in MARKS)
        full = [(name, self._counter(name, seen[name], named=True)) for name in known]
        other = [("", [(" • other ", "event-unknown"), (short_count(others), "ink")])] if others else []
        room = sum(width_of(words) + self.GAP for _, words in [*full, *other]) <= self.size.width
        if not room:
            full = [(name, self._counter(name, seen[name], named=False)) for name in known]
        return [(name, Part(self._importance(name), [words])) for name, words in [*full, *other]]

    def _importance(self, name: str) -> int:
        if name not in MARKS:
            return 2 + len(MARKS)
        return 1 if MARKS[name].failing or name in self.dashboard.picked else 2 + _ORDER[name]

    def _counter(self, name: str, count: int, *, named: bool) -> list[tuple[str, str]]:
        mark, glyph = look_of(self).mark(name)
        picked = name in self.dashboard.picked
        before = "+" if picked else " "
        label = f"{before}{glyph} {mark.short} " if named else f"{before}{glyph} "
        loud = f"{mark.ink} bold" if mark.failing else "focus bold" if picked else "ink"
        return [(label, mark.ink), (short_count(count), loud)]

    def on_click(self, event: events.Click) -> None:
        """Pick the type under the mouse."""
        counters = self._counters()
        parts = [part for _, part in counters]
        at = 0
        for (name, _), words in zip(
            counters, arrange([*parts, *self.right()], self.size.width, self.GAP), strict=False
        ):
            if words is not None:
                if name and at <= event.x < at + width_of(words):
                    self.post_message(self.Picked((name,)))
                at += width_of(words) + self.GAP
