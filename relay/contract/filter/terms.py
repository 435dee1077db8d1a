"""Every name that a filter knows, what it means and what it reads; help and docs are made from these tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from relay.contract.filter.fields import Field, Name, OfMessage
from relay.contract.filter.subject import Subject, whole_facts
from relay.contract.filter.times import time_us
from relay.contract.knock import Engagement, family_of, object_of, text_of
from relay.contract.outcomes import Flag, Outcome

if TYPE_CHECKING:
    from relay.contract.timeline.model import MessageTimeline


class Kind(StrEnum):
    """What the values of a field are, and so what they can be compared with."""

    ANY = "any JSON value"
    TEXT = "text"
    NUMBER = "a number"
    SIZE = "a size"
    TIME = "a time"
    AGE = "an age"
    DURATION = "a duration"


@dataclass(frozen=True, slots=True)
class Known:
    """A name. `read` gives its value as JSON would: a list means any of its elements, `None` that there is none.

    A time is read as microseconds since the epoch, or as the text that it is when that is no time.
    """

    name: str
    kind: Kind
    meaning: str
    example: str
    read: Callable[[Subject], Any]


class Row(NamedTuple):
    """A line of the reference table."""

    name: str
    meaning: str
    example: str


def _recipient(subject: Subject) -> str | list[str] | None:
    whole = whole_facts(subject).recipient
    if whole is None or "/" not in whole:
        return whole
    # An id may have a slash in it too, so only the body tells where the collection ends.
    recipient = object_of(object_of(subject.payload).get("data")).get("recipient")
    alone = text_of(object_of(recipient).get("id"))
    return whole if alone is None else [whole, alone]


def _channel(subject: Subject) -> list[str] | None:
    channel = whole_facts(subject).channel
    if channel is None:
        return None
    return [text for text in (channel.type, channel.key, channel.id) if text is not None] or None


def _provider(subject: Subject) -> str | None:
    channel = whole_facts(subject).channel
    return channel.provider if channel else None


def _commit(subject: Subject) -> Any:
    return object_of(whole_facts(subject).event_data).get("commit_id")


def _created(subject: Subject) -> int | str | None:
    text = subject.summary.created_at
    if text is None:
        return None
    us = time_us(text)
    return text if us is None else us


_ALL = (
    Known("type", Kind.TEXT, "event type", "type:message.*", lambda event: event.type),
    Known(
        "family",
        Kind.TEXT,
        "first part of the type",
        "family:workflow_recipient_run",
        lambda event: family_of(event.type),
    ),
    Known("recipient", Kind.TEXT, "who it is for: the id, or collection/id", "recipient:user_1", _recipient),
    Known("workflow", Kind.TEXT, "workflow key", "workflow:welcome-*", lambda event: whole_facts(event).workflow),
    Known("channel", Kind.TEXT, "channel type, key or id", "channel:email,sms", _channel),
    Known("provider", Kind.TEXT, "provider of the channel", "provider:sendgrid", _provider),
    Known("tenant", Kind.TEXT, "tenant id", "-tenant:acme", lambda event: whole_facts(event).tenant),
    Known(
        "status",
        Kind.TEXT,
        "status that the body gives, which is the one by now",
        "status:sent,delivered",
        lambda event: whole_facts(event).status,
    ),
    Known(
        "engagement",
        Kind.TEXT,
        "any of the engagement statuses that the body gives",
        "engagement:read",
        lambda event: whole_facts(event).engagement_statuses,
    ),
    Known(
        "message",
        Kind.TEXT,
        "message id",
        "message:2w3SbXOIkDj8Q6xzR8t8JDvTNsL",
        lambda event: whole_facts(event).message_id,
    ),
    Known(
        "run",
        Kind.TEXT,
        "workflow run id",
        "run:789e0123-*",
        lambda event: whole_facts(event).workflow_run_id,
    ),
    Known(
        "recipient_run",
        Kind.TEXT,
        "workflow recipient run id",
        "recipient_run:def01234-*",
        lambda event: whole_facts(event).workflow_recipient_run_id,
    ),
    Known(
        "env", Kind.TEXT, "Knock environment id", "env:123e4567-*", lambda event: whole_facts(event).environment_id
    ),
    Known(
        "endpoint",
        Kind.TEXT,
        "label at the end of the webhook's address",
        "endpoint:staging",
        lambda event: event.summary.endpoint,
    ),
    Known(
        "verdict",
        Kind.TEXT,
        "outcome of the signature check",
        "verdict:stale,unverified",
        lambda event: event.summary.verdict,
    ),
    Known(
        "deliveries",
        Kind.NUMBER,
        "how often it was received",
        "deliveries:>1",
        lambda event: event.summary.delivery_count,
    ),
    Known(
        "forwarded",
        Kind.NUMBER,
        "status that the last forward was answered with",
        "forwarded:>=500",
        lambda event: event.summary.forwarded,
    ),
    Known("seq", Kind.NUMBER, "number in the log", "seq:100..200", lambda event: event.seq),
    Known("size", Kind.SIZE, "bytes of the body; k, M, KiB, MiB", "size:>10k", lambda event: event.summary.size),
    Known("created", Kind.TIME, "when Knock created it", "created:>2026-11-23T10:00", _created),
    Known("received", Kind.TIME, "when it was received", "received:2026-11-23", lambda event: event.received_us),
    Known("age", Kind.AGE, "time since `created`, when the filter is applied", "age:<10m", _created),
    Known("commit", Kind.TEXT, "commit id of a committed resource", "commit:123e4567-*", _commit),
)

TERMS = {known.name: known for known in _ALL}
"""The names that have values, in the order of the reference."""


@dataclass(frozen=True, slots=True)
class KnownOfMessage:
    """A name that speaks of a message as a whole, which no single event can answer. A duration is read in ms."""

    name: str
    kind: Kind
    meaning: str
    example: str
    read: Callable[[MessageTimeline], Any]


MESSAGE_TERMS = {
    known.name: known
    for known in (
        KnownOfMessage(
            "outcome",
            Kind.TEXT,
            "where the message got to: " + ", ".join(Outcome),
            "outcome:bounced,undelivered",
            lambda message: message.outcome,
        ),
        KnownOfMessage(
            "flag",
            Kind.TEXT,
            "what is worth a look: " + ", ".join(Flag),
            "flag:stalled",
            lambda message: message.flags,
        ),
        KnownOfMessage(
            "engagement",
            Kind.TEXT,
            "what the recipient did and did not undo: " + ", ".join(Engagement),
            "engagement:read",
            lambda message: message.engagement,
        ),
        KnownOfMessage(
            "never",
            Kind.TEXT,
            "an event type that it has none of",
            "never:message.read",
            lambda message: [step.type for step in message.steps],
        ),
        KnownOfMessage(
            "steps", Kind.NUMBER, "how many events it has", "steps:>3", lambda message: message.step_count
        ),
        KnownOfMessage(
            "took",
            Kind.DURATION,
            "time from its first event to the one that decided the outcome",
            "took:>30s",
            lambda message: message.took_ms,
        ),
    )
}
"""The names that are true of a message, in the order of the reference; an event has another `engagement`."""

MESSAGE_NAMES = tuple(name for name in MESSAGE_TERMS if name not in TERMS)
"""Those that an event does not have at all."""

_FORMS = (
    Row("data.PATH", "anything in the entity; an array means any element", "data.data.total:2..5"),
    Row("event_data.PATH", "anything in the EventData", "event_data.attempt:>=2"),
    Row(".PATH", "anything else from the root of the body", '."order total".0.id:null'),
    Row("header.NAME", "request header", "header.x-knock-event:message.sent"),
    Row("exists(PATH)", "is there and not null", "exists(event_data.token)"),
    Row("failed", "undelivered, bounced, complaint, or a failed run", "failed -endpoint:staging"),
    Row("NAME~REGEX", "regular expression, RE2's, unanchored", "data.recipient_snapshot.email~(?i)^ops@"),
    Row('word, "free text"', "part of the body as received, A to Z in any case", '"life finds" way'),
)


def reference() -> list[Row]:
    """Return the reference table: every name and every form of a term, each with an example that parses."""
    return [Row(known.name, known.meaning, known.example) for known in _ALL] + list(_FORMS)


def message_reference() -> list[Row]:
    """Return the rows that a filter on messages has beyond those of events."""
    return [Row(known.name, known.meaning, known.example) for known in MESSAGE_TERMS.values()]


def kind_of(field: Field) -> Kind:
    """Return what the values of a field are; paths and headers may hold anything."""
    if isinstance(field, OfMessage):
        return MESSAGE_TERMS[field.name].kind
    return TERMS[field.name].kind if isinstance(field, Name) else Kind.ANY
