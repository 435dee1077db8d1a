from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from relay.contract.events import EventSummary
from relay.contract.moments import rfc3339
from tests.tui.made import made
from tests.tui.on_screen import NOW, Shown, shown
from tests.tui.scripted_source import PAGE, ScriptedSource
from tui.model.source import Page

STORY = [
    made(1, message_id="a"),
    made(2, "message.bounced", message_id="b", failed=True),
    made(3, message_id="a"),
    made(4, "message.undelivered", message_id="c", failed=True),
    made(5, message_id="a"),
]


class Searched(ScriptedSource):
    """A log that also knows the terms of going places."""

    def _matching(
        self, events: Sequence[EventSummary], filter_text: str, types: Sequence[str] = ()
    ) -> list[EventSummary]:
        rest, _, term = filter_text.rpartition(" ")
        found = super()._matching(
            events, rest.strip("()") if term == "failed" or ":" in term else filter_text, types
        )
        if term == "failed":
            return [event for event in found if event.failed]
        name, colon, value = term.partition(":")
        return [event for event in found if event.message_id == value] if colon and name == "message" else found


def at(view: Shown) -> int | None:
    return view.app.dashboard.browse.selected


async def until_at(view: Shown, seq: int) -> None:
    await view.until(lambda: at(view) == seq)


@pytest.mark.parametrize("opened", [False, True])
async def test_o_goes_along_the_message_in_the_stream_and_in_the_detail(opened: bool) -> None:
    async with shown(ScriptedSource(STORY)) as view:
        await view.press(*["enter"] * opened, "O")
        await until_at(view, 3)
        await view.press("O")
        await until_at(view, 1)
        await view.press("o")
        await until_at(view, 3)
        assert view.screen.pane == ("detail" if opened else "stream")


@pytest.mark.parametrize("opened", [False, True])
async def test_e_goes_along_failures_in_the_stream_and_in_the_detail(opened: bool) -> None:
    async with shown(ScriptedSource(STORY)) as view:
        await view.press(*["enter"] * opened, "E")
        await until_at(view, 4)
        await view.press("E")
        await until_at(view, 2)
        await view.press("e")
        await until_at(view, 4)


async def test_where_there_is_no_further_one_the_cursor_stays_and_that_is_said() -> None:
    async with shown(ScriptedSource(STORY)) as view:
        await view.press("o")
        await view.until_seen("There is no later event of this message")
        await view.press("e")
        await view.until_seen("There is no later failed event")
        assert at(view) == 5


async def test_an_event_of_no_message_says_so() -> None:
    source = ScriptedSource([made(1, "branch.created", message_id=None, workflow_recipient_run_id=None)])
    async with shown(source) as view:
        await view.press("o")
        await view.until_seen("of no message")


def long_log() -> Searched:
    quiet = [made(seq, message_id=f"m{seq}") for seq in range(2, 4 * PAGE)]
    return Searched(
        [made(1, message_id="a", failed=True), *quiet, made(4 * PAGE, message_id="a", recipient="user_x")]
    )


@pytest.mark.parametrize("key", ["O", "E"])
async def test_what_is_not_in_the_window_is_read_from_the_log(key: str) -> None:
    async with shown(long_log()) as view:
        assert view.app.dashboard.browse.window.index_of(1) is None
        await view.press(key)
        await until_at(view, 1)
        await view.press("o")
        await until_at(view, 4 * PAGE)


async def test_a_search_obeys_the_filter() -> None:
    source = long_log()
    async with shown(source) as view:
        await view.press("slash", *"message.sent", "enter")
        await view.until(lambda: view.app.dashboard.filtering.applied == "message.sent")
        await view.until(lambda: at(view) == 4 * PAGE)
        await view.press("O")
        await until_at(view, 1)
        assert ("(message.sent) message:a", (), 1) in source.pages


class Endless(ScriptedSource):
    """A log in which a search for failures never ends."""

    async def page(  # type: ignore[no-untyped-def]
        self, filter_text, *, before=None, after=None, types=(), limit=PAGE
    ):
        if filter_text == "failed":
            await asyncio.sleep(0.01)
            return Page([], before)
        return await super().page(filter_text, before=before, after=after, types=types, limit=limit)


async def test_a_long_search_says_so_and_escape_ends_it() -> None:
    source = Endless([made(seq) for seq in range(1, 3 * PAGE)])
    async with shown(source) as view:
        await view.press("E")
        await view.until_seen("Looking for an earlier failed event. Esc stops")
        assert messages(view) == []
        await view.press("escape")
        await view.until_seen("Stopped looking")
        await view.until(lambda: not any(worker.group == "going" for worker in view.app.workers))


