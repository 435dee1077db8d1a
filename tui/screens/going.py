"""Going to another event of the stream: along a message or along failures, or to a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

from textual.worker import Worker

from relay.contract.events import EventSummary
from tui.later import later
from tui.model.along import FAILURES, NO_MESSAGE, Course, beyond, message_of, within
from tui.model.goto import first_since
from tui.model.search import Passed, Search, received_near
from tui.model.source import Source, SourceError
from tui.work import begin_instead

if TYPE_CHECKING:
    from tui.screens.events import EventsScreen

PROGRESS_AFTER = 0.1
"""Seconds after which a search says that it goes on."""


class Going:
    """Finds the event to go to, in the window or else in the log, and puts the cursor on it.

    One search at a time: another one, or `stop`, ends the one before.
    """

    def __init__(self, screen: EventsScreen) -> None:
        self.screen = screen
        self.search = Search()
        """How far the look for the event came, for the line below the list."""
        self._worker: Worker[None] | None = None

    async def along(self, kind: Literal["message", "failures"], step: int) -> None:
        """Go to the next event on a course, or to the one before."""
        screen, browse = self.screen, self.screen.dashboard.browse
        row = browse.selected_row
        course = FAILURES if kind == "failures" else message_of(row) if isinstance(row, EventSummary) else None
        if row is None or course is None:
            self._say("There is no event to go from" if row is None else NO_MESSAGE)
            return
        self.stop()
        seq = within(browse.window.rows, browse.cursor, step, course)
        if seq is not None:
            await self._go(seq)
            return
        before = browse.older_from if step < 0 else None
        after = browse.window.last_seq if step > 0 and not browse.attached else None
        if screen.source is None or (before is None and after is None):
            self._none(course, step)
        else:
            search = partial(self._beyond, screen.source, course, step, before, after)
            self._begin(search, f"{'an earlier' if step < 0 else 'a later'} {course.name}")

    async def _beyond(
        self, source: Source, course: Course, step: int, before: int | None, after: int | None
    ) -> None:
        choice, passed = self.screen.dashboard.filtering.choice, self._passed(source, before, after)
        seq = await beyond(source, choice, course, before=before, after=after, passed=passed)
        if seq is None:
            self._none(course, step)
        else:
            await self._go(seq)

    async def _go(self, seq: int) -> None:
        # What was said while there was nothing to go to is not so any more.
        self.screen.knocktop.hush()
        await self.screen.show_seq(seq)

    def to_time(self, us: int) -> None:
        """Go to the first event that was received at or after a time."""
        if self.screen.source is not None:
            self.stop()
            self._begin(partial(self._to_time, self.screen.source, us), "what was received then")

    async def _to_time(self, source: Source, us: int) -> None:
        dashboard = self.screen.dashboard
        last_seq = max(dashboard.upto + dashboard.link.lag, dashboard.browse.window.last_seq or 0)
        passed = self._passed(source, None, None)
        seq = await first_since(source, dashboard.filtering.choice, us, last_seq, passed)
        if seq is None:
            self._say(f"Nothing was received at or after {dashboard.clock.full_us(us)}{self._shown}")
        else:
            await self._go(seq)

    def stop(self) -> bool:
        """End the search that goes on; tells whether there was one."""
        worker, self._worker = self._worker, None
        if worker is None or worker.is_finished:
            return False
        worker.cancel()
        return True

    def _begin(self, search: Callable[[], Awaitable[None]], wanted: str) -> None:
        self.search = Search(wanted)
        self._worker = begin_instead(self.screen, "going", self._searching, search, self.search)

    async def _searching(self, search: Callable[[], Awaitable[None]], seen: Search) -> None:
        timer = later(PROGRESS_AFTER, self.screen, partial(self._show, seen))
        try:
            await search()
        except SourceError as error:
            self.screen.knocktop.hush()
            self.screen.knocktop.say(str(error), "error")
        finally:
            timer.cancel()
            seen.rest()
            self.screen.foot.refresh()

    def _show(self, seen: Search) -> None:
        # Once it is over there is nothing to say, whatever the timer was told.
        if self._worker is not None and not self._worker.is_finished:
            seen.going = True
            self.screen.foot.refresh()

    def _passed(self, source: Source, before: int | None, after: int | None) -> Passed:
        """Give what notes how far the look from a seq on came; without one it goes on from where it first is."""
        board, seen = self.screen.dashboard, self.search
        start = after

        async def passed(place: int) -> None:
            nonlocal start
            start = place if start is None else start
            first, last = (board.first_seq, before) if before is not None else (start, max(board.upto, place))
            newer = before is None
            seen.come_to(place, await received_near(source, place), first_seq=first, last_seq=last, newer=newer)
            self.screen.foot.refresh()

        return passed

    @property
    def _shown(self) -> str:
        return " among what the filter shows" if self.screen.dashboard.narrowed else ""

    def _none(self, course: Course, step: int) -> None:
        self._say(f"There is no {'earlier' if step < 0 else 'later'} {course.name}{self._shown}")

    def _say(self, text: str) -> None:
        self.screen.knocktop.say(text)
