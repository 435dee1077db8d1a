"""The list of what failed and why: counts, what it says, when it began and came last, and bars over time."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from relay.contract.events import EventSummary
from tui.keys import bindings
from tui.model.alike import parts
from tui.model.clock import Clock
from tui.model.failures import Cause, Failures, Kind, Section
from tui.widgets.bar import Words
from tui.widgets.cells import fit, fit_right
from tui.widgets.look import Look, look_of
from tui.widgets.row_list import RowList
from tui.widgets.sparkline import spread
from tui.widgets.time_axis import COMMITTED, axis, cells_of, marked

COUNT, TIME, WHERE = 8, 11, 18
FIRST_FROM, WHERE_FROM = 100, 132
LEAST_TEXT = 20
INKS = {
    Kind.FAILED: "event-failed",
    Kind.COMPLAINT: "event-complaint",
    Kind.RUN: "event-failed",
    Kind.LINK: "event-engaged",
}
LIMIT = 400


class Columns(NamedTuple):
    """Cells of the columns whose width is not always the same; 0 for those that have no room."""

    text: int
    where: int
    first: int
    bars: int

    @classmethod
    def of(cls, width: int) -> Columns:
        """Lay out in so many cells."""
        bars = 60 if width >= 156 else 30 if width >= 88 else 20 if width >= 64 else 0
        where = WHERE if width >= WHERE_FROM else 0
        first = TIME if width >= FIRST_FROM else 0
        taken = 1 + COUNT + 2 + TIME + sum(2 + cells for cells in (where, first, bars) if cells) + 5
        return cls(max(width - taken, LEAST_TEXT), where, first, bars)


class FailuresHeading(Widget):
    """The names of the columns, and the time axis with the commits on it."""

    def __init__(self, view: FailuresList) -> None:
        super().__init__(id="failures-heading")
        self.view = view

    def render_line(self, y: int) -> Strip:
        """Paint the names."""
        look, width = look_of(self), self.size.width
        if y > 0:
            return Strip.blank(width, look.style("ink", "side"))
        model = self.view.failures
        columns = self.view.columns
        words: Words = [
            (fit_right("times", COUNT + 1), "quiet"),
            (f"  {fit('  why', columns.text + 2, look.ellipsis)}", "quiet"),
            *self.view.told("where", "first", "last"),
        ]
        if columns.bars:
            mark = look.mark(COMMITTED)[1]
            at = cells_of(model.marks, model.minutes, columns.bars)
            words = [*words, ("  ", "quiet"), *axis(model.minutes, columns.bars, at, mark)]
        strip = Strip([Segment(text, look.style(ink, "side")) for text, ink, *_ in words])
        return strip.crop(0, width).adjust_cell_length(width, look.style("ink", "side"))


class FailuresList(RowList, can_focus=True, inherit_bindings=False):
    """A row a cause, in sections by what it is about."""

    BINDINGS = bindings("failures")

    class Moved(RowList.Moved):
        """The cursor is on another cause."""

    class Scrolled(RowList.Scrolled):
        """Other rows are in sight."""

    class Opened(RowList.Opened):
        """The events of the cause under the cursor are to be seen."""

    def __init__(self, failures: Failures, clock: Clock) -> None:
        super().__init__(id="failures-list")
        self.failures = failures
        self.clock = clock
        self.heading = FailuresHeading(self)
        self._from_top = 0
        """How far below the first row in sight the cursor is."""

    @property
    def count(self) -> int:
        """How many rows there are, headings among them."""
        return len(self.failures.rows)

    @property
    def cursor(self) -> int:
        """The place of the cause under the cursor."""
        return self.failures.cursor

    def place_cursor(self, index: int) -> None:
        """Select another cause."""
        self.failures.move_to(index)

    @property
    def in_sight(self) -> list[Section | Cause]:
        """The rows that can be seen."""
        return list(self.failures.rows[self.top : self.top + max(self.size.height, 1)])

    @property
    def columns(self) -> Columns:
        """The columns at this width."""
        return Columns.of(self.scrollable_content_region.width or self.size.width)

    def sync(self) -> None:
        """Fit the view to the rows; the cause under the cursor stays where it is on screen."""
        with self.scrolling():
            self.stretch()
            self.scroll_to_row(self.cursor - self._from_top)
        self.show_cursor()
        self.paint_if_changed()

    def show_cursor(self) -> None:
        """Bring the cursor in sight, and the heading above it where that is next to it."""
        super().show_cursor()
        cursor = self.cursor
        if cursor and cursor == self.top and isinstance(self.failures.rows[cursor - 1], Section):
            with self.scrolling():
                self.scroll_to_row(cursor - 1)
            self.note_top()

    def note_top(self) -> None:
        """Keep in mind where the cursor is on screen."""
        self._from_top = max(self.cursor - self.top, 0)

    def appearance(self) -> tuple[object, ...]:
        """The rows and their ends, the cursor, the commits and how far time went on."""
        model = self.failures
        ends = [
            (model.first(row), model.last(row), model.bars(row)) for row in self.in_sight if isinstance(row, Cause)
        ]
        return self.cursor, model.span, frozenset(model.marks), *self.in_sight, *map(_identity, ends)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.sync()

    # Painting

    def told(self, where: str, first: str, last: str) -> Words:
        """Lay out the columns between the text and the bars."""
        columns, ellipsis = self.columns, look_of(self).ellipsis
        shown = [(where, columns.where), (first, columns.first), (last, TIME)]
        return [("  " + fit(text, cells, ellipsis), "quiet") for text, cells in shown if cells]

    def render_line(self, y: int) -> Strip:
        """Paint a row."""
        look, width = look_of(self), self.scrollable_content_region.width
        index = self.top + y
        if index >= self.count:
            return Strip.blank(width, look.style("ink"))
        row = self.failures.rows[index]
        if isinstance(row, Section):
            return self._section(row, look, width)
        selected = index == self.cursor
        ground = self.ground(selected)
        segments = [Segment(look.own("▌") if selected else " ", look.style("focus", ground))]
        for text, ink, *_ in self._words(row, look):
            name, _, weight = ink.partition(" ")
            segments.append(Segment(text, look.style(name, ground, bold=weight == "bold")))
        return Strip(segments).crop(0, width).adjust_cell_length(width, look.style("ink", ground))

    def _section(self, row: Section, look: Look, width: int) -> Strip:
        bold, quiet = look.style("ink", bold=True), look.style("quiet")
        count = fit_right(f"{row.count:,}", COUNT + 1)
        reason = look.text(row.reason, LIMIT)
        strip = Strip([Segment(count, bold), Segment(f"  {row.kind.heading}", bold)])
        if reason:
            strip = Strip([*strip, Segment(": ", quiet), Segment(reason, look.style(INKS[row.kind], bold=True))])
        return strip.crop(0, width).adjust_cell_length(width, quiet)

    def _words(self, cause: Cause, look: Look) -> Words:
        model, columns = self.failures, self.columns
        first, last = model.first(cause), model.last(cause)
        count = model.count(cause)
        mark, glyph = look.mark(last.type if last is not None else cause.kind.types[0])
        words: Words = [
            (fit_right(f"{count:,}", COUNT), f"{INKS[cause.kind]} bold" if count else "quiet"),
            (f"  {glyph} ", mark.ink),
            *_text(cause, columns.text, look),
            *self.told(*(look.text(text, LIMIT) for text in (_where(last), self._at(first), self._at(last)))),
        ]
        if columns.bars:
            counts = model.bars(cause)
            bars = spread(counts, columns.bars, INKS[cause.kind], ascii_only=look.ascii_only)
            at = cells_of(model.marks, len(counts), columns.bars)
            words = [*words, ("  ", "quiet"), *marked(bars, at, look)]
        return words

    def _at(self, event: EventSummary | None) -> str:
        return "" if event is None else self.clock.short(event.received_at)

    # Moving

    def action_edge(self, end: int) -> None:
        """Go to the first cause, or to the last."""
        self.move_to(0 if end < 0 else self.count - 1)


def _identity(ends: tuple[EventSummary | None, EventSummary | None, tuple[int, ...]]) -> tuple[object, ...]:
    first, last, bars = ends
    return id(first), id(last), bars


def _text(cause: Cause, width: int, look: Look) -> Words:
    """Give what a cause says in so many cells: its reason, and its details with quiet masks."""
    if cause.details:
        words = [(look.text(text, LIMIT), "quiet" if masked else "ink") for text, masked in parts(cause.details)]
    else:
        words = [("no details", "quiet") if cause.kind is Kind.FAILED else (look.text(cause.what, LIMIT), "ink")]
    strip = Strip([Segment(text) for text, _ in words])
    if strip.cell_length <= width:
        return [*words, (" " * (width - strip.cell_length), "ink")]
    left, shown = width - cell_len(look.ellipsis), []
    for text, ink in words:
        cells = min(cell_len(text), left)
        shown.append((fit(text, cells, ""), ink))
        left -= cells
    return [*shown, (look.ellipsis, "quiet")]


def _where(event: EventSummary | None) -> str:
    """Give the channel's type and its provider, once where they are the same."""
    if event is None:
        return ""
    if event.channel is None:
        return event.workflow or ""
    return " ".join(dict.fromkeys(part for part in (event.channel.type, event.channel.provider) if part))
