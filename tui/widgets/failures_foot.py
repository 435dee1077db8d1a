"""The line below the failures: how many causes there are, what the marks are, and where the cursor is."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.dashboard import Dashboard
from tui.model.failures import Cause, Failures, Kind
from tui.widgets.bar import Bar, Part
from tui.widgets.look import look_of
from tui.widgets.time_axis import COMMITTED, LEGEND, MARK_INK


class FailuresFoot(Bar):
    """Causes and commits; at the right the position, the span and the zone."""

    GROUND = "ground"

    def __init__(self, failures: Failures, dashboard: Dashboard) -> None:
        super().__init__(id="foot")
        self.failures = failures
        self.dashboard = dashboard
        self.failure = ""
        """Why the failures cannot be counted now."""

    def left(self) -> Sequence[Part]:
        """Say how many causes there are, what the marks are, and what is wrong."""
        look, board = look_of(self), self.dashboard
        parts = []
        trouble = board.link.sentence(board.monotonic()) if board.began else None
        if trouble is not None:
            what, then = (look.text(text) for text in trouble)
            parts.append(Part(1, [[(f" {what}. ", "warn"), (then, "quiet")], [(f" {what}", "warn")]]))
        elif self.failure:
            what = look.text(self.failure, 200)
            parts.append(
                Part(1, [[(f" {what}", "warn"), ("; it is tried again", "quiet")], [(f" {what}", "warn")]])
            )
        causes = [row for row in self.failures.rows if isinstance(row, Cause) and row.kind is not Kind.LINK]
        if self.failures.known and causes:
            said = f"{len(causes):,} cause{'s' * (len(causes) != 1)}"
            parts.append(Part(0, [[(f"{said}" if parts else f" {said}", "ink")]]))
        if self.failures.known and not self.failures.whole:
            parts.append(Part(1, [[("counting on…" if not look.ascii_only else "counting on", "warn")]]))
        if board.paused:
            parts.append(Part(1, [[("paused", "warn bold")]]))
        if self.failures.marks:
            glyph = look.mark(COMMITTED)[1]
            parts.append(Part(3, [[(glyph, MARK_INK), (f" {LEGEND}", "quiet")]]))
        return parts

    def right(self) -> Sequence[Part]:
        """Say which cause the cursor is on, over how long is counted, and the zone where it is not UTC."""
        board = self.dashboard
        parts = []
        causes = [row for row in self.failures.rows if isinstance(row, Cause)]
        selected = self.failures.selected
        if selected is not None:
            parts.append(Part(2, [[(f"{causes.index(selected) + 1:,} of {len(causes):,}", "quiet")]]))
        if self.failures.known and selected is not None:
            parts.append(Part(4, [[(f"bars of {self.failures.minutes} min", "quiet")]]))
        span = "all that is kept" if board.span.minutes is None else f"the last {board.span}"
        parts.append(Part(2, [[(f"counts of {span} ", "quiet")], [(f"{board.span} ", "quiet")]]))
        zone = board.clock.zone_name
        if zone != "UTC":
            parts.append(Part(5, [[(f"{zone} ", "quiet")]]))
        return parts
