"""The line below the runs: how many were read, what is wrong, and where the cursor is."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.dashboard import Dashboard
from tui.model.runs import Runs
from tui.widgets.bar import Bar, Part
from tui.widgets.look import look_of


class RunsFoot(Bar):
    """Runs; at the right the position and the zone."""

    GROUND = "ground"

    def __init__(self, runs: Runs, dashboard: Dashboard) -> None:
        super().__init__(id="foot")
        self.runs = runs
        self.dashboard = dashboard
        self.failure = ""
        """Why the runs cannot be read now."""

    def left(self) -> Sequence[Part]:
        """Say how many runs were read, and what is wrong."""
        look, board, count = look_of(self), self.dashboard, len(self.runs.items)
        parts = []
        if self.runs.known:
            more = " read, and more below" if self.runs.next is not None else ""
            said = f" {count:,} run{'s' * (count != 1)}"
            parts.append(Part(0, [[(said, "ink"), (more, "quiet")], [(said, "ink")]]))
        if board.paused:
            parts.append(Part(1, [[("paused", "warn bold")]]))
        trouble = board.link.sentence(board.monotonic()) if board.began else None
        if trouble is not None:
            what, then = (look.text(text) for text in trouble)
            parts.append(Part(1, [[(f"{what}. ", "warn"), (then, "quiet")], [(what, "warn")]]))
        elif self.failure:
            what = look.text(self.failure, 200)
            parts.append(Part(1, [[(what, "warn"), ("; it is tried again", "quiet")], [(what, "warn")]]))
        return parts

    def right(self) -> Sequence[Part]:
        """Say which run the cursor is on, and the zone of the times where it is not UTC."""
        runs, zone = self.runs, self.dashboard.clock.zone_name
        parts = []
        selected = runs.selected
        if selected is not None:
            ids = [item.workflow_run_id for item in runs.items]
            parts.append(Part(2, [[(f"{ids.index(selected.key[0]) + 1:,} of {len(ids):,} ", "quiet")]]))
        if zone != "UTC":
            parts.append(Part(5, [[(f"{zone} ", "quiet")]]))
        return parts
