from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from relay.contract.events import EventSummary
from tests.tui.made import made, made_totals
from tui.model.browse import Stance
from tui.model.dashboard import Dashboard
from tui.model.source import Arrivals, Began, LinkChange, LinkState, Missing, Page
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