class Sparse(ScriptedSource):
    """A log in which a page that is looked for gives up after 60 events, once it may."""

    def __init__(self, events: Sequence[EventSummary]) -> None:
        super().__init__(events)
        self.may = asyncio.Semaphore(0)

    async def page(
        self,
        filter_text: str,
        *,
        before: int | None = None,
        after: int | None = None,
        types: Sequence[str] = (),
        limit: int = PAGE,
    ) -> Page:
        if limit != 1 or not filter_text:
            return await super().page(filter_text, before=before, after=after, types=types, limit=limit)
        await self.may.acquire()
        place = before - 60 if before is not None else (after or 0) + 60
        return Page([], place)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("E",), "Looking for an earlier failed event, searched back to 05:23:30, 30 %. Esc stops"),
        (("t", *"-9h", "enter"), "Looking for what was received then, searched on to 03:41:30, 12 %. Esc stops"),
    ],
)
async def test_how_far_a_look_for_one_event_came_stands_below_the_list(keys: tuple[str, ...], said: str) -> None:
    source = Sparse(minutes(600))
    async with shown(source, (120, 40)) as view:
        view.app.dashboard.filtering.accept("rare")
        await view.press(*keys)
        await view.until_seen("Looking for")
        source.may.release()
        source.may.release()
        await view.until_seen(said)
        await view.press("escape")
        await view.until(lambda: "Looking for" not in view.text)
        assert at(view) == 600


def minutes(count: int) -> list[EventSummary]:
    """Events of the last minutes, one a minute."""
    start = NOW - count * 60
    return [
        made(seq, received_at=rfc3339(int((start + seq * 60) * 1_000_000)), recipient=f"user_{seq}")
        for seq in range(1, count + 1)
    ]


async def test_t_goes_to_the_first_event_at_or_after_a_time() -> None:
    async with shown(ScriptedSource(minutes(600))) as view:
        await view.press("t")
        await view.until_seen("Go to a time", "14:05", "write one as in")
        await view.press(*"-5h")
        await view.until_seen("2026-11-23 05:42:30.000 UTC", "5 h ago", "first event received then or later")
        assert at(view) == 600
        await view.press("enter")
        await until_at(view, 300)
        assert view.app.screen is view.screen


async def test_enter_on_no_time_goes_nowhere_and_escape_leaves() -> None:
    async with shown(ScriptedSource(minutes(5))) as view:
        await view.press("t", *"soon", "enter")
        await view.until_seen("soon is no time")
        await view.press("escape")
        assert view.app.screen is view.screen
        assert at(view) == 5


async def test_nothing_at_or_after_a_time_is_said() -> None:
    async with shown(ScriptedSource(minutes(5))) as view:
        await view.press("t", *"now", "enter")
        await until_at(view, 5)
        await view.press("t", *"2027-01-01", "enter")
        await view.until_seen("Nothing was received at or after 2027-01-01")


async def test_t_from_another_screen_leads_to_the_events() -> None:
    async with shown(ScriptedSource(minutes(5))) as view:
        await view.press("2", "t", *"-2m", "enter")
        await until_at(view, 3)
        assert view.app.current_mode == "events"


def messages(view: Shown) -> list[str]:
    return [one.message for one in view.app._notifications]


async def test_a_key_pressed_often_in_vain_says_so_once_and_moving_on_takes_it_back() -> None:
    async with shown(Searched(STORY)) as view:
        await view.press("e", "e", "o", "o")
        assert messages(view) == ["There is no later event of this message"]
        await view.press("O")
        await until_at(view, 3)
        assert messages(view) == []


async def test_a_search_that_arrived_says_no_more_that_it_goes_on() -> None:
    relay = Searched([made(1, "message.bounced", failed=True), *[made(seq) for seq in range(2, 2 * PAGE)]])
    answer = asyncio.Event()
    read = relay.page

    async def slowly(
        text: str,
        *,
        before: int | None = None,
        after: int | None = None,
        types: Sequence[str] = (),
        limit: int = PAGE,
    ) -> Page:
        if "failed" in text:
            await answer.wait()
        return await read(text, before=before, after=after, types=types, limit=limit)

    relay.page = slowly  # type: ignore[assignment,method-assign]
    async with shown(relay) as view:
        await view.press("E")
        await view.until_seen("Looking for an earlier failed event. Esc stops")
        answer.set()
        await until_at(view, 1)
        assert messages(view) == []
        await view.until(lambda: "Looking for" not in view.text)


async def test_a_warning_stays_while_other_things_are_said() -> None:
    async with shown(Searched(STORY)) as view:
        view.app.say("The disk is full", "warning")
        await view.press("e")
        assert messages(view) == ["The disk is full", "There is no later failed event"]
