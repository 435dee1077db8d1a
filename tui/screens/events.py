"""The screen of events: header, types, filter, stream, detail, keys."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.dom import DOMNode
from textual.widget import Widget

from relay.contract.events import EventSummary
from tui.keys import Key, Pane
from tui.later import later
from tui.model.browse import Stance
from tui.model.dashboard import Changed, Dashboard
from tui.model.source import Source, SourceError
from tui.screens.detail_board import DetailBoard
from tui.screens.going import Going
from tui.screens.reader import AROUND
from tui.screens.relating import Relating
from tui.widgets.bar import Bar
from tui.widgets.counters import Counters
from tui.widgets.detail import Detail
from tui.widgets.find_bar import FindField
from tui.widgets.foot import Foot
from tui.widgets.lines import Copy, Lines
from tui.widgets.notice import Notice
from tui.widgets.set_up import SetUp
from tui.widgets.stream import Stream
from tui.widgets.types_panel import TypesPanel
from tui.work import begin_instead

if TYPE_CHECKING:
    from tui.model.copyas import Copied

PANEL_FROM = 120
BESIDE_FROM = 140
OPEN_FROM = 160
BELOW_FROM = 36
REST = 0.12
"""Seconds that the cursor stays on an event before it is read in full."""


class EventsScreen(DetailBoard):
    """What arrives, as it arrives, and one event of it in full."""

    CSS_PATH: ClassVar[str | list[str]] = ["board.tcss", "events.tcss"]  # type: ignore[assignment]
    HOME = True

    def __init__(self, dashboard: Dashboard, changed_keys: Mapping[str, str], *, read_only: bool = False) -> None:
        super().__init__(dashboard, changed_keys, read_only=read_only)
        self.counters = Counters(dashboard)
        self.types = TypesPanel(dashboard)
        self.stream = Stream(dashboard)
        self.notice = Notice(dashboard)
        self.set_up = SetUp(dashboard, changed_keys)
        self.detail = Detail(dashboard.clock, dashboard.environments)
        self._closes = False
        """The detail is open for an event of another screen, and closes with the step back to that."""
        self._opened: bool | None = None
        """Whether the user opened or closed the detail; None leaves it to the width and to the last time."""
        self._resting = False
        self.going = Going(self)
        self.relating = Relating(self)

    def compose_above(self) -> ComposeResult:
        """Place the line of counters."""
        yield self.counters

    def compose_body(self) -> ComposeResult:
        """Place everything; sizes decide what is seen of it."""
        with Horizontal(id="body"):
            yield self.types
            with Container(id="main"):
                with Container(id="list"):
                    yield self.stream.heading
                    yield self.stream
                    yield self.notice
                    yield self.set_up
                yield self.detail

    def on_mount(self) -> None:
        """Say what there is before the first event."""
        self.dashboard.listeners.append(self.relating.hear)
        self._renew_notice()

    # The parts

    def make_foot(self) -> Bar:
        """Make the line above the keys, which tells of a look for one event, too."""
        foot = Foot(self.dashboard)
        foot.seeking = lambda: self.going.search
        return foot

    @property
    def root(self) -> Widget:
        """The stream has the focus at first, or the steps that stand in its place."""
        return self.set_up if self.set_up.display else self.stream

    @property
    def body_pane(self) -> Pane:
        """The pane that has the focus."""
        if isinstance(self.focused, FindField):
            return "find"
        if isinstance(self.focused, TypesPanel):
            return "types"
        if isinstance(self.focused, SetUp):
            return "set_up"
        return "detail" if isinstance(self.focused, Lines) else "stream"

    def node_of(self, key: Key) -> DOMNode | None:
        """Give what an action is for; None where that is not on screen."""
        match key.pane:
            case "stream":
                return self.stream
            case "detail":
                return self.detail.view if self.detail.display else None
            case "types":
                return self.types if self.types.display else None
            case "set_up":
                return self.set_up if self.set_up.display else None
            case _:
                return super().node_of(key)

    # Sizes

    def lay_out(self, width: int, height: int) -> None:
        """Choose what is seen at this size, and where the detail goes."""
        beside = width >= BESIDE_FROM
        below = not beside and height >= BELOW_FROM
        by_itself = width >= OPEN_FROM or ((beside or below) and self.knocktop.state.detail == "open")
        if self._opened is None and not by_itself and self.pane in ("detail", "find"):
            # Who reads it goes on reading: its room is smaller now, but its keys must not go nowhere.
            self._opened = True
        opened = self._opened if self._opened is not None else by_itself
        if width < PANEL_FROM and self.focused is self.types:
            self.set_focus(self.stream)
        self.set_class(width >= PANEL_FROM, "-wide")
        self.set_class(beside, "-beside")
        self.set_class(below, "-below")
        self.set_class(not beside and not below, "-over")
        self.set_class(opened, "-detail")
        self.call_after_refresh(self.zoomed)

    def zoomed(self) -> None:
        """Fit what is seen to its new size."""
        self.repaint()
        self._show_selected()
        self._want_more()

    def _open(self, opened: bool) -> None:
        self._opened = opened
        if not self.has_class("-over"):
            self.knocktop.keep(detail="open" if opened else "auto")
        self.lay_out(self.size.width, self.size.height)

    # From the model to the widgets

    def joined(self, source: Source) -> None:
        """Show where the relay is."""
        super().joined(source)
        self.notice.address = source.address
        self.notice.trouble = None
        self._renew_notice()

    def trouble(self, what: str, then: str) -> None:
        """Say why there is no source yet."""
        self.notice.trouble = (what, then)
        self._renew_notice()

    def apply(self, changed: Changed) -> None:
        """Paint what a flush touched: rows at once, panels a few times a second."""
        super().apply(changed)
        if Changed.ROWS in changed:
            self.stream.sync()
            self._show_selected()
        self._want_more()
        if not len(self.dashboard.browse.window) or self.notice.display or self.set_up.display:
            self._renew_notice()

    def _renew_notice(self) -> None:
        covered = self._covered
        empty = not len(self.dashboard.browse.window)
        waits = empty and self.notice.waits
        if empty and not waits:
            self.notice.renew_text()
        self.notice.display = empty and not waits
        if waits and self.source is not None:
            self.show_place(self.set_up, self.source)
        if waits != self.set_up.display:
            self._stand_in(waits)
        if covered and not self._covered:
            # Where the list scrolls at the same time, Textual forgets to paint what comes to light.
            self.stream.heading.refresh()
            self.stream.refresh()

    @property
    def _covered(self) -> bool:
        """Something stands where the list would be."""
        return bool(self.notice.display or self.set_up.display)

    def _stand_in(self, waits: bool) -> None:
        """Let the steps to the first event take the place of the stream, or give it back, with the focus."""
        had_focus = self.focused is self.root
        self.set_up.display = waits
        if had_focus:
            self.set_focus(self.root)

    def paint_panels(self, changed: Changed) -> None:
        """Paint what is painted a few times a second."""
        super().paint_panels(changed)
        if Changed.HEADER in changed:
            self._renew_notice()
        if Changed.COUNTS in changed:
            if self.types.display:
                self.types.renew()
            if self.counters.display:
                self.counters.refresh()

    # The detail

    @property
    def detail_seen(self) -> bool:
        """The detail is on screen."""
        return self.has_class("-detail") and not self.has_class("-zoom-stream")

    def _show_selected(self) -> None:
        if not self.detail_seen:
            return
        self.detail.show(self.dashboard.browse.selected_row)
        if not self.detail.complete and not self._resting:
            self._resting = True
            later(REST, self, self._rested)

    def _rested(self) -> None:
        self._resting = False
        seq = self.detail.seq
        if self.detail_seen and seq is not None and not self.detail.complete and self.source is not None:
            begin_instead(self, "detail", self._read_detail, self.source, seq)

    async def _read_detail(self, source: Source, seq: int) -> None:
        try:
            self.detail.fill(await source.detail(seq))
        except SourceError as error:
            self.detail.fail(seq, str(error))

    @on(Stream.Moved)
    def _stream_moved(self) -> None:
        self.foot.refresh()
        self._dirty |= Changed.HEADER
        self._show_selected()
        self._want_more()

    @on(Stream.Beyond)
    def _beyond(self) -> None:
        if self.dashboard.browse.search.go_on():
            self.apply(Changed.ROWS | Changed.HEADER)

    @on(Stream.Scrolled)
    def _stream_scrolled(self) -> None:
        self._want_more()

    @on(Stream.Opened)
    def action_open(self) -> None:
        """Look at the event under the cursor."""
        if self.dashboard.browse.selected_row is None:
            return
        self.dashboard.browse.hold()
        self.remove_class("-zoomed", "-zoom-stream")
        if not self.has_class("-detail"):
            self._open(True)
        self._show_selected()
        self.foot.refresh()
        self.set_focus(self.detail.view)

    def open_for_a_moment(self) -> None:
        """Look at the event under the cursor; a step back to where it was chosen leaves the detail as it was."""
        self._closes = not self.has_class("-detail")
        self.action_open()

    @on(TypesPanel.Picked)
    @on(Counters.Picked)
    def _types_picked(self, message: TypesPanel.Picked | Counters.Picked) -> None:
        self.pick(message.types)

    @on(TypesPanel.Opened)
    async def _types_opened(self, message: TypesPanel.Opened) -> None:
        # Types that look the same share a line; the one that came most often stands for them.
        await self.knocktop.show_type(max(message.types, key=self.dashboard.counts.by_type.__getitem__))

    # Reading on

    def _want_more(self) -> None:
        reader = self.knocktop.reader
        if reader is not None:
            reader.want_pages(near_start=self.stream.near_start, near_end=self.stream.near_end)

    async def show_seq(self, seq: int) -> bool:
        """Put the cursor on an event, or say that it is not there; tells whether it is."""
        found = await self.find_seq(seq)
        if not found:
            self.say_missing(seq)
        return found

    def say_missing(self, seq: int) -> None:
        """Say that the stream does not have an event."""
        self.knocktop.say(f"Event {seq:,} is not among what the filter shows, or is gone", "warning")

    async def find_seq(self, seq: int) -> bool:
        """Put the cursor on an event, and read the log around it where it is not in the window.

        Tells whether the event is there: it may be gone, or the filter may keep it out.
        """
        browse = self.dashboard.browse
        place = browse.window.index_of(seq)
        if place is not None:
            browse.hold()
            browse.move_to(place)
        elif not await self._show_around(seq):
            return False
        self.stream.reveal()
        return True

    async def _show_around(self, seq: int) -> bool:
        """Hold the log around a seq; False where the event is not there, and then the window is as it was."""
        source, choice = self.source, self.dashboard.filtering.choice
        if source is None or not self.dashboard.began:
            return False
        run = self.dashboard.browse.run
        try:
            older, newer = await asyncio.gather(
                source.page(choice.text, before=seq + 1, types=choice.types, limit=AROUND),
                source.page(choice.text, after=seq, types=choice.types, limit=AROUND),
            )
        except SourceError as error:
            self.knocktop.say(str(error), "error")
            return False
        found = bool(older.events) and older.events[-1].seq == seq
        if not found or run != self.dashboard.browse.run:
            return False
        return self.dashboard.browse.show_around(seq, older, newer)

    # Going places, and taking a value along

    async def action_along(self, kind: Literal["message", "failures"], step: int) -> None:
        """Go to the next event of the same message or the next failed one, or to the one before."""
        await self.going.along(kind, step)

    def types_here(self) -> tuple[str, ...]:
        """Give the types under the cursor of the panel."""
        return self.types.types

    def by_value(self, *, without: bool) -> None:
        """Filter by the value under the cursor; in the stream by one that is chosen of the event."""
        if self.pane == "types":
            super().by_value(without=without)
        elif self.pane == "detail":
            self.by_line(self.detail.view, without=without)
        else:
            self._by_row(without=without)

    def _by_row(self, *, without: bool) -> None:
        from tui.screens.by_value import ByValueSheet

        row = self.dashboard.browse.selected_row
        if not isinstance(row, EventSummary):
            self.knocktop.say("There is no event to filter by")
            return

        def filter_by(found: str | None) -> None:
            if found is not None:
                self.filter_by(found)

        self.app.push_screen(ByValueSheet(row, self.dashboard.filtering.applied, without=without), filter_by)

    def action_copy_as(self) -> None:
        """Copy the event, or the value under the cursor, in a form to paste elsewhere."""
        from tui.screens.copy_as import CopyAsSheet

        row = self.dashboard.browse.selected_row
        if not isinstance(row, EventSummary) or self.source is None:
            self.knocktop.say("There is no event to copy")
            return

        def copy(copied: Copied | None) -> None:
            if copied is not None:
                self.knocktop.copy(copied.text, copied.name)

        self.app.push_screen(CopyAsSheet(row, self.held(), self.source, self.filter_in_force), copy)

    # Actions

    def seq_here(self) -> int | None:
        """Give the event under the cursor."""
        row = self.dashboard.browse.selected_row
        return row.seq if isinstance(row, EventSummary) else None

    def action_mark(self) -> None:
        """Mark the event under the cursor, or take its mark away."""
        row = self.dashboard.browse.selected_row
        if isinstance(row, EventSummary):
            self.knocktop.mark(None if row.seq == self.dashboard.marked_seq else row)
            self.stream.refresh()

    def action_compare(self) -> None:
        """Compare the event with the marked one, or with the one before of the same message."""
        row = self.dashboard.browse.selected_row
        if not isinstance(row, EventSummary) or self.source is None:
            self.knocktop.say("There is no event to compare")
            return
        from tui.screens.diff import DiffScreen

        self.key_line.show("diff", at_root=False)
        self.app.push_screen(DiffScreen(self.source, row, self.dashboard.marked, self.dashboard.clock))

    def action_copy(self) -> None:
        """Copy the value under the cursor: in the list the id, or the address while there is no event."""
        match self.pane:
            case "detail":
                copy = self.detail.under_cursor
            case "types":
                copy = Copy(", ".join(self.types.types), "type") if self.types.types else None
            case _:
                copy = self._copy_of_row()
        if copy is None:
            self.knocktop.say("There is nothing to copy on this line")
        else:
            self.knocktop.copy(copy.value, copy.name)

    def _copy_of_row(self) -> Copy | None:
        row = self.dashboard.browse.selected_row
        if isinstance(row, EventSummary):
            if row.message_id is not None:
                return Copy(row.message_id, "message id")
            return Copy(row.entity.id, f"{row.entity.kind} id") if row.entity.id is not None else None
        return Copy(self.source.webhook_url, "address") if row is None and self.source is not None else None

    @property
    def at_root(self) -> bool:
        """There is no step back to take."""
        return super().at_root and not self._opened

    def step_back(self) -> bool:
        """Take one step back: a search ends first, then a find, and the detail closes before the rest."""
        if self.going.stop():
            self.knocktop.say("Stopped looking")
            return True
        if self.dashboard.browse.search.stop():
            self.apply(Changed.ROWS | Changed.HEADER)
            return True
        if self.pane == "detail" and self.detail.lift_find():
            return True
        if self.came_from is not None and not self.has_class("-zoomed"):
            if self._closes:
                self._open(False)
            self.set_focus(self.stream)
            self.knocktop.go_back()
            return True
        if self._opened and not self.has_class("-zoomed"):
            self._open(False)
            self.set_focus(self.stream)
            return True
        return super().step_back()

    def words_now(self) -> dict[str, str]:
        """Leave out what there is nothing for: to fold, to find, to follow."""
        words, browse = super().words_now(), self.dashboard.browse
        if not self.detail.view.has_folds:
            words["fold"] = ""
        if not self.detail.looks_for:
            words["next_hit"] = ""
        if browse.stance is Stance.FOLLOWING:
            words["follow"] = ""
        elif browse.stance is Stance.PAUSED:
            words["pause"] = "go on"
        if not len(browse.window):
            words |= dict.fromkeys(("open", "follow", "pause"), "")
        return words
