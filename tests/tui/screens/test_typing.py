"""Keys that follow each other without a pause: each means what it means where the one before led."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.events import Key, Paste
from textual.keys import _character_to_key
from textual.widgets import Input

from tests.tui.made import made
from tests.tui.on_screen import shown
from tests.tui.scripted_source import ScriptedSource
from tui.model.browse import Stance
from tui.model.source import FilterRefused

NAMED = {"\r": "enter", "\x1b": "escape", "\x10": "ctrl+p", "\t": "tab"}


def typed(text: str) -> list[Key]:
    """The keys of a text as the terminal's driver makes them."""
    return [Key(NAMED.get(char) or _character_to_key(char), char) for char in text]


def source() -> ScriptedSource:
    return ScriptedSource([*(made(seq) for seq in range(1, 6)), made(6, "message.read", recipient="user_6")])


async def test_all_that_is_typed_after_the_slash_goes_into_the_field() -> None:
    async with shown(source()) as view:
        await view.at_once(*typed("/type:message.sent pjkzq?"))
        assert view.screen.filter_line.field.value == "type:message.sent pjkzq?"
        assert view.app.dashboard.browse.stance is Stance.FOLLOWING
        assert view.app.is_running


async def test_what_is_pasted_right_after_the_slash_goes_into_the_field() -> None:
    async with shown(source()) as view:
        await view.at_once(*typed("/a"), Paste("type:\x1b[2Jmessage.sent\npq"), *typed("b"))
        assert view.screen.filter_line.field.value == "atype:[2Jmessage.sent pqb"


async def test_what_is_pasted_into_the_list_does_nothing() -> None:
    async with shown(source()) as view:
        await view.at_once(Paste("pq/"))
        assert view.app.dashboard.browse.stance is Stance.FOLLOWING
        assert view.screen.pane == "stream"


async def test_a_filter_and_its_enter_typed_at_once_apply_it_and_the_next_key_is_for_the_list() -> None:
    relay = source()
    async with shown(relay) as view:
        await view.at_once(*typed("/message.read\rp"))
        await view.until(lambda: relay.asked == ["message.read"])
        assert view.screen.filter_line.field.value == "message.read"
        assert view.app.dashboard.paused


async def test_a_field_left_at_once_leaves_the_filter_and_gives_the_keys_to_the_list() -> None:
    relay = source()
    async with shown(relay) as view:
        await view.at_once(*typed("/abc\x1bp"))
        assert relay.asked == []
        assert view.app.dashboard.paused


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_keys_right_after_enter_are_for_the_detail(size: tuple[int, int]) -> None:
    async with shown(source(), size) as view:
        await view.at_once(*typed("\r]]j"))
        assert view.screen.detail.tabs.chosen == "Body"
        assert view.screen.pane == "detail"
        assert view.app.dashboard.browse.cursor == 5


async def test_a_key_that_means_nothing_in_the_list_means_nothing_after_enter_either() -> None:
    async with shown(source()) as view:
        await view.at_once(*typed("]\r"))
        assert view.screen.detail.tabs.chosen == "Summary"


async def test_keys_right_after_the_detail_was_left_are_for_the_list() -> None:
    async with shown(source()) as view:
        await view.at_once(*typed("\r]\x1bkk"))
        assert view.screen.pane == "stream"
        assert view.app.dashboard.browse.cursor == 3


async def test_help_that_is_left_at_once_gives_the_keys_back() -> None:
    async with shown(source()) as view:
        await view.at_once(*typed("?jj\x1bk"))
        assert view.app.screen is view.screen
        assert view.app.dashboard.browse.cursor == 4


async def test_what_is_typed_right_after_the_palette_was_asked_for_goes_into_its_field() -> None:
    async with shown(source()) as view:
        await view.at_once(*typed("\x10pause"))
        assert view.app.screen.query_one(Input).value == "pause"
        assert not view.app.dashboard.paused


async def test_what_is_typed_into_the_filter_is_added_to_the_one_in_force() -> None:
    async with shown(ScriptedSource([made(1), made(2)])) as view:
        await view.press("slash", *"message.sent", "enter")
        await view.until(lambda: view.app.dashboard.filtering.applied == "message.sent")
        await view.press("slash", *"failed", "enter")
        await view.until(lambda: view.app.dashboard.filtering.applied == "message.sent failed")
        await view.press("slash", "enter")
        assert view.app.dashboard.filtering.latest.text == "message.sent failed"


async def test_a_refused_filter_is_edited_where_it_is_wrong_and_not_typed_anew() -> None:
    source = ScriptedSource([made(1), made(2)])
    fault = FilterRefused("no such name", 1, 4, "did you mean type?")

    async def refuse(text: str, types: Sequence[str] = ()) -> None:
        raise fault

    source.set_filter = refuse  # type: ignore[method-assign]
    async with shown(source) as view:
        await view.press("slash", *"tipe:x", "enter")
        await view.until_seen("did you mean type?")
        await view.press("s")
        assert view.screen.filter_line.field.value == "tipes:x"
