"""What the tabs of the detail say of an event: Summary, EventData, Headers, Deliveries.

The pieces they are made of are in `tui.model.items`, and what each type's EventData means in
`tui.model.eventdata`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from relay.contract.events import MASKED_HEADERS, Delivery, EventDetail, EventSummary, Verdict
from relay.contract.knock import CATALOGUE
from relay.contract.moments import microseconds
from tui.model import diff
from tui.model.clock import Clock, span
from tui.model.environments import Environments
from tui.model.eventdata.fields import fields
from tui.model.eventdata.view import eventdata
from tui.model.forwarded import last_words, listed, status_ink, status_words
from tui.model.items import Change, Code, Fact, Heading, Item, Ladder, Note, Place, Row, Table, Title

__all__ = [
    "Bodies",
    "Change",
    "Code",
    "Fact",
    "Heading",
    "Item",
    "Ladder",
    "Note",
    "Row",
    "Table",
    "Title",
    "deliveries",
    "eventdata",
    "headers",
    "plural",
    "summary",
    "verdict_words",
]

MAX_DELIVERIES = 100
MAX_FIELDS = 8
"""Lines of EventData in the summary."""

MAX_COMPARED = 5
"""Bodies of other deliveries that are read and compared at once."""

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
    Verdict.BAD_SIGNATURE: "none of the secrets that are set made it",
}


class Bodies(NamedTuple):
    """How the bodies of the deliveries that differ compare with the event's, by the number of the delivery."""

    compared: Mapping[int, diff.Compared | str]
    """A text says why a body could not be compared."""


def verdict_words(verdict: Verdict) -> tuple[str, str]:
    """Give a verdict's words and ink."""
    return _VERDICTS[verdict]


