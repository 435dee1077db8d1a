"""The values that an event has by name, read from its summary for the index: what filters by name compare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import chain
from operator import attrgetter

import msgspec

from relay.contract.filter.terms import TERMS
from relay.contract.filter.times import time_us
from relay.contract.knock import object_of, text_of
from relay.log.sparse import sparse
from relay.log.stored import StoredEvent

NAMES: dict[str, int] = {
    name: number
    for number, name in enumerate(
        (
            "type",
            "recipient",
            "workflow",
            "channel",
            "provider",
            "tenant",
            "status",
            "engagement",
            "message",
            "run",
            "recipient_run",
            "env",
            "endpoint",
            "commit",
        ),
        2,
    )
}
"""The names in the index, each with the word that every event has which has the name."""
MANY = frozenset({"recipient", "channel", "engagement"})
"""Names of which one event may have several values."""


class _Channel(msgspec.Struct, gc=False):
    id: str | None = None
    type: str | None = None
    provider: str | None = None
    key: str | None = None


class _Summary(msgspec.Struct, gc=False):
    """What is needed of a summary; the rest is skipped."""

    recipient: str | None
    workflow: str | None
    channel: _Channel | None
    tenant: str | None
    status: str | None
    engagement_statuses: list[str] | None
    message_id: str | None
    workflow_run_id: str | None
    workflow_recipient_run_id: str | None
    environment_id: str | None
    endpoint: str | None
    created_at: str | None
    truncated: bool


_USUAL = len("2026-11-23T10:42:00.123456Z")
_decode = msgspec.json.Decoder(_Summary).decode
_fields: dict[str, str] = {
    "workflow": "workflow",
    "tenant": "tenant",
    "status": "status",
    "message": "message_id",
    "run": "workflow_run_id",
    "recipient_run": "workflow_recipient_run_id",
    "env": "environment_id",
    "endpoint": "endpoint",
}
_texts: Callable[[_Summary], tuple[str | None, ...]] = attrgetter(*_fields.values())
_recipient_id = sparse([("data", "recipient", "id")])
_commit_id = sparse([("event_data", "commit_id")])


class Values:
    """The values of some events, each with the places of the events that have it, ascending.

    `whole` gives the event at a place, for where its summary does not tell enough. `unclear` are the places of
    those with a value that is no text, `valueless` of those that have a name and none of its values.
    """

    def __init__(self, whole: Callable[[int], StoredEvent]) -> None:
        self._whole = whole
        self.by_name: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in NAMES}
        self.places: list[int] = []
        self.unclear: list[int] = []
        self.valueless: dict[str, list[int]] = defaultdict(list)
        self._created: set[str] = set()
        self._of_fields = tuple(self.by_name[name] for name in _fields)
        self._types = self.by_name["type"]
        self._recipients = self.by_name["recipient"]
        self._channels = self.by_name["channel"]
        self._providers = self.by_name["provider"]

    def add(self, place: int, kind: str, facts: bytes) -> None:
        """Read an event's type and summary."""
        self.places.append(place)
        self._types[kind].append(place)
        try:
            summary = _decode(facts)
        except (msgspec.MsgspecError, ValueError):  # lone surrogates
            summary = None
        if summary is None or summary.truncated or (b'"commit_id"' in facts and not self._commit(place, facts)):
            self._closely(place, self._whole(place))
            return
        if summary.created_at is not None:
            self._created.add(summary.created_at)
        for values, text in zip(self._of_fields, _texts(summary), strict=True):
            if text is not None:
                values[text].append(place)
        if summary.recipient is not None:
            self._recipient(place, summary.recipient)
        if summary.channel is not None:
            self._channel(place, summary.channel)
        if summary.engagement_statuses:
            self._add("engagement", place, summary.engagement_statuses)
        elif summary.engagement_statuses is not None:
            self.valueless["engagement"].append(place)

    def present(self, name: str) -> list[int]:
        """The places of the events that have a name, ascending."""
        there = chain(self.valueless.get(name, ()), chain.from_iterable(self.by_name[name].values()))
        return sorted(set(there) if name in MANY else there)

    def created(self) -> list[int]:
        """When events were created that say so, or the first and the last of these, in microseconds."""
        # Times of Knock's own form are in the order of their texts, so two of them are enough.
        usual = [text for text in self._created if len(text) == _USUAL and text[10] == "T" and text[-1] == "Z"]
        ends = [time_us(text) for text in (min(usual), max(usual))] if usual else []
        if None in ends:
            return [us for text in self._created if (us := time_us(text)) is not None]
        others = [time_us(text) for text in self._created.difference(usual)]
        return [us for us in ends + others if us is not None]

    def _commit(self, place: int, facts: bytes) -> bool:
        """False where there is one that is no text."""
        commit = object_of(_commit_id(facts).get("event_data")).get("commit_id")
        if isinstance(commit, str):
            self.by_name["commit"][commit].append(place)
            return True
        return commit is None

    def _recipient(self, place: int, recipient: str) -> None:
        self._recipients[recipient].append(place)
        if "/" in recipient:
            data = object_of(_recipient_id(self._whole(place).body).get("data"))
            alone = text_of(object_of(data.get("recipient")).get("id"))
            if alone is not None:
                self._recipients[alone].append(place)

    def _channel(self, place: int, channel: _Channel) -> None:
        kind, key, id_ = channel.type, channel.key, channel.id
        if kind is not None:
            self._channels[kind].append(place)
        if key is not None and key != kind:
            self._channels[key].append(place)
        if id_ is not None and id_ != kind and id_ != key:
            self._channels[id_].append(place)
        if channel.provider is not None:
            self._providers[channel.provider].append(place)

    def _add(self, name: str, place: int, texts: list[str]) -> None:
        values = self.by_name[name]
        for text in texts if len(texts) == 1 else set(texts):
            values[text].append(place)

    def _closely(self, place: int, event: StoredEvent) -> None:
        """Read the values by the terms of the language themselves."""
        if event.summary.created_at is not None:
            self._created.add(event.summary.created_at)
        for name in NAMES.keys() - {"type"}:
            value = TERMS[name].read(event)
            if value is None:
                continue
            values = value if isinstance(value, list) else [value]
            texts = [each for each in values if isinstance(each, str)]
            if len(texts) < len(values):
                self.unclear.append(place)
            self._add(name, place, texts)
            if not texts:
                self.valueless[name].append(place)
