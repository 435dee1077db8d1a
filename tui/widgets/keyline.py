"""The last line: the keys of the pane that has the focus, and always `? help` at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.keys import BY_NAME, Pane, help_key, hints, keys_of
from tui.widgets.bar import Bar, Part
from tui.widgets.look import look_of

LEAVE = BY_NAME["leave"]
BACK = "back"
BACK_RANK = 2
"""Where there is a way back, it is told before what fits only on a wide line."""


class KeyLine(Bar):
    """Keys and their words, as many as fit, the most useful first."""

    def __init__(self, changed: Mapping[str, str]) -> None:
        super().__init__(id="keyline")
        self.changed = changed
        self.pane: Pane = "stream"
        self.at_root = True
        """There is no step back to take, so that the key for it quits."""
        self.words: Mapping[str, str] = {}
        """What keys do now where that is not what they mostly do, by their names; empty for nothing."""

    def show(self, pane: Pane, *, at_root: bool, words: Mapping[str, str] | None = None) -> None:
        """Show the keys of another pane, what `q` does there, and what other keys do now."""
        said = {LEAVE.name: LEAVE.label if at_root else BACK, **(words or {})}
        if (pane, at_root, said) != (self.pane, self.at_root, self.words):
            self.pane, self.at_root, self.words = pane, at_root, said
            self.refresh()

    def left(self) -> Sequence[Part]:
        """Give the keys of the pane."""
        look = look_of(self)
        margin = " "
        parts = []
        leave = keys_of(LEAVE, self.changed)[:1]
        for rank, (key, word) in enumerate(hints(self.pane, self.changed, self.words), 1):
            importance = BACK_RANK if word == BACK and [key] == leave else rank
            parts.append(Part(importance, [[(margin + look.text(key), "focus bold"), (f" {word}", "quiet")]]))
            margin = ""
        return parts

    def right(self) -> Sequence[Part]:
        """Give the key to help, which is never left out."""
        key = help_key(self.pane, self.changed)
        return [Part(0, [[(look_of(self).text(key), "focus bold"), (" help ", "quiet")]])]
