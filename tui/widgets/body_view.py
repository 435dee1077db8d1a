"""The body of an event, indented and coloured line by line as it comes in sight."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.bodylines import value_at
from tui.widgets.json_ink import LINE_LIMIT, json_spans
from tui.widgets.lines import Copy, Lines, Spans
from tui.widgets.look import look_of

GUTTER_FROM = 10


class BodyView(Lines):
    """Lines of JSON with their numbers."""

    GROUND = "side"

    def __init__(self) -> None:
        super().__init__("body-view")
        self._lines: Sequence[str] = ()
        self._longest = 0
        self._note = ""

    def show(self, lines: Sequence[str]) -> None:
        """Show a body."""
        self._lines = lines
        self._note = ""
        self._longest = min(max(map(len, lines), default=0), LINE_LIMIT + 50)
        self.renew(keep=False)

    def say(self, note: str) -> None:
        """Show a sentence in place of a body."""
        self._lines = ()
        self._note = note
        self.renew(keep=False)

    def count(self) -> int:
        """Count the lines."""
        return len(self._lines) or 1

    def longest(self) -> int:
        """Count the cells of the longest line; wide characters may take more than is counted here."""
        return self._longest + self._gutter() + 1

    def _gutter(self) -> int:
        return len(str(len(self._lines))) + 2 if len(self._lines) >= GUTTER_FROM else 1

    def spans(self, index: int) -> Spans:
        """Give the texts of a line."""
        look = look_of(self)
        if not self._lines:
            return [(" " + look.text(self._note), "quiet")]
        gutter = self._gutter()
        number = f"{index + 1:>{gutter - 1}} " if gutter > 1 else " "
        return [(number, "quiet"), *json_spans(self._lines[index], look)]

    def copied(self, index: int) -> Copy | None:
        """Give the value that begins, stands or ends on a line."""
        if not self._lines:
            return None
        return Copy(value_at(self._lines, index), "value")
