from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from relay.contract.events import EventSummary
from relay.contract.filter import parse
from tests.hostile import HOSTILE
from tests.tui.filtering_source import FilteringSource
from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import PAGE, ScriptedSource
from tui.app import AppOptions
from tui.model.browse import Stance
from tui.model.dashboard import Dashboard
from tui.model.source import Missing, Page, Values
from tui.model.typetable import TypeTable
from tui.screens.type_view import TypeViewScreen

TYPE = "message.delivery_attempted"
SIZES = [(80, 24), (120, 40), (200, 60)]


def attempted(seq: int, attempt: Any = 1, **facts: Any) -> EventSummary:
    data = {"attempt": attempt, "max_attempts": 8, "retryable": attempt != 8}
    return made(seq, TYPE, **{"recipient": f"user_{seq}", "event_data": data, **facts})


def some(count: int, start: int = 1) -> list[EventSummary]:
    return [attempted(seq, seq % 3 + 1) for seq in range(start, start + count)]


async def opened(view: Shown) -> TypeViewScreen:
    await view.press("2")
    await view.until(lambda: view.app.front is not None and view.app.front.body_pane == "types")
    await view.pilot.pause()
    await view.press("enter")
    await view.until(lambda: isinstance(view.app.front, TypeViewScreen))
    front = view.app.front
    assert isinstance(front, TypeViewScreen)
    await view.until(lambda: len(front.table) > 0)
    await view.pilot.pause()
    return front


def names(screen: TypeViewScreen) -> list[str]:
    return [column.name for column in screen.table.columns]


async def choose(view: Shown, screen: TypeViewScreen, name: str) -> None:
    screen.view.choose(names(screen).index(name))
    await view.pilot.pause()


def users(view: Shown) -> list[str]:
    return [word for line in view.lines for word in line.split() if word.startswith("user_")]


@pytest.mark.parametrize("size", SIZES)
async def test_the_table_has_a_column_for_each_field_of_eventdata(size: tuple[int, int]) -> None:
    async with shown(ScriptedSource(some(5)), size) as view:
        await opened(view)
        await view.until_seen("message.delivery_attempted", "attempt", "max_attempts", "retryable", "true")


async def test_numbers_stand_at_the_right_of_their_column() -> None:
    async with shown(ScriptedSource([attempted(1, 3), attempted(2, 1_000)])) as view:
        await opened(view)
        ends = [line.rindex("  8 ") for line in view.lines[3:5]]
        starts = [view.lines[3].index(" 3 ") + 2, view.lines[4].index("1000") + 4]
        assert ends[0] == ends[1]
        assert starts[0] == starts[1]


async def test_the_values_of_the_column_are_counted() -> None:
    async with shown(ScriptedSource([attempted(1, 3), attempted(2, 3), attempted(3, 5)])) as view:
        screen = await opened(view)
        await view.until_seen("2 values in all 3 rows", "66.7%", "33.3%")
        assert [count for _, count in screen.values.tally.values] == [2, 1]


class SlowToCount(FilteringSource):
    """A relay that counts values once it is let."""

    def __init__(self, events: list[EventSummary]) -> None:
        super().__init__(events)
        self.may_count = asyncio.Event()
        self.left: list[str] = []

    async def count_values(self, by: str, filter_text: str, *, limit: int) -> Values:
        try:
            await self.may_count.wait()
        except asyncio.CancelledError:
            self.left.append(by)
            raise
        return await super().count_values(by, filter_text, limit=limit)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ((80, 24), "in the newest 200 of 400 rows, counting the log"),
        ((120, 40), "in 200 so far, counting the log"),
        ((200, 60), "in the newest 200 of 400 rows, counting the log"),
    ],
)
async def test_at_any_size_it_is_said_that_the_log_is_being_counted(size: tuple[int, int], said: str) -> None:
    async with shown(SlowToCount(some(400)), size) as view:
        await opened(view)
        await view.until_seen(said)


