from __future__ import annotations

from tui.themes import KNOCKTOP, variables
from tui.widgets.look import Look
from tui.widgets.sparkline import FLOOR
from tui.widgets.time_axis import MARK_INK, axis, before_bars, cells_of, cells_of_runs, marked

LOOK = Look(variables(KNOCKTOP))


def test_marks_stand_where_the_counts_of_their_time_do() -> None:
    assert cells_of({0, 29, 59, 60}, 60, 30) == {0, 14, 29}
    assert cells_of_runs({0, 59, 60}, 60, 6) == {0, 5}
    assert cells_of_runs({1, 2}, 3, 6) == {4, 5}
    assert cells_of({0}, 60, 0) == cells_of_runs({0}, 60, -1) == set()


def test_a_mark_in_the_cell_of_the_first_bar_stands_before_it() -> None:
    assert before_bars({0, 2, 3}, [1, 0, 5, 4]) == {0, 1, 3}


def test_a_mark_leaves_bars_as_they_are_unless_it_goes_over_them() -> None:
    bars = [("__", FLOOR), ("▄▇", "ink")]
    assert marked(bars, {1, 2}, LOOK) == [("_", FLOOR), ("┊", MARK_INK), ("▄▇", "ink")]
    assert marked(bars, {2}, LOOK, over=True) == [("__", FLOOR), ("┊", MARK_INK), ("▇", "ink")]
    assert marked(bars, set(), LOOK) == bars


def test_the_axis_names_its_ends_where_marks_leave_room() -> None:
    assert axis(15, 12, {6}, "◆") == [("15 min", "quiet"), ("◆", MARK_INK), ("  now", "quiet")]
    assert "now" not in "".join(text for text, _ in axis(15, 12, {10}, "◆"))
