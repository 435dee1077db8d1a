"""Going to an event, marking it, and what is kept of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.made import made
from tests.tui.on_screen import shown
from tests.tui.scripted_source import ScriptedSource
from tui.model.browse import Stance
from tui.model.source import Missing
from tui.state import State


def source(count: int) -> ScriptedSource:
    return ScriptedSource([made(seq, recipient=f"user_{seq}") for seq in range(1, count + 1)])


async def test_an_event_in_the_window_is_gone_to_without_reading() -> None:
    relay = source(100)
    async with shown(relay) as view:
        read = len(relay.pages)
        assert await view.screen.show_seq(40)
        assert (view.app.dashboard.browse.selected, view.app.dashboard.browse.stance) == (40, Stance.BROWSING)
        assert "user_40 " in view.text
        assert len(relay.pages) == read


async def test_an_event_far_away_is_read_with_what_is_around_it_and_shown_in_the_middle() -> None:
    async with shown(source(5_000)) as view:
        assert await view.screen.show_seq(1_000)
        await view.until_seen("user_1000 ", "user_995 ", "user_1005 ", "seq 1,000")
        assert "new" not in view.lines[22]


async def test_from_an_event_far_away_the_list_is_read_on_in_both_directions() -> None:
    async with shown(source(5_000)) as view:
        await view.screen.show_seq(1_000)
        browse = view.app.dashboard.browse
        await view.press("g")
        await view.until(lambda: (browse.window.first_seq or 0) < 800)
        await view.screen.show_seq(1_190)
        await view.until(lambda: (browse.window.last_seq or 0) > 1_200)
        assert browse.selected == 1_190


async def test_following_from_an_event_far_away_leads_to_the_newest() -> None:
    async with shown(source(5_000)) as view:
        await view.screen.show_seq(1_000)
        await view.press("F")
        await view.until_seen("user_5000", "following")


async def test_an_event_that_is_not_there_is_said_and_moves_nothing() -> None:
    relay = source(3_000)
    del relay.log[999]
    async with shown(relay) as view:
        before = view.lines[2:22]
        assert not await view.screen.show_seq(1_000)
        await view.until_seen("Event 1,000 is not among what the filter shows, or is gone")
        assert view.lines[2:10] == before[:8]


async def test_m_marks_an_event_and_takes_the_mark_away() -> None:
    async with shown(source(3)) as view:
        await view.press("k", "m")
        assert view.app.dashboard.marked_seq == 2
        await view.press("m")
        assert view.app.dashboard.marked_seq is None


async def test_a_gap_cannot_be_marked() -> None:
    relay = source(3)
    async with shown(relay) as view:
        relay.put(Missing(4, 9, "retention"))
        await view.until(lambda: view.app.dashboard.browse.selected == 4)
        await view.press("m")
        assert view.app.dashboard.marked is None


async def test_a_mark_is_there_next_time_for_the_same_log_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    async with shown(source(3), state=State.load(path)) as view:
        await view.press("k", "m")
        await view.pilot.pause()
        view.app.exit()
    async with shown(source(3), state=State.load(path)) as view:
        await view.until(lambda: view.app.dashboard.marked_seq == 2)
    other = source(3)
    other.log_id = "log-2"
    async with shown(other, state=State.load(path)) as view:
        assert view.app.dashboard.marked is None


async def test_the_mark_shows_the_newest_facts_of_its_event() -> None:
    relay = source(3)
    async with shown(relay) as view:
        await view.press("m")
        relay.change(made(3, delivery_count=2))
        await view.until(lambda: getattr(view.app.dashboard.marked, "delivery_count", 0) == 2)


@pytest.mark.parametrize(("size", "kept"), [((80, 24), "auto"), ((140, 40), "open")])
async def test_a_detail_beside_the_list_is_open_next_time_and_one_over_it_is_not(
    tmp_path: Path, size: tuple[int, int], kept: str
) -> None:
    path = tmp_path / "state.json"
    async with shown(source(3), size, state=State.load(path)) as view:
        await view.press("enter")
        view.app.exit()
    assert State.load(path).detail == kept
    async with shown(source(3), size, state=State.load(path)) as view:
        assert view.screen.detail_seen is (kept == "open")
        assert view.screen.pane == "stream"
        await view.press("q")
        await view.until(lambda: view.app._exit)