async def test_values_are_counted_in_the_rows_at_once_and_then_in_all_of_the_log() -> None:
    source = SlowToCount([*some(400), *(attempted(seq, None) for seq in range(401, 451))])
    async with shown(source) as view:
        screen = await opened(view)
        await view.until_seen("in the newest 200 of 450 rows, counting the log")
        source.may_count.set()
        await view.until_seen("4 values in all 450 rows", "(none)")
        assert [(value.raw, count) for value, count in screen.values.tally.values] == [
            (2, 134),
            (1, 133),
            (3, 133),
            (None, 50),
        ]
        source.arrive(attempted(451, 7), attempted(452, 3))
        await view.until_seen("5 values in all 452 rows")
        assert (screen.values.tally.values[1][0].raw, screen.values.tally.values[1][1]) == (3, 134)
        assert len(source.grouped) == 1


@pytest.mark.parametrize(
    ("keys", "left"), [(("right",), 450), (("tab", "end", "i"), 50), (("tab", "end", "I"), 400)]
)
async def test_a_filter_by_a_value_gives_as_many_events_as_were_counted(keys: tuple[str, ...], left: int) -> None:
    source = FilteringSource([*some(400), *(attempted(seq, None) for seq in range(401, 451))])
    async with shown(source) as view:
        screen = await opened(view)
        await view.until_seen("4 values in all 450 rows")
        await view.press(*keys)
        await view.until(lambda: screen.table.total == left)


async def test_the_relay_stops_counting_for_a_column_that_is_left() -> None:
    source = SlowToCount(some(400))
    async with shown(source) as view:
        await opened(view)
        await view.until_seen("counting the log")
        await view.press("right")
        await view.until(lambda: source.left == ["event_data.attempt"])
        source.may_count.set()
        await view.until_seen("max_attempts", "1 value in all 400 rows")


class Sparse(ScriptedSource):
    """A log whose pages give up after 100 events where there is a filter, and come as they are let."""

    def __init__(self, events: list[EventSummary]) -> None:
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
        if not filter_text or before is None or TYPE not in types:
            return await super().page(filter_text, before=before, after=after, types=types, limit=limit)
        await self.may.acquire()
        looked = [event for event in self.log if event.seq < before][-100:]
        following = looked[0].seq if looked and looked[0].seq > 1 else None
        return Page(self._matching(looked, filter_text, types), following)


async def test_a_long_search_shows_first_rows_and_how_far_it_came_stops_and_goes_on() -> None:
    source = Sparse([attempted(seq) if seq % 300 == 1 else made(seq) for seq in range(1, 1_001)])
    async with shown(source, (120, 40)) as view:
        view.screen.set_filter(TYPE)
        await view.until(lambda: view.app.dashboard.filtering.applied == TYPE)
        await view.app.show_type(TYPE)
        screen = view.app.front
        assert isinstance(screen, TypeViewScreen)
        await view.until_seen("Reading what the relay has")
        source.may.release()
        source.may.release()
        await view.until_seen("Searched back to 10:42:00")
        await view.press("escape")
        await view.until_seen("stopped. g searches on")
        assert view.app.front is screen
        for _ in range(12):
            source.may.release()
        await view.press("g")
        await view.until(lambda: [row.seq for row in screen.table.browse.window.rows] == [1, 301, 601, 901])
        await view.until(lambda: "Searched" not in view.text)


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        ("i", 'event_data.tags:a event_data.tags:"b c"'),
        ("I", 'NOT (event_data.tags:a event_data.tags:"b c")'),
    ],
)
async def test_a_list_in_a_cell_is_filtered_by_all_that_is_in_it(key: str, asked: str) -> None:
    source = FilteringSource([made(1, TYPE, event_data={"tags": ["a", "b c", "a"]}), attempted(2)])
    async with shown(source) as view:
        screen = await opened(view)
        await choose(view, screen, "tags")
        await view.press("k", key)
        await view.until(lambda: [str(parse(text)) for text in source.asked[-1:]] == [str(parse(asked))])


async def test_a_key_within_an_object_has_a_column_and_is_filtered_by() -> None:
    source = FilteringSource([made(1, TYPE, event_data={"meta": {"a.b": {"c d": True}}})])
    async with shown(source) as view:
        screen = await opened(view)
        await choose(view, screen, "meta.a.b.c d")
        await view.press("i")
        await view.until(lambda: source.asked[-1:] == ['event_data.meta."a.b"."c d":true'])
        await view.until(lambda: len(screen.table) == 1)


