"""From a raw request to a draft: the envelope, the facts, the identity key. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from relay.contract import jsontext
from relay.contract.events import SUMMARY_TEXT_LIMIT, EventFacts, Verdict
from relay.contract.facts import facts_of, rendered
from relay.contract.moments import rfc3339
from relay.contract.readings import EarlierMessages
from relay.contract.signature import Check
from relay.log.base import Draft

MAX_TYPE = 128
"""Characters that a type may have."""

_SORTED_BY = 27
"""Characters of `created_at` that an identity key begins with: all of a time in microseconds."""

RawHeaders = Sequence[tuple[bytes, bytes]]


class NoEnvelope(ValueError):
    """A body that is no event of Knock's; says what is wrong and where."""


class Request(NamedTuple):
    """One POST as it arrived; header names are in lower case, `received_us` in microseconds since the epoch."""

    endpoint: str | None
    headers: RawHeaders
    body: bytes
    remote: str | None
    received_us: int

    def header(self, name: bytes) -> str | None:
        """The first header of this name."""
        for key, value in self.headers:
            if key == name:
                return value.decode("latin-1")
        return None


def envelope(body: bytes) -> dict[str, Any]:
    """Parse a body and make sure that it is an event. Raises `NoEnvelope`."""
    try:
        payload = jsontext.loads(body)
    except jsontext.JsonError as error:
        raise NoEnvelope(f"the body is not JSON: {error}") from None
    if not isinstance(payload, dict):
        raise NoEnvelope("the body is not a JSON object")
    kind = payload.get("type")
    if not isinstance(kind, str) or not kind:
        raise NoEnvelope("`type` is missing, or not a text that says something")
    if len(kind) > MAX_TYPE:
        raise NoEnvelope(f"`type` is longer than {MAX_TYPE} characters")
    if not isinstance(payload.get("data"), dict):
        raise NoEnvelope("`data` is missing, or not an object")
    return payload


def draft_of(request: Request, payload: dict[str, Any], check: Check, earlier: EarlierMessages) -> Draft:
    """Make the draft of an event, and let `earlier` remember what it says of its message."""
    environment_id = request.header(b"x-knock-environment-id")
    message_id = _message_id(payload)
    facts = facts_of(
        payload,
        received_at=rfc3339(request.received_us),
        environment_id=environment_id,
        endpoint=request.endpoint,
        size=len(request.body),
        earlier=None if message_id is None else earlier.of(message_id),
        cut=False,
    )
    # What a stranger posts beside a configured secret must not speak about somebody's message.
    if message_id is not None and facts.created_at and check.verdict.rank >= Verdict.UNVERIFIED.rank:
        earlier.note(message_id, facts.type, facts.created_at)
    # Before the facts are cut for the summary: two long keys with the same beginning are two.
    key = identity(facts, payload, request.body, environment_id)
    # In the order of its fields: one is made for every request.
    return Draft(
        key,
        facts.type,
        request.received_us,
        request.endpoint,
        check.verdict,
        rendered(facts),
        header_json(request.headers),
        request.body,
        check.t_ms,
        check.secret_id,
        request.remote,
    )


def _message_id(payload: dict[str, Any]) -> str | None:
    """The id under which to remember a message; one that a summary would cut is not worth the memory."""
    if not payload["type"].startswith("message."):
        return None
    found = payload["data"].get("id")
    return found if isinstance(found, str) and len(found) <= SUMMARY_TEXT_LIMIT else None


def identity(facts: EventFacts, payload: dict[str, Any], body: bytes, environment_id: str | None) -> bytes:
    """What makes two deliveries the same event: environment, type, entity, `created_at`; `facts` are uncut.

    Where the entity's key or `created_at` is missing, a hash of the body takes its place. The key begins with
    `created_at`, so that the index on it grows at one end.
    """
    created_at = facts.created_at
    key = facts.entity.id
    if not key or not created_at:
        whole = hashlib.blake2b(body, digest_size=16).hexdigest()
        key, created_at = key or whole, created_at or whole
    kind, commit = facts.entity.kind or "", ""
    if facts.type.endswith(".committed") and isinstance(payload.get("event_data"), dict):
        commit = str(payload["event_data"].get("commit_id"))
    environment = environment_id or ""
    # Lengths go in too: no value can pretend to be two.
    text = (
        f"{len(environment)}:{environment}{len(facts.type)}:{facts.type}{len(kind)}:{kind}"
        f"{len(key)}:{key}{len(created_at)}:{created_at}{commit}"
    )
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return created_at[:_SORTED_BY].encode("utf-8", "surrogatepass") + digest


_header_encoder = msgspec.json.Encoder()


def header_json(headers: RawHeaders) -> bytes:
    """Headers in order, duplicates kept, as a JSON list of pairs; HTTP's bytes are read as Latin-1."""
    return _header_encoder.encode([(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers])
