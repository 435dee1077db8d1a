"""The screen of failures: what went wrong, put together by what it says, with the commits that came before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.dom import DOMNode
from textual.widget import Widget

from tui.keys import Key, Pane
from tui.later import later
from tui.model.byvalue import term
from tui.model.counting import read_about, read_causes, read_ends
from tui.model.dashboard import Changed, Dashboard
from tui.model.failure_facts import MOST_NEWEST
from tui.model.failures import Cause, Failures, Kind
from tui.model.items import Fact, Heading, Item, Note
from tui.model.source import Source, SourceError
from tui.screens.board import Board
from tui.widgets.bar import Bar
from tui.widgets.facts_view import FactsView
from tui.widgets.failure_view import FailureView
from tui.widgets.failures_foot import FailuresFoot
from tui.widgets.failures_list import FailuresList
from tui.work import begin, begin_instead

BESIDE_FROM = 190
TALL_FROM = 36
SOON, EVERY = 1.0, 15.0
"""Seconds between two counts where something came, and where time alone went on."""
SHARE = 8
"""How many times as long as it took is waited, so that counting a long log takes little of the relay."""
AT_ONCE = 8
"""Events that are asked for together."""
REST = 0.15
"""Seconds that the cursor stays on a cause before more is read of it."""


class FailuresScreen(Board):
    """The causes above, the one under the cursor below or beside them."""

    CSS_PATH = ["board.tcss", "failures.tcss"]  # noqa: RUF012 - as Textual wants it

    def __init__(self, dashboard: Dashboard, changed_keys: Mapping[str, str], *, read_only: bool = False) -> None:
        self.failures = Failures(dashboard.commits)
        super().__init__(dashboard, changed_keys, read_only=read_only)
        self.list = FailuresList(self.failures, dashboard.clock)
        self.view = FailureView(self.failures, dashboard.clock)
        self.nothing = FactsView("nothing")
        self._run = 0
        self._reading = False
        self._read_at: float | None = None
        self._took = 0.0
        self._read_for: tuple[object, ...] = ()
        self._resting = False
        self._reading_ends = False

    # The parts

    def make_foot(self) -> Bar:
        """Make the line above the keys."""
        self.failures_foot = FailuresFoot(self.failures, self.dashboard)
        return self.failures_foot

    def compose_body(self) -> ComposeResult:
        """Place the causes and the one under the cursor, and what is said while there is none."""
        with Container(id="body"):
            with Vertical(id="failures-part"):
                yield self.list.heading
                yield self.list
            yield self.view
            yield self.nothing

    def on_mount(self) -> None:
        """Say what there is before the first count."""
        self.nothing.can_focus = False
        self._renew()

    @property
    def root(self) -> Widget:
        """The list has the focus at first."""
        return self.list

    @property
    def body_pane(self) -> Pane:
        """The pane that has the focus."""
        return "failure" if self.focused is self.view else "failures"

    def node_of(self, key: Key) -> DOMNode | None:
        """Give what an action is for."""
        if key.pane not in ("failures", "failure"):
            return super().node_of(key)
        if self.failures.selected is None:
            return None
        return self.list if key.pane == "failures" else self.view

    def lay_out(self, width: int, height: int) -> None:
        """Put the cause beside the list, or below it."""
        self.set_class(width >= BESIDE_FROM, "-beside")
        self.set_class(height >= TALL_FROM, "-tall")
        self.call_after_refresh(self.zoomed)

    def zoomed(self) -> None:
        """Fit what is seen to its new size."""
        super().zoomed()
        self.list.sync()
        self.list.heading.refresh()

    # Counting

    def joined(self, source: Source) -> None:
        """Count what there is."""
        super().joined(source)
        self._want()

    def apply(self, changed: Changed) -> None:
        """Count anew where another filter is in force, or another log."""
        super().apply(changed)
        if Changed.RESTARTED in changed:
            self._run += 1
            self._read_at = None
            self.failures.restart()
            self._renew()
        self._want()

    def paint_panels(self, changed: Changed) -> None:
        """Let the bars go on with the time, and count again once something came."""
        super().paint_panels(changed)
        self._want()
        self._renew()

    @property
    def _present(self) -> tuple[object, ...]:
        """What makes another count worth it."""
        counts = self.dashboard.counts.by_type
        counted = [name for kind in Kind for name in kind.types]
        return tuple(counts[name] for name in counted)

    def _want(self) -> None:
        source, now = self.source, self.dashboard.monotonic()
        if source is None or self._reading or not self.in_front or not self.dashboard.began:
            return
        if self.dashboard.paused and self.failures.known:
            return
        present = self._present
        wait = max(EVERY if present == self._read_for else SOON, self._took * SHARE)
        if self._read_at is None or now - self._read_at >= wait:
            self._reading, self._read_at, self._read_for = True, now, present
            begin(self, "causes", self._read, source)

    async def _read(self, source: Source) -> None:
        run, board = self._run, self.dashboard
        try:
            async for reading in read_causes(source, board.filtering.applied, board.minute):
                # The first count shows what it has; later ones take the place of the last at once.
                if run == self._run and (reading.whole or not self.failures.whole):
                    self.failures.renew(reading)
                    self._renew()
        except SourceError as error:
            self.failures_foot.failure = str(error)
        else:
            self.failures_foot.failure = ""
        finally:
            self._reading = False
            self._took = board.monotonic() - (self._read_at or 0.0)
        if run != self._run:
            self._read_at = None
            self._want()
        self._renew()

    def _renew(self) -> None:
        """Show what was counted."""
        self.failures.choose(self.dashboard.span, self.dashboard.minute)
        empty = not self.failures.rows
        if self.nothing.display != empty:
            self.set_class(empty, "-empty")
            self.nothing.display = empty
            if empty and self.focused is self.view:
                self.set_focus(self.list)
        if empty:
            self.nothing.show(list(self._says_nothing()), keep=True)
        self.list.sync()
        self.list.heading.refresh()
        self.foot.refresh()
        self._want_ends()
        self._show_selected()

    def _says_nothing(self) -> Iterator[Item]:
        yield None
        board = self.dashboard
        wrong = board.link.sentence(board.monotonic())
        if not self.failures.known and wrong is not None:
            yield Heading(f"{wrong[0]}.")
            yield Note(f"{wrong[1]}.") if wrong[1] else None
        elif not self.failures.known and self.failures_foot.failure:
            yield Heading(f"The failures cannot be counted: {self.failures_foot.failure}.")
            yield Note("It is tried again every few seconds.")
        elif not self.failures.whole:
            yield Note("Counting what failed…")
        elif board.filtering.applied:
            yield Heading("Nothing that the filter shows failed.")
            yield None
            yield Fact("\\", "lifts the filter; once more restores it")
            yield Fact("/", "changes it")
        else:
            yield Heading("Nothing failed.")
            yield Note(
                "No message bounced, was given up or complained of, no run had an error, no link was clicked."
            )
            yield None
            yield Fact("1", "goes to the events")

    # The first and the last event of the causes in sight

    @on(FailuresList.Scrolled)
    def _want_ends(self) -> None:
        source = self.source
        if source is not None and not self._reading_ends and self.failures.lacking(self.list.in_sight):
            self._reading_ends = True
            begin(self, "ends", self._read_ends, source)

    async def _read_ends(self, source: Source) -> None:
        run = self._run
        gone: set[int] = set()
        try:
            while run == self._run and (
                wanted := [seq for seq in self.failures.lacking(self.list.in_sight) if seq not in gone][:AT_ONCE]
            ):
                for seq, event in zip(wanted, await read_ends(source, wanted), strict=True):
                    if event is None:
                        gone.add(seq)
                    elif run == self._run:
                        self.failures.ends[seq] = event
                self.list.paint_if_changed()
        except SourceError:
            # The header says how the link is; the next count asks again.
            pass
        finally:
            self._reading_ends = False
        self.view.look_at(self.failures.selected)

    # The cause under the cursor

    @on(FailuresList.Moved)
    def _moved(self) -> None:
        self.foot.refresh()
        self._show_selected()
        self._want_ends()

    def _show_selected(self) -> None:
        self.view.look_at(self.failures.selected)
        if not self.view.complete and not self._resting:
            self._resting = True
            later(REST, self, self._rested)

    def _rested(self) -> None:
        self._resting = False
        cause, source = self.view.cause, self.source
        if cause is not None and source is not None and not self.view.complete:
            begin_instead(self, "about", self._read_about, source, cause)

    async def _read_about(self, source: Source, cause: Cause) -> None:
        try:
            example = await source.detail(cause.last_seq)
            about = await read_about(source, self.dashboard.filtering.applied, cause, MOST_NEWEST)
        except SourceError:
            # What the list has is shown; the next count asks for the rest again.
            self.view.fill(cause, None, None)
        else:
            self.view.fill(cause, example, about)

    # Actions

    def seq_here(self) -> int | None:
        """Give the newest event of the cause under the cursor."""
        cause = self.failures.selected
        return None if cause is None else cause.last_seq

    @on(FailuresList.Opened)
    async def action_open(self) -> None:
        """Show the events of the cause on the screen of events: its filter is added to the one in force."""
        app, found = self.knocktop, self._term()
        if found is None:
            return
        await app.switch_mode("events")
        screen = app.events_screen
        if screen is not None:
            screen.came_from = "failures"
            screen.filter_by(found, types=())

    def _term(self) -> str | None:
        cause = self.failures.selected
        if cause is None:
            self.knocktop.say("There is nothing to look at here")
        elif cause.term is None:
            self.knocktop.say("No filter says this value", "warning")
        return None if cause is None else cause.term

    def by_value(self, *, without: bool) -> None:
        """Filter by the cause under the cursor, or by the value under the cursor of what is told of it."""
        if self.pane == "failure":
            view = self.view
            place = view.path(view.cursor) if view.cursor < view.count() else None
            found = None if place is None else term(place, view.value(view.cursor), without=without)
            if found is None:
                self.knocktop.say("There is no value to filter by on this line")
                return
        else:
            found = self._term()
        if found is not None:
            self.filter_by(f"-({found})" if without and self.pane != "failure" else found, types=())

    def action_copy(self) -> None:
        """Copy what the newest event of the cause says, or the value under the cursor."""
        cause, copy = self.failures.selected, self.view.under_cursor
        if self.pane == "failure" and copy is not None:
            self.knocktop.copy(copy.value, copy.name)
        elif cause is None or self.pane == "failure":
            self.knocktop.say("There is nothing to copy here")
        else:
            last = self.failures.last(cause)
            said = cause.what if last is None or cause.kind is Kind.LINK else last.reading
            self.knocktop.copy(said, "link" if cause.kind is Kind.LINK else "failure")

    def action_copy_filter(self) -> None:
        """Copy the filter that finds the events of the cause."""
        found = self._term()
        if found is not None:
            self.knocktop.copy(found, "filter")