async def test_what_arrives_is_followed() -> None:
    source = ScriptedSource(some(30))
    async with shown(source) as view:
        await opened(view)
        source.arrive(attempted(31), made(32, "message.read"))
        await view.until_seen("user_31", "following")
        assert "user_32" not in view.text


async def test_what_arrives_leaves_a_browser_where_they_are() -> None:
    source = ScriptedSource(some(30))
    async with shown(source) as view:
        screen = await opened(view)
        await view.press("k", "k")
        before = users(view)
        source.arrive(*some(5, 31))
        await view.until_seen("browsing", "+5 new")
        assert users(view) == before
        assert screen.table.browse.selected == 28


@pytest.mark.parametrize("key", ["F", "G", "end"])
async def test_following_again_goes_to_the_newest(key: str) -> None:
    source = ScriptedSource(some(30))
    async with shown(source) as view:
        screen = await opened(view)
        await view.press("g")
        source.arrive(*some(5, 31))
        await view.press(key)
        await view.until_seen("user_35", "following")
        assert screen.table.browse.selected == 35


@pytest.mark.parametrize(
    ("keys", "seq"),
    [
        (("up",), 49),
        (("k",), 49),
        (("up", "up", "down"), 49),
        (("k", "k", "j"), 49),
        (("g",), 1),
        (("home",), 1),
        (("pageup",), 39),
        (("pageup", "pageup", "pagedown"), 39),
    ],
    ids=str,
)
async def test_keys_move_over_the_rows(keys: tuple[str, ...], seq: int) -> None:
    async with shown(ScriptedSource(some(50))) as view:
        screen = await opened(view)
        await view.press(*keys)
        assert screen.table.browse.selected == seq
        assert f"user_{seq}" in users(view)


async def test_right_and_left_move_over_the_columns_which_stay_in_sight() -> None:
    async with shown(ScriptedSource(some(5))) as view:
        screen = await opened(view)
        await view.press("right")
        assert screen.table.column.name == "max_attempts"
        await view.press("left")
        assert screen.table.column.name == "attempt"
        await view.press(*["right"] * 12)
        assert screen.table.column.name == "seq"
        assert "seq" in view.lines[2]
        await view.press(*["left"] * 20)
        assert screen.table.column.name == "time"


async def test_more_than_less_than_sort_by_the_column_and_back() -> None:
    async with shown(ScriptedSource([attempted(1, 3), attempted(2, 1), attempted(3, 8)])) as view:
        screen = await opened(view)
        await view.press("greater_than_sign")
        assert users(view) == ["user_3", "user_1", "user_2"]
        await view.until_seen("by attempt, descending:", "attempt ▼")
        await view.press("less_than_sign")
        assert users(view) == ["user_2", "user_1", "user_3"]
        await view.press("less_than_sign")
        assert users(view) == ["user_1", "user_2", "user_3"]
        assert screen.table.sort is None


async def test_what_arrives_is_sorted_in_and_moves_neither_cursor_nor_view() -> None:
    source = ScriptedSource([attempted(seq, 10 * seq) for seq in range(1, 60)])
    async with shown(source) as view:
        screen = await opened(view)
        await view.press("greater_than_sign", "g", "pagedown", "pagedown")
        before, selected = users(view), screen.table.browse.selected
        source.arrive(attempted(60, 9_999), attempted(61, 9_998))
        await view.until(lambda: len(screen.table) == 61)
        await view.pilot.pause()
        assert users(view) == before
        assert screen.table.browse.selected == selected


async def test_a_sort_says_how_many_of_how_many_rows_it_covers() -> None:
    async with shown(ScriptedSource(some(PAGE + 50)), (160, 40)) as view:
        await opened(view)
        await view.press("greater_than_sign", "g")
        await view.until_seen(f"of the newest {PAGE} of {PAGE + 50} rows")


async def test_scrolling_to_the_oldest_row_reads_further_back() -> None:
    async with shown(ScriptedSource(some(3 * PAGE))) as view:
        screen = await opened(view)
        assert len(screen.table) == PAGE
        await view.press("g")
        await view.until(lambda: len(screen.table) == 2 * PAGE)
        assert screen.table.browse.selected == 2 * PAGE + 1
        assert f"user_{2 * PAGE + 1}" in users(view)


