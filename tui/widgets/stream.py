"""The stream of events: a list over the window that paints only the rows in sight.

What arrives is applied to the model elsewhere; `sync` then makes the list fit it, keeping the rows in sight where
they are unless it follows.
"""

from __future__ import annotations

from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from tui.keys import bindings
from tui.model.browse import Stance
from tui.model.dashboard import Dashboard
from tui.model.source import Row
from tui.widgets.event_row import RowPainter
from tui.widgets.look import look_of

CACHED_ROWS = 512


class StreamHeading(Widget):
    """The names of the columns, in one line above the rows."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(id="stream-heading")
        self.stream = stream

    def render_line(self, y: int) -> Strip:
        """Paint the names, louder while the keys go to the rows below."""
        look, width = look_of(self), self.size.width
        if y > 0 or not self.stream.size.width:
            return Strip.blank(width, look.style("ink", "side"))
        names = self.stream.painter.heading("focus" if self.stream.has_focus else "quiet")
        return names.adjust_cell_length(width, look.style("ink", "side"))


class Stream(ScrollView, can_focus=True, inherit_bindings=False):
    """The list of events with a cursor."""

    BINDINGS = bindings("stream")

    class Moved(Message):
        """The cursor is on another row, or the list no longer follows."""

    class Clicked(Message):
        """The row under the cursor was clicked twice."""

    class Scrolled(Message):
        """Other rows are in sight: there may be pages to read."""

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__(id="stream")
        self.dashboard = dashboard
        self.heading = StreamHeading(self)
        self._cache: LRUCache[tuple[int, str], tuple[Row, Strip]] = LRUCache(CACHED_ROWS)
        self._painter: RowPainter | None = None
        self._key: tuple[object, ...] = ()
        self._top: int | None = None
        self._run = 0
        self._cursor_in_sight = True
        self._cursor_y = 0
        """How far below the top the cursor was when it was last in sight."""
        self._syncing = False
        self._shift = 0
        self._sight: tuple[object, ...] = ()

    # Fitting the list to the model

    def sync(self) -> None:
        """Fit the list to the window: follow, or keep what is in sight."""
        browse = self.dashboard.browse
        rows = len(browse.window)
        self._syncing = True
        try:
            self._stretch(Size(self.scrollable_content_region.width, rows))
            if browse.stance is Stance.FOLLOWING:
                self._scroll_to_row(rows)
            elif browse.run != self._run or self._top is None:
                # Another run of the log: the cursor is brought to the line of the screen that it was on.
                self._scroll_to_row(browse.cursor - self._cursor_y)
            else:
                self._scroll_to_row(browse.window.nearest(self._top))
        finally:
            self._syncing = False
        self._run = browse.run
        self._note_top()
        self._paint_if_changed()

    def _stretch(self, size: Size) -> None:
        """Take another virtual size without laying out the screen, which nothing here can change.

        The scrollbar has its place whatever the number of rows, so that it has to be told and no one else; setting
        the reactive would paint the whole screen anew, every time an event arrives.
        """
        if self.virtual_size != size:
            self.set_reactive(Stream.virtual_size, size)
            self._scroll_update(size)

    def _scroll_to_row(self, row: int) -> None:
        target = max(0, min(row, self.max_scroll_y))
        if target != self.scroll_y:
            self.scroll_to(y=target, animate=False, immediate=True)

    def _note_top(self) -> None:
        window = self.dashboard.browse.window
        top = round(self.scroll_y)
        self._top = window[min(top, len(window) - 1)].seq if len(window) else None
        cursor = self.dashboard.browse.cursor
        self._cursor_in_sight = top <= cursor < top + self.size.height
        if self._cursor_in_sight and len(window):
            self._cursor_y = cursor - top

    def _paint_if_changed(self) -> None:
        top = round(self.scroll_y)
        rows = self.dashboard.browse.window.rows[top : top + self.size.height]
        # A change puts a new summary in the place of the old one, so who they are tells whether they changed.
        board = self.dashboard
        sight = (board.browse.selected, board.marked_seq, board.columns, *(id(row) for row in rows))
        if sight != self._sight:
            self._sight = sight
            self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Leave following when the rows are scrolled away from the end by hand."""
        super().watch_scroll_y(old_value, new_value)
        if self._syncing or round(old_value) == round(new_value):
            return
        browse = self.dashboard.browse
        if browse.stance is Stance.FOLLOWING and round(new_value) < self.max_scroll_y:
            browse.hold()
            self.post_message(self.Moved())
        self._note_top()
        self.post_message(self.Scrolled())

    def on_resize(self) -> None:
        """Lay out anew for another size, with the cursor in sight if it was."""
        in_sight = self._cursor_in_sight
        self.sync()
        if in_sight:
            self._show_cursor()

    @property
    def near_start(self) -> bool:
        """Older rows will be in sight soon."""
        return self.scroll_y < self.size.height

    @property
    def near_end(self) -> bool:
        """Newer rows will be in sight soon."""
        return self.scroll_y + 2 * self.size.height >= len(self.dashboard.browse.window)

    # Painting

    def notify_style_update(self) -> None:
        """Paint everything anew."""
        super().notify_style_update()
        self._cache.clear()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the rows in sight; how they are laid out is looked up once for all of them."""
        self._row_painter()
        return super().render_lines(crop)

    def _row_painter(self) -> RowPainter:
        look, clock = look_of(self), self.dashboard.clock
        width = self.scrollable_content_region.width
        trusting = self.dashboard.secrets == 0
        wanted = self.dashboard.columns
        key = (look, width, self.size.width, self._shift, clock.today(), trusting, wanted)
        if self._painter is None or key != self._key:
            self._cache.clear()
            self._key = key
            self._painter = RowPainter(
                look,
                clock,
                width,
                outer_width=self.size.width,
                shift=self._shift,
                trusting=trusting,
                wanted=wanted,
            )
            self.heading.refresh()
        return self._painter

    @property
    def painter(self) -> RowPainter:
        """What paints the rows at this size."""
        return self._row_painter()

    def render_line(self, y: int) -> Strip:
        """Paint one row in sight."""
        painter = self._painter or self._row_painter()
        window = self.dashboard.browse.window
        index = round(self.scroll_y) + y
        if index >= len(window):
            return Strip.blank(painter.width, self._blank())
        row = window[index]
        selected = row.seq == self.dashboard.browse.selected
        ground = ("row-cursor" if self.has_focus else "row-cursor-blurred") if selected else "ground"
        marked = row.seq == self.dashboard.marked_seq
        key = (row.seq, f"{ground} marked" if marked else ground)
        cached = self._cache.get(key)
        if cached is not None and cached[0] is row:
            return cached[1]
        strip = painter.paint(row, ground, selected=selected, marked=marked)
        self._cache[key] = (row, strip)
        return strip

    def _blank(self) -> Style:
        return look_of(self).style("ink", "ground")

    def on_focus(self) -> None:
        """Show that the keys go here."""
        self.refresh()
        self.heading.refresh()

    def on_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self.refresh()
        self.heading.refresh()

    # Moving

    def _show_cursor(self) -> None:
        cursor, top, height = self.dashboard.browse.cursor, round(self.scroll_y), self.size.height
        self._syncing = True
        try:
            if cursor < top:
                self._scroll_to_row(cursor)
            elif cursor >= top + height:
                self._scroll_to_row(cursor - height + 1)
        finally:
            self._syncing = False
        self._note_top()

    def reveal(self) -> None:
        """Fit the list to the window, with the cursor in sight: in the middle, where it was not."""
        elsewhere = self.dashboard.browse.run != self._run
        self.sync()
        if elsewhere or not self._cursor_in_sight:
            self._syncing = True
            try:
                self._scroll_to_row(self.dashboard.browse.cursor - self.size.height // 2)
            finally:
                self._syncing = False
            self._note_top()
        self._moved()

    def _moved(self) -> None:
        self._show_cursor()
        self._paint_if_changed()
        self.post_message(self.Moved())

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self.dashboard.browse.move(rows)
        self._moved()

    def action_page(self, pages: int) -> None:
        """Move the cursor by what is in sight, less a row to keep one's place."""
        self.action_move(pages * max(self.size.height - 1, 1))

    def action_oldest(self) -> None:
        """Go to the oldest row that is loaded."""
        self.dashboard.browse.move_to(0)
        self._moved()

    def action_follow(self) -> None:
        """Go to the newest event and stay there."""
        self.dashboard.browse.follow()
        self.sync()
        self.post_message(self.Moved())

    def action_sideways(self, cells: int) -> None:
        """Move the view sideways, no further than the longest row in sight."""
        painter = self._row_painter()
        top = round(self.scroll_y)
        rows = self.dashboard.browse.window.rows[top : top + self.size.height]
        longest = max((painter.length(row) for row in rows), default=0)
        shift = max(0, min(self._shift + cells, longest - painter.width))
        if shift != self._shift:
            self._shift = shift
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click opens."""
        index = round(self.scroll_y) + event.y
        if index >= len(self.dashboard.browse.window):
            return
        if event.chain >= 2:
            self.post_message(self.Clicked())
            return
        self.dashboard.browse.move_to(index)
        self._moved()
