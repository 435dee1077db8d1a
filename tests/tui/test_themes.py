from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from tui.themes import DARK_HUES, GROUNDS, INKS, KNOCKTOP, LIGHT_HUES, contrast, legible, of_256, variables

PALETTES = {
    "xterm": "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff"
    " 00ffff ffffff",
    "vga": "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff"
    " 55ffff ffffff",
    "windows": "0c0c0c c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc 767676 e74856 16c60c f9f1a5 3b78ff b4009e"
    " 61d6d6 f2f2f2",
    "tango": "000000 cc0000 4e9a06 c4a000 3465a4 75507b 06989a d3d7cf 555753 ef2929 8ae234 fce94f 729fcf ad7fa8"
    " 34e2e2 eeeeec",
}
"""The sixteen colours as some terminals show them, black first."""
NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]
MEASURABLE = [theme for theme in (*BUILTIN_THEMES.values(), KNOCKTOP) if not theme.ansi]
RULE = 4.5


def colours_of(theme: Theme, system: str) -> dict[str, Color]:
    """The colours of a theme as a terminal shows them."""
    colours = {name: Color.parse(value) for name, value in variables(theme, system).items()}
    return {name: of_256(colour) for name, colour in colours.items()} if system == "256" else colours


@pytest.mark.parametrize("system", ["truecolor", "256"])
@pytest.mark.parametrize("theme", MEASURABLE, ids=lambda theme: theme.name)
def test_every_text_can_be_read_on_every_ground(theme: Theme, system: str) -> None:
    colours = colours_of(theme, system)
    low = {
        (ink, ground): round(contrast(colours[ink], colours[ground]), 2)
        for ink in INKS
        for ground in GROUNDS
        if contrast(colours[ink], colours[ground]) < RULE
    }
    assert not low


@pytest.mark.parametrize("system", ["truecolor", "256"])
@pytest.mark.parametrize("theme", MEASURABLE, ids=lambda theme: theme.name)
def test_badges_can_be_read(theme: Theme, system: str) -> None:
    colours = colours_of(theme, system)
    assert contrast(colours["badge-ink"], colours["badge"]) >= RULE
    assert contrast(colours["alarm-ink"], colours["alarm"]) >= RULE


def as_shown(colour: str, palette: str, default: str) -> Color:
    """What a terminal shows for the name of one of its colours."""
    if colour == "ansi_default":
        return Color.parse(default)
    name = colour.removeprefix("ansi_")
    place = NAMES.index(name.removeprefix("bright_")) + 8 * name.startswith("bright_")
    return Color.parse(f"#{PALETTES[palette].split()[place]}")


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize(
    ("theme", "system"),
    [
        ("ansi-dark", "truecolor"),
        ("ansi-light", "truecolor"),
        ("textual-dark", "standard"),
        ("textual-light", "windows"),
    ],
)
def test_sixteen_colours_can_be_read_in_every_palette(theme: str, system: str, palette: str) -> None:
    dark = BUILTIN_THEMES[theme].dark
    colours = variables(BUILTIN_THEMES[theme], system)
    paper, pen = ("#000000", "#c0c0c0") if dark else ("#ffffff", "#202020")
    pairs = [(ink, ground) for ink in INKS for ground in GROUNDS]
    pairs += [("badge-ink", "badge"), ("alarm-ink", "alarm")]
    low = {}
    for ink, ground in pairs:
        apart = contrast(as_shown(colours[ink], palette, pen), as_shown(colours[ground], palette, paper))
        if apart < RULE:
            low[colours[ink], colours[ground]] = round(apart, 2)
    assert not low


@pytest.mark.parametrize("theme", BUILTIN_THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("system", ["truecolor", "256", "standard", "windows", None])
def test_every_theme_has_the_same_variables(theme: Theme, system: str | None) -> None:
    assert set(variables(theme, system)) == set(variables(KNOCKTOP))


@pytest.mark.parametrize("system", ["truecolor", "256"])
@pytest.mark.parametrize("theme", MEASURABLE, ids=lambda theme: theme.name)
def test_the_selected_row_can_be_told_from_the_others(theme: Theme, system: str) -> None:
    colours = colours_of(theme, system)
    assert len({colours["ground"], colours["row-cursor"], colours["row-cursor-blurred"]}) == 3


def test_both_grounds_have_a_hue_for_every_meaning() -> None:
    assert set(DARK_HUES) == set(LIGHT_HUES)


def test_contrast_is_counted_as_wcag_counts_it() -> None:
    assert contrast(Color.parse("#000000"), Color.parse("#ffffff")) == pytest.approx(21.0)
    assert contrast(Color.parse("#777777"), Color.parse("#ffffff")) == pytest.approx(4.48, abs=0.01)


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    white = Color.parse("#ffffff")
    assert legible(white, [Color.parse("#000000")], dark=True) == white
