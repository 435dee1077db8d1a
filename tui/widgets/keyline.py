"""The last line: the keys of the pane that has the focus, and always `? help` at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.keys import BY_NAME, Pane, help_key, hints
from tui.widgets.bar import Bar, Part
from tui.widgets.look import look_of

LEAVE = BY_NAME["leave"]


class KeyLine(Bar):
    """Keys and their words, as many as fit, the most useful first."""

    def __init__(self, changed: Mapping[str, str]) -> None:
        super().__init__(id="keyline")
        self.changed = changed
        self.pane: Pane = "stream"
        self.at_root = True
        """There is no step back to take, so that the key for it quits."""

    def show(self, pane: Pane, *, at_root: bool) -> None:
        """Show the keys of another pane, and what `q` does there."""
        if (pane, at_root) != (self.pane, self.at_root):
            self.pane, self.at_root = pane, at_root
            self.refresh()

    def left(self) -> Sequence[Part]:
        """Give the keys of the pane."""
        look = look_of(self)
        margin = " "
        parts = []
        for rank, (key, word) in enumerate(hints(self.pane, self.changed), 1):
            does = "back" if word == LEAVE.label and not self.at_root else word
            parts.append(Part(rank, [[(margin + look.text(key), "focus bold"), (f" {does}", "quiet")]]))
            margin = ""
        return parts

    def right(self) -> Sequence[Part]:
        """Give the key to help, which is never left out."""
        key = help_key(self.pane, self.changed)
        return [Part(0, [[(look_of(self).text(key), "focus bold"), (" help ", "quiet")]])]
