from __future__ import annotations

from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.model.browse import Stance


def source(count: int = 200) -> ScriptedSource:
    return ScriptedSource([made(seq, recipient=f"user_{seq}") for seq in range(1, count + 1)])


def top(view: Shown) -> int:
    return round(view.screen.stream.scroll_y)


async def test_a_click_selects_the_row_under_it_and_ends_following() -> None:
    async with shown(source()) as view:
        await view.pilot.click(view.screen.stream, offset=(20, 3))
        assert view.app.dashboard.browse.selected == top(view) + 4
        assert view.app.dashboard.browse.stance is Stance.BROWSING
        assert not view.screen.has_class("-detail")


async def test_a_double_click_opens_the_row_under_it() -> None:
    async with shown(source(), (120, 40)) as view:
        await view.pilot.click(view.screen.stream, offset=(20, 3), times=2)
        await view.until(lambda: view.screen.detail.seq == view.app.dashboard.browse.selected)
        assert view.screen.has_class("-detail")


async def test_a_click_below_the_last_row_changes_nothing() -> None:
    async with shown(source(3)) as view:
        await view.pilot.click(view.screen.stream, offset=(20, 10))
        assert view.app.dashboard.browse.selected == 3
        assert view.app.dashboard.browse.stance is Stance.FOLLOWING


async def test_the_wheel_scrolls_the_rows_under_it_and_leaves_the_cursor() -> None:
    async with shown(source()) as view:
        before = top(view)
        await view.wheel(view.screen.stream, (20, 3), up=True)
        await view.until(lambda: top(view) < before)
        assert view.app.dashboard.browse.selected == 200
        assert view.app.dashboard.browse.stance is Stance.BROWSING


async def test_the_wheel_over_the_detail_leaves_the_rows() -> None:
    async with shown(source(), (200, 60)) as view:
        await view.until(lambda: view.screen.detail.seq == 200)
        before = top(view)
        await view.wheel(view.screen.detail.view, (5, 5), up=True)
        await view.pilot.pause()
        assert top(view) == before
