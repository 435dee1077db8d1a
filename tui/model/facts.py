"""What the detail says of an event, as facts to lay out: no widths, no colours, no widgets.

Texts in here are still foreign. Whoever lays them out passes each one through `plain()`, and copies them through
`copyable()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from relay.contract.events import Delivery, EventDetail, EventSummary, Verdict
from relay.contract.moments import microseconds
from tui.model.bodylines import pretty_value
from tui.model.clock import Clock, span

MAX_LADDER = 20
MAX_FIELDS = 200
MAX_CODE = 1_000
MAX_DELIVERIES = 100
"""What is shown of each; Body has the rest of the former two."""


class Title(NamedTuple):
    """The event's type in full, with its glyph, and its reading."""

    type: str
    reading: str


class Heading(NamedTuple):
    """The name of the facts below it."""

    text: str


class Fact(NamedTuple):
    """A name and a value. `ink` says what the value means; `note` follows it quietly; `copy` is what `y` takes."""

    name: str
    value: str
    ink: str = "ink"
    note: str = ""
    copy: str | None = None


class Note(NamedTuple):
    """A sentence."""

    text: str
    ink: str = "quiet"


class Code(NamedTuple):
    """One line of indented JSON."""

    text: str


class Ladder(NamedTuple):
    """The attempt that this is, of how many."""

    attempt: int
    of: int


Item: TypeAlias = Title | Heading | Fact | Note | Code | Ladder | None
"""None is an empty line."""

_VERDICTS = {
    Verdict.VERIFIED: ("verified", "good"),
    Verdict.STALE: ("stale", "warn"),
    Verdict.UNVERIFIED: ("unverified", "warn"),
    Verdict.BAD_SIGNATURE: ("bad signature", "bad"),
    Verdict.MISSING_SIGNATURE: ("no signature", "bad"),
}
_NAMED_BELOW = ("message", "workflow_recipient_run", "workflow")
_VERDICT_NOTES = {
    Verdict.STALE: "signed by your secret, but more than 5 minutes from when it arrived",
    Verdict.UNVERIFIED: "no signing secret is set, so anyone could have sent this",
}


def verdict_words(verdict: Verdict) -> tuple[str, str]:
    """Give a verdict's words and ink."""
    return _VERDICTS[verdict]


