"""POST from Knock: read the bytes, bounded; check them; make a draft; answer once it is on disk.

A raw ASGI application, ahead of any routing: this is the path that has to be quick and has to be right.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Literal, TypeAlias

from relay.canned import Answer, CannedAnswers
from relay.contract import jsontext
from relay.contract.events import Verdict
from relay.contract.readings import EarlierMessages
from relay.contract.signature import check
from relay.draft import NoEnvelope, Request, draft_of, envelope
from relay.log.base import LogError
from relay.log.commit import Job
from relay.log.held import QuarantineFull
from relay.log.sqlite import SqliteLog
from relay.metrics import Metrics
from relay.quarantine import NOT_AN_EVENT, NOT_VERIFIED, Quarantine
from relay.secretstore import SecretStore

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PREFIX = "/webhooks/knock"
MAX_BODY = 5 << 20
"""Bytes that a body may have."""

HELD_BACK = "knocktop.held_back"
"""Stands in the scope of a request whose answer is held back."""

_PATH = re.compile(r"/webhooks/knock(?:/([a-z0-9-]{1,64}))?/?")
PATH_BYTES = re.compile(_PATH.pattern.encode())
"""An ingest path as it stands in a request; its group is the endpoint's name."""
_JSON = (b"content-type", b"application/json")
_PROBLEM = (b"content-type", b"application/problem+json")
_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_RETRY = (b"retry-after", b"5")

log = logging.getLogger(__name__)


class Gone(Exception):
    """The sender hung up before its body was whole."""


class TooLarge(Exception):
    """The body is over the cap."""


class Slow(Exception):
    """The body did not arrive in time."""


class Crowded(Exception):
    """Bodies that are still arriving take all the memory that they may."""


