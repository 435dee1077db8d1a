"""How a lane is painted: its line, the glyphs of its steps on it, and dots where more is to come."""

from __future__ import annotations

from rich.segment import Segment

from relay.contract.timeline import MessageTimeline, Step
from tui.model.commits import Commits
from tui.model.messages.axis import Axis, Tick
from tui.model.messages.lane import is_marked_beyond, is_stalled, lane_of, marks_of
from tui.widgets.look import Look
from tui.widgets.time_axis import COMMITTED, MARK_INK

_LINE, _OPEN, _GRID = "─", "┄", "·"
_ASCII = {_LINE: "-", _OPEN: ".", _GRID: " ", "‹": "<", "›": ">"}


class LanePainter:
    """Paints lanes of one width over one axis."""

    def __init__(self, look: Look, axis: Axis, width: int) -> None:
        self.look = look
        self.axis = axis
        self.width = width
        self.ticks: list[Tick] = axis.ticks(width)
        self._grid = {tick.cell for tick in self.ticks}

    def heading(self, ink: str) -> list[Segment]:
        """Name the times above the lanes."""
        text = ""
        for tick in self.ticks:
            text = text.ljust(tick.at) + tick.label
        return [Segment(text.ljust(self.width)[: self.width], self.look.style(ink, "side"))]

    def paint(
        self, message: MessageTimeline, ground: str, now_us: int, chosen: Step | None, commits: Commits
    ) -> list[Segment]:
        """Paint a message, with what was committed while it was under way; the chosen step stands out."""
        look, lane = self.look, lane_of(message, self.axis, self.width, now_us)
        cells = [
            (self._own(_GRID), "line", ground) if cell in self._grid else (" ", "quiet", ground)
            for cell in range(self.width)
        ]
        if lane.first is not None and lane.last is not None:
            for cell in range(lane.first, lane.last + 1):
                cells[cell] = (self._own(_LINE), "quiet", ground)
        if lane.open_from is not None and lane.open_to is not None:
            ink = "warn" if is_stalled(message) else "event-attempted"
            for cell in range(lane.open_from, lane.open_to + 1):
                cells[cell] = (self._own(_OPEN), ink, ground)
        if lane.before is not None:
            cells[0] = self._beyond("‹", lane.before, ground, chosen)
        if lane.after is not None:
            cells[-1] = self._beyond("›", lane.after, ground, chosen)
        committed = look.mark(COMMITTED)[1]
        for cell in marks_of(message, lane, self.axis, self.width, commits):
            cells[cell] = (committed, MARK_INK, ground)
        if lane.after is None and is_marked_beyond(message, self.axis, self.width, commits, now_us):
            cells[-1] = (self._own("›"), MARK_INK, ground)
        for cell, step in lane.dots:
            mark, glyph = look.mark(step.type)
            here = chosen is not None and step.seq == chosen.seq
            cells[cell] = (glyph, "badge-ink", "badge") if here else (glyph, self._ink(step, mark.ink), ground)
        return self._joined(cells)

    def _ink(self, step: Step, ink: str) -> str:
        return "quiet" if step.undone else ink

    def _beyond(self, sign: str, step: Step, ground: str, chosen: Step | None) -> tuple[str, str, str]:
        here = chosen is not None and step.seq == chosen.seq
        ink = self.look.mark(step.type)[0].ink
        return (self._own(sign), "badge-ink", "badge") if here else (self._own(sign), ink, ground)

    def _own(self, char: str) -> str:
        return _ASCII[char] if self.look.ascii_only else char

    def _joined(self, cells: list[tuple[str, str, str]]) -> list[Segment]:
        segments: list[Segment] = []
        text, last = "", cells[0][1:]
        for char, ink, ground in cells:
            if (ink, ground) != last:
                segments.append(Segment(text, self.look.style(*last)))
                text, last = "", (ink, ground)
            text += char
        return [*segments, Segment(text, self.look.style(*last))]
