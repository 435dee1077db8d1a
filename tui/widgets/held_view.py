"""One request in quarantine, to be read."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from relay.contract.api import QuarantineItem
from tui.keys import bindings
from tui.model.clock import Clock
from tui.model.held import told
from tui.widgets.facts_view import FactsView


class HeldView(FactsView, inherit_bindings=False):
    """What is wrong with a request, what to change, the string that was signed, its headers and its body."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("request")

    def __init__(self, clock: Clock, *, read_only: bool = False) -> None:
        super().__init__("held-view", ground="side")
        self.clock = clock
        self.read_only = read_only
        self.item: QuarantineItem | None = None
        self.body: bytes | str | None = None
        """The bytes, or why they could not be read; None until they were."""

    @property
    def complete(self) -> bool:
        """There is nothing left to read."""
        return self.item is None or self.body is not None

    def look_at(self, item: QuarantineItem | None) -> None:
        """Show another request, or what is new about the same one."""
        if item is self.item:
            return
        same = self.item is not None and item is not None and item.id == self.item.id
        self.item = item
        if not same:
            self.body = None
        self._show(keep=same)

    def fill(self, held_id: int, body: bytes | str) -> None:
        """Show the body, if it is still that of the request that is shown."""
        if self.item is not None and self.item.id == held_id:
            self.body = body
            self._show(keep=True)

    def _show(self, *, keep: bool) -> None:
        items = told(self.item, self.body, self.clock, read_only=self.read_only) if self.item is not None else []
        self.show(items, keep=keep)
