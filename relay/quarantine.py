"""What did not verify: bounded, diagnosed, admitted once a secret fits."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from relay.contract import jsontext
from relay.contract.api import QuarantineItem, QuarantinePage
from relay.contract.moments import rfc3339
from relay.contract.readings import EarlierMessages
from relay.contract.signature import check, diagnose
from relay.draft import NoEnvelope, Request, draft_of, envelope, header_json
from relay.log import reader
from relay.log.base import Declined, Held, Receipt
from relay.log.held import (
    MAX_REQUESTS,
    Arrival,
    count,
    expire,
    hold,
    next_held,
    overwrite,
    take,
)
from relay.log.sqlite import SqliteLog
from relay.log.stored import masked
from relay.secretstore import SecretStore

MAX_ID = (1 << 63) - 1

NOT_AN_EVENT = "no-event"
NOT_VERIFIED = "not-verified"


class NotHeld(Exception):
    """No request in quarantine has this id."""


class _Found(NamedTuple):
    """Why a request is held, what is wrong, what to change, and the text that was signed."""

    reason: str
    detail: str
    remedy: str
    signed_string: str | None
    was_signed: str | None = None


class Quarantine:
    """The requests kept aside in the log's file, apart from the events.

    `changed` is called when the number held changes.
    """

    def __init__(
        self,
        log: SqliteLog,
        secrets: SecretStore,
        earlier: EarlierMessages,
        *,
        clock: Callable[[], int],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._log = log
        self._secrets = secrets
        self._earlier = earlier
        self._clock = clock
        self._changed = changed
        self.held = 0
        self._diagnoses: dict[int, tuple[object, _Found]] = {}

    async def load(self) -> None:
        """Count what is held; to be called once before anything else."""
        self.held = await self._log.run_in_reader(count)

    async def hold(self, request: Request, reason: str) -> None:
        """Keep a request. Raises `QuarantineFull`, or `NotDurable`."""
        headers = header_json(request.headers)
        fingerprint = hashlib.blake2b(digest_size=16)
        for part in ((request.endpoint or "").encode(), (request.header(b"x-knock-signature") or "").encode()):
            fingerprint.update(b"%d:%b" % (len(part), part))
        fingerprint.update(request.body)
        arrival = Arrival(
            fingerprint.digest(),
            request.received_us,
            request.endpoint,
            request.remote,
            reason,
            headers,
            request.body,
        )
        self._note(await self._log.write(partial(hold, arrival=arrival, now_us=self._clock())))

    def _note(self, held: int) -> None:
        if held != self.held:
            self.held = held
            self._changed()

    async def page(self, *, before: int | None, limit: int) -> QuarantinePage:
        """Requests held, newest first, each with its diagnosis."""

        def read(connection: sqlite3.Connection) -> QuarantinePage:
            # A diagnosis may try many ways to sign a large body: that is no work for the loop's thread.
            rows = reader.held(connection, before=before, limit=limit + 1)
            return QuarantinePage(
                items=[self._item(row) for row in rows[:limit]],
                next=rows[limit - 1].id if len(rows) > limit else None,
                held=self.held,
                limit=MAX_REQUESTS,
            )

        return await self._log.run_in_reader(read)

    def _item(self, row: Held) -> QuarantineItem:
        found = self._diagnosed(row)
        return QuarantineItem(
            id=row.id,
            received_at=rfc3339(row.received_us),
            count=row.count,
            endpoint=row.endpoint,
            headers=masked(row.headers),
            size=len(row.body),
            reason=found.reason,
            detail=found.detail,
            remedy=found.remedy,
            signed_string=found.signed_string,
            was_signed=found.was_signed,
        )

    def _diagnosed(self, row: Held) -> _Found:
        """The diagnosis of a request; it costs milliseconds, and holds as long as the secrets are the same."""
        basis = (self._secrets.fitting(row.endpoint), self._secrets.others(row.endpoint))
        known = self._diagnoses.get(row.id)
        if known is None or known[0] != basis:
            if len(self._diagnoses) >= MAX_REQUESTS:
                self._diagnoses.clear()
            known = self._diagnoses[row.id] = (basis, self._diagnose(row))
        return known[1]

    def _diagnose(self, row: Held) -> _Found:
        request = request_of(row)
        try:
            envelope(row.body)
        except NoEnvelope as error:
            if row.reason == NOT_AN_EVENT:
                remedy = "it is signed with your secret: another of Knock's calls may point at this address"
                return _Found(NOT_AN_EVENT, str(error), remedy, None)
        found = diagnose(
            request.header(b"x-knock-signature"),
            row.body,
            self._secrets.fitting(row.endpoint),
            row.received_us // 1_000,
            others=self._secrets.others(row.endpoint),
        )
        return _Found(found.reason.value, found.detail, found.remedy, found.signed_string, found.was_signed)

    async def body(self, held_id: int) -> bytes:
        """The bytes of a request exactly as received. Raises `NotHeld`."""
        return (await self._held(held_id)).body

    async def _held(self, held_id: int) -> Held:
        row = None
        if 0 < held_id <= MAX_ID:
            row = await self._log.run_in_reader(partial(reader.held_one, held_id=held_id))
        if row is None:
            raise NotHeld(f"no request in quarantine has id {held_id}")
        return row

    async def admit(self, held_id: int) -> Receipt:
        """Make an event of a request by hand, with the verdict as it is. Raises `NotHeld`, or `NoEnvelope`."""
        receipt = await self._admit(await self._held(held_id))
        if receipt is None:
            raise NotHeld(f"no request in quarantine has id {held_id}")
        return receipt

    async def _admit(self, row: Held) -> Receipt | None:
        request = request_of(row)
        payload = envelope(row.body)
        found = check(
            request.header(b"x-knock-signature"),
            row.body,
            self._secrets.fitting(row.endpoint),
            row.received_us // 1_000,
        )
        draft = draft_of(request, payload, found, self._earlier)
        try:
            receipt = await self._log.append(draft, only_if=partial(take, held_id=row.id))
        except Declined:
            return None
        self._note(await self._log.run_in_reader(count))
        return receipt

    async def admit_fitting(self, *, at_start: bool = False) -> int:
        """Admit every request that verifies by now, the oldest first; how many that were."""
        if not at_start:
            # What was checked with the secrets of a moment ago may still be on its way into quarantine.
            await self._log.write(count)
        admitted = 0
        after = 0
        while True:
            rows = await self._log.run_in_reader(partial(next_held, after=after))
            if not rows:
                return admitted
            for row in rows:
                after = row.id
                if self._verifies(row) and row.reason == NOT_VERIFIED and await self._admit(row) is not None:
                    admitted += 1

    def _verifies(self, row: Held) -> bool:
        secrets = self._secrets.fitting(row.endpoint)
        header = request_of(row).header(b"x-knock-signature")
        return check(header, row.body, secrets, row.received_us // 1_000).verdict.authentic

    async def discard(self, held_id: int) -> None:
        """Forget a request. Raises `NotHeld`."""
        if not 0 < held_id <= MAX_ID or not await self._log.write(partial(take, held_id=held_id)):
            raise NotHeld(f"no request in quarantine has id {held_id}")
        self._note(await self._log.run_in_reader(count))

    async def matching(self, holds: Callable[[Held], bool]) -> list[int]:
        """The ids of the requests for which a condition holds, ascending."""

        def run(connection: sqlite3.Connection) -> list[int]:
            found: list[int] = []
            after = 0
            while rows := next_held(connection, after):
                found += [row.id for row in rows if holds(row)]
                after = rows[-1].id
            return found

        return await self._log.run_in_reader(run)

    async def purge(self, ids: Sequence[int]) -> int:
        """Forget some requests and overwrite what was kept of them; how many there were."""
        gone = await self._log.write(partial(overwrite, ids=ids))
        for held_id in ids:
            self._diagnoses.pop(held_id, None)
        self._note(await self._log.run_in_reader(count))
        return gone

    async def expire(self) -> None:
        """Forget what is older than seven days."""
        self._note(await self._log.write(partial(expire, now_us=self._clock())))


def request_of(row: Held) -> Request:
    """A request in quarantine as it arrived."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in jsontext.loads(row.headers)]
    return Request(row.endpoint, headers, row.body, row.remote, row.received_us)
