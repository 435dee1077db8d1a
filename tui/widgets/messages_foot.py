"""The line below the lanes: what an arriving event does to them, the step under the cursor, and the order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.model.browse import Stance
from tui.model.dashboard import Dashboard
from tui.model.messages.axis import latency
from tui.model.messages.listing import Listing
from tui.model.messages.story import remarks_on
from tui.widgets.bar import Bar, Part
from tui.widgets.cells import fit
from tui.widgets.look import look_of

_STANCE = {
    Stance.FOLLOWING: ("following", "focus"),
    Stance.BROWSING: ("browsing", "ink"),
    Stance.PAUSED: ("paused", "warn bold"),
}
_READING = (100, 60, 36, 20, 0)
"""Cells for the reading of a step, as there is room."""


class MessagesFoot(Bar):
    """Following, browsing or paused with `+N new`, and the step under the cursor; at the right the order."""

    GROUND = "ground"

    def __init__(self, listing: Listing, dashboard: Dashboard) -> None:
        super().__init__(id="foot")
        self.listing = listing
        self.dashboard = dashboard
        self.failure = ""
        """Why the last question to the relay was not answered."""
        self.looking = ""
        """How far back a search went for messages that are few and far between."""

    def left(self) -> Sequence[Part]:
        """Say the stance, what is new and what is wrong, then the step under the cursor."""
        listing, board, look = self.listing, self.dashboard, look_of(self)
        stance = (
            Stance.BROWSING if listing.stance is Stance.FOLLOWING and not listing.following else listing.stance
        )
        words, ink = _STANCE[stance]
        parts = [Part(0, [[(f" {words}", ink)]])]
        if listing.fresh:
            parts.append(Part(1, [[(f"+{len(listing.fresh):,} new", "focus bold")]]))
        trouble = board.link.sentence(board.monotonic()) if board.began else None
        trouble = trouble or ((self.failure, "") if self.failure else None)
        if trouble is not None:
            what, then = (look.text(text, 300) for text in trouble)
            ways = [[(f"{what}. ", "warn"), (then, "quiet")], [(what, "warn")]]
            parts.append(Part(2, [way for way in ways if way[-1][0]] or [[(what, "warn")]]))
        elif self.looking:
            parts.append(Part(2, [[(look.text(self.looking), "ink")]]))
        else:
            parts += self._step()
        return parts

    def _step(self) -> Iterator[Part]:
        """Tell the step under the cursor."""
        step, look = self.listing.step, look_of(self)
        if step is None:
            return
        mark, glyph = look.mark(step.type)
        name = look.text(step.type.partition(".")[2] or step.type, 40)
        since = f" +{latency(step.since_first_ms)}" if step.since_first_ms else ""
        head = [(f"{glyph} {name}", mark.ink), (since, "ink")]
        said = look.text(
            look.own(" · ").join([step.reading, *remarks_on(step)] if step.reading else remarks_on(step)), 300
        )
        ways = [
            [*head, (f"  {fit(said, min(cells, len(said)), look.ellipsis)}", "quiet")]
            for cells in _READING
            if cells
        ]
        yield Part(3, [*(ways if said else []), head])

    def right(self) -> Sequence[Part]:
        """Say which of the messages the cursor is on, and how they are sorted."""
        listing = self.listing
        parts = [Part(4, [[(listing.order.words, "focus" if not listing.upwards else "quiet")]])]
        if len(listing):
            more = "+" if listing.further is not None else ""
            parts.append(Part(2, [[(f"{listing.cursor + 1:,} of {len(listing):,}{more} ", "quiet")]]))
        zone = self.dashboard.clock.zone_name
        if zone != "UTC":
            parts.append(Part(6, [[(f"{zone} ", "quiet")]]))
        return parts