class Ingest:
    """Takes what Knock sends. `verify` says what happens to a request that doesn't verify."""

    def __init__(
        self,
        log: SqliteLog,
        secrets: SecretStore,
        quarantine: Quarantine,
        earlier: EarlierMessages,
        metrics: Metrics,
        canned: CannedAnswers,
        *,
        verify: Literal["quarantine", "reject", "off"],
        clock: Callable[[], int],
    ) -> None:
        self._log = log
        self._secrets = secrets
        self._quarantine = quarantine
        self._earlier = earlier
        self._metrics = metrics
        self._canned = canned
        self._verify = verify
        self._clock = clock
        self._unread = 0
        self._unsaid = 0
        self._said_us: int | None = None
        self._arrived: list[tuple[Request, Callable[[Job], None], Callable[[], None]]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _PATH.fullmatch(scope["path"])
        if found is None:
            detail = f"an endpoint's name is [a-z0-9-]{{1,64}}: POST to {PREFIX} or {PREFIX}/NAME"
            await _problem(send, 404, "Not found", detail)
            return
        method = scope["method"]
        if method == "POST":
            await self._post(scope, receive, send, found[1])
        elif method in ("GET", "HEAD"):
            text = b"knocktop listens here: point a Knock webhook at this address, it will POST\n"
            await _answer(send, 200, text if method == "GET" else b"", _TEXT, length=len(text))
        else:
            await _problem(send, 405, "Method not allowed", "POST events here", (b"allow", b"GET, HEAD, POST"))

    async def _post(self, scope: Scope, receive: Receive, send: Send, endpoint: str | None) -> None:
        received_us = self._clock()
        try:
            body = await self._read(scope["headers"], receive)
        except Gone:
            return
        except Slow:
            self._metrics.refused("slow")
            detail = f"the body did not arrive within {_READ_SECONDS:.0f} s"
            await _problem(send, 408, "Too slow", detail, (b"connection", b"close"))
            return
        except Crowded:
            self._metrics.refused("crowded")
            detail = "too many bodies are arriving at once"
            await _problem(send, 503, "Not stored", detail, _RETRY, (b"connection", b"close"))
            return
        except TooLarge:
            self._metrics.refused("too-large")
            await _problem(send, 413, "Too large", f"the body is over {MAX_BODY} bytes", (b"connection", b"close"))
            return
        client = scope.get("client")
        remote = client[0] if client else None
        request = Request(endpoint, scope["headers"], body, remote, received_us)
        try:
            await self._take(request, scope, receive, send)
        except QuarantineFull:
            self._metrics.refused("quarantine-full")
            detail = "the quarantine is full: look at what is in it, and discard or admit it"
            await _problem(send, 503, "Not stored", detail, _RETRY)
        except LogError as error:
            await _answer(send, 503, self._not_durable(error), _PROBLEM, _RETRY)

    async def _read(self, headers: list[tuple[bytes, bytes]], receive: Receive) -> bytes:
        """The whole body. Raises `TooLarge` as soon as it is known to be, `Gone`, `Slow` and `Crowded`."""
        for name, value in headers:
            # The server has made sure that it is a number; a very long one is not worth converting.
            if name == b"content-length" and (len(value) > 18 or int(value) > MAX_BODY):
                raise TooLarge
        message = await receive()
        if message["type"] == "http.request" and not message.get("more_body"):
            body: bytes = message.get("body", b"")
            if len(body) > MAX_BODY:
                raise TooLarge
            return body
        chunks: list[bytes] = []
        try:
            async with asyncio.timeout(_READ_SECONDS):
                await self._gather(message, receive, chunks)
        except TimeoutError:
            raise Slow from None
        finally:
            self._unread -= sum(map(len, chunks))
        return b"".join(chunks)

    async def _gather(self, message: MutableMapping[str, Any], receive: Receive, chunks: list[bytes]) -> None:
        size = 0
        while True:
            if message["type"] == "http.disconnect":
                raise Gone
            chunk: bytes = message.get("body", b"")
            size += len(chunk)
            if size > MAX_BODY:
                raise TooLarge
            if self._unread + len(chunk) > MAX_UNREAD:
                raise Crowded
            self._unread += len(chunk)
            chunks.append(chunk)
            if not message.get("more_body"):
                return
            message = await receive()

    async def _keep_aside(self, request: Request) -> None:
        """A signed request that is no event; when there is no room, trying again would not make it one."""
        try:
            await self._quarantine.hold(request, NOT_AN_EVENT)
        except QuarantineFull:
            self._metrics.refused("quarantine-full")
        else:
            self._metrics.quarantined()

    def take_soon(
        self,
        endpoint: str | None,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
        remote: str | None,
        done: Callable[[Job], None],
        otherwise: Callable[[], None],
    ) -> None:
        """Append an event that verifies; `done` hears what came of it, which `answer_to` puts into words.

        For everything else `otherwise` is called, with nothing done: it has to go the ordinary way. All that one
        turn of the loop brings is looked at together when the turn ends, since a draft costs half as much beside
        other drafts as it does between reads from sockets: what it needs stays in the processor's caches.
        """
        request = Request(endpoint, headers, body, remote, self._clock())
        self._arrived.append((request, done, otherwise))
        if len(self._arrived) == 1:
            asyncio.get_running_loop().call_soon(self.take_arrived)

    def gave_up(self) -> None:
        """Count a request that did not come to its end."""
        self._metrics.refused("slow")

    def take_arrived(self) -> None:
        """Look at what has arrived without waiting for the end of the turn."""
        arrived, self._arrived = self._arrived, []
        for request, done, otherwise in arrived:
            try:
                taken = self._take_at_once(request, done)
            except Exception:
                # Knock would not try again what was called its own mistake.
                log.exception("a webhook could not be taken at once")
                taken = False
            if not taken:
                otherwise()

    def _take_at_once(self, request: Request, done: Callable[[Job], None]) -> bool:
        if self._canned.are_set:
            return False
        found = check(
            request.header(b"x-knock-signature"),
            request.body,
            self._secrets.fitting(request.endpoint),
            request.received_us // 1_000,
        )
        if found.verdict not in _ADMITTED:
            return False
        try:
            payload = envelope(request.body)
        except NoEnvelope:
            return False
        return self._log.append_soon(draft_of(request, payload, found, self._earlier), done)

    def answer_to(self, job: Job) -> tuple[bytes, bytes]:
        """Status line with the headers that go with it, and the body."""
        if job.error is not None:
            return _HEADS[503], self._not_durable(job.error)
        seq, duplicate = job.result
        if job.draft is not None:
            self._metrics.stored(job.draft.verdict, duplicate)
        return _HEADS[200], (_DUPLICATE if duplicate else _NEW) % seq

    def _not_durable(self, error: Exception) -> bytes:
        self._metrics.refused("not-durable")
        self._unsaid += 1
        now_us = self._clock()
        # A line for each would fill what the relay writes them to, and a full pipe would stop it.
        if self._said_us is None or abs(now_us - self._said_us) >= _SAY_AGAIN_US:
            log.warning("events not made durable and not acknowledged: %d, the last: %s", self._unsaid, error)
            self._unsaid, self._said_us = 0, now_us
        return jsontext.dumps(_problem_of(503, "Not stored", "the event could not be made durable"))

    async def _take(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        """Check in this order: size (done), signature, envelope; answer as the table in the interface says."""
        secrets = self._secrets.fitting(request.endpoint)
        found = check(request.header(b"x-knock-signature"), request.body, secrets, request.received_us // 1_000)
        verdict = found.verdict
        try:
            payload = envelope(request.body)
        except NoEnvelope as error:
            if verdict.authentic:
                await self._keep_aside(request)
            self._metrics.refused("no-envelope")
            await _problem(send, 400, "No event", str(error))
            return
        if verdict in _ADMITTED or self._verify == "off":
            draft = draft_of(request, payload, found, self._earlier)
            seq, duplicate = await self._log.append(draft)
            self._metrics.stored(verdict, duplicate)
            canned = await self._canned.answer_to(seq) if self._canned.are_set else None
            if canned is None:
                await _answer(send, 200, (_DUPLICATE if duplicate else _NEW) % seq, _JSON)
            elif await self._canned.wait(canned, lambda: _left(scope, receive)):
                await _send_canned(send, canned, canned.body(seq, duplicate))
                await self._canned.was_sent(canned, seq, request.received_us)
        elif self._verify == "reject":
            self._metrics.refused(verdict.value)
            await _problem(send, 401, "Not verified", _WHY[verdict])
        else:
            await self._quarantine.hold(request, NOT_VERIFIED)
            self._metrics.quarantined()
            await _answer(send, 202, b'{"quarantined":true}', _JSON)


_ADMITTED = frozenset({Verdict.VERIFIED, Verdict.STALE, Verdict.UNVERIFIED})
_READ_SECONDS = 30.0
_SAY_AGAIN_US = 10_000_000
MAX_UNREAD = 256 << 20
"""Bytes of bodies that are still arriving, of all requests together."""

_NEW = b'{"seq":%d,"duplicate":false}'
_DUPLICATE = b'{"seq":%d,"duplicate":true}'
_HEADS = {
    200: b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n",
    503: b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\nretry-after: 5\r\n",
}
_WHY = {
    Verdict.BAD_SIGNATURE: "the signature does not fit: GET /v1/quarantine or `knocktop verify` explains why",
    Verdict.MISSING_SIGNATURE: "the header x-knock-signature is missing",
}


async def _answer(
    send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes], length: int | None = None
) -> None:
    size = (b"content-length", b"%d" % (len(body) if length is None else length))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, size]})
    await send({"type": "http.response.body", "body": body})


async def _left(scope: Scope, receive: Receive) -> None:
    scope[HELD_BACK] = True
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_canned(send: Send, canned: Answer, body: bytes) -> None:
    headers = [] if canned.retry_after is None else [(b"retry-after", b"%d" % canned.retry_after)]
    if canned.status in _BODILESS:
        await send({"type": "http.response.start", "status": canned.status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
    else:
        await _answer(send, canned.status, body, _JSON if canned.status < 300 else _PROBLEM, *headers)


_BODILESS = frozenset({204, 304})


async def _problem(send: Send, status: int, title: str, detail: str, *headers: tuple[bytes, bytes]) -> None:
    await _answer(send, status, jsontext.dumps(_problem_of(status, title, detail)), _PROBLEM, *headers)


def _problem_of(status: int, title: str, detail: str) -> dict[str, str | int]:
    return {"title": title, "status": status, "detail": detail}
