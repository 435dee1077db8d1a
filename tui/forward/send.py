"""One sending to the app of a developer: what came back, or why nothing did."""

from __future__ import annotations

import asyncio
import time
import zlib
from base64 import b64encode
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpx

from relay.contract.forwards import BODY_LIMIT, ERROR_LIMIT, HEADERS_LIMIT
from relay.contract.text import plain
from tui.forward.request import Outgoing
from tui.tls import believed
from tui.unreachable import why

READ_LIMIT = 1 << 20
"""Bytes of an answer that are read, so that its connection can be used again; where it goes on, that is closed."""

_TOO_MANY = 429
_KEEP_SECONDS = 4.0
"""How long an idle connection is used again: most apps close theirs after five seconds."""
_ZIPPED = zlib.MAX_WBITS | 32


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one sending; `ms` is how long it took.

    `body` is text of at most 64 KiB, `truncated` says that there was more. `error` says what went wrong: there was
    no answer, and then `status` is None, or the answer broke behind its status.
    """

    ms: float
    status: int | None = None
    headers: list[tuple[str, str]] | None = None
    body: str | None = None
    truncated: bool = False
    error: str | None = None

    @property
    def taken(self) -> bool:
        """The app took the event: it answered 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def passing(self) -> bool:
        """It may be another answer when tried again: there was none, or the app failed or was too busy.

        An answer that broke behind its status is an answer: the app had decided by then.
        """
        return self.status is None or self.status == _TOO_MANY or self.status >= 500

    def retry_after(self, now: datetime) -> float | None:
        """Give the seconds that the app asked to wait for, where it did."""
        said = next((value for name, value in self.headers or () if name.lower() == "retry-after"), "").strip()
        if said.isascii() and said.isdigit():
            return float(said[:9])
        try:
            when = parsedate_to_datetime(said)
        except ValueError:
            return None
        return max((when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds(), 0.0)


class Sender:
    """Sends to one place, straight: no proxy, no redirect followed, no header but those of the connection added.

    `timeout` is in seconds, from connecting to the end of the answer; `connections` is how many are open at most.
    Use it as an async context manager, or call `aclose`.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 10.0,
        connections: int = 1,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._timeout = timeout
        self._clock = clock
        # Not a client: that would add headers and cookies, follow what it is told, and undo what is compressed.
        self._wire = httpx.AsyncHTTPTransport(
            verify=believed(url),
            trust_env=False,
            limits=httpx.Limits(max_connections=connections, keepalive_expiry=_KEEP_SECONDS),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()

    async def send(self, outgoing: Outgoing) -> Answer:
        """Send once. Raises nothing: what goes wrong is in the answer."""
        exchange = _Exchange()
        error = None
        began = self._clock()
        try:
            async with asyncio.timeout(self._timeout):
                await exchange.run(self._wire, _request(outgoing))
        except TimeoutError:
            what = "no answer" if exchange.response is None else "the answer did not end"
            error = f"{what} within {self._timeout:g} s"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as failure:
            error = _broken(failure) if exchange.response is None else "the answer broke off"
        return exchange.answer((self._clock() - began) * 1_000, error)


class _Exchange:
    """One request and what is read of its answer, as far as it came."""

    def __init__(self) -> None:
        self.response: httpx.Response | None = None
        self._body = bytearray()
        self._cut = False

    async def run(self, wire: httpx.AsyncHTTPTransport, request: httpx.Request) -> None:
        self.response = response = await wire.handle_async_request(request)
        stream = response.stream
        if not isinstance(stream, httpx.AsyncByteStream):
            raise TypeError("an asynchronous transport gives an asynchronous stream")
        read = 0
        async with aclosing(stream):
            async for chunk in stream:
                read += len(chunk)
                self._body += chunk[: BODY_LIMIT - len(self._body)]
                self._cut = read > len(self._body)
                if read > READ_LIMIT:
                    return

    def answer(self, ms: float, error: str | None) -> Answer:
        if self.response is None:
            return Answer(ms, error=error)
        headers = _kept(self.response.headers)
        text, cut = _text(bytes(self._body), self.response.headers.get("content-encoding", ""))
        return Answer(ms, self.response.status_code, headers, text, self._cut or cut, error)


def _request(outgoing: Outgoing) -> httpx.Request:
    """Write the request, with what is about the connection before the headers that are given."""
    url = httpx.URL(outgoing.url)
    headers = [(b"Host", url.netloc), (b"Content-Length", b"%d" % len(outgoing.body)), *outgoing.headers]
    if url.userinfo:
        # The user named them with the address, as for any other program that takes one.
        user = f"{url.username}:{url.password}".encode()
        headers.append((b"Authorization", b"Basic " + b64encode(user)))
    return httpx.Request("POST", url, headers=headers, stream=httpx.ByteStream(outgoing.body))


def _broken(error: BaseException) -> str:
    said = why(error).rstrip(".")
    if isinstance(error, httpx.RemoteProtocolError):
        closed = said.startswith("Server disconnected")
        said = "the connection was closed without an answer" if closed else f"not valid HTTP: {said}"
    return plain(said, ERROR_LIMIT)


def _kept(headers: httpx.Headers) -> list[tuple[str, str]]:
    """The headers of an answer as far as a relay keeps them."""
    kept: list[tuple[str, str]] = []
    room = HEADERS_LIMIT // 2  # A character above ASCII takes two bytes where they are kept.
    for name, value in headers.raw:
        room -= len(name) + len(value)
        if room < 0:
            break
        kept.append((name.decode("latin-1"), value.decode("latin-1")))
    return kept


def _text(raw: bytes, encoding: str) -> tuple[str, bool]:
    """An answer's body as text within the limit, and whether that cut it."""
    cut = False
    if encoding.strip().lower() in ("gzip", "x-gzip", "deflate"):
        raw, cut = _unzipped(raw)
    text = raw.decode("utf-8", "replace")
    encoded = text.encode()
    if len(encoded) <= BODY_LIMIT:
        return text, cut
    return encoded[:BODY_LIMIT].decode("utf-8", "ignore"), True


def _unzipped(raw: bytes) -> tuple[bytes, bool]:
    unzip = zlib.decompressobj(_ZIPPED)
    try:
        return unzip.decompress(raw, BODY_LIMIT), bool(unzip.unconsumed_tail)
    except zlib.error:
        return raw, False
