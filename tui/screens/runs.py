"""The screen of runs: what a workflow did for each recipient, down to the messages and their events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.dom import DOMNode
from textual.widget import Widget

from relay.contract.timeline.model import Step
from relay.contract.timeline.pages import RecipientRun, RunInList
from tui.keys import Key, Pane
from tui.model.byvalue import term
from tui.model.dashboard import Changed, Dashboard
from tui.model.items import Fact, Heading, Item, Note
from tui.model.runs import PAGE, Node, OfStep, Runs
from tui.model.source import Source, SourceError
from tui.screens.board import Board
from tui.widgets.bar import Bar
from tui.widgets.facts_view import FactsView
from tui.widgets.runs_foot import RunsFoot
from tui.widgets.runs_list import RunsList
from tui.work import begin

SOON, EVERY = 1.0, 15.0
"""Seconds between two readings where something came, and where time alone went on."""
SHARE = 8
"""How many times as long as it took is waited, so that reading takes little of the relay."""


class RunsScreen(Board):
    """The runs, those with the newest activity first."""

    CSS_PATH = ["board.tcss", "runs.tcss"]  # noqa: RUF012 - as Textual wants it

    def __init__(self, dashboard: Dashboard, changed_keys: Mapping[str, str], *, read_only: bool = False) -> None:
        self.runs = Runs()
        super().__init__(dashboard, changed_keys, read_only=read_only)
        self.list = RunsList(self.runs, dashboard.clock)
        self.nothing = FactsView("nothing")
        self._run = 0
        self._reading = False
        self._reading_trees = False
        self._read_at: float | None = None
        self._took = 0.0
        self._read_for: tuple[object, ...] = ()

    # The parts

    def make_foot(self) -> Bar:
        """Make the line above the keys."""
        self.runs_foot = RunsFoot(self.runs, self.dashboard)
        return self.runs_foot

    def compose_body(self) -> ComposeResult:
        """Place the list, and what is said while there is none."""
        with Container(id="body"):
            yield self.list.heading
            yield self.list
            yield self.nothing

    def on_mount(self) -> None:
        """Say what there is before the first reading."""
        self.nothing.can_focus = False
        self._renew()

    @property
    def root(self) -> Widget:
        """The list has the focus."""
        return self.list

    @property
    def body_pane(self) -> Pane:
        """There is one pane."""
        return "runs"

    def node_of(self, key: Key) -> DOMNode | None:
        """Give what an action is for."""
        if key.pane != "runs":
            return super().node_of(key)
        return self.list if self.runs.rows else None

    def lay_out(self, width: int, height: int) -> None:  # noqa: ARG002 - as the base has it
        """Fit the list to its new size."""
        self.call_after_refresh(self.zoomed)

    def zoomed(self) -> None:
        """Fit what is seen to its new size."""
        super().zoomed()
        self.list.sync()
        self.list.heading.refresh()

    # Reading

    def joined(self, source: Source) -> None:
        """Read what there is."""
        super().joined(source)
        self._want()

    def apply(self, changed: Changed) -> None:
        """Read anew where another filter is in force, or another log."""
        super().apply(changed)
        if Changed.RESTARTED in changed:
            self._run += 1
            self._read_at = None
            self.runs.restart()
            self._renew()
        self._want()

    def paint_panels(self, changed: Changed) -> None:
        """Read again once something came."""
        super().paint_panels(changed)
        self._want()
        self._renew()

    def _want(self) -> None:
        source, board = self.source, self.dashboard
        if source is None or self._reading or not self.in_front or not board.began:
            return
        if board.paused and self.runs.known:
            return
        now, present = board.monotonic(), (board.upto,)
        wait = max(EVERY if present == self._read_for else SOON, self._took * SHARE)
        if self._read_at is None or now - self._read_at >= wait:
            self._reading, self._read_at, self._read_for = True, now, present
            begin(self, "runs", self._read, source)

    async def _read(self, source: Source) -> None:
        run = self._run
        try:
            page = await source.runs(self.dashboard.filtering.applied, limit=PAGE)
            if run == self._run:
                self.runs.renew(page)
        except SourceError as error:
            self.runs_foot.failure = str(error)
        else:
            self.runs_foot.failure = ""
        finally:
            self._reading = False
            self._took = self.dashboard.monotonic() - (self._read_at or 0.0)
        if run != self._run:
            self._read_at = None
            self._want()
        self._renew()

    @on(RunsList.Scrolled)
    def _want_more(self) -> None:
        before, source = self.runs.next, self.source
        if before is not None and source is not None and self.list.near_end and not self._reading:
            self._reading = True
            begin(self, "runs", self._read_older, source, before)

    async def _read_older(self, source: Source, before: str) -> None:
        run = self._run
        try:
            page = await source.runs(self.dashboard.filtering.applied, before=before, limit=PAGE)
            if run == self._run:
                self.runs.add_older(page, before)
        except SourceError as error:
            self.runs_foot.failure = str(error)
        else:
            self.runs_foot.failure = ""
        finally:
            self._reading = False
        self._renew()

    def _want_trees(self) -> None:
        source = self.source
        if source is not None and not self._reading_trees and self.runs.lacking:
            self._reading_trees = True
            begin(self, "trees", self._read_trees, source)

    async def _read_trees(self, source: Source) -> None:
        try:
            for run_id in self.runs.lacking:
                try:
                    self.runs.fill(await source.run(run_id))
                except SourceError as error:
                    self.runs.fail(run_id, str(error))
        finally:
            self._reading_trees = False
        self._renew()

    def _renew(self) -> None:
        """Show what was read."""
        empty = not self.runs.rows
        self.set_class(empty, "-empty")
        self.nothing.display = empty
        if empty:
            self.nothing.show(list(self._says_nothing()), keep=True)
        self.list.sync()
        self.foot.refresh()
        if not self.dashboard.paused or not self._read_for:
            self._want_trees()
        if self.runs.known and not self.runs.failures and len(self.runs.rows) < self.list.size.height:
            self._want_more()

    def _says_nothing(self) -> Iterator[Item]:
        yield None
        board = self.dashboard
        wrong = board.link.sentence(board.monotonic())
        if not self.runs.known and wrong is not None:
            yield Heading(f"{wrong[0]}.")
            yield Note(f"{wrong[1]}.") if wrong[1] else None
        elif not self.runs.known and self.runs_foot.failure:
            yield Heading(f"The runs cannot be read: {self.runs_foot.failure}.")
            yield Note("It is tried again every few seconds.")
        elif not self.runs.known:
            yield Note("Reading the runs…")
        elif self.runs.next is not None:
            yield Note("Looking for runs…")
        elif board.filtering.applied:
            yield Heading("No run has an event that the filter shows.")
            yield None
            yield Fact("\\", "lifts the filter; once more restores it")
            yield Fact("/", "changes it")
        else:
            yield Heading("There is no run yet.")
            yield Note("A run begins when a workflow is triggered; its events name it.")
            yield None
            yield Fact("1", "goes to the events")

    # What the list says

    @on(RunsList.Moved)
    def _moved(self) -> None:
        self.foot.refresh()
        self._want_trees()
        self._want_more()

    @on(RunsList.Opened)
    async def action_open(self) -> None:
        """Look at the event under the cursor, tell the story of a message; unfold anything else, or fold it."""
        node = self.runs.selected
        match None if node is None else node.thing:
            case Step() as step:
                message = node.message if node is not None else None
                await self.knocktop.show_event(step.seq, None if message is None else message.message_id)
            case OfStep() as part:
                await self.knocktop.show_message(part.message.message_id)
            case _:
                self.list.action_fold()

    # Actions

    def seq_here(self) -> int | None:
        """Give the event under the cursor."""
        node = self.runs.selected
        thing = None if node is None else node.thing
        return thing.seq if isinstance(thing, Step) else None

    def _value(self) -> tuple[str, str] | None:
        """Give the name of the field and the value that the row under the cursor stands for."""
        node = self.runs.selected
        return None if node is None else _value_of(node)

    def by_value(self, *, without: bool) -> None:
        """Filter by what the row under the cursor stands for."""
        value = self._value()
        found = None if value is None else term(value[0], value[1], without=without)
        if found is None:
            self.knocktop.say("There is nothing to filter by on this row")
        else:
            self.filter_by(found)

    def action_copy(self) -> None:
        """Copy the id that the row under the cursor stands for."""
        value = self._value()
        if value is None:
            self.knocktop.say("There is nothing to copy on this row")
        else:
            self.knocktop.copy(value[1], f"{value[0].replace('_', ' ')} id")

    def action_copy_filter(self) -> None:
        """Copy the filter that finds the events of the row under the cursor."""
        value = self._value()
        found = None if value is None else term(*value)
        if found is None:
            self.knocktop.say("There is nothing to copy on this row")
        else:
            self.knocktop.copy(found, "filter")


def _value_of(node: Node) -> tuple[str, str] | None:
    match node.thing:
        case RunInList() as run:
            return "run", run.workflow_run_id
        case RecipientRun() as recipient if recipient.workflow_recipient_run_id:
            return "recipient_run", recipient.workflow_recipient_run_id
        case RecipientRun() as recipient if recipient.recipient:
            return "recipient", recipient.recipient
        case OfStep() as part:
            return "message", part.message.message_id
        case Step():
            return None if node.message is None else ("message", node.message.message_id)
        case _:
            return None
