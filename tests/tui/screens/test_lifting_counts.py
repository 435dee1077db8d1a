"""What an empty list asks: how many events there would be without each term of the filter."""

from __future__ import annotations

import asyncio

import pytest

from tests.tui.filtering_source import FilteringSource
from tests.tui.made import made, made_totals
from tests.tui.on_screen import Shown, shown
from tui.model.source import Totals
from tui.screens import reader

NEVER = "workflow:nothing workflow:neither workflow:none"


class Counting(FilteringSource):
    """A relay that counts what matches `slow` for ever."""

    def __init__(self, slow: str) -> None:
        super().__init__([made(seq) for seq in range(1, 6)])
        self.slow = slow
        self.left: list[str] = []
        self.totalled: list[str] = []

    async def totals(self, filter_text: str) -> Totals:
        self.totalled.append(filter_text)
        if filter_text == self.slow:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.left.append(filter_text)
                raise
        found = self._matching(self.log, filter_text)
        return made_totals(self.last, {"message.sent": len(found)} if found else {})


async def filter_by(view: Shown, text: str) -> None:
    view.screen.set_filter(text)
    await view.until(lambda: view.app.dashboard.filtering.applied == text)


async def test_each_count_is_shown_as_it_comes() -> None:
    source = Counting("workflow:nothing workflow:none")
    async with shown(source) as view:
        await filter_by(view, NEVER)
        await view.until_seen("None of 5 events matches", "without workflow:nothing")
        assert "without workflow:neither" not in view.text


@pytest.mark.parametrize("slow", [NEVER, "workflow:nothing workflow:none"])
async def test_another_filter_ends_the_counts_of_the_one_before(slow: str) -> None:
    source = Counting(slow)
    async with shown(source) as view:
        await filter_by(view, NEVER)
        await view.until(lambda: slow in source.totalled)
        await filter_by(view, "")
        await view.until(lambda: source.left == [slow])
        await view.until(lambda: view.app.dashboard.counts.total == 5)
        assert "workflow:nothing workflow:neither" not in source.totalled


async def test_what_takes_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "LIFTED_SECONDS", 0.05)
    source = Counting("workflow:neither workflow:none")
    async with shown(source) as view:
        await filter_by(view, NEVER)
        await view.until(lambda: source.left == ["workflow:neither workflow:none"])
        await view.until_seen("None of 5 events matches", "lifts the filter")
