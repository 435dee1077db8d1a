"""The wall: a live panel for each type, in as many columns as fit.

Painting is what costs, so a panel is painted anew only when something on it is another, and only its own cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.keys import bindings
from tui.model.dashboard import Dashboard
from tui.model.history import LEAST_MINUTES
from tui.model.wall import NEWEST, Wall
from tui.widgets.look import look_of
from tui.widgets.wall_panel import PanelPainter, PanelState

LEAST_WIDTH = 47
LEAST_PITCH = 6
MOST_PITCH = NEWEST + 4


class Grid(NamedTuple):
    """Where panels stand: `columns` of `width` cells with a gap of one between them, a row every `pitch` lines."""

    columns: int
    width: int
    pitch: int
    rows: int

    @classmethod
    def of(cls, panels: int, width: int, height: int) -> Grid:
        """Lay out so that all panels are in sight, or else as many as can be with a few events each."""
        columns = max(1, min(width // LEAST_WIDTH, max(panels, 1)))
        rows = -(-panels // columns)
        in_sight = max(1, min(rows, height // LEAST_PITCH))
        pitch = max(LEAST_PITCH, min(height // in_sight, MOST_PITCH))
        return cls(columns, (width - columns + 1) // columns, pitch, rows)


class WallView(ScrollView, can_focus=True, inherit_bindings=False):
    """The panels with a cursor."""

    BINDINGS = bindings("types")

    class Picked(Message):
        """A type was picked, or is to be let go again."""

        def __init__(self, type_: str) -> None:
            super().__init__()
            self.type = type_

    class Opened(Message):
        """The events of a type are to be seen by themselves."""

        def __init__(self, type_: str) -> None:
            super().__init__()
            self.type = type_

    class Scrolled(Message):
        """Other panels are in sight: there may be events to read."""

    def __init__(self, dashboard: Dashboard, wall: Wall) -> None:
        super().__init__(id="wall")
        self.dashboard = dashboard
        self.wall = wall
        self.types: list[str] = []
        """The types with a panel, in order."""
        self.grid = Grid(1, LEAST_WIDTH, LEAST_PITCH, 0)
        self.minutes = LEAST_MINUTES
        """Over how long the bars go."""
        self.marks: frozenset[int] = frozenset()
        """The places among the bars at which something was committed."""
        self._selected = ""
        self._painter: PanelPainter | None = None
        self._painted: dict[str, tuple[PanelState, Sequence[Strip]]] = {}
        self._rest = (0, 0)

    # Fitting the panels to the model

    def renew(self) -> None:
        """Read the model anew, and paint the panels in sight that say something else; a few times a second."""
        types, rest = self.wall.types(), self.wall.without_panel()
        if types != self.types or rest != self._rest:
            self._place(types, rest)
        self.minutes = self.wall.board.history.minutes(types)
        self.marks = frozenset(self.wall.board.history.marks(self.minutes))
        for index in self._in_sight():
            self._renew_panel(index)

    def _place(self, types: list[str], rest: tuple[int, int]) -> None:
        top = self._top()
        self.types, self._rest = types, rest
        if self._selected not in types:
            self._selected = types[0] if types else ""
        self._fit(top)

    def _fit(self, top: tuple[str, int] | None) -> None:
        """Lay out anew, with the panel that was at the top still there."""
        size = self.scrollable_content_region
        self.grid = Grid.of(len(self.types), size.width, size.height)
        self._painted.clear()
        rows = self.grid.rows * self.grid.pitch + (1 if self._rest[0] else 0)
        self._stretch(Size(size.width, rows))
        if top is not None and top[0] in self.types:
            row = self.types.index(top[0]) // self.grid.columns
            self._scroll_to_line(row * self.grid.pitch + min(top[1], self.grid.pitch - 1))
        self.refresh()

    def _top(self) -> tuple[str, int] | None:
        row, within = divmod(round(self.scroll_y), self.grid.pitch)
        index = row * self.grid.columns
        return (self.types[index], within) if 0 < index < len(self.types) else None

    def _stretch(self, size: Size) -> None:
        """Take another virtual size without laying out the screen, which nothing here can change."""
        if self.virtual_size != size:
            self.set_reactive(WallView.virtual_size, size)
            self._scroll_update(size)

    def _scroll_to_line(self, line: int) -> None:
        target = max(0, min(line, self.max_scroll_y))
        if target != self.scroll_y or target != self.scroll_target_y:
            self.scroll_to(y=target, animate=False, immediate=True)

    def _in_sight(self) -> range:
        top = round(self.scroll_y)
        first = top // self.grid.pitch
        last = -(-(top + self.size.height) // self.grid.pitch)
        return range(
            min(first * self.grid.columns, len(self.types)), min(last * self.grid.columns, len(self.types))
        )

    @property
    def types_in_sight(self) -> Sequence[str]:
        """The types whose panels are on screen, or partly so."""
        sight = self._in_sight()
        return self.types[sight.start : sight.stop]

    def _renew_panel(self, index: int) -> None:
        held = self._painted.get(self.types[index])
        if held is None:
            self.refresh(self._region(index))
        elif held[0] != self._state(self.types[index]):
            self._painted.pop(self.types[index])
            self.refresh(self._region(index))

    def _region(self, index: int) -> Region:
        row, column = divmod(index, self.grid.columns)
        y = row * self.grid.pitch - round(self.scroll_y)
        return Region(column * (self.grid.width + 1), y, self.grid.width, self.grid.pitch).intersection(
            Region(0, 0, self.size.width, self.size.height)
        )

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other panels came in sight."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Scrolled())

    def on_resize(self) -> None:
        """Lay out anew for another size, with the cursor in sight."""
        self._fit(self._top())
        self._show_cursor()

    # Painting

    def notify_style_update(self) -> None:
        """Paint everything anew."""
        super().notify_style_update()
        self._painted.clear()

    def _state(self, type_: str) -> PanelState:
        board = self.dashboard
        rate = board.type_rates.get(type_)
        total = sum(map(board.count, self.types)) if board.span.minutes else board.counts.total
        return PanelState(
            type=type_,
            seen=board.count(type_),
            total=total,
            rate=round(rate.per_second(board.monotonic()), 2) if rate is not None else 0.0,
            bars=self.wall.board.history.of(type_, self.minutes),
            marks=self.marks,
            newest=tuple(self.wall.newest(type_)[-self.grid.pitch :]),
            here=type_ == self._selected,
            focused=self.has_focus,
            picked=type_ in board.picked,
            out=bool(board.picked) and type_ not in board.picked,
        )

    def _panel(self, index: int) -> Sequence[Strip]:
        type_ = self.types[index]
        held = self._painted.get(type_)
        if held is None:
            state = self._state(type_)
            held = self._painted[type_] = (state, self._panel_painter().paint(state))
        return held[1]

    def _panel_painter(self) -> PanelPainter:
        look, clock, grid = look_of(self), self.dashboard.clock, self.grid
        painter = self._painter
        if painter is None or not painter.fits(look, clock.today(), grid.width, grid.pitch):
            painter = self._painter = PanelPainter(look, clock, grid.width, grid.pitch)
            self._painted.clear()
        return painter

    def render_line(self, y: int) -> Strip:
        """Paint one line: the same line of each panel of a row."""
        self._panel_painter()
        look, width = look_of(self), self.scrollable_content_region.width
        blank = look.style("ink")
        line = round(self.scroll_y) + y
        row, within = divmod(line, self.grid.pitch)
        if row >= self.grid.rows:
            return (
                self._last_line(width) if line == self.grid.rows * self.grid.pitch else Strip.blank(width, blank)
            )
        strips: list[Strip] = []
        for index in range(row * self.grid.columns, min((row + 1) * self.grid.columns, len(self.types))):
            strips += [self._panel(index)[within], Strip.blank(1, blank)]
        return Strip.join(strips[:-1]).adjust_cell_length(width, blank)

    def _last_line(self, width: int) -> Strip:
        look = look_of(self)
        types, count = self._rest
        if not types:
            return Strip.blank(width, look.style("ink"))
        what = f" and {types:,} more that {'is' if types == 1 else 'are'} not in the catalogue: {count:,} events"
        return Strip([Segment(what, look.style("quiet"))]).adjust_cell_length(width, look.style("ink"))

    def on_focus(self) -> None:
        """Show that the keys go here."""
        self.renew()

    def on_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self.renew()

    # The cursor

    @property
    def cursor(self) -> int:
        """Place of the panel under the cursor."""
        return self.types.index(self._selected) if self._selected in self.types else 0

    @property
    def selected(self) -> str | None:
        """The type under the cursor; None before the first event."""
        return self.types[self.cursor] if self.types else None

    def _show_cursor(self) -> None:
        top = self.cursor // self.grid.columns * self.grid.pitch
        if top < self.scroll_y:
            self._scroll_to_line(top)
        elif top + self.grid.pitch > self.scroll_y + self.size.height:
            self._scroll_to_line(top + self.grid.pitch - self.size.height)

    def _move_to(self, index: int) -> None:
        if self.types:
            self._selected = self.types[max(0, min(index, len(self.types) - 1))]
            self._show_cursor()
            self.renew()

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows of panels; from a column that ends sooner, to the last panel."""
        target = self.cursor + rows * self.grid.columns
        if target >= len(self.types) and self.cursor // self.grid.columns < self.grid.rows - 1:
            target = len(self.types) - 1
        if 0 <= target < len(self.types):
            self._move_to(target)

    def action_across(self, panels: int) -> None:
        """Move the cursor to the panel beside it."""
        self._move_to(self.cursor + panels)

    def action_page(self, pages: int) -> None:
        """Move the cursor by the rows of panels that are in sight."""
        rows = max(self.size.height // self.grid.pitch, 1)
        column = self.cursor % self.grid.columns
        row = max(0, min(self.cursor // self.grid.columns + pages * rows, self.grid.rows - 1))
        self._move_to(row * self.grid.columns + column)

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first panel, or to the last."""
        self._move_to(0 if side < 0 else len(self.types) - 1)

    def action_pick(self) -> None:
        """Narrow the stream to the type under the cursor, or let it go again."""
        if self.selected is not None:
            self.post_message(self.Picked(self.selected))

    def action_open_type(self) -> None:
        """See the events of the type under the cursor."""
        if self.selected is not None:
            self.post_message(self.Opened(self.selected))

    # The mouse

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the panel under the mouse; its glyph picks it, a second click opens it."""
        row, line = divmod(round(self.scroll_y) + event.y, self.grid.pitch)
        column, cell = divmod(event.x, self.grid.width + 1)
        index = row * self.grid.columns + column
        if column >= self.grid.columns or index >= len(self.types):
            return
        if event.chain >= 2:
            self.action_open_type()
            return
        self._move_to(index)
        if line == 0 and cell < PanelPainter.GLYPH_CELLS:
            self.action_pick()