async def test_i_filters_by_the_cell_and_shift_i_leaves_it_out() -> None:
    source = ScriptedSource(some(5))
    async with shown(source) as view:
        await opened(view)
        await view.press("i")
        await view.until(lambda: source.asked[-1:] == ["event_data.attempt:3"])
        await view.press("backslash")
        await view.until(lambda: source.asked[-1:] == [""])
        await view.until_seen("user_5")
        await view.press("I")
        await view.until(lambda: source.asked[-1:] == ["-event_data.attempt:3"])


async def test_a_filter_that_leaves_nothing_says_so() -> None:
    async with shown(ScriptedSource(some(5))) as view:
        await opened(view)
        await view.press("i")
        await view.until_seen("No event of this type matches the filter")


@pytest.mark.parametrize(
    ("key", "asked"),
    [("i", "event_data.attempt:1"), ("enter", "event_data.attempt:1"), ("I", "-event_data.attempt:1")],
)
async def test_keys_filter_by_the_value_in_the_list(key: str, asked: str) -> None:
    source = ScriptedSource(some(5))
    async with shown(source) as view:
        screen = await opened(view)
        await view.until(lambda: len(screen.values.tally.values) == 3)
        await view.press("tab", "end", key)
        await view.until(lambda: source.asked[-1:] == [asked])


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        (("down",), 1),
        (("j", "k"), 0),
        (("j", "up"), 0),
        (("end",), 39),
        (("G", "g"), 0),
        (("end", "home"), 0),
        (("pagedown",), 5),
        (("pagedown", "pageup"), 0),
    ],
    ids=str,
)
async def test_keys_move_over_the_values(keys: tuple[str, ...], place: int) -> None:
    source = ScriptedSource([attempted(seq, seq) for seq in range(1, 41)])
    async with shown(source) as view:
        screen = await opened(view)
        await view.until(lambda: len(screen.values.tally.values) == 40)
        await view.press("tab")
        assert screen.pane == "values"
        await view.press(*keys)
        assert screen.values.cursor == place


async def test_a_value_keeps_the_cursor_while_others_overtake_it() -> None:
    source = ScriptedSource([attempted(1, 3), attempted(2, 3), attempted(3, 5)])
    async with shown(source) as view:
        screen = await opened(view)
        await view.press("tab", "j")
        assert screen.values.selected is not None
        assert screen.values.selected.raw == 5
        source.arrive(*(attempted(seq, 7) for seq in range(10, 20)))
        await view.until(lambda: screen.values.tally.rows == 13)
        assert screen.values.selected.raw == 5
        assert screen.values.cursor == 2


@pytest.mark.parametrize(
    ("keys", "copied"),
    [(("y",), "2"), (("left", "y"), "user_4"), (("tab", "y"), "2"), (("right", "right", "y"), "true")],
)
async def test_y_copies_the_value(keys: tuple[str, ...], copied: str) -> None:
    async with shown(ScriptedSource(some(4))) as view:
        await opened(view)
        await view.press(*keys)
        await view.until(lambda: view.app.clipboard == copied)


@pytest.mark.parametrize("key", ["p", "space"])
async def test_a_pause_takes_nothing_in_until_it_ends(key: str) -> None:
    source = ScriptedSource(some(10))
    async with shown(source) as view:
        screen = await opened(view)
        await view.press(key)
        source.arrive(*some(3, 11))
        await view.until_seen("paused", "+3 new", "p goes on")
        assert len(screen.table) == 10
        assert view.app.dashboard.browse.stance is Stance.FOLLOWING
        await view.press(key)
        await view.until_seen("user_13", "following")


async def test_enter_opens_the_event_on_the_screen_of_events_and_2_comes_back_to_the_table() -> None:
    async with shown(ScriptedSource([*some(20), made(21, "message.read")])) as view:
        screen = await opened(view)
        await view.press("k", "k", "enter")
        await view.until(lambda: view.app.front is view.app.events_screen)
        await view.until_seen("message.delivery_attempted", "user_18")
        assert view.app.dashboard.browse.selected == 18
        await view.press("2")
        assert view.app.front is screen
        assert screen.table.browse.selected == 18


