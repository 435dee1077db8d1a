"""One cause, to be read."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from relay.contract.events import EventDetail
from tui.keys import bindings
from tui.model.clock import Clock
from tui.model.counting import About
from tui.model.failure_facts import told
from tui.model.failures import Cause, Failures
from tui.widgets.facts_view import FactsView


class FailureView(FactsView, inherit_bindings=False):
    """An example of a cause, how often it came and since when, and what came before it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("failure")

    def __init__(self, failures: Failures, clock: Clock) -> None:
        super().__init__("failure-view", ground="side")
        self.failures = failures
        self.clock = clock
        self.cause: Cause | None = None
        self.example: EventDetail | None = None
        self.about: About | None = None
        self._read_for: Cause | None = None

    @property
    def complete(self) -> bool:
        """There is nothing left to read."""
        return self.cause is None or self._read_for == self.cause

    def look_at(self, cause: Cause | None) -> None:
        """Show another cause, or what is new about the same one."""
        same = self.cause is not None and cause is not None and self.cause.key == cause.key
        self.cause = cause
        if not same:
            self.example = self.about = self._read_for = None
        self.renew_text(keep=same and self.has_focus)

    def fill(self, cause: Cause, example: EventDetail | None, about: About | None) -> None:
        """Show what was read of a cause, if it is still the one that is shown."""
        if self.cause is not None and self.cause.key == cause.key:
            self.example, self.about, self._read_for = example or self.example, about or self.about, cause
            self.renew_text(keep=self.has_focus)

    def renew_text(self, *, keep: bool) -> None:
        """Lay out what is known by now; `keep` leaves the cursor where it is."""
        cause = self.cause
        items = [] if cause is None else told(cause, self.failures, self.example, self.about, self.clock)
        self.show(items, keep=keep)
