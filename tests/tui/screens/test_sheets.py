from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from relay.contract.events import Channel
from tests.hostile import HOSTILE
from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.state import State

SIZES = [(80, 24), (120, 40), (200, 60)]


class Lenient(ScriptedSource):
    """A log that takes any filter and shows everything under it."""

    def _matching(self, events, filter_text, types=()):  # type: ignore[no-untyped-def]
        return super()._matching(events, "", types)


def applied(view: Shown) -> str:
    return view.app.dashboard.filtering.applied


# Only, without


async def test_i_in_the_stream_offers_the_values_of_the_event_and_a_letter_picks_one() -> None:
    async with shown(Lenient([made(1)])) as view:
        await view.press("i")
        await view.until_seen("Show only events with the same", "t  type", "r  recipient  dr_grant", "adds")
        assert applied(view) == ""
        await view.press("r")
        await view.until(lambda: applied(view) == "recipient:dr_grant")
        await view.press("i", "down", "down", "enter")
        await view.until(lambda: applied(view) == "recipient:dr_grant workflow:security-breach-alert")


async def test_shift_i_in_the_stream_leaves_out() -> None:
    async with shown(Lenient([made(1)])) as view:
        await view.press("I")
        await view.until_seen("Leave out", "-type:message.sent")
        await view.press("up", "down", "tab", "shift+tab", "enter")
        await view.until(lambda: applied(view) == "-type:message.sent")


async def test_escape_leaves_the_choice_and_changes_nothing() -> None:
    source = Lenient([made(1)])
    async with shown(source) as view:
        await view.press("i", "escape")
        assert view.app.screen is view.screen
        assert source.asked == []


async def test_i_in_the_detail_takes_the_value_under_the_cursor() -> None:
    async with shown(Lenient([made(1, event_data={"attempt": 2})]), (120, 40)) as view:
        await view.press("enter", "right_square_bracket")
        line = await line_with(view, ("event_data", "attempt"))
        view.screen.detail.view.cursor = line
        await view.press("i")
        await view.until(lambda: applied(view) == "event_data.attempt:2")


async def test_shift_i_in_the_headers_leaves_out_the_value() -> None:
    async with shown(Lenient([made(1)]), (120, 40)) as view:
        await view.press("enter")
        view.screen.detail.choose("Headers")
        view.screen.detail.view.cursor = await line_with(view, "header.x-knock-event")
        await view.press("I")
        await view.until(lambda: applied(view) == "-header.x-knock-event:message.sent")


async def test_i_in_the_body_takes_the_value_under_the_cursor() -> None:
    source = Lenient([made(1)])
    source.bodies[1] = b'{"type":"message.sent","data":{"data":{"order.total":5}}}'
    async with shown(source, (120, 40)) as view:
        await view.press("enter")
        view.screen.detail.choose("Body")
        view.screen.detail.view.cursor = await line_with(view, ("data", "data", "order.total"))
        await view.press("i")
        await view.until(lambda: applied(view) == 'data.data."order.total":5')


async def line_with(view: Shown, place: object) -> int:
    def lines() -> list[int]:
        body = view.screen.detail.view
        return [index for index in range(body.count()) if body.path(index) == place]

    await view.until(lambda: bool(lines()))
    return lines()[0]


async def test_a_line_without_a_value_says_so() -> None:
    async with shown(Lenient([made(1)]), (120, 40)) as view:
        await view.press("enter")
        view.screen.detail.view.cursor = await line_with(view, None)
        await view.press("i")
        await view.until_seen("no value to filter by on this line")


async def test_i_on_a_type_of_the_panel_takes_the_type() -> None:
    async with shown(Lenient([made(1)]), (120, 40)) as view:
        view.screen.set_focus(view.screen.types)
        await view.until(lambda: view.screen.types.types == ("message.sent",))
        await view.press("i")
        await view.until(lambda: applied(view) == "type:message.sent")
        await view.press("backslash")
        await view.until(lambda: applied(view) == "" and view.screen.types.types == ("message.sent",))
        await view.press("I")
        await view.until(lambda: applied(view) == "-type:message.sent")


async def test_i_on_the_screen_of_types_takes_the_type() -> None:
    async with shown(Lenient([made(1)])) as view:
        await view.press("2")
        await view.until(lambda: view.app.front is not None and view.app.front.types_here() != ())
        await view.press("i")
        await view.until(lambda: applied(view) == "type:message.sent")


