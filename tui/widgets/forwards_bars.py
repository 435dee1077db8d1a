"""The lines around the forwards: what is forwarded to now and which are shown; what is wrong, and where one is."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.dashboard import Dashboard
from tui.model.forwards import Forwards, place_of
from tui.widgets.bar import Bar, Part, Words
from tui.widgets.look import look_of

TARGETS = 3
LIMIT = 200


class ForwardsHead(Bar):
    """Where events are being forwarded to now; at the right which of the forwards are shown."""

    GROUND = "side"

    def __init__(self, forwards: Forwards, dashboard: Dashboard) -> None:
        super().__init__(id="forwards-head")
        self.forwards = forwards
        self.dashboard = dashboard

    def left(self) -> Sequence[Part]:
        """Say what is being forwarded to, by whichever client of the relay."""
        look, targets = look_of(self), self.dashboard.targets
        if not targets:
            said = (look.own(" ○ "), "quiet")
            return [Part(1, [[said, ("nothing is being forwarded now", "quiet")]])]
        dot = (look.own(" ● "), "good")
        ways: list[Words] = []
        for name in (lambda url: url, place_of):
            for count in range(min(len(targets), TARGETS), 0, -1):
                shown = ", ".join(look.text(name(url), LIMIT) for url in targets[:count])
                more = f" and {len(targets) - count} more" if len(targets) > count else ""
                ways.append([dot, ("forwarding to ", "ink"), (shown, "good bold"), (more, "ink")])
        return [Part(1, [*ways, [dot, ("forwarding", "ink")]])]

    def right(self) -> Sequence[Part]:
        """Say what is left out of the list."""
        look, only = look_of(self), self.forwards.only
        if not only:
            return []
        words = look.text(", ".join(one.words for one in only), LIMIT)
        return [Part(0, [[(words + " ", "warn bold")]])]


class ForwardsFoot(Bar):
    """How many forwards were read, and what came; at the right the position and the zone."""

    GROUND = "ground"

    def __init__(self, forwards: Forwards, dashboard: Dashboard) -> None:
        super().__init__(id="foot")
        self.forwards = forwards
        self.dashboard = dashboard
        self.failure = ""
        """Why the forwards cannot be read now."""

    def left(self) -> Sequence[Part]:
        """Say how the list stands, and what is wrong."""
        model, look = self.forwards, look_of(self)
        parts = []
        if model.shown and model.following:
            parts.append(Part(1, [[(look.own(" » "), "good"), ("following", "good")]]))
        elif model.shown:
            parts.append(Part(1, [[(" browsing", "quiet")]]))
            if model.fresh:
                parts.append(Part(0, [[(f"+{model.fresh:,} new", "warn bold")]]))
        trouble = self.dashboard.link.sentence(self.dashboard.monotonic()) if self.dashboard.began else None
        if trouble is not None:
            what, then = (look.text(text) for text in trouble)
            parts.append(Part(1, [[(f"{what}. ", "warn"), (then, "quiet")], [(what, "warn")]]))
        elif self.failure:
            failed = (f" {look.text(self.failure, LIMIT)}", "warn")
            parts.append(Part(1, [[failed, ("; it is tried again", "quiet")], [failed]]))
        return parts

    def right(self) -> Sequence[Part]:
        """Say which forward the cursor is on, and the zone of the times where it is not UTC."""
        model, zone = self.forwards, self.dashboard.clock.zone_name
        parts = []
        if model.shown:
            more = "+" if model.next is not None else ""
            parts.append(Part(2, [[(f"{model.cursor + 1:,} of {len(model.shown):,}{more} ", "quiet")]]))
        if zone != "UTC":
            parts.append(Part(5, [[(f"{zone} ", "quiet")]]))
        return parts
