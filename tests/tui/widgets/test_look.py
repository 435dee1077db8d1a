from __future__ import annotations

import pytest

from tests.hostile import HOSTILE
from tui.themes import GROUNDS, INKS, KNOCKTOP, variables
from tui.widgets.glyphs import MARKS, mark_of
from tui.widgets.look import Look


def look(*, ascii_only: bool = False, flat: bool = False) -> Look:
    return Look(variables(KNOCKTOP), ascii_only=ascii_only, flat=flat)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_foreign_text_is_printable_in_both_character_sets(text: str) -> None:
    assert not any(char < " " or "\x7f" <= char <= "\x9f" for char in look().text(text, 500))
    plain_ascii = look(ascii_only=True).text(text, 500)
    assert plain_ascii.isascii()
    assert plain_ascii.isprintable()


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("ink", INKS)
def test_every_ink_has_a_style_on_every_ground(ink: str, ground: str) -> None:
    style = look().style(ink, ground)
    assert style.color is not None
    assert style.bgcolor is not None


def test_without_colours_the_selected_row_is_reversed() -> None:
    assert look(flat=True).style("quiet", "row-cursor").reverse
    assert not look(flat=True).style("quiet", "ground").reverse


def test_ascii_glyphs_are_ascii_and_take_one_cell() -> None:
    glyphs = [look(ascii_only=True).glyph(mark) for mark in (*MARKS.values(), mark_of("order.paid"))]
    assert all(glyph.isascii() and len(glyph) == 1 for glyph in glyphs)
