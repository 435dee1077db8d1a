"""The types at the left: glyph, name, count and rate of each that was seen, by family."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import nlargest
from typing import TypeAlias

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.model.dashboard import Dashboard
from tui.model.rate import rate_text
from tui.widgets.cells import fit, fit_right
from tui.widgets.glyphs import GROUPS, MARKS, mark_of
from tui.widgets.look import look_of

WIDTH = 31
MAX_OTHERS = 64
_NAME = 13
_COUNT = 9

Row: TypeAlias = Sequence[tuple[str, str]]


class TypesPanel(Widget):
    """One row a kind; the headings carry the rate of their family."""

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__(id="types")
        self.dashboard = dashboard
        self._rows: list[Row] = []

    def renew(self) -> None:
        """Read the counts anew and paint; meant for a few times a second."""
        rows = list(self._compose_rows())
        if rows != self._rows:
            self._rows = rows
            self.refresh()

    def _compose_rows(self) -> Iterator[Row]:
        seen = self.dashboard.counts.by_type
        groups = {title: [name for name in names if seen.get(name)] for title, names in GROUPS.items()}
        others = [name for name, count in seen.items() if name not in MARKS and count]
        groups["OTHER"] = sorted(nlargest(MAX_OTHERS, others, key=seen.__getitem__))
        for title, names in groups.items():
            if names:
                yield ()
                yield self._heading(title, names)
                yield from map(self._kind, _alike(names))
        if not any(groups.values()):
            yield ()
            yield [(" no events yet", "quiet")]

    def _rate(self, names: Sequence[str]) -> str:
        rates, now = self.dashboard.type_rates, self.dashboard.monotonic()
        return rate_text(sum(rates[name].per_second(now) for name in names if name in rates))

    def _heading(self, title: str, names: Sequence[str]) -> Row:
        rate = fit_right(self._rate(names), 7)
        return [(f" {fit(title, WIDTH - 9)}", "quiet bold"), (rate, "quiet")]

    def _kind(self, names: Sequence[str]) -> Row:
        look = look_of(self)
        mark, glyph = look.mark(names[0])
        count = sum(self.dashboard.counts.by_type[name] for name in names)
        return [
            (f" {glyph} ", mark.ink),
            (fit(look.text(mark.short, 80), _NAME - 1, look.ellipsis), mark.ink if mark.failing else "ink"),
            (fit_right(f"{count:,}", _COUNT - 1), mark.ink if mark.failing else "ink"),
            (fit_right(self._rate(names), 7), "quiet"),
        ]

    def render_line(self, y: int) -> Strip:
        """Paint one row."""
        look = look_of(self)
        blank = look.style("ink", "side")
        width = self.size.width
        if y >= len(self._rows):
            return Strip.blank(width, blank)
        if y == self.size.height - 1 and len(self._rows) > self.size.height:
            more = len(self._rows) - y
            return Strip([Segment(f" +{more} more", look.style("quiet", "side"))]).adjust_cell_length(width, blank)
        segments = []
        for text, ink in self._rows[y]:
            name, _, weight = ink.partition(" ")
            segments.append(Segment(text, look.style(name, "side", bold=weight == "bold")))
        return Strip(segments).adjust_cell_length(width, blank)


def _alike(names: Sequence[str]) -> Iterable[list[str]]:
    """Put the types together that look the same, as those of the resources do."""
    kinds: dict[str, list[str]] = {}
    for name in names:
        kinds.setdefault(mark_of(name).short, []).append(name)
    return kinds.values()
