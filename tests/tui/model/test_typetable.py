from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relay.contract.api import Group
from relay.contract.events import Channel, EventSummary
from relay.contract.filter import parse
from tests.tui.filtering_source import Stored
from tests.tui.made import made, made_totals
from tui.model.browse import Stance
from tui.model.dashboard import Dashboard
from tui.model.source import Arrivals, Began, Item, LinkChange, LinkState, Missing, Page, Recount, Values
from tui.model.typetable import TypeTable

TYPE = "message.delivery_attempted"


def attempted(seq: int, attempt: Any, **facts: Any) -> EventSummary:
    return made(seq, TYPE, event_data={"attempt": attempt, "max_attempts": 8, "retryable": True}, **facts)


def opened(*events: EventSummary, capacity: int = 100, total: int | None = None) -> tuple[Dashboard, TypeTable]:
    board = Dashboard(monotonic=lambda: 100.0)
    board.apply([Began(0, ""), LinkChange(LinkState.LIVE)])
    board.take_totals(made_totals(0, {}))
    table = TypeTable(TYPE, board, capacity)
    table.take_older(Page([], None))
    board.listeners.append(table.take)
    if events:
        board.apply([Arrivals(events, [], events[-1].seq)])
    if total is not None:
        board.counts.by_type[TYPE] = total
    return board, table


def column(table: TypeTable, name: str) -> int:
    return [one.name for one in table.columns].index(name)


def seqs(table: TypeTable) -> list[int]:
    return [table[index].seq for index in range(len(table))]


def attempts(table: TypeTable) -> list[Any]:
    rows = [table[index] for index in range(len(table))]
    return [row.event_data["attempt"] for row in rows if isinstance(row, EventSummary)]


def test_only_the_events_of_the_type_are_rows() -> None:
    _, table = opened(attempted(1, 1), made(2), attempted(3, 2))
    assert seqs(table) == [1, 3]


def test_the_columns_are_time_recipient_eventdata_and_context() -> None:
    _, table = opened(attempted(1, 1))
    names = [one.name for one in table.columns]
    assert names[:5] == ["time", "recipient", "attempt", "max_attempts", "retryable"]
    assert {"workflow", "channel", "tenant", "message"} < set(names)


def test_keys_of_metadata_become_columns_as_they_are_seen() -> None:
    board, table = opened(attempted(1, 1))
    board.apply([Arrivals([made(2, TYPE, event_data={"nps_score": 8, "__typename": "EventData"})], [], 2)])
    names = [one.name for one in table.columns]
    assert "nps_score" in names
    assert "__typename" not in names


def test_endless_keys_make_no_endless_columns() -> None:
    board, table = opened()
    board.apply([Arrivals([made(1, TYPE, event_data={f"key{n}": n for n in range(500)})], [], 1)])
    assert len(table.columns) < 90


def test_a_type_without_eventdata_shows_its_reading() -> None:
    board, _ = opened()
    table = TypeTable("message.read", board)
    table.take_older(Page([made(1, "message.read")], None))
    assert "reading" in [one.name for one in table.columns]


def test_eventdata_that_is_no_object_has_a_column_of_its_own() -> None:
    board, table = opened()
    board.apply([Arrivals([made(1, TYPE, event_data=[1, 2])], [], 1)])
    assert "event_data" in [one.name for one in table.columns]


def test_rows_sort_by_a_column_both_ways_and_back() -> None:
    _, table = opened(attempted(1, 3), attempted(2, 1), attempted(3, 10), attempted(4, None))
    at = column(table, "attempt")
    table.sort_by(at, descending=False)
    assert attempts(table) == [1, 3, 10, None]
    table.sort_by(at, descending=True)
    assert attempts(table) == [10, 3, 1, None]
    table.sort_by(at, descending=True)
    assert seqs(table) == [1, 2, 3, 4]


def test_what_arrives_is_sorted_in_and_the_selection_stays() -> None:
    board, table = opened(attempted(1, 3), attempted(2, 1), attempted(3, 5))
    table.sort_by(column(table, "attempt"), descending=False)
    table.move_to(1)
    assert table.row is not None
    selected = table.row.seq
    board.apply([Arrivals([attempted(4, 2), attempted(5, 0)], [], 5)])
    assert attempts(table) == [0, 1, 2, 3, 5]
    assert table.row.seq == selected
    assert table[table.cursor].seq == selected


