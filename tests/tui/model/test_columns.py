from __future__ import annotations

import pytest

from tui.model.columns import MIN_READING, columns

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