@pytest.mark.parametrize(("key", "seq"), [("o", 9), ("O", 2)])
async def test_o_goes_along_the_message_in_the_stream_and_q_comes_back(key: str, seq: int) -> None:
    def of_message(seq: int, type_: str) -> EventSummary:
        return made(seq, type_, message_id="m1")

    events = [of_message(2, "message.seen"), made(4, TYPE), of_message(5, TYPE), of_message(9, "message.read")]
    async with shown(ScriptedSource(events)) as view:
        screen = await opened(view)
        await view.press(key)
        await view.until(lambda: view.app.dashboard.browse.selected == seq)
        assert view.app.front is view.app.events_screen
        await view.press("q")
        await view.until(lambda: view.app.front is screen)


async def test_o_on_an_event_of_no_message_says_so_and_stays() -> None:
    async with shown(ScriptedSource([made(1, TYPE, message_id=None, workflow_recipient_run_id=None)])) as view:
        screen = await opened(view)
        await view.press("o")
        await view.until_seen("This event is of no message to go along")
        assert view.app.front is screen


async def test_enter_takes_a_type_that_is_not_picked_into_the_stream() -> None:
    source = ScriptedSource([*some(20), made(21, "message.read")])
    async with shown(source) as view:
        await view.press("2")
        await view.pilot.pause()
        assert view.app.front is not None
        view.app.front.set_filter("", ("message.read",))
        await view.until(lambda: view.app.dashboard.picked == ("message.read",))
        await opened(view)
        await view.until_seen("not picked: the stream leaves them out")
        await view.press("enter")
        await view.until(lambda: view.app.front is view.app.events_screen)
        assert view.app.dashboard.picked == ("message.read", TYPE)
        assert view.app.dashboard.browse.selected == 20


async def test_a_type_that_is_not_picked_is_read_as_its_events_come() -> None:
    source = ScriptedSource([*some(3), made(4, "message.read")])
    async with shown(source) as view:
        screen = await opened(view)
        screen.set_filter("", ("message.read",))
        await view.until(lambda: view.app.dashboard.picked == ("message.read",))
        await view.until_seen("user_3")
        source.arrive(attempted(5))
        await view.until_seen("user_5", "following")


async def test_a_gap_is_a_row() -> None:
    source = ScriptedSource(some(3))
    async with shown(source) as view:
        await opened(view)
        source.put(Missing(4, 9, "retention"))
        await view.until_seen("seqs 4 to 9 are gone for good: retention")


async def test_z_gives_the_pane_the_screen() -> None:
    async with shown(ScriptedSource(some(30))) as view:
        screen = await opened(view)
        await view.press("z")
        await view.until(lambda: not screen.values.region.height)
        await view.press("z", "tab", "z")
        await view.until(lambda: screen.values.region.height > 15)
        assert not screen.view.region.height


async def test_a_click_selects_a_cell_and_a_second_one_opens_the_event() -> None:
    async with shown(ScriptedSource(some(10))) as view:
        screen = await opened(view)
        place = next(
            one for one in screen.view.painter.placed if screen.table.columns[one.column].name == "retryable"
        )
        await view.pilot.click(screen.view, offset=(place.start, 2))
        assert screen.table.column.name == "retryable"
        assert screen.table.browse.selected == 3
        await view.pilot.click(screen.view, offset=(place.start, 4), times=2)
        await view.until(lambda: view.app.front is view.app.events_screen)
        assert view.app.dashboard.browse.selected == 5


async def test_clicks_on_the_name_of_a_column_sort_by_it() -> None:
    async with shown(ScriptedSource([attempted(1, 3), attempted(2, 1), attempted(3, 8)])) as view:
        screen = await opened(view)
        place = next(
            one for one in screen.view.painter.placed if screen.table.columns[one.column].name == "attempt"
        )
        seen = []
        for _ in range(3):
            await view.pilot.click(screen.view.heading, offset=(place.start, 0))
            await view.pilot.pause()
            seen.append(users(view))
        assert seen == [
            ["user_3", "user_1", "user_2"],
            ["user_2", "user_1", "user_3"],
            ["user_1", "user_2", "user_3"],
        ]


