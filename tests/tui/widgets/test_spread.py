from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.sparkline import ASCII_SPREAD, FLOOR, heights, spread

COUNTS = st.lists(st.integers(0, 10_000), max_size=300)


@given(COUNTS, st.integers(0, 120), st.integers(1, 3), st.booleans())
def test_every_row_is_as_wide_as_asked(counts: list[int], width: int, rows: int, ascii_only: bool) -> None:
    for row in range(rows):
        runs = spread(counts, width, "ink", rows=rows, row=row, ascii_only=ascii_only)
        assert sum(len(text) for text, _ in runs) == width


@given(COUNTS.filter(any), st.integers(1, 120), st.integers(1, 3))
def test_the_highest_is_full_and_nothing_that_came_is_left_out(counts: list[int], width: int, rows: int) -> None:
    found = heights(tuple(counts), width, rows)
    assert max(found) == 8 * rows
    assert min(found) >= 0


def test_more_cells_than_counts_repeat_them() -> None:
    assert heights((0, 8, 4), 6) == (0, 0, 8, 8, 4, 4)


def test_less_cells_than_counts_take_their_mean() -> None:
    assert heights((8, 8, 0, 8), 2) == (8, 4)


def test_a_time_in_which_nothing_came_is_a_hairline_of_no_event() -> None:
    assert spread((0, 0, 5, 5), 4, "event-sent") == [("▁▁", FLOOR), ("██", "event-sent")]


def test_bars_of_two_rows_go_on_in_the_upper_one() -> None:
    assert spread((4, 8), 2, "ink", rows=2, row=0) == [(" ", FLOOR), ("█", "ink")]
    assert spread((4, 8), 2, "ink", rows=2, row=1) == [("██", "ink")]


def test_in_ascii_there_is_nothing_else() -> None:
    text = "".join(text for text, _ in spread(range(20), 20, "ink", ascii_only=True))
    assert set(text) <= {*ASCII_SPREAD, "_"}
