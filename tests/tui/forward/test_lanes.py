"""In which order events are given out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from relay.contract.events import EventSummary
from tests.tui.scripted_relay import an_event
from tui.forward.lanes import Lanes


def filled(*events: EventSummary) -> Lanes:
    lanes = Lanes()
    for event in events:
        lanes.put(event)
    return lanes


async def taken(lanes: Lanes, count: int) -> list[int]:
    found = []
    for _ in range(count):
        event = await asyncio.wait_for(lanes.take(), 5)
        assert event is not None
        found.append(event.seq)
    return found


@given(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=12), st.data())
def test_of_one_message_one_is_out_at_a_time_and_all_come_in_order(
    messages: Sequence[str | None], data: st.DataObject
) -> None:
    async def go() -> None:
        lanes = filled(*(an_event(seq, message_id=message) for seq, message in enumerate(messages, 1)))
        out: list[EventSummary] = []
        given_out: list[EventSummary] = []
        while len(lanes) or out:
            if lanes._free and (not out or data.draw(st.booleans())):
                event = await lanes.take()
                assert event is not None
                assert event.message_id is None or event.message_id not in {one.message_id for one in out}
                out.append(event)
                given_out.append(event)
            else:
                lanes.done(out.pop(data.draw(st.integers(0, len(out) - 1))))
        assert len(given_out) == len(messages)
        for message in {event.message_id for event in given_out} - {None}:
            seqs = [event.seq for event in given_out if event.message_id == message]
            assert seqs == sorted(seqs)

    asyncio.run(go())


async def test_the_oldest_that_is_free_goes_first_also_one_that_came_free_late() -> None:
    lanes = filled(*(an_event(seq, message_id=message) for seq, message in enumerate("aabc", 1)))

    assert await taken(lanes, 2) == [1, 3]
    lanes.done(an_event(1, message_id="a"))
    assert await taken(lanes, 2) == [2, 4]


async def test_who_waits_for_an_event_gets_one_or_hears_that_there_will_be_none() -> None:
    lanes = Lanes()
    waiting = [asyncio.create_task(lanes.take()) for _ in range(2)]
    await asyncio.sleep(0)
    lanes.put(an_event(7))
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    lanes.close()

    found = await asyncio.wait_for(asyncio.gather(*waiting), 5)
    assert found in ([an_event(7), None], [None, an_event(7)])


async def test_what_is_cleared_is_forgotten_and_its_messages_go_on() -> None:
    lanes = filled(an_event(1, message_id="a"), an_event(2, message_id="a"), an_event(3, message_id="b"))
    assert await taken(lanes, 1) == [1]
    lanes.clear()
    assert len(lanes) == 0
    lanes.put(an_event(1, message_id="b"))
    lanes.put(an_event(2, message_id="a"))

    assert await taken(lanes, 1) == [1]
    lanes.done(an_event(1, message_id="a"))
    assert await taken(lanes, 1) == [2]


async def test_room_is_there_once_enough_were_taken() -> None:
    lanes = filled(an_event(1), an_event(2))
    room = asyncio.create_task(lanes.room(2))
    await asyncio.sleep(0)
    assert not room.done()
    await taken(lanes, 1)

    await asyncio.wait_for(room, 5)
