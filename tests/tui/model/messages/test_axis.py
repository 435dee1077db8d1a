from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.model.messages.axis import DAY, HOUR, MINUTE, SECOND, Axis, latency

WIDTH = 60
times = st.floats(min_value=0, max_value=300 * DAY)
views = st.builds(
    lambda longest, nearer, at, later: Axis().fit(longest).zoomed(nearer, at).panned(later),
    times,
    st.integers(-6, 12),
    times,
    st.floats(-2, 2),
)


@pytest.mark.parametrize(
    ("ms", "written"),
    [
        (0, "0 ms"),
        (0.4, "0 ms"),
        (849, "849 ms"),
        (1_000, "1 s"),
        (1_240, "1.2 s"),
        (12_400, "12 s"),
        (60_000, "1 m"),
        (200_000, "3 m 20 s"),
        (5 * HOUR + 10 * MINUTE, "5 h 10 m"),
        (3 * DAY + 4 * HOUR, "3 d 4 h"),
        (-1_500, "-1.5 s"),
    ],
)
def test_a_latency_is_written_in_the_two_units_that_say_most(ms: float, written: str) -> None:
    assert latency(ms) == written


@settings(max_examples=60)
@given(view=views, early=times, late=times)
def test_a_later_time_is_never_to_the_left_of_an_earlier_one(view: Axis, early: float, late: float) -> None:
    early, late = sorted((early, late))
    assert view.cell(early, WIDTH) <= view.cell(late, WIDTH)


@settings(max_examples=60)
@given(view=views, width=st.integers(1, 200))
def test_names_of_times_keep_apart_and_stay_above_the_lane(view: Axis, width: int) -> None:
    ticks = view.ticks(width)
    ends = [0, *(tick.at + len(tick.label) for tick in ticks)]
    assert all(tick.at >= end + (end > 0) for tick, end in zip(ticks, ends, strict=False))
    assert all(0 <= tick.cell < width and tick.at + len(tick.label) <= width for tick in ticks)


@settings(max_examples=40)
@given(view=views)
def test_some_time_is_named_however_near_one_looks(view: Axis) -> None:
    assert view.ticks(WIDTH)


def test_a_fitted_axis_ends_at_a_round_time_and_shows_all_up_to_the_longest() -> None:
    axis = Axis().fit(7_300)
    assert (axis.cell(0, WIDTH), axis.cell(30 * SECOND, WIDTH)) == (0, WIDTH - 1)
    assert [tick.label for tick in axis.ticks(WIDTH)][:1] == ["0"]
    assert axis.ticks(WIDTH)[-1].label == "30 s"


def test_what_one_zooms_at_stays_where_it_is() -> None:
    axis = Axis().fit(HOUR)
    for steps in (1, 4, 9):
        assert abs(axis.zoomed(steps, 5_000).cell(5_000, WIDTH) - axis.cell(5_000, WIDTH)) <= 1


def test_an_axis_grows_for_what_is_longer_but_not_once_it_was_zoomed_and_never_shrinks() -> None:
    axis = Axis().fit(10 * SECOND)
    assert axis.grown(2 * MINUTE) == axis.fit(2 * MINUTE)
    assert axis.grown(10) == axis
    near = axis.zoomed(2)
    assert near.grown(DAY) == near


def test_the_view_ends_where_time_begins_and_at_a_year() -> None:
    assert Axis().panned(-5).start == 0
    wide = Axis().zoomed(-50).panned(9)
    assert wide.cell(365 * DAY, WIDTH) == WIDTH - 1
