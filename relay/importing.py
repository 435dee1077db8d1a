"""Events from a file: lines of NDJSON as an export writes them, read as they come, each made durable on its own.

What is counted is on disk. A line that is no event is named with what is wrong with it, and the others go on.
"""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import NamedTuple

from msgspec.structs import replace

from relay.contract.api import is_endpoint
from relay.contract.events import Verdict
from relay.contract.exported import (
    MAX_LINE,
    Imported,
    ImportedEvent,
    NotALine,
    RefusedLine,
    body_of,
    read_line,
)
from relay.contract.moments import microseconds
from relay.contract.readings import EarlierMessages
from relay.contract.signature import check
from relay.contract.text import plain
from relay.draft import NoEnvelope, Request, draft_of, envelope
from relay.ingest import MAX_BODY
from relay.log.base import Draft, LogError, NotDurable
from relay.log.commit import Job
from relay.log.imported import imported_mark
from relay.log.sqlite import SqliteLog
from relay.secretstore import SecretStore

REFUSED = 100
"""Lines that are named; of the others it is told how many they are."""
MAX_HEADERS = 256 << 10
"""Bytes that the headers of one event may have."""
AT_ONCE = 2
"""Imports that are read at the same time; others wait."""
EARLIER_MESSAGES = 20_000
READ_SECONDS = 30.0
"""How long the next bytes may take to come."""

_WAITING = 512
_WAITING_BYTES = 8 << 20
_SLICE_S = 0.002
_HEAVY = 256 << 10
"""Bytes of a line that is looked at away from the loop."""
_TEXT_LIMIT = 300
_YEAR_10000_US = 253_402_300_800_000_000


class Slow(Exception):
    """Whoever sends stopped in the middle."""


class Broken(Exception):
    """It could not be gone on with; what was counted until then is on disk."""

    def __init__(self, why: str, done: Imported) -> None:
        super().__init__(why)
        self.done = done


class Importing:
    """Takes lines into a log. `clock` gives microseconds since the epoch."""

    def __init__(self, log: SqliteLog, secrets: SecretStore, *, clock: Callable[[], int]) -> None:
        self._log = log
        self._secrets = secrets
        self._clock = clock
        self._free = asyncio.Semaphore(AT_ONCE)
        # Not the one of what arrives: a file tells of other messages, and so many that it would forget those.
        self._earlier = EarlierMessages(EARLIER_MESSAGES)

    async def run(self, chunks: AsyncIterable[bytes]) -> Imported:
        """Import all lines, and say what came of them. Raises `Slow` and `Broken`."""
        async with self._free:
            appending = _Appending(self._log)
            try:
                await self._take(chunks, appending)
                await appending.finish()
            except LogError as error:
                await appending.settle()
                raise Broken(str(error), appending.done) from None
            return appending.done

    async def _take(self, chunks: AsyncIterable[bytes], appending: _Appending) -> None:
        loop = asyncio.get_running_loop()
        done = appending.done
        begun = loop.time()
        async for line in _lines(chunks):
            done.lines += 1
            try:
                draft = await self._draft(line)
            except NotALine as error:
                _refuse(done, plain(str(error), _TEXT_LIMIT))
            else:
                if draft is not None:
                    await appending.add(draft)
            if loop.time() - begun >= _SLICE_S:
                # What arrives from Knock meanwhile comes first.
                await asyncio.sleep(0)
                begun = loop.time()

    async def _draft(self, line: _Line) -> Draft | None:
        if line.text is None:
            raise NotALine(f"it is longer than {MAX_LINE >> 20} MiB")
        if not line.text.strip():
            return None
        try:
            if len(line.text) < _HEAVY:
                return self._made(line.text)
            return await asyncio.to_thread(self._made, line.text)
        except NotALine as error:
            if line.is_whole:
                raise
            raise NotALine(f"the file ends in the middle of it; {error}") from None

    def _made(self, line: bytes) -> Draft:
        """The draft of a line. Raises `NotALine`."""
        # An editor may have begun the file with a mark of its own.
        event = read_line(line.removeprefix(codecs.BOM_UTF8))
        body = body_of(event)
        if len(body) > MAX_BODY:
            raise NotALine(f"the body is over {MAX_BODY >> 20} MiB")
        request = Request(_endpoint(event), _headers(event), body, None, _received_us(event))
        try:
            payload = envelope(body)
        except NoEnvelope as error:
            raise NotALine(str(error)) from None
        # By the time of receipt: an event does not grow stale in a file.
        found = check(
            request.header(b"x-knock-signature"),
            body,
            self._secrets.fitting(request.endpoint),
            request.received_us // 1_000,
        )
        said = _verdict(event)
        if found.verdict is Verdict.STALE and said is Verdict.VERIFIED:
            # It is signed by us, and came once more in time: that delivery is not in the file.
            found = found._replace(verdict=said)
        draft = draft_of(request, payload, found, self._earlier)
        return replace(draft, imported=imported_mark(self._clock(), said))


