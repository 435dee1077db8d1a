"""Frames that several viewers get: those who ask for the same are at the same seq when they are woken together."""

from __future__ import annotations

from collections.abc import Callable

from relay.hub import Hub
from relay.log.base import Slice
from relay.session import Session

_Made = tuple[list[bytes], int]


class Sharing:
    """Keeps frames until viewers are woken again; what they are of may be gone or changed by then."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._round = -1
        self._made: dict[tuple[object, ...], _Made] = {}

    def take(self, session: Session, found: Slice, take: Callable[[], list[bytes]]) -> list[bytes]:
        """What `take` makes of what was read after the cursor, which moves; made once for all who are alike."""
        if self._round != self._hub.rounds:
            self._round = self._hub.rounds
            self._made.clear()
        key = (session.asked, session.cursor, found.upto, found.gap)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = (take(), session.cursor)
        frames, session.cursor = made
        return frames
