"""A relay for tests of its viewers: a real server on a free port that does what a script says, frame by frame."""

from __future__ import annotations

import asyncio
import http
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from relay.contract import frames, jsontext
from relay.contract.api import EventPage, Health, Problem, Retention, Stats
from relay.contract.events import Channel, Entity, EventSummary, Verdict

TOKEN = "a-token-for-tests"
AT = "2026-11-23T10:42:00.000000Z"


def an_event(seq: int, type: str = "message.sent", **changes: Any) -> EventSummary:  # noqa: A002 - Knock's word
    """Make a summary of an event that Knock might have sent."""
    facts: dict[str, Any] = {
        "seq": seq,
        "type": type,
        "reading": "via sendgrid",
        "failed": False,
        "created_at": AT,
        "received_at": AT,
        "entity": Entity(kind="message", id=f"m{seq}"),
        "message_id": f"m{seq}",
        "recipient": "dr_grant",
        "workflow": "security-breach-alert",
        "channel": Channel(id="c1", type="email", provider="sendgrid", key="my-sendgrid-channel"),
        "tenant": None,
        "status": "sent",
        "engagement_statuses": [],
        "workflow_run_id": None,
        "workflow_recipient_run_id": None,
        "environment_id": None,
        "endpoint": None,
        "event_data": None,
        "size": 900,
        "verdict": Verdict.VERIFIED,
        "delivery_count": 1,
    }
    return EventSummary(**(facts | changes))


def some_events(*seqs: int) -> list[EventSummary]:
    return [an_event(seq) for seq in seqs]


def a_hello(last_seq: int, *, first_seq: int = 1, log: str = "log-1", protocol: int = 1) -> frames.Hello:
    facts = frames.RelayFacts(version="0.1.0", backend="sqlite", secrets=1, public_url=None)
    return frames.Hello(protocol=protocol, log=log, first_seq=first_seq, last_seq=last_seq, relay=facts)


def a_heartbeat(upto: int, last_seq: int | None = None) -> frames.Heartbeat:
    return frames.Heartbeat(
        upto=upto, last_seq=upto if last_seq is None else last_seq, at=AT, quarantined=2, secrets=1
    )


class Wire:
    """The relay's end of one viewer's connection."""

    def __init__(self, connection: ServerConnection, query: dict[str, str]) -> None:
        self._connection = connection
        self.query = query
        self.headers = connection.request.headers if connection.request else Headers()
        self.heard: list[frames.SetFilter] = []

    async def send(self, *sent: frames.ServerFrame | bytes) -> None:
        for frame in sent:
            data = frame if isinstance(frame, bytes) else frames.encode(frame)
            await self._connection.send(data, text=True)

    async def receive(self) -> frames.SetFilter:
        """Wait for the viewer to say something."""
        frame = frames.decode_client(await self._connection.recv(decode=False))
        self.heard.append(frame)
        return frame

    async def close(self, code: int = 1001, reason: str = "") -> None:
        await self._connection.close(code, reason)

    def cut(self) -> None:
        """Break the connection as a dying network does; what was sent last may be lost."""
        self._connection.transport.abort()

    async def gone(self) -> None:
        """Wait until the viewer has left."""
        await self._connection.wait_closed()


@dataclass(frozen=True)
class Refusal:
    """An HTTP answer instead of the upgrade; `page` is one that no relay would give."""

    status: int
    problem: Problem | None = None
    headers: dict[str, str] = field(default_factory=dict)
    page: bytes = b""


Script = Callable[[Wire], Awaitable[None]]
Visit = Script | Refusal


def speaking(*sent: frames.ServerFrame | bytes, close: int | None = None) -> Visit:
    """A visit in which the relay sends these frames, and then hangs up or waits until the viewer leaves."""

    async def visit(wire: Wire) -> None:
        await wire.send(*sent)
        if close is None:
            await wire.gone()
        else:
            await wire.close(close)

    return visit


