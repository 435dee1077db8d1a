"""The keys of the pane that had the focus, then those of everywhere and of the other panes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.keys import KEYS, PANES, Pane, bindings, keys_of
from tui.model.facts import Fact, Heading, Item
from tui.widgets.facts_view import FactsView
from tui.widgets.glyphs import GROUPS, MARKS
from tui.widgets.look import Look, look_of


class HelpLines(FactsView, inherit_bindings=False):
    """The lines of the help."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("help")

    def __init__(self) -> None:
        super().__init__("help-lines", ground="raised")

    def action_close(self) -> None:
        """Leave the help."""
        self.screen.dismiss()


class HelpScreen(ModalScreen[None]):
    """Help over the screen it was asked for on."""

    CSS_PATH = "help.tcss"

    def __init__(self, pane: Pane, changed: Mapping[str, str]) -> None:
        super().__init__()
        self.pane = pane
        self.changed = changed

    def compose(self) -> ComposeResult:
        """Place the lines in a box."""
        with Vertical(id="help-box"):
            yield HelpLines()

    def on_mount(self) -> None:
        """Fill the lines."""
        lines = self.query_one(HelpLines)
        lines.show(help_items(self.pane, self.changed, look_of(lines)))
        self.set_focus(lines)


def help_items(pane: Pane, changed: Mapping[str, str], look: Look) -> Iterator[Item]:
    """Give the keys pane by pane, the one that was asked about first, and what the glyphs mean."""
    others: list[Pane] = [name for name in PANES if name not in (pane, "everywhere")]
    for name in (pane, "everywhere", *others):
        yield Heading(PANES[name])
        for key in KEYS:
            if key.pane == name:
                yield Fact("  ".join(keys_of(key, changed)), key.text)
        yield None
    yield Heading("Glyphs")
    for title, types in GROUPS.items():
        marks = dict.fromkeys(MARKS[type_] for type_ in types)
        yield from (Fact(f"{look.glyph(mark)} {mark.short}", title.lower(), mark.ink) for mark in marks)
