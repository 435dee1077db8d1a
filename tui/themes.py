"""Colours: the theme of our own, and the event colours that every theme gets.

The colours of events are theme variables, so that they work with any theme. Each starts from one hue and is made
lighter (on a dark ground) or darker until it can be read on every ground that text stands on, the selected row
included. What the sixteen colours of a terminal look like is its own affair: of those only the ones are used that
can be read in every palette in use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from rich.color import ColorSystem
from textual.color import BLACK, WHITE, Color, ColorParseError
from textual.theme import Theme

Shown: TypeAlias = Callable[[Color], Color]


def _as_it_is(colour: Color) -> Color:
    return colour


CONTRAST = 4.6
"""Least contrast of any text; the rule is 4.5, the rest is for rounding."""

KNOCKTOP = Theme(
    name="knocktop",
    primary="#7cacf8",
    secondary="#98a6c4",
    accent="#7cacf8",
    foreground="#d6dbe6",
    background="#12151c",
    surface="#181c25",
    panel="#1e232e",
    success="#8ccf7e",
    warning="#e8b04b",
    error="#f4797c",
    dark=True,
    variables={
        "border": "#7cacf8",
        "border-blurred": "#2a303d",
        "input-cursor-background": "#d6dbe6",
        "input-cursor-foreground": "#12151c",
        "input-selection-background": "#7cacf8 35%",
        "block-cursor-background": "#263552",
        "block-cursor-foreground": "#e6eaf2",
        "block-cursor-text-style": "bold",
    },
)

DARK_HUES = {
    "event-sent": "#7cacf8",
    "event-delivered": "#8ccf7e",
    "event-attempted": "#e8b04b",
    "event-failed": "#f4797c",
    "event-complaint": "#f59a63",
    "event-seen": "#72cbdf",
    "event-archived": "#a3adc2",
    "event-engaged": "#c79df2",
    "event-run": "#8fb3e0",
    "event-template": "#62cdb2",
    "event-unknown": "#a3adc2",
    "good": "#8ccf7e",
    "warn": "#e8b04b",
    "bad": "#f4797c",
    "json-key": "#92b8f5",
    "json-string": "#a5d19a",
    "json-number": "#e3b573",
    "json-word": "#c79df2",
}
"""Where each colour of a meaning starts from on a dark ground, whatever the theme."""

LIGHT_HUES = {
    "event-sent": "#1f5fc4",
    "event-delivered": "#2b7a2f",
    "event-attempted": "#8f5f00",
    "event-failed": "#bb2233",
    "event-complaint": "#a8480f",
    "event-seen": "#08707f",
    "event-archived": "#586075",
    "event-engaged": "#7a36b5",
    "event-run": "#3f5f8f",
    "event-template": "#0b7059",
    "event-unknown": "#586075",
    "good": "#2b7a2f",
    "warn": "#8f5f00",
    "bad": "#bb2233",
    "json-key": "#2458a8",
    "json-string": "#2f6f33",
    "json-number": "#8a5810",
    "json-word": "#7a36b5",
}
"""The same for a light ground."""

SIXTEEN = ("standard", "windows")
"""What Rich calls the terminals with sixteen colours."""
GROUNDS = ("ground", "side", "bar", "row-cursor", "row-cursor-blurred", "raised")
INKS = ("ink", "quiet", "focus", *DARK_HUES)

_ON_BLACK = {
    "line": "ansi_bright_black",
    "badge": "ansi_cyan",
    "badge-ink": "ansi_black",
    "alarm": "ansi_bright_yellow",
    "alarm-ink": "ansi_black",
    "focus": "ansi_bright_cyan",
    "event-sent": "ansi_bright_cyan",
    "event-delivered": "ansi_bright_green",
    "event-attempted": "ansi_bright_yellow",
    "event-failed": "ansi_bright_red",
    "event-complaint": "ansi_bright_red",
    "event-seen": "ansi_cyan",
    "event-archived": "ansi_default",
    "event-engaged": "ansi_green",
    "event-run": "ansi_cyan",
    "event-template": "ansi_green",
    "event-unknown": "ansi_default",
    "good": "ansi_bright_green",
    "warn": "ansi_bright_yellow",
    "bad": "ansi_bright_red",
    "json-key": "ansi_bright_cyan",
    "json-string": "ansi_bright_green",
    "json-number": "ansi_bright_yellow",
    "json-word": "ansi_cyan",
}
"""Of the sixteen those that can be read on black in every palette in use: blue cannot, nor can the dark red."""

_ON_WHITE = {
    "line": "ansi_white",
    "badge": "ansi_blue",
    "badge-ink": "ansi_bright_white",
    "alarm": "ansi_bright_yellow",
    "alarm-ink": "ansi_black",
    "focus": "ansi_blue",
    "event-sent": "ansi_blue",
    "event-delivered": "ansi_default",
    "event-attempted": "ansi_magenta",
    "event-failed": "ansi_red",
    "event-complaint": "ansi_red",
    "event-seen": "ansi_blue",
    "event-archived": "ansi_default",
    "event-engaged": "ansi_magenta",
    "event-run": "ansi_blue",
    "event-template": "ansi_default",
    "event-unknown": "ansi_default",
    "good": "ansi_blue",
    "warn": "ansi_magenta",
    "bad": "ansi_red",
    "json-key": "ansi_blue",
    "json-string": "ansi_default",
    "json-number": "ansi_magenta",
    "json-word": "ansi_magenta",
}
"""The same on white, where green, yellow and cyan cannot be read."""


def contrast(one: Color, other: Color) -> float:
    """Give the contrast of two opaque colours as WCAG counts it, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    red, green, blue = (_linear(channel / 255) for channel in (colour.r, colour.g, colour.b))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def legible(colour: Color, grounds: Sequence[Color], *, dark: bool, shown: Shown = _as_it_is) -> Color:
    """Move a colour towards white, or black on light grounds, until it can be read on all of them.

    `shown` gives what the terminal makes of a colour; the grounds are what it made of them.
    """
    end = WHITE if dark else BLACK
    for step in range(26):
        candidate = colour.blend(end, step / 25, alpha=1)
        if all(contrast(shown(candidate), ground) >= CONTRAST for ground in grounds):
            return candidate
    return end


