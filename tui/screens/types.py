"""The screen of types: what was seen of each."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget

from tui.keys import Pane
from tui.model.dashboard import Changed, Dashboard
from tui.screens.board import Board
from tui.widgets.types_panel import TypesPanel


class TypesScreen(Board):
    """Every type that was seen, with counts and rates."""

    def __init__(self, dashboard: Dashboard, changed_keys: Mapping[str, str], *, read_only: bool = False) -> None:
        super().__init__(dashboard, changed_keys, read_only=read_only)
        self.types = TypesPanel(dashboard)
        self.types.can_focus = True

    def compose_body(self) -> ComposeResult:
        """Place the types."""
        with Container(id="body"):
            yield self.types

    @property
    def root(self) -> Widget:
        """The types have the focus."""
        return self.types

    @property
    def body_pane(self) -> Pane:
        """There is one pane."""
        return "types"

    def paint_panels(self, changed: Changed) -> None:
        """Paint the counts."""
        super().paint_panels(changed)
        if Changed.COUNTS in changed:
            self.types.renew()
