"""One panel of the wall: what a type is called, how often it came and when, and its newest events read aloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from textual.cache import LRUCache
from textual.strip import Strip

from relay.contract.events import EventSummary
from tui.model.clock import Clock
from tui.model.rate import rate_text
from tui.widgets.cells import fit, fit_right
from tui.widgets.glyphs import MARKS, Mark, mark_of
from tui.widgets.look import Look
from tui.widgets.sparkline import heights, spread
from tui.widgets.time_axis import before_bars, cells_of, marked

LIMIT = 256
TALL = 9
"""Lines from which on a panel has bars two rows high."""
_TIME = 8
_COUNT, _SHARE, _RATE = 8, 7, 8
_LEAST_NAME = 16
_ROWS = 1_024
_RECIPIENT_FROM, _WIDE = 44, 64
_RESOURCES = {"workflow_recipient_run": "run", "source_event_action": "source action"}
_LOUD = ("event-attempted", "event-failed", "event-complaint")

Words: TypeAlias = list[tuple[str, str]]


class PanelState(NamedTuple):
    """All that is on a panel; two that are equal are painted alike. `out`: not picked, while others are.

    `marks` are the places among `bars` at which something was committed.
    """

    type: str
    seen: int
    total: int
    rate: float
    bars: tuple[int, ...]
    marks: frozenset[int]
    newest: tuple[EventSummary, ...]
    here: bool = False
    focused: bool = False
    picked: bool = False
    out: bool = False


def panel_name(type_: str) -> str:
    """Say what happened to what: `bounced` for a message, `workflow updated` for the rest of the catalogue."""
    family, _, verb = type_.partition(".")
    if type_ not in MARKS or family == "message":
        return mark_of(type_).short
    return f"{_RESOURCES.get(family, family.replace('_', ' '))} {verb}"


def share_text(count: int, total: int) -> str:
    """Write a part of the whole in at most six cells: `41.2%`, `<0.1%`; empty where there is no whole."""
    if total <= 0 or count <= 0:
        return ""
    percent = count / total * 100
    if percent < 0.1:
        return "<0.1%"
    return f"{percent:.1f}%" if percent < 99.95 else "100%"


class PanelPainter:
    """Paints panels of one size."""

    GLYPH_CELLS = 3
    """Cells at the left of the heading that stand for picking."""

    def __init__(self, look: Look, clock: Clock, width: int, pitch: int) -> None:
        self.look = look
        self.clock = clock
        self.width = width
        self.pitch = pitch
        self.bars = 2 if pitch >= TALL else 1
        self._today = clock.today()
        self._rows: LRUCache[tuple[int, str, bool], tuple[EventSummary, Strip]] = LRUCache(_ROWS)

    def fits(self, look: Look, today: int, width: int, pitch: int) -> bool:
        """Tell whether what was painted can stay."""
        return (look, today, width, pitch) == (self.look, self._today, self.width, self.pitch)

    def paint(self, state: PanelState) -> Sequence[Strip]:
        """Paint the lines of a panel; the last one keeps it apart from what is below."""
        mark = mark_of(state.type)
        lines = [self._heading(state, mark), *self._history(state, mark)]
        room = self.pitch - len(lines) - 1
        lines += [self._event(event, mark, out=state.out) for event in state.newest[: -room - 1 : -1]]
        empty = self._strip([], "side")
        lines += [empty] * (self.pitch - 1 - len(lines))
        return [*lines, Strip.blank(self.width, self.look.style("ink"))]

    def _strip(self, words: Words, ground: str) -> Strip:
        blank = self.look.style("ink", ground)
        segments = []
        for text, ink in words:
            name, _, weight = ink.partition(" ")
            segments.append(Segment(text, self.look.style(name, ground, bold=weight == "bold")))
        return Strip(segments).adjust_cell_length(self.width, blank)

    def _heading(self, state: PanelState, mark: Mark) -> Strip:
        ground = "bar"
        if state.here:
            ground = "row-cursor" if state.focused else "row-cursor-blurred"
        edge = "+" if state.picked else self.look.own("▌") if state.here else " "
        whole = self.look.text(panel_name(state.type), LIMIT)
        figures = self._figures(state, mark, cell_len(whole))
        room = self.width - 4 - sum(cell_len(text) for text, _ in figures)
        loud = mark.failing and state.seen
        ink = "quiet" if state.out else f"{mark.ink if loud else 'ink'} bold"
        name = fit(whole, room, self.look.ellipsis)
        words = [
            (edge, "focus bold"),
            (f"{self.look.glyph(mark)} ", mark.ink),
            (name, ink),
            *figures,
            (" ", "ink"),
        ]
        return self._strip(words, ground)

    def _figures(self, state: PanelState, mark: Mark, name: int) -> Words:
        """Give count, share and rate; the latter two where they have something to say or the name leaves room."""
        ink = "quiet" if state.out or not state.seen else f"{mark.ink if mark.failing else 'ink'} bold"
        figures = [(fit_right(f"{state.seen:,}", _COUNT), ink)]
        left = self.width - _COUNT - 4
        for text, cells in ((share_text(state.seen, state.total), _SHARE), (rate_text(state.rate), _RATE)):
            if left - cells >= (min(name, _LEAST_NAME) if text else name):
                figures.append((fit_right(text, cells), "quiet"))
                left -= cells
        return figures

    def _history(self, state: PanelState, mark: Mark) -> Iterator[Strip]:
        ink = "quiet" if state.out else mark.ink
        room = self.width - 2
        at = before_bars(cells_of(state.marks, len(state.bars), room), heights(state.bars, room))
        for row in range(self.bars):
            runs = spread(state.bars, room, ink, rows=self.bars, row=row, ascii_only=self.look.ascii_only)
            yield self._strip([(" ", "ink"), *marked(runs, at, self.look, over=True)], "side")

    def _event(self, event: EventSummary, mark: Mark, *, out: bool) -> Strip:
        key = (event.seq, event.type, out)
        held = self._rows.get(key)
        if held is not None and held[0] is event:
            return held[1]
        strip = self._strip(self._told(event, mark, out=out), "side")
        self._rows[key] = (event, strip)
        return strip

    def _told(self, event: EventSummary, mark: Mark, *, out: bool) -> Words:
        look = self.look
        words: Words = [(f" {fit(self.clock.short(event.received_at)[:_TIME], _TIME)} ", "quiet")]
        left = self.width - _TIME - 3
        if event.recipient is not None and self.width >= _RECIPIENT_FROM:
            width = 18 if self.width >= _WIDE else 13
            words.append(
                (fit(look.text(event.recipient, LIMIT), width, look.ellipsis) + " ", "quiet" if out else "ink")
            )
            left -= width + 1
        badge = look.own(f" ×{event.delivery_count}") if event.delivery_count > 1 else ""
        told = look.text(event.reading, LIMIT)
        ink = "quiet" if out else mark.ink if mark.ink in _LOUD else "ink"
        words.append((fit(told, min(left - cell_len(badge), cell_len(told)), look.ellipsis), ink))
        return [*words, (badge, "warn")]
