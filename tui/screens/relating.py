"""Keeps what is told of other events up to date, while one is looked at and more that belong to it arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relay.contract.events import EventDetail, EventSummary
from tui.later import later
from tui.model.source import Arrivals, Item, Source
from tui.work import begin_instead

if TYPE_CHECKING:
    from tui.screens.events import EventsScreen

RENEW = 0.5
"""Seconds after which more is read: events of a message often come together."""


class Relating:
    """Listens for events of the same message or run as the one in the detail."""

    def __init__(self, screen: EventsScreen) -> None:
        self.screen = screen
        self._due = False

    def hear(self, item: Item) -> None:
        """Have the other events read again once one arrives that belongs to what is told."""
        event = self._told
        if event is None or self._due or not isinstance(item, Arrivals):
            return
        if any(belongs(other, event) for other in item.events):
            self._due = True
            later(RENEW, self.screen, self._renew)

    @property
    def _told(self) -> EventDetail | None:
        return self.screen.detail.relating if self.screen.detail_seen else None

    def _renew(self) -> None:
        self._due = False
        event, source = self._told, self.screen.source
        if event is not None and source is not None:
            begin_instead(self.screen, "related", self._read, source, event)

    async def _read(self, source: Source, event: EventDetail) -> None:
        from tui.model.eventdata.reading import read_related

        # What is on screen stays until all of it was read: it would shrink and grow again.
        found = [one async for one in read_related(source, event)]
        if found:
            self.screen.detail.fill_related(event.seq, found[-1])


def belongs(other: EventSummary, event: EventSummary) -> bool:
    """Tell whether another event is one of the same message, or of the same run."""
    if other.seq == event.seq:
        return False
    same_message = event.message_id is not None and other.message_id == event.message_id
    run = event.workflow_recipient_run_id
    return same_message or (run is not None and other.workflow_recipient_run_id == run)
