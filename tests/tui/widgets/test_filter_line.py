from __future__ import annotations

import pytest

from tests.hostile import HOSTILE
from tui.model.filtering import FilterFault
from tui.widgets.filter_line import fault_words, highlighted


def test_the_marks_stand_below_the_fault() -> None:
    fault = FilterFault("recipent:user_1", "no such name", 1, 8, "did you mean recipient?")
    assert fault_words(fault, 80) == ("   ^^^^^^^^ ", "no such name; did you mean recipient?")


def test_beside_a_fault_far_right_there_is_room_at_its_left() -> None:
    fault = FilterFault("x" * 70, "no such name", 65, 3)
    assert fault_words(fault, 80) == (" " * 54 + "no such name ^^^", "")


def test_a_fault_without_room_beside_it_is_named_by_its_column() -> None:
    fault = FilterFault("x" * 70, "no such name, " * 5, 65, 3)
    assert fault_words(fault, 80) == ("   ", f"column 65: {fault.message}")


def test_a_fault_that_is_scrolled_out_of_sight_is_named_by_its_column() -> None:
    assert fault_words(FilterFault("x" * 70, "wrong", 5, 3), 80, 20) == ("   ", "column 5: wrong")


def test_the_marks_stand_below_wide_characters_too() -> None:
    fault = FilterFault("東京 x", "wrong", 4, 1)
    assert fault_words(fault, 80) == (" " * 8 + "^ ", "wrong")
    assert fault_words(FilterFault("東京 x", "wrong", 1, 2), 80) == ("   ^^^^ ", "wrong")


def test_a_fault_without_a_place_is_a_sentence() -> None:
    assert fault_words(FilterFault("x", "too long"), 80) == ("   ", "too long")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_the_pieces_of_a_filter_are_the_filter(text: str) -> None:
    assert "".join(word[0] for word in highlighted(text[:4_096])) == text[:4_096]


def test_names_and_operators_stand_out() -> None:
    inks = {word[0]: word[1] for word in highlighted("type:message.* OR failed")}
    assert inks["type:"] == "focus"
    assert inks["OR"] == "quiet bold"
    assert inks["failed"] == "ink bold"