class Book:
    """A log of summaries, served as a relay would. Filters are empty, `type:NAME` or, to be refused, `bad(`."""

    def __init__(self, events: Iterable[EventSummary] = (), *, log: str = "log-1", first_seq: int = 1) -> None:
        self.events = list(events)
        self.log = log
        self.first_seq = first_seq
        self.bodies: dict[int, bytes] = {}

    @property
    def last_seq(self) -> int:
        return self.events[-1].seq if self.events else 0

    def append(self, *events: EventSummary) -> None:
        self.events.extend(events)

    def matching(self, filter_: str, types: str = "") -> list[EventSummary]:
        wanted = filter_.removeprefix("type:")
        kinds = set(types.split(",")) - {""}
        return [
            event
            for event in self.events
            if (not wanted or event.type == wanted) and (not kinds or event.type in kinds)
        ]

    def frames_after(self, query: dict[str, str], *, chunk: int = 3) -> list[frames.ServerFrame]:
        """All that a viewer is sent who connects with `query`, up to the first heartbeat."""
        after = int(query["after"]) if "after" in query else self.last_seq
        sent: list[frames.ServerFrame] = [a_hello(self.last_seq, first_seq=self.first_seq, log=self.log)]
        if after + 1 < self.first_seq:
            sent.append(frames.Gap(from_=after + 1, to=self.first_seq - 1, reason="retention"))
            after = self.first_seq - 1
        matching = [
            event for event in self.matching(query.get("filter", ""), query.get("types", "")) if event.seq > after
        ]
        for start in range(0, len(matching), chunk):
            items = matching[start : start + chunk]
            upto = items[-1].seq
            if before := [event for event in self.events if event.seq <= after][-1:]:
                sent.append(frames.Changes(items=before, upto=after))
            sent.append(frames.Events(items=items, upto=upto))
            sent.append(frames.Counts(upto=upto, added={"message.sent": len(items)}))
            after = upto
        sent.append(a_heartbeat(self.last_seq))
        return sent

    async def visit(self, wire: Wire) -> None:
        """Send everything and wait until the viewer leaves."""
        await wire.send(*self.frames_after(wire.query))
        await wire.gone()

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, bytes]:
        """Answer a GET of the viewer API with a status and a body."""
        if query.get("filter", "").startswith("bad("):
            return 400, jsontext.dumps(
                Problem(title="bad filter", status=400, detail="an operand is missing", column=5, length=1)
            )
        match path.strip("/").split("/"):
            case ["healthz"]:
                return 200, jsontext.dumps(Health(service="knocktop-relay", version="0.1.0", log=self.log))
            case ["v1", "stats"]:
                return 200, jsontext.dumps(self.stats())
            case ["v1", "events"]:
                return 200, jsontext.dumps(self.page(query))
            case ["v1", "events", seq, "body"] if int(seq) in self.bodies:
                return 200, self.bodies[int(seq)]
            case ["v1", "events", seq, "body"]:
                status = 410 if int(seq) < self.first_seq else 404
                return status, jsontext.dumps(Problem(title="no such event", status=status))
            case _:
                return 404, jsontext.dumps(Problem(title="nothing here", status=404))

    def page(self, query: dict[str, str]) -> EventPage:
        found = self.matching(query.get("filter", ""), query.get("types", ""))
        limit = int(query.get("limit", "100"))
        if "after" in query:
            above = [event for event in found if event.seq > int(query["after"])]
            items = above[:limit]
            return EventPage(
                items=items[::-1], next=items[-1].seq if len(above) > limit else None, scanned=len(items)
            )
        below = [event for event in found if event.seq < int(query.get("before", 1 << 60))]
        items = below[::-1][:limit]
        return EventPage(items=items, next=items[-1].seq if len(below) > limit else None, scanned=len(items))

    def stats(self) -> Stats:
        return Stats(
            log=self.log,
            first_seq=self.first_seq,
            last_seq=self.last_seq,
            events=len(self.events),
            bytes=0,
            retention=Retention(events=0, age=0, size=0),
            quarantine=0,
            viewers=0,
            backend="sqlite",
            started_at=AT,
        )


class ScriptedRelay:
    """Serve `visits` to viewers, one after the other, the last again and again; answer GETs from `book`.

    `wires` are the connections so far (`met` is set by the first), `requests` the paths and queries asked for by
    HTTP. Who asks for a path in `deaf_to` finds the connection broken.
    """

    def __init__(self, *visits: Visit, book: Book | None = None, token: str = TOKEN) -> None:
        self.book = book or Book()
        self.visits: Sequence[Visit] = visits or (self.book.visit,)
        self.token = token
        self.dialled = 0
        self.wires: list[Wire] = []
        self.met = asyncio.Event()
        self.deaf_to: set[str] = set()
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._server: Server | None = None
        self._given: dict[ServerConnection, Script] = {}
        self._speaking: set[asyncio.Task[Any]] = set()
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, on the same port as before where there was one."""
        self._server = await serve(
            self._handle, "127.0.0.1", self._port, process_request=self._door, ping_interval=None, close_timeout=1
        )
        self._port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for task in self._speaking:
                task.cancel()
            await self._server.wait_closed()
            self._server = None

    def _door(self, connection: ServerConnection, request: Request) -> Response | None:
        path, query = _split(request)
        if path != "/healthz" and request.headers.get("Authorization") != f"Bearer {self.token}":
            return _response(401, jsontext.dumps(Problem(title="token refused", status=401)))
        if path in self.deaf_to:
            connection.transport.abort()
        if path != "/v1/stream":
            self.requests.append((path, query))
            return _response(*self.book.answer(path, query))
        visit = self._visit()
        self.dialled += 1
        if isinstance(visit, Refusal):
            body = visit.page if visit.problem is None else jsontext.dumps(visit.problem)
            return _response(visit.status, body, visit.headers)
        # Which visit a connection gets is settled here: handlers of two connections may run in any order.
        self._given[connection] = visit
        return None

    def _visit(self) -> Visit:
        return self.visits[min(self.dialled, len(self.visits) - 1)]

    async def _handle(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        wire = Wire(connection, _split(connection.request)[1])
        self.wires.append(wire)
        self.met.set()
        task = asyncio.current_task()
        assert task is not None
        self._speaking.add(task)
        try:
            await self._given.pop(connection)(wire)
        except ConnectionClosed:
            pass  # The viewer left before the script was through.
        finally:
            self._speaking.discard(task)


def _split(request: Request) -> tuple[str, dict[str, str]]:
    parts = urlsplit(request.path)
    return parts.path, dict(parse_qsl(parts.query, keep_blank_values=True))


def _response(status: int, body: bytes, headers: dict[str, str] | None = None) -> Response:
    given = Headers({"Connection": "close", "Content-Length": str(len(body)), "Content-Type": "application/json"})
    given.update(headers or {})
    return Response(status, http.HTTPStatus(status).phrase, given, body)


def lines_of(out: bytes) -> list[Any]:
    """Read NDJSON."""
    return [json.loads(line) for line in out.splitlines()]
