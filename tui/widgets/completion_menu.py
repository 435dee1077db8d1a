"""What may stand at the cursor of the filter, listed below it and below the line about it."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.model.completion import Completing
from tui.widgets.cells import fit, fit_right
from tui.widgets.look import look_of

ROWS = 8
MAX_LABEL = 44
MAX_NOTE = 40
MARGIN = 4
"""Cells at the left of the screen that a list reaches over, rather than leave the ends of rows in sight."""


class CompletionMenu(Widget):
    """A list over the screen, below the word that is completed. The keys stay with the field."""

    class Picked(Message):
        """A line was clicked."""

        def __init__(self, at: int) -> None:
            super().__init__()
            self.at = at

    def __init__(self) -> None:
        super().__init__(id="completions")
        self.completing: Completing | None = None
        self._top = 0
        self._label = self._note = 0
        self._indent = 1

    def show(self, completing: Completing | None, column: int = 0) -> None:
        """Show candidates below a column of the screen, or nothing."""
        self.completing = completing
        self.display = completing is not None
        if completing is None:
            return
        look = look_of(self)
        shown = completing.candidates
        self._label = max(min(cell_len(look.text(one.label, MAX_LABEL)), MAX_LABEL) for one in shown)
        self._note = max(min(cell_len(look.text(one.note, MAX_NOTE)), MAX_NOTE) for one in shown)
        width = min(self._label + self._note + 4, self.app.size.width)
        left = max(0, min(column - 1, self.app.size.width - width))
        self._indent = left + 1 if left < MARGIN else 1
        left, width = left + 1 - self._indent, width + self._indent - 1
        rows = min(len(shown), ROWS) + (len(shown) > ROWS)
        self.styles.width, self.styles.height = width, rows
        self.styles.offset = (left, 0)
        self._top = 0
        self.moved()

    def moved(self) -> None:
        """Keep the candidate that stands in the text in sight."""
        at = self.completing.at if self.completing is not None else None
        if at is not None:
            self._top = min(max(self._top, at - ROWS + 1), at)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Take the line that was clicked."""
        at = self._top + event.y
        if self.completing is not None and event.y < ROWS and at < len(self.completing.candidates):
            self.post_message(self.Picked(at))

    def render_line(self, y: int) -> Strip:
        """Paint a candidate, or how many more there are."""
        look, width = look_of(self), self.size.width
        blank = look.style("ink", "raised")
        candidates = self.completing.candidates if self.completing is not None else ()
        at = self._top + y
        if y >= ROWS and len(candidates) > ROWS:
            place = f"{' ' * self._indent}{self._top + 1} to {self._top + ROWS} of {len(candidates)}"
            return Strip([Segment(place, look.style("quiet", "raised"))]).adjust_cell_length(width, blank)
        if at >= len(candidates):
            return Strip.blank(width, blank)
        chosen = self.completing is not None and self.completing.at == at
        ground = "row-cursor" if chosen else "raised"
        label = fit(look.text(candidates[at].label, MAX_LABEL), self._label, look.ellipsis)
        note = fit_right(
            fit(look.text(candidates[at].note, MAX_NOTE), self._note, look.ellipsis).rstrip(), self._note
        )
        segments = [
            Segment(f"{' ' * self._indent}{label}", look.style("ink", ground, bold=chosen)),
            Segment(f"  {note} ", look.style("quiet", ground)),
        ]
        return Strip(segments).crop(0, width).adjust_cell_length(width, look.style("ink", ground))
