"""The line below the story of one message: the step under the cursor, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from relay.contract.timeline import MessageTimeline, Step
from tui.model.dashboard import Dashboard
from tui.model.messages.axis import latency
from tui.model.messages.story import remarks_on
from tui.widgets.bar import Bar, Part
from tui.widgets.cells import fit
from tui.widgets.look import Look, look_of

_READING = (100, 60, 36, 20)
"""Cells for the reading of a step, as there is room."""


class MessageFoot(Bar):
    """A step of the message; at the right its place among them."""

    GROUND = "ground"

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__(id="foot")
        self.dashboard = dashboard
        self.failure = ""
        """Why the message cannot be read now."""
        self._message: MessageTimeline | None = None
        self._step: Step | None = None

    def show(self, message: MessageTimeline | None, step: Step | None) -> None:
        """Tell of another step."""
        self._message, self._step = message, step
        self.refresh()

    def left(self) -> Sequence[Part]:
        """Say what is wrong, or tell the step."""
        board, look = self.dashboard, look_of(self)
        trouble = board.link.sentence(board.monotonic()) if board.began else None
        trouble = trouble or ((self.failure, "it is tried again") if self.failure else None)
        if trouble is not None:
            what, then = (look.text(text, 300) for text in trouble)
            return [Part(0, [[(f" {what}. ", "warn"), (then, "quiet")], [(f" {what}", "warn")]])]
        return [] if self._step is None else [Part(0, [[(" ", "ink")]]), step_part(self._step, look)]

    def right(self) -> Sequence[Part]:
        """Say which of the steps it is, and the zone of the times where it is not UTC."""
        parts, zone = [], self.dashboard.clock.zone_name
        if self._message is not None and self._step in self._message.steps:
            at = self._message.steps.index(self._step) + 1
            parts.append(Part(2, [[(f"step {at:,} of {self._message.step_count:,} ", "quiet")]]))
        if zone != "UTC":
            parts.append(Part(5, [[(f"{zone} ", "quiet")]]))
        return parts


def step_part(step: Step, look: Look) -> Part:
    """Tell a step: what it is, how long after the first one, and its reading as far as there is room."""
    mark, glyph = look.mark(step.type)
    name = look.text(step.type.partition(".")[2] or step.type, 40)
    since = f" +{latency(step.since_first_ms)}" if step.since_first_ms else ""
    head = [(f"{glyph} {name}", mark.ink), (since, "ink")]
    said = look.text(look.own(" · ").join([*([step.reading] if step.reading else []), *remarks_on(step)]), 300)
    ways = [[*head, (f"  {fit(said, min(cells, len(said)), look.ellipsis)}", "quiet")] for cells in _READING]
    return Part(3, [*(ways if said else []), head])
