from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from relay.contract.text import plain
from tests.hostile import HOSTILE
from tui.widgets.cells import fit, fit_end, wrap
from tui.widgets.steady import steady


@given(st.text(), st.integers(0, 60))
def test_any_text_takes_exactly_the_cells_it_is_given(text: str, width: int) -> None:
    shown = steady(plain(text))
    assert cell_len(fit(shown, width)) == width
    assert cell_len(fit_end(shown, width)) == width


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_takes_exactly_the_cells_it_is_given(text: str) -> None:
    assert cell_len(fit(steady(plain(text)), 20)) == 20


def test_a_text_that_is_cut_says_so() -> None:
    assert fit("projects/proj_77", 10) == "projects/…"
    assert fit_end("2w3SbXOIkDj8Q6xzR8t8JDvTNsL", 8) == "…JDvTNsL"


def test_a_wide_character_is_never_halved() -> None:
    assert fit("日本語", 4) == "日 …"


@given(st.text(), st.integers(1, 60))
def test_wrapped_lines_fit_and_lose_nothing_but_spaces(text: str, width: int) -> None:
    text = steady(plain(text))
    lines = list(wrap(text, width))
    assert all(cell_len(line) <= max(width, 2) for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_lines_break_at_spaces_and_long_words_anywhere() -> None:
    assert list(wrap("the quick brown foxjumpsoverit", 10)) == ["the quick", "brown", "foxjumpsov", "erit"]