async def test_a_click_chooses_a_value_and_a_second_one_filters_by_it() -> None:
    source = ScriptedSource(some(6))
    async with shown(source) as view:
        screen = await opened(view)
        await view.until(lambda: len(screen.values.tally.values) == 3)
        await view.pilot.click(screen.values, offset=(3, 2))
        assert screen.values.cursor == 2
        await view.pilot.click(screen.values, offset=(3, 1), times=2)
        await view.until(lambda: source.asked[-1:] == ["event_data.attempt:2"])


async def test_the_wheel_scrolls_what_is_under_it() -> None:
    async with shown(ScriptedSource([attempted(seq, seq) for seq in range(1, 101)])) as view:
        screen = await opened(view)
        await view.wheel(screen.values, (5, 2))
        await view.until(lambda: screen.values.scroll_y > 0)
        assert screen.table.following
        bottom = screen.view.scroll_y
        await view.wheel(screen.view, (5, 2), up=True)
        await view.until(lambda: screen.view.scroll_y < bottom)
        assert not screen.table.following


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_values_keep_every_row_as_wide_as_the_screen(size: tuple[int, int]) -> None:
    def hostile(seq: int, text: str) -> EventSummary:
        data = {"failure_reason": text[:1024], text[:60]: text[:512], "nested": [{text[:9]: text[:99]}]}
        return made(seq, "message.bounced", recipient=text[:1024], event_data=data, tenant=text[:1024])

    events = [hostile(seq, text) for seq, text in enumerate(HOSTILE, 1)]
    async with shown(ScriptedSource(events), size) as view:
        screen = await opened(view)
        for keys in (["g"], ["pagedown"] * 3, ["right"] * 30, ["greater_than_sign", "g"], ["tab"], ["end"]):
            await view.press(*keys)
            strips = view.app.screen._compositor.render_strips()
            assert {strip.cell_length for strip in strips} == {size[0]}
            assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for strip in strips for char in strip.text)
        assert len(screen.table) == len(HOSTILE)


@pytest.mark.parametrize("name", [one[:128] for one in HOSTILE if one] + ["a,b", "message.*"])
def test_any_type_has_a_view_whose_values_can_be_filtered_by(name: str) -> None:
    event = made(1, name, event_data={name[:99]: name})
    table = TypeTable(name, Dashboard())
    table.columns.learn([event])
    for column in table.columns:
        term = column.term(column.read(event))
        assert term is None or str(parse(term)) == term


async def test_in_ascii_nothing_else_is_painted() -> None:
    async with shown(ScriptedSource(some(10)), (160, 40), AppOptions(ascii=True)) as view:
        await opened(view)
        await view.press("greater_than_sign")
        assert view.text.isascii()


@pytest.mark.parametrize("size", SIZES)
async def test_a_value_that_its_column_cuts_is_told_below_the_table(size: tuple[int, int]) -> None:
    details = "552 5.2.2 <tomas.novak@example.com>: Mailbox full"
    bounced = made(1, "message.bounced", event_data={"failure_reason": "fatal_error", "failure_details": details})
    async with shown(ScriptedSource([bounced]), size) as view:
        screen = await opened(view)
        await choose(view, screen, "failure_details")
        await view.until(lambda: details[:35] in view.lines[-2])
        if size[0] >= 120:
            assert details in view.lines[-2]
        await choose(view, screen, "failure_reason")
        await view.until(lambda: "fatal_error" not in view.lines[-2] and "552" not in view.lines[-2])


async def test_texts_that_look_like_other_values_or_like_nothing_are_told_from_them() -> None:
    values = [1, "1", True, "true", "", " ", None, "(none)", "a"]
    source = ScriptedSource([attempted(seq, value) for seq, value in enumerate(values, 1)])
    async with shown(source, (120, 40)) as view:
        screen = await opened(view)
        await view.until(lambda: len(screen.values.tally.values) == 9)
        await view.pilot.pause()
        area = screen.values.region
        told = [line[area.x : -17].strip() for line in view.lines[area.y : area.y + 9]]
        assert sorted(told) == sorted(["1", '"1"', "true", '"true"', '""', '" "', "(none)", '"(none)"', "a"])
