"""A filter over a long history that matches little: what is seen while pages are read, stopping, going on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from relay.contract.events import EventSummary
from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import PAGE, ScriptedSource
from tui.model.commits import FILTER as COMMITS
from tui.model.source import LinkChange, LinkState, Page, SourceError
from tui.screens import reader

LONG = 1_000
RARE = "message.bounced"
RARER = "message.complaint"


class LongLog(ScriptedSource):
    """A log whose pages give up after `looks` events; those of a filter wait for `allow`."""

    def __init__(self, events: Sequence[EventSummary], looks: int = 100) -> None:
        super().__init__(events)
        self.looks = looks
        self.lost = False
        self._allowed = asyncio.Semaphore(0)

    def allow(self, pages: int) -> None:
        for _ in range(pages):
            self._allowed.release()

    async def page(
        self,
        filter_text: str,
        *,
        before: int | None = None,
        after: int | None = None,
        types: Sequence[str] = (),
        limit: int = PAGE,
    ) -> Page:
        if filter_text in ("", COMMITS) or before is None:
            return await super().page(filter_text, before=before, after=after, types=types, limit=limit)
        await self._allowed.acquire()
        if self.lost:
            raise SourceError("the relay cannot be reached")
        self.pages.append((filter_text, tuple(types), limit))
        looked = [event for event in self.log if event.seq < before][-self.looks :]
        following = looked[0].seq if looked and looked[0].seq > 1 else None
        return Page(self._matching(looked, filter_text, types), following)


def log() -> LongLog:
    """Every hundredth event is rare."""
    kinds = {990: RARER}
    return LongLog(
        [made(seq, kinds.get(seq, "message.sent" if seq % 100 else RARE)) for seq in range(1, LONG + 1)]
    )


async def filter_for(view: Shown, text: str) -> None:
    view.screen.set_filter(text)
    await view.until(lambda: view.app.dashboard.filtering.applied == text)


def held(view: Shown) -> list[int]:
    return [row.seq for row in view.app.dashboard.browse.window.rows]


async def test_first_matches_are_seen_while_it_goes_on_and_esc_keeps_them_and_says_how_far_it_came() -> None:
    source = log()
    async with shown(source) as view:
        await filter_for(view, RARE)
        source.allow(3)
        await view.until_seen("Searched back to 10:42:00, 30 %. Esc stops")
        assert held(view) == [800, 900, 1_000]
        await view.press("escape")
        await view.until_seen("Searched back to 10:42:00, stopped. g searches on")
        source.allow(1)
        await view.until(lambda: len(held(view)) == 4)
        await view.pilot.pause()
        asked = len(source.pages)
        source.allow(5)
        await view.pilot.pause()
        assert (held(view), len(source.pages)) == ([700, 800, 900, 1_000], asked)


async def test_g_has_it_go_on_to_the_beginning_without_a_match_missing_or_twice() -> None:
    source = log()
    async with shown(source) as view:
        await filter_for(view, RARE)
        source.allow(2)
        await view.until_seen("20 %")
        await view.press("escape")
        await view.until_seen("stopped")
        await view.press("g")
        source.allow(20)
        await view.until(lambda: view.app.dashboard.browse.older_from is None)
        await view.until(lambda: "Searched" not in view.text)
        assert held(view) == list(range(100, LONG + 1, 100))


async def test_without_a_match_so_far_how_far_it_came_stands_in_the_place_of_the_list() -> None:
    source = log()
    async with shown(source) as view:
        await filter_for(view, "message.read")
        source.allow(4)
        await view.until_seen("Searched back to 10:42:00, 40 %: no match so far")
        source.allow(20)
        await view.until_seen("None of 1,000 events matches")


async def test_another_filter_does_not_wait_for_the_pages_of_the_one_before() -> None:
    source = log()
    async with shown(source) as view:
        await filter_for(view, RARE)
        source.allow(2)
        await view.until_seen("20 %")
        await filter_for(view, RARER)
        # One page of the filter before is still asked for, and its answer is of no use any more.
        source.allow(2)
        await view.until(lambda: held(view) == [990])
        assert RARER in {text for text, _, _ in source.pages}


async def test_over_a_lost_link_it_waits_and_then_goes_on_from_where_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "AGAIN", 0.01)
    source = log()
    async with shown(source) as view:
        await filter_for(view, RARE)
        source.allow(2)
        await view.until_seen("20 %")
        source.lost = True
        source.put(LinkChange(LinkState.RECONNECTING, 30.0, "connection refused"))
        source.allow(1)
        await view.until_seen("reconnecting")
        source.lost = False
        source.put(LinkChange(LinkState.LIVE))
        source.allow(20)
        await view.until(lambda: held(view) == list(range(100, LONG + 1, 100)))


async def test_types_are_counted_once_the_first_matches_were_looked_for() -> None:
    source = log()
    async with shown(source) as view:
        await filter_for(view, RARE)
        assert not view.app.dashboard.counts.known
        source.allow(20)
        await view.until(lambda: view.app.dashboard.counts.known)
        await view.until_seen("10 of 10")
