from __future__ import annotations

import pytest
from textual.pilot import Pilot

from relay.contract.events import EventSummary
from relay.contract.knock import CATALOGUE
from tests.hostile import HOSTILE
from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.screens.type_view import TypeViewScreen
from tui.screens.types import TypesScreen
from tui.widgets.wall import WallView

SIZES = [(80, 24), (120, 40), (200, 60)]


def of_types(*types: str, each: int = 2) -> list[EventSummary]:
    return [
        made(place * each + one, type_, reading=f"{type_} {one}", recipient=f"user_{one}")
        for place, type_ in enumerate(types)
        for one in range(1, each + 1)
    ]


MIXED = ("message.sent", "message.bounced", "message.read", "message.delivered", "own.type")
IN_ORDER = ["message.bounced", "message.sent", "message.delivered", "message.read", "own.type"]


async def go(view: Shown) -> WallView:
    await view.press("2")
    front = view.app.front
    assert isinstance(front, TypesScreen)
    await view.until(lambda: bool(front.view.types))
    await view.pilot.pause()
    return front.view


async def test_each_type_that_was_seen_has_a_panel_failing_ones_first() -> None:
    async with shown(ScriptedSource(of_types(*MIXED))) as view:
        wall = await go(view)
        assert wall.types == IN_ORDER
        await view.until_seen("↩ bounced", "message.bounced 2", "message.bounced 1", "20.0%")


@pytest.mark.parametrize(("size", "columns"), [((80, 24), 1), ((120, 40), 2), ((200, 60), 4)])
async def test_there_are_as_many_columns_as_fit(size: tuple[int, int], columns: int) -> None:
    async with shown(ScriptedSource(of_types(*CATALOGUE)), size) as view:
        assert (await go(view)).grid.columns == columns


async def test_all_types_of_the_catalogue_are_in_sight_at_200x60() -> None:
    async with shown(ScriptedSource(of_types(*CATALOGUE)), (200, 60)) as view:
        wall = await go(view)
        assert len(wall.types_in_sight) == 31
        await view.until_seen("source action committed", "branch rebased", "31 types")


async def test_counts_and_events_go_on_while_it_is_looked_at() -> None:
    source = ScriptedSource(of_types(*MIXED))
    async with shown(source) as view:
        await go(view)
        source.arrive(made(90, "message.bounced", reading="mailbox full"))
        await view.until_seen("mailbox full", " 3 ")


async def test_a_type_that_turns_up_leaves_the_cursor_on_its_type() -> None:
    source = ScriptedSource(of_types("message.sent", "message.read"))
    async with shown(source) as view:
        wall = await go(view)
        await view.press("j")
        assert wall.selected == "message.read"
        source.arrive(made(90, "message.bounced"))
        await view.until(lambda: "message.bounced" in wall.types)
        assert wall.selected == "message.read"


async def test_events_that_the_window_does_not_hold_are_read() -> None:
    rare = made(1, "message.bounced", reading="long ago")
    source = ScriptedSource([rare, *(made(seq) for seq in range(2, 400))])
    async with shown(source) as view:
        await go(view)
        await view.until_seen("long ago")


async def test_space_picks_types_and_the_counts_of_the_others_go_on() -> None:
    source = ScriptedSource(of_types(*MIXED))
    async with shown(source) as view:
        wall = await go(view)
        await view.press("space", "j", "space")
        await view.until(lambda: view.app.dashboard.picked == ("message.bounced", "message.sent"))
        await view.until_seen("2 picked: the stream shows nothing else", "+↩ bounced")
        source.arrive(made(91, "message.read", reading="read meanwhile"))
        await view.until(lambda: view.app.dashboard.counts.by_type["message.read"] == 3)
        assert all(
            row.type != "message.read" for row in view.app.dashboard.browse.window.rows if hasattr(row, "type")
        )
        await view.press("space")
        await view.until(lambda: view.app.dashboard.picked == ("message.bounced",))
        assert wall.types == IN_ORDER


async def test_types_picked_faster_than_the_relay_answers_are_all_picked() -> None:
    source = ScriptedSource(of_types(*MIXED))
    async with shown(source) as view:
        wall = await go(view)
        for type_ in IN_ORDER[:3]:
            wall.post_message(WallView.Picked(type_))
        await view.until(lambda: view.app.dashboard.picked == tuple(IN_ORDER[:3]))


async def test_what_is_kept_out_of_the_stream_is_read_for_its_panel() -> None:
    source = ScriptedSource(of_types(*MIXED))
    async with shown(source) as view:
        await go(view)
        await view.press("space")
        await view.until(lambda: view.app.dashboard.picked == ("message.bounced",))
        source.arrive(made(91, "message.sent", reading="sent meanwhile"))
        await view.until_seen("sent meanwhile")


def pane(view: Shown) -> str:
    assert view.app.front is not None
    return view.app.front.pane


KEYS = [
    (("down",), 2),
    (("j",), 2),
    (("down", "up"), 0),
    (("down", "k"), 0),
    (("right",), 1),
    (("right", "left"), 0),
    (("end",), 30),
    (("G",), 30),
    (("end", "home"), 0),
    (("end", "g"), 0),
    (("pagedown",), 12),
    (("pagedown", "pageup"), 0),
    (("up",), 0),
]


