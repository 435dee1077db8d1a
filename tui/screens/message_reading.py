"""Reads messages for their screen: the first page again whenever something moved, further pages as one scrolls.

The relay lists what moved last first, so that one page tells all that is new. Of a message that moved and is not
on it, its own timeline is asked for. Nothing is read while another screen is in front.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from relay.contract.timeline import MessagesPage, listed
from tui.model.browse import Stance
from tui.model.source import MESSAGES_LIMIT, Arrivals, Began, Item, Missing, Pulse, Recount, Source, SourceError
from tui.work import begin

if TYPE_CHECKING:
    from tui.screens.messages import MessagesScreen

AGAIN = 2.0
"""Seconds after which what could not be read is asked for again."""
PAUSE, REST = 0.2, 3.0
"""Between two readings: seconds at least, and how many times as long as the last one took."""
COUNT_PAUSE, COUNT_REST = 1.0, 6.0
"""The same for the funnel, which looks at every message that matches."""
MOST_SINGLE = 8
"""Messages whose own timelines are read at a time."""
MOST_EMPTY = 40
"""Pages without a message after which a search rests until one scrolls on."""


class Reading:
    """Asks for what the screen needs next: one question of a kind at a time."""

    def __init__(self, screen: MessagesScreen) -> None:
        self.screen = screen
        self._busy: set[str] = set()
        self._not_before: dict[str, float] = {}
        self._moved = True
        self._uncounted = True
        self._touched: set[str] = set()
        self._heard = 0
        self._empty = 0

    # What happens

    def hear(self, item: Item) -> None:
        """Note what has to be read anew."""
        match item:
            case Began():
                self._heard = item.after
                self.restart()
            case Arrivals():
                self._heard = max(self._heard, item.upto)
                changed = (*item.events, *item.changes)
                self._touched.update(event.message_id for event in changed if event.message_id is not None)
                self._moved = self._moved or bool(changed or item.counts)
            case Pulse():
                # What the filter keeps out of the stream may still be a step of a message that is shown.
                self._moved = self._moved or item.last_seq > self._heard
                self._heard = max(self._heard, item.last_seq)
            case Missing() | Recount():
                self._moved = True
        self._uncounted = self._uncounted or self._moved

    def restart(self) -> None:
        """Begin again with the first page."""
        self.screen.listing.restart(keep_place=self.screen.opened)
        self._touched.clear()
        self._not_before.clear()
        self._moved = self._uncounted = True
        self._empty = 0

    def renew(self) -> None:
        """Read the first page again at once."""
        self._moved = True
        self._not_before.pop("first", None)
        self.want()

    def count_anew(self) -> None:
        """Count the funnel again at once."""
        self._uncounted = True
        self._not_before.pop("funnel", None)
        self.want()

    def go_on(self) -> None:
        """Search on where a search rested."""
        self._empty = 0

    @property
    def rests(self) -> bool:
        """A search for messages that are few and far between came to a rest."""
        return self._empty >= MOST_EMPTY

    # What is read

    def want(self) -> None:
        """Read what is needed now."""
        screen = self.screen
        source, listing, board = screen.source, screen.listing, screen.dashboard
        if source is None or not screen.in_front or not board.began:
            return
        if (listing.unread or self._moved) and self._may("first"):
            self._moved = False
            self._start("first", partial(self._read_first, source))
        elif screen.wants_further and listing.further is not None and not self.rests:
            self._start("further", partial(self._read_further, source, listing.further))
        if self._uncounted and screen.wants_count and self._may("funnel"):
            self._uncounted = False
            self._start("funnel", partial(self._read_funnel, source))

    def _may(self, what: str) -> bool:
        return what not in self._busy and self.screen.dashboard.monotonic() >= self._not_before.get(what, 0.0)

    def _start(self, what: str, read: Callable[[], Awaitable[None]]) -> None:
        if what not in self._busy:
            self._busy.add(what)
            begin(self.screen, what, self._finish, what, read)

    async def _finish(self, what: str, read: Callable[[], Awaitable[None]]) -> None:
        clock = self.screen.dashboard.monotonic
        began = clock()
        try:
            await read()
            self.screen.failed("")
        except SourceError as error:
            self.screen.failed(str(error))
            self._moved = self._moved or what == "first"
            self._uncounted = self._uncounted or what == "funnel"
            await asyncio.sleep(AGAIN)
        finally:
            self._busy.discard(what)
        pause, rest = (COUNT_PAUSE, COUNT_REST) if what == "funnel" else (PAUSE, REST)
        if what != "further":
            self._not_before[what] = clock() + max(pause, rest * (clock() - began))
        self.screen.read()

    async def _read_first(self, source: Source) -> None:
        listing = self.screen.listing
        run = listing.run
        touched, self._touched = self._touched, set()
        page = await self._page(source, None, min(self.screen.rows_in_sight + 10, MESSAGES_LIMIT))
        if run != listing.run:
            return
        listing.take_first(page)
        await self._read_single(source, page, touched)

    async def _read_single(self, source: Source, page: MessagesPage, touched: set[str]) -> None:
        """Read what moved and is on no page that was just read."""
        listing = self.screen.listing
        run = listing.run
        told = {one.message_id for one in page.items}
        single = [one for one in touched if one not in told and listing.place(one) is not None]
        if listing.stance is not Stance.PAUSED:
            for message_id in single[:MOST_SINGLE]:
                message = await source.message(message_id)
                if run == listing.run:
                    listing.renew([listed(message)])

    async def _read_further(self, source: Source, before: str) -> None:
        listing = self.screen.listing
        run = listing.run
        page = await self._page(source, before, MESSAGES_LIMIT)
        if (run, before) == (listing.run, listing.further):
            self._empty = 0 if page.items else self._empty + 1
            listing.take_further(page)

    async def _page(self, source: Source, before: str | None, limit: int) -> MessagesPage:
        screen = self.screen
        return await source.messages(screen.query_text, sort=screen.listing.order, before=before, limit=limit)

    async def _read_funnel(self, source: Source) -> None:
        screen = self.screen
        text, by = screen.query_text, screen.funnel.by
        funnel = await source.funnel(text, by)
        if (text, by) == (screen.query_text, screen.funnel.by):
            screen.counted(funnel)
        else:
            self._uncounted = True
