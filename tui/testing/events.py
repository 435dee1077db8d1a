"""Wait for events in a test."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

from relay.contract.events import EventSummary
from relay.contract.filter import FilterError, parse
from relay.contract.quantities import parse_duration
from tui.closest import explained
from tui.expectation import End, Start, Wait, Wanted, begin
from tui.model.clock import Clock
from tui.model.offsets import with_offsets
from tui.since import NOW
from tui.testing.event import KnockEvent
from tui.testing.relay import KnocktopRelay


class KnockEvents:
    """The events that came since a moment: at first the one in which the test's fixtures were set up."""

    def __init__(self, relay: KnocktopRelay) -> None:
        self._relay = relay
        self._start = self._now()

    def expect(self, filter: str = "", count: int = 1, within: float | str = 30) -> list[KnockEvent]:  # noqa: A002 - the word of the interface
        """Wait until `count` events match, and give them, the oldest first; with 0, make sure that none comes.

        `within` is in seconds, or a text such as `"2m"`. Raises `AssertionError` that names the events which came
        closest, the terms that they fail at and what was there instead; `ValueError` for a filter that does not
        parse.
        """
        __tracebackhide__ = True
        found, complaint = self._relay.background.wait(self._wait(filter, count, within))
        if complaint:
            raise AssertionError(complaint)
        return found

    async def aexpect(self, filter: str = "", count: int = 1, within: float | str = 30) -> list[KnockEvent]:  # noqa: A002 - as above
        """Do the same as `expect` without keeping an asyncio loop from other work meanwhile."""
        __tracebackhide__ = True
        begun = self._relay.background.begin(self._wait(filter, count, within))
        found, complaint = await asyncio.wrap_future(begun)
        if complaint:
            raise AssertionError(complaint)
        return found

    def clear(self) -> None:
        """Begin anew: what came until now matches no more."""
        self._start = self._now()

    def _now(self) -> Start:
        return self._relay.background.wait(begin(self._relay.client, NOW, datetime.now(UTC)))

    def _wait(
        self, filter_: str, count: int, within: float | str
    ) -> Coroutine[Any, Any, tuple[list[KnockEvent], str]]:
        """Give the wait as work to be done. Raises `ValueError`."""
        if count < 0:
            raise ValueError(f"count should be 0 or more, not {count}")
        seconds = parse_duration(within).total_seconds() if isinstance(within, str) else max(within, 0.0)
        zone = Clock().zone
        try:
            wanted = Wanted(parse(filter_, zone=zone), with_offsets(filter_, zone), count, seconds)
        except FilterError as error:
            meant = f" (did you mean {error.suggestion}?)" if error.suggestion else ""
            raise ValueError(
                f"the filter does not parse at column {error.column}: {error.message}{meant}"
            ) from None
        return self._waited(wanted, self._start)

    async def _waited(self, wanted: Wanted, start: Start) -> tuple[list[KnockEvent], str]:
        client = self._relay.client
        outcome = await Wait(client, wanted, start).run()
        if outcome.end is End.SATISFIED:
            return [await self._event(event) for event in outcome.events], ""
        lines = await explained(client, outcome)
        return [], "\n".join([outcome.headline, *(f"  {line}" for line in lines)])

    async def _event(self, summary: EventSummary) -> KnockEvent:
        client = self._relay.client
        return KnockEvent(await client.body(summary.seq), await client.event(summary.seq))
