"""One message as a row: who it is for, its lane, and where it got to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from relay.contract.events import Channel
from relay.contract.timeline import MessageTimeline, Step
from tui.model.clock import Clock
from tui.model.commits import Commits
from tui.model.messages.axis import Axis, latency
from tui.model.messages.listing import Order
from tui.model.messages.words import Words, badges, channel_word, outcome, sign
from tui.widgets.cells import fit, fit_right
from tui.widgets.lane import LanePainter
from tui.widgets.look import Look
from tui.widgets.time_axis import COMMITTED, MARK_INK

LIMIT = 400
LANE_LEAST = 20
SHORT = 34
"""Cells of the outcome below which only the most telling is said."""
_LEAST_SAID = 12
"""Cells of the outcome that no badge takes."""


class Column(NamedTuple):
    """A column and its cells."""

    name: str
    width: int


_FROM = (
    ("time", 150, 11),
    ("recipient", 0, 14),
    ("workflow", 108, 14),
    ("channel", 96, 7),
    ("provider", 140, 9),
    ("message", 210, 10),
)
"""Columns before the lane: the width of the list from which they are seen, and their own."""
_WIDER = {"recipient": (120, 0.035, 26), "workflow": (120, 0.05, 28), "provider": (170, 0.05, 14)}
"""Columns that grow with the list: from which width, by which share of what is beyond it, up to how many cells."""
_TOOK_FROM = 132
TOOK = 9


def columns(width: int) -> list[Column]:
    """Give the columns before the lane for a list of so many cells."""
    return [Column(name, _grown(name, own, width)) for name, from_, own in _FROM if width >= from_]


def _grown(name: str, own: int, width: int) -> int:
    if name not in _WIDER:
        return own
    from_, share, most = _WIDER[name]
    return min(own + max(round((width - from_) * share * 1.6), 0), most)


def said_width(width: int) -> int:
    """Give the cells of the outcome in a list of so many."""
    return min(22 + max(width - 80, 0) // 6, 48)


class MessagePainter:
    """Paints rows for one width and one axis."""

    def __init__(self, look: Look, clock: Clock, width: int, axis: Axis, commits: Commits) -> None:
        self.look = look
        self.commits = commits
        self.clock = clock
        self.width = width
        self.columns = columns(width)
        self.took = TOOK if width >= _TOOK_FROM else 0
        self.said = said_width(width)
        before = 3 + sum(column.width + 1 for column in self.columns)
        after = 2 + self.said + (self.took + 1 if self.took else 0)
        self.lane_at = before
        self.lane = LanePainter(look, axis, max(width - before - after, LANE_LEAST))

    def heading(self, order: Order, *, focused: bool) -> Strip:
        """Paint the names of the columns and the axis; the order stands out where it is that of a column."""
        ink = "focus" if focused else "quiet"
        quiet = self.look.style(ink, "side")
        text = "   " + "".join(fit(column.name, column.width) + " " for column in self.columns)
        segments = [Segment(text, quiet), *self.lane.heading(ink)]
        arrow = self.look.own(" ▼") if not self.look.ascii_only else " v"
        if self.took:
            name = "took" + (arrow if order is Order.SLOWEST else "")
            segments.append(Segment(" " + fit_right(name, self.took), quiet))
        name = "outcome" + (arrow if order is Order.FAILING else "")
        segments.append(Segment("  " + fit(name, self.said), quiet))
        return Strip(segments).crop(0, self.width).adjust_cell_length(self.width, quiet)

    def paint(
        self,
        message: MessageTimeline,
        ground: str,
        now_us: int,
        *,
        selected: bool,
        chosen: Step | None = None,
        after_commit: bool = False,
    ) -> Strip:
        """Paint a row on a ground; on the selected one the chosen step stands out.

        One that moved `after_commit`, unlike the one above it, is marked.
        """
        look = self.look
        first = sign(message)
        edge = (look.mark(COMMITTED)[1], MARK_INK) if after_commit else (" ", "ink")
        segments = [
            self._segment(*((look.own("▌"), "focus") if selected else edge), ground),
            self._segment(
                f"{first.ascii if look.ascii_only else first.glyph} ", f"{first.ink}", ground, bold=True
            ),
        ]
        for column in self.columns:
            text, ink = self._cell(column, message)
            segments.append(self._segment(text + " ", ink, ground, bold=selected and column.name == "recipient"))
        segments += self.lane.paint(message, ground, now_us, chosen if selected else None, self.commits)
        if self.took:
            took = latency(message.took_ms) if message.took_ms else ""
            segments.append(self._segment(" " + fit_right(took, self.took), "quiet", ground))
        segments.append(self._segment("  ", "ink", ground))
        segments += self._outcome(message, now_us, ground)
        blank = look.style("ink", ground)
        return Strip(segments).crop(0, self.width).adjust_cell_length(self.width, blank)

    def _segment(self, text: str, ink: str, ground: str, *, bold: bool = False) -> Segment:
        return Segment(text, self.look.style(ink, ground, bold=bold))

    def _cell(self, column: Column, message: MessageTimeline) -> tuple[str, str]:
        channel = message.channel
        match column.name:
            case "time":
                return fit(self.clock.short(message.last_at), column.width), "quiet"
            case "recipient":
                return self._fit(message.recipient, column.width), "ink"
            case "workflow":
                return self._fit(message.workflow, column.width), "quiet"
            case "channel":
                return self._fit(channel_word(channel), column.width), "quiet"
            case "provider":
                return self._fit(_provider(channel), column.width), "quiet"
            case _:
                return self._fit(message.message_id, column.width), "quiet"

    def _fit(self, text: str | None, width: int) -> str:
        return fit(self.look.text(text or "", LIMIT), width, self.look.ellipsis)

    def _outcome(self, message: MessageTimeline, now_us: int, ground: str) -> Iterator[Segment]:
        """Say where it got to, then as many flags as there is room for; of a long reason the end goes first."""
        look, room = self.look, self.said
        said = [
            Words(look.text(word.text, LIMIT), word.ink) for word in outcome(message, now_us, short=room < SHORT)
        ]
        dot = look.own(" · ")
        length = sum(cell_len(word.text) for word in said) + len(dot) * (len(said) - 1)
        odd: list[Words] = []
        for badge in badges(message):
            taken = sum(cell_len(one.text) + 2 for one in (*odd, badge))
            if taken <= max(room - min(length, max(_LEAST_SAID, room // 2)), 0):
                odd.append(badge)
        left = room - sum(cell_len(one.text) + 2 for one in odd)
        for number, word in enumerate(said):
            text = (dot if number else "") + word.text
            text = fit(text, min(cell_len(text), left), look.ellipsis) if left > len(dot) or not number else ""
            left -= cell_len(text)
            if number and text:
                yield self._segment(text[: len(dot)], "quiet", ground)
                text = text[len(dot) :]
            yield self._segment(text, word.ink, ground)
        for badge in odd:
            yield self._segment(f"  {badge.text}", badge.ink, ground)


def _provider(channel: Channel | None) -> str:
    """Name a provider, where that says more than the channel does."""
    provider = (channel.provider if channel is not None else None) or ""
    kind = (channel.type if channel is not None else None) or ""
    return "" if kind and provider.startswith(kind) and kind != "push" else provider
