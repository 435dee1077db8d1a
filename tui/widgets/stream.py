"""The stream of events: a list over the window that paints only the rows in sight.

What arrives is applied to the model elsewhere; `sync` then makes the list fit it, keeping the rows in sight where
they are unless it follows.
"""

from __future__ import annotations

from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.keys import bindings
from tui.model.browse import Stance
from tui.model.dashboard import Dashboard
from tui.model.matched import matched
from tui.model.source import Row
from tui.widgets.event_row import RowPainter
from tui.widgets.look import look_of
from tui.widgets.row_list import RowList

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


class Stream(RowList, can_focus=True, inherit_bindings=False):
    """The list of events with a cursor."""

    BINDINGS = bindings("stream")

    class Moved(RowList.Moved):
        """The cursor is on another row, or the list no longer follows."""

    class Opened(RowList.Opened):
        """The event under the cursor is to be seen in full."""

    class Scrolled(RowList.Scrolled):
        """Other rows are in sight: there may be pages to read."""

    class Beyond(Message):
        """Rows beyond those that are loaded are asked for."""

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__(id="stream")
        self.dashboard = dashboard
        self.heading = StreamHeading(self)
        self._cache: LRUCache[tuple[int, str], tuple[Row, Strip]] = LRUCache(CACHED_ROWS)
        self._painter: RowPainter | None = None
        self._key: tuple[object, ...] = ()
        self._top: int | None = None
        self._run = 0
        self._was_in_sight = True
        """The cursor was, when the rows were last where they are."""
        self._cursor_y = 0
        """How far below the top the cursor was when it was last in sight."""
        self._shift = 0

    # Fitting the list to the model

    @property
    def count(self) -> int:
        """How many events the window holds."""
        return len(self.dashboard.browse.window)

    @property
    def cursor(self) -> int:
        """The place of the selected event."""
        return self.dashboard.browse.cursor

    def place_cursor(self, index: int) -> None:
        """Select another event."""
        self.dashboard.browse.move_to(index)

    def hold(self) -> bool:
        """Follow no longer."""
        browse = self.dashboard.browse
        if browse.stance is not Stance.FOLLOWING:
            return False
        browse.hold()
        return True

    def sync(self) -> None:
        """Fit the list to the window: follow, or keep what is in sight."""
        browse = self.dashboard.browse
        with self.scrolling():
            self.stretch()
            if browse.stance is Stance.FOLLOWING:
                self.scroll_to_row(self.count)
            elif browse.run != self._run or self._top is None:
                # Another run of the log: the cursor is brought to the line of the screen that it was on.
                self.scroll_to_row(browse.cursor - self._cursor_y)
            else:
                self.scroll_to_row(browse.window.nearest(self._top))
        self._run = browse.run
        self.note_top()
        self.paint_if_changed()

    def note_top(self) -> None:
        """Keep in mind where the rows are, and where the cursor is among them."""
        window = self.dashboard.browse.window
        self._top = window[min(self.top, len(window) - 1)].seq if len(window) else None
        self._was_in_sight = self.cursor_in_sight
        if self._was_in_sight and len(window):
            self._cursor_y = self.cursor - self.top

    def appearance(self) -> tuple[object, ...]:
        """The rows, the cursor, the mark and the columns."""
        board = self.dashboard
        rows = board.browse.window.rows[self.top : self.top + self.size.height]
        # A change puts a new summary in the place of the old one, so who they are tells whether they changed.
        return (board.browse.selected, board.marked_seq, board.columns, *(id(row) for row in rows))

    def on_resize(self) -> None:
        """Lay out anew for another size, with the cursor in sight if it was."""
        in_sight = self._was_in_sight
        self.sync()
        if in_sight:
            self.show_cursor()

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
        needles = matched(self.dashboard.filtering.applied)
        environments = self.dashboard.environments
        mixed = environments.mixed
        key = (look, width, self.size.width, self._shift, clock.today(), trusting, wanted, needles, mixed)
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
                of_file=bool(self.dashboard.file),
                wanted=wanted,
                needles=needles,
                environments=environments,
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
        index = self.top + y
        if index >= len(window):
            return Strip.blank(painter.width, self._blank())
        row = window[index]
        selected = row.seq == self.dashboard.browse.selected
        ground = self.ground(selected)
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

    # Moving

    def reveal(self) -> None:
        """Fit the list to the window, with the cursor in sight: in the middle, where it was not."""
        elsewhere = self.dashboard.browse.run != self._run
        self.sync()
        if elsewhere or not self._was_in_sight:
            with self.scrolling():
                self.scroll_to_row(self.cursor - self.size.height // 2)
            self.note_top()
        self.moved()

    def action_oldest(self) -> None:
        """Go to the oldest row that is loaded."""
        self.move_to(0)
        self.post_message(self.Beyond())

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows, or ask for more of them at either end."""
        at_end = self.cursor == (0 if rows < 0 else self.count - 1)
        super().action_move(rows)
        if at_end or not self.count:
            self.post_message(self.Beyond())

    def action_follow(self) -> None:
        """Go to the newest event and stay there."""
        self.dashboard.browse.follow()
        self.sync()
        self.post_message(self.Moved())

    def action_sideways(self, cells: int) -> None:
        """Move the view sideways, no further than the longest row in sight."""
        painter = self._row_painter()
        rows = self.dashboard.browse.window.rows[self.top : self.top + self.size.height]
        longest = max((painter.length(row) for row in rows), default=0)
        shift = max(0, min(self._shift + cells, longest - painter.width))
        if shift != self._shift:
            self._shift = shift
            self.refresh()
