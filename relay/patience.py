"""Senders that never come to the end of a request: they are given up, so that they hold nothing for ever.

Nothing is done for a request that arrives as it should: its connection is looked at now and then, and one that
waits for the same thing at several looks has waited too long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterable
from typing import Protocol, runtime_checkable

EVERY = 10.0
"""Seconds between two looks."""
LOOKS = 3
"""Looks after the first at which a connection may still wait for the same thing: 30 s at least, 40 at most."""


@runtime_checkable
class Sender(Protocol):
    """One connection. `unfinished` names what it waits for its sender to finish; None where it does not wait."""

    @property
    def unfinished(self) -> Hashable | None: ...

    def give_up(self) -> None:
        """Say that it took too long, where there is something to answer to, and close."""


class Patience:
    """`connections` gives those that are open; what is no `Sender` among them is left alone."""

    def __init__(self, connections: Callable[[], Iterable[object]]) -> None:
        self._connections = connections
        self._waited: dict[Sender, tuple[Hashable, int]] = {}

    def look(self) -> None:
        """Look at every connection once."""
        waited: dict[Sender, tuple[Hashable, int]] = {}
        for sender in list(self._connections()):
            if not isinstance(sender, Sender) or (unfinished := sender.unfinished) is None:
                continue
            before, looks = self._waited.get(sender, (None, 0))
            looks = looks + 1 if before == unfinished else 0
            if looks < LOOKS:
                waited[sender] = (unfinished, looks)
            else:
                sender.give_up()
        self._waited = waited

    async def keep_looking(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            self.look()
