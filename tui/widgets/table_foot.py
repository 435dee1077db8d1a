"""The line below a type's table: what an arriving event does to it, how it is sorted, and where the cursor is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from tui.model.browse import Stance
from tui.model.dashboard import Dashboard
from tui.model.typetable import TypeTable
from tui.widgets.bar import Bar, Part
from tui.widgets.cells import fit
from tui.widgets.foot import far_part
from tui.widgets.look import look_of

_STANCE = {
    Stance.FOLLOWING: ("following", "focus"),
    Stance.BROWSING: ("browsing", "ink"),
    Stance.PAUSED: ("paused", "warn bold"),
}


_SURE = 26
"""Cells that every column has for a value that needs them: what is longer may be cut above."""
_TOLD = (160, 120, 90, 70, 50, 36)
"""Cells in which a long value is told here, as there is room."""


class TableFoot(Bar):
    """Following, browsing or paused with `+N new`, and the value under the cursor where it is long.

    At the right which rows the table, and so its order, is of.
    """

    GROUND = "ground"

    def __init__(self, table: TypeTable, dashboard: Dashboard) -> None:
        super().__init__(id="foot")
        self.table = table
        self.dashboard = dashboard

    def left(self) -> Sequence[Part]:
        """Say the stance, what is new, and what is wrong with the link."""
        browse, board, look = self.table.browse, self.dashboard, look_of(self)
        words, ink = _STANCE[browse.stance]
        parts = [Part(0, [[(f" {words}", ink)]])]
        if browse.fresh:
            parts.append(Part(1, [[(f"+{browse.fresh:,} new", "focus bold")]]))
        trouble = board.link.sentence(board.monotonic()) if board.began else None
        if trouble is not None:
            what, then = (look.text(text) for text in trouble)
            ways = [[(f"{what}. ", "warn"), (then, "quiet")], [(what, "warn")]]
            parts.append(Part(4, [way for way in ways if way[-1][0]]))
        elif (searched := browse.search.sentence(board.clock)) is not None:
            parts.append(far_part(searched, look))
        elif browse.stance is Stance.PAUSED:
            parts.append(Part(5, [[("p goes on", "quiet")]]))
        elif browse.fresh:
            parts.append(Part(5, [[("F follows", "quiet")]]))
        return [*parts, *self._value()]

    def _value(self) -> Iterator[Part]:
        """Tell a value that its column may have cut; the time is never long."""
        value, look = self.table.value, look_of(self)
        text = "" if value is None else look.text(value.text, _TOLD[0])
        if cell_len(text) > _SURE:
            yield Part(3, [[(fit(text, cells, look.ellipsis).rstrip(), "ink")] for cells in _TOLD])

    def right(self) -> Sequence[Part]:
        """Say where the cursor is, how rows are sorted, and of how many rows all of that is."""
        table, look = self.table, look_of(self)
        parts = []
        if table.sort is not None:
            name = look.text(table.columns[table.columns.index(table.sort.column)].name, 24)
            way = "descending" if table.sort.descending else "ascending"
            parts.append(Part(2, [[(f"by {name}, {way}:", "focus")], [(f"by {name}", "focus")]]))
        if len(table):
            row = f"{table.cursor + 1:,} of {table.coverage} row{'s' * (len(table) != 1)} "
            parts.append(Part(1, [[(row, "quiet")], [(f"{table.cursor + 1:,} of {len(table):,} ", "quiet")]]))
        zone = self.dashboard.clock.zone_name
        if zone != "UTC":
            parts.append(Part(6, [[(f"{zone} ", "quiet")]]))
        return parts
