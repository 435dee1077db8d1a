"""The WebSocket shell around a session: reads the log for it, at the pace at which the viewer takes frames."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from relay.contract import frames, jsontext
from relay.contract.chosen import types_of
from relay.contract.filter import Filter, FilterError, parse
from relay.hub import Hub
from relay.ingest import Receive, Scope, Send
from relay.leases import AlreadyForwarded, Leases, NoTarget
from relay.log.base import LogError, NoSuchEvent, Slice, TrimmedEvent
from relay.log.sqlite import SqliteLog
from relay.session import Session, Standing, summary_of
from relay.sharing import Sharing

PATH = "/v1/stream"
_PARAMETERS = frozenset({"after", "filter", "types", "type", "view", "forwarding", "force", "forwarder"})
_INLINE = 256 << 10
"""Bytes of bodies that a filter may look at in the loop's thread; more go to a reader thread."""

log = logging.getLogger(__name__)

Given: TypeAlias = Mapping[str, list[str]]
"""The parameters of a query."""


class BadRequest(ValueError):
    """Parameters that the stream does not take; `problem` is what the answer says."""

    def __init__(self, detail: str, **fields: Any) -> None:
        super().__init__(detail)
        self.problem = {"title": "Bad request", "status": 400, "detail": detail, **fields}


