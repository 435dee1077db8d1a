"""The tabs of the detail."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from tui.widgets.bar import Bar, Part, width_of
from tui.widgets.look import look_of

TABS = ("Summary", "EventData", "Body", "Headers", "Deliveries")
SHORT = {"Deliveries": "Deliv."}


class Tabs(Bar):
    """The names of the tabs, the chosen one marked; at the right the seq of the event."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self) -> None:
        super().__init__(id="tabs")
        self.chosen = TABS[0]
        self.seq: int | None = None
        self.focused = False

    def left(self) -> Sequence[Part]:
        """Give the tabs; the chosen one stays when there is no room for all."""
        parts = []
        for rank, name in enumerate(TABS):
            ink, ground = self._inks(name)
            word = f" {name} "
            parts.append(Part(0 if name == self.chosen else rank + 1, [[(word, ink, ground)]]))
        return parts

    def _inks(self, name: str) -> tuple[str, str]:
        if name != self.chosen:
            return "quiet", self.GROUND
        return ("focus bold", "row-cursor") if self.focused else ("ink bold", "row-cursor-blurred")

    GAP = 0

    def right(self) -> Sequence[Part]:
        """Give the seq."""
        if self.seq is None:
            return ()
        return [Part(9, [[(f"  seq {self.seq:,} ", "quiet")]])]

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the mouse."""
        at = 0
        for part, name in zip(self.left(), TABS, strict=True):
            at += width_of(part.ways[0])
            if event.x < at:
                self.post_message(self.Chosen(name))
                return

    def refresh_look(self, *, focused: bool) -> None:
        """Show whether the keys go to the detail."""
        if focused != self.focused:
            self.focused = focused
            self.refresh()

    def title(self) -> str:
        """Give the chosen tab's name in the characters that the terminal has."""
        return look_of(self).own(self.chosen)
