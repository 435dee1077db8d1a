"""The keys of the pane that had the focus, those of everywhere and of the other panes, then filters and glyphs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.keys import KEYS, PANES, Pane, bindings, keys_of
from tui.model.items import Fact, Heading, Item
from tui.widgets.bar import Bar, Part
from tui.widgets.facts_view import FactsView
from tui.widgets.glyphs import GROUPS, MARKS
from tui.widgets.keyline import KeyLine
from tui.widgets.look import Look, look_of


class HelpLines(FactsView, inherit_bindings=False):
    """The lines of the help. There is nothing to choose among them, so that the keys scroll."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("help")

    def __init__(self) -> None:
        super().__init__("help-lines", ground="raised")

    @property
    def _cursor_ground(self) -> str:
        return self.GROUND

    @property
    def below(self) -> int:
        """Lines that are not in sight yet."""
        return max(self.count() - round(self.scroll_y) - self.size.height, 0)

    def action_move(self, lines: int) -> None:
        """Scroll by lines."""
        self.scroll_to(y=self.scroll_y + lines, animate=False, immediate=True)

    def action_page(self, pages: int) -> None:
        """Scroll by what is in sight, less a line to keep one's place."""
        self.action_move(pages * max(self.size.height - 1, 1))

    def action_edge(self, end: int) -> None:
        """Scroll to the top or to the bottom."""
        self.action_move(end * self.count())

    def action_close(self) -> None:
        """Leave the help."""
        self.screen.dismiss()


class HelpMore(Bar):
    """Says how much there is below what is in sight."""

    GROUND = "raised"

    def __init__(self, lines: HelpLines) -> None:
        super().__init__(id="help-more")
        self.lines = lines

    def right(self) -> Sequence[Part]:
        """Say how many lines there are below."""
        below, look = self.lines.below, look_of(self)
        if not below:
            return [Part(0, [[("all of it ", "quiet")]])]
        lines = "line" if below == 1 else "lines"
        return [Part(0, [[(look.own("↓ "), "focus bold"), (f"{below:,} more {lines} below ", "focus")]])]


class HelpScreen(ModalScreen[None]):
    """Help over the screen it was asked for on."""

    CSS_PATH = "help.tcss"

    def __init__(self, pane: Pane, changed: Mapping[str, str]) -> None:
        super().__init__()
        self.pane = pane
        self.changed = changed
        self.lines = HelpLines()
        self.more = HelpMore(self.lines)
        self.key_line = KeyLine(changed)
        self.key_line.show("help", at_root=False)

    def compose(self) -> ComposeResult:
        """Place the lines in a box, and their keys where those of the screen were."""
        with Vertical(id="help-box"):
            yield self.lines
            yield self.more
        yield self.key_line

    def on_mount(self) -> None:
        """Fill the lines, and say how many are below whenever that changes."""
        self.lines.show(help_items(self.pane, self.changed, look_of(self.lines)))
        self.set_focus(self.lines)
        self.watch(self.lines, "scroll_y", self._say_more)
        self.watch(self.lines, "virtual_size", self._say_more)

    def on_resize(self) -> None:
        """Say how many lines are below at this size."""
        self.call_after_refresh(self._say_more)

    def _say_more(self) -> None:
        self.more.refresh()


def filter_items() -> Iterator[Item]:
    """Give the reference of the filter language, from its terms."""
    from relay.contract.filter.terms import message_reference, reference

    for title, rows in (("Filters", reference()), ("Filters on messages alone", message_reference())):
        yield Heading(title)
        yield from (Fact(row.name, f"{row.meaning}: {row.example}") for row in rows)
        yield None


def help_items(pane: Pane, changed: Mapping[str, str], look: Look) -> Iterator[Item]:
    """Give the keys pane by pane, the one that was asked about first, the names of filters and the glyphs."""
    others: list[Pane] = [name for name in PANES if name not in (pane, "everywhere")]
    for name in (pane, "everywhere", *others):
        keys = [key for key in KEYS if key.pane == name]
        if keys:
            yield Heading(PANES[name])
            yield from (Fact("  ".join(keys_of(key, changed)), key.text) for key in keys)
            yield None
    yield from filter_items()
    yield Heading("Glyphs")
    for title, types in GROUPS.items():
        marks = dict.fromkeys(MARKS[type_] for type_ in types)
        yield from (Fact(f"{look.glyph(mark)} {mark.short}", title.lower(), mark.ink) for mark in marks)
