"""The list of forwards: when, what was answered and how quickly, which event, and where to."""

from __future__ import annotations

from typing import NamedTuple

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from relay.contract.api import ForwardItem
from tui.keys import bindings
from tui.model.clock import Clock
from tui.model.forwarded import how_words, ms_words, status_ink, status_words
from tui.model.forwards import Forwards, place_of
from tui.widgets.cells import fit, fit_right
from tui.widgets.look import look_of
from tui.widgets.row_list import RowList

TIME, MS, TYPE = 10, 7, 14
LIMIT = 400
LEAST_READING = 16


class Columns(NamedTuple):
    """Cells of the columns whose width is not always the same; 0 for those that have no room."""

    answer: int
    reading: int
    target: int
    how: int

    @classmethod
    def of(cls, width: int) -> Columns:
        """Lay out in so many cells."""
        answer = 26 if width >= 110 else 16
        target = 34 if width >= 132 else 26 if width >= 96 else 0
        how = 22 if width >= 150 else 0
        taken = 1 + TIME + 1 + answer + 1 + MS + 2 + TYPE + sum(2 + cells for cells in (target, how) if cells) + 3
        return cls(answer, max(width - taken, LEAST_READING), target, how)


def _answer(item: ForwardItem) -> str:
    """What came back, and at which attempt where that was not the first; foreign text."""
    words = status_words(item.status) if item.status is not None else item.error or status_words(None)
    if item.attempt == 1:
        return words
    # Before what may be cut.
    first, _, rest = words.partition(" ") if item.status is not None else ("", "", words)
    return f"{first} ×{item.attempt} {rest}".strip()


class ForwardsHeading(Widget):
    """The names of the columns."""

    def __init__(self, view: ForwardsList) -> None:
        super().__init__(id="forwards-heading")
        self.view = view

    def render_line(self, y: int) -> Strip:
        """Paint the names."""
        look, width = look_of(self), self.size.width
        if y > 0:
            return Strip.blank(width, look.style("ink", "side"))
        names = ["sent", "answer", "took", "event", "", "to", "how"]
        cells = self.view.cells([(name, "quiet") for name in names])
        strip = Strip([Segment(text, look.style(ink, "side")) for text, ink in ((" ", "quiet"), *cells)])
        return strip.crop(0, width).adjust_cell_length(width, look.style("ink", "side"))


class ForwardsList(RowList, can_focus=True, inherit_bindings=False):
    """A row a forward, the newest first."""

    BINDINGS = bindings("forwards")

    class Moved(RowList.Moved):
        """The cursor is on another forward, or the list no longer follows."""

    class Scrolled(RowList.Scrolled):
        """Other rows are in sight: there may be more to read."""

    class Opened(RowList.Opened):
        """The event of the forward under the cursor is to be seen."""

    def __init__(self, forwards: Forwards, clock: Clock) -> None:
        super().__init__(id="forwards-list")
        self.forwards = forwards
        self.clock = clock
        self.heading = ForwardsHeading(self)
        self._top: int | None = None
        """Entry of the first row in sight."""

    @property
    def count(self) -> int:
        """How many forwards are shown."""
        return len(self.forwards.shown)

    @property
    def cursor(self) -> int:
        """The place of the selected forward."""
        return self.forwards.cursor

    def place_cursor(self, index: int) -> None:
        """Select another forward, and follow no longer."""
        self.forwards.leave(index)

    def hold(self) -> bool:
        """Whoever scrolls by hand wants the rows to stay."""
        followed, self.forwards.following = self.forwards.following, False
        return followed

    def sync(self) -> None:
        """Fit the view to the rows, so that those in sight stay where they are."""
        shown = self.forwards.shown
        top = next((at for at, item in enumerate(shown) if self._top is not None and item.entry <= self._top), 0)
        with self.scrolling():
            self.stretch()
            if self.forwards.following:
                self.scroll_to_row(0)
            elif self._top is not None:
                self.scroll_to_row(top)
        if self.cursor_in_sight or self.forwards.following:
            self.show_cursor()
        self.paint_if_changed()

    def note_top(self) -> None:
        """Keep in mind which forward is the first in sight."""
        self._top = self.forwards.shown[self.top].entry if self.top < self.count else None

    def appearance(self) -> tuple[object, ...]:
        """The forwards, the cursor and the mark."""
        shown = self.forwards.shown[self.top : self.top + self.size.height]
        marked = None if self.forwards.marked is None else self.forwards.marked.entry
        return (self.cursor, marked, self.size, *(item.entry for item in shown))

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.sync()

    # Painting

    def cells(self, words: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Lay out the columns at this width; what has no room is left out."""
        columns = Columns.of(self.scrollable_content_region.width or self.size.width)
        ellipsis = look_of(self).ellipsis
        time, answer, took, type_, reading, target, how = words
        cells = [
            (fit(time[0], TIME) + " ", time[1]),
            (fit(answer[0], columns.answer, ellipsis) + " ", answer[1]),
            (fit_right(took[0], MS) + "  ", took[1]),
            (fit(type_[0], TYPE, ellipsis) + " ", type_[1]),
            (fit(reading[0], columns.reading, ellipsis), reading[1]),
        ]
        if columns.target:
            cells.append(("  " + fit(target[0], columns.target, ellipsis), target[1]))
        if columns.how:
            cells.append(("  " + fit(how[0], columns.how, ellipsis), how[1]))
        return cells

    def _words(self, item: ForwardItem) -> list[tuple[str, str]]:
        look = look_of(self)
        mark, glyph = look.mark(item.type)
        return [
            (look.text(self.clock.short(item.at)), "quiet"),
            (look.text(_answer(item), LIMIT), status_ink(item.status)),
            (ms_words(item.ms), "ink"),
            (f"{glyph} {look.text(mark.short, LIMIT)}", mark.ink),
            (look.text(item.reading, LIMIT), "ink"),
            (look.text(place_of(item.url), LIMIT), "ink"),
            (look.text(how_words(item), LIMIT), "warn" if item.edited else "quiet"),
        ]

    def render_line(self, y: int) -> Strip:
        """Paint a row."""
        look, width = look_of(self), self.scrollable_content_region.width
        shown, index = self.forwards.shown, self.top + y
        if index >= len(shown):
            return Strip.blank(width, look.style("ink"))
        item, selected = shown[index], index == self.cursor
        ground = self.ground(selected)
        is_marked = self.forwards.marked is not None and item.entry == self.forwards.marked.entry
        edge = look.own("◆") if is_marked else look.own("▌") if selected else " "
        segments = [Segment(edge, look.style("focus", ground))]
        for text, ink in self.cells(self._words(item)):
            segments.append(Segment(text, look.style(ink, ground, bold=selected and ink == "bad")))
        return Strip(segments).crop(0, width).adjust_cell_length(width, look.style("ink", ground))

    # Moving

    def action_edge(self, end: int) -> None:
        """Go to the newest forward and follow, or to the oldest that was read."""
        if end < 0:
            self.forwards.follow()
            self.moved()
        else:
            self.move_to(self.count - 1)