def _refuse(done: Imported, why: str) -> None:
    done.refused_count += 1
    if len(done.refused) < REFUSED:
        done.refused.append(RefusedLine(line=done.lines, why=why))


def _endpoint(event: ImportedEvent) -> str | None:
    if event.endpoint is not None and not is_endpoint(event.endpoint):
        raise NotALine("`endpoint` should be [a-z0-9-]{1,64}, or null")
    return event.endpoint


def _headers(event: ImportedEvent) -> list[tuple[bytes, bytes]]:
    try:
        # In lower case, as they are when they arrive.
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in event.headers]
    except UnicodeEncodeError:
        raise NotALine("`headers` hold a character that no header can have") from None
    if sum(len(name) + len(value) for name, value in headers) > MAX_HEADERS:
        raise NotALine(f"`headers` are over {MAX_HEADERS >> 10} KiB")
    return headers


def _received_us(event: ImportedEvent) -> int:
    found = microseconds(event.received_at)
    if found is None or not 0 <= found < _YEAR_10000_US:
        raise NotALine("`received_at` is no time such as 2026-11-23T10:42:00Z")
    return found


def _verdict(event: ImportedEvent) -> Verdict | None:
    """What the file says; what a later version may say there is nothing to keep."""
    return Verdict(event.verdict) if event.verdict in set(Verdict) else None


class _Line(NamedTuple):
    """A line without its end; None in place of one that is too long. The last one may have been cut."""

    text: bytes | None
    is_whole: bool = True


async def _lines(chunks: AsyncIterable[bytes]) -> AsyncIterator[_Line]:
    held: list[bytes] = []
    size = 0
    async for chunk in _promptly(chunks):
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            size += len(part)
            yield _Line(None if size > MAX_LINE else b"".join([*held, part]))
            held, size = [], 0
        size += len(rest)
        if size > MAX_LINE:
            held = []
        elif rest:
            held.append(rest)
    if size:
        yield _Line(None if size > MAX_LINE else b"".join(held), is_whole=False)


async def _promptly(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    following = aiter(chunks)
    while True:
        try:
            async with asyncio.timeout(READ_SECONDS):
                chunk = await anext(following)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Slow from None
        yield chunk


class _Appending:
    """Drafts on their way to the disk, no more of them than fit in memory, and what came of the others."""

    def __init__(self, log: SqliteLog) -> None:
        self._log = log
        self._waiting = self._bytes = 0
        self._moved = asyncio.Event()
        self._error: Exception | None = None
        self.done = Imported()

    async def add(self, draft: Draft) -> None:
        """Hand a draft over. Raises what became of an earlier one."""
        while True:
            self._check()
            has_room = not self._waiting or (self._waiting < _WAITING and self._bytes < _WAITING_BYTES)
            if has_room and self._log.append_soon(draft, self._appended):
                self._waiting += 1
                self._bytes += len(draft.body)
                return
            if not self._waiting and not self._log.is_writable:
                raise NotDurable("the log takes nothing more")
            await self._move()

    async def finish(self) -> None:
        """Wait for all of them. Raises what became of one."""
        await self.settle()
        self._check()

    async def settle(self) -> None:
        """Wait until it is known what came of all of them."""
        while self._waiting:
            await self._move()

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    async def _move(self) -> None:
        self._moved.clear()
        if self._waiting:
            await self._moved.wait()
        else:
            await asyncio.sleep(_SLICE_S)

    def _appended(self, job: Job) -> None:
        assert job.draft is not None  # noqa: S101 - that is what was handed over
        self._waiting -= 1
        self._bytes -= len(job.draft.body)
        self._moved.set()
        if job.error is not None:
            self._error = job.error
        elif job.result.duplicate:
            self.done.duplicates += 1
        else:
            self.done.added += 1
