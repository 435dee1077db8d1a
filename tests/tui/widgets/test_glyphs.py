from __future__ import annotations

import pytest
from rich.cells import cell_len

from relay.contract.knock import CATALOGUE, FAILED
from tui.themes import INKS
from tui.widgets.glyphs import GROUPS, MARKS, mark_of


def test_every_type_of_the_catalogue_has_a_mark() -> None:
    assert set(MARKS) == set(CATALOGUE)


def test_every_type_is_in_exactly_one_group() -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(MARKS)


@pytest.mark.parametrize("name", MARKS)
def test_a_glyph_takes_one_cell_and_its_ink_is_in_the_theme(name: str) -> None:
    mark = MARKS[name]
    assert cell_len(mark.glyph) == len(mark.glyph) == 1
    assert mark.ink in INKS


def test_types_that_mean_different_things_look_different() -> None:
    looks = {(mark.glyph, mark.ink) for mark in MARKS.values()}
    assert len(looks) == len({mark.short for mark in MARKS.values()})
    assert len({(mark.ascii, mark.ink) for mark in MARKS.values()}) == len(looks)


def test_exactly_what_failed_looks_failing() -> None:
    assert {name for name, mark in MARKS.items() if mark.failing} == set(FAILED)


def test_short_names_fit_their_column() -> None:
    assert max(len(mark.short) for mark in MARKS.values()) <= 12


def test_an_unknown_type_keeps_its_name() -> None:
    assert mark_of("order.paid").short == "order.paid"