async def test_without_a_type_under_the_cursor_that_is_said() -> None:
    async with shown(Lenient([])) as view:
        await view.press("2", "i")
        await view.until_seen("There is no type to filter by here")


async def test_a_sheet_names_the_event_that_it_is_about() -> None:
    async with shown(Lenient([made(1_234)])) as view:
        await view.press("i")
        await view.until_seen("dr_grant   message.sent   seq 1,234")


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_values_stand_in_the_choice_as_text(size: tuple[int, int]) -> None:
    for text in [text[:500] for text in HOSTILE if text.strip()][:60:7]:
        event = made(1, text, recipient=text, channel=Channel(type=text), tenant=text)
        async with shown(Lenient([event]), size) as view:
            await view.press("i")
            await view.until_seen("Show only", "recipient")
            assert not any(char < " " for line in view.lines for char in line)


# Copy as


async def test_shift_y_offers_ways_to_copy_the_event() -> None:
    source = ScriptedSource([made(7, endpoint="staging")])
    async with shown(source) as view:
        await view.press("Y")
        await view.until_seen("Copy as", "j  JSON", "c  curl", "h  httpx")
        await view.press("down")
        await view.until_seen("posts", "seq 7: 53 bytes", "/webhooks/knock/staging", "curl -sS")
        assert view.app.clipboard == ""
        await view.press("enter")
        await view.until(lambda: view.app.clipboard.startswith("curl -sS http://127.0.0.1:4747/webhooks/knock/"))
        await view.until_seen("Copied by OSC 52, curl for seq 7")


async def test_what_waits_for_events_takes_the_filter_in_force_or_the_type_of_the_event() -> None:
    async with shown(Lenient([made(7)])) as view:
        await view.press("Y")
        await view.until_seen("t  pytest", "e  expect", "k  knock_events")
        await view.press("down", "down", "down", "down")
        await view.until_seen(
            "waits for", "the type of this event", "knocktop expect --within 30s type:message.sent"
        )
        await view.press("e")
        assert view.app.clipboard == "knocktop expect --within 30s type:message.sent"
        view.screen.filter_by("recipient:dr_grant")
        await view.until(lambda: applied(view) == "recipient:dr_grant")
        await view.press("Y", "k")
        assert "knock_events.expect('recipient:dr_grant')" in view.app.clipboard
        await view.press("Y", "t")
        await view.until(lambda: "def test_message_sent_is_taken" in view.app.clipboard)


async def test_a_letter_copies_at_once() -> None:
    source = ScriptedSource([made(7)])
    source.bodies[7] = b'{"type":"message.sent","n":1.10}'
    async with shown(source) as view:
        await view.press("Y")
        await view.until_seen('"n": 1.10')
        await view.press("j")
        await view.until(lambda: view.app.clipboard == '{\n  "type": "message.sent",\n  "n": 1.10\n}')
        await view.press("Y")
        await view.until_seen("Copy as")
        await view.pilot.pause()
        await view.press("h")
        await view.until(lambda: view.app.clipboard.startswith("import httpx"))


async def test_shift_y_in_the_detail_copies_the_path_and_the_json_of_a_value() -> None:
    async with shown(ScriptedSource([made(1, event_data={"a b": ["x\x1b"]})]), (120, 40)) as view:
        await view.press("enter", "right_square_bracket")
        view.screen.detail.view.cursor = await line_with(view, ("event_data", "a b"))
        await view.press("Y")
        await view.until_seen("p  path", 'event_data."a b"', "v  value")
        await view.press("p")
        assert view.app.clipboard == 'event_data."a b"'
        await view.press("Y", "j")
        assert json.loads(view.app.clipboard) == ["x\x1b"]
        await view.press("Y", "v")
        assert "x" in view.app.clipboard
        assert "\x1b" not in view.app.clipboard


async def test_a_letter_that_comes_before_the_body_copies_once_the_body_is_there() -> None:
    read = asyncio.Event()

    class Slow(ScriptedSource):
        async def body(self, seq: int) -> bytes:
            await read.wait()
            return b"{}"

    async with shown(Slow([made(7)])) as view:
        await view.press("Y", "c")
        await view.until_seen("Reading the body", "Esc stop")
        assert view.app.clipboard == ""
        read.set()
        await view.until(lambda: view.app.clipboard.startswith("curl"))


