"""Events as the log gives them out, made by hand or of simulated lifecycles, in any order of arrival."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from relay.contract import jsontext
from relay.contract.events import EventSummary, Verdict
from relay.contract.facts import facts_of
from relay.contract.moments import rfc3339
from relay.contract.timeline import NO_ORIGIN, MessageTimeline, Origin, Standpoint, timeline_of
from relay.log.stored import fields
from tui.simulator import Lifecycle, SimulatedEvent

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
START_US = int(START.timestamp() * 1_000_000)
LATER = Standpoint(START_US + 86_400_000_000)
"""A day later: whatever could still move has stalled."""


def summary(payload: dict[str, Any], seq: int, **more: Any) -> EventSummary:
    """The event of a body that arrived as the log's `seq`-th, a second after the one before."""
    received_at = rfc3339(START_US + seq * 1_000_000)
    size = len(jsontext.dumps(payload))
    facts = facts_of(payload, received_at=received_at, environment_id=None, endpoint=None, size=size)
    known: dict[str, Any] = {"seq": seq, "verdict": Verdict.VERIFIED, "delivery_count": 1}
    return EventSummary(**fields(facts), **(known | more))


def arrived(payloads: Sequence[dict[str, Any]], order: Iterable[int] | None = None) -> list[EventSummary]:
    """Events that arrived in an order of places in `payloads`, by default in the one they were made in."""
    places = range(len(payloads)) if order is None else order
    return [summary(payloads[place], seq) for seq, place in enumerate(places, 1)]


def made(
    kind: str, at_s: float | None = 0, event_data: Any = None, *, channel: str = "email:sendgrid", **data: Any
) -> dict[str, Any]:
    """A body of `message.KIND`, made some seconds after the start."""
    channel_type, _, provider = channel.partition(":")
    entity: dict[str, Any] = {
        "id": "m1",
        "recipient": "dr_grant",
        "channel": {"id": "c1", "type": channel_type, "provider": provider},
    }
    created_at = None if at_s is None else rfc3339(START_US + round(at_s * 1_000_000))
    return {
        "type": f"message.{kind}",
        "created_at": created_at,
        "data": entity | data,
        "event_data": event_data,
    }


def attempt(at_s: float, number: int, *, retryable: bool | None = True) -> dict[str, Any]:
    """A body of an attempt that failed."""
    said: dict[str, Any] = {"attempt": number, "max_attempts": 8}
    return made("delivery_attempted", at_s, said if retryable is None else said | {"retryable": retryable})


def timeline(
    *payloads: dict[str, Any],
    order: Iterable[int] | None = None,
    standpoint: Standpoint = LATER,
    origin: Origin = NO_ORIGIN,
) -> MessageTimeline:
    """The timeline of bodies of one message."""
    return timeline_of("m1", arrived(payloads, order), standpoint, origin)


def messages_of(scenario: str, seed: int) -> dict[str, list[dict[str, Any]]]:
    """The bodies of a simulated lifecycle by message, each message's in the order in which they were made."""
    return by_message(Lifecycle(scenario, seed=seed, start=START))


def by_message(events: Iterable[SimulatedEvent]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        payload = jsontext.loads(event.body)
        if event.type.startswith("message."):
            found[payload["data"]["id"]].append(payload)
    return found


def without_arrival(one: MessageTimeline) -> dict[str, Any]:
    """All of a timeline but what depends on when its events arrived."""
    plain: dict[str, Any] = jsontext.loads(jsontext.dumps(one))
    plain["flags"] = [flag for flag in plain["flags"] if flag != "out-of-order"]
    for step in plain["steps"]:
        for name in ("seq", "received_at", "out_of_order"):
            del step[name]
    return plain
