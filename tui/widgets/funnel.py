"""The funnel below the lanes: how far the messages came, of those that could, and how long each step took."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from relay.contract.timeline import Funnel, FunnelGroup, FunnelStep
from tui.model.messages.axis import latency
from tui.model.messages.counted import TYPES, By, group_name, per_cent, share, title
from tui.widgets.cells import fit, fit_right
from tui.widgets.look import Look, look_of

NAME, COUNT, PART, TIME = 12, 8, 7, 9
LEFT_MOST = 112
GROUPS_FROM = 132
"""Cells from which on the groups stand beside the steps, and not in their place."""
GROUP_COUNT, GROUP_LEAST, GROUP_MOST = 9, 12, 22
GROUP_PART = 9
"""Cells of a group's count, the least and the most of its name, and of each of its parts."""
_EIGHTHS = " ▏▎▍▌▋▊▉"

_Runs = list[tuple[str, str, bool]]


class FunnelView(Widget):
    """A line for the title, and one for each step; at the right, or in their place, one for each group."""

    def __init__(self) -> None:
        super().__init__(id="funnel")
        self.funnel: Funnel | None = None
        self.by = By.CHANNEL
        self.grouped = False
        """Where there is room for one of both, the groups are shown."""
        self.trouble = ""

    def show(self, funnel: Funnel | None, trouble: str = "") -> None:
        """Show other numbers, or why there are none."""
        if (funnel, trouble) != (self.funnel, self.trouble):
            self.funnel, self.trouble = funnel, trouble
            self.refresh()

    @property
    def wide(self) -> bool:
        """There is room for steps and groups."""
        return self.size.width >= GROUPS_FROM

    def turn(self) -> None:
        """Show other groups; where there is no room for both, the steps come in between."""
        if self.wide or self.grouped:
            self.grouped = self.wide or self.by is By.CHANNEL
            self.by = self.by.next
        else:
            self.grouped = True
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint a line."""
        look, width = look_of(self), self.size.width
        left = min(width - self._groups_width, LEFT_MOST) if self.wide else width
        runs = list(self._left(y, left, look)) if self.wide or not self.grouped else []
        segments = [self._segment(run, look) for run in runs]
        if self.wide or self.grouped:
            segments = list(
                Strip(segments).adjust_cell_length(left if self.wide else 0, look.style("ink", "side"))
            )
            segments += [self._segment(run, look) for run in self._groups(y, look)]
        return Strip(segments).crop(0, width).adjust_cell_length(width, look.style("ink", "side"))

    @property
    def _groups_width(self) -> int:
        return 1 + GROUP_LEAST + GROUP_COUNT + 5 * GROUP_PART + 2

    @property
    def _name_width(self) -> int:
        left = self.size.width - (min(self.size.width - self._groups_width, LEFT_MOST) if self.wide else 0)
        return min(GROUP_LEAST + max(left - self._groups_width, 0), GROUP_MOST)

    def _segment(self, run: tuple[str, str, bool], look: Look) -> Segment:
        text, ink, bold = run
        return Segment(text, look.style(ink, "side", bold=bold))

    def _left(self, y: int, width: int, look: Look) -> Iterator[tuple[str, str, bool]]:
        if y == 0:
            yield from self._title(look)
        elif self.funnel is not None and y <= len(self.funnel.steps):
            yield from self._step(self.funnel.steps[y - 1], width, look)

    def _title(self, look: Look) -> Iterator[tuple[str, str, bool]]:
        if self.funnel is not None:
            yield f" {title(self.funnel)}", "ink", True
            if self.trouble:
                yield f"  {look.text(self.trouble, 200)}", "warn", False
        else:
            yield f" {look.text(self.trouble, 200) or look.own('Counting how far messages came…')}", "quiet", False

    def _step(self, step: FunnelStep, width: int, look: Look) -> Iterator[tuple[str, str, bool]]:
        mark, glyph = look.mark(TYPES.get(step.step, step.step))
        yield f" {glyph} ", mark.ink, False
        yield fit(look.text(step.step, NAME), NAME), mark.ink, False
        if not step.of:
            yield "   no channel of these tells of it", "quiet", False
            return
        yield fit_right(f"{step.count:,}", COUNT), "ink", True
        yield fit_right(per_cent(step), PART), "ink", False
        yield "  ", "ink", False
        times = self._times(step, width)
        room = width - 3 - NAME - COUNT - PART - 2 - cell_len(times) - 2
        yield from _bar(share(step) or 0.0, min(max(room, 8), 60), mark.ink, look)
        yield times, "quiet", False

    def _times(self, step: FunnelStep, width: int) -> str:
        if step.median_ms is None:
            return "" if width < 70 else " " * (TIME * 2 + 14)
        median, p95 = latency(step.median_ms), latency(step.p95_ms or step.median_ms)
        if width < 70:
            return f"  {median}"
        return f"  median {median:<{TIME}} p95 {p95:<{TIME}}"

    # Groups

    def _groups(self, y: int, look: Look) -> Iterator[tuple[str, str, bool]]:
        funnel = self.funnel
        if funnel is None:
            return
        names = [step.step for step in funnel.steps]
        if y == 0:
            head = fit(f"by {self.by}", self._name_width, look.ellipsis) + fit_right("messages", GROUP_COUNT)
            yield f" {head} ", "ink", True
            for name in names:
                mark, glyph = look.mark(TYPES.get(name, name))
                word = name if len(name) < GROUP_PART else glyph
                yield fit_right(look.text(word, GROUP_PART), GROUP_PART), mark.ink, False
        elif y <= len(funnel.groups):
            yield from self._group(funnel.groups[y - 1], look)

    def _group(self, group: FunnelGroup, look: Look) -> Iterator[tuple[str, str, bool]]:
        name = look.text(group_name(group.value, self.by), 60)
        yield f" {fit(name, self._name_width, look.ellipsis)}", "ink", False
        yield fit_right(f"{group.messages:,}", GROUP_COUNT) + " ", "ink", False
        for step in group.steps:
            yield fit_right(per_cent(step) or look.own("·"), GROUP_PART), "ink" if step.of else "quiet", False


def _bar(part: float, width: int, ink: str, look: Look) -> Iterator[tuple[str, str, bool]]:
    """Give a bar over the track that it could fill."""
    if look.ascii_only:
        full = round(part * width)
        yield "#" * full, ink, False
        yield "." * (width - full), "line", False
        return
    eighths = round(part * width * 8)
    full, rest = divmod(max(eighths, 1 if part else 0), 8)
    filled = "█" * full + (_EIGHTHS[rest] if rest else "")
    yield filled, ink, False
    yield "·" * (width - len(filled)), "line", False
