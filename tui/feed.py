"""The reconnecting client of the stream: an async iterator of what arrived and of how the link is.

It reads at the pace of its consumer, so a slow one makes the relay wait and keeps nothing in memory but a few
frames. What the frames mean is in `tui.intake`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import random as random_module
import secrets
import time
import urllib.parse
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Literal, Self, TypeAlias

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.http11 import Response

from relay.contract import frames
from relay.contract.api import Problem
from relay.contract.chosen import types_given
from relay.contract.forwards import without_credentials
from relay.contract.text import plain
from tui.intake import (
    Batch,
    Beat,
    Filtered,
    FilterRefused,
    FilterRejected,
    Gap,
    Intake,
    Joined,
    Lost,
    NewerProtocol,
    NewLog,
    News,
)
from tui.slumber import seconds_asleep
from tui.unreachable import why, why_refused

__all__ = [
    "AlreadyForwarded",
    "Batch",
    "Beat",
    "Feed",
    "FilterRefused",
    "FilterRejected",
    "Filtered",
    "Gap",
    "Item",
    "Joined",
    "Link",
    "LinkState",
    "NewLog",
    "NewerProtocol",
]

FIRST_DELAY = 0.25
"""Seconds that the first attempt to connect again waits at most; each further one waits up to twice as long."""
LONGEST_DELAY = 15.0
"""Seconds that any attempt waits at most, and every attempt after a refusal."""
STEADY_SECONDS = frames.HEARTBEAT_SECONDS
"""A connection that was of use for this long lets the waits start anew."""

_MAX_SIZE = 8 << 20  # A frame has at most 1 MiB; more than that is room for a relay that is newer than we are.
_MAX_QUEUE = 4
_CLOSE_SECONDS = 0.5
_REASON_LIMIT = 200
_LOOK_SECONDS = 1.0
_NAP_SECONDS = 5.0

# At level DEBUG the library writes every header, and with it the token, to the log.
_wire_log = logging.getLogger(f"{__name__}.wire")
_wire_log.setLevel(logging.WARNING)
_log = logging.getLogger(__name__)


class LinkState(StrEnum):
    """Health of the feed. `LIVE` is claimed exactly while all that the relay is known to have was given."""

    CONNECTING = "connecting"
    CATCHING_UP = "catching-up"
    LIVE = "live"
    STALLED = "stalled"
    RECONNECTING = "reconnecting"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Link:
    """The link changed. `retry_at` is a time of the feed's clock; `reason` is plain text for one line."""

    state: LinkState
    reason: str = ""
    retry_at: float | None = None


Item: TypeAlias = Link | News


class AlreadyForwarded(RuntimeError):
    """Another client of the relay forwards to the same URL; the text is one plain line that says since when."""


