"""Escape and q: one step back on every screen; only q at the root of the first screen quits."""

from __future__ import annotations

import pytest

from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tests.tui.ways import WAYS
from tui.keys import Pane
from tui.screens.type_view import TypeViewScreen

SIZE = (160, 48)


def source() -> ScriptedSource:
    return ScriptedSource([made(seq, message_id="m", event_data={"attempt": seq}) for seq in range(1, 6)])


def is_home(view: Shown) -> bool:
    return view.app.screen is view.screen and view.screen.pane == "stream"


@pytest.mark.parametrize("pane", WAYS)
async def test_escape_leads_home_from_every_pane_and_never_quits(pane: Pane) -> None:
    async with shown(source(), SIZE) as view:
        await WAYS[pane](view)
        for _ in range(4):
            await view.press("escape")
        assert is_home(view)
        assert not view.app._exit


TYPED_INTO: tuple[Pane, ...] = ("field", "find", "sheet", "resend", "export")
"""Panes in which `q` is a letter."""


@pytest.mark.parametrize("pane", [pane for pane in WAYS if pane not in (*TYPED_INTO, "stream", "everywhere")])
async def test_q_takes_the_same_steps_and_quits_only_at_the_root(pane: Pane) -> None:
    async with shown(source(), SIZE) as view:
        await WAYS[pane](view)
        steps = 0
        while not is_home(view):
            await view.press("q")
            assert not view.app._exit
            steps += 1
            assert steps < 5
        await view.press("q")
        await view.until(lambda: view.app._exit)


async def test_escape_never_drops_a_filter() -> None:
    relay = source()
    async with shown(relay, SIZE) as view:
        await view.press("slash", *"message.sent", "enter")
        await view.until(lambda: view.app.dashboard.filtering.applied == "message.sent")
        await view.press("escape", "escape")
        assert view.app.dashboard.filtering.applied == "message.sent"


async def test_1_and_2_go_to_their_screens_and_the_last_line_says_what_q_does_there() -> None:
    async with shown(source(), SIZE) as view:
        assert "q quit" in view.lines[-1]
        await view.press("2")
        await view.until(lambda: view.app.current_mode == "types")
        await view.until_seen("q back")
        await view.press("1")
        await view.until(lambda: view.app.current_mode == "events")
        await view.until_seen("q quit")


async def test_2_leads_from_a_types_view_to_the_wall() -> None:
    async with shown(source(), SIZE) as view:
        await WAYS["table"](view)
        await view.press("2")
        await view.until(lambda: len(view.app.screen_stack) == 1)
        assert view.app.current_mode == "types"


async def test_a_screen_in_the_back_catches_up_when_it_is_shown() -> None:
    relay = source()
    async with shown(relay, SIZE) as view:
        await view.press("2")
        await view.until(lambda: view.app.current_mode == "types")
        relay.arrive(made(6, recipient="user_6"))
        await view.until(lambda: view.app.dashboard.browse.selected == 6)
        await view.press("1")
        await view.until_seen("user_6", "6 of 6")


async def test_the_filter_is_the_same_on_both_screens() -> None:
    async with shown(source(), SIZE) as view:
        await view.press("slash", *"message.sent", "enter", "2")
        await view.until(lambda: view.app.current_mode == "types")
        await view.until_seen("/ message.sent")


async def opened_out_of_a_table(view: Shown, *, before: tuple[str, ...] = ("2",)) -> None:
    await view.press(*before)
    await view.until(lambda: view.app.screen is not view.screen)
    await view.press("enter")
    await view.until(lambda: isinstance(view.app.screen, TypeViewScreen))
    table = view.app.screen
    assert isinstance(table, TypeViewScreen)
    await view.until(lambda: len(table.table) == 5)
    await view.press("up", "enter")
    await view.until(lambda: view.app.screen is view.screen and view.screen.pane == "detail")


@pytest.mark.parametrize("key", ["q", "escape"])
@pytest.mark.parametrize("size", [(80, 24), SIZE, (200, 60)])
async def test_an_event_opened_out_of_a_types_table_leads_back_to_its_row_there(
    key: str, size: tuple[int, int]
) -> None:
    async with shown(source(), size) as view:
        had_detail = view.screen.has_class("-detail")
        await opened_out_of_a_table(view)
        assert "q back" in view.lines[-1]
        await view.press(key)
        await view.until(lambda: isinstance(view.app.screen, TypeViewScreen))
        table = view.app.screen
        assert isinstance(table, TypeViewScreen)
        assert table.table.browse.selected == 4
        await view.press("1")
        await view.until(lambda: view.app.screen is view.screen)
        assert view.screen.has_class("-detail") is had_detail


async def test_going_to_the_screen_of_events_by_its_key_makes_it_home_again() -> None:
    async with shown(source(), SIZE) as view:
        await opened_out_of_a_table(view)
        await view.press("1", "q", "q")
        await view.until(lambda: view.app._exit)


async def test_a_type_opened_in_the_panel_leads_back_to_the_panel() -> None:
    async with shown(source(), SIZE) as view:
        await view.press("shift+tab")
        await view.until(lambda: view.screen.pane == "types")
        await view.press("enter")
        await view.until(lambda: isinstance(view.app.screen, TypeViewScreen))
        await view.press("q")
        await view.until(lambda: view.app.screen is view.screen)
        assert view.screen.pane == "types"
