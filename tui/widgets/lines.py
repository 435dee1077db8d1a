"""Lines to read, with a cursor: the base of what the detail and the help show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.keys import bindings
from tui.widgets.look import look_of

Spans: TypeAlias = Sequence[tuple[str, str]]
"""Texts with their inks, safe to paint; `strong` after an ink makes it bold."""


class Copy(NamedTuple):
    """What `y` takes on a line, and what that is called."""

    value: str
    name: str


class Lines(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines that are painted when they come in sight. Subclasses say how many there are and what is in them."""

    BINDINGS = bindings("detail")
    GROUND = "ground"

    def __init__(self, id: str) -> None:  # noqa: A002 - the word of Textual
        super().__init__(id=id)
        self.cursor = 0
        self.shift = 0

    def count(self) -> int:
        """Count the lines."""
        raise NotImplementedError

    def spans(self, index: int) -> Spans:
        """Give the texts of a line."""
        raise NotImplementedError

    def copied(self, index: int) -> Copy | None:
        """Give what `y` takes on a line."""
        raise NotImplementedError

    def longest(self) -> int:
        """Count the cells of the longest line; at least the width where nothing is to be moved sideways."""
        return self.width

    @property
    def width(self) -> int:
        """Cells of a line, those of the scrollbar left out."""
        return self.scrollable_content_region.width

    @property
    def under_cursor(self) -> Copy | None:
        """What `y` takes now."""
        return self.copied(self.cursor) if self.cursor < self.count() else None

    def renew(self, *, keep: bool) -> None:
        """Show other lines; `keep` leaves the cursor and the scroll where they are as far as there are lines."""
        if not keep:
            self.cursor = 0
            self.shift = 0
        self.virtual_size = Size(self.width, self.count())
        self.cursor = max(0, min(self.cursor, self.count() - 1))
        target = min(self.scroll_y, self.max_scroll_y) if keep else 0
        self.scroll_to(y=target, animate=False, immediate=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint one line in sight."""
        look = look_of(self)
        index = round(self.scroll_y) + y
        width = self.width
        if index >= self.count():
            return Strip.blank(width, look.style("ink", self.GROUND))
        ground = "row-cursor" if index == self.cursor and self.has_focus else self.GROUND
        segments = []
        for text, ink in self.spans(index):
            name, _, weight = ink.partition(" ")
            segments.append(Segment(text, look.style(name, ground, bold=weight == "strong")))
        blank = look.style("ink", ground)
        strip = Strip(segments)
        if self.shift:
            strip = strip.crop(self.shift, None)
        return strip.crop(0, width).adjust_cell_length(width, blank)

    def on_resize(self) -> None:
        """Lay out anew for another width, with the cursor in sight."""
        self.renew(keep=True)
        self._to(self.cursor)

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is."""
        self._to(round(self.scroll_y) + event.y)

    def _to(self, index: int) -> None:
        self.cursor = max(0, min(index, self.count() - 1))
        top, height = round(self.scroll_y), self.size.height
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True)
        self.refresh()

    def action_move(self, lines: int) -> None:
        """Move the cursor by lines."""
        self._to(self.cursor + lines)

    def action_page(self, pages: int) -> None:
        """Move the cursor by what is in sight, less a line to keep one's place."""
        self._to(self.cursor + pages * max(self.size.height - 1, 1))

    def action_edge(self, end: int) -> None:
        """Go to the first line or the last."""
        self._to(0 if end < 0 else self.count() - 1)

    def action_sideways(self, cells: int) -> None:
        """Move the view sideways, no further than the longest line."""
        shift = max(0, min(self.shift + cells, self.longest() - self.width))
        if shift != self.shift:
            self.shift = shift
            self.refresh()