class _Connect(connect):
    """Stay at the address that the user named: the token is meant for no other."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class Feed:
    """Read a relay's stream and stay connected to it.

    `url` is the relay's base address (`http` or `https`). `after` is the seq to begin after, `None` for the
    newest, 0 for the oldest kept. `log` is the id of the log that `after` belongs to, where known. `token` may be
    set anew when the relay refuses it.

    Read it in one task with `async for`, or with `anext`, which may be cancelled at any time and loses nothing.
    Raises `FilterRejected` and `NewerProtocol` from the iteration, `ValueError` for an address it cannot use.
    After `FilterRejected` and `set_filter` it can be read on.

    With `forwarding`, a URL, it has the relay's word, as long as it is connected, that nobody else forwards there;
    with `force` somebody may. Raises `AlreadyForwarded` from the iteration where somebody does, also after a
    connection that broke; read on to ask again.
    """

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        after: int | None = None,
        filter: str = "",  # noqa: A002 - the word of the interface
        types: Sequence[str] = (),
        view: Literal["summary", "full"] = "summary",
        log: str | None = None,
        forwarding: str | None = None,
        force: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        random: Callable[[], float] = random_module.random,
        timeout: Callable[[float], AbstractAsyncContextManager[object]] = asyncio.timeout,
        asleep: Callable[[], float] = seconds_asleep,
    ) -> None:
        self.token = token
        self._base = _stream_address(url)
        self._view = view
        self._clock, self._sleep, self._random, self._timeout = clock, sleep, random, timeout
        self._asleep = asleep
        self._slept_before = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._lease = _lease(forwarding, force=force)
        self._intake = Intake(after=after, log=log, filter_=filter, types=types)
        self._connection: ClientConnection | None = None
        self._connected_at = 0.0
        self._attempts = 0
        self._retry_at: float | None = None
        self._closed = False
        self._link = Link(LinkState.CONNECTING)
        self._ready: deque[Item] = deque([self._link])

    @property
    def upto(self) -> int | None:
        """Every match up to here was given; `None` until the first greeting where it begins at the newest."""
        return self._intake.upto

    @property
    def last_seq(self) -> int:
        """The newest seq that the relay is known to have."""
        return self._intake.last_seq

    @property
    def log(self) -> str | None:
        """The id of the log that is being read."""
        return self._intake.log

    @property
    def link(self) -> Link:
        """The link as it is now; items that say how it came to that may still be waiting."""
        return self._link

    def seek(self, after: int | None) -> None:
        """Begin after another seq, `None` for the newest: for use before the first item, or on `NewLog`."""
        self._intake.upto = after

    async def set_filter(self, filter: str, types: Sequence[str] = ()) -> int:  # noqa: A002 - as above
        """Ask for other events; give the id that a later `Filtered` or `FilterRefused` bears.

        Without a connection it holds from the next one on. No event is given twice or left out where it changes.
        """
        id_ = self.want(filter, types)
        await self.tell()
        return id_

    def want(self, filter: str, types: Sequence[str] = ()) -> int:  # noqa: A002 - as above
        """Want other events, and give the id before `tell` lets the relay answer; else as `set_filter`."""
        return self._intake.ask(filter, types)

    async def tell(self) -> None:
        """Tell the relay what is wanted, if there is a connection and it was not told."""
        if self._connection is not None:
            await self._send_filter(self._connection)

    async def aclose(self) -> None:
        """Leave the relay. For the task that reads the feed, or after that task has ended."""
        self._closed = True
        self._ready.clear()
        connection = self._let_go()
        if connection is not None:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(connection.close())
                    group.create_task(_drain(connection))
            finally:
                connection.transport.abort()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        while not self._ready:
            if self._closed:
                raise StopAsyncIteration
            await self._step()
        return self._ready.popleft()

    # One step at a time, with all state in the feed, so that a step can be cancelled and taken again.

    async def _step(self) -> None:
        if self._connection is not None:
            await self._listen(self._connection)
        elif self._retry_at is not None:
            await self._sleep(max(0.0, self._retry_at - self._clock()))
            self._retry_at = None
            self._say(LinkState.CONNECTING)
        else:
            await self._dial()

    async def _dial(self) -> None:
        try:
            self._connection = await _Connect(
                self._address(),
                additional_headers={"Authorization": f"Bearer {self.token}"} if self.token else None,
                compression=None if _is_loopback(self._base) else "deflate",
                proxy=None,
                max_size=_MAX_SIZE,
                max_queue=_MAX_QUEUE,
                # The relay's heartbeat is what tells whether it is still there.
                ping_interval=None,
                close_timeout=_CLOSE_SECONDS,
                logger=_wire_log,
            )
        except InvalidStatus as error:
            self._turned_away(error.response)
        except (OSError, WebSocketException, UnicodeError) as error:
            self._retry(LinkState.RECONNECTING, why(error))
        else:
            self._connected_at, self._slept_before = self._clock(), self._asleep()
            self._look()

    def _address(self) -> str:
        after, asked = self._intake.dial()
        query: dict[str, str | list[str]] = {
            "after": "" if after is None else str(after),
            "filter": asked.filter,
            **types_given(asked.types),
            "view": "" if self._view == "summary" else self._view,
            **self._lease,
        }
        given = {name: value for name, value in query.items() if value}
        return f"{self._base}?{urllib.parse.urlencode(given, doseq=True, errors='replace')}"

    def _turned_away(self, response: Response) -> None:
        status, problem = response.status_code, _problem(response.body)
        said = plain(problem.detail or problem.title, _REASON_LIMIT) if problem else ""
        if status in (401, 403):
            self._retry(LinkState.REFUSED, why_refused(status, self.token, problem), LONGEST_DELAY)
        elif status == 400 and problem:
            self._intake.refused_at_the_door(problem)
            self._flush()
            self._retry(LinkState.RECONNECTING, "the filter was refused")
        elif status == 409 and problem:
            raise AlreadyForwarded(said)
        elif status == 429 or status >= 500:
            self._retry(LinkState.RECONNECTING, said or f"HTTP {status}")
        else:
            self._retry(LinkState.RECONNECTING, f"not a relay: HTTP {status}", LONGEST_DELAY)

    async def _listen(self, connection: ClientConnection) -> None:
        try:
            if self._intake.must_begin:
                self._intake.begin()
                await self._send_filter(connection)
            else:
                self._intake.take(await self._receive(connection))
        except NewerProtocol:
            await self._hang_up(connection)
            raise
        except Lost as lost:
            self._flush()
            self._retry(LinkState.RECONNECTING, str(lost))
            await self._hang_up(connection)
        else:
            self._flush()
            self._judge()

    def _look(self) -> None:
        """Break a connection that the machine slept over: the other side may be gone, and would never say so."""
        self._watch = None
        if self._connection is None:
            return
        if self._woke:
            self._connection.transport.abort()
        else:
            self._watch = asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look)

    @property
    def _woke(self) -> bool:
        return self._asleep() - self._slept_before > _NAP_SECONDS

    def _judge(self) -> None:
        if self._intake.proven and self._clock() - self._connected_at >= STEADY_SECONDS:
            # Only now: a server that lets everyone in and then hangs up must not be asked again and again.
            self._attempts = 0
        if self._intake.greeted:
            self._say(LinkState.LIVE if self._intake.is_live else LinkState.CATCHING_UP)

    async def _receive(self, connection: ClientConnection) -> frames.ServerFrame | None:
        """Give the next frame, `None` for one that this version does not know. Raises `Lost`."""
        try:
            async with self._timeout(frames.SILENCE_SECONDS):
                data = await connection.recv(decode=False)
            return frames.decode(data)
        except TimeoutError:
            reason = f"nothing heard for {frames.SILENCE_SECONDS:.0f} s"
            self._say(LinkState.STALLED, reason)
            raise Lost(reason) from None
        except ConnectionClosed as closed:
            raise Lost("this machine was asleep" if self._woke else _farewell(closed)) from None
        except frames.FrameError as error:
            _log.warning("%s", plain(str(error), _REASON_LIMIT))
            raise Lost("the relay sent something that is no frame of the stream") from None

    def _let_go(self) -> ClientConnection | None:
        connection, self._connection = self._connection, None
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        return connection

    async def _hang_up(self, connection: ClientConnection) -> None:
        self._let_go()
        self._intake.leave()
        connection.transport.abort()
        await connection.wait_closed()

    async def _send_filter(self, connection: ClientConnection) -> None:
        asked = self._intake.unsent()
        if asked is None:
            return
        frame = frames.SetFilter(id=asked.id, filter=asked.filter, types=list(asked.types))
        try:
            await connection.send(frames.encode(frame), text=True)
        except ConnectionClosed:
            # Whoever reads finds out as well, and the next connection asks for the filter at once.
            _log.debug("the link broke while a filter was sent")

    def _retry(self, state: LinkState, reason: str, delay: float | None = None) -> None:
        longest = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(self._attempts, 16))
        self._attempts += 1
        # Full jitter: when a relay comes back, its viewers do not come back all at once.
        self._retry_at = self._clock() + (longest * self._random() if delay is None else delay)
        self._say(state, reason, self._retry_at)

    def _say(self, state: LinkState, reason: str = "", retry_at: float | None = None) -> None:
        link = Link(state, reason, retry_at)
        if link != self._link:
            self._link = link
            self._ready.append(link)

    def _flush(self) -> None:
        self._ready.extend(self._intake.news)
        self._intake.news.clear()


async def _drain(connection: ClientConnection) -> None:
    """Drop what was not read: the other side's goodbye waits behind it."""
    with suppress(ConnectionClosed):
        while True:
            await connection.recv(decode=False)


def _lease(url: str | None, *, force: bool) -> dict[str, str]:
    """What asks for a URL; by the id each later connection of this feed takes over from the one before."""
    if url is None:
        return {}
    asked = {"forwarding": without_credentials(url), "forwarder": secrets.token_hex(8)}
    return asked | {"force": "1"} if force else asked


def _stream_address(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"not the address of a relay: {plain(url, _REASON_LIMIT)}")
    place = parts.netloc.rpartition("@")[2]
    scheme = "wss" if parts.scheme == "https" else "ws"
    return f"{scheme}://{place}{parts.path.rstrip('/')}/v1/stream"


def _is_loopback(address: str) -> bool:
    host = urllib.parse.urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _problem(body: bytes | bytearray) -> Problem | None:
    try:
        return msgspec.json.decode(body, type=Problem)
    except (msgspec.MsgspecError, ValueError):
        return None


def _farewell(closed: ConnectionClosed) -> str:
    if closed.rcvd is None:
        return why(closed.__cause__) if closed.__cause__ is not None else "the connection broke"
    if closed.rcvd.reason:
        return plain(f"closed by the relay: {closed.rcvd.reason}", _REASON_LIMIT)
    return f"closed by the relay ({closed.rcvd.code})"
