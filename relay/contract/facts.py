"""The facts of an event: what one body says, read once when it arrives.

This runs for every webhook, so it reads dicts by hand instead of through the typed models, and takes whatever JSON
it finds in any place.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import astuple

from relay.contract import jsontext
from relay.contract.events import (
    SUMMARY_EVENT_DATA_LIMIT,
    SUMMARY_TEXT_LIMIT,
    Channel,
    Entity,
    EventFacts,
)
from relay.contract.knock import (
    FAILED,
    MESSAGE,
    RECIPIENT_RUN,
    WORKFLOW,
    entity_of,
    family_of,
    object_of,
    recipient_of,
    text_of,
)
from relay.contract.readings import Earlier, reading

MAX_ENGAGEMENT_STATUSES = 64
"""Knock has five; a list without end must not make a summary without end."""

_MAX_LEVELS = 32
_TEXTS = (
    "type",
    "created_at",
    "received_at",
    "message_id",
    "recipient",
    "workflow",
    "tenant",
    "status",
    "workflow_run_id",
    "workflow_recipient_run_id",
    "environment_id",
    "endpoint",
)
_texts_in: Callable[[EventFacts], tuple[str | None, ...]] = attrgetter(*_TEXTS)


def facts_of(
    payload: dict[str, Any],
    *,
    received_at: str,
    environment_id: str | None,
    endpoint: str | None,
    size: int,
    earlier: Earlier | None = None,
    cut: bool = True,
) -> EventFacts:
    """Read the facts of a parsed body.

    `received_at` is RFC 3339, `environment_id` Knock's header, `size` the body's bytes, `earlier` what is known of
    the message. With `cut`, texts and `event_data` are shortened to the limits of a summary, and `truncated` says
    so; the reading is short either way.
    """
    event_type = text_of(payload.get("type")) or ""
    data = object_of(payload.get("data"))
    event_data = payload.get("event_data")
    created_at = payload.get("created_at")
    family = family_of(event_type)
    source = object_of(data.get("source"))
    is_run = family == RECIPIENT_RUN
    facts = EventFacts(
        type=event_type,
        reading=reading(event_type, data, event_data, created_at, earlier),
        failed=event_type in FAILED,
        created_at=created_at if isinstance(created_at, str) else None,
        received_at=received_at,
        entity=entity_of(event_type, data, event_data),
        message_id=text_of(data.get("id")) if family == MESSAGE else None,
        recipient=recipient_of(data.get("recipient")),
        workflow=text_of(data.get("key")) if family == WORKFLOW else _first(source, "key", data, "workflow"),
        channel=_channel(data),
        tenant=text_of(data.get("tenant")),
        status=text_of(data.get("status")),
        engagement_statuses=_texts(data.get("engagement_statuses")),
        workflow_run_id=_first(source, "workflow_run_id", data, "workflow_run_id"),
        workflow_recipient_run_id=text_of(data.get("id") if is_run else source.get("workflow_recipient_run_id")),
        environment_id=environment_id,
        endpoint=endpoint,
        event_data=event_data,
        size=size,
    )
    if cut:
        _cut(facts)
    return facts


def rendered(facts: EventFacts) -> bytes:
    """Write facts as a JSON object; what is too long for a summary is cut first."""
    json = jsontext.dumps(facts)
    # Nothing in a short text can be too long, and nearly all are short.
    if len(json) <= SUMMARY_TEXT_LIMIT and len(facts.engagement_statuses or ()) <= MAX_ENGAGEMENT_STATUSES:
        return json
    _cut(facts)
    return jsontext.dumps(facts) if facts.truncated else json


def _first(one: dict[str, Any], key: str, other: dict[str, Any], other_key: str) -> str | None:
    found = text_of(one.get(key))
    return text_of(other.get(other_key)) if found is None else found


def _channel(data: dict[str, Any]) -> Channel | None:
    """Old payloads name no channel but its id."""
    channel = data.get("channel")
    if not isinstance(channel, dict):
        id_ = text_of(data.get("channel_id"))
        return None if id_ is None else Channel(id_)
    return Channel(
        _first(channel, "id", data, "channel_id"),
        text_of(channel.get("type")),
        text_of(channel.get("provider")),
        text_of(channel.get("key")),
    )


def _texts(value: object) -> list[str] | None:
    if not isinstance(value, list):
        return None
    return [text for text in map(text_of, value) if text is not None]


def _cut(facts: EventFacts) -> None:
    """Shorten what is too long for a summary."""
    if _is_long(_texts_in(facts)):
        _cut_texts(facts)
    if _is_long(astuple(facts.entity)):
        facts.entity = _short(facts.entity)
        facts.truncated = True
    if facts.channel is not None and _is_long(astuple(facts.channel)):
        facts.channel = _short(facts.channel)
        facts.truncated = True
    if facts.engagement_statuses:
        _cut_statuses(facts, facts.engagement_statuses)
    if facts.event_data is not None:
        _cut_event_data(facts)


def _is_long(values: Iterable[str | None]) -> bool:
    texts = tuple(filter(None, values))
    # Together they are hardly ever longer than one of them may be.
    return len("".join(texts)) > SUMMARY_TEXT_LIMIT and max(map(len, texts)) > SUMMARY_TEXT_LIMIT


def _cut_texts(facts: EventFacts) -> None:
    for name, text in zip(_TEXTS, _texts_in(facts), strict=True):
        if text is not None:
            setattr(facts, name, text[:SUMMARY_TEXT_LIMIT])
    facts.truncated = True


_EntityOrChannel = TypeVar("_EntityOrChannel", Entity, Channel)


def _short(whole: _EntityOrChannel) -> _EntityOrChannel:
    return type(whole)(*(text and text[:SUMMARY_TEXT_LIMIT] for text in astuple(whole)))


def _cut_statuses(facts: EventFacts, statuses: list[str]) -> None:
    short = [status[:SUMMARY_TEXT_LIMIT] for status in statuses[:MAX_ENGAGEMENT_STATUSES]]
    if short != statuses:
        facts.engagement_statuses = short
        facts.truncated = True


def _cut_event_data(facts: EventFacts) -> None:
    whole = facts.event_data
    if len(jsontext.dumps(whole)) <= SUMMARY_EVENT_DATA_LIMIT:
        return
    facts.truncated = True
    room = SUMMARY_EVENT_DATA_LIMIT
    while True:
        facts.event_data = _fit(whole, room, _MAX_LEVELS).value
        # One lone surrogate makes all the rest be written escaped, so the whole can be longer than its parts.
        if len(jsontext.dumps(facts.event_data)) <= SUMMARY_EVENT_DATA_LIMIT:
            return
        room //= 2


class _Fit(NamedTuple):
    """What of a value fits, and the bytes of its JSON; no bytes when nothing does."""

    value: Any
    size: int


_NOTHING = _Fit(None, 0)


def _fit(value: object, room: int, levels: int) -> _Fit:
    if isinstance(value, str):
        return _fit_text(value, room)
    if isinstance(value, dict):
        return _fit_object(value if levels else {}, room, levels)
    if isinstance(value, list):
        return _fit_list(value if levels else [], room, levels)
    size = len(jsontext.dumps(value))
    return _Fit(value, size) if size <= room else _NOTHING


def _fit_text(whole: str, room: int) -> _Fit:
    text = whole[:SUMMARY_TEXT_LIMIT]
    if (size := len(jsontext.dumps(text))) <= room:
        return _Fit(text, size)
    fits = bisect_right(range(1, len(text)), room, key=lambda chars: len(jsontext.dumps(text[:chars])))
    return _Fit(text[:fits], len(jsontext.dumps(text[:fits]))) if fits else _NOTHING


def _fit_object(whole: dict[str, Any], room: int, levels: int) -> _Fit:
    """The leading keys that fit; the first that does not is the end."""
    kept: dict[str, Any] = {}
    used = len("{}")
    for key, value in whole.items():
        key_size = len(jsontext.dumps(key)) + len(":,")
        fit = _fit(value, room - used - key_size, levels - 1)
        if not fit.size:
            break
        kept[key] = fit.value
        used += key_size + fit.size
    return _Fit(kept, used) if used <= room else _NOTHING


def _fit_list(whole: list[Any], room: int, levels: int) -> _Fit:
    kept: list[Any] = []
    used = len("[]")
    for value in whole:
        fit = _fit(value, room - used - len(","), levels - 1)
        if not fit.size:
            break
        kept.append(fit.value)
        used += fit.size + len(",")
    return _Fit(kept, used) if used <= room else _NOTHING
