"""Picking types in the panel at the left: the stream is narrowed, the counts of the others go on."""

from __future__ import annotations

import pytest

from relay.contract.events import EventSummary
from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource

WIDE = (140, 40)


def source() -> ScriptedSource:
    return ScriptedSource([made(seq, recipient=f"user_{seq}") for seq in range(1, 6)] + [read(6)])


def read(seq: int) -> EventSummary:
    return made(seq, "message.read", recipient=f"user_{seq}")


def users(view: Shown) -> list[str]:
    return [word for line in view.lines for word in line.split() if word.startswith("user_")]


async def at_the_panel(view: Shown) -> None:
    await view.until_seen("MESSAGES")
    view.screen.set_focus(view.screen.types)
    await view.pilot.pause()
    await view.press("g")


async def test_tab_goes_to_the_panel_and_escape_leaves_it() -> None:
    async with shown(source(), WIDE) as view:
        await view.until_seen("MESSAGES")
        panes: list[str] = []
        for key in ("shift+tab", "escape"):
            await view.press(key)
            panes.append(view.screen.pane)
        assert panes == ["types", "stream"]


async def test_zoom_gives_the_panel_the_whole_screen_and_takes_it_back() -> None:
    async with shown(source(), WIDE) as view:
        await at_the_panel(view)
        await view.press("z")
        assert (view.screen.types.size.width, view.screen.pane) == (140, "types")
        await view.press("escape")
        assert view.screen.stream.region
        assert view.screen.pane == "types"


async def test_a_screen_that_becomes_too_narrow_for_the_panel_gives_the_keys_to_the_stream() -> None:
    async with shown(source(), WIDE) as view:
        await at_the_panel(view)
        await view.pilot.resize_terminal(80, 24)
        await view.until(lambda: view.screen.pane == "stream")


async def test_space_narrows_the_stream_to_the_type_under_the_cursor_and_lets_it_go_again() -> None:
    relay = source()
    async with shown(relay, WIDE) as view:
        await at_the_panel(view)
        assert view.screen.types.types == ("message.sent",)
        await view.press("space")
        await view.until(lambda: users(view) == [f"user_{seq}" for seq in range(1, 6)])
        assert (relay.asked_types[-1], view.app.dashboard.picked) == (("message.sent",), ("message.sent",))
        await view.press("space")
        await view.until(lambda: len(users(view)) == 6)
        assert view.app.dashboard.picked == ()


async def test_the_counts_of_the_others_go_on() -> None:
    relay = source()
    async with shown(relay, WIDE) as view:
        await at_the_panel(view)
        await view.press("space")
        await view.until(lambda: view.app.dashboard.picked == ("message.sent",))
        relay.arrive(read(7), read(8), made(9, recipient="user_9"))
        await view.until(lambda: users(view)[-1:] == ["user_9"])
        counts = view.app.dashboard.counts.by_type
        assert (counts["message.read"], counts["message.sent"]) == (3, 6)
        await view.until_seen("6 of 6")


async def test_types_picked_one_after_the_other_before_any_is_in_force_are_both_picked() -> None:
    relay = source()
    async with shown(relay, WIDE) as view:
        await at_the_panel(view)
        view.screen.pick(["message.sent"])
        view.screen.pick(["message.read"])
        await view.until(lambda: view.app.dashboard.picked == ("message.sent", "message.read"))


async def test_lifting_lets_the_picked_types_go_and_brings_them_back() -> None:
    async with shown(source(), WIDE) as view:
        await at_the_panel(view)
        await view.press("space")
        await view.until(lambda: len(users(view)) == 5)
        await view.press("backslash")
        await view.until(lambda: len(users(view)) == 6)
        await view.press("backslash")
        await view.until(lambda: len(users(view)) == 5)


async def test_a_filter_keeps_the_picked_types() -> None:
    relay = source()
    async with shown(relay, WIDE) as view:
        await at_the_panel(view)
        await view.press("space")
        await view.until(lambda: bool(view.app.dashboard.picked))
        await view.press("slash", *"message.sent", "enter")
        await view.until(lambda: relay.asked[-1:] == ["message.sent"])
        assert relay.asked_types[-1] == ("message.sent",)


async def test_pages_of_history_are_of_the_picked_types() -> None:
    relay = source()
    async with shown(relay, WIDE) as view:
        await at_the_panel(view)
        await view.press("space")
        await view.until(lambda: len(users(view)) == 5)
        assert relay.pages[-1][1] == ("message.sent",)


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_what_is_picked_stands_in_the_line_of_the_filter(size: tuple[int, int]) -> None:
    async with shown(source(), size) as view:
        view.screen.set_filter("", ("message.sent", "message.bounced"))
        await view.until_seen("only sent, bounced", "5 matches")
        view.screen.set_filter("message.sent")
        await view.until_seen("/ message.sent", "only sent, bounced")


async def test_no_event_of_the_picked_types_is_said_with_what_lifts_them() -> None:
    async with shown(source(), WIDE) as view:
        view.screen.set_filter("", ("message.seen",))
        await view.until_seen("None of 6 events is of a picked type", "lifts")
