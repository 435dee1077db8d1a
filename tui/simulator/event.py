"""One simulated webhook: the exact body and headers that Knock might send."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from relay.contract import jsontext
from relay.contract.signature import HEADER, sign
from tui.simulator.account import Environment
from tui.simulator.notation import timestamp
from tui.simulator.overrides import Override, apply


@dataclass(frozen=True, slots=True)
class SimulatedEvent:
    """A request that is ready to be sent, unsigned until `signed` is called.

    `type` is the event type as the header names it: an override may have made it another than was asked for.
    """

    type: str
    body: bytes
    headers: list[tuple[str, str]]
    created_at: datetime

    def signed(self, secret: str, t_ms: int) -> SimulatedEvent:
        """Return the same request, signed at `t_ms` (milliseconds since the epoch) in place of any signature."""
        kept = [header for header in self.headers if header[0] != HEADER]
        return replace(self, headers=[*kept, (HEADER, sign(secret, self.body, t_ms))])


def request(
    event_type: str,
    *,
    created_at: datetime,
    data: dict[str, Any],
    event_data: dict[str, Any] | None,
    environment: Environment,
    overrides: Sequence[Override] = (),
) -> SimulatedEvent:
    """Put an envelope around `data` and write it as Knock does. Raises `OverrideError`."""
    payload: dict[str, Any] = {
        "__typename": "Event",
        "created_at": timestamp(created_at),
        "data": data,
        "event_data": event_data,
        "type": event_type,
    }
    if overrides:
        # What is overridden belongs to this body alone, not to the entity that later events tell of.
        payload = deepcopy(payload)
        apply(overrides, payload)
    named = _header_value(payload.get("type"), event_type)
    headers = [
        ("content-type", "application/json"),
        ("x-knock-environment-id", environment.id),
        ("x-knock-event", named),
    ]
    return SimulatedEvent(named, jsontext.dumps(_alphabetical(payload)), headers, created_at)


def _alphabetical(value: Any) -> Any:
    """Sort keys at every level, as Elixir's maps come out."""
    if isinstance(value, dict):
        return {key: _alphabetical(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_alphabetical(item) for item in value]
    return value


def _header_value(overridden: object, event_type: str) -> str:
    """The header repeats the body's type wherever a header can hold it."""
    if isinstance(overridden, str) and overridden.strip() and overridden.isascii() and overridden.isprintable():
        return overridden
    return event_type
