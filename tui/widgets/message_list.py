"""The list of messages: a lane each, over an axis of time. It paints those in sight, and stays where it is."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from relay.contract.timeline import MessageTimeline
from tui.keys import bindings
from tui.model.dashboard import Dashboard
from tui.model.messages.axis import Axis
from tui.model.messages.lane import is_moving, lane_of, length_ms, marks_of
from tui.model.messages.listing import Listing
from tui.widgets.look import look_of
from tui.widgets.message_row import MessagePainter
from tui.widgets.row_list import RowList

PAN = 0.1
"""Share of the axis that one press moves it."""


class MessageHeading(Widget):
    """The names of the columns, and the axis."""

    def __init__(self, view: MessageList) -> None:
        super().__init__(id="message-heading")
        self.view = view

    def render_line(self, y: int) -> Strip:
        """Paint the names, louder while the keys go to the rows below."""
        look, width = look_of(self), self.size.width
        if y > 0 or not self.view.size.width:
            return Strip.blank(width, look.style("ink", "side"))
        strip = self.view.painter.heading(self.view.listing.order, focused=self.view.has_focus)
        return strip.adjust_cell_length(width, look.style("ink", "side"))


class MessageList(RowList, can_focus=True, inherit_bindings=False):
    """A row a message, in the order of the listing."""

    BINDINGS = bindings("messages")

    class Moved(RowList.Moved):
        """The cursor is on another message or step, or the list no longer follows."""

    class Scrolled(RowList.Scrolled):
        """Other rows are in sight: there may be pages to read."""

    class Opened(RowList.Opened):
        """The story of the message under the cursor is to be seen."""

    class NoneFailing(Message):
        """There is no further message that failed, in the direction of `step`."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, listing: Listing, dashboard: Dashboard) -> None:
        super().__init__(id="message-list")
        self.listing = listing
        self.dashboard = dashboard
        self.axis = Axis()
        self.heading = MessageHeading(self)
        self._painter: MessagePainter | None = None
        self._key: tuple[object, ...] = ()
        self._top: str | None = None
        self._was_in_sight = True
        """The cursor was, when the rows were last where they are."""

    # Fitting the view to the listing

    @property
    def count(self) -> int:
        """How many messages were read."""
        return len(self.listing)

    @property
    def cursor(self) -> int:
        """The place of the selected message."""
        return self.listing.cursor

    def place_cursor(self, index: int) -> None:
        """Select another message."""
        self.listing.move_to(index)

    def hold(self) -> bool:
        """Follow no longer."""
        if not self.listing.following:
            return False
        self.listing.hold()
        return True

    def sync(self) -> None:
        """Fit the view to the rows: follow, or keep what is in sight."""
        listing = self.listing
        self.axis = self.axis.grown(self._longest())
        top = listing.place(self._top)
        with self.scrolling():
            self.stretch()
            if listing.following:
                self.scroll_to_row(self.count)
            elif top is not None:
                self.scroll_to_row(top)
        if top is None and not listing.following:
            self.show_cursor()
        self.note_top()
        self.paint_if_changed()

    def _longest(self) -> float:
        now = self.dashboard.now_us
        return max((length_ms(message, now) for message in self._in_sight()), default=0.0)

    def _in_sight(self) -> Sequence[MessageTimeline]:
        height = max(self.size.height, 1)
        top = max(self.count - height, 0) if self.listing.following else self.top
        return self.listing.rows[top : top + height]

    def note_top(self) -> None:
        """Keep in mind which message is the first in sight."""
        rows = self.listing.rows
        self._top = rows[min(self.top, len(rows) - 1)].message_id if rows else None
        self._was_in_sight = self.cursor_in_sight

    def appearance(self) -> tuple[object, ...]:
        """The messages, the cursor and its step, the axis, and how far the lanes that are open have come."""
        painter, now = self.painter, self.dashboard.now_us
        rows = self.listing.rows[self.top : self.top + self.size.height]
        step = self.listing.step
        width = painter.lane.width
        open_to = [lane_of(row, self.axis, width, now).open_to for row in rows if is_moving(row)]
        chosen = (self.listing.selected, None if step is None else step.seq, self.axis, self.listing.order)
        return (*chosen, id(self.dashboard.commits.events), *open_to, *(id(row) for row in rows))

    def paint_if_changed(self) -> None:
        """Paint the axis with the rows."""
        before = self._painted
        super().paint_if_changed()
        if self._painted != before:
            self.heading.refresh()

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
        self._painter = None

    @property
    def painter(self) -> MessagePainter:
        """What paints the rows at this size and over this axis."""
        look, width, clock = look_of(self), self.scrollable_content_region.width, self.dashboard.clock
        key = (look, width, self.axis, clock.today())
        if self._painter is None or key != self._key:
            self._key = key
            self._painter = MessagePainter(look, clock, width, self.axis, self.dashboard.commits)
        return self._painter

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the rows in sight; how they are laid out is looked up once for all of them."""
        self.painter  # noqa: B018 - made anew where it has to be
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Paint one row in sight."""
        painter = self._painter or self.painter
        index, listing = self.top + y, self.listing
        if index >= len(listing):
            return Strip.blank(painter.width, look_of(self).style("ink"))
        message = listing.rows[index]
        selected = index == self.cursor
        return painter.paint(
            message,
            self.ground(selected),
            self.dashboard.now_us,
            selected=selected,
            chosen=listing.step if selected and self.has_focus else None,
            after_commit=self.is_after_commit(index),
        )

    def is_after_commit(self, index: int) -> bool:
        """Tell whether something was committed between what moved in the row above and in this one."""
        rows, listing = self.listing.rows, self.listing
        if not listing.upwards or not 0 < index < len(rows):
            return False
        return self.dashboard.commits.between(_newest(rows[index - 1]), _newest(rows[index]))

    @property
    def marked(self) -> bool:
        """What was committed is marked on a row or a lane in sight."""
        top, painter, now = self.top, self.painter, self.dashboard.now_us
        width, commits = painter.lane.width, self.dashboard.commits
        rows = self.listing.rows[top : top + self.size.height]
        return bool(commits.events) and any(
            self.is_after_commit(top + at)
            or marks_of(row, lane_of(row, self.axis, width, now), self.axis, width, commits)
            for at, row in enumerate(rows)
        )

    # Moving

    def action_edge(self, end: int) -> None:
        """Go to the first row, or to the last; where that is the newest, follow it."""
        if end > 0 and self.listing.upwards:
            self.action_follow()
        else:
            self.move_to(0 if end < 0 else self.count - 1)

    def action_follow(self) -> None:
        """Go to the newest and stay there; in another order to the worst as it is now."""
        self.listing.follow()
        self._top = None
        self.sync()
        self.show_cursor()
        self.post_message(self.Moved())

    def action_step(self, steps: int) -> None:
        """Choose a later step of the message under the cursor, or an earlier one."""
        if self.listing.along(steps):
            self._show_step()
            self.moved()

    def _show_step(self) -> None:
        """Bring the chosen step in sight, where the axis was zoomed."""
        step, width = self.listing.step, self.painter.lane.width
        if step is not None and step.since_first_ms is not None and not self.axis.fitted:
            cell = self.axis.cell(step.since_first_ms, width)
            if not 0 <= cell < width:
                self.axis = self.axis.panned((cell - width // 2) / width)

    def action_failing(self, step: int) -> None:
        """Go to the next message that failed, or to the one before."""
        place = self.listing.next_failing(step)
        if place is not None:
            self.move_to(place)
        else:
            self.post_message(self.NoneFailing(step))

    # The axis

    def action_zoom_axis(self, steps: int) -> None:
        """Look nearer at the time of the chosen step, or wider."""
        step = self.listing.step
        self._see(self.axis.zoomed(steps, None if step is None else step.since_first_ms))

    def action_pan(self, steps: int) -> None:
        """Look at later times, or earlier ones."""
        self._see(self.axis.panned(PAN * steps))

    def action_fit(self) -> None:
        """Show all of every lane in sight."""
        self._see(self.axis.fit(self._longest()))

    def _see(self, axis: Axis) -> None:
        self.axis = axis
        self.paint_if_changed()

    def click(self, index: int, x: int, /) -> None:
        """Put the cursor on the message that was clicked, and on the step of it that stands there."""
        self.move_to(index)
        painter = self.painter
        message = self.listing.message
        cell = x - painter.lane_at
        if message is None or not 0 <= cell < painter.lane.width:
            return
        dots = lane_of(message, self.axis, painter.lane.width, self.dashboard.now_us).dots
        near = [dot for dot in dots if abs(dot.cell - cell) <= 1]
        if near:
            self.listing.choose(min(near, key=lambda dot: abs(dot.cell - cell)).step.seq)
            self.listing.hold()
            self.moved()

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        """Pan to earlier times."""
        event.stop()
        self.action_pan(-1)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        """Pan to later times."""
        event.stop()
        self.action_pan(1)


def _newest(message: MessageTimeline) -> int:
    return max((step.seq for step in message.steps), default=0)