@given(st.lists(st.integers(0, 5) | st.none() | st.booleans() | st.text(max_size=3), max_size=40), st.booleans())
def test_sorting_as_rows_arrive_is_sorting_at_the_end(values: list[Any], descending: bool) -> None:
    board, live = opened(attempted(1, 1))
    live.sort_by(column(live, "attempt"), descending=descending)
    len(live)
    for seq, value in enumerate(values, 2):
        board.apply([Arrivals([attempted(seq, value)], [], seq)])
        len(live)
    _, late = opened(attempted(1, 1), *(attempted(seq, value) for seq, value in enumerate(values, 2)))
    late.sort_by(column(late, "attempt"), descending=descending)
    assert seqs(live) == seqs(late)
    assert [live.nearest(seq) for seq in seqs(live)] == list(range(len(live)))


def test_rows_that_went_are_gone_from_the_order() -> None:
    board, table = opened(*(attempted(seq, seq % 3) for seq in range(1, 11)), capacity=10)
    table.sort_by(column(table, "attempt"), descending=True)
    len(table)
    table.follow()
    table.sort_by(column(table, "attempt"), descending=True)
    table.browse.stance = Stance.FOLLOWING
    board.apply([Arrivals([attempted(seq, 9) for seq in range(11, 16)], [], 15)])
    assert sorted(seqs(table)) == list(range(6, 16))


def test_a_change_of_a_row_is_sorted_again() -> None:
    board, table = opened(attempted(1, 1), attempted(2, 2))
    table.sort_by(column(table, "attempt"), descending=False)
    assert attempts(table) == [1, 2]
    board.apply([Arrivals([], [attempted(1, 7)], 3)])
    assert attempts(table) == [2, 7]


def test_gone_events_are_a_row_in_the_order_of_the_log_alone() -> None:
    board, table = opened(attempted(1, 1))
    board.apply([Missing(2, 5, "retention"), Arrivals([attempted(6, 2)], [], 6)])
    assert seqs(table) == [1, 2, 6]
    table.sort_by(column(table, "attempt"), descending=False)
    assert seqs(table) == [1, 6]


def test_an_arrival_moves_the_cursor_only_while_following() -> None:
    board, table = opened(attempted(1, 1), attempted(2, 1), attempted(3, 1))
    assert table.following
    table.move(-1)
    board.apply([Arrivals([attempted(4, 1)], [], 4)])
    assert table.row is not None
    assert table.row.seq == 2
    table.follow()
    assert table.row.seq == 4


def test_values_are_counted_the_most_frequent_first() -> None:
    _, table = opened(attempted(1, 3), attempted(2, 1), attempted(3, 3), attempted(4, None))
    table.choose(column(table, "attempt"))
    assert [(value.raw, count) for value, count in table.tally().values] == [(3, 2), (1, 1), (None, 1)]
    assert table.tally().rows == 4


def test_counts_go_on_with_arrivals() -> None:
    board, table = opened(attempted(1, 3))
    table.choose(column(table, "attempt"))
    table.tally()
    board.apply([Arrivals([attempted(2, 3), attempted(3, 1)], [], 3)])
    assert [(value.raw, count) for value, count in table.tally().values] == [(3, 2), (1, 1)]


def test_counts_are_of_the_rows_that_are_held() -> None:
    board, table = opened(*(attempted(seq, 1) for seq in range(1, 11)), capacity=10)
    table.choose(column(table, "attempt"))
    table.tally()
    board.apply([Arrivals([attempted(seq, 2) for seq in range(11, 14)], [], 13)])
    assert [(value.raw, count) for value, count in table.tally().values] == [(1, 7), (2, 3)]


def test_times_are_counted_by_the_minute_newest_first() -> None:
    _, table = opened(
        attempted(1, 1, received_at="2026-11-23T10:00:05Z"),
        attempted(2, 1, received_at="2026-11-23T10:00:55Z"),
        attempted(3, 1, received_at="2026-11-23T10:02:00Z"),
    )
    table.choose(0)
    assert [count for _, count in table.tally().values] == [1, 2]


def test_coverage_says_which_rows_it_speaks_of() -> None:
    _, table = opened(attempted(1, 1), attempted(2, 1))
    assert table.coverage == "all 2"
    _, table = opened(attempted(8, 1), attempted(9, 1), total=900)
    table.browse.older_from = 8
    assert table.coverage == "the newest 2 of 900"


