"""The screen of forwards: what was sent where, what came back, and what can be done from there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from relay.contract.events import Forward
from tests.tui.made import made, made_forward
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.model.source import Began, LinkChange, LinkState, SourceError
from tui.screens.answer_diff import AnswerDiffScreen
from tui.screens.forwards import ForwardsScreen

SIZES = [(80, 24), (120, 40), (200, 60)]
TARGET = "http://127.0.0.1:3000/webhooks"


def some(count: int, **facts: Any) -> ScriptedSource:
    source = ScriptedSource([made(seq) for seq in range(1, 6)])
    source.forwarded = [made_forward(entry, entry % 5 + 1, n=entry, **facts) for entry in range(count + 5, 5, -1)]
    return source


def add(source: ScriptedSource, entry: int, **facts: Any) -> None:
    source.forwarded.insert(0, made_forward(entry, entry % 5 + 1, n=entry, **facts))


def board(view: Shown) -> ForwardsScreen:
    front = view.app.front
    assert isinstance(front, ForwardsScreen)
    return front


def selected(view: Shown) -> int | None:
    item = board(view).forwards.selected
    return None if item is None else item.entry


async def opened(view: Shown, *texts: str) -> None:
    await view.press("7")
    await view.until_seen(*texts)


async def read_again(view: Shown) -> None:
    board(view)._read_at = None
    board(view)._want()


@pytest.mark.parametrize("size", SIZES)
async def test_a_forward_is_told_with_its_answer_and_its_event(size: tuple[int, int]) -> None:
    source = some(2)
    add(source, 9, status=500, ms=1234.0, body='{"error":"no such user"}', attempt=3, sign="fresh", kind="resend")
    async with shown(source, size) as view:
        await opened(view, "500 ×3 Internal", "1.2 s", "via sendgrid", "1 of 3", "200 OK")
        await view.until_seen("resent, fresh", '"error": "no such user"', TARGET)
        await view.press("tab", "z")
        await view.until_seen("Headers of the answer", "content-type", "application/json", "attempt")
        assert all(strip.cell_length == size[0] for strip in view.app.screen._compositor.render_strips())


async def test_what_comes_is_followed_until_the_cursor_is_moved() -> None:
    source = some(3)
    async with shown(source) as view:
        await opened(view, "1 of 3", "following")
        add(source, 20, status=404)
        source.put(replace(source.pulse(), last_seq=20))
        await view.until_seen("1 of 4", "404 Not Found")
        assert selected(view) == 20
        await view.press("j")
        add(source, 21)
        await read_again(view)
        await view.until_seen("3 of 5", "browsing", "+1 new")
        assert selected(view) == 8
        await view.press("F")
        await view.until_seen("1 of 5", "following")


async def test_the_keys_and_clicks_of_a_list_move_the_cursor() -> None:
    async with shown(some(60)) as view:
        await opened(view, "1 of 60")
        for keys, expected in (
            (("down", "j"), 63),
            (("up", "k"), 65),
            (("G",), 6),
            (("g",), 65),
            (("end",), 6),
            (("home",), 65),
        ):
            await view.press(*keys)
            assert selected(view) == expected, keys
        await view.pilot.click(board(view).list, offset=(20, 2))
        assert selected(view) == 63


async def test_older_ones_are_read_as_they_come_near() -> None:
    async with shown(some(230)) as view:
        await opened(view, "1 of 100+")
        for _ in range(4):
            await view.press("G")
            await view.pilot.pause()
        await view.until(lambda: len(board(view).forwards.items) == 230)


async def test_enter_goes_to_the_event_and_escape_comes_back() -> None:
    async with shown(some(3)) as view:
        await opened(view, "1 of 3")
        await view.press("j", "enter")
        await view.until(lambda: view.app.front is view.screen)
        assert view.screen.detail.seq == 3
        await view.press("escape")
        await view.until(lambda: isinstance(view.app.front, ForwardsScreen))
        assert selected(view) == 7


async def test_i_shows_only_answers_like_this_one_and_backslash_all_again() -> None:
    source = some(3)
    add(source, 9, status=None, error="connection refused", headers=None, body=None)
    async with shown(source) as view:
        await opened(view, "1 of 4", "connection refused")
        await view.press("i")
        await view.until_seen("1 of 1", "only no answer")
        await view.press("backslash")
        await view.until_seen("of 4")
        await view.press("backslash", "backslash", "I")
        await view.until_seen("1 of 3", "not no answer")
        await view.press("backslash", "tab", "j", "j", "i")
        await view.until_seen(f"only {TARGET}")
        await view.press("G", "i")
        await view.until_seen("nothing to choose forwards by")
        await view.press("g", "I", "escape", "i")


async def test_where_none_is_shown_it_says_how_to_see_all() -> None:
    async with shown(some(2)) as view:
        await opened(view, "1 of 2")
        await view.press("I")
        await view.until_seen("None of the 2 forwards that were read is shown.", "shows all of them")


async def test_two_answers_are_compared_with_the_marked_or_with_the_one_before_of_the_event() -> None:
    source = some(2)
    add(source, 9, body='{"ok":false}')
    async with shown(source) as view:
        await opened(view, "1 of 3")
        await view.press("equals_sign")
        await view.until_seen("The event was forwarded once")
        await view.press("m", "j", "equals_sign")
        await view.until_seen("Difference", ".ok  false → true")
        assert isinstance(view.app.screen, AnswerDiffScreen)
        await view.press("escape", "k", "m")
        add(source, 14, body="[]")
        await read_again(view)
        await view.press("g")
        await view.until_seen("1 of 4")
        await view.press("equals_sign")
        await view.until_seen("(the whole body)")


async def test_y_copies_the_body_and_in_the_view_the_line() -> None:
    async with shown(some(1)) as view:
        await opened(view, "1 of 1", '"ok": true')
        await view.press("y")
        await view.until(lambda: view.app.clipboard == '{"ok":true}')
        await view.press("tab", "j", "y")
        await view.until(lambda: view.app.clipboard == TARGET)
        await view.press("Y")
        await view.until(lambda: view.app.clipboard == '{"ok":true}')


async def test_what_is_forwarded_to_now_is_said_at_the_top_and_in_the_header() -> None:
    source = some(0)
    async with shown(source, (120, 40)) as view:
        await opened(view, "nothing is being forwarded now", "No event was forwarded or resent yet.")
        await view.until_seen("knocktop forward http://127.0.0.1:3000/webhooks")
        source.put(replace(source.pulse(), forwarding=(TARGET, "http://localhost:8080/")))
        await view.until_seen(f"forwarding to {TARGET}, http://localhost:8080/", "127.0.0.1:3000/webhooks +1")
        await view.until_seen("No event was forwarded yet.")
        await view.press("1")
        await view.until_seen("forwarding to 127.0.0.1:3000/webhooks +1")
        source.put(replace(source.pulse(), forwarding=()))
        await view.until(lambda: "forwarding" not in view.text)


async def test_what_cannot_be_read_is_said_and_tried_again() -> None:
    source = some(1)
    source.fails = "no answer in time"
    async with shown(source) as view:
        await opened(view, "The forwards cannot be read: no answer in time.")
        source.fails = ""
        await read_again(view)
        await view.until_seen("1 of 1")
        source.put(LinkChange(LinkState.RECONNECTING, 30.0, "connection refused"))
        await view.until_seen("No relay runs there any more: connection refused")


async def test_an_answer_that_cannot_be_read_is_said() -> None:
    class Forgetful(ScriptedSource):
        async def forward(self, seq: int, n: int) -> Forward:
            raise SourceError(f"event {seq} has no forward {n}")

    source = Forgetful([made(1)])
    source.forwarded = [made_forward(2, n=1)]
    async with shown(source) as view:
        await opened(view, "The answer could not be read: event 1 has no forward 1")


async def test_another_log_is_read_anew() -> None:
    source = some(2)
    async with shown(source) as view:
        await opened(view, "1 of 2")
        source.forwarded = [made_forward(3, status=418)]
        source.put(Began(0, "", "log"))
        await view.until_seen("418", "1 of 1")


async def test_slash_filters_the_events_on_their_screen() -> None:
    async with shown(some(1)) as view:
        await opened(view, "1 of 1")
        await view.press("slash", *"message.sent", "enter")
        await view.until(lambda: view.app.dashboard.filtering.applied == "message.sent")
        assert view.app.front is view.screen
