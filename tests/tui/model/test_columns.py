from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.columns import FROM, MIN_READING, columns, known, toggled

BASE = ["time", "type", "recipient"]


@pytest.mark.parametrize(
    ("width", "more"),
    [
        (64, []),
        (79, []),
        (80, ["channel"]),
        (99, ["channel"]),
        (100, ["channel", "workflow"]),
        (129, ["channel", "workflow"]),
        (130, ["channel", "workflow", "message"]),
        (150, ["channel", "workflow", "message", "tenant", "verdict", "seq"]),
        (250, ["channel", "workflow", "message", "tenant", "verdict", "seq"]),
    ],
)
def test_columns_come_with_width(width: int, more: list[str]) -> None:
    assert [column.name for column in columns(width)] == [*BASE, *more, "reading"]


@pytest.mark.parametrize("width", range(60, 260))
def test_the_columns_fill_the_width_and_leave_room_to_read(width: int) -> None:
    laid_out = columns(width)
    assert laid_out[-1].width >= MIN_READING
    assert sum(column.width + 1 for column in laid_out) == width


def names(width: int, wanted: tuple[str, ...] = ()) -> list[str]:
    return [column.name for column in columns(width, wanted)]


def test_a_column_that_is_wanted_is_shown_below_its_width() -> None:
    assert names(110, ("seq",)) == [*BASE, "channel", "workflow", "seq", "reading"]


def test_a_column_that_is_not_wanted_is_hidden_and_the_reading_gets_its_room() -> None:
    assert names(100, ("-channel", "-recipient")) == ["time", "type", "workflow", "reading"]
    assert columns(100, ("-channel",))[-1].width > columns(100)[-1].width


@given(st.integers(60, 260), st.lists(st.sampled_from([*FROM, *(f"-{name}" for name in FROM)])))
def test_whatever_is_wanted_leaves_room_to_read(width: int, wanted: list[str]) -> None:
    laid_out = columns(width, tuple(wanted))
    assert laid_out[-1].width >= MIN_READING
    assert sum(column.width + 1 for column in laid_out) == width


def test_what_nobody_asked_for_makes_room_for_what_is_wanted() -> None:
    assert names(100, ("tenant", "seq")) == [*BASE, "channel", "tenant", "seq", "reading"]


def test_the_recipient_stays_longest() -> None:
    assert names(80, ("message", "tenant", "verdict", "seq")) == [*BASE, "message", "reading"]


def test_toggling_hides_what_is_shown_and_shows_what_is_hidden() -> None:
    assert toggled((), "workflow", 100) == ("-workflow",)
    assert toggled(("-workflow",), "workflow", 100) == ()
    assert toggled((), "seq", 100) == ("seq",)
    assert toggled(("seq",), "seq", 100) == ()
    assert toggled(("seq",), "seq", 200) == ("-seq",)


def test_columns_that_there_are_not_are_left_out() -> None:
    assert known(["seq", "-tenant", "colour", "-", ""]) == ("seq", "-tenant")


@pytest.mark.parametrize("width", [90, *range(100, 130), *range(134, 150)])
def test_beside_a_detail_a_reading_says_how_a_message_was_delivered(width: int) -> None:
    reading = columns(width)[-1].width
    assert reading >= len("via sendgrid, 890 ms after sent")


def test_the_environment_is_a_column_only_where_it_is_asked_for() -> None:
    assert "environment" not in names(1_000)
    assert names(150, ("environment",))[-2:] == ["environment", "reading"]
