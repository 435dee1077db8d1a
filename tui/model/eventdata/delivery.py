"""On the way to the recipient: sent, delivered, attempted, undelivered, bounced, complained of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from relay.contract.events import EventSummary
from relay.contract.knock import FailureReason, object_of, text_of
from tui.model.eventdata.fields import field, fields, seldom
from tui.model.eventdata.history import ATTEMPTED, TRIMMED, before, course, cut_short, latest, of_message
from tui.model.eventdata.related import MESSAGE
from tui.model.eventdata.subject import Subject, inside, moment, scalar, took
from tui.model.items import Fact, Heading, Item, Ladder, Note, Table

MAX_LADDER = 20
MAX_ATTEMPTS = 100
"""Attempts that are listed; Knock makes eight."""

_ENDS = ("message.sent", "message.delivered", "message.undelivered", "message.bounced")
_STRAIGHT = ("in_app", "in_app_feed", "in_app_guide", "http")
_REASONS: Mapping[Any, str] = {
    FailureReason.FATAL_ERROR: "no further try could change it",
    FailureReason.RETRIES_EXHAUSTED: "every attempt failed; Knock tries no more by itself",
}


def sent(subject: Subject) -> Iterator[Item]:
    """Through which channel and provider, and to whom."""
    yield from seldom(subject.event_data)
    yield from _way(subject)
    yield None
    yield from _whom(subject)
    yield None
    yield Heading("Latency")
    yield from _since_made(subject)
    yield from _attempts_line(subject)
    yield from _waiting(subject)


def delivered(subject: Subject) -> Iterator[Item]:
    """How long it took."""
    yield from seldom(subject.event_data)
    yield Heading("Latency")
    found = subject.found(MESSAGE)
    sending = latest(before(subject), "message.sent")
    if sending is not None:
        lasted = took(moment(sending.created_at), subject.created_us)
        if lasted:
            at = subject.clock.short(sending.created_at or "")
            yield Fact("since sent", lasted, "good", f"sent {at}", copy=sending.created_at)
    elif found is not None and not found.trouble:
        yield Fact("since sent", "unknown", "quiet", _why_no_sent(subject))
    yield from _since_made(subject)
    yield from _attempts_line(subject)
    yield from _waiting(subject)
    yield None
    yield from _way(subject)
    yield None
    yield from _whom(subject)


def attempted(subject: Subject) -> Iterator[Item]:
    """The ladder of attempts, this one marked."""
    data = object_of(subject.event_data)
    ladder = _ladder(data)
    if ladder is not None:
        yield ladder
        yield None
    yield from _event_data(subject, _retry_note(data))
    yield None
    yield from _attempts(subject, "Attempts", of_message(subject))
    yield None
    yield from _way(subject)


def undelivered(subject: Subject) -> Iterator[Item]:
    """Why Knock gave up, and the attempts before."""
    yield from _failure(subject)
    yield None
    yield from _attempts(subject, "Before it", before(subject))
    yield None
    yield from _way(subject)
    yield None
    yield from _whom(subject)


def bounced(subject: Subject) -> Iterator[Item]:
    """Why, and the token whole where a push bounced."""
    data = object_of(subject.event_data)
    token = text_of(data.get("token"))
    if token:
        yield Heading("Token", "no longer takes messages; y copies it")
        yield Fact("token", token, "bad", path=("event_data", "token"), raw=data.get("token"))
        yield None
    yield from _failure(subject, without="token" if token else "")
    yield None
    yield from _attempts(subject, "Before it", before(subject))
    yield None
    yield from _way(subject)
    yield None
    yield from _whom(subject)


def complaint(subject: Subject) -> Iterator[Item]:
    """Every key, since each provider has its own."""
    yield from _event_data(subject)
    yield Note("A complaint does not change the status of the message.")
    yield None
    yield from _way(subject)
    yield None
    yield from _whom(subject)
    yield None
    yield Heading("Latency")
    for name, type_ in (("since sent", "message.sent"), ("since delivered", "message.delivered")):
        earlier = latest(before(subject), type_)
        lasted = took(moment(earlier.created_at), subject.created_us) if earlier is not None else ""
        if lasted:
            yield Fact(name, lasted)
    yield from _since_made(subject)
    yield from _waiting(subject)


# EventData


def _event_data(subject: Subject, notes: dict[str, str] | None = None, without: str = "") -> Iterator[Item]:
    yield Heading("EventData")
    if subject.event_data is None:
        yield Note("Knock sent none with this event.")
        return
    for item in fields(subject.event_data, ("event_data",), (without,) if without else ()):
        note = (notes or {}).get(item.name, "") if isinstance(item, Fact) else ""
        yield item._replace(note=note) if note and isinstance(item, Fact) else item


def _retry_note(data: dict[str, Any]) -> dict[str, str]:
    match data.get("retryable"):
        case True:
            return {"retryable": "Knock will try again; it does not say when"}
        case False:
            return {"retryable": "this was the last attempt"}
    return {"attempt": "Knock does not say whether it tries again"} if "retryable" not in data else {}


def _failure(subject: Subject, without: str = "") -> Iterator[Item]:
    data = object_of(subject.event_data)
    reason, details = data.get("failure_reason"), data.get("failure_details")
    if not isinstance(subject.event_data, dict):
        yield from _event_data(subject)
        return
    yield Heading("Why")
    yield from scalar(
        "reason", reason, ("event_data", "failure_reason"), ink="bad", note=_explained(subject, reason)
    )
    if details is None and "failure_details" in data:
        yield Fact(
            "details",
            "null",
            "json-word",
            "the provider gave none",
            path=("event_data", "failure_details"),
            raw=None,
        )
    elif isinstance(details, str | int | float):
        yield from field("details", details, ("event_data", "failure_details"))
    known = [without]
    if text_of(reason):
        known.append("failure_reason")
    if details is None or isinstance(details, str | int | float):
        known.append("failure_details")
    rest = [key for key in data if key not in known]
    if rest:
        yield from fields(data, ("event_data",), known)


def _explained(subject: Subject, reason: Any) -> str:
    """Say what a reason means; those of bounces are the providers' own."""
    return _REASONS.get(text_of(reason), "") if subject.event.type == "message.undelivered" else ""


