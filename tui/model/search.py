"""How far a look through the log has come for rows that are few and far between, and whether it was stopped.

The log is read in pages that give up after a moment with what they have, so that a filter for something rare takes
many of them. Whoever waits is told how far they came, and may stop them and have them go on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tui.model.clock import Clock

if TYPE_CHECKING:
    from tui.model.source import Source

Passed: TypeAlias = Callable[[int], Awaitable[None]]
"""Told up to which seq a log was looked through without finding what was looked for."""

SPARSE = 100
"""A page with fewer rows than this that was not the last one gave up before it had enough."""


@dataclass(slots=True)
class Search:
    """Where it is: `share` of the log was looked through, from 0 to 1, the last received at `received_at`.

    `wanted` names one event that is looked for, where the look ends with that.
    """

    wanted: str = ""
    newer: bool = False
    """It goes towards the present, not into the past."""
    going: bool = False
    stopped: bool = False
    received_at: str | None = None
    share: float = 0.0

    def come_to(self, place: int, received_at: str | None, *, first_seq: int, last_seq: int, newer: bool) -> None:
        """Note that all was looked through from one end of the log to seq `place`."""
        passed = place - first_seq if newer else last_seq - place
        self.newer = newer
        self.going = not self.stopped
        self.received_at = received_at
        self.share = min(max(passed / max(last_seq - first_seq + 1, 1), 0.0), 1.0)

    def rest(self) -> None:
        """Note that it came to its end, or found enough for now."""
        self.going = self.stopped = False

    def stop(self) -> bool:
        """Look no further until `go_on`; tells whether it was going."""
        going, self.going = self.going, False
        self.stopped = self.stopped or going
        return going

    def go_on(self) -> bool:
        """Look further; tells whether it was stopped."""
        stopped, self.stopped = self.stopped, False
        self.going = self.going or stopped
        return stopped

    def holds_back(self, *, newer: bool) -> bool:
        """Tell whether nothing more is to be read in a direction."""
        return self.stopped and self.newer == newer

    def sentence(self, clock: Clock) -> tuple[str, str] | None:
        """Say how far it came, and what to do about it; None where there is nothing to say."""
        if not self.going and not self.stopped:
            return None
        at = clock.short(self.received_at) if self.received_at is not None else ""
        way = "on" if self.newer else "back"
        if self.wanted and not self.share:
            return f"Looking for {self.wanted}", "Esc stops"
        did = f"Looking for {self.wanted}, searched {way}" if self.wanted else f"Searched {way}"
        where = f"{did} to {at.partition('.')[0]}" if at else did
        if self.going:
            return f"{where}, {_percent(self.share)}", "Esc stops"
        return f"{where}, stopped", f"{'↓' if self.newer else 'g'} searches on"


async def received_near(source: Source, place: int) -> str | None:
    """Give when the event was received that stands at a seq, or next below it. Raises `SourceError`."""
    page = await source.page("", before=place + 1, limit=1)
    return page.events[0].received_at if page.events else None


def _percent(share: float) -> str:
    """Write a share with as many digits as tell that it moves."""
    return f"{share * 100:.1f} %" if share < 0.1 else f"{share * 100:.0f} %"
