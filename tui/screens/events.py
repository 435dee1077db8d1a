"""The screen of events: header, types, filter, stream, detail, keys."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.dom import DOMNode
from textual.screen import Screen

from relay.contract.events import EventSummary
from tui.keys import Key, Pane, bindings
from tui.model.bodylines import pretty
from tui.model.browse import Stance
from tui.model.dashboard import Changed, Dashboard
from tui.model.filtering import FilterFault
from tui.model.source import FilterRefused, Source, SourceError
from tui.screens.reader import Reader
from tui.widgets.counters import Counters
from tui.widgets.detail import Detail
from tui.widgets.filter_line import FilterField, FilterLine
from tui.widgets.foot import Foot
from tui.widgets.header import Header
from tui.widgets.keyline import KeyLine
from tui.widgets.lines import Copy, Lines
from tui.widgets.notice import Notice
from tui.widgets.stream import Stream
from tui.widgets.tabs import Tabs
from tui.widgets.too_small import MIN_HEIGHT, MIN_WIDTH, TooSmall
from tui.widgets.types_panel import TypesPanel

if TYPE_CHECKING:
    from tui.app import KnocktopApp

PANEL_FROM = 120
BESIDE_FROM = 140
OPEN_FROM = 160
BELOW_FROM = 36
PANELS_A_SECOND = 5
REST = 0.12
"""Seconds that the cursor stays on an event before it is read in full."""


class EventsScreen(Screen[None]):
    """What arrives, as it arrives, and one event of it in full."""

    AUTO_FOCUS = "#stream"
    CSS_PATH = "events.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in bindings("everywhere") if getattr(binding, "id", "") != "quit"
    ]

    def __init__(self, dashboard: Dashboard, changed_keys: Mapping[str, str], *, read_only: bool = False) -> None:
        super().__init__()
        self.dashboard = dashboard
        self.header = Header(dashboard, read_only=read_only)
        self.counters = Counters(dashboard)
        self.filter_line = FilterLine(dashboard)
        self.types = TypesPanel(dashboard)
        self.stream = Stream(dashboard)
        self.notice = Notice(dashboard)
        self.detail = Detail(dashboard.clock)
        self.foot = Foot(dashboard)
        self.key_line = KeyLine(changed_keys)
        self.too_small = TooSmall()
        self.source: Source | None = None
        self.reader: Reader | None = None
        self._opened: bool | None = None
        """Whether the user opened or closed the detail; None leaves it to the width."""
        self._dirty = Changed.HEADER | Changed.COUNTS
        self._second = -1
        self._settled = False
        self._resting = False

    def compose(self) -> ComposeResult:
        """Place everything; sizes decide what is seen of it."""
        yield self.header
        yield self.counters
        yield self.filter_line
        with Horizontal(id="body"):
            yield self.types
            with Container(id="main"):
                with Container(id="list"):
                    yield self.stream
                    yield self.notice
                yield self.detail
        yield self.foot
        yield self.key_line
        yield self.too_small

    def on_mount(self) -> None:
        """Begin to paint what changes by itself: ages, rates, countdowns."""
        self.set_focus(self.stream)
        self.filter_line.renew()
        self._renew_notice()
        self.set_interval(1 / PANELS_A_SECOND, self._paint_panels)

    # The parts

    @property
    def knocktop(self) -> KnocktopApp:
        """The app, by its own type."""
        return cast("KnocktopApp", self.app)

    @property
    def pane(self) -> Pane:
        """The pane that has the focus."""
        if isinstance(self.focused, FilterField):
            return "field"
        return "detail" if isinstance(self.focused, Lines) else "stream"

    def node_of(self, key: Key) -> DOMNode | None:
        """Give what an action is for; None where that is not on screen."""
        if key.pane == "everywhere":
            return self
        if key.pane == "detail":
            return self.detail.view if self.detail.display else None
        return self.stream

    # Sizes

    def on_resize(self, event: events.Resize) -> None:
        """Choose what is seen at this size, and where the detail goes."""
        self._lay_out(event.size.width, event.size.height)

    def _lay_out(self, width: int, height: int) -> None:
        beside = width >= BESIDE_FROM
        below = not beside and height >= BELOW_FROM
        opened = self._opened if self._opened is not None else width >= OPEN_FROM
        self.set_class(width >= PANEL_FROM, "-wide")
        self.set_class(beside, "-beside")
        self.set_class(below, "-below")
        self.set_class(not beside and not below, "-over")
        self.set_class(width < MIN_WIDTH or height < MIN_HEIGHT, "-too-small")
        self.set_class(opened, "-detail")
        self.too_small.refresh()
        self.call_after_refresh(self._laid_out)

    def _laid_out(self) -> None:
        self._dirty |= Changed.HEADER | Changed.COUNTS
        self._paint_panels()
        self._show_selected()
        self._want_more()

    def _open(self, opened: bool) -> None:
        self._opened = opened
        self._lay_out(self.size.width, self.size.height)

    # From the model to the widgets

    def joined(self, source: Source) -> None:
        """Show where the relay is, and read from it."""
        self.source = source
        self.reader = Reader(self.dashboard, source, run=self._run_reading, done=self._read)
        self.header.address = self.notice.address = source.address
        self.header.webhook_url = self.notice.webhook_url = source.webhook_url
        self.notice.trouble = None
        self.header.refresh()
        self._renew_notice()

    def _run_reading(self, reading: Coroutine[Any, Any, None]) -> object:
        return self.run_worker(reading, group="reading")

    def trouble(self, what: str, then: str) -> None:
        """Say why there is no source yet."""
        self.notice.trouble = (what, then)
        self._renew_notice()

    def apply(self, changed: Changed) -> None:
        """Paint what a flush touched: rows at once, panels a few times a second."""
        self._dirty |= changed
        if Changed.RESTARTED in changed:
            self.filter_line.renew()
            self._settled = False
        if Changed.ROWS in changed:
            self.stream.sync()
            self.foot.refresh()
            self._show_selected()
        self._want_more()
        if Changed.LINK in changed:
            self._paint_panels()
        elif not len(self.dashboard.browse.window) or self.notice.display:
            self._renew_notice()

    def _renew_notice(self) -> None:
        empty = not len(self.dashboard.browse.window)
        if empty:
            self.notice.renew_text()
        self.notice.display = empty

    def _paint_panels(self) -> None:
        second = int(self.dashboard.monotonic())
        if second != self._second:
            self._second = second
            self._dirty |= Changed.HEADER | Changed.COUNTS
        if Changed.HEADER in self._dirty:
            self.header.refresh()
            self.foot.refresh()
            self._renew_notice()
        if Changed.COUNTS in self._dirty:
            self._paint_counts()
        self._dirty = Changed.NOTHING

    def _paint_counts(self) -> None:
        if self.types.display:
            self.types.renew()
        if self.counters.display:
            self.counters.refresh()
        if self.filter_line.display and not self.filter_line.editing:
            self.filter_line.renew()

    # The detail

    @property
    def detail_seen(self) -> bool:
        """The detail is on screen."""
        return self.has_class("-detail") and not self.has_class("-zoom-list")

    def _show_selected(self) -> None:
        if not self.detail_seen:
            return
        self.detail.show(self.dashboard.browse.selected_row)
        if not self.detail.complete and not self._resting:
            self._resting = True
            self.set_timer(REST, self._rested)

    def _rested(self) -> None:
        self._resting = False
        seq = self.detail.seq
        if self.detail_seen and seq is not None and not self.detail.complete and self.source is not None:
            self.run_worker(self._read_detail(self.source, seq), group="detail", exclusive=True)

    async def _read_detail(self, source: Source, seq: int) -> None:
        try:
            self.detail.fill(await source.detail(seq))
        except SourceError as error:
            self.detail.fail(seq, str(error))

    @on(Detail.BodyWanted)
    def _body_wanted(self, message: Detail.BodyWanted) -> None:
        if self.source is not None:
            self.run_worker(self._read_body(self.source, message.seq), group="body", exclusive=True)

    async def _read_body(self, source: Source, seq: int) -> None:
        try:
            body = await source.body(seq)
        except SourceError as error:
            self.detail.fail(seq, str(error))
        else:
            self.detail.fill_body(seq, await asyncio.to_thread(pretty, body))

    @on(Stream.Moved)
    def _stream_moved(self) -> None:
        self.foot.refresh()
        self._dirty |= Changed.HEADER
        self._show_selected()
        self._want_more()

    @on(Stream.Scrolled)
    def _stream_scrolled(self) -> None:
        self._want_more()

    @on(Stream.Clicked)
    def action_open(self) -> None:
        """Look at the event under the cursor."""
        if self.dashboard.browse.selected_row is None:
            return
        self.dashboard.browse.hold()
        self.remove_class("-zoomed", "-zoom-list")
        if not self.has_class("-detail"):
            self._open(True)
        self._show_selected()
        self.foot.refresh()
        self.set_focus(self.detail.view)

    @on(Tabs.Chosen)
    def _tab_chosen(self, message: Tabs.Chosen) -> None:
        self.detail.choose(message.name)

    def action_tab(self, tabs: int) -> None:
        """Show the next tab of the detail, or the one before."""
        self.detail.step(tabs)

    # Reading on

    def _want_more(self) -> None:
        if self.reader is not None:
            self.reader.want_pages(near_start=self.stream.near_start, near_end=self.stream.near_end)
            self.reader.want_totals()

    def _read(self, changed: Changed) -> None:
        self.apply(changed)
        if not self._settled and self.dashboard.counts.known:
            self._settled = True
            self.knocktop.settled()

    # The filter

    def action_filter(self) -> None:
        """Edit the filter."""
        self.filter_line.edit()

    def action_apply(self) -> None:
        """Apply what was typed."""
        self._set_filter(self.filter_line.field.take())

    def action_discard(self) -> None:
        """Leave the filter as it was."""
        self.filter_line.leave()
        self.set_focus(self.stream)

    def action_lift(self) -> None:
        """Lift all filters, or restore them."""
        text = self.dashboard.filtering.toggled
        if text is None:
            self.knocktop.say("There is no filter to lift or to restore")
        else:
            self._set_filter(text)

    def _set_filter(self, text: str) -> None:
        if self.source is None:
            self.knocktop.say("There is no relay yet to filter for", "warning")
            return
        if self.filter_line.editing:
            self.action_discard()
        if text != self.dashboard.filtering.applied or not self.dashboard.began:
            self.dashboard.filtering.asked = text
            self.filter_line.renew()
            self.run_worker(self._ask_filter(self.source, text), group="filter", exclusive=True)
        if not self.dashboard.link.state.connected:
            self.knocktop.say("There is no link now; the filter is applied once there is one", "warning")

    async def _ask_filter(self, source: Source, text: str) -> None:
        filtering = self.dashboard.filtering
        try:
            await source.set_filter(text)
        except FilterRefused as refused:
            filtering.asked = None
            filtering.fault = FilterFault(text, str(refused), refused.column, refused.length, refused.hint)
            self.filter_line.edit()
        except SourceError as error:
            filtering.asked = None
            self.filter_line.renew()
            self.knocktop.say(str(error), "error")

    # Actions

    def action_pause(self) -> None:
        """Pause the list, or go on."""
        browse = self.dashboard.browse
        if browse.stance is Stance.PAUSED:
            browse.resume()
        else:
            browse.pause()
        self.apply(Changed.ROWS | Changed.HEADER)
        self._paint_panels()

    def action_copy(self) -> None:
        """Copy the value under the cursor: in the list the id, or the address while there is no event."""
        copy = self.detail.under_cursor if self.pane == "detail" else self._copy_of_row()
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

    def action_zoom(self) -> None:
        """Give the pane that has the focus the whole screen, or take it back."""
        if self.has_class("-zoomed"):
            self.remove_class("-zoomed", "-zoom-list", "-zoom-detail")
        else:
            self.add_class("-zoomed", "-zoom-detail" if self.pane == "detail" else "-zoom-list")
        self.call_after_refresh(self._laid_out)
        self._show_pane()

    def action_back(self) -> None:
        """Take one step back, if there is one."""
        self._step_back()

    def action_leave(self) -> None:
        """Take one step back, or quit."""
        if not self._step_back():
            self.app.exit()

    @property
    def _at_root(self) -> bool:
        return not (self.has_class("-zoomed") or self._opened or self.pane != "stream")

    def _step_back(self) -> bool:
        if self.has_class("-zoomed"):
            self.action_zoom()
        elif self._opened:
            self._open(False)
            self.set_focus(self.stream)
        elif self.pane != "stream":
            self.set_focus(self.stream)
        else:
            return False
        self._show_pane()
        return True

    def on_screen_resume(self) -> None:
        """Show the keys of the pane again, after those of what was above."""
        self._show_pane()

    def on_descendant_focus(self) -> None:
        """Show the keys of the pane."""
        self._show_pane()

    def on_descendant_blur(self) -> None:
        """Show the keys of the pane."""
        self._show_pane()

    def _show_pane(self) -> None:
        self.key_line.show(self.pane, at_root=self._at_root)
        self.detail.tabs.refresh_look(focused=self.pane == "detail")
