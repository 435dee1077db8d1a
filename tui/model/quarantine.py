"""The requests in quarantine as the screen holds them: newest first, and what arrives never moves the cursor."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from relay.contract.api import MAX_LIMIT, QuarantineItem, QuarantinePage

PAGE = 50
"""Requests that are read at first."""


class Gone(NamedTuple):
    """Requests that were taken out of quarantine, and a sentence that says so."""

    ids: Collection[int]
    says: str


class Quarantine:
    """A window over what the relay holds: `held` of at most `limit` requests, of which `items` were read."""

    def __init__(self) -> None:
        self.items: Sequence[QuarantineItem] = ()
        self.held = 0
        self.limit = 0
        self.known = False
        """It was read at least once."""
        self.next: int | None = None
        """Pass as `before` to read on; None when the oldest is in `items`."""
        self._selected: int | None = None
        self._place = 0

    @property
    def wanted(self) -> int:
        """How many requests to read so that what is held here is renewed."""
        return min(max(len(self.items), PAGE), MAX_LIMIT)

    def renew(self, page: QuarantinePage) -> None:
        """Take the newest requests; of those that the page does not reach, keep what is here."""
        kept = [] if page.next is None else [one for one in self.items if one.id < page.next]
        if not kept:
            self.next = page.next
        self._take([*page.items, *kept], page)

    def add_older(self, page: QuarantinePage, before: int) -> None:
        """Take the page below the id `before`; one that was asked for in vain is left."""
        if before == self.next:
            self.next = page.next
            self._take([*self.items, *page.items], page)

    def drop(self, ids: Collection[int]) -> None:
        """Leave out requests that are gone by now, before the relay is asked again."""
        kept = [item for item in self.items if item.id not in ids]
        self.held = max(self.held - (len(self.items) - len(kept)), len(kept))
        self.items = kept
        if self.selected is None:
            self.move_to(self._place)

    def _take(self, items: Sequence[QuarantineItem], page: QuarantinePage) -> None:
        self.items, self.held, self.limit, self.known = items, page.held, page.limit, True
        if self.selected is None:
            # What was looked at is gone: the one that stands in its place is next.
            self.move_to(self._place)

    @property
    def selected(self) -> QuarantineItem | None:
        """The request that the cursor is on."""
        place = self.cursor
        return self.items[place] if place < len(self.items) and self.items[place].id == self._selected else None

    @property
    def cursor(self) -> int:
        """Place of the cursor among the items."""
        if self._place < len(self.items) and self.items[self._place].id == self._selected:
            return self._place
        found = next((at for at, item in enumerate(self.items) if item.id == self._selected), None)
        if found is None:
            return max(min(self._place, len(self.items) - 1), 0)
        self._place = found
        return found

    def move_to(self, place: int) -> None:
        """Put the cursor on a place, the nearest one that there is."""
        self._place = max(min(place, len(self.items) - 1), 0)
        self._selected = self.items[self._place].id if self.items else None

    def like(self, item: QuarantineItem) -> list[QuarantineItem]:
        """Give the requests that were read and are held for the same reason, at the same endpoint."""
        return [one for one in self.items if (one.reason, one.endpoint) == (item.reason, item.endpoint)]
