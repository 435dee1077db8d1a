"""The line below the quarantine: how much of it is taken, what cannot be read, and where the cursor is."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.dashboard import Dashboard
from tui.model.quarantine import Quarantine
from tui.widgets.bar import Bar, Part
from tui.widgets.look import look_of


class HeldFoot(Bar):
    """How many requests are held of how many at most; at the right the position and the zone."""

    GROUND = "ground"

    def __init__(self, quarantine: Quarantine, dashboard: Dashboard) -> None:
        super().__init__(id="foot")
        self.quarantine = quarantine
        self.dashboard = dashboard
        self.failure = ""
        """Why the quarantine cannot be read now."""

    def left(self) -> Sequence[Part]:
        """Say how full the quarantine is, and what is wrong."""
        held, look = self.quarantine, look_of(self)
        parts = []
        if held.known:
            of = f" {held.held:,} of at most {held.limit:,} held"
            if held.limit and held.held >= held.limit:
                full = ("full: further requests are refused with 503", "bad")
                parts.append(Part(0, [[(of, "ink"), ("; ", "quiet"), full], [(of, "ink")]]))
            else:
                parts.append(Part(0, [[(of, "ink"), (" for 7 days", "quiet")], [(of, "ink")]]))
        trouble = self.dashboard.link.sentence(self.dashboard.monotonic()) if self.dashboard.began else None
        if trouble is not None:
            what, then = (look.text(text) for text in trouble)
            parts.append(Part(1, [[(f"{what}. ", "warn"), (then, "quiet")], [(what, "warn")]]))
        elif self.failure:
            what = look.text(self.failure, 200)
            then = "; it is tried again"
            parts.append(Part(1, [[(f" {what}", "warn"), (then, "quiet")], [(f" {what}", "warn")]]))
        return parts

    def right(self) -> Sequence[Part]:
        """Say which request the cursor is on, and the zone of the times where it is not UTC."""
        held, zone = self.quarantine, self.dashboard.clock.zone_name
        parts = []
        if held.items:
            parts.append(Part(2, [[(f"{held.cursor + 1:,} of {held.held:,} ", "quiet")]]))
        if zone != "UTC":
            parts.append(Part(5, [[(f"{zone} ", "quiet")]]))
        return parts
