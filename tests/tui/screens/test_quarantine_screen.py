"""The screen of quarantine: what did not verify, why, and what can be done about it."""

from __future__ import annotations

import asyncio

import pytest

from relay.contract.api import QuarantinePage, SecretInfo
from tests.tui.made import made, made_held
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.commands import Actions
from tui.model.source import Began, LinkChange, LinkState, SourceError
from tui.screens.quarantine import QuarantineScreen

SIZES = [(80, 24), (120, 40), (200, 60)]


def some(count: int) -> ScriptedSource:
    source = ScriptedSource([made(1)])
    source.keys = [SecretInfo(id="1a2b3c4d")]
    source.hold(*(made_held(id_, endpoint="shop" if id_ % 2 else None) for id_ in range(1, count + 1)))
    return source


def board(view: Shown) -> QuarantineScreen:
    front = view.app.front
    assert isinstance(front, QuarantineScreen)
    return front


def selected(view: Shown) -> int | None:
    item = board(view).quarantine.selected
    return None if item is None else item.id


async def opened(view: Shown, *texts: str) -> None:
    await view.press("6")
    await view.until_seen(*(texts or ("of at most 1,000 held",)))


@pytest.mark.parametrize("size", SIZES)
async def test_each_request_is_told_with_its_diagnosis_the_signed_string_and_its_headers(
    size: tuple[int, int],
) -> None:
    source = some(2)
    source.hold(
        made_held(3, reason="body-rewritten", detail="a space after each colon", remedy="sign the raw bytes")
    )
    async with shown(source, size) as view:
        await opened(view, "3 of at most 1,000 held", "body rewritten", "→ message.sent", "1 of 3")
        await view.until_seen("A space after each colon", "What to change", "Sign the raw bytes")
        await view.press("enter", "z")
        await view.until_seen(
            "Signed string", '1795430520000.{"type": "message.sent"', "Body, as received", "53 bytes"
        )
        await view.press("G")
        await view.until_seen("Headers", "x-knock-event")
        assert all(strip.cell_length == size[0] for strip in view.app.screen._compositor.render_strips())


async def test_one_that_came_again_says_how_often() -> None:
    source = some(1)
    async with shown(source) as view:
        await opened(view, "1 of at most")
        source.hold(made_held(1, count=14))
        board(view)._read_at = None
        await view.until_seen("×14")


async def test_what_arrives_is_shown_and_moves_nothing() -> None:
    source = some(3)
    async with shown(source) as view:
        await opened(view, "1 of 3")
        await view.press("j")
        assert selected(view) == 2
        source.hold(made_held(4), made_held(5))
        await view.until_seen("4 of 5")
        assert selected(view) == 2


async def test_the_keys_of_a_list_move_the_cursor() -> None:
    async with shown(some(30)) as view:
        await opened(view, "1 of 30")
        for keys, expected in (
            (("down", "j"), 28),
            (("up", "k"), 30),
            (("pagedown",), 25),
            (("pageup",), 30),
            (("space",), 25),
            (("G",), 1),
            (("g",), 30),
            (("end",), 1),
            (("home",), 30),
        ):
            await view.press(*keys)
            assert selected(view) == expected, keys


async def test_older_requests_are_read_as_they_come_near() -> None:
    source = some(130)
    async with shown(source) as view:
        await opened(view, "130 of at most")
        assert len(board(view).quarantine.items) < 130
        for _ in range(3):
            await view.press("G")
            await view.pilot.pause()
        await view.until(lambda: len(board(view).quarantine.items) == 130)
        await view.press("G")
        assert selected(view) == 1


async def test_clicks_choose_and_open() -> None:
    async with shown(some(3)) as view:
        await opened(view, "1 of 3")
        await view.pilot.click(board(view).list, offset=(20, 1))
        assert selected(view) == 2
        await view.pilot.click(board(view).list, offset=(20, 2), times=2)
        await view.until(lambda: board(view).pane == "request")
        assert selected(view) == 1


