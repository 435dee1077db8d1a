"""The filter: shown while there is one, edited on `/`, and what is wrong with it below."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.strip import Strip
from textual.widgets import Input

from relay.contract.text import plain
from tui.keys import bindings
from tui.model.dashboard import Dashboard
from tui.model.filtering import FilterFault
from tui.widgets.bar import Bar, Part, Words
from tui.widgets.cells import fit
from tui.widgets.look import look_of

LIMIT = 4_096
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"?|\(|\)|[^\s()"]+|\s+')
_OPERATORS = ("OR", "NOT", "(", ")")


class FilterField(Input, inherit_bindings=False):
    """Where a filter is typed. Text that is pasted is foreign."""

    # Ours come first: of two that share a key the first one acts.
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("field"), *Input.BINDINGS]

    def __init__(self) -> None:
        super().__init__(
            placeholder="type:message.bounced recipient:user_1 -channel:email", max_length=LIMIT, compact=True
        )
        self.history: list[str] = []
        self._at = 0

    def begin(self, text: str) -> None:
        """Edit a text."""
        self.value = text
        self.cursor_position = len(text)
        self._at = len(self.history)

    def _on_paste(self, event: events.Paste) -> None:
        event.text = plain(event.text, LIMIT)
        super()._on_paste(event)

    def take(self) -> str:
        """Give the text to apply, and keep it in the history."""
        text = plain(self.value.strip(), LIMIT)
        if text and text not in self.history[-1:]:
            self.history.append(text)
        return text

    def action_clear(self) -> None:
        """Clear the line."""
        self.value = ""

    def action_history(self, steps: int) -> None:
        """Show another filter that was applied."""
        at = max(0, min(self._at + steps, len(self.history)))
        if at != self._at:
            self._at = at
            self.value = self.history[at] if at < len(self.history) else ""
            self.cursor_position = len(self.value)


class FilterBar(Bar):
    """The filter in force with the number of matches, or the sign before the field."""

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__(id="filter-bar")
        self.dashboard = dashboard
        self.editing = False

    def left(self) -> list[Part]:
        """Give the filter."""
        filtering = self.dashboard.filtering
        shown = filtering.applied if filtering.asked is None else filtering.asked
        text = look_of(self).text(shown, LIMIT)
        if self.editing:
            return [Part(0, [[(" / ", "focus bold")]])]
        room = max(self.size.width - 30, 10)
        if len(text) > room:
            text = fit(text, room, look_of(self).ellipsis)
        return [Part(0, [[(" / ", "focus bold"), *highlighted(text)]])]

    def right(self) -> list[Part]:
        """Say how many events match."""
        if self.editing:
            return []
        total = self.dashboard.total
        if total is None or self.dashboard.filtering.asked is not None:
            return [Part(1, [[("asking the relay ", "quiet")]])]
        noun = "match" if total == 1 else "matches"
        return [Part(1, [[(f"{total:,} ", "ink bold"), (f"{noun} ", "quiet")]])]


class FaultBar(Bar):
    """What is wrong with a filter, below the place where it is wrong."""

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__(id="fault-bar")
        self.dashboard = dashboard

    def render_line(self, y: int) -> Strip:
        """Paint a mark below the fault and the sentence after it."""
        look, width = look_of(self), self.size.width
        fault = self.dashboard.filtering.fault
        blank = look.style("ink", self.GROUND)
        if fault is None or y > 0:
            return Strip.blank(width, blank)
        pointer, text = fault_words(fault, width)
        segments = [
            Segment(pointer, look.style("bad", self.GROUND, bold=True)),
            Segment(look.text(text), look.style("bad", self.GROUND)),
        ]
        return Strip(segments).adjust_cell_length(width, blank)


def fault_words(fault: FilterFault, width: int) -> tuple[str, str]:
    """Give the marks below a fault and its sentence; where both do not fit the sentence names the column."""
    hint = f"; {fault.hint}" if fault.hint else ""
    sentence = plain(f"{fault.message}{hint}", 1_000)
    if fault.column is None:
        return "   ", sentence
    marks = "^" * max(1, min(fault.length, len(fault.text) - fault.column + 1))
    pointer = " " * (fault.column + 2) + marks + " "
    if len(pointer) + len(sentence) <= width:
        return pointer, sentence
    return "   ", f"column {fault.column}: {sentence}"


def highlighted(text: str) -> Words:
    """Give a filter's pieces with their inks."""
    return list(_highlight(text))


def _highlight(text: str) -> Iterator[tuple[str, str]]:
    for match in _WORD.finditer(text):
        word = match.group()
        name, colon, value = word.partition(":")
        if word in _OPERATORS:
            yield word, "quiet bold"
        elif colon and not word.startswith('"'):
            yield f"{name}:", "focus"
            yield value, "ink bold"
        else:
            yield word, "ink bold"


class FilterLine(Vertical):
    """The filter's line, and one more while something is wrong with it."""

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__(id="filter-line")
        self.dashboard = dashboard
        self.bar = FilterBar(dashboard)
        self.field = FilterField()
        self.fault = FaultBar(dashboard)

    def compose(self) -> ComposeResult:
        """Place the bar, the field over it, and the fault below."""
        with Horizontal():
            yield self.bar
            yield self.field
        yield self.fault

    @property
    def editing(self) -> bool:
        """The field has the keys."""
        return self.bar.editing

    def edit(self) -> None:
        """Begin to edit what is in force, or what was refused."""
        filtering = self.dashboard.filtering
        self.field.begin(filtering.fault.text if filtering.fault is not None else filtering.applied)
        self.bar.editing = True
        self.renew()
        self.screen.set_focus(self.field)

    def leave(self) -> None:
        """End editing."""
        self.dashboard.filtering.fault = None
        self.bar.editing = False
        self.renew()

    def renew(self) -> None:
        """Show what is to be seen now."""
        filtering = self.dashboard.filtering
        self.set_class(self.editing, "-editing")
        self.set_class(filtering.fault is not None, "-fault")
        self.display = bool(filtering.applied or filtering.asked) or self.editing or filtering.fault is not None
        if self.display:
            self.bar.refresh()
            self.fault.refresh()