class Stream:
    """The ASGI application for the stream; the token and the origin have been checked already."""

    def __init__(
        self,
        log: SqliteLog,
        hub: Hub,
        *,
        relay: Callable[[], frames.RelayFacts],
        standing: Callable[[], Standing],
        leases: Leases,
        clock: Callable[[], int],
    ) -> None:
        self._log = log
        self._hub = hub
        self._sharing = Sharing(hub)
        self._relay = relay
        self._standing = standing
        self._leases = leases
        self._clock = clock
        self._stopping = asyncio.Event()
        self._running: set[asyncio.Task[Any]] = set()

    @property
    def viewers(self) -> int:
        return len(self._running)

    async def stop(self, seconds: float) -> None:
        """Tell every viewer that the relay is stopping, and give them so long to hear it."""
        self._stopping.set()
        self._hub.wake()
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        try:
            given = _given(scope["query_string"])
            session, view = self._session(given)
            with self._lease(given):
                await self._run(session, view, receive, send)
        except BadRequest as error:
            await refuse(send, 400, error.problem)
        except NoTarget as error:
            await refuse(send, 400, BadRequest(str(error)).problem)
        except AlreadyForwarded as error:
            await refuse(send, 409, {"title": "Already forwarded", "status": 409, "detail": str(error)})

    def _lease(self, given: Given) -> AbstractContextManager[None]:
        """The place of a stream that forwards, for as long as it is connected."""
        force = given.get("force", ["0"])[-1]
        if force not in ("0", "1"):
            raise BadRequest("force is 1 or 0")
        if "forwarding" not in given:
            return nullcontext()
        return self._leases.held(given["forwarding"][-1], given.get("forwarder", [None])[-1], force=force == "1")

    async def _run(self, session: Session, view: str, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - an ASGI application runs in a task
        self._running.add(task)
        try:
            await self._serve(session, view, receive, send)
        except OSError:
            pass  # the viewer went away while a frame was on its way: it resumes when it comes back
        finally:
            self._running.discard(task)

    def _session(self, given: Given) -> tuple[Session, str]:
        view = given.get("view", ["summary"])[-1]
        if view not in ("summary", "full"):
            raise BadRequest("view is summary or full")
        after = given.get("after", [None])[-1]
        if after is not None and not (after.isascii() and after.isdigit() and len(after) <= 18):
            raise BadRequest("after is a seq")
        filter_ = _parsed(given.get("filter", [""])[-1])
        types = types_of(given.get("types", ()), given.get("type", ()))
        if after is None:
            cursor = self._log.last_seq
        elif int(after) == 0:
            cursor = self._log.first_seq - 1  # the oldest kept, and nothing is missing before it
        else:
            cursor = min(int(after), self._log.last_seq)
        return Session(after=cursor, filter_=filter_, types=types), view

    async def _serve(self, session: Session, view: str, receive: Receive, send: Send) -> None:
        with self._hub.listen() as changed:
            hello = session.hello(
                log=self._log.log_id,
                first_seq=self._log.oldest_seq,
                last_seq=self._log.last_seq,
                relay=self._relay(),
            )
            await _send(send, hello)
            inbox: asyncio.Queue[frames.SetFilter | frames.Error | None] = asyncio.Queue(maxsize=16)
            listener = asyncio.create_task(_listen(receive, inbox, changed))
            try:
                await self._feed(session, view, send, inbox, changed)
            except LogError as error:
                log.warning("a viewer's stream ended: %s", error)
                await _send(send, frames.encode(frames.Error(code="internal", message="the log can't be read")))
                await send({"type": "websocket.close", "code": 1011})
            finally:
                listener.cancel()
                await asyncio.gather(listener, return_exceptions=True)

    async def _feed(
        self,
        session: Session,
        view: str,
        send: Send,
        inbox: asyncio.Queue[frames.SetFilter | frames.Error | None],
        changed: asyncio.Event,
    ) -> None:
        loop = asyncio.get_running_loop()
        beaten = 0.0
        while True:
            changed.clear()
            if self._stopping.is_set():
                await _send(send, frames.encode(frames.Error(code="stopping", message="the relay is stopping")))
                await send({"type": "websocket.close", "code": 1001})
                return
            while not inbox.empty():
                request = inbox.get_nowait()
                if request is None:
                    return
                await _send(send, self._answer(session, request))
            if session.cursor < self._log.last_seq or session.cursor + 1 < self._log.first_seq:
                found = await self._log.read(
                    session.cursor, limit=frames.MAX_ITEMS, full=session.needs_bodies or view == "full"
                )
                for frame in await self._frames(session, view, found):
                    await _send(send, frame)
            standing = self._standing()
            now = loop.time()
            if session.must_beat(standing) or now - beaten >= frames.HEARTBEAT_SECONDS:
                beaten = now
                await _send(send, session.beat(standing, self._clock()))
            if session.cursor < self._log.last_seq:
                await asyncio.sleep(0)
                continue
            await _wait(changed, beaten + frames.HEARTBEAT_SECONDS - now)

    async def _frames(self, session: Session, view: str, found: Slice) -> list[bytes]:
        if view == "full":
            seqs = sorted({event.seq for _, event in found.entries})
            try:
                details = await self._log.details(seqs, max_bytes=frames.MAX_BYTES - 64)
            except (NoSuchEvent, TrimmedEvent):
                # Retention was quicker: what is left is read again, and the gap told.
                return []
            return session.take(found, lambda event: details[event.seq])
        looked_at = sum(len(event.body) for _, event in found.entries) if session.needs_bodies else 0
        if looked_at <= _INLINE:
            return self._sharing.take(session, found, lambda: session.take(found, summary_of))
        return await self._log.run_in_reader(lambda _: session.take(found, summary_of))

    def _answer(self, session: Session, request: frames.SetFilter | frames.Error) -> bytes:
        if isinstance(request, frames.Error):
            return frames.encode(request)
        try:
            filter_ = parse(request.filter)
        except FilterError as error:
            problem = frames.Error(code="bad-filter", message=error.message, column=error.column, id=request.id)
            return frames.encode(problem)
        return session.set_filter(request, filter_)


def _given(query: bytes) -> Given:
    try:
        given = parse_qs(query.decode("ascii"), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError):
        raise BadRequest("the query is not percent-encoded UTF-8") from None
    unknown = sorted(given.keys() - _PARAMETERS)
    if unknown:
        raise BadRequest(f"unknown parameter {unknown[0]}")
    return given


def _parsed(text: str) -> Filter:
    try:
        return parse(text)
    except FilterError as error:
        raise BadRequest(error.message, title="The filter does not parse", **filter_problem(error)) from None


def filter_problem(error: FilterError) -> dict[str, Any]:
    """The fields with which an answer says where a filter is wrong."""
    return {
        "column": error.column,
        "length": error.length,
        "expected": list(error.expected),
        "suggestion": error.suggestion,
    }


async def _listen(
    receive: Receive, inbox: asyncio.Queue[frames.SetFilter | frames.Error | None], changed: asyncio.Event
) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            # Whatever else waits, the feed has to end: make room for the word.
            while inbox.full():
                inbox.get_nowait()
            inbox.put_nowait(None)
            changed.set()
            return
        try:
            request: frames.SetFilter | frames.Error = frames.decode_client(
                message.get("text") or message.get("bytes") or b""
            )
        except frames.FrameError as error:
            request = frames.Error(code="bad-frame", message=str(error))
        await inbox.put(request)
        changed.set()


async def _wait(changed: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(max(seconds, 0.0)):
            await changed.wait()
    except TimeoutError:
        pass


async def _send(send: Send, frame: bytes) -> None:
    await send({"type": "websocket.send", "text": frame.decode("utf-8")})


async def refuse(send: Send, status: int, problem: dict[str, Any]) -> None:
    """Answer with a problem instead of the upgrade."""
    body = jsontext.dumps(problem)
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", b"%d" % len(body))]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