@pytest.mark.parametrize(("keys", "index"), KEYS, ids=lambda value: str(value))
async def test_keys_move_over_the_panels(keys: tuple[str, ...], index: int) -> None:
    async with shown(ScriptedSource(of_types(*CATALOGUE)), (120, 40)) as view:
        wall = await go(view)
        await view.press(*keys)
        assert wall.cursor == index
        assert wall.types[index] in wall.types_in_sight


async def test_enter_opens_the_type_and_escape_comes_back() -> None:
    async with shown(ScriptedSource(of_types(*MIXED))) as view:
        await go(view)
        await view.press("enter")
        await view.until_seen("↩ message.bounced", "failure_reason")
        await view.press("escape")
        assert pane(view) == "types"
        await view.press("escape")
        assert pane(view) == "stream"


async def test_y_copies_the_name_of_the_type() -> None:
    async with shown(ScriptedSource(of_types(*MIXED))) as view:
        await go(view)
        await view.press("y")
        await view.until_seen("message.bounced")
        assert view.app.clipboard == "message.bounced"


async def test_w_counts_over_another_span() -> None:
    source = ScriptedSource(of_types(*MIXED))
    async with shown(source) as view:
        await go(view)
        await view.until_seen("counts of all that is kept")
        await view.press("w")
        await view.until_seen("counts of the last 1 min")
        await view.press("w")
        await view.until_seen("counts of the last 15 min")


async def click(pilot: Pilot[object], wall: WallView, offset: tuple[int, int], times: int = 1) -> None:
    await pilot.click(wall, offset=offset, times=times)


async def test_a_click_selects_a_panel() -> None:
    async with shown(ScriptedSource(of_types(*CATALOGUE)), (120, 40)) as view:
        wall = await go(view)
        await click(view.pilot, wall, (70, wall.grid.pitch + 2))
        assert wall.cursor == 3
        assert not view.app.dashboard.picked


async def test_a_click_on_the_glyph_picks() -> None:
    async with shown(ScriptedSource(of_types(*MIXED))) as view:
        wall = await go(view)
        await click(view.pilot, wall, (1, wall.grid.pitch))
        await view.until(lambda: view.app.dashboard.picked == ("message.sent",))


async def test_a_second_click_opens() -> None:
    async with shown(ScriptedSource(of_types(*MIXED))) as view:
        wall = await go(view)
        await click(view.pilot, wall, (20, wall.grid.pitch + 1), times=2)
        await view.until(lambda: isinstance(view.app.front, TypeViewScreen))
        await view.until_seen("→ message.sent")


async def test_the_wheel_scrolls_and_leaves_the_cursor() -> None:
    async with shown(ScriptedSource(of_types(*CATALOGUE))) as view:
        wall = await go(view)
        await view.wheel(wall, (10, 10))
        await view.until(lambda: wall.scroll_y > 0)
        assert wall.cursor == 0


async def test_a_click_beside_the_panels_does_nothing() -> None:
    async with shown(ScriptedSource(of_types("message.sent")), (200, 60)) as view:
        wall = await go(view)
        await click(view.pilot, wall, (150, 50))
        assert wall.selected == "message.sent"


async def test_panels_that_say_the_same_are_not_painted_again() -> None:
    source = ScriptedSource(of_types(*MIXED))
    async with shown(source) as view:
        wall = await go(view)
        wall.renew()
        before = {name: held[1] for name, held in wall._painted.items()}
        source.arrive(made(90, "message.bounced"))
        await view.until(lambda: view.app.dashboard.counts.by_type["message.bounced"] == 3)
        wall.renew()
        await view.pilot.pause()
        assert wall._painted["message.bounced"][1] is not before["message.bounced"]


async def test_a_hidden_wall_is_not_painted_and_catches_up_when_it_is_shown() -> None:
    source = ScriptedSource(of_types(*MIXED))
    async with shown(source) as view:
        wall = await go(view)
        await view.press("1")
        source.arrive(made(90, "message.complaint", reading="reported as spam"))
        await view.until(lambda: view.app.dashboard.counts.by_type["message.complaint"] == 1)
        assert "message.complaint" not in wall.types
        await view.press("2")
        await view.until_seen("reported as spam")


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_names_and_values_keep_every_row_as_wide_as_the_screen(size: tuple[int, int]) -> None:
    events = [
        made(seq, text[:128] or "empty", reading=text[:1024], recipient=text[:1024])
        for seq, text in enumerate(HOSTILE, 1)
    ]
    async with shown(ScriptedSource(events), size) as view:
        wall = await go(view)
        for _ in range(22):
            strips = view.app.screen._compositor.render_strips()
            assert {strip.cell_length for strip in strips} == {size[0]}
            assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for strip in strips for char in strip.text)
            await view.press("pagedown")
        assert wall.types[-1] in wall.types_in_sight


async def test_types_beyond_64_unknown_ones_are_told_of_together() -> None:
    events = [made(seq, f"own.type{seq}") for seq in range(1, 71)]
    async with shown(ScriptedSource(events)) as view:
        wall = await go(view)
        await view.press("end")
        wall.scroll_end(animate=False, immediate=True)
        await view.until_seen("and 6 more that are not in the catalogue: 6 events")


async def test_without_events_it_says_what_to_do() -> None:
    async with shown(ScriptedSource()) as view:
        await view.press("2")
        await view.until_seen("Waiting for the first event")


async def test_in_ascii_nothing_else_is_painted() -> None:
    async with shown(ScriptedSource(of_types(*CATALOGUE)), (120, 40), AppOptions(ascii=True)) as view:
        await go(view)
        assert view.text.isascii()