async def test_what_cannot_be_read_is_said_and_not_copied() -> None:
    source = ScriptedSource([made(7)])
    async with shown(source) as view:
        source.log.clear()
        await view.press("Y", "c")
        await view.until_seen("event 7 is no longer kept")
        await view.press("enter", "escape")
        assert view.app.clipboard == ""


# Save filter


async def test_s_saves_the_filter_under_a_name_for_the_next_run(tmp_path: Path) -> None:
    state = State.load(tmp_path / "state.json")
    async with shown(Lenient([made(1)]), state=state) as view:
        await view.press("slash", *"failed", "enter")
        await view.until(lambda: applied(view) == "failed")
        await view.press("s")
        await view.until_seen("Save the filter", "saves", "failed", "found")
        await view.press("enter")
        await view.until_seen("Write a name for it first")
        await view.press(*"Mine", "ctrl+u", *"Bad ones", "enter")
        await view.until_seen("Saved the filter Bad ones")
        view.app.save()
    assert State.load(tmp_path / "state.json").filters == {"Bad ones": "failed"}


async def test_a_filter_that_is_not_yet_in_force_can_be_saved() -> None:
    class Silent(Lenient):
        async def set_filter(self, text: str, types: Sequence[str] = ()) -> None:
            await asyncio.Event().wait()

    async with shown(Silent([made(1)])) as view:
        await view.press("slash", *"failed", "enter", "s", *"x", "enter")
        assert view.app.saved_filters == {"x": "failed"}


async def test_types_that_narrow_the_stream_are_saved_with_the_filter() -> None:
    async with shown(Lenient([made(1)])) as view:
        view.screen.set_filter("a OR b", ("message.sent",))
        await view.until(lambda: applied(view) == "a OR b")
        await view.press("s", "n", "enter")
        assert view.app.state.filters == {"n": "(a OR b) type:message.sent"}


async def test_a_name_that_is_taken_is_said_before_it_is_replaced() -> None:
    options = AppOptions(filters={"Ops": "verdict:stale"})
    async with shown(Lenient([made(1)]), options=options) as view:
        view.screen.set_filter("failed")
        await view.until(lambda: applied(view) == "failed")
        await view.press("s", *"Ops")
        await view.until_seen("replaces", "verdict:stale", "config file")
        assert view.app.saved_filters == {"Ops": "verdict:stale"}
        await view.press("enter")
        assert view.app.saved_filters == {"Ops": "failed"}


async def test_without_a_filter_there_is_nothing_to_save() -> None:
    async with shown(Lenient([made(1)])) as view:
        await view.press("s")
        await view.until_seen("There is no filter to save")
        assert view.app.screen is view.screen


async def test_a_saved_filter_is_recalled_from_the_palette() -> None:
    async with shown(Lenient([made(1)]), options=AppOptions(filters={"Ops [x] [/y]": "verdict:stale"})) as view:
        await view.press("colon", *"Ops [x]")
        await view.until_seen("Ops [x] [/y]")
        await view.press("enter")
        await view.until(lambda: applied(view) == "verdict:stale")


async def test_a_saved_filter_is_forgotten_from_the_palette() -> None:
    async with shown(Lenient([made(1)])) as view:
        view.app.save_filter("Mine", "failed")
        await view.press("colon", *"forget the filter Mine")
        await view.until_seen("forget the filter Mine ")
        await view.press("enter")
        await view.until_seen("Forgot the filter Mine")
        assert view.app.saved_filters == {}


# All of them


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", ["t", "i", "I", "Y", "s"])
async def test_every_sheet_fits_and_says_its_keys(size: tuple[int, int], key: str) -> None:
    async with shown(Lenient([made(1)]), size) as view:
        view.screen.set_filter("failed")
        await view.until(lambda: applied(view) == "failed")
        await view.press(key)
        await view.pilot.pause()
        assert view.app.screen is not view.screen
        assert view.lines[-1].startswith(" Enter ")
        assert "Esc leave" in view.lines[-1]
        assert all(len(line) <= size[0] for line in view.lines)
        await view.press("escape")
        assert view.app.screen is view.screen


async def test_a_sheet_shows_the_keys_of_the_user() -> None:
    options = AppOptions(keys={"confirm": "ctrl+j", "leave_sheet": "ctrl+g"})
    async with shown(Lenient([made(1)]), options=options) as view:
        await view.press("t")
        await view.until_seen("Ctrl-G leave")
        await view.press("ctrl+g")
        assert view.app.screen is view.screen
