"""Events for tests of filters: a real body, and the summary that the relay would have made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from relay.contract import jsontext
from relay.contract.events import EventFacts, EventSummary, Verdict
from relay.contract.facts import facts_of
from relay.contract.filter import Filter, parse
from relay.contract.moments import rfc3339

SAMPLES = Path(__file__).parents[3] / "samples"
SAMPLE_NAMES = sorted(path.stem for path in SAMPLES.glob("*.json") if path.stem != "vectors")

NOW_US = 1_795_430_520_000_000
"""2026-11-23T10:42:00Z"""


@dataclass(frozen=True)
class Event:
    """A `Subject`."""

    seq: int
    type: str
    summary: EventSummary
    payload: Any
    headers: Sequence[tuple[str, str]]
    body: bytes
    received_us: int


def event(
    body: bytes | dict[str, Any] | None = None,
    *,
    headers: Sequence[tuple[str, str]] = (),
    seq: int = 1,
    received_us: int = NOW_US,
    endpoint: str | None = None,
    verdict: Verdict = Verdict.VERIFIED,
    **known: Any,
) -> Event:
    """Make an event of a body; what the relay knows beside the body can be named."""
    raw = body if isinstance(body, bytes) else jsontext.dumps({"type": "t", "data": {}} | (body or {}))
    payload = jsontext.loads(raw)
    facts = facts_of(
        payload,
        received_at=rfc3339(received_us),
        environment_id=next((value for name, value in headers if name.lower() == "x-knock-environment-id"), None),
        endpoint=endpoint,
        size=len(raw),
    )
    summary = EventSummary(
        **{field: getattr(facts, field) for field in EventFacts.__struct_fields__},
        **{"seq": seq, "verdict": verdict, "delivery_count": 1, **known},
    )
    return Event(seq, facts.type, summary, payload, headers, raw, received_us)


def sample(name: str, **known: Any) -> Event:
    """Make the event of one of the sample requests."""
    lines = (SAMPLES / f"{name}.headers").read_text("utf-8").splitlines()
    headers = [(key, value) for key, _, value in (line.partition(": ") for line in lines if line)]
    return event((SAMPLES / f"{name}.json").read_bytes(), headers=headers, **known)


def matching(filter_: str | Filter, **known: Any) -> set[str]:
    """Return the names of the samples that a filter matches."""
    wanted = parse(filter_, NOW_US) if isinstance(filter_, str) else filter_
    return {name for name in SAMPLE_NAMES if wanted.matches(sample(name, **known))}


def matches(filter_: str, *args: Any, **known: Any) -> bool:
    """Tell whether a filter matches the event made of the other arguments."""
    return parse(filter_, NOW_US).matches(event(*args, **known))


def data(value: Any) -> dict[str, Any]:
    """Return a body with a value at ``data.x``."""
    return {"data": {"x": value}}


def replaced(subject: Event, **facts: Any) -> Event:
    """Return the event with other facts in its summary."""
    summary = msgspec.structs.replace(subject.summary, **facts)
    return Event(
        subject.seq, subject.type, summary, subject.payload, subject.headers, subject.body, subject.received_us
    )
