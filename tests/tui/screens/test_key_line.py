"""The last line offers what does something now, in the word for what it does."""

from __future__ import annotations

import pytest

from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource

WIDE = (200, 48)


def source() -> ScriptedSource:
    relay = ScriptedSource([made(seq, message_id="m", event_data={"attempt": seq}) for seq in range(1, 6)])
    relay.bodies = dict.fromkeys(range(1, 6), b'{"data": {"id": "m"}}')
    return relay


def offered(view: Shown) -> str:
    return view.lines[-1]


async def test_a_tab_in_which_nothing_folds_offers_no_key_to_fold() -> None:
    async with shown(source(), WIDE) as view:
        await view.press("enter")
        await view.until(lambda: "] next tab" in offered(view))
        assert "fold" not in offered(view)
        await view.press("right_square_bracket", "right_square_bracket")
        await view.until(lambda: "Space fold" in offered(view))
        await view.press("right_square_bracket")
        await view.until(lambda: "fold" not in offered(view))


async def test_the_next_hit_is_offered_while_something_is_looked_for() -> None:
    async with shown(source(), WIDE) as view:
        await view.press("enter")
        await view.until(lambda: "] next tab" in offered(view))
        assert "next hit" not in offered(view)
        await view.press("f", "s", "enter")
        await view.until(lambda: "n next hit" in offered(view))
        await view.press("escape")
        await view.until(lambda: "next hit" not in offered(view))


async def test_lifting_is_offered_where_there_is_a_filter_and_restoring_where_one_was_lifted() -> None:
    async with shown(source(), WIDE) as view:
        assert "\\ " not in offered(view)
        await view.press("slash", *"message.sent", "enter")
        await view.until(lambda: "\\ lift" in offered(view))
        await view.press("backslash")
        await view.until(lambda: "\\ restore" in offered(view))


async def test_following_is_offered_while_the_list_does_not_follow() -> None:
    async with shown(source(), WIDE) as view:
        assert "follow" not in offered(view)
        await view.press("up")
        await view.until(lambda: "F follow" in offered(view))
        await view.press("p")
        await view.until(lambda: "p go on" in offered(view))


async def test_a_list_without_events_offers_neither_to_open_nor_to_pause() -> None:
    async with shown(ScriptedSource(), WIDE) as view:
        await view.until(lambda: "/ filter" in offered(view))
        assert "detail" not in offered(view)
        assert "pause" not in offered(view)


@pytest.mark.parametrize("tab", ["Summary", "Body"])
async def test_a_detail_in_the_place_of_the_list_says_which_key_leads_back(tab: str) -> None:
    async with shown(source(), (80, 24)) as view:
        await view.press("enter")
        view.screen.detail.choose(tab)
        await view.until(lambda: "q back" in offered(view))
