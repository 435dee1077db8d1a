"""What is shown on a screen that is too small for anything else."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.cells import fit
from tui.widgets.look import look_of

MIN_WIDTH = 80
MIN_HEIGHT = 24


class TooSmall(Widget):
    """Says the size that is needed; events go on being received."""

    def __init__(self) -> None:
        super().__init__(id="too-small")

    def render_line(self, y: int) -> Strip:
        """Paint the sentences in the middle."""
        look = look_of(self)
        size = self.app.size
        said = [
            f"knocktop needs {MIN_WIDTH}x{MIN_HEIGHT},",
            f"this is {size.width}x{size.height}.",
            "Events go on being received.",
        ]
        line = y - max((self.size.height - len(said)) // 2, 0)
        text = said[line] if 0 <= line < len(said) else ""
        width = self.size.width
        return Strip.blank(width, look.style("ink")) if not text else self._centred(text, width)

    def _centred(self, text: str, width: int) -> Strip:
        look = look_of(self)
        return Strip([Segment(fit(text.center(width), width, look.ellipsis), look.style("ink"))])