def test_events_that_a_choice_of_types_keeps_out_are_known_to_be_there() -> None:
    board, table = opened(attempted(1, 1))
    board.apply([Arrivals([], [], 5, {TYPE: 3}, 1)])
    assert not table.browse.attached
    assert table.begin_newer() == 1
    table.take_newer(Page([attempted(3, 1), attempted(4, 1), attempted(5, 1)], None))
    assert table.browse.attached
    assert seqs(table) == [1, 3, 4, 5]


def test_events_kept_out_while_a_page_is_read_are_read_next() -> None:
    board, table = opened(attempted(1, 1))
    board.apply([Arrivals([], [], 5, {TYPE: 1}, 1)])
    table.begin_newer()
    board.apply([Arrivals([], [], 6, {TYPE: 1}, 5)])
    table.take_newer(Page([attempted(5, 1)], None))
    assert not table.browse.attached


def test_the_first_value_that_is_special_has_the_cursor() -> None:
    _, table = opened(attempted(1, 1))
    assert table.column.name == "attempt"


def test_the_cursor_keeps_its_column_when_others_come_before_it() -> None:
    board, table = opened(attempted(1, 1))
    table.choose(column(table, "workflow"))
    board.apply([Arrivals([made(2, TYPE, event_data={"more": 1})], [], 2)])
    assert table.column.name == "workflow"


def test_terms_say_where_the_value_stands() -> None:
    _, table = opened(attempted(1, 3))
    at = table.columns[column(table, "attempt")]
    value = at.read(attempted(1, 3))
    assert at.term(value) == "event_data.attempt:3"
    assert at.term(value, exclude=True) == "-event_data.attempt:3"
    assert (
        table.columns[column(table, "workflow")].term(
            table.columns[column(table, "workflow")].read(attempted(1, 3))
        )
        == "workflow:security-breach-alert"
    )


def test_another_filter_leaves_the_order_and_does_not_follow() -> None:
    board, table = opened(attempted(1, 3), attempted(2, 1))
    table.sort_by(column(table, "attempt"), descending=False)
    board.apply([Began(2, "failed", "filter")])
    table.take_older(Page([attempted(1, 3), attempted(2, 1)], None))
    assert attempts(table) == [1, 3]
    board.apply([Arrivals([attempted(3, 2)], [], 3)])
    assert not table.following
    assert table.row is not None
    assert table.row.seq == 2


KEYS = st.sampled_from(["a", "a.b", "an id", "", '"', "\u202e", "0", "__proto__"])
NUMBERS = st.integers(-2, 2) | st.sampled_from([0.5, 1e300, 2**70, "1", "-1", "0.5"])
SCALARS = st.none() | st.booleans() | NUMBERS
TEXTS = st.sampled_from(["", "a", "A", "a*", "null", '"', "\\", " ", "\ud800", "\u202e", "1..2", ">1", "x" * 600])
DATA = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS | TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=2),
        max_leaves=4,
    ),
    max_size=3,
)


@given(st.lists(DATA, min_size=1, max_size=6))
@example([{"a": 1}, {"a": "1"}, {"a": [1, "1", None]}, {}])
@example([{"a": {"b c": True, "d": [{"e": 1}, {"e": 2}]}}, {"a": []}, {"a.b": "a.b"}])
def test_the_filter_of_a_value_finds_as_many_events_as_its_count_says(data: list[Any]) -> None:
    events = [made(seq, TYPE, event_data=each) for seq, each in enumerate(data, 1)]
    _, table = opened(*events)
    for index, one in enumerate(table.columns):
        if not one.of_event_data:
            continue
        table.choose(index)
        for value, count in table.tally().values:
            term, without = table.term(value), table.term(value, exclude=True)
            assert term is not None
            assert without is not None
            assert sum(map(parse(term).matches, map(Stored, events))) == count, term
            assert sum(map(parse(without).matches, map(Stored, events))) == len(events) - count, without


def group(value: Any, count: int) -> Group:
    return Group(value=value, count=count, first_seq=1, last_seq=9, per_minute=[0] * 60)


