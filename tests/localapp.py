"""An app of a developer that takes Knock's webhooks, over a raw socket: it records bytes, and answers as told.

It checks signatures the way Knock documents it, on its own, so that ours is measured against another one.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

BOUND = 10.0
TOLERANCE_MS = 300_000


@dataclass(frozen=True)
class Received:
    """One request: its bytes as they came, and what they say."""

    head: bytes
    body: bytes

    @property
    def line(self) -> bytes:
        return self.head.split(b"\r\n", 1)[0]

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Names and values exactly as they came, in order."""
        lines = self.head.split(b"\r\n")[1:]
        return [(name, value.removeprefix(b" ")) for name, _, value in (line.partition(b":") for line in lines)]

    def header(self, name: str) -> str | None:
        found = [value.decode("latin-1") for key, value in self.headers if key.decode().lower() == name]
        return found[0] if found else None


Answering = Callable[[Received, asyncio.StreamWriter], Awaitable[None]]


def status(code: int, body: bytes = b"", *headers: str) -> Answering:
    """Answer whole."""

    async def answer(_: Received, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {code} Answer", *headers, f"Content-Length: {len(body)}", "", ""]
        writer.write("\r\n".join(lines).encode("latin-1") + body)

    return answer


def raw(data: bytes) -> Answering:
    """Write these bytes, and close."""

    async def answer(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        writer.close()

    return answer


def held(until: asyncio.Event, then: Answering) -> Answering:
    """Answer only when it is let."""

    async def answer(received: Received, writer: asyncio.StreamWriter) -> None:
        await until.wait()
        await then(received, writer)

    return answer


def huge(size: int) -> Answering:
    """Answer with so many bytes."""

    async def answer(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        chunk = b"x" * 65_536
        for _number in range(size // len(chunk)):
            writer.write(chunk)
            await writer.drain()

    return answer


def checked(secret: str) -> Answering:
    """Answer 200 to what is signed with this secret and fresh, else 401."""

    async def answer(received: Received, writer: asyncio.StreamWriter) -> None:
        fault = fault_of(received, secret)
        said = (
            status(401, fault.encode()) if fault else status(200, b'{"ok":true}', "Content-Type: application/json")
        )
        await said(received, writer)

    return answer


def fault_of(received: Received, secret: str) -> str:
    """Say what is wrong with a signature, as the handler in Knock's documentation finds it; empty for nothing."""
    header = received.header("x-knock-signature")
    if header is None:
        return "no signature"
    parts = dict(part.split("=", 1) for part in header.split(","))
    signed = parts["t"].encode() + b"." + received.body
    expected = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
    if not hmac.compare_digest(expected, parts["s"]):
        return "signature does not fit"
    return "too old" if abs(time.time() * 1_000 - int(parts["t"])) > TOLERANCE_MS else ""


@dataclass
class LocalApp:
    """A running app. Answers of the script are given one by one, then `otherwise`."""

    url: str
    otherwise: Answering
    script: deque[Answering] = field(default_factory=deque)
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    _grown: asyncio.Event = field(default_factory=asyncio.Event)

    def then(self, *answers: Answering) -> None:
        """Go on with these answers."""
        self.script.extend(answers)

    async def until(self, count: int) -> list[Received]:
        """Wait for so many requests, and give all that came."""
        async with asyncio.timeout(BOUND):
            while len(self.received) < count:
                self._grown.clear()
                await self._grown.wait()
        return self.received

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.connections += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n"))[:-4]
                lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                body = await reader.readexactly(int(lengths[0].split(b":")[1]) if lengths else 0)
                one = Received(head, body)
                self.received.append(one)
                self._grown.set()
                answer = self.script.popleft() if self.script else self.otherwise
                await answer(one, writer)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def local_app(*answers: Answering, secret: str | None = None, port: int = 0) -> AsyncIterator[LocalApp]:
    """Run an app on a free port. With a `secret` it checks signatures where no other answer is given."""
    app = LocalApp("", checked(secret) if secret else status(200, b"ok"), deque(answers))
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(app.take(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    app.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks"
    try:
        yield app
    finally:
        server.close()
        await _end(tasks)
        await server.wait_closed()


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
