"""A type's view: its events as a table of their EventData, and the values of the column under the cursor."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.dom import DOMNode
from textual.widget import Widget

from relay.contract.events import EventSummary
from tui.keys import Key, Pane
from tui.model.along import NO_MESSAGE, message_of
from tui.model.browse import REJOIN, Stance
from tui.model.byvalue import joined, terms
from tui.model.cellvalue import Value
from tui.model.dashboard import Changed, Dashboard
from tui.model.items import Note
from tui.model.narrowing import of_type
from tui.model.search import SPARSE, received_near
from tui.model.source import Page, Source, SourceError
from tui.model.typecolumns import Column
from tui.model.typetable import TypeTable
from tui.model.valuecounts import LIMIT
from tui.screens.board import Board
from tui.widgets.bar import Bar
from tui.widgets.facts_view import FactsView
from tui.widgets.table_foot import TableFoot
from tui.widgets.type_head import TypeHead
from tui.widgets.type_table import TypeTableView
from tui.widgets.type_values import TypeValues
from tui.work import begin, begin_instead

BESIDE_FROM = 110
TALL_FROM = 36
AGAIN = 2.0
"""Seconds after which what could not be read is asked for again."""
REST = 0.15
"""Seconds that the cursor stays in a column before its values are counted in all of the log."""
PATIENCE = 3.0
"""Seconds that the stream is given to show a type again."""


class TypeViewScreen(Board):
    """The events of one type."""

    CSS_PATH = ["board.tcss", "type_view.tcss"]  # noqa: RUF012 - as Textual wants it

    def __init__(
        self, type_: str, dashboard: Dashboard, changed_keys: Mapping[str, str], *, read_only: bool = False
    ) -> None:
        self.type = type_
        self.table = TypeTable(type_, dashboard)
        super().__init__(dashboard, changed_keys, read_only=read_only)
        self.head = TypeHead(type_, dashboard)
        self.view = TypeTableView(self.table, dashboard.clock)
        self.values = TypeValues(self.table, dashboard.clock)
        self.nothing = FactsView("nothing")
        self._reading: set[tuple[str, int]] = set()

    # The parts

    def make_foot(self) -> Bar:
        """Make the line above the keys."""
        return TableFoot(self.table, self.dashboard)

    def compose_above(self) -> ComposeResult:
        """Place the type's own line."""
        yield self.head

    def compose_body(self) -> ComposeResult:
        """Place the table and the values; the size decides how."""
        with Container(id="body"):
            with Vertical(id="table-part"):
                yield self.view.heading
                yield self.view
                yield self.nothing
            with Vertical(id="values-part"):
                yield self.values.heading
                yield self.values

    def on_mount(self) -> None:
        """Begin to take in what arrives."""
        self.nothing.can_focus = False
        self.dashboard.listeners.append(self.table.take)
        self._want_more()

    def on_unmount(self) -> None:
        """Let the events go."""
        if self.table.take in self.dashboard.listeners:
            self.dashboard.listeners.remove(self.table.take)

    @property
    def root(self) -> Widget:
        """The table has the focus at first."""
        return self.view

    @property
    def body_pane(self) -> Pane:
        """The pane that has the focus."""
        return "values" if self.focused is self.values else "table"

    def node_of(self, key: Key) -> DOMNode | None:
        """Give what an action is for."""
        match key.pane:
            case "table":
                return self.view
            case "values":
                return self.values if self.values.display else None
            case _:
                return super().node_of(key)

    # Sizes

    def lay_out(self, width: int, height: int) -> None:
        """Put the values beside the table, or below it."""
        self.set_class(width >= BESIDE_FROM, "-beside")
        self.set_class(height >= TALL_FROM, "-tall")
        self.call_after_refresh(self.zoomed)

    def zoomed(self) -> None:
        """Fit what is seen to its new size."""
        super().zoomed()
        self.view.sync()
        self._want_more()

    # From the model to the widgets

    def joined(self, source: Source) -> None:
        """Read what there is."""
        super().joined(source)
        self._want_more()

    def apply(self, changed: Changed) -> None:
        """Paint rows at once; counts a few times a second."""
        super().apply(changed)
        if Changed.ROWS in changed:
            self.view.sync()
        self._want_more()

    def paint_panels(self, changed: Changed) -> None:
        """Paint what is counted."""
        super().paint_panels(changed)
        if Changed.COUNTS in changed:
            self.head.refresh()
            self.values.renew()
            self.foot.refresh()
            self._want_values()
        self._renew_nothing()

    def _renew_nothing(self) -> None:
        empty = not len(self.table)
        self.nothing.display = empty
        if empty:
            self.nothing.show([None, Note(self._why_nothing())], keep=True)

    def _why_nothing(self) -> str:
        searched = self.table.browse.search.sentence(self.dashboard.clock)
        if searched is not None:
            return f"{searched[0]}: no match so far. {searched[1]}."
        if self.table.browse.older_from is not None or not self.dashboard.began:
            return "Reading what the relay has…"
        if self.dashboard.filtering.applied:
            return "No event of this type matches the filter. \\ lifts it, / changes it."
        return "There is no event of this type."

    # Reading on

    def _want_more(self) -> None:
        browse, source = self.table.browse, self.source
        if source is None or not self.dashboard.began:
            return
        if browse.stance is Stance.FOLLOWING and browse.below > REJOIN:
            browse.restart(self.dashboard.upto)
        older = browse.older_from is not None and (self.view.near_start or not len(self.table))
        newer = not browse.attached and (self.view.near_end or browse.stance is Stance.FOLLOWING)
        search = browse.search
        if search.going and not (newer if search.newer else older):
            search.rest()
        if older and not search.holds_back(newer=False):
            self._read("older", source)
        if newer and not search.holds_back(newer=True):
            self._read("newer", source)

    def _read(self, which: str, source: Source) -> None:
        # What was asked for in an earlier run holds nothing up: its answer is dropped.
        one = (which, self.table.browse.run)
        if one not in self._reading:
            self._reading.add(one)
            begin(self, which, self._read_page, one, source)

    async def _read_page(self, one: tuple[str, int], source: Source) -> None:
        try:
            await (self._read_older(source) if one[0] == "older" else self._read_newer(source))
        except (SourceError, ValueError):
            # The header says how the link is; there is nothing to add but another try.
            await asyncio.sleep(AGAIN)
        finally:
            self._reading.discard(one)
        self.take(Changed.ROWS | Changed.COUNTS)
        self.repaint()

    async def _read_older(self, source: Source) -> None:
        browse = self.table.browse
        run, before = browse.run, browse.older_from
        if before is None:
            return
        page = await self._page(source, before=before)
        if (run, before) == (browse.run, browse.older_from):
            self.table.take_older(page)
            await self._note_search(source, page, newer=False)

    async def _read_newer(self, source: Source) -> None:
        run, after = self.table.browse.run, self.table.begin_newer()
        if after is None:
            return
        page = await self._page(source, after=after)
        if run == self.table.browse.run:
            self.table.take_newer(page)
            await self._note_search(source, page, newer=True)

    async def _note_search(self, source: Source, page: Page, *, newer: bool) -> None:
        """Show what a page brought that gave up before it had enough, and learn how far it came."""
        board, place, browse = self.dashboard, page.next, self.table.browse
        if place is None or len(page.events) >= SPARSE:
            return
        run, search = browse.run, browse.search
        self.take(Changed.ROWS)
        received_at = await received_near(source, place)
        if run == browse.run:
            last_seq = max(board.upto, place)
            search.come_to(place, received_at, first_seq=board.first_seq, last_seq=last_seq, newer=newer)

    async def _page(self, source: Source, *, before: int | None = None, after: int | None = None) -> Page:
        text, types = of_type(self.dashboard.filtering.applied, self.type, self.dashboard.clock.zone)
        return await source.page(text, before=before, after=after, types=types)

    # Counting on

    def _want_values(self) -> None:
        """Have the relay count the values of the column under the cursor, where it did not."""
        table, source = self.table, self.source
        column = table.column
        if source is None or not self.dashboard.began or table.log.asking == column.key:
            return
        if table.wants_values():
            table.log.ask(column, self.dashboard.monotonic())
            begin_instead(self, "values", self._read_values, source, column, table.browse.run)
        elif table.log.asking is not None:
            # What is counted is of a column that nobody looks at any more.
            table.log.stop()
            self.workers.cancel_group(self, "values")

    async def _read_values(self, source: Source, column: Column, run: int) -> None:
        await asyncio.sleep(REST)
        table, by = self.table, column.by
        try:
            if by is not None:
                await self._count_values(source, column, by, run)
        except (SourceError, ValueError):
            # The rows that are loaded are counted all the same; the relay is asked again after a while.
            if table.log.asking == column.key:
                table.log.fail(column, self.dashboard.monotonic())
        self.values.renew()

    async def _count_values(self, source: Source, column: Column, by: str, run: int) -> None:
        table = self.table
        text = joined(self.dashboard.filtering.applied, terms("type", [self.type]) or "")
        found = await source.count_values(by, text, limit=LIMIT)
        none = f"{by}:null" if found.upto is None else f"{by}:null seq:<={found.upto}"
        without = await source.count(joined(text, none))
        if run == table.browse.run and table.log.asking == column.key:
            table.log.take(column, found, without, table.seen, self.dashboard.monotonic())

    # What the widgets say

    @on(TypeTableView.Moved)
    def _moved(self) -> None:
        self._want_values()
        self.values.renew()
        self.foot.refresh()
        self._want_more()

    @on(TypeTableView.Scrolled)
    def _scrolled(self) -> None:
        self._want_more()

    @on(TypeTableView.Beyond)
    def _beyond(self) -> None:
        if self.table.browse.search.go_on():
            self.apply(Changed.ROWS)
            self._renew_nothing()

    @on(TypeTableView.Opened)
    def _open(self) -> None:
        row = self.table.row
        if isinstance(row, EventSummary):
            self.table.browse.hold()
            self.foot.refresh()
            begin_instead(self, "open", self._show_event, row.seq)

    async def _show_event(self, seq: int, step: int = 0) -> None:
        """Open the event on the screen of events, or the one a step from it along its message.

        A choice of types that leaves the event out takes it in first.
        """
        picked = self.dashboard.picked
        if picked and self.type not in picked:
            self.set_filter(self.dashboard.filtering.applied, (*picked, self.type))
            self.knocktop.say(f"{self.type} is picked now, too, so that the stream shows it")
            if not await self._until_picked():
                return
        await self.knocktop.show_event(seq)
        screen = self.knocktop.events_screen
        if step and screen is not None and screen.seq_here() == seq:
            await screen.going.along("message", step)

    async def _until_picked(self) -> bool:
        for _ in range(round(PATIENCE / 0.02)):
            if not self.dashboard.picked or self.type in self.dashboard.picked:
                return True
            await asyncio.sleep(0.02)
        return False

    # Actions

    def action_along(self, step: int) -> None:
        """Go to the next event of the same message in the stream, or to the one before."""
        row = self.table.row
        if not isinstance(row, EventSummary) or message_of(row) is None:
            self.knocktop.say("There is no event to go from" if row is None else NO_MESSAGE)
            return
        self.table.browse.hold()
        self.foot.refresh()
        begin_instead(self, "open", self._show_event, row.seq, step)

    def step_back(self) -> bool:
        """Take one step back: a search ends first."""
        if self.table.browse.search.stop():
            self.apply(Changed.ROWS)
            self._renew_nothing()
            return True
        return super().step_back()

    def _value(self) -> Value | None:
        return self.values.selected if self.pane == "values" else self.table.value

    @on(TypeValues.Chosen)
    def action_only(self) -> None:
        """Show only the events with the value under the cursor."""
        self._filter_by_value(exclude=False)

    def action_exclude(self) -> None:
        """Show no events with the value under the cursor."""
        self._filter_by_value(exclude=True)

    def seq_here(self) -> int | None:
        """Give the event of the row under the cursor."""
        row = self.table.row
        return row.seq if isinstance(row, EventSummary) else None

    def _chosen(self) -> Collection[Value]:
        """Give the value under the cursor as a filter sees it: of a list in a cell all that is in it."""
        if self.pane == "values":
            return () if self.values.selected is None else (self.values.selected,)
        row = self.table.row
        return self.table.column.values(row) if isinstance(row, EventSummary) else ()

    def _filter_by_value(self, *, exclude: bool) -> None:
        column = self.table.column
        term = self.table.term(*self._chosen(), exclude=exclude)
        if term is not None:
            self.filter_by(term)
        elif column.place is None:
            self.knocktop.say(f"No filter looks at the column {column.name}", "warning")
        else:
            self.knocktop.say(
                "No filter says this value: an empty list, an object, or a number that is too long", "warning"
            )

    def action_copy(self) -> None:
        """Copy the value under the cursor, whole as far as the table has it."""
        value, row = self._value(), self.table.row
        if value is None or (not value.text and self.table.column.key != "time"):
            self.knocktop.say("There is nothing to copy in this cell")
        elif self.table.column.key == "time" and self.pane == "table" and isinstance(row, EventSummary):
            self.knocktop.copy(row.received_at, "time")
        elif self.table.column.key == "time":
            self.knocktop.copy(self.dashboard.clock.full_us(value.raw), "time")
        else:
            self.knocktop.copy(value.text, self.table.column.name)

    def action_pause(self) -> None:
        """Pause the table, or go on."""
        browse = self.table.browse
        if browse.stance is Stance.PAUSED:
            browse.resume()
        else:
            browse.pause()
        self.apply(Changed.ROWS)
        self.repaint()
