"""Two events beside each other, and the views of EventData on the screen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest

from relay.contract.events import EventDetail, EventSummary
from tests.hostile import HOSTILE
from tests.tui.made import delivery, made, made_detail
from tests.tui.on_screen import shown
from tests.tui.scripted_source import ScriptedSource
from tests.tui.told import message
from tui.model.source import NoSuchEvent, Page
from tui.screens.diff import DiffScreen


class OneMessage(ScriptedSource):
    """A source whose events are all of one message: every filter finds those before a seq."""

    def __init__(self, events: Sequence[EventSummary]) -> None:
        super().__init__(events)
        self.gate = asyncio.Event()
        self.gate.set()

    async def page(self, filter_text: str, **asked: object) -> Page:
        if filter_text.startswith("message:"):
            await self.gate.wait()
            self.filters = [*getattr(self, "filters", []), filter_text]
            before = asked["before"]
            assert isinstance(before, int)
            return Page([event for event in self.log if event.seq < before][-int(str(asked["limit"])) :], None)
        return await super().page(filter_text, **asked)  # type: ignore[arg-type]


def source(*bodies: Mapping[str, object]) -> OneMessage:
    relay = OneMessage([made(seq, message_id="message-1") for seq in range(1, len(bodies) + 1)])
    relay.bodies = {seq: json.dumps(body).encode() for seq, body in enumerate(bodies, 1)}
    relay.details = {seq: made_detail(seq, message_id="message-1") for seq in relay.bodies}
    return relay


async def test_without_a_mark_an_event_is_compared_with_the_one_before_of_its_message() -> None:
    relay = source({"data": {"status": "queued"}}, {"data": {"status": "sent"}}, {"data": {"status": "delivered"}})
    async with shown(relay) as view:
        await view.press("equals_sign")
        await view.until_seen('data.status  "sent" → "delivered"', "from the one before of this message", "seq 2")
        assert relay.filters == ["message:message-1"]
        assert "seq 1 " not in view.text


async def test_with_a_mark_an_event_is_compared_with_the_marked_one() -> None:
    relay = source({"data": {"status": "queued"}}, {"data": {"status": "sent"}}, {"data": {"status": "delivered"}})
    async with shown(relay) as view:
        await view.press("g", "m", "G", "equals_sign")
        await view.until_seen('data.status  "queued" → "delivered"', "from the marked event", "seq 1")


async def test_the_marked_event_itself_is_compared_with_the_one_before() -> None:
    async with shown(source({"a": 1}, {"a": 2})) as view:
        await view.press("m", "equals_sign")
        await view.until_seen(".a  1 → 2", "from the one before")


async def test_the_first_of_a_message_says_that_there_is_nothing_before_it_and_what_to_do() -> None:
    async with shown(source({"a": 1})) as view:
        await view.press("equals_sign")
        await view.until_seen("received before it of the same message", "mark that one in the stream first")


async def test_equal_bodies_are_said_to_be() -> None:
    async with shown(source({"a": 1}, {"a": 1})) as view:
        await view.press("equals_sign")
        await view.until_seen("The two are the same, byte for byte.")


async def test_a_body_that_cannot_be_read_is_said() -> None:
    relay = source({"a": 1}, {"a": 2})

    async def gone(seq: int) -> bytes:
        raise NoSuchEvent("event 1 is no longer kept")

    relay.body = gone  # type: ignore[method-assign]
    async with shown(relay) as view:
        await view.press("equals_sign")
        await view.until_seen("could not be compared: event 1 is no longer kept")


@pytest.mark.parametrize("key", ["escape", "q", "equals_sign"])
async def test_the_difference_is_left_as_it_was_entered_or_by_a_step_back(key: str) -> None:
    async with shown(source({"a": 1}, {"a": 2})) as view:
        await view.press("equals_sign")
        await view.until_seen("1 path differs")
        view.screen.repaint()  # as once a second, behind the difference
        assert view.screen.key_line.pane == "diff"
        await view.press(key)
        await view.until(lambda: not isinstance(view.app.screen, DiffScreen))
        await view.until(lambda: "filter" in view.lines[23])


async def test_the_keys_of_the_difference_move_its_cursor() -> None:
    before = {f"key_{number:03}": number for number in range(100)}
    after = {key: -number for key, number in before.items() if number}
    async with shown(source(before, after)) as view:
        await view.press("equals_sign")
        await view.until_seen("100 paths differ")
        screen = view.app.screen
        assert isinstance(screen, DiffScreen)
        lines = screen.lines
        places = []
        for keys in ("down", "j", "k", "up", "pagedown", "space", "pageup", "G", "g", "end", "home"):
            await view.press(keys)
            places.append(lines.cursor)
        assert places[:4] == [1, 2, 1, 0]
        assert 0 < places[4] < places[5]
        assert places[6] == places[4]
        assert places[7:] == [lines.count() - 1, 0, lines.count() - 1, 0]


async def test_either_side_of_a_change_is_copied_whole() -> None:
    before, after = "old " * 100, "new " * 100
    async with shown(source({"text": before}, {"text": after})) as view:
        copied: list[str] = []
        view.app.copy = lambda value, name: copied.append(value)  # type: ignore[method-assign]
        await view.press("equals_sign")
        await view.until_seen("1 path differs")
        await view.press("G", "y", "g", "j", "y")
        assert copied == [after, "1"]


async def test_from_the_detail_the_event_in_it_is_compared() -> None:
    async with shown(source({"a": 1}, {"a": 2})) as view:
        await view.press("enter", "equals_sign")
        await view.until_seen(".a  1 → 2")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_hostile_texts_are_compared_without_a_control_character_on_screen(size: tuple[int, int]) -> None:
    before = {f"{number} {text[:60]}": text[:500] for number, text in enumerate(HOSTILE)}
    after = {key: value + "." for key, value in before.items()}
    async with shown(source(before, after), size) as view:
        await view.press("equals_sign")
        await view.until_seen(f"{len(HOSTILE)} paths differ")
        for _ in range(10):
            await view.press("pagedown")
            assert not any(char < " " or "\x7f" <= char <= "\x9f" for line in view.lines for char in line)


# EventData on the screen


@contextmanager
def of_attempts(count: int) -> Iterator[OneMessage]:
    def attempt(number: int) -> EventDetail:
        data = {"attempt": number, "max_attempts": 8, "retryable": True}
        return message("message.delivery_attempted", number * 10, number, event_data=data)

    relay = OneMessage([attempt(number) for number in range(1, count + 1)])
    relay.details = {event.seq: event for event in relay.log if isinstance(event, EventDetail)}
    yield relay


async def test_the_other_attempts_stand_in_the_view_of_one_with_this_one_marked() -> None:
    with of_attempts(5) as relay:
        async with shown(relay, (80, 40)) as view:
            await view.press("enter", "right_square_bracket")
            await view.until_seen("attempt 1/8", "attempt 4/8", "5 attempts in the log", "■■■ ■■■ ■■■ ■■■ ■■■ ···")
            assert "attempt 5/8" in next(line for line in view.lines if "▸" in line)


async def test_other_events_are_filled_in_without_moving_the_cursor() -> None:
    with of_attempts(30) as relay:
        async with shown(relay, (80, 24)) as view:
            relay.gate.clear()
            await view.press("enter", "right_square_bracket")
            facts = view.screen.detail.facts
            await view.until_seen("Reading the other events")
            await view.press("G", "k")
            count, under, at = facts.count(), facts.under_cursor, facts.cursor - round(facts.scroll_y)
            assert under is not None
            relay.gate.set()
            await view.until(lambda: facts.count() > count + 20)
            await view.pilot.pause()
            assert (facts.under_cursor, facts.cursor - round(facts.scroll_y)) == (under, at)
            assert under.value in view.text


async def test_deliveries_show_at_which_paths_their_bodies_differ() -> None:
    relay = ScriptedSource([made(1, delivery_count=2, body_differs=True)])
    one = made_detail(1, delivery_count=2, body_differs=True)
    one.deliveries = [delivery(1), delivery(2, body_differs=True)]
    relay.details = {1: one}
    relay.bodies = {1: b'{"data": {"status": "sent"}}'}
    relay.delivery_bodies = {(1, 2): b'{"data": {"status": "delivered"}}'}
    async with shown(relay, (80, 40)) as view:
        await view.press("enter", "left_square_bracket")
        await view.until_seen("Delivered twice, 1 of them with another body", 'data.status  "sent" → "delivered"')
