"""One forward with what was answered, to be read."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from relay.contract.api import ForwardItem
from relay.contract.events import EventDetail, Forward
from tui.keys import bindings
from tui.model.clock import Clock
from tui.model.environments import Environments
from tui.model.forwarded import told
from tui.widgets.facts_view import FactsView


class ForwardView(FactsView, inherit_bindings=False):
    """What was answered, how the event was sent and where to, and the event."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("answer")

    def __init__(self, clock: Clock, environments: Environments) -> None:
        super().__init__("forward-view", ground="side")
        self.clock = clock
        self.environments = environments
        self.item: ForwardItem | None = None
        self.forward: Forward | str | None = None
        """The forward with its answer, or why it could not be read; None until it was."""
        self.event: EventDetail | None = None

    @property
    def complete(self) -> bool:
        """There is nothing left to read."""
        return self.item is None or self.forward is not None

    @property
    def body(self) -> str | None:
        """The body of the answer, as far as it is kept and was read."""
        return self.forward.body if isinstance(self.forward, Forward) else None

    def look_at(self, item: ForwardItem | None) -> None:
        """Show another forward."""
        same = self.item is not None and item is not None and item.entry == self.item.entry
        if item is self.item or same:
            return
        self.item, self.forward, self.event = item, None, None
        self._show(keep=False)

    def fill(self, entry: int, forward: Forward | str, event: EventDetail | None) -> None:
        """Show the answer and the event, if they are still those of the forward that is shown."""
        if self.item is not None and self.item.entry == entry:
            self.forward, self.event = forward, event
            self._show(keep=True)

    def _show(self, *, keep: bool) -> None:
        items = (
            told(self.item, self.forward, self.event, self.clock, self.environments)
            if self.item is not None
            else []
        )
        self.show(items, keep=keep)
