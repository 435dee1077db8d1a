"""The line below the wall: how many types there are, which are picked, and over how long the counts go."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.dashboard import Dashboard
from tui.widgets.bar import Bar, Part
from tui.widgets.look import look_of
from tui.widgets.time_axis import legend


class WallFoot(Bar):
    """Types and events; what picking does; at the right the span."""

    GROUND = "ground"

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__(id="foot")
        self.dashboard = dashboard
        self.minutes = 0
        """Over how long the bars go; 0 until that is known."""
        self.marked = False
        """Something was committed in this time."""

    def left(self) -> Sequence[Part]:
        """Say how many types were seen, what is picked, and what is wrong with the link."""
        board, look = self.dashboard, look_of(self)
        types = sum(1 for count in board.counts.by_type.values() if count)
        seen = f" {types:,} type{'s' * (types != 1)}"
        parts = [Part(0, [[(seen, "ink")]])]
        if board.picked:
            picked = f"{len(board.picked):,} picked"
            ways = [
                [(picked, "focus bold"), (": the stream shows nothing else", "quiet")],
                [(picked, "focus bold")],
            ]
            parts.append(Part(1, ways))
        trouble = board.link.sentence(board.monotonic()) if board.began else None
        if trouble is not None:
            what, then = (look.text(text) for text in trouble)
            ways = [[(f"{what}. ", "warn"), (then, "quiet")], [(what, "warn")]]
            parts.append(Part(3, [way for way in ways if way[-1][0]]))
        return parts

    def right(self) -> Sequence[Part]:
        """Say how many events that are, over how long they are counted, and the zone where it is not UTC."""
        board = self.dashboard
        parts = []
        if self.marked:
            parts.append(Part(5, [legend(look_of(self))]))
        if board.counts.known:
            parts.append(Part(2, [[(f"{board.counts.total:,} events", "quiet")]]))
        span = "all that is kept" if board.span.minutes is None else f"the last {board.span}"
        if board.span.minutes is None and self.minutes:
            parts.append(Part(4, [[(f"bars of {self.minutes} min", "quiet")]]))
        parts.append(Part(2, [[(f"counts of {span} ", "quiet")], [(f"{board.span} ", "quiet")]]))
        zone = board.clock.zone_name
        if zone != "UTC":
            parts.append(Part(5, [[(f"{zone} ", "quiet")]]))
        return parts
