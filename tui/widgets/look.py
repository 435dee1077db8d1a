"""How things look now: the styles of the theme in force, the glyphs, and how foreign text gets on screen."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Protocol, cast

from rich.style import Style
from textual.color import Color
from textual.widget import Widget

from relay.contract.text import plain
from tui.model.environments import COLOUR
from tui.themes import readable
from tui.widgets.glyphs import Mark, mark_of
from tui.widgets.steady import steady

_ASCII = {
    ord(char): text
    for char, text in {
        "…": "...",
        "·": "-",
        "–": "-",
        "—": "-",
        "→": "->",
        "×": "x",
        "»": ">",
        "▌": "|",
        "│": "|",
        "┊": "|",
        "─": "-",
        "■": "#",
        "◆": "*",
        "□": ".",
        "●": "*",
        "○": "o",
        "◌": "o",
        "‖": "=",
        "✓": "+",
        "↵": "\\",
        "’": "'",
        "“": '"',
        "”": '"',
    }.items()
}


class Look:
    """Styles and glyphs. A change of theme makes a new one, so whoever keeps what was painted can compare them.

    `flat` is for terminals without colours of their own to rely on: the selected row is reversed there, since a
    tinted ground would not be seen. `few` is for those with 256.
    """

    def __init__(
        self, variables: Mapping[str, str], *, ascii_only: bool = False, flat: bool = False, few: bool = False
    ) -> None:
        self._variables = dict(variables)
        self._styles: dict[tuple[str, str, bool], Style] = {}
        self.ascii_only = ascii_only
        self.flat = flat
        self.few = few

    def style(self, ink: str, ground: str = "ground", *, bold: bool = False) -> Style:
        """Give the style of an ink on a ground, both variables of the theme."""
        key = (ink, ground, bold)
        style = self._styles.get(key)
        if style is None:
            if ink.startswith(COLOUR):
                ink = self.ink(ink.removeprefix(COLOUR))
            reverse = self.flat and ground == "row-cursor"
            style = Style(
                color=Color.parse(self._variables["ink" if reverse else ink]).rich_color,
                bgcolor=Color.parse(self._variables[ground]).rich_color,
                bold=bold or reverse,
                reverse=reverse,
            )
            self._styles[key] = style
        return style

    def ink(self, colour: str | None) -> str:
        """Give the ink for a colour that the user named, made so that it can be read; the usual one for none."""
        if colour is None or self.flat:
            return "ink"
        name = f"user {colour}".replace(" ", "-")
        if name not in self._variables:
            self._variables[name] = readable(colour, self._variables, few=self.few)
        return name

    def text(self, foreign: str, limit: int | None = None) -> str:
        """Make foreign text safe to paint, in characters that the terminal has and that keep columns straight."""
        safe = steady(plain(foreign, limit))
        if not self.ascii_only or safe.isascii():
            return safe
        return safe.translate(_ASCII).encode("ascii", "replace").decode()

    def own(self, text: str) -> str:
        """Give text of our own in the characters that the terminal has."""
        return text.translate(_ASCII) if self.ascii_only else text

    def glyph(self, mark: Mark) -> str:
        """Give the one cell that stands for a kind of event."""
        return mark.ascii if self.ascii_only else mark.glyph

    def mark(self, type_: str) -> tuple[Mark, str]:
        """Give a type's mark and glyph."""
        mark = mark_of(type_)
        return mark, self.glyph(mark)

    @cached_property
    def ellipsis(self) -> str:
        """What a cut text ends in."""
        return "~" if self.ascii_only else "…"


class _HasLook(Protocol):
    @property
    def look(self) -> Look: ...


def look_of(widget: Widget) -> Look:
    """Give the look in force in the app that a widget is in."""
    return cast("_HasLook", widget.app).look
