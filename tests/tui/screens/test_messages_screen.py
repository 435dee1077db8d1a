from __future__ import annotations

import pytest

from relay.contract.events import EventSummary
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tests.tui.timelines import happened
from tui.app import AppOptions
from tui.model.browse import Stance
from tui.model.messages.listing import Order
from tui.screens.messages import MessagesScreen

WIDE = (160, 40)
LONG = "550 5.1.1 mailbox not found"


def scenes() -> list[EventSummary]:
    """Three messages: one was read, one bounced, one is on its way."""
    return [
        *happened("m-1", ("sent", 0), ("delivered", 1.5), ("read", 12), recipient="anna"),
        *happened("m-2", ("sent", 2), first_seq=4, recipient="ben"),
        *happened(
            "m-2",
            ("bounced", 4),
            first_seq=5,
            recipient="ben",
            failed=True,
            event_data={"failure_reason": "fatal_error", "failure_details": LONG},
        ),
        *happened("m-3", ("sent", 5), first_seq=6, recipient="carla", workflow="welcome"),
    ]


async def go(view: Shown) -> MessagesScreen:
    await view.press("3")
    front = view.app.front
    assert isinstance(front, MessagesScreen)
    await view.until(lambda: bool(len(front.listing)))
    await view.pilot.pause()
    return front


def line_with(view: Shown, text: str) -> str:
    return next(line for line in view.lines if text in line)


async def test_each_message_is_a_lane_with_its_steps_and_where_it_got_to() -> None:
    async with shown(ScriptedSource(scenes()), WIDE) as view:
        await go(view)
        await view.until_seen("Funnel of 3 messages")
        assert [name for line in view.lines for name in ("anna", "ben", "carla") if name in line[:40]] == [
            *("anna", "ben", "carla")
        ]
        assert "→" in line_with(view, "anna")
        assert line_with(view, "anna").index("✓") < line_with(view, "anna").index("●")
        assert "bounced · fatal error: 550 5.1.1" in line_with(view, "ben")
        assert line_with(view, "ben").startswith(" !")
        assert "┄" in line_with(view, "carla")
        assert "under way" in line_with(view, "carla")
        assert "following" in view.text


async def test_a_new_step_moves_its_lane_and_nothing_under_the_cursor() -> None:
    source = ScriptedSource(scenes())
    async with shown(source, WIDE) as view:
        screen = await go(view)
        await view.press("k")
        await view.until_seen("browsing")
        before = line_with(view, "ben")
        source.arrive(*happened("m-1", ("link_clicked", 20), first_seq=7, recipient="anna"))
        source.arrive(*happened("m-4", ("sent", 21), first_seq=8, recipient="dora"))
        await view.until_seen("clicked after 20 s", "dora", "+1 new")
        assert line_with(view, "ben") == before
        assert screen.listing.selected == "m-2"
        await view.press("G")
        await view.until(lambda: [row.message_id for row in screen.listing.rows] == ["m-2", "m-3", "m-1", "m-4"])
        assert "following" in view.text


async def test_who_paused_sees_only_how_much_is_new() -> None:
    source = ScriptedSource(scenes())
    async with shown(source, WIDE) as view:
        screen = await go(view)
        await view.press("p")
        source.arrive(*happened("m-4", ("sent", 21), first_seq=7, recipient="dora"))
        await view.until_seen("paused", "+1 new")
        assert "dora" not in view.text
        await view.press("space")
        await view.until_seen("dora", "following")
        assert screen.listing.stance is Stance.FOLLOWING


async def test_a_message_is_opened_to_its_story_beside_its_newest_body_and_back() -> None:
    source = ScriptedSource(scenes())
    source.bodies = {3: b'{"third": "newest"}', 1: b'{"first": "oldest"}'}
    async with shown(source, WIDE) as view:
        screen = await go(view)
        await view.press("g", "enter")
        await view.until_seen("since first", "+1.5 s", "+12 s", '"newest"')
        await view.press("O", "O")
        await view.until_seen('"oldest"')
        await view.press("enter")
        await view.until(lambda: screen.pane == "detail")
        await view.press("escape")
        assert screen.pane == "story"
        await view.press("escape")
        assert (screen.pane, screen.opened) == ("messages", False)


async def test_a_step_that_arrives_joins_the_story_and_leaves_the_step_that_is_read() -> None:
    source = ScriptedSource(scenes())
    source.bodies = {3: b'{"third": "newest"}'}
    async with shown(source, WIDE) as view:
        screen = await go(view)
        await view.press("g", "enter")
        await view.until_seen('"newest"')
        source.arrive(*happened("m-1", ("archived", 40), first_seq=7, recipient="anna"))
        await view.until_seen("▣ archived")
        assert screen.story.at == 3
        assert screen.detail.seq == 3


async def test_a_filter_that_leaves_the_message_out_closes_its_story() -> None:
    async with shown(ScriptedSource(scenes()), WIDE) as view:
        screen = await go(view)
        await view.press("k", "enter")
        screen.filter_by("outcome:bounced")
        await view.until(lambda: len(screen.listing) == 1)
        assert screen.opened
        screen.set_filter("outcome:retrying")
        await view.until(lambda: not screen.opened)
        await view.until_seen("No message matches the filter.")


