"""How far the messages in the log come: counted from the newest back, for as long as there is time."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from relay.contract import jsontext
from relay.contract.events import Channel
from relay.contract.filter import MessageFilter
from relay.contract.timeline import STALL_AFTER_US, Funnel, FunnelCount, FunnelGroup, Way, way_by
from relay.log import reader
from relay.log.members import MOST
from relay.log.purge import newest_entry
from relay.log.walk import Found, Walk

By: TypeAlias = Literal["channel", "workflow"]

SECONDS = 1.5
"""How long messages are counted at most."""
MAX_GROUPS = 200
_TOGETHER = 256


class _Facts(msgspec.Struct, gc=False):
    """What is needed of an event."""

    type: str
    created_at: str | None
    channel: Channel | None
    workflow: str | None


class _Counted(NamedTuple):
    """A message on its way, and what it is counted under."""

    way: Way
    channel: str | None
    workflow: str | None


_decode = msgspec.json.Decoder(_Facts).decode
_VALUES: dict[By, Callable[[_Counted], str | None]] = {
    "channel": lambda counted: counted.channel,
    "workflow": lambda counted: counted.workflow,
}


def funnel(
    connection: sqlite3.Connection,
    *,
    filter_: MessageFilter,
    by: By | None,
    indexed: bool,
    stall_after_us: int = STALL_AFTER_US,
) -> Funnel:
    """Count the messages that match, all together and by channel or workflow."""
    with reader.snapshot(connection):
        upto = newest_entry(connection)
        walk = Walk(
            connection,
            "message",
            filter_.events.tree,
            now_us=filter_.now_us,
            indexed=indexed,
            seconds=SECONDS,
            stall_after_us=stall_after_us,
        )
        whole = FunnelCount()
        parts: dict[str | None, FunnelCount] = defaultdict(FunnelCount)
        for counted in _messages(walk, filter_, upto):
            whole.add(counted.way)
            if by is not None:
                parts[_VALUES[by](counted)].add(counted.way)
    largest = sorted(parts.items(), key=lambda each: (-each[1].messages, each[0] or ""))[:MAX_GROUPS]
    return Funnel(
        upto=upto,
        messages=whole.messages,
        complete=not walk.last and walk.members.complete,
        steps=whole.steps(),
        groups=[FunnelGroup(value=value, messages=one.messages, steps=one.steps()) for value, one in largest],
    )


def _messages(walk: Walk, filter_: MessageFilter, upto: int) -> Iterator[_Counted]:
    """Each message that matches, once."""
    counted: set[str] = set()
    matches = walk.matches(upto + 1)
    while some := list(islice(matches, _TOGETHER)):
        new = [found for found in some if found.id not in counted]
        if filter_.speaks_of_messages:
            walk.load([found.id for found in new])
            new = [found for found in new if walk.makes_listed(found, filter_)]
        counted.update(found.id for found in new)
        yield from _counted(walk, new)
        walk.forget()


def _counted(walk: Walk, some: Sequence[Found]) -> Iterator[_Counted]:
    seqs = {found.id: walk.seqs(found.id)[-MOST:] for found in some}
    facts = walk.members.facts(seq for mine in seqs.values() for seq in mine)
    for mine in seqs.values():
        events = [_read(facts[seq]) for seq in mine if seq in facts]
        channel = next((event.channel for event in reversed(events) if event.channel and event.channel.type), None)
        yield _Counted(
            way_by(((event.type, event.created_at) for event in events), channel),
            None if channel is None else channel.type,
            next((event.workflow for event in reversed(events) if event.workflow is not None), None),
        )


def _read(facts: bytes) -> _Facts:
    try:
        return _decode(facts)
    except (msgspec.MsgspecError, ValueError):  # lone surrogates
        return msgspec.convert(jsontext.loads(facts), _Facts)
