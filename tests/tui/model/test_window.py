from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.tui.made import made
from tui.model.source import Missing
from tui.model.window import Window

runs = st.lists(st.integers(1, 200), unique=True, max_size=30).map(sorted)


def seqs(window: Window) -> list[int]:
    return [row.seq for row in window.rows]


@given(st.lists(st.tuples(runs, st.sampled_from(["oldest", "newest"])), max_size=12), st.integers(1, 40))
def test_rows_stay_in_order_and_unique_whatever_comes(steps: list[tuple[list[int], str]], capacity: int) -> None:
    window = Window(capacity)
    for run, end in steps:
        window.add([made(seq) for seq in run])
        if end == "oldest":
            window.drop_oldest()
        else:
            window.drop_newest()
        held = seqs(window)
        assert held == sorted(set(held))
        assert len(held) <= capacity
        assert [window.index_of(seq) for seq in held] == list(range(len(held)))


@given(runs, runs)
def test_everything_given_is_held_while_there_is_room(first: list[int], second: list[int]) -> None:
    window = Window()
    window.add([made(seq) for seq in first])
    window.add([made(seq) for seq in second])
    assert seqs(window) == sorted({*first, *second})


def test_a_row_given_again_is_replaced_in_place() -> None:
    window = Window()
    window.add([made(1), made(2), made(3)])
    window.add([made(2, reading="newer")])
    assert [getattr(row, "reading", "") for row in window.rows] == ["via sendgrid", "newer", "via sendgrid"]


def test_changes_of_rows_that_are_not_held_are_left_out() -> None:
    window = Window()
    window.add([made(5)])
    assert window.replace([made(4), made(5, delivery_count=2), made(6)]) == 1
    assert seqs(window) == [5]


def test_the_oldest_rows_go_until_the_rest_fits() -> None:
    window = Window(3)
    window.add([made(seq) for seq in range(1, 6)])
    assert window.drop_oldest() == 2
    assert seqs(window) == [3, 4, 5]


def test_the_newest_rows_go_until_the_rest_fits() -> None:
    window = Window(3)
    window.add([made(seq) for seq in range(1, 6)])
    assert window.drop_newest() == 2
    assert seqs(window) == [1, 2, 3]


def test_nearest_gives_the_next_row_for_one_that_is_gone_and_the_last_past_the_end() -> None:
    window = Window()
    window.add([made(2), made(4), made(6)])
    assert [window.nearest(seq) for seq in (1, 2, 3, 6, 9)] == [0, 0, 1, 2, 2]


def test_what_is_gone_for_good_has_its_place_among_the_rows() -> None:
    window = Window()
    window.add([made(1), made(9)])
    window.add([Missing(2, 8, "retention")])
    assert seqs(window) == [1, 2, 9]


def test_counting_above_a_seq_leaves_it_out() -> None:
    window = Window()
    window.add([made(2), made(4), made(6)])
    assert [window.count_above(seq) for seq in (1, 2, 4, 5, 6)] == [3, 2, 1, 1, 0]