async def test_a_request_becomes_an_event_only_after_the_sheet_and_enter() -> None:
    source = some(2)
    async with shown(source) as view:
        await opened(view, "1 of 2")
        await view.press("a")
        await view.until_seen("Admit as an event", "nothing proves that Knock sent it: another secret")
        assert source.did == []
        await view.press("enter")
        await view.until(lambda: source.did == [("admit", 2)])
        await view.until_seen("Event 2 is what it became", "1 of 1")


async def test_a_request_is_dropped_only_after_the_sheet_and_enter() -> None:
    source = some(2)
    async with shown(source) as view:
        await opened(view, "1 of 2")
        await view.press("enter", "d")
        await view.until_seen("Discard", "nothing of it is kept")
        await view.press("escape")
        assert source.did == []
        await view.press("delete", "enter")
        await view.until(lambda: source.did == [("discard", 2)])
        await view.until_seen("The request is discarded", "1 of 1")


async def test_all_that_are_alike_are_dropped_at_once() -> None:
    source = some(6)
    async with shown(source) as view:
        await opened(view, "1 of 6")
        await view.press("d")
        await view.until_seen("the 3 like it")
        await view.press("down")
        await view.until_seen("3 requests: another secret")
        await view.press("enter")
        await view.until(lambda: source.did == [("discard", id_) for id_ in (6, 4, 2)])
        await view.until_seen("3 requests are discarded", "of 3")


async def test_what_the_relay_does_not_do_is_said_in_the_sheet() -> None:
    source = some(2)
    async with shown(source) as view:
        await opened(view, "1 of 2")
        await view.press("a")
        source.fails = "no answer in time"
        await view.press("enter")
        await view.until_seen("It was not admitted: no answer in time")
        await view.press("escape", "d", "enter")
        await view.until_seen("After 0 of 1 it stopped: no answer in time")


async def test_what_is_no_event_cannot_be_admitted() -> None:
    source = some(1)
    source.hold(made_held(2, reason="no-event", detail="`type` is missing"))
    async with shown(source) as view:
        await opened(view, "no event")
        await view.press("a", "enter")
        await view.until_seen("its body is no event: `type` is missing")
        assert source.did == []
        await view.press("escape", "d")
        await view.until_seen("it was refused, so that it may be sent again")


async def test_y_copies_the_diagnosis_and_in_the_request_the_line_under_the_cursor() -> None:
    source = some(1)
    source.held_bodies[1] = b'{"a" :1}'
    async with shown(source) as view:
        await opened(view, "1 of 1")
        await view.press("y")
        await view.until(lambda: view.app.clipboard.startswith("another secret: the secret configured here"))
        await view.until(lambda: board(view).view.complete)
        await view.press("Y")
        await view.until(lambda: view.app.clipboard == '{"a" :1}')
        await view.press("enter", "j", "y")
        await view.until(lambda: view.app.clipboard.startswith("the secret configured here doesn't fit"))
        await view.press("home", "k", "y")
        await view.until_seen("nothing to copy here")
        await view.press("pagedown", "pageup", "up", "down", "Y")
        await view.until(lambda: view.app.clipboard == '{"a" :1}')


async def test_a_secret_that_fits_empties_it() -> None:
    source = some(2)
    source.fitting = {1, 2}
    async with shown(source) as view:
        await opened(view, "1 of 2")
        await view.press("S", *"fits", "enter")
        await view.until_seen("Nothing is in quarantine.", "it admitted 2 requests")


async def test_without_a_secret_it_says_why_nothing_is_here() -> None:
    async with shown(ScriptedSource([made(1)], secrets=0)) as view:
        await opened(view, "Nothing is in quarantine, since no signing secret is set.", "sets the signing secret")
        await view.press("S")
        await view.until_seen("Signing secrets")


async def test_empty_it_names_the_way_back_and_escape_takes_it() -> None:
    async with shown(some(0)) as view:
        await opened(view, "Nothing is in quarantine.", "goes to the events")
        await view.press("a", "d", "enter", "Y")
        await view.press("escape")
        await view.until(lambda: view.app.front is view.screen)


