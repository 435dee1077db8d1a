from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.sparkline import ASCII_BARS, BARS, sparkline


@pytest.mark.parametrize(
    ("counts", "width", "line"),
    [
        ([], 4, "    "),
        ([0, 0, 0, 0], 4, "    "),
        ([0, 1, 3, 7], 4, " ▁▃▇"),
        ([1, 1_000], 2, "▁▇"),
        ([8, 8], 4, "  ▇▇"),
        ([0, 0, 4, 4, 0, 1], 3, " ▇▁"),
        ([9, 9, 0, 1, 0, 8], 2, "▇▄"),
        ([1, 0, 8, 0, 8], 3, "▁▇▇"),
        ([1, 2, 3], 0, ""),
    ],
)
def test_bars_are_as_high_as_their_share_of_the_highest(counts: list[int], width: int, line: str) -> None:
    assert sparkline(counts, width) == line


@given(st.lists(st.integers(0, 10**9), max_size=60), st.integers(1, 80))
def test_it_has_the_width_that_was_asked_for(counts: list[int], width: int) -> None:
    line = sparkline(counts, width)
    assert len(line) == width
    assert set(line) <= set(BARS)


@given(st.lists(st.integers(0, 10**9), min_size=10, max_size=10))
def test_whatever_there_was_is_seen_in_both_character_sets(counts: list[int]) -> None:
    for ascii_only in (False, True):
        line = sparkline(counts, 10, ascii_only=ascii_only)
        assert [char != " " for char in line] == [count > 0 for count in counts]


def test_ascii_has_as_many_heights() -> None:
    assert len(ASCII_BARS) == len(BARS)
    assert ASCII_BARS.isascii()
