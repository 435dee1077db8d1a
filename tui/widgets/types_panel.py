"""The types at the left: glyph, name, count, how it went and rate of each that was seen, by family."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import nlargest
from itertools import groupby
from typing import NamedTuple

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.keys import bindings
from tui.model.dashboard import Dashboard
from tui.model.history import together
from tui.model.minutes import MINUTES
from tui.model.rate import rate_text
from tui.widgets.cells import fit, fit_right
from tui.widgets.counters import short_count
from tui.widgets.glyphs import GROUPS, MARKS, alike
from tui.widgets.look import look_of
from tui.widgets.sparkline import BARS, FLOOR, sparkline
from tui.widgets.time_axis import before_bars, cells_of_runs, marked

WIDTH = 36
MAX_OTHERS = 64
PICKED = "+"
_NAME = 12
_COUNT = 6
_RATE = 6
_LATELY = 2
"""Minutes within which a failure is news."""


class Line(NamedTuple):
    """A line of the panel: what stands on it, and the types that it is for. A heading has no `key`."""

    words: tuple[tuple[str, str], ...] = ()
    types: tuple[str, ...] = ()
    key: str = ""


class TypesPanel(Widget, can_focus=True, inherit_bindings=False):
    """One line a kind, with a cursor; the headings carry the rate of their family."""

    BINDINGS = bindings("types")

    class Picked(Message):
        """Types were picked, or are to be let go again, all of them if all of them were picked."""

        def __init__(self, types: tuple[str, ...]) -> None:
            super().__init__()
            self.types = types

    class Opened(Message):
        """These types are to be seen by themselves."""

        def __init__(self, types: tuple[str, ...]) -> None:
            super().__init__()
            self.types = types

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__(id="types")
        self.dashboard = dashboard
        self._lines: list[Line] = []
        self._drawn: list[object] = []
        self._key = ""
        self._top = 0
        self._clicked = Line()
        self._minutes = MINUTES
        """Over how long the bars go."""
        self._marks: set[int] = set()
        """The places among what the bars count at which something was committed."""

    # What stands on it

    def renew(self) -> None:
        """Read the counts anew and paint; meant for a few times a second."""
        self._minutes = self.dashboard.history.minutes(self.dashboard.counts.by_type)
        self._marks = self.dashboard.history.marks(self._minutes)
        self._lines = self._fitting(list(self._groups()))
        self._show_cursor()
        drawn = [self._nothing, self.dashboard.span, self._minutes, self.dashboard.picked, self._top, *self._lines]
        if drawn != self._drawn:
            self._drawn = drawn
            self.refresh()

    def _groups(self) -> Iterator[tuple[str, list[str]]]:
        seen = self.dashboard.counts.by_type
        for title, names in GROUPS.items():
            yield title, [name for name in names if seen.get(name) or name in self.dashboard.picked]
        others = [name for name, count in seen.items() if name not in MARKS and count]
        yield "OTHER", sorted(nlargest(MAX_OTHERS, others, key=seen.__getitem__))

    def _fitting(self, groups: Sequence[tuple[str, list[str]]]) -> list[Line]:
        """Give the lines; where not all of them fit, blank ones go first, headings next."""
        families = [
            (self._heading(title, names), [self._kind(title, alike) for alike in alike(names)])
            for title, names in groups
            if names
        ]
        kinds = [kind for _, kinds in families for kind in kinds]
        if len(kinds) + len(families) > self._room:
            return kinds
        spare = self._room - len(kinds) - len(families) >= len(families) - 1
        lines: list[Line] = []
        for heading, kinds in families:
            lines += [Line()] if lines and spare else []
            lines += [heading, *kinds]
        return lines

    @property
    def _room(self) -> int:
        return max(self.size.height - 1, 1)

    def _rate(self, names: Sequence[str]) -> str:
        rates, now = self.dashboard.type_rates, self.dashboard.monotonic()
        return rate_text(sum(rates[name].per_second(now) for name in names if name in rates))

    def _heading(self, title: str, names: Sequence[str]) -> Line:
        rate = fit_right(self._rate(names), _RATE + 1)
        return Line(((f" {fit(title, self._width - _RATE - 3)}", "quiet bold"), (rate, "quiet")), tuple(names))

    @property
    def _width(self) -> int:
        return max(self.size.width, WIDTH)

    def _kind(self, title: str, names: list[str]) -> Line:
        look, board = look_of(self), self.dashboard
        mark, glyph = look.mark(names[0])
        lately = any(any(board.per_minute(name)[-_LATELY:]) for name in names)
        count = sum(map(board.count, names))
        out = bool(board.picked) and not set(names) & set(board.picked)
        weight = " bold" if mark.failing and lately else ""
        loud = f"{mark.ink}{weight}" if mark.failing else "quiet" if out or not count else "ink"
        room = self._width - _NAME - _COUNT - _RATE - 6
        counts = together(board.history.of(name, self._minutes) for name in names)
        bars = sparkline(counts, room, ascii_only=look.ascii_only)
        over = list(_over_floor(bars, "quiet" if out else mark.ink, "_" if look.ascii_only else BARS[1]))
        at = cells_of_runs(self._marks, len(counts), room)
        words = (
            (f"{glyph} ", mark.ink),
            (fit(look.text(mark.short, 80), _NAME, look.ellipsis), loud),
            (fit_right(short_count(count), _COUNT), loud),
            (" ", "quiet"),
            *marked(over, before_bars(at, [not char.isspace() for char in bars]), look),
            (" ", "quiet"),
            (fit_right(self._rate(names), _RATE), "quiet"),
        )
        return Line(words, tuple(names), f"{title} {mark.short}")

    # The cursor

    @property
    def _kinds(self) -> list[int]:
        return [index for index, line in enumerate(self._lines) if line.key]

    @property
    def cursor(self) -> int:
        """Place of the line that the cursor is on; 0 where there is none."""
        kinds = self._kinds
        return next((index for index in kinds if self._lines[index].key == self._key), kinds[0] if kinds else 0)

    @property
    def types(self) -> tuple[str, ...]:
        """The types under the cursor; more than one where several look the same, none before the first event."""
        return self._lines[self.cursor].types if self._lines else ()

    def _show_cursor(self) -> None:
        cursor, room = self.cursor, self._room
        self._top = max(min(self._top, cursor, len(self._lines) - room), cursor - room + 1, 0)

    def action_move(self, lines: int) -> None:
        """Move the cursor by types."""
        kinds = self._kinds
        if kinds:
            place = kinds.index(self.cursor) + lines
            self._key = self._lines[kinds[max(0, min(place, len(kinds) - 1))]].key
            self._show_cursor()
            self.refresh()

    def action_page(self, pages: int) -> None:
        """Move the cursor by what is in sight."""
        self.action_move(pages * max(self._room - 1, 1))

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first type, or to the last."""
        self.action_move(side * len(self._lines))

    def action_pick(self) -> None:
        """Narrow the stream to the type under the cursor, or let it go again."""
        if self.types:
            self.post_message(self.Picked(self.types))

    def action_open_type(self) -> None:
        """See the type under the cursor by itself."""
        if self.types:
            self.post_message(self.Opened(self.types))

    # The mouse

    def on_click(self, event: events.Click) -> None:
        """Pick the type under the mouse, or the whole family; a second click takes that back and opens it."""
        if event.chain == 1:
            place = self._top + event.y - 1
            self._clicked = self._lines[place] if event.y > 0 and place < len(self._lines) else Line()
        # The line of the filter may have come between two clicks and have moved what is under the mouse.
        if event.chain > 2 or not self._clicked.types:
            return
        self._key = self._clicked.key or self._key
        self.post_message(self.Picked(self._clicked.types))
        if event.chain == 2 and self._clicked.key:
            self.post_message(self.Opened(self._clicked.types))
        self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move towards the last type."""
        event.stop()
        self.action_move(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move towards the first type."""
        event.stop()
        self.action_move(-1)

    # Painting

    def on_resize(self) -> None:
        """Fit the lines to another size."""
        self.renew()

    def on_focus(self) -> None:
        """Show that the keys go here."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self.refresh()

    @property
    def _nothing(self) -> str:
        if self.dashboard.began and not self.dashboard.counts.known:
            return " counting"
        return " no event matches" if self.dashboard.narrowed else " no events yet"

    def render_line(self, y: int) -> Strip:
        """Paint one line; the first one says over how long the counts go."""
        if y == 0:
            return self._title()
        place = self._top + y - 1
        if place >= len(self._lines):
            text = self._nothing if not self._lines and y == 1 else ""
            return self._strip(((text, "quiet"),), "side")
        hidden = len(self._lines) - place
        if y == self.size.height - 1 and hidden > 1:
            return self._strip(((f" +{hidden} more", "quiet"),), "side")
        line = self._lines[place]
        if not line.key:
            return self._strip(line.words, "side")
        here = place == self.cursor and self.has_focus
        picked = bool(set(line.types) & set(self.dashboard.picked))
        edge = PICKED if picked else look_of(self).own("▌") if here else " "
        return self._strip(((edge, "focus bold"), *line.words), "row-cursor" if here else "side")

    def _title(self) -> Strip:
        picked = self.dashboard.picked
        span = look_of(self).own(f"{len(picked)} picked · " if picked else "") + self.dashboard.span.value
        if self.dashboard.span.minutes is None and self._lines:
            span += f", bars of {self._minutes} min"
        name = fit(" Types", self.size.width - len(span) - 1)
        return self._strip(((name, "focus bold" if self.has_focus else "quiet bold"), (span, "quiet")), "side")

    def _strip(self, words: Iterable[tuple[str, str]], ground: str) -> Strip:
        look = look_of(self)
        segments = []
        for text, ink in words:
            name, _, weight = ink.partition(" ")
            segments.append(Segment(text, look.style(name, ground, bold=weight == "bold")))
        return Strip(segments).adjust_cell_length(self.size.width, look.style("ink", ground))


def _over_floor(bars: str, ink: str, floor: str) -> Iterator[tuple[str, str]]:
    """Draw a hairline where nothing came."""
    for nothing, run in groupby(bars, str.isspace):
        text = "".join(run)
        yield (floor * len(text), FLOOR) if nothing else (text, ink)