def plural(count: int, noun: str) -> str:
    """Write a count with its noun: `1 delivery` is the caller's to spell, `2 bytes` is not."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("y") else f"{count:,} {noun}s"


def summary(event: EventSummary, clock: Clock) -> Iterator[Item]:
    """Say what happened, to what, when, and how sure that is."""
    yield Title(event.type, event.reading)
    yield None
    if event.event_data is not None:
        yield Heading("EventData")
        yield from _event_data(event.event_data)
        yield None
    yield from _about(event)
    yield None
    yield from _times(event, clock)
    yield None
    yield from _trust(event)


def _about(event: EventSummary) -> Iterator[Item]:
    yield Heading("About")
    if event.entity.kind and event.entity.id and event.entity.kind not in _NAMED_BELOW:
        yield Fact(event.entity.kind.replace("_", " "), event.entity.id)
    facts = (
        ("message", event.message_id),
        ("recipient", event.recipient),
        ("workflow", event.workflow),
        ("channel", _channel(event)),
        ("tenant", event.tenant),
        ("status", event.status),
        ("engagement", ", ".join(event.engagement_statuses) if event.engagement_statuses else None),
        ("run", event.workflow_run_id),
        ("recipient run", event.workflow_recipient_run_id),
        ("environment", event.environment_id),
        ("endpoint", event.endpoint),
    )
    yield from (Fact(name, value) for name, value in facts if value)


def _channel(event: EventSummary) -> str | None:
    channel = event.channel
    if channel is None:
        return None
    parts = [part for part in (channel.type, channel.provider, channel.key) if part]
    return " · ".join(parts) or channel.id


def _times(event: EventSummary, clock: Clock) -> Iterator[Item]:
    yield Heading("When")
    received = microseconds(event.received_at)
    created = microseconds(event.created_at) if event.created_at else None
    if event.created_at:
        yield Fact("created", clock.full(event.created_at), note="by Knock", copy=event.created_at)
    later = span(received - created) + " later" if received is not None and created is not None else ""
    if later.startswith("-"):
        later = later[1:].removesuffix("later") + "earlier: the clocks differ"
    yield Fact("received", clock.full(event.received_at), note=later, copy=event.received_at)


def _trust(event: EventSummary) -> Iterator[Item]:
    words, ink = verdict_words(event.verdict)
    yield Heading("Received")
    yield Fact("signature", words, ink, _VERDICT_NOTES.get(event.verdict, ""))
    if event.delivery_count > 1:
        note = "an earlier answer did not reach Knock"
        yield Fact("deliveries", f"{event.delivery_count:,}", "warn", note)
    if event.body_differs:
        yield Fact("body", "differs between deliveries", "warn", "see Deliveries")
    if event.forwarded is not None:
        yield Fact("forwarded", str(event.forwarded), "good" if 200 <= event.forwarded < 300 else "bad")
    if event.imported:
        yield Fact("imported", "from a file")
    yield Fact("seq", f"{event.seq:,}", copy=str(event.seq))
    yield Fact("size", plural(event.size, "byte"), copy=str(event.size))


def event_data(event: EventSummary) -> Iterator[Item]:
    """Show EventData: scalars in full, one a line; what is nested as JSON."""
    yield Title(event.type, event.reading)
    yield None
    if event.event_data is None:
        yield Note("Knock sends no EventData with this event.")
    else:
        yield from _event_data(event.event_data)


def _event_data(data: Any) -> Iterator[Item]:
    if not isinstance(data, dict):
        yield from _code(data, "")
        return
    ladder = _ladder(data)
    if ladder is not None:
        yield ladder
        yield None
    fields = sorted(data.items(), key=lambda pair: pair[0] == "__typename")
    for key, value in fields[:MAX_FIELDS]:
        yield from _field(key, value)
    if len(fields) > MAX_FIELDS:
        yield Note(f"… {len(fields) - MAX_FIELDS:,} more; Body shows them all")


def _field(key: str, value: Any) -> Iterator[Item]:
    if isinstance(value, str):
        yield Fact(key, value, "quiet" if key == "__typename" else "ink")
    elif isinstance(value, dict | list) and value:
        yield Fact(key, "", copy="\n".join(pretty_value(value)))
        yield from _code(value, "  ")
    else:
        yield Fact(
            key, "".join(pretty_value(value)), "json-number" if isinstance(value, int | float) else "json-word"
        )


def _code(value: Any, margin: str) -> Iterator[Item]:
    lines = pretty_value(value)
    yield from (Code(margin + line) for line in lines[:MAX_CODE])
    if len(lines) > MAX_CODE:
        yield Note(f"… {len(lines) - MAX_CODE:,} more lines; Body shows them all")


def _ladder(data: dict[str, Any]) -> Ladder | None:
    attempt, of = data.get("attempt"), data.get("max_attempts")
    if type(attempt) is not int or type(of) is not int:
        return None
    return Ladder(attempt, of) if 1 <= attempt <= of <= MAX_LADDER else None


def headers(event: EventDetail) -> Iterator[Item]:
    """Show the headers of the delivery whose body is shown, in the order they came."""
    if not event.headers:
        yield Note("No headers are kept for this event.")
    for name, value in event.headers:
        yield Fact(name, value)


def deliveries(event: EventDetail, clock: Clock) -> Iterator[Item]:
    """Show every arrival of this event by HTTP, the first one first."""
    for delivery in event.deliveries[:MAX_DELIVERIES]:
        yield from _delivery(delivery, clock)
        yield None
    if len(event.deliveries) > MAX_DELIVERIES:
        yield Note(f"… and {len(event.deliveries) - MAX_DELIVERIES:,} more")
    if len(event.deliveries) == 1:
        yield Note("Delivered once.")
    elif not event.deliveries:
        yield Note("No delivery is kept for this event.")


def _delivery(delivery: Delivery, clock: Clock) -> Iterator[Item]:
    yield Heading(f"Delivery {delivery.n}")
    yield Fact("received", clock.full(delivery.received_at), copy=delivery.received_at)
    words, ink = verdict_words(delivery.verdict)
    yield Fact("signature", words, ink, f"by secret {delivery.secret}" if delivery.secret else "")
    yield from _signed(delivery, clock)
    if delivery.endpoint:
        yield Fact("endpoint", delivery.endpoint)
    if delivery.remote:
        yield Fact("from", delivery.remote)
    if delivery.body_differs:
        yield Fact("body", "differs from the event's", "warn")


def _signed(delivery: Delivery, clock: Clock) -> Iterator[Item]:
    if delivery.signature_t is None:
        return
    signed = delivery.signature_t * 1_000
    received = microseconds(delivery.received_at)
    note = ""
    if received is not None:
        apart = span(abs(received - signed))
        note = f"{apart} before it arrived"
        if signed > received:
            note = f"{apart} after it arrived: the clocks differ"
    yield Fact("signed", clock.full_us(signed), note=note, copy=str(delivery.signature_t))
