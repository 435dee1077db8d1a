"""Purge: events and quarantined requests that somebody picked leave the log's file for good.

A purge is not told to viewers event by event. What they show they have been sent already, and no frame calls it
back: it is gone when they read it anew, and a purged seq answers 410 as a trimmed one does. Where everything up to
a seq is gone, a viewer that had not come so far is told of one gap, with `purge` as its reason. A gap for each
single event would claim ranges in which later facts about other events still are.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from relay.contract import jsontext
from relay.contract.api import Purged
from relay.contract.filter import Filter
from relay.contract.readings import EarlierMessages
from relay.contract.signature import Check, check
from relay.draft import NoEnvelope, draft_of, envelope
from relay.log.base import Held
from relay.log.sqlite import SqliteLog
from relay.log.stored import StoredEvent
from relay.quarantine import Quarantine, request_of
from relay.secretstore import SecretStore

log = logging.getLogger(__name__)

NEVER_US = 1 << 62
"""Later than anything arrives, in microseconds since the epoch."""


class Purge:
    """Finds and removes, one purge at a time. `file` is the log's."""

    def __init__(self, log_: SqliteLog, quarantine: Quarantine, secrets: SecretStore, file: Path) -> None:
        self._log = log_
        self._quarantine = quarantine
        self._secrets = secrets
        self._file = file
        self._lock = asyncio.Lock()

    async def run(self, filter_: Filter, *, before_us: int = NEVER_US, dry_run: bool) -> Purged:
        """Remove what matches and arrived before a time, or with `dry_run` only count it. Raises `LogError`.

        A request in quarantine matches as the event would that it is not yet; one that is no event at all has only
        headers and a body.
        """
        async with self._lock:
            seqs = await self._log.matching(types=None, filter_=filter_, before_us=before_us)
            held = await self._quarantine.matching(self._condition(filter_, before_us))
            if dry_run:
                return Purged(events=len(seqs), quarantined=len(held), dry_run=True)
            return await self._remove(seqs, held)

    def _condition(self, filter_: Filter, before_us: int) -> Callable[[Held], bool]:
        def holds(row: Held) -> bool:
            if row.received_us >= before_us:
                return False
            return filter_.tree is None or filter_.matches(self._as_event(row))

        return holds

    async def _remove(self, seqs: Sequence[int], held: Sequence[int]) -> Purged:
        quarantined = await self._quarantine.purge(held)
        events = await self._log.purge(seqs)
        compacted, erased = await self._log.compact()
        # Not what was asked for: a filter may hold the very name that was to go.
        log.info("purged %d events and %d requests in quarantine", events, quarantined)
        copies = sorted(path.name for path in self._file.parent.glob(f"{self._file.name}.*.bak"))
        return Purged(events=events, quarantined=quarantined, erased=erased, compacted=compacted, copies=copies)

    def _as_event(self, row: Held) -> StoredEvent:
        request = request_of(row)
        found = check(
            request.header(b"x-knock-signature"),
            row.body,
            self._secrets.fitting(row.endpoint),
            row.received_us // 1_000,
        )
        try:
            payload = envelope(row.body)
        except NoEnvelope:
            return _no_event(row, found)
        # No memory of other messages: what a stranger posted must not speak about them.
        draft = draft_of(request, payload, found, EarlierMessages(1))
        return _stored(row, draft.type, found, draft.summary)


def _no_event(row: Held, found: Check) -> StoredEvent:
    nothing = {"type": "", "data": {}}
    facts = draft_of(request_of(row), nothing, found, EarlierMessages(1)).summary
    event = _stored(row, "", found, facts)
    try:
        event.payload = jsontext.loads(row.body)
    except jsontext.JsonError:
        event.payload = nothing
    return event


def _stored(row: Held, kind: str, found: Check, facts: bytes) -> StoredEvent:
    return StoredEvent(
        seq=0,
        type=kind,
        received_us=row.received_us,
        endpoint=row.endpoint,
        verdict=found.verdict,
        facts=facts,
        raw_headers=row.headers,
        raw_body=row.body,
    )
