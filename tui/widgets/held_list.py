"""The list of requests in quarantine: it paints only the rows in sight, and stays where it is when more arrive."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from relay.contract.api import QuarantineItem
from tui.keys import bindings
from tui.model.clock import Clock
from tui.model.held import claimed, title
from tui.model.quarantine import Quarantine
from tui.widgets.cells import fit, fit_right
from tui.widgets.look import look_of
from tui.widgets.row_list import RowList

TIME, COUNT, REASON, SIZE = 10, 6, 26, 9
TYPE_FROM, ENDPOINT_FROM = 64, 84
ENDPOINT = 16
REASON_LEAST = 14


class HeldHeading(Widget):
    """The names of the columns."""

    def __init__(self, view: HeldList) -> None:
        super().__init__(id="held-heading")
        self.view = view

    def render_line(self, y: int) -> Strip:
        """Paint the names."""
        look, width = look_of(self), self.size.width
        if y > 0:
            return Strip.blank(width, look.style("ink", "side"))
        words = [("time", "quiet"), ("times", "quiet"), ("size", "quiet"), ("why", "quiet")]
        cells = self.view.cells([*words, ("says it is", "quiet"), ("endpoint", "quiet")])
        strip = Strip([Segment(text, look.style(ink, "side")) for text, ink in cells])
        return strip.crop(0, width).adjust_cell_length(width, look.style("ink", "side"))


class HeldList(RowList, can_focus=True, inherit_bindings=False):
    """A row a request, the newest first."""

    BINDINGS = bindings("quarantine")

    class Moved(RowList.Moved):
        """The cursor is on another request."""

    class Scrolled(RowList.Scrolled):
        """Other rows are in sight: there may be more to read."""

    class Opened(RowList.Opened):
        """The request under the cursor is to be read."""

    def __init__(self, quarantine: Quarantine, clock: Clock) -> None:
        super().__init__(id="held-list")
        self.quarantine = quarantine
        self.clock = clock
        self.heading = HeldHeading(self)
        self._top: int | None = None
        """Id of the first row in sight."""

    @property
    def count(self) -> int:
        """How many requests were read."""
        return len(self.quarantine.items)

    @property
    def cursor(self) -> int:
        """The place of the selected request."""
        return self.quarantine.cursor

    def place_cursor(self, index: int) -> None:
        """Select another request."""
        self.quarantine.move_to(index)

    def sync(self) -> None:
        """Fit the view to the rows, so that those in sight stay where they are."""
        items = self.quarantine.items
        top = next((at for at, item in enumerate(items) if self._top is not None and item.id <= self._top), 0)
        with self.scrolling():
            self.stretch()
            if self.top:
                self.scroll_to_row(top)
        self.show_cursor()
        self.paint_if_changed()

    def note_top(self) -> None:
        """Keep in mind which request is the first in sight."""
        self._top = self.quarantine.items[self.top].id if self.top < self.count else None

    def appearance(self) -> tuple[object, ...]:
        """The requests and the cursor."""
        shown = self.quarantine.items[self.top : self.top + self.size.height]
        return (self.cursor, *(id(item) for item in shown))

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.sync()

    # Painting

    def cells(self, words: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Lay out time, count, size, reason, type and endpoint at this width; what has no room is left out."""
        (time, time_ink), (count, count_ink), (size, size_ink), (why, why_ink), type_, endpoint = words
        width = self.scrollable_content_region.width or self.size.width
        ellipsis = look_of(self).ellipsis
        shown = [
            (f" {fit(time, TIME, ellipsis)} ", time_ink),
            (fit_right(count, COUNT) + " ", count_ink),
            (fit_right(size, SIZE) + "  ", size_ink),
        ]
        left = width - sum(cell_len(text) for text, _ in shown) - 1
        if width < TYPE_FROM:
            return [*shown, (fit(why, max(left, REASON_LEAST), ellipsis), why_ink)]
        ends = [(fit(endpoint[0], ENDPOINT, ellipsis), endpoint[1])] if width >= ENDPOINT_FROM else []
        left -= REASON + 2 + len(ends) * (ENDPOINT + 2)
        shown += [(fit(why, REASON, ellipsis) + "  ", why_ink), (fit(type_[0], max(left, 8), ellipsis), type_[1])]
        return [*shown, *((f"  {text}", ink) for text, ink in ends)]

    def _words(self, item: QuarantineItem) -> list[tuple[str, str]]:
        look = look_of(self)
        type_ = claimed(item)
        mark, glyph = look.mark(type_)
        says = (f"{glyph} {look.text(type_, 200)}", mark.ink) if type_ else ("no type", "quiet")
        return [
            (look.text(self.clock.short(item.received_at)), "quiet"),
            (look.own(f"×{item.count:,}") if item.count > 1 else "", "warn"),
            (f"{item.size:,}", "quiet"),
            (look.text(title(item), 200), "bad"),
            says,
            (look.text(item.endpoint or "", 80), "ink"),
        ]

    def render_line(self, y: int) -> Strip:
        """Paint a row."""
        look, width = look_of(self), self.scrollable_content_region.width
        items, index = self.quarantine.items, self.top + y
        if index >= len(items):
            return Strip.blank(width, look.style("ink"))
        selected = index == self.cursor
        ground = self.ground(selected)
        edge = Segment(look.own("▌") if selected else " ", look.style("focus", ground))
        cells = self.cells(self._words(items[index]))
        words = [Segment(text, look.style(ink, ground, bold=selected and ink == "bad")) for text, ink in cells]
        strip = Strip([edge, *Strip(words).crop(1, None)])
        return strip.crop(0, width).adjust_cell_length(width, look.style("ink", ground))

    # Moving

    def action_edge(self, end: int) -> None:
        """Go to the newest request, or to the oldest that was read."""
        self.move_to(0 if end < 0 else self.count - 1)