def counted(*groups: Group, none: int = 0, upto: int | None = 9) -> tuple[Dashboard, TypeTable]:
    """A table that has the newest row of many, and what the relay counted of the rest."""
    board, table = opened()
    table.take_older(Page([attempted(9, 3)], 9))
    board.counts.by_type[TYPE] = 100
    table.log.ask(table.column, 100.0)
    table.log.take(table.column, Values(groups, upto), none, table.seen, 100.0)
    return board, table


def told(table: TypeTable) -> list[tuple[Any, int]]:
    return [(value.raw, count) for value, count in table.tally().values]


def test_rows_that_are_all_there_is_are_counted_without_the_relay() -> None:
    _, table = opened(attempted(1, 3), attempted(2, 1))
    assert table.tally().of_log
    assert not table.wants_values()


def test_of_many_rows_the_relay_is_asked_and_its_counts_stand_in_place_of_those_of_the_rows() -> None:
    board, table = opened()
    table.take_older(Page([attempted(9, 3)], 9))
    assert (told(table), table.tally().of_log, table.wants_values()) == ([(3, 1)], False, True)
    table.log.ask(table.column, 100.0)
    table.log.take(table.column, Values([group(1, 60), group(3, 30)], 9), 10, table.seen, 100.0)
    board.counts.by_type[TYPE] = 100
    assert told(table) == [(1, 60), (3, 30), (None, 10)]
    assert (table.tally().of_log, table.tally().rows, table.wants_values()) == (True, 100, False)


def test_what_arrives_is_added_once_whatever_comes_first() -> None:
    board, table = opened()
    table.take_older(Page([attempted(9, 3)], 9))
    table.log.ask(table.column, 100.0)
    board.apply([Arrivals([attempted(10, 3), attempted(11, 1)], [], 11)])
    table.log.take(table.column, Values([group(3, 31)], 10), 0, table.seen, 100.0)
    assert told(table) == [(3, 31), (1, 1)]
    board.apply([Arrivals([attempted(12, None), attempted(13, [3, 1, 3])], [], 13)])
    assert told(table) == [(3, 32), (1, 2), (None, 1)]


@pytest.mark.parametrize(
    ("came", "upto"),
    [
        (Arrivals([], [attempted(9, 3)], 10), 9),
        (Arrivals([], [], 12, {TYPE: 2}, 10), 9),
        (Arrivals([attempted(12, 3, truncated=True)], [], 12), 9),
        (Arrivals([attempted(12, 3)], [], 12), None),
        (Recount(), 9),
        (Missing(10, 12, "trimmed"), 9),
    ],
)
def test_where_nothing_tells_how_counts_change_the_relay_is_asked_again_after_a_while(
    came: Item, upto: int | None
) -> None:
    board, table = counted(group(3, 90), upto=upto)
    board.apply([came])
    assert not table.wants_values()
    board.monotonic = lambda: 103.0
    assert table.wants_values()


def test_a_question_that_failed_is_asked_again_later() -> None:
    board, table = opened()
    table.take_older(Page([attempted(9, 3)], 9))
    table.log.fail(table.column, 100.0)
    board.monotonic = lambda: 109.0
    assert not table.wants_values()
    board.monotonic = lambda: 111.0
    assert table.wants_values()


def test_another_filter_makes_counts_another_question() -> None:
    board, table = counted(group(3, 90))
    board.apply([Began(9, "failed", "filter")])
    table.take_older(Page([attempted(9, 3)], 9))
    assert not table.tally().of_log


def test_channels_are_told_by_their_type_and_recipients_by_their_whole_name() -> None:
    _, table = opened()
    channel = Channel(id="c1", type="email", provider="sendgrid", key="mails")
    table.take_older(Page([attempted(9, 3, channel=channel, recipient="projects/p1")], 9))
    for name, groups, expected in (
        ("channel", [group("email", 9), group("mails", 9), group("c1", 9), group("sms", 2)], ["email", "sms"]),
        ("recipient", [group("projects/p1", 9), group("p1", 9), group("p2", 1)], ["projects/p1", "p2"]),
        ("recipient", [group("p1", 10), group("projects/p1", 9)], ["p1", "projects/p1"]),
    ):
        table.choose(column(table, name))
        table.log.ask(table.column, 100.0)
        table.log.take(table.column, Values(groups, 9), 0, table.seen, 100.0)
        assert [value for value, _ in told(table)] == expected
