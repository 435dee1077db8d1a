"""The line below what is read in which one types what to look for, and how many hits there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input

from tui.keys import BY_NAME, bindings, shown
from tui.widgets.bar import Bar, Part
from tui.widgets.cells import fit
from tui.widgets.lines import Lines
from tui.widgets.look import look_of
from tui.widgets.text_field import TextField

LIMIT = 400


class Searched(Protocol):
    """What is searched while one types."""

    @property
    def view(self) -> Lines:
        """The lines that are searched."""

    @property
    def finding(self) -> bool:
        """One types what is looked for."""

    def look_for(self, text: str) -> None:
        """Show only what has a text."""

    def keep_found(self, text: str) -> None:
        """Go from the field to what was found."""

    def lift_find(self) -> bool:
        """Show all again, and tell whether anything was looked for."""

    def step_hit(self, step: int) -> None:
        """Go to the next hit, or to the one before."""


class FindField(TextField, inherit_bindings=False):
    """Where one types what to look for."""

    # Ours come first: of two that share a key the first one acts.
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("find"), *Input.BINDINGS]

    def __init__(self, searched: Searched) -> None:
        super().__init__(placeholder="a key or a value", max_length=LIMIT, compact=True, id="find-field")
        self.searched = searched

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look for what was typed so far."""
        event.stop()
        if self.searched.finding:
            self.searched.look_for(self.value)

    def action_keep(self) -> None:
        """Go to what was found."""
        self.searched.keep_found(self.value)

    def action_lift_find(self) -> None:
        """Leave the field, and show all again."""
        self.searched.lift_find()

    def action_hit(self, step: int) -> None:
        """Go to the next hit, or to the one before."""
        self.searched.look_for(self.value)
        self.searched.step_hit(step)


class FindSign(Bar):
    """The sign before the field; once that is left, what is looked for."""

    def __init__(self) -> None:
        super().__init__(id="find-sign")
        self.text = ""
        self.editing = False

    def left(self) -> Sequence[Part]:
        """Give the sign and the text."""
        look = look_of(self)
        sign = f" {shown(BY_NAME['find'].keys)} "
        if self.editing:
            return [Part(0, [[(sign, "focus bold")]])]
        text = fit(look.text(self.text), max(self.size.width - len(sign), 1), look.ellipsis)
        return [Part(0, [[(sign, "focus bold"), (text, "ink bold")]])]


class FindCount(Bar):
    """How many hits there are, and which one the cursor is on."""

    def __init__(self, searched: Searched) -> None:
        super().__init__(id="find-count")
        self.searched = searched

    def right(self) -> Sequence[Part]:
        """Give `3/17`."""
        view = self.searched.view
        if not view.needle:
            return []
        if view.progress is not None:
            return [Part(0, [[(f"looking {view.progress:.0%} ", "quiet")]])]
        total = len(view.hits)
        if not total:
            return [Part(0, [[("no hit ", "warn")]])]
        number = view.hit_number()
        at = f"{number:,}" if number is not None else look_of(self).own("–")
        return [Part(0, [[(f"{at}/{total:,} ", "ink bold")]])]


class FindBar(Horizontal):
    """Shown while something is typed or looked for."""

    def __init__(self, searched: Searched) -> None:
        super().__init__(id="find-bar")
        self.sign = FindSign()
        self.field = FindField(searched)
        self.counted = FindCount(searched)
        self.display = False

    def compose(self) -> ComposeResult:
        """Place the sign, the field and the count."""
        yield self.sign
        yield self.field
        yield self.counted

    @property
    def editing(self) -> bool:
        """The field has the keys."""
        return self.sign.editing

    def edit(self, text: str) -> None:
        """Begin to type, from what was looked for."""
        self.field.value = text
        self.field.cursor_position = len(text)
        self._show(text, editing=True)
        self.screen.set_focus(self.field)

    def leave(self, text: str) -> None:
        """End typing; without a text there is nothing to show."""
        self._show(text, editing=False)

    def _show(self, text: str, *, editing: bool) -> None:
        self.sign.text = text
        self.sign.editing = editing
        self.set_class(editing, "-editing")
        self.display = editing or bool(text)
        self.sign.refresh()
        self.counted.refresh()