# Attempts


def _ladder(data: dict[str, Any]) -> Ladder | None:
    attempt, of = data.get("attempt"), data.get("max_attempts")
    if type(attempt) is not int or type(of) is not int:
        return None
    return Ladder(attempt, of) if 1 <= attempt <= of <= MAX_LADDER else None


def _attempts(subject: Subject, title: str, events: list[EventSummary]) -> Iterator[Item]:
    """List attempts with their times, how long each came after the one before, and how it ended."""
    found = subject.found(MESSAGE)
    steps = [event for event in events if event.type == ATTEMPTED or event.type in _ENDS]
    attempts = [event for event in steps if event.type == ATTEMPTED]
    count = f"{len(attempts)} attempt{'' if len(attempts) == 1 else 's'} in the log"
    yield Heading(title, count if found is not None and attempts else "")
    if steps:
        yield Table(tuple(course(subject, steps[-MAX_ATTEMPTS:])))
    elif found is not None and not found.trouble:
        yield Note("None in the log.")
    yield from _missing(subject, attempts)
    yield from subject.unread(found, "the other events of this message")
    yield from cut_short(found, "events of this message")


def _missing(subject: Subject, attempts: list[EventSummary]) -> Iterator[Item]:
    """Say which attempts there must have been that the log does not have."""
    found = subject.found(MESSAGE)
    if found is None or found.trouble or not found.all:
        return
    numbers = {n for event in attempts if type(n := inside(event.event_data, "attempt")) is int}
    of_this = inside(subject.event_data, "attempt")
    last = max(numbers, default=0)
    if type(of_this) is int:
        last = max(last, of_this)
    if last > MAX_ATTEMPTS:
        return
    gone = [str(n) for n in range(1, last) if n not in numbers]
    if gone:
        which = (
            f"Attempt {gone[0]} is" if len(gone) == 1 else f"Attempts {', '.join(gone[:-1])} and {gone[-1]} are"
        )
        yield Note(f"{which} not in the log: {TRIMMED}.")


def _attempts_line(subject: Subject) -> Iterator[Item]:
    if subject.found(MESSAGE) is None:
        return
    failed = [event for event in before(subject) if event.type == ATTEMPTED]
    if failed:
        first = took(moment(failed[0].created_at), subject.created_us)
        noun = "failed attempt" if len(failed) == 1 else "failed attempts"
        yield Fact("before", f"{len(failed)} {noun}", "warn", f"the first {first} earlier" if first else "")


# The message


def _since_made(subject: Subject) -> Iterator[Item]:
    made = inside(subject.data, "inserted_at")
    lasted = took(moment(made), subject.created_us)
    if lasted:
        at = subject.clock.short(made)
        yield Fact("since made", lasted, note=f"made {at}", copy=made, path=("data", "inserted_at"), raw=made)


def _why_no_sent(subject: Subject) -> str:
    channel = subject.event.channel
    if channel is not None and channel.type in _STRAIGHT:
        return "this kind of channel delivers without a message.sent"
    return f"its message.sent is not in the log: {TRIMMED.replace('them', 'it')}"


def _waiting(subject: Subject) -> Iterator[Item]:
    yield from subject.unread(subject.found(MESSAGE), "the other events of this message")


def _way(subject: Subject) -> Iterator[Item]:
    """The channel and the provider, from the body, or from the summary while that is read."""
    yield Heading("Channel")
    channel = subject.event.channel
    if isinstance(inside(subject.data, "channel"), dict):
        yield from subject.fact("provider", "channel", "provider")
        yield from subject.fact("name", "channel", "name")
        yield from subject.fact("type", "channel", "type")
        yield from subject.fact("key", "channel", "key")
        yield from subject.fact("id", "channel", "id", ink="quiet")
    elif channel is not None:
        for name in ("provider", "type", "key", "id"):
            value = getattr(channel, name)
            if value:
                yield Fact(name, value, path="provider" if name == "provider" else "channel")
    else:
        yield Note("The event names no channel.")
    yield from subject.fact("external id", "metadata", "external_id", note="the provider’s, of this message")


def _whom(subject: Subject) -> Iterator[Item]:
    yield Heading("Recipient")
    if subject.event.recipient:
        yield Fact("recipient", subject.event.recipient, path="recipient")
    snapshot = inside(subject.data, "recipient_snapshot")
    if isinstance(snapshot, dict):
        for key, value in list(snapshot.items())[:16]:
            if value is not None:
                yield from field(key, value, ("data", "recipient_snapshot", key))
    if not subject.event.recipient:
        yield Note("The event names no recipient.")
