from __future__ import annotations

from datetime import UTC

import pytest

from relay.contract.filter import parse
from tui.widgets.path_line import SHOWN_KEYS, spelled


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (("event_data", "attempt"), "event_data.attempt"),
        (("data",), ".data"),
        (("data", "order.total", 0, "1"), 'data."order.total".0."1"'),
        (("x", "[/b]\n"), '.x."[/b]\\n"'),
    ],
)
def test_a_path_is_spelled_so_that_a_filter_takes_it(keys: tuple[str | int, ...], text: str) -> None:
    assert spelled(keys) == text
    assert parse(f"{spelled(keys)}:1", zone=UTC).tree is not None


def test_what_is_spelled_already_stays() -> None:
    assert spelled("header.x-knock-event") == "header.x-knock-event"


def test_of_a_very_long_path_the_end_is_spelled() -> None:
    assert spelled(tuple(f"k{number}" for number in range(500))).endswith(".k498.k499")
    assert spelled((0,) * 500).count("0") == SHOWN_KEYS
