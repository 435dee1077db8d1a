"""The line below the lanes: what an arriving event does to them, the step under the cursor, and the order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.model.browse import Stance
from tui.model.dashboard import Dashboard
from tui.model.messages.listing import Listing
from tui.widgets.bar import Bar, Part, Words
from tui.widgets.look import look_of
from tui.widgets.message_foot import step_part
from tui.widgets.time_axis import COMMITTED, LEGEND, MARK_INK

_STANCE = {
    Stance.FOLLOWING: ("following", "focus"),
    Stance.BROWSING: ("browsing", "ink"),
    Stance.PAUSED: ("paused", "warn bold"),
}


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
        self.marked = False
        """What was committed is marked among the messages in sight."""

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
            step = listing.step
            parts += [] if step is None else [step_part(step, look)]
        return parts

    def right(self) -> Sequence[Part]:
        """Say which of the messages the cursor is on, and how they are sorted."""
        listing = self.listing
        parts = []
        if self.marked:
            look = look_of(self)
            said: Words = [(look.mark(COMMITTED)[1], MARK_INK), (f" {LEGEND}", "quiet")]
            parts.append(Part(7, [said, [said[0], (" commit", "quiet")]]))
        parts += [Part(4, list(_order(listing)))]
        if len(listing):
            more = "+" if listing.further is not None else ""
            parts.append(Part(2, [[(f"{listing.cursor + 1:,} of {len(listing):,}{more} ", "quiet")]]))
        zone = self.dashboard.clock.zone_name
        if zone != "UTC":
            parts.append(Part(6, [[(f"{zone} ", "quiet")]]))
        return parts


def _order(listing: Listing) -> Iterator[Words]:
    """Say how messages are sorted, and which of them where that is not all."""
    words: Words = [(listing.order.words, "focus" if not listing.upwards else "quiet")]
    if listing.newest is not None:
        yield [*words, (f" of the newest {listing.newest:,}", "quiet")]
    yield words
