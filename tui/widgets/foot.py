"""The line below the list: what an arriving event does to it, and where the cursor is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.model.browse import Stance
from tui.model.dashboard import Dashboard
from tui.model.search import Search
from tui.widgets.bar import Bar, Part
from tui.widgets.look import Look, look_of

_STANCE = {
    Stance.FOLLOWING: ("following", "focus"),
    Stance.BROWSING: ("browsing", "ink"),
    Stance.PAUSED: ("paused", "warn bold"),
}


def far_part(searched: tuple[str, str], look: Look) -> Part:
    """Say how far a search came, and what to do about it as far as there is room."""
    far, then = (look.text(text) for text in searched)
    short = far.rpartition(", searched ")[0] or far
    return Part(
        3, [[(f"{far}. ", "ink"), (then, "quiet")], [(f"{short}. ", "ink"), (then, "quiet")], [(far, "ink")]]
    )


class Foot(Bar):
    """Following, browsing or paused with `+N new`; or what is wrong with the link. At the right the position."""

    GROUND = "ground"

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__(id="foot")
        self.dashboard = dashboard
        self.seeking: Callable[[], Search] = Search
        """The look for one event to go to."""

    def left(self) -> Sequence[Part]:
        """Say the stance and how many events are new, then what is wrong."""
        browse, look = self.dashboard.browse, look_of(self)
        words, ink = _STANCE[browse.stance]
        parts = [Part(0, [[(f" {words}", ink)]])]
        if browse.fresh:
            parts.append(Part(1, [[(f"+{browse.fresh:,} new", "focus bold")]]))
        trouble = self.dashboard.link.sentence(self.dashboard.monotonic()) if self.dashboard.began else None
        if trouble is not None:
            what, then = (look.text(text) for text in trouble)
            ways = [[(f"{what}. ", "warn"), (then, "quiet")], [(what, "warn")]]
            parts.append(Part(3, [way for way in ways if way[-1][0]]))
        elif (searched := self._searched()) is not None:
            parts.append(far_part(searched, look))
        elif browse.stance is Stance.PAUSED:
            parts.append(Part(4, [[("p goes on", "quiet")]]))
        elif browse.fresh:
            parts.append(Part(4, [[("F follows", "quiet")]]))
        return parts

    def _searched(self) -> tuple[str, str] | None:
        clock = self.dashboard.clock
        return self.seeking().sentence(clock) or self.dashboard.browse.search.sentence(clock)

    def right(self) -> Sequence[Part]:
        """Say which of how many the cursor is on, and the zone of the times where it is not UTC."""
        parts = []
        if len(self.dashboard.browse.window):
            parts.append(Part(2, [[(self._position(), "quiet")]]))
        zone = self.dashboard.clock.zone_name
        if zone != "UTC":
            parts.append(Part(5, [[(f"{zone} ", "quiet")]]))
        return parts

    def _position(self) -> str:
        board = self.dashboard
        if board.position is not None:
            return f"{board.position:,} of {board.total:,} "
        return "counting " if board.browse.counted else f"seq {board.browse.selected:,} "