async def test_a_request_that_comes_while_it_is_empty_takes_its_place() -> None:
    source = some(0)
    async with shown(source) as view:
        await opened(view, "Nothing is in quarantine.")
        source.hold(made_held(1))
        await view.until_seen("1 of 1", "another secret")
        await view.press("enter")
        assert board(view).pane == "request"


async def test_what_cannot_be_read_is_said_and_tried_again() -> None:
    source = some(1)
    source.fails = "no answer in time"
    async with shown(source) as view:
        await opened(view, "The quarantine cannot be read: no answer in time.")
        source.fails = ""
        board(view)._read_at = None
        await view.until_seen("1 of 1")
        source.fails = "no answer in time"
        board(view)._read_at = None
        await view.until_seen("1 of at most 1,000 held", "no answer in time; it is tried again")


async def test_a_body_that_cannot_be_read_is_said() -> None:
    class Forgetful(ScriptedSource):
        async def held_body(self, held_id: int) -> bytes:
            raise SourceError("no request in quarantine has id 1")

    source = Forgetful([made(1)])
    source.hold(made_held(1))
    async with shown(source, (120, 40)) as view:
        await opened(view, "The body could not be read: no request in quarantine has id 1")


async def test_a_full_quarantine_says_what_that_means() -> None:
    source = some(2)
    async with shown(source) as view:
        await opened(view, "1 of 2")
        board(view).quarantine.limit = 2
        board(view).foot.refresh()
        await view.until_seen("full: further requests are refused with 503")


async def test_a_lost_link_is_said_at_its_foot() -> None:
    source = some(1)
    async with shown(source, (120, 40)) as view:
        await opened(view, "1 of 1")
        source.put(LinkChange(LinkState.RECONNECTING, 30.0, "connection refused"))
        await view.until_seen("No relay runs there any more: connection refused")


async def test_slash_filters_the_events_on_their_screen() -> None:
    async with shown(some(1)) as view:
        await opened(view, "1 of 1")
        await view.press("slash", *"message.sent", "enter")
        await view.until(lambda: view.app.dashboard.filtering.applied == "message.sent")
        assert view.app.front is view.screen


async def test_who_only_looks_can_read_but_not_change() -> None:
    source = some(1)
    async with shown(source, options=AppOptions(read_only=True)) as view:
        await opened(view, "1 of 1")
        offered = [command.text for command in Actions(view.app.screen)._commands()]
        assert not [text for text in offered if text.startswith(("make an event", "drop"))]
        await view.press("a", "d", "enter", "a", "d")
        await view.until_seen("it only looks")
        assert view.app.screen is board(view)
        assert source.did == []


async def test_another_log_is_read_anew() -> None:
    source = some(2)
    async with shown(source) as view:
        await opened(view, "1 of 2")
        source.held = [made_held(1, reason="missing-header")]
        source.put(Began(0, "", "log"))
        await view.until_seen("missing header", "1 of 1")


async def test_an_answer_from_before_a_request_was_dropped_does_not_bring_it_back() -> None:
    class Slow(ScriptedSource):
        readings = 0
        late = asyncio.Event()

        async def quarantine(self, *, before: int | None = None, limit: int = 100) -> QuarantinePage:
            page = await super().quarantine(before=before, limit=limit)
            self.readings += 1
            if self.readings == 2:
                await self.late.wait()
            return page

    source = Slow([made(1)])
    source.hold(made_held(1), made_held(2))
    async with shown(source) as view:
        await opened(view, "1 of 2")
        board(view)._read_at = None
        await view.until(lambda: source.readings == 2)
        await view.press("d", "enter")
        await view.until_seen("The request is discarded", "1 of 1")
        source.late.set()
        await view.until(lambda: source.readings == 3)
        await view.pilot.pause()
        assert selected(view) == 1
        assert [item.id for item in board(view).quarantine.items] == [1]
