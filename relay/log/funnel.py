"""How far the messages in the log come: counted from the newest back, for as long as there is time."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable
from itertools import islice
from typing import Literal, TypeAlias

from relay.contract.filter import MessageFilter
from relay.contract.timeline import Funnel, FunnelCount, FunnelGroup, MessageTimeline, way_of
from relay.log import reader
from relay.log.purge import newest_entry
from relay.log.walk import Walk

By: TypeAlias = Literal["channel", "workflow"]

SECONDS = 1.5
"""How long messages are counted at most."""
MAX_GROUPS = 200
_TOGETHER = 256


def funnel(connection: sqlite3.Connection, *, filter_: MessageFilter, by: By | None, indexed: bool) -> Funnel:
    """Count the messages that match, all together and by channel or workflow."""
    with reader.snapshot(connection):
        upto = newest_entry(connection)
        walk = Walk(
            connection, "message", filter_.events.tree, now_us=filter_.now_us, indexed=indexed, seconds=SECONDS
        )
        whole = FunnelCount()
        parts: dict[str | None, FunnelCount] = defaultdict(FunnelCount)
        part_of = None if by is None else _VALUES[by]
        counted: set[str] = set()
        matches = walk.matches(upto + 1)
        while some := list(islice(matches, _TOGETHER)):
            new = [found for found in some if found.id not in counted]
            walk.load([found.id for found in new])
            for found in new:
                message = walk.timeline(found.id)
                if message is None or found.id in counted:
                    continue
                if filter_.speaks_of_messages and not walk.makes_listed(found, filter_):
                    continue
                counted.add(found.id)
                way = way_of(message)
                whole.add(way)
                if part_of is not None:
                    parts[part_of(message)].add(way)
            walk.forget()
    largest = sorted(parts.items(), key=lambda each: (-each[1].messages, each[0] or ""))[:MAX_GROUPS]
    return Funnel(
        upto=upto,
        messages=whole.messages,
        complete=not walk.last,
        steps=whole.steps(),
        groups=[FunnelGroup(value=value, messages=one.messages, steps=one.steps()) for value, one in largest],
    )


def _channel(message: MessageTimeline) -> str | None:
    return None if message.channel is None else message.channel.type


_VALUES: dict[By, Callable[[MessageTimeline], str | None]] = {
    "channel": _channel,
    "workflow": lambda message: message.workflow,
}
