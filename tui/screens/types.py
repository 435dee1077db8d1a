"""The screen of types: a wall of live panels, one for each type that was seen."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.dom import DOMNode
from textual.widget import Widget

from tui.keys import Key, Pane
from tui.model.dashboard import Changed, Dashboard
from tui.model.narrowing import of_type
from tui.model.source import Source, SourceError
from tui.model.wall import NEWEST, Wall
from tui.screens.board import Board
from tui.widgets.bar import Bar
from tui.widgets.notice import Notice
from tui.widgets.wall import WallView
from tui.widgets.wall_foot import WallFoot
from tui.work import begin

MOST_PAGES = 20
"""Pages that are read in search of the newest events of a type; a filter may match few of them."""


class TypesScreen(Board):
    """Every type that was seen: how often, when, and what its newest events say."""

    CSS_PATH = ["board.tcss", "types.tcss"]  # noqa: RUF012 - as Textual wants it

    def __init__(self, dashboard: Dashboard, changed_keys: Mapping[str, str], *, read_only: bool = False) -> None:
        super().__init__(dashboard, changed_keys, read_only=read_only)
        self.wall = Wall(dashboard)
        dashboard.listeners.append(self.wall.take)
        self.view = WallView(dashboard, self.wall)
        self.notice = Notice(dashboard)
        self._picked: tuple[str, ...] | None = None
        """What was picked and is not in force yet."""
        self._reading = False

    def make_foot(self) -> Bar:
        """Make the line above the keys."""
        self.wall_foot = WallFoot(self.dashboard)
        return self.wall_foot

    def compose_body(self) -> ComposeResult:
        """Place the panels, and what is said while there are none."""
        with Container(id="body"):
            yield self.view
            yield self.notice

    def on_mount(self) -> None:
        """Say what there is before the first event."""
        self._renew()

    @property
    def root(self) -> Widget:
        """The panels have the focus."""
        return self.view

    @property
    def body_pane(self) -> Pane:
        """There is one pane."""
        return "types"

    def node_of(self, key: Key) -> DOMNode | None:
        """Give what an action is for."""
        return self.view if key.pane == "types" else super().node_of(key)

    # From the model to the widgets

    def joined(self, source: Source) -> None:
        """Show where the relay is."""
        super().joined(source)
        self.notice.address = source.address
        self.notice.trouble = None
        self._renew()

    def trouble(self, what: str, then: str) -> None:
        """Say why there is no source yet."""
        super().trouble(what, then)
        self.notice.trouble = (what, then)
        self._renew()

    def apply(self, changed: Changed) -> None:
        """Note what was touched; all of it waits for the next turn of the panels."""
        super().apply(changed)
        if Changed.RESTARTED in changed:
            self._picked = None
            self.repaint()

    def paint_panels(self, changed: Changed) -> None:
        """Paint the panels that say something else now."""
        super().paint_panels(changed)
        if Changed.COUNTS in changed:
            self._renew()
            self._want_events()

    def _renew(self) -> None:
        self.view.renew()
        self.wall_foot.minutes = self.view.minutes
        self.wall_foot.marked = bool(self.view.marks)
        self.wall_foot.refresh()
        empty = not self.view.types
        if empty:
            self.notice.renew_text()
        self.notice.display = empty

    def zoomed(self) -> None:
        """Fit what is seen to its new size."""
        super().zoomed()
        self._renew()

    # Reading the newest events of types that the stream has not brought

    @on(WallView.Scrolled)
    def _want_events(self) -> None:
        source = self.source
        if source is None or self._reading or not self.dashboard.counts.known:
            return
        now = self.dashboard.monotonic()
        wanted = self.wall.wanted(self.view.types_in_sight, now)
        if wanted is not None:
            self._reading = True
            self.wall.asked(wanted, now)
            begin(self, "panels", self._read_events, source, wanted)

    async def _read_events(self, source: Source, type_: str) -> None:
        run = self.wall.run
        try:
            await self._fill(source, type_, run)
        except (SourceError, ValueError):
            # The header says how the link is; the next turn asks again.
            pass
        finally:
            self._reading = False
        if self.in_front and run == self.wall.run:
            self.view.renew()
            self._want_events()

    async def _fill(self, source: Source, type_: str, run: int) -> None:
        text, types = of_type(self.dashboard.filtering.applied, type_, self.dashboard.clock.zone)
        before: int | None = self.dashboard.upto + 1
        found = 0
        for _ in range(MOST_PAGES):
            page = await source.page(text, before=before, types=types, limit=NEWEST)
            if run != self.wall.run:
                return
            before, found = page.next, found + len(page.events)
            self.wall.fill(type_, page.events, whole=before is None or found >= NEWEST)
            if before is None or found >= NEWEST:
                return
        self.wall.fill(type_, (), whole=True)

    # Actions

    @on(WallView.Picked)
    def _pick(self, message: WallView.Picked) -> None:
        picked = self._picked if self._picked is not None else self.dashboard.picked
        kept = tuple(name for name in picked if name != message.type)
        self._picked = kept if message.type in picked else (*picked, message.type)
        self.set_filter(self.dashboard.filtering.applied, self._picked)

    @on(WallView.Opened)
    def _open(self, message: WallView.Opened) -> None:
        from tui.screens.type_view import TypeViewScreen

        self.app.push_screen(
            TypeViewScreen(message.type, self.dashboard, self.changed_keys, read_only=self.read_only)
        )

    def types_here(self) -> tuple[str, ...]:
        """Give the type under the cursor."""
        return (self.view.selected,) if self.view.selected is not None else ()

    def action_copy(self) -> None:
        """Copy the name of the type under the cursor."""
        if self.view.selected is not None:
            self.knocktop.copy(self.view.selected, "type")