async def test_where_it_is_small_the_story_takes_the_place_of_the_lanes_and_the_event_that_of_the_story() -> None:
    async with shown(ScriptedSource(scenes()), (80, 24)) as view:
        screen = await go(view)
        await view.press("k", "enter")
        await view.until_seen("Why it failed", LONG)
        assert "outcome  " in view.text
        await view.press("o", "enter")
        await view.until(lambda: screen.pane == "detail")
        await view.until_seen("Summary", '"message-1"')
        await view.press("escape", "escape")
        await view.until_seen("carla")


async def test_messages_are_sorted_by_each_order_in_turn() -> None:
    async with shown(ScriptedSource(scenes()), WIDE) as view:
        screen = await go(view)
        await view.press("greater_than_sign")
        await view.until(lambda: bool(len(screen.listing)))
        assert (screen.listing.order, screen.listing.rows[0].message_id) == (Order.FAILING, "m-2")
        await view.until_seen("failing first")
        await view.press("greater_than_sign")
        await view.until(lambda: bool(len(screen.listing)))
        assert (screen.listing.order, screen.listing.rows[0].message_id) == (Order.SLOWEST, "m-2")


async def test_the_axis_is_zoomed_panned_and_fitted() -> None:
    async with shown(ScriptedSource(scenes()), WIDE) as view:
        screen = await go(view)
        fitted = screen.view.axis
        await view.press("g", "plus", "plus")
        near = screen.view.axis
        assert near.end - near.start < fitted.end - fitted.start
        await view.press("left")
        assert screen.view.axis.start < near.start
        await view.press("minus", "0")
        assert screen.view.axis.fitted
        assert screen.view.axis.start == 0


async def test_a_term_on_messages_narrows_them_and_leaves_the_stream_as_it_is() -> None:
    source = ScriptedSource(scenes())
    async with shown(source, WIDE) as view:
        screen = await go(view)
        await view.press("slash", *"outcome:bounced", "enter")
        await view.until(lambda: [row.message_id for row in screen.listing.rows] == ["m-2"])
        await view.until_seen("outcome:bounced", "1 message")
        assert source.filter == ""
        await view.press("backslash")
        await view.until(lambda: len(screen.listing) == 3)
        await view.press("backslash")
        await view.until(lambda: len(screen.listing) == 1)


async def test_the_value_of_a_message_is_filtered_by() -> None:
    source = ScriptedSource(scenes())
    async with shown(source, WIDE) as view:
        screen = await go(view)
        await view.press("k", "i")
        await view.until_seen("Show only messages with the same", "bounced")
        await view.press("o")
        await view.until(lambda: view.app.dashboard.filtering.of_messages == "outcome:bounced")
        await view.until(lambda: len(screen.listing) == 1)


async def test_failing_messages_are_gone_along_and_ids_copied() -> None:
    async with shown(ScriptedSource(scenes()), WIDE) as view:
        screen = await go(view)
        await view.press("E")
        assert screen.listing.selected == "m-2"
        await view.press("E")
        await view.until_seen("No message above failed")
        await view.press("y")
        await view.until_seen("Copied by OSC 52, message id: m-2")


async def test_a_click_goes_to_the_message_and_to_the_step_that_stands_there() -> None:
    async with shown(ScriptedSource(scenes()), WIDE) as view:
        screen = await go(view)
        at = line_with(view, "anna").index("✓")
        await view.pilot.click(screen.view, offset=(at, 0))
        assert screen.listing.selected == "m-1"
        assert screen.listing.step is not None
        assert screen.listing.step.type == "message.delivered"


async def test_what_cannot_be_read_is_said_and_read_again() -> None:
    source = ScriptedSource(scenes())
    source.messages_fail = "the relay is busy"
    async with shown(source, WIDE) as view:
        await view.press("3")
        await view.until_seen("the relay is busy")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_without_a_message_it_says_so(size: tuple[int, int]) -> None:
    async with shown(ScriptedSource(), size) as view:
        await view.press("3")
        await view.until_seen("No message so far.")
        view.source.arrive(*scenes())
        await view.until_seen("anna", "carla")


async def test_in_ascii_no_other_character_is_on_screen() -> None:
    async with shown(ScriptedSource(scenes()), WIDE, AppOptions(ascii=True)) as view:
        await go(view)
        await view.until_seen("Funnel of 3")
        assert [char for char in view.text if not char.isascii()] == []
        await view.press("k", "enter")
        await view.until_seen("Why it failed")
        await view.pilot.pause()
        assert [char for char in view.text if not char.isascii()] == []


async def test_the_funnel_turns_to_workflows() -> None:
    source = ScriptedSource(scenes())
    async with shown(source, WIDE) as view:
        await go(view)
        await view.until_seen("by channel")
        await view.press("b")
        await view.until_seen("by workflow", "welcome ")
        assert source.funnels[-1] == ("", "workflow")
