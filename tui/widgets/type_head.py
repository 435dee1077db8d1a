"""The line above a type's table: the type in full, how often it came, and when."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.dashboard import Dashboard
from tui.model.rate import rate_text
from tui.widgets.bar import Bar, Part
from tui.widgets.look import look_of
from tui.widgets.sparkline import heights, spread
from tui.widgets.time_axis import before_bars, cells_of, legend, marked

_NAME = 128
_BARS = 30


class TypeHead(Bar):
    """Glyph, name, count, rate; at the right when they came as bars."""

    GROUND = "side"

    def __init__(self, type_: str, dashboard: Dashboard) -> None:
        super().__init__(id="type-head")
        self.type = type_
        self.dashboard = dashboard

    def left(self) -> Sequence[Part]:
        """Say the type and how often it came."""
        board, look = self.dashboard, look_of(self)
        mark, glyph = look.mark(self.type)
        count = board.count(self.type)
        within = "" if board.span.minutes is None else f" in {board.span}"
        rate = board.type_rates.get(self.type)
        written = rate_text(rate.per_second(board.monotonic())) if rate is not None else ""
        parts = [
            Part(0, [[(f" {glyph} ", f"{mark.ink} bold"), (look.text(self.type, _NAME), f"{mark.ink} bold")]]),
            Part(
                1, [[(f"{count:,} event{'s' * (count != 1)}", "ink"), (within, "quiet")], [(f"{count:,}", "ink")]]
            ),
        ]
        if written:
            parts.append(Part(3, [[(written, "quiet")]]))
        if board.picked and self.type not in board.picked:
            parts.append(Part(4, [[("not picked: the stream leaves them out", "quiet")]]))
        return parts

    def right(self) -> Sequence[Part]:
        """Show when they came."""
        board, look = self.dashboard, look_of(self)
        mark, _ = look.mark(self.type)
        minutes = board.history.minutes([self.type])
        counts = board.history.of(self.type, minutes)
        bars = spread(counts, _BARS, mark.ink, ascii_only=look.ascii_only)
        at = before_bars(cells_of(board.history.marks(minutes), len(counts), _BARS), heights(counts, _BARS))
        told = [*marked(bars, at, look, over=True), (f" {minutes} min ", "quiet")]
        return [Part(5, [[*legend(look), ("  ", "quiet"), *told], told] if at else [told])]
