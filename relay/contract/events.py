"""What the relay says of an event: its summary, its detail, its deliveries.

Written by the relay, read by the dashboard and by scripts: the fields and their meaning are fixed by the public
interface. They are msgspec structs, since a viewer decodes a hundred thousand of them at a time and keeps them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

SUMMARY_TEXT_LIMIT = 1_024
"""Characters that a text in a summary is cut to."""

SUMMARY_EVENT_DATA_LIMIT = 4_096
"""Bytes of JSON that `event_data` in a summary is cut to."""


MASKED_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Headers, in lower case, whose values are shown and asked for nowhere."""


class Verdict(StrEnum):
    """Outcome of the signature check, from the best to the worst."""

    VERIFIED = "verified"
    STALE = "stale"
    UNVERIFIED = "unverified"
    BAD_SIGNATURE = "bad-signature"
    MISSING_SIGNATURE = "missing-signature"

    @property
    def rank(self) -> int:
        """Higher is better."""
        return _RANKS[self]

    @property
    def authentic(self) -> bool:
        """The bytes were signed with one of our secrets, whenever that was."""
        return self is Verdict.VERIFIED or self is Verdict.STALE


_RANKS = {verdict: rank for rank, verdict in enumerate(reversed(Verdict))}


class Entity(msgspec.Struct, frozen=True, gc=False):
    """What an event is about."""

    kind: str | None = None
    id: str | None = None


class Channel(msgspec.Struct, frozen=True, gc=False):
    """Knock's channel, as far as the event names it."""

    id: str | None = None
    type: str | None = None
    provider: str | None = None
    key: str | None = None


class EventFacts(msgspec.Struct, kw_only=True, gc=False):
    """What one body says; known when it arrives and the same ever after."""

    type: str
    reading: str
    failed: bool
    created_at: str | None
    received_at: str
    entity: Entity
    message_id: str | None
    recipient: str | None
    workflow: str | None
    channel: Channel | None
    tenant: str | None
    status: str | None
    engagement_statuses: list[str] | None
    workflow_run_id: str | None
    workflow_recipient_run_id: str | None
    environment_id: str | None
    endpoint: str | None
    event_data: Any
    size: int
    truncated: bool = False


class EventSummary(EventFacts, kw_only=True):
    """One event in a list: what its body says, and what is known of it by now.

    `forwarded` is the status of the last answer to a forward; `forward_failed` says that the last one got none.
    """

    seq: int
    verdict: Verdict
    delivery_count: int
    forwarded: int | None = None
    imported: bool = False
    body_differs: bool = False
    forward_failed: bool = False


class Delivery(msgspec.Struct, kw_only=True):
    """One arrival of an event by HTTP, or from a file. `signature_t` is in milliseconds since the epoch.

    `imported_at` is when it was taken from a file, and `imported_verdict` the verdict that this file gave.
    `answered` is the status of a canned answer, once it was sent; null is the ordinary answer.
    """

    n: int
    received_at: str
    endpoint: str | None
    verdict: Verdict
    signature_t: int | None
    secret: str | None
    remote: str | None
    headers: list[tuple[str, str]]
    body_differs: bool
    imported_at: str | None = None
    imported_verdict: Verdict | None = None
    answered: int | None = None


class Forward(msgspec.Struct, kw_only=True):
    """One sending of an event by us to a URL that the user named, and what came of it; `n` counts from 1.

    `kind` is forward or resend, `ms` how long the answer took. `status`, `headers` and `body` are the answer's;
    where there was none, `error` says why. `headers` is null where the answer is kept no more, `truncated` says
    that its body was cut. `at` and `n` are the relay's.
    """

    at: str = ""
    url: str
    sign: str | None = None
    status: int | None = None
    ms: float | None = None
    headers: list[tuple[str, str]] | None = None
    body: str | None = None
    error: str | None = None
    n: int = 0
    kind: str = "forward"
    edited: bool = False
    attempt: int = 1
    truncated: bool = False


class EventDetail(EventSummary, kw_only=True):
    """One event in full: nothing cut, with its headers, its parsed body and every delivery."""

    headers: list[tuple[str, str]]
    payload: Any
    deliveries: list[Delivery]
    forwards: list[Forward]