def of_256(colour: Color) -> Color:
    """Give what is made of a colour for a terminal with 256 of them."""
    return Color(*colour.rich_color.downgrade(ColorSystem.EIGHT_BIT).get_truecolor())


def _grey(colour: Color) -> Color:
    # Of the 256 few are dark, and those are garish; the greys are fine enough to tell grounds apart.
    level = (max(colour.rgb) + min(colour.rgb)) // 2
    return Color(level, level, level)


def readable(colour: str, colours: Mapping[str, str], *, few: bool = False) -> str:
    """Give a colour as anyone may write it, made so that it can be read on the grounds among `colours`.

    `few` is for a terminal with 256 colours.
    """
    try:
        wanted = Color.parse(colour)
    except ColorParseError:
        return colours["ink"]
    grounds = [Color.parse(colours[name]) for name in GROUNDS]
    if wanted.ansi is not None or any(ground.ansi is not None for ground in grounds):
        return colours["ink"]
    shown = of_256 if few else _as_it_is
    return legible(wanted.with_alpha(1), grounds, dark=_luminance(grounds[0]) < 0.18, shown=shown).hex6


@lru_cache(64)
def _variables(
    primary: str, foreground: str | None, background: str | None, dark: bool, few: bool
) -> dict[str, str]:
    main = Color.parse(primary)
    ground = Color.parse(background or ("#121212" if dark else "#efefef"))
    ink = Color.parse(foreground) if foreground else ground.inverse
    shown: Shown = of_256 if few else _as_it_is
    # Every ground stays near the theme's own, so that one colour can be read on all of them.
    grounds = {
        "ground": ground,
        "side": ground.blend(ink, 0.025, alpha=1),
        "bar": ground.blend(ink, 0.05, alpha=1),
        "raised": ground.blend(ink, 0.06, alpha=1),
        # Without the tint the row under the cursor has to be the lighter, or darker, one.
        "row-cursor": ground.blend(ink, 0.20, alpha=1) if few else ground.blend(main, 0.20, alpha=1),
        "row-cursor-blurred": ground.blend(ink, 0.10, alpha=1),
    }
    if few:
        grounds = {name: _grey(colour) for name, colour in grounds.items()}
    every = [shown(colour) for colour in grounds.values()]

    def ink_of(colour: Color) -> Color:
        return legible(colour, every, dark=dark, shown=shown)

    hues = DARK_HUES if dark else LIGHT_HUES
    inks = {
        "ink": ink_of(ink),
        "quiet": ink_of(ink.blend(ground, 0.42, alpha=1)),
        "focus": ink_of(main),
        **{name: ink_of(Color.parse(hue)) for name, hue in hues.items()},
    }
    alarm = Color.parse(DARK_HUES["warn"])
    others = {
        "line": ground.blend(ink, 0.16, alpha=1),
        "badge": main,
        "badge-ink": legible(ground, [shown(main)], dark=_luminance(shown(main)) < 0.18, shown=shown),
        "alarm": alarm,
        "alarm-ink": legible(BLACK, [shown(alarm)], dark=False, shown=shown),
    }
    return {name: colour.hex6 for name, colour in {**grounds, **inks, **others}.items()}


def variables(theme: Theme, system: str | None = "truecolor") -> dict[str, str]:
    """Give the grounds and inks of the dashboard for a theme, by variable name.

    `system` is how many colours the terminal has, as Rich calls it. Where they are few, the nearest ones to those
    of the theme could not be read on each other; so they are chosen among what there is.
    """
    if theme.ansi:
        return _of_the_terminal(theme.dark, "ansi_default", "ansi_default", "ansi_default")
    if system in SIXTEEN and theme.dark:
        return _of_the_terminal(True, "ansi_black", "ansi_bright_white", "ansi_white")
    if system in SIXTEEN:
        return _of_the_terminal(False, "ansi_bright_white", "ansi_black", "ansi_black")
    return dict(_variables(theme.primary, theme.foreground, theme.background, theme.dark, system == "256"))


def _of_the_terminal(dark: bool, ground: str, ink: str, quiet: str) -> dict[str, str]:
    colours = dict.fromkeys(GROUNDS, ground) | (_ON_BLACK if dark else _ON_WHITE)
    named = {name: ink if colour == "ansi_default" else colour for name, colour in colours.items()}
    return {**named, "ink": ink, "quiet": quiet}
