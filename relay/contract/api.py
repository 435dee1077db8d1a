"""What the viewer API answers beside summaries and details: pages, counts, quarantine, secrets, problems.

Written by the relay and read by the dashboard and by scripts: names and meaning are fixed by the public interface.
Fields may be added; a reader ignores those it does not know.
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from relay.contract.events import EventSummary, Forward
from relay.contract.forwards import Kind, Sign

SERVICE = "knocktop-relay"
"""What a relay calls itself at `/healthz`, so that a viewer does not join something else on the same port."""

DEFAULT_LIMIT = 100
MAX_LIMIT = 500
"""Items that one page may hold."""


_ENDPOINT = re.compile(r"[a-z0-9-]{1,64}")


def is_endpoint(name: str) -> bool:
    """Whether `name` can label an ingest path."""
    return _ENDPOINT.fullmatch(name) is not None


SECRET_LIMIT = 1_024
"""Characters that a signing secret may have."""


def is_secret(text: str) -> bool:
    """Whether `text` can be a signing secret: something printable on one line, without space around it."""
    return 0 < len(text) <= SECRET_LIMIT and text.isprintable() and text == text.strip()


class Health(msgspec.Struct, kw_only=True):
    """`GET /healthz`: open to everyone, so it says nothing of the events."""

    service: str
    version: str | None = None
    log: str | None = None
    started_by: str | None = None
    viewers: int | None = None
    pid: int | None = None


class EventPage(msgspec.Struct, kw_only=True):
    """Events, newest first. `next` goes on in the same direction; there may be more although `items` is short."""

    items: list[EventSummary]
    next: int | None
    scanned: int


class Count(msgspec.Struct, kw_only=True):
    """How many events match, of those up to and including seq `upto`."""

    count: int
    upto: int


class Group(msgspec.Struct, kw_only=True):
    """The events that have one value. `per_minute` is 60 counts, the oldest first."""

    value: bool | int | float | str
    count: int
    first_seq: int
    last_seq: int
    per_minute: list[int]


class GroupsPage(msgspec.Struct, kw_only=True):
    """The values of a field, the most frequent first, of the events up to and including seq `upto`.

    A relay of an earlier version does not say up to where it counted.
    """

    items: list[Group]
    upto: int | None = None


class TypeCount(msgspec.Struct, kw_only=True):
    """One event type that was seen. `per_minute` is 60 counts, the oldest first."""

    type: str
    family: str
    known: bool
    count: int
    last_seq: int
    last_at: str
    per_minute: list[int]


class TypesPage(msgspec.Struct, kw_only=True):
    """Every event type that was seen up to and including seq `upto`."""

    upto: int
    items: list[TypeCount]


class Retention(msgspec.Struct, kw_only=True):
    """The limits in force: number of events, seconds, bytes. 0 lifts one."""

    events: int
    age: int
    size: int


class Stats(msgspec.Struct, kw_only=True):
    """The log as a whole. `quarantine` is the number of requests held; an empty log has 0 for both seqs.

    `forwarding` are the URLs that events are being forwarded to, by whoever is attached to the stream for that.
    """

    log: str
    first_seq: int
    last_seq: int
    events: int
    bytes: int
    retention: Retention
    quarantine: int
    viewers: int
    backend: str
    started_at: str
    forwarding: list[str] = []


class QuarantineItem(msgspec.Struct, kw_only=True):
    """A request that was not accepted as an event, why, and what to do about it. `count` is how often it came.

    `signed_string` is what Knock signs of such a request, `was_signed` what was signed instead, where that was
    found out; both are cut.
    """

    id: int
    received_at: str
    count: int
    endpoint: str | None
    headers: list[tuple[str, str]]
    size: int
    reason: str
    detail: str
    remedy: str
    signed_string: str | None = None
    was_signed: str | None = None


class QuarantinePage(msgspec.Struct, kw_only=True):
    """Requests in quarantine, newest first; `held` of at most `limit`."""

    items: list[QuarantineItem]
    next: int | None
    held: int
    limit: int


class Stored(msgspec.Struct, kw_only=True):
    """Where an event is in the log, as ingest and an admission answer; a duplicate has the seq it had before."""

    seq: int
    duplicate: bool


class NewForward(msgspec.Struct, kw_only=True):
    """The body of `POST /v1/events/{seq}/forwards`: what was sent where, and the answer, or the error without one.

    `ms` is how long the answer took; `truncated` says that its body was cut, at 64 KiB at the latest.
    """

    url: str
    sign: Sign | None = None
    status: Annotated[int, msgspec.Meta(ge=100, le=999)] | None = None
    ms: Annotated[float, msgspec.Meta(ge=0)] | None = None
    headers: list[tuple[str, str]] | None = None
    body: str | None = None
    error: str | None = None
    kind: Kind = "forward"
    edited: bool = False
    attempt: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1
    truncated: bool = False


class ForwardStored(msgspec.Struct, kw_only=True):
    """The entry of the log that a forward became, and how many the event had by then."""

    seq: int
    n: int


class ForwardItem(Forward, kw_only=True):
    """A forward in a list, without headers and body, and the event that was forwarded; `entry` is its own seq."""

    entry: int
    seq: int
    type: str
    message_id: str | None
    reading: str
    failed: bool


class ForwardsPage(msgspec.Struct, kw_only=True):
    """Forwards, those first that were reported last; `next` goes on as `before`."""

    items: list[ForwardItem]
    next: int | None


class NewSecret(msgspec.Struct, kw_only=True):
    """The body of `POST /v1/secrets`."""

    secret: str
    endpoint: str | None = None

    def __repr__(self) -> str:
        """Leave the secret out: what is printed ends up in logs."""
        return f"NewSecret(endpoint={self.endpoint!r})"


class SecretAdded(msgspec.Struct, kw_only=True):
    """`admitted` requests left quarantine because the new secret fits them."""

    id: str
    admitted: int


class SecretInfo(msgspec.Struct, kw_only=True):
    """A secret the relay checks with; its id is 8 hex digits of a hash. Only an `added` one can be removed."""

    id: str
    endpoint: str | None = None
    added: bool = True


class SecretsPage(msgspec.Struct, kw_only=True):
    """Every secret that the relay checks with."""

    items: list[SecretInfo]


class NewPublicUrl(msgspec.Struct, kw_only=True):
    """The body of `PUT /v1/public-url`: an address that leads to this relay, for so many seconds from now on."""

    url: str
    seconds: int = 60


class PublicUrl(msgspec.Struct, kw_only=True):
    """The address at which Knock reaches the relay, without the path of the webhook; None where it has none."""

    url: str | None


class PurgeRequest(msgspec.Struct, kw_only=True):
    """The body of `POST /v1/purge`; an empty filter matches everything. `before` is a time in RFC 3339.

    With `dry_run` nothing is removed, only counted.
    """

    filter: str
    before: str | None = None
    dry_run: bool = False


class Purged(msgspec.Struct, kw_only=True):
    """How many events and quarantined requests were removed, or with `dry_run` would be.

    `erased`: nothing of them is in the log's file any more, nor in what is written ahead of it. `compacted`: the
    file was written anew, and is smaller now. `copies` are files beside it, kept by older versions, left alone.
    """

    events: int
    quarantined: int
    dry_run: bool = False
    erased: bool = False
    compacted: bool = False
    copies: list[str] = []


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An error, as `application/problem+json`. The last four say where a filter went wrong; `column` is from 1."""

    title: str
    status: int
    detail: str = ""
    column: int | None = None
    length: int | None = None
    expected: list[str] | str | None = None
    suggestion: str | None = None