def plural(count: int, noun: str) -> str:
    """Write a count with its noun: `1 byte`, `2 bytes`, `3 deliveries`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("y") else f"{count:,} {noun}s"


# Summary


def summary(event: EventSummary, clock: Clock, environments: Environments | None = None) -> Iterator[Item]:
    """Say what happened, what its EventData is, to whom, by what, when, and how sure that is."""
    yield Title(event.type, event.reading)
    yield from _badges(event)
    yield None
    if event.event_data is not None:
        yield from _event_data(event.event_data)
        yield None
    yield from _about(event)
    yield None
    yield Heading("Received")
    yield from _times(event, clock)
    yield from _trust(event, clock)
    yield None
    yield from _ids(event)
    if event.environment_id:
        yield _environment(event.environment_id, environments or Environments())


def _event_data(data: Any) -> Iterator[Item]:
    """Show so much of EventData that the rest of the summary stays near; the tab has all of it."""
    yield Heading("EventData")
    items = list(islice(fields(data, ("event_data",)), MAX_FIELDS + 1))
    yield from items[:MAX_FIELDS]
    if len(items) > MAX_FIELDS:
        yield Note("… and more, in the tab EventData")


def _was_provoked(event: EventSummary) -> bool:
    return isinstance(event, EventDetail) and any((one.answered or 0) >= 300 for one in event.deliveries)


def _badges(event: EventSummary) -> Iterator[Item]:
    """Say what is out of the ordinary, before anything else."""
    known = CATALOGUE.get(event.type)
    yield Note(f"  {known.summary}" if known is not None else "  Not in the catalogue of this version.")
    if not event.verdict.authentic or event.verdict is Verdict.STALE:
        words, ink = verdict_words(event.verdict)
        yield Note(f"  {words}: {_VERDICT_NOTES.get(event.verdict, 'the request had none')}", ink)
    if event.body_differs:
        yield Note(
            f"  received {_times_said(event.delivery_count)}, not always with the same body: see Deliveries",
            "warn",
        )
    elif event.delivery_count > 1:
        why = "an earlier answer did not reach Knock"
        if _was_provoked(event):
            why = "failures were answered on purpose"
        yield Note(f"  received {_times_said(event.delivery_count)}: {why}", "warn")
    if event.forward_failed:
        yield Note("  forwarded, and not answered: see Deliveries", "bad")
    elif event.forwarded is not None and not 200 <= event.forwarded < 300:
        yield Note(f"  forwarded, and answered {event.forwarded}", "bad")


def _times_said(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def _about(event: EventSummary) -> Iterator[Item]:
    """To whom, by which workflow and channel."""
    yield Heading("About")
    if event.entity.kind and event.entity.id and event.entity.kind not in _NAMED_BELOW:
        yield Fact(event.entity.kind.replace("_", " "), event.entity.id)
    if event.recipient:
        yield Fact("recipient", event.recipient, path="recipient")
    if event.workflow:
        yield Fact("workflow", event.workflow, path="workflow")
    yield from _channel(event)
    if event.tenant:
        yield Fact("tenant", event.tenant, path="tenant")
    if event.status:
        yield Fact("status", event.status, path="status", note="by the time Knock sent this")
    if event.engagement_statuses:
        engagement = ", ".join(event.engagement_statuses)
        yield Fact("engagement", engagement, path="engagement", raw=event.engagement_statuses[-1])


def _channel(event: EventSummary) -> Iterator[Fact]:
    channel = event.channel
    if channel is None:
        return
    parts = list(dict.fromkeys(part for part in (channel.type, channel.provider, channel.key) if part))
    by = channel.type or channel.key or channel.id
    if by:
        yield Fact("channel", " · ".join(parts) or by, path="channel", raw=by)


def _times(event: EventSummary, clock: Clock) -> Iterator[Item]:
    received = microseconds(event.received_at)
    created = microseconds(event.created_at) if event.created_at else None
    if event.created_at:
        yield Fact("created", clock.full(event.created_at), note="by Knock", copy=event.created_at)
    later = span(received - created) + " later" if received is not None and created is not None else ""
    if later.startswith("-"):
        later = later[1:].removesuffix("later") + "earlier: the clocks differ"
    yield Fact("received", clock.full(event.received_at), note=later, copy=event.received_at)


def _trust(event: EventSummary, clock: Clock) -> Iterator[Item]:
    words, ink = verdict_words(event.verdict)
    note = "" if event.verdict is Verdict.VERIFIED else _VERDICT_NOTES.get(event.verdict, "")
    yield Fact("signature", words, ink, note, path="verdict", raw=event.verdict.value)
    often = event.delivery_count
    yield Fact("deliveries", f"{often:,}", "warn" if often > 1 else "ink", path="deliveries", raw=often)
    if event.body_differs:
        yield Fact("body", "differs between deliveries", "warn", "see Deliveries")
    yield from _forwarded(event)
    if event.imported:
        yield from _imported(event, clock)
    if event.endpoint:
        yield Fact("endpoint", event.endpoint, path="endpoint")
    yield Fact("size", plural(event.size, "byte"), copy=str(event.size), path="size", raw=event.size)


def _forwarded(event: EventSummary) -> Iterator[Item]:
    """Say what was answered to the last forward, and where that was; the tab of deliveries tells of all."""
    last = last_words(event) if isinstance(event, EventDetail) else ""
    if event.forward_failed:
        yield Fact("forwarded", "no answer", "bad", last)
    elif event.forwarded is not None:
        words, ink = status_words(event.forwarded), status_ink(event.forwarded)
        yield Fact("forwarded", words, ink, last, path="forwarded", raw=event.forwarded)


def _imported(event: EventSummary, clock: Clock) -> Iterator[Item]:
    """When it was taken from a file, and what the file said of its signature; only the detail knows."""
    first = event.deliveries[0] if isinstance(event, EventDetail) and event.deliveries else None
    if first is None or first.imported_at is None:
        yield Fact("imported", "from a file")
    else:
        yield _from_file("imported", first, first.imported_at, clock)


def _from_file(name: str, delivery: Delivery, imported_at: str, clock: Clock) -> Fact:
    said = delivery.imported_verdict
    note = "" if said is None else f"there it was {verdict_words(said)[0]}"
    return Fact(name, f"a file, {clock.full(imported_at)}", note=note, copy=imported_at)


def _ids(event: EventSummary) -> Iterator[Item]:
    yield Heading("Ids")
    yield Fact("seq", f"{event.seq:,}", copy=str(event.seq), path="seq", raw=event.seq)
    known: tuple[tuple[str, str | None, Place], ...] = (
        ("message", event.message_id, "message"),
        ("run", event.workflow_run_id, "run"),
        ("recipient run", event.workflow_recipient_run_id, "recipient_run"),
    )
    yield from (Fact(name, value, path=path) for name, value, path in known if value)


def _environment(id_: str, environments: Environments) -> Fact:
    """Say by its name, in its colour, which environment an event comes from."""
    environment = environments.of(id_)
    if not environment.named:
        return Fact("environment", id_, path="env")
    note = f"{id_}, marked production" if environment.production else id_
    return Fact("environment", environment.name, environment.ink, note, copy=id_, path="env", raw=id_)


# Headers


def headers(event: EventDetail) -> Iterator[Item]:
    """Show the headers of the delivery whose body is shown, in the order they came."""
    if not event.headers:
        yield Note("No headers are kept for this event.")
        return
    from relay.contract.filter.fields import Header

    yield Note(f"{plural(len(event.headers), 'header')}, in the order they came.")
    yield None
    for name, value in event.headers:
        path = str(Header(name))
        if name.lower() in MASKED_HEADERS:
            yield Fact(name, value, "quiet", "never shown", path=path)
        else:
            yield Fact(name, value, path=path)


# Deliveries


def deliveries(event: EventDetail, clock: Clock, bodies: Bodies | None = None) -> Iterator[Item]:
    """Show every arrival of this event by HTTP, the first one first, and then where it was sent on to.

    `bodies` tells how bodies that differ compare with the event's own; without it they are still being read.
    """
    if not event.deliveries:
        yield Note("No delivery is kept for this event.")
        yield from listed(event, clock)
        return
    yield Note(_how_often(event))
    yield None
    first: Delivery | None = None
    for delivery in event.deliveries[:MAX_DELIVERIES]:
        yield from _delivery(delivery, first, clock)
        if delivery.body_differs:
            yield from _differs(delivery, bodies)
        yield None
        first = first or delivery
    if len(event.deliveries) > MAX_DELIVERIES:
        yield Note(f"… and {len(event.deliveries) - MAX_DELIVERIES:,} more")
    yield from listed(event, clock)


def _how_often(event: EventDetail) -> str:
    count = len(event.deliveries)
    if count == 1:
        return "Delivered once."
    differ = sum(delivery.body_differs for delivery in event.deliveries)
    same = "each time with the same body" if not differ else f"{differ:,} of them with another body"
    return f"Delivered {_times_said(count)}, {same}."


def _delivery(delivery: Delivery, first: Delivery | None, clock: Clock) -> Iterator[Item]:
    yield Heading(f"Delivery {delivery.n}")
    yield Fact(
        "received", clock.full(delivery.received_at), note=_after(delivery, first), copy=delivery.received_at
    )
    if delivery.answered is not None:
        ink = "good" if delivery.answered < 300 else "bad"
        yield Fact("answered", str(delivery.answered), ink, "on purpose: knocktop provoke")
    words, ink = verdict_words(delivery.verdict)
    yield Fact("signature", words, ink, f"by secret {delivery.secret}" if delivery.secret else "")
    yield from _signed(delivery, clock)
    if delivery.endpoint:
        yield Fact("endpoint", delivery.endpoint, path="endpoint")
    if delivery.remote:
        yield Fact("from", delivery.remote)
    if delivery.imported_at is not None:
        yield _from_file("from", delivery, delivery.imported_at, clock)


def _after(delivery: Delivery, first: Delivery | None) -> str:
    if first is None:
        return ""
    then, now = microseconds(first.received_at), microseconds(delivery.received_at)
    return f"{span(now - then)} after the first" if then is not None and now is not None else ""


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


def _differs(delivery: Delivery, bodies: Bodies | None) -> Iterator[Item]:
    compared = bodies.compared.get(delivery.n) if bodies is not None else None
    if compared is None:
        which = "Its body differs from the event’s"
        yield Note(
            f"{which}; reading it…" if bodies is None else f"{which}. Only the first {MAX_COMPARED} are compared.",
            "warn",
        )
    elif isinstance(compared, str):
        yield Note(f"Its body differs from the event’s, and could not be read: {compared}", "warn")
    else:
        paths = f" in {plural(compared.paths, 'path')}" if compared.paths else ""
        yield Note(f"Its body differs from the event’s{paths} (- event, + this delivery):", "warn")
        yield from diff.items(compared)
