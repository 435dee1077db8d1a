"""The order in which events go out: the oldest first, and of one message one after another."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from itertools import count

from relay.contract.events import EventSummary


class Lanes:
    """Events that wait to be sent. Of one message only one is out at a time, and the next is the next in seq."""

    def __init__(self) -> None:
        self._free: list[tuple[int, int, EventSummary]] = []
        self._behind: dict[str, deque[EventSummary]] = {}
        """By message, what waits behind its one event that is free or out."""
        self._out: set[str] = set()
        self._arrivals = count()
        self._closed = False
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._free) + sum(map(len, self._behind.values()))

    @property
    def first(self) -> EventSummary | None:
        """The oldest that waits."""
        behind = [queue[0] for queue in self._behind.values() if queue]
        return min([event for *_, event in self._free[:1]] + behind, key=lambda event: event.seq, default=None)

    def put(self, event: EventSummary) -> None:
        """Let an event wait for its turn."""
        if event.message_id is None:
            self._release(event)
        elif event.message_id in self._behind:
            self._behind[event.message_id].append(event)
        else:
            self._behind[event.message_id] = deque()
            self._release(event)

    async def take(self) -> EventSummary | None:
        """Give the next event once there is one; None when no more are to be given. Say `done` for each."""
        while not (self._free or self._closed):
            await self._change()
        if self._closed:
            return None
        *_, event = heapq.heappop(self._free)
        if event.message_id is not None:
            self._out.add(event.message_id)
        self._changed.set()
        return event

    def done(self, event: EventSummary) -> None:
        """Let the next event of the same message go."""
        if event.message_id is None:
            return
        self._out.discard(event.message_id)
        queue = self._behind.pop(event.message_id, None)
        if queue:
            self._behind[event.message_id] = queue
            self._release(queue.popleft())

    async def room(self, most: int) -> None:
        """Wait until fewer than `most` events wait."""
        while len(self) >= most and not self._closed:
            await self._change()

    def close(self) -> None:
        """Give no more events; those that wait are left."""
        self._closed = True
        self._changed.set()

    def clear(self) -> None:
        """Forget what waits."""
        self._free.clear()
        self._behind = {message_id: deque() for message_id in self._out}
        self._changed.set()

    def _release(self, event: EventSummary) -> None:
        heapq.heappush(self._free, (event.seq, next(self._arrivals), event))
        self._changed.set()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()
