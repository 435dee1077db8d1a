"""The screen of quarantine: each request that did not verify, why, and what to change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.dom import DOMNode
from textual.widget import Widget

from tui.keys import Key, Pane
from tui.later import later
from tui.model.dashboard import Changed, Dashboard
from tui.model.held import diagnosis
from tui.model.items import Fact, Heading, Item, Note
from tui.model.quarantine import PAGE, Gone, Quarantine
from tui.model.source import Source, SourceError
from tui.screens.board import CHANGING, Board
from tui.widgets.bar import Bar
from tui.widgets.facts_view import FactsView
from tui.widgets.held_foot import HeldFoot
from tui.widgets.held_list import HeldList
from tui.widgets.held_view import HeldView
from tui.work import begin, begin_instead

BESIDE_FROM = 150
SOON, EVERY = 0.5, 5.0
"""Seconds between two readings where something changed, and where only a count may have."""
REST = 0.12
"""Seconds that the cursor stays on a request before its body is read."""


class QuarantineScreen(Board):
    """The requests at the top or at the left, the one under the cursor below or beside them."""

    CSS_PATH = ["board.tcss", "quarantine.tcss"]  # noqa: RUF012 - as Textual wants it

    def __init__(self, dashboard: Dashboard, changed_keys: Mapping[str, str], *, read_only: bool = False) -> None:
        self.quarantine = Quarantine()
        super().__init__(dashboard, changed_keys, read_only=read_only)
        self.list = HeldList(self.quarantine, dashboard.clock)
        self.view = HeldView(dashboard.clock, read_only=read_only)
        self.nothing = FactsView("nothing")
        self._reading = False
        self._read_at: float | None = None
        self._read_for: tuple[object, ...] = ()
        self._resting = False
        self._changes = 0
        """Counts what was done from here: what was asked for before tells of requests that are gone."""

    # The parts

    def make_foot(self) -> Bar:
        """Make the line above the keys."""
        self.held_foot = HeldFoot(self.quarantine, self.dashboard)
        return self.held_foot

    def compose_body(self) -> ComposeResult:
        """Place the list and the request under the cursor, and what is said while there is none."""
        with Container(id="body"):
            with Vertical(id="held-part"):
                yield self.list.heading
                yield self.list
            yield self.view
            yield self.nothing

    def on_mount(self) -> None:
        """Say what there is before the first reading."""
        self.nothing.can_focus = False
        self._renew()

    @property
    def root(self) -> Widget:
        """The list has the focus at first."""
        return self.list

    @property
    def body_pane(self) -> Pane:
        """The pane that has the focus."""
        return "request" if self.focused is self.view else "quarantine"

    def node_of(self, key: Key) -> DOMNode | None:
        """Give what an action is for."""
        if key.pane not in ("quarantine", "request"):
            return super().node_of(key)
        if not self.quarantine.items or (self.read_only and key.name in CHANGING):
            return None
        return self.list if key.pane == "quarantine" else self.view

    def lay_out(self, width: int, height: int) -> None:  # noqa: ARG002 - as the base has it
        """Put the request beside the list, or below it."""
        self.set_class(width >= BESIDE_FROM, "-beside")
        self.call_after_refresh(self.zoomed)

    def zoomed(self) -> None:
        """Fit what is seen to its new size."""
        super().zoomed()
        self.list.sync()

    # Reading

    def joined(self, source: Source) -> None:
        """Read what is held."""
        super().joined(source)
        self._want()

    def apply(self, changed: Changed) -> None:
        """Read anew where something changed."""
        super().apply(changed)
        if Changed.RESTARTED in changed:
            self._read_at = None
        self._want()

    def paint_panels(self, changed: Changed) -> None:
        """Say how old things are, and read again now and then: counts change without a word."""
        super().paint_panels(changed)
        self._want()
        self._renew()

    def _want(self) -> None:
        source, now = self.source, self.dashboard.monotonic()
        if source is None or self._reading or not self.in_front or not self.dashboard.began:
            return
        present = self.dashboard.quarantined, self.dashboard.secrets
        wait = EVERY if present == self._read_for else SOON
        if self._read_at is None or now - self._read_at >= wait:
            self._reading, self._read_at, self._read_for = True, now, present
            begin(self, "quarantine", self._read, source)

    async def _read(self, source: Source) -> None:
        changes = self._changes
        try:
            page = await source.quarantine(limit=self.quarantine.wanted)
            if changes == self._changes:
                self.quarantine.renew(page)
        except SourceError as error:
            self.held_foot.failure = str(error)
        else:
            self.held_foot.failure = ""
        finally:
            self._reading = False
        if changes != self._changes:
            self._want()
        self._renew()

    @on(HeldList.Scrolled)
    def _read_on(self) -> None:
        before, source = self.quarantine.next, self.source
        if before is not None and source is not None and self.list.near_end and not self._reading:
            self._reading = True
            begin(self, "quarantine", self._read_older, source, before)

    async def _read_older(self, source: Source, before: int) -> None:
        changes = self._changes
        try:
            page = await source.quarantine(before=before, limit=PAGE)
            if changes == self._changes:
                self.quarantine.add_older(page, before)
        except SourceError as error:
            self.held_foot.failure = str(error)
        finally:
            self._reading = False
        self._renew()

    def _renew(self) -> None:
        """Show what is held."""
        empty = not self.quarantine.items
        if self.nothing.display != empty:
            self.set_class(empty, "-empty")
            self.nothing.display = empty
        if empty:
            self.nothing.show(list(self._says_nothing()), keep=True)
            if self.focused is self.view:
                self.set_focus(self.list)
        self.list.sync()
        self.foot.refresh()
        self._show_selected()

    def _says_nothing(self) -> Iterator[Item]:
        yield None
        wrong = self.dashboard.link.sentence(self.dashboard.monotonic())
        if not self.quarantine.known and wrong is not None:
            yield Heading(f"{wrong[0]}.")
            yield Note(f"{wrong[1]}.") if wrong[1] else None
        elif not self.quarantine.known and self.held_foot.failure:
            yield Heading(f"The quarantine cannot be read: {self.held_foot.failure}.")
            yield Note("It is tried again every few seconds.")
        elif not self.quarantine.known:
            yield Note("Reading what is in quarantine…")
        elif self.dashboard.secrets == 0:
            yield Heading("Nothing is in quarantine, since no signing secret is set.")
            yield Note("Until there is one every request becomes an event, marked as unverified, whoever sent it.")
            yield None
            yield Fact("S", "sets the signing secret")
        else:
            yield Heading("Nothing is in quarantine.")
            yield Note(
                "A request whose signature fits none of the secrets waits here for 7 days at most, with what is"
                " wrong about it: until a secret fits, or you admit or discard it."
            )
            yield None
            yield Fact("S", "sets another signing secret")
            yield Fact("1", "goes to the events")

    # The request under the cursor

    @on(HeldList.Moved)
    def _moved(self) -> None:
        self.foot.refresh()
        self._show_selected()
        self._read_on()

    def _show_selected(self) -> None:
        self.view.look_at(self.quarantine.selected)
        if not self.view.complete and not self._resting:
            self._resting = True
            later(REST, self, self._rested)

    def _rested(self) -> None:
        self._resting = False
        item, source = self.view.item, self.source
        if item is not None and source is not None and not self.view.complete:
            begin_instead(self, "body", self._read_body, source, item.id)

    async def _read_body(self, source: Source, held_id: int) -> None:
        try:
            body: bytes | str = await source.held_body(held_id)
        except SourceError as error:
            body = f"The body could not be read: {error}"
        self.view.fill(held_id, body)

    @on(HeldList.Opened)
    def action_open(self) -> None:
        """Read the request under the cursor."""
        self.set_focus(self.view)

    # Actions

    async def action_filter(self) -> None:  # type: ignore[override]
        """Filter the events, on their screen: there is nothing to filter here."""
        app = self.knocktop
        await app.action_board("events")
        if app.events_screen is not None:
            app.events_screen.action_filter()

    def action_copy(self) -> None:
        """Copy the diagnosis, or in the request the value under the cursor."""
        item = self.quarantine.selected
        copy = self.view.under_cursor if self.pane == "request" else None
        if copy is not None:
            self.knocktop.copy(copy.value, copy.name or "value")
        elif item is None or self.pane == "request":
            self.knocktop.say("There is nothing to copy here")
        else:
            self.knocktop.copy(diagnosis(item), "diagnosis")

    def action_copy_body(self) -> None:
        """Copy the body of the request as it was received."""
        item, body = self.view.item, self.view.body
        if item is None or not isinstance(body, bytes):
            self.knocktop.say("The body is not there to be copied")
        else:
            self.knocktop.copy(body.decode("utf-8", "replace"), "body")

    def action_admit(self) -> None:
        """Ask whether the request is to become an event."""
        from tui.screens.admit import AdmitSheet

        item, source = self.quarantine.selected, self.source
        if self.may_change() and item is not None and source is not None:
            self.app.push_screen(AdmitSheet(source, item, self.dashboard.clock), self._done)

    def action_discard_held(self) -> None:
        """Ask whether the request is to be dropped."""
        from tui.screens.discard import DiscardSheet

        item, source = self.quarantine.selected, self.source
        if self.may_change() and item is not None and source is not None:
            like = self.quarantine.like(item)
            self.app.push_screen(DiscardSheet(source, item, like, self.dashboard.clock), self._done)

    def _done(self, gone: Gone | None) -> None:
        self._changes += 1
        if gone is not None:
            self.knocktop.say(gone.says)
            self.quarantine.drop(gone.ids)
        # Also what was left half-way has changed what is held.
        self._read_at = None
        self._want()
        self._renew()
