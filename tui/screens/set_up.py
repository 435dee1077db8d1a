"""The set-up again, once there are events: from the palette."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Container
from textual.dom import DOMNode
from textual.widget import Widget

from tui.keys import Key, Pane
from tui.model.dashboard import Changed, Dashboard
from tui.model.set_up import has_events
from tui.model.source import Source
from tui.screens.board import Board
from tui.widgets.set_up import SetUp


class SetUpScreen(Board):
    """The steps from nothing to the first verified event."""

    CSS_PATH = ["board.tcss", "set_up.tcss"]  # noqa: RUF012 - as Textual wants it

    def __init__(self, dashboard: Dashboard, changed_keys: Mapping[str, str], *, read_only: bool = False) -> None:
        super().__init__(dashboard, changed_keys, read_only=read_only)
        self.steps = SetUp(dashboard, changed_keys)
        self._waits = not has_events(dashboard)

    def compose_body(self) -> ComposeResult:
        """Place the steps."""
        with Container(id="body"):
            yield self.steps

    @property
    def root(self) -> Widget:
        """The steps have the focus."""
        return self.steps

    @property
    def body_pane(self) -> Pane:
        """There is one pane."""
        return "set_up"

    def node_of(self, key: Key) -> DOMNode | None:
        """Give what an action is for."""
        return self.steps if key.pane == "set_up" else super().node_of(key)

    def joined(self, source: Source) -> None:
        """Show where the relay is."""
        super().joined(source)
        self.show_place(self.steps, source)

    def paint_panels(self, changed: Changed) -> None:
        """Tick what is done; what was waited for takes the place of the steps."""
        super().paint_panels(changed)
        if self.source is not None:
            self.show_place(self.steps, self.source)
        self.steps.renew_text()
        if self._waits and has_events(self.dashboard):
            self._waits = False
            self.knocktop.go_back()

    def action_copy(self) -> None:
        """Copy the address of the webhook."""
        self.knocktop.copy(self.steps.place.webhook_url, "address")
