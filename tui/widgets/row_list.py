"""A list of rows with a cursor: it paints only those in sight, and keeps them there while others come.

What it shows lies in a model. A list says how many rows there are and which one is under the cursor, and paints
one of them; how it scrolls, moves, takes the mouse and is painted anew is the same for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.widget import Widget


class RowList(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows over a model, one of them under the cursor."""

    class Moved(Message):
        """The cursor is elsewhere, or the list no longer follows."""

    class Scrolled(Message):
        """Other rows are in sight: there may be pages to read."""

    class Opened(Message):
        """What is under the cursor is to be seen in full."""

    heading: Widget
    """The names of the columns, which are louder while the keys go to the rows."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - the name that Textual gives it
        super().__init__(id=id)
        self._syncing = False
        self._painted: tuple[object, ...] = ()

    # What a list says of itself

    @property
    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    @property
    def cursor(self) -> int:
        """The place of the row under the cursor."""
        raise NotImplementedError

    def place_cursor(self, index: int) -> None:
        """Put the cursor on the row at a place, or on the nearest that there is."""
        raise NotImplementedError

    def note_top(self) -> None:
        """Keep in mind which row is the first in sight, where the list stays with it."""

    def hold(self) -> bool:
        """The rows were scrolled away from the end by hand: follow no longer; tells whether it did."""
        return False

    def appearance(self) -> tuple[object, ...]:
        """Whatever the look of the rows in sight depends on; they are painted anew where it differs."""
        raise NotImplementedError

    # Scrolling

    @property
    def top(self) -> int:
        """The place of the first row in sight."""
        return round(self.scroll_y)

    @property
    def cursor_in_sight(self) -> bool:
        """The row under the cursor can be seen."""
        return self.top <= self.cursor < self.top + self.size.height

    @property
    def near_start(self) -> bool:
        """The first rows will be in sight soon."""
        return self.scroll_y < self.size.height

    @property
    def near_end(self) -> bool:
        """The last rows will be in sight soon."""
        return self.scroll_y + 2 * self.size.height >= self.count

    @contextmanager
    def scrolling(self) -> Iterator[None]:
        """What scrolls meanwhile is no hand that does."""
        self._syncing = True
        try:
            yield
        finally:
            self._syncing = False

    def stretch(self) -> None:
        """Take the size of the rows without laying out the screen, which nothing here can change.

        The scrollbar has its place whatever the number of rows, so that it has to be told and no one else; setting
        the reactive would paint the whole screen anew, every time a row comes.
        """
        size = Size(self.scrollable_content_region.width, self.count)
        if self.virtual_size != size:
            self.set_reactive(RowList.virtual_size, size)
            self._scroll_update(size)

    def scroll_to_row(self, row: int) -> None:
        """Bring a row to the top, as far as the rows reach."""
        target = max(0, min(row, self.max_scroll_y))
        if target != self.scroll_y or target != self.scroll_target_y:
            self.scroll_to(y=target, animate=False, immediate=True)

    def show_cursor(self) -> None:
        """Scroll no further than it takes to see the row under the cursor."""
        cursor, top, height = self.cursor, self.top, max(self.size.height, 1)
        with self.scrolling():
            if cursor < top:
                self.scroll_to_row(cursor)
            elif cursor >= top + height:
                self.scroll_to_row(cursor - height + 1)
        self.note_top()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Leave following when the rows are scrolled away from the end by hand."""
        super().watch_scroll_y(old_value, new_value)
        if self._syncing or round(old_value) == round(new_value):
            return
        if round(new_value) < self.max_scroll_y and self.hold():
            self.post_message(self.Moved())
        self.note_top()
        self.post_message(self.Scrolled())

    # Painting

    def paint_if_changed(self) -> None:
        """Paint the rows anew where they would look otherwise."""
        appearance = self.appearance()
        if appearance != self._painted:
            self._painted = appearance
            self.refresh()

    def ground(self, selected: bool) -> str:
        """What a row stands on."""
        if not selected:
            return "ground"
        return "row-cursor" if self.has_focus else "row-cursor-blurred"

    def on_focus(self) -> None:
        """Show that the keys go here."""
        self.refresh()
        self.heading.refresh()

    def on_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self.refresh()
        self.heading.refresh()

    # Moving

    def moved(self) -> None:
        """Show the cursor where it is now, and tell."""
        self.show_cursor()
        self.paint_if_changed()
        self.post_message(self.Moved())

    def move_to(self, index: int) -> None:
        """Put the cursor on another row, and tell."""
        self.place_cursor(index)
        self.moved()

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self.move_to(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by what is in sight, less a row to keep one's place."""
        self.action_move(pages * max(self.size.height - 1, 1))

    def action_open(self) -> None:
        """See what is under the cursor in full."""
        if self.count:
            self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click opens."""
        index = self.top + event.y
        if index >= self.count:
            return
        if event.chain >= 2:
            self.action_open()
        else:
            self.click(index, event.x)

    def click(self, index: int, _x: int, /) -> None:
        """Put the cursor on the row that was clicked, some cells from its beginning."""
        self.move_to(index)
