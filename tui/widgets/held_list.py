"""The list of requests in quarantine: it paints only the rows in sight, and stays where it is when more arrive."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from relay.contract.api import QuarantineItem
from tui.keys import bindings
from tui.model.clock import Clock
from tui.model.held import claimed, title
from tui.model.quarantine import Quarantine
from tui.widgets.cells import fit, fit_right
from tui.widgets.look import look_of

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


class HeldList(ScrollView, can_focus=True, inherit_bindings=False):
    """A row a request, the newest first."""

    BINDINGS = bindings("quarantine")

    class Moved(Message):
        """The cursor is on another request."""

    class Scrolled(Message):
        """Other rows are in sight: there may be more to read."""

    class Opened(Message):
        """The request under the cursor is to be read."""

    def __init__(self, quarantine: Quarantine, clock: Clock) -> None:
        super().__init__(id="held-list")
        self.quarantine = quarantine
        self.clock = clock
        self.heading = HeldHeading(self)
        self._top: int | None = None
        """Id of the first row in sight."""

    @property
    def near_end(self) -> bool:
        """The oldest row that was read is in sight, or nearly."""
        return round(self.scroll_y) + 2 * self.size.height >= len(self.quarantine.items)

    def sync(self) -> None:
        """Fit the view to the rows, so that those in sight stay where they are."""
        items = self.quarantine.items
        self.virtual_size = Size(self.scrollable_content_region.width, len(items))
        top = next((at for at, item in enumerate(items) if self._top is not None and item.id <= self._top), 0)
        if round(self.scroll_y) and top != round(self.scroll_y):
            self.scroll_to(y=top, animate=False, immediate=True)
        self.reveal()
        self.refresh()

    def reveal(self) -> None:
        """Bring the cursor into sight."""
        cursor, top, height = self.quarantine.cursor, round(self.scroll_y), max(self.size.height, 1)
        target = min(max(top, cursor - height + 1), cursor)
        if target != top:
            self.scroll_to(y=target, animate=False, immediate=True)
        self._note_top()

    def _note_top(self) -> None:
        top = round(self.scroll_y)
        self._top = self.quarantine.items[top].id if top < len(self.quarantine.items) else None

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read on where the end comes near."""
        super().watch_scroll_y(old_value, new_value)
        self._note_top()
        self.post_message(self.Scrolled())

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
        items, index = self.quarantine.items, round(self.scroll_y) + y
        if index >= len(items):
            return Strip.blank(width, look.style("ink"))
        selected = index == self.quarantine.cursor
        ground = ("row-cursor" if self.has_focus else "row-cursor-blurred") if selected else "ground"
        edge = Segment(look.own("▌") if selected else " ", look.style("focus", ground))
        cells = self.cells(self._words(items[index]))
        words = [Segment(text, look.style(ink, ground, bold=selected and ink == "bad")) for text, ink in cells]
        strip = Strip([edge, *Strip(words).crop(1, None)])
        return strip.crop(0, width).adjust_cell_length(width, look.style("ink", ground))

    def on_focus(self) -> None:
        """Show that the keys go here."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self.refresh()

    # Moving

    def _to(self, place: int) -> None:
        self.quarantine.move_to(place)
        self.reveal()
        self.refresh()
        self.post_message(self.Moved())

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self._to(self.quarantine.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by what is in sight, less a row to keep one's place."""
        self.action_move(pages * max(self.size.height - 1, 1))

    def action_edge(self, end: int) -> None:
        """Go to the newest request, or to the oldest that was read."""
        self._to(0 if end < 0 else len(self.quarantine.items) - 1)

    def action_open(self) -> None:
        """Read the request under the cursor."""
        if self.quarantine.selected is not None:
            self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click opens."""
        index = round(self.scroll_y) + event.y
        if index < len(self.quarantine.items):
            self._to(index)
            if event.chain >= 2:
                self.action_open()
