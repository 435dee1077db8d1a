"""Reads pages and totals for the screen: one of each at a time, and again after a while when it failed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Protocol

from tui.model.browse import Stance
from tui.model.commits import FILTER, MOST
from tui.model.counting import above, newest
from tui.model.counts import Lifted
from tui.model.dashboard import Changed, Dashboard
from tui.model.search import SPARSE
from tui.model.source import PAGE_LIMIT, Page, Source, SourceError

AROUND = 200
"""Events that are read on either side of one that is gone to."""
LIFTED = 5
"""Terms of a filter for which it is asked what lifting them would give."""
LIFTED_SECONDS = 5.0
"""For how long that is asked at most."""
AGAIN = 2.0
"""Seconds after which what could not be read is asked for again."""

_COUNTS = ("totals", "lifted")


class Work(Protocol):
    """What goes on in the background."""

    def cancel(self) -> None:
        """End it."""


class Reader:
    """Asks the source for what the screen needs next.

    `run` starts a coroutine function, which ends with the app; `done` is told what the answer changed.
    """

    def __init__(
        self,
        dashboard: Dashboard,
        source: Source,
        *,
        run: Callable[[Callable[[], Awaitable[None]]], Work],
        done: Callable[[Changed], None],
    ) -> None:
        self.dashboard = dashboard
        self.source = source
        self._run = run
        self._done = done
        self._busy: set[tuple[str, int]] = set()
        self._counting: dict[tuple[str, int], Work] = {}

    def want_pages(self, *, near_start: bool, near_end: bool) -> None:
        """Read on where the viewer is about to see rows that are not in the window."""
        browse = self.dashboard.browse
        if not self.dashboard.began:
            return
        if browse.return_to is not None:
            self._start("place", partial(self._read_place, browse.return_to, browse.run))
            return
        search = browse.search
        older = near_start and browse.older_from is not None
        newer = not browse.attached and (near_end or browse.stance is Stance.FOLLOWING)
        if search.going and not (newer if search.newer else older):
            search.rest()
        if older and browse.older_from is not None and not search.holds_back(newer=False):
            self._start("older", partial(self._read_older, browse.older_from, browse.run))
        if newer and not search.holds_back(newer=True):
            self._start("newer", partial(self._read_newer, browse.run))

    def want_totals(self) -> None:
        """Count what the log holds, where that is not known; matches are looked for first."""
        board = self.dashboard
        looking = bool(board.filtering.applied) and ("older", board.browse.run) in self._busy
        if board.began and board.counts.wanted and not looking:
            self._start("totals", partial(self._read_totals, board.browse.run))

    def want_commits(self) -> None:
        """Read what was committed, where it does not arrive by itself."""
        board = self.dashboard
        last_seq = board.upto + board.link.lag
        if board.began and board.commits.lacking(last_seq, board.monotonic()):
            self._start("commits", partial(self._read_commits, last_seq))

    async def _read_commits(self, last_seq: int) -> Changed:
        board = self.dashboard
        log, known = self.source.log_id, board.commits.upto
        events = await (newest(self.source, FILTER, MOST) if known is None else above(self.source, FILTER, known))
        if log == self.source.log_id:
            board.commits.take(events, last_seq, board.monotonic())
        return Changed.COUNTS

    def _start(self, what: str, read: Callable[[], Awaitable[Changed]]) -> None:
        # What was asked for in an earlier run holds nothing up: its answer is dropped.
        one = (what, self.dashboard.browse.run)
        self._stop_counting()
        if one not in self._busy:
            self._busy.add(one)
            work = self._run(partial(self._finish, one, read))
            if what in _COUNTS:
                self._counting[one] = work

    def _stop_counting(self) -> None:
        """End the counts of an earlier run: they may take long, and nobody waits for them."""
        for one in [one for one in self._counting if one[1] != self.dashboard.browse.run]:
            self._busy.discard(one)
            self._counting.pop(one).cancel()

    async def _finish(self, what: tuple[str, int], read: Callable[[], Awaitable[Changed]]) -> None:
        changed = Changed.ROWS | Changed.COUNTS
        try:
            changed = await read()
        except SourceError:
            # The header says how the link is; there is nothing to add but another try.
            await asyncio.sleep(AGAIN)
        finally:
            self._busy.discard(what)
            self._counting.pop(what, None)
        self._done(changed)

    async def _read_place(self, seq: int, run: int) -> Changed:
        """Read the log around the row that the viewer was at before another filter."""
        older, newer = await asyncio.gather(
            self._page(before=seq + 1, limit=AROUND), self._page(after=seq, limit=AROUND)
        )
        browse = self.dashboard.browse
        if run == browse.run and seq == browse.return_to:
            browse.come_back(seq, older, newer)
            self.dashboard.note_page([*older.events, *newer.events])
        return Changed.ROWS | Changed.HEADER

    async def _read_older(self, before: int, run: int) -> Changed:
        page = await self._page(before=before)
        if run == self.dashboard.browse.run and before == self.dashboard.browse.older_from:
            self.dashboard.browse.take_older(page)
            self.dashboard.note_page(page.events)
            self.dashboard.note_older(before, page.events)
            await self._note_search(page, run, newer=False)
        return Changed.ROWS | Changed.HEADER

    async def _read_newer(self, run: int) -> Changed:
        after = self.dashboard.browse.begin_newer()
        if after is None:
            return Changed.NOTHING
        page = await self._page(after=after)
        if run == self.dashboard.browse.run:
            self.dashboard.browse.take_newer(page)
            self.dashboard.note_page(page.events)
            await self._note_search(page, run, newer=True)
        return Changed.ROWS | Changed.HEADER

    async def _note_search(self, page: Page, run: int, *, newer: bool) -> None:
        """Show what a page brought that gave up before it had enough, and learn how far it came."""
        board, place = self.dashboard, page.next
        if place is None or len(page.events) >= SPARSE:
            return
        self._done(Changed.ROWS | Changed.HEADER)
        near = await self.source.page("", before=place + 1, limit=1)
        if run == board.browse.run:
            board.browse.search.come_to(
                place,
                near.events[0].received_at if near.events else None,
                first_seq=board.first_seq,
                last_seq=max(board.upto, place),
                newer=newer,
            )

    async def _page(self, *, before: int | None = None, after: int | None = None, limit: int = PAGE_LIMIT) -> Page:
        text, types = self.dashboard.filtering.choice
        return await self.source.page(text, before=before, after=after, types=types, limit=limit)

    async def _read_totals(self, run: int) -> Changed:
        board = self.dashboard
        totals = await self.source.totals(board.filtering.applied)
        if run == board.browse.run:
            board.take_totals(totals)
            if not board.counts.total and board.filtering.applied:
                self._start("lifted", partial(self._read_lifted, run, board.filtering.applied))
        return Changed.COUNTS | Changed.HEADER

    async def _read_lifted(self, run: int, text: str) -> Changed:
        """Learn what there is without the filter, and without each of its terms, as far as there is time."""
        counts, lifted = self.dashboard.counts, list[Lifted]()
        with suppress(TimeoutError):
            async with asyncio.timeout(LIFTED_SECONDS):
                of = await self._count("")
                for term, rest in [("", ""), *without_each(text)[:LIFTED]]:
                    if term:
                        lifted.append(Lifted(term, await self._count(rest)))
                    if run != self.dashboard.browse.run or counts.total:
                        break
                    counts.of, counts.lifted = of, tuple(lifted)
                    self._done(Changed.COUNTS | Changed.HEADER)
        return Changed.COUNTS | Changed.HEADER

    async def _count(self, text: str) -> int:
        return sum((await self.source.totals(text)).by_type.values())


def without_each(text: str) -> list[tuple[str, str]]:
    """Give each term of a filter whose terms all have to match, with the filter that is left without it."""
    from relay.contract.filter import And, FilterError, parse

    try:
        tree = parse(text).tree
    except FilterError:
        return []
    if not isinstance(tree, And):
        return []
    rests = [[other for other in tree.parts if other is not part] for part in tree.parts]
    return [
        (str(part), str(And(tuple(rest)) if len(rest) > 1 else rest[0]))
        for part, rest in zip(tree.parts, rests, strict=True)
    ]
