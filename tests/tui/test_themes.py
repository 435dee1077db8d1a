from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from tui.themes import DARK_HUES, GROUNDS, INKS, KNOCKTOP, LIGHT_HUES, contrast, legible, variables

MEASURABLE = [theme for theme in (*BUILTIN_THEMES.values(), KNOCKTOP) if not theme.ansi]
RULE = 4.5


@pytest.mark.parametrize("theme", MEASURABLE, ids=lambda theme: theme.name)
def test_every_text_can_be_read_on_every_ground(theme: Theme) -> None:
    colours = {name: Color.parse(value) for name, value in variables(theme).items()}
    low = {
        (ink, ground): round(contrast(colours[ink], colours[ground]), 2)
        for ink in INKS
        for ground in GROUNDS
        if contrast(colours[ink], colours[ground]) < RULE
    }
    assert not low


@pytest.mark.parametrize("theme", MEASURABLE, ids=lambda theme: theme.name)
def test_badges_can_be_read(theme: Theme) -> None:
    colours = {name: Color.parse(value) for name, value in variables(theme).items()}
    assert contrast(colours["badge-ink"], colours["badge"]) >= RULE
    assert contrast(colours["alarm-ink"], colours["alarm"]) >= RULE


@pytest.mark.parametrize("theme", BUILTIN_THEMES.values(), ids=lambda theme: theme.name)
def test_every_theme_has_the_same_variables(theme: Theme) -> None:
    assert set(variables(theme)) == set(variables(KNOCKTOP))


@pytest.mark.parametrize("theme", MEASURABLE, ids=lambda theme: theme.name)
def test_the_selected_row_can_be_told_from_the_others(theme: Theme) -> None:
    colours = variables(theme)
    assert len({colours["ground"], colours["row-cursor"], colours["row-cursor-blurred"]}) == 3


def test_both_grounds_have_a_hue_for_every_meaning() -> None:
    assert set(DARK_HUES) == set(LIGHT_HUES)


def test_contrast_is_counted_as_wcag_counts_it() -> None:
    assert contrast(Color.parse("#000000"), Color.parse("#ffffff")) == pytest.approx(21.0)
    assert contrast(Color.parse("#777777"), Color.parse("#ffffff")) == pytest.approx(4.48, abs=0.01)


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    white = Color.parse("#ffffff")
    assert legible(white, [Color.parse("#000000")], dark=True) == white
