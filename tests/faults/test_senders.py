"""Senders that dawdle, lie and crowd: bounded, answered if there is somebody to, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from relay import server
from relay.holdings import address
from relay.settings import Settings
from relay.shortcut import MAX_HEAD
from tests.relay_process import TOKEN, RelayProcess, running, signed

PATH = "/webhooks/knock"
CROWD = 1_000
IMPATIENT = 0.02
"""Seconds between two looks at who dawdles."""


def event(key: str, padding: int = 0) -> bytes:
    data = {"id": key, "text": "x" * padding}
    return json.dumps({"type": "message.sent", "created_at": "2026-11-20T14:03:08Z", "data": data}).encode()


def request(body: bytes, *, length: int | None = None) -> bytes:
    """A signed webhook; `length` is what it says of its body, where that is not true."""
    lines = [f"POST {PATH} HTTP/1.1", "Host: relay"]
    lines += [f"{name}: {value}" for name, value in signed(body, "message.sent").items()]
    lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def impatient(directory: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """The port of a relay in this process that soon gives up who dawdles."""
    monkeypatch.setattr("relay.patience.EVERY", IMPATIENT)
    monkeypatch.setattr("relay.ingest._READ_SECONDS", IMPATIENT)
    monkeypatch.setattr("relay.server._settle_memory", lambda: None)
    monkeypatch.setenv("KNOCKTOP_TOKEN", TOKEN)
    with address(Settings(data_dir=directory, port=0)) as listener:
        task = asyncio.create_task(server._Running(Settings(data_dir=directory, port=0), listener).serve())
        try:
            yield listener.getsockname()[1]
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def heard(port: int, said: bytes, *, then_end: bool = False) -> bytes:
    """What the relay says, until it hangs up, to somebody who says this and no more."""
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(said)
            if then_end:
                writer.write_eof()
            return await reader.read()
        finally:
            writer.close()


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"", b""),
        (f"POST {PATH} HTTP/1.1\r\nHost: relay\r\nX-Slow: ".encode(), b"408"),
        (request(event("small"))[:-5], b"408"),
        (request(event("large", 100_000))[:-5], b"408"),
        (request(event("first")) + request(event("second"))[:-5], b"200"),
    ],
    ids=["nothing", "half a head", "half a small body", "half a large body", "half of a second one"],
)
async def test_who_never_comes_to_the_end_is_told_so_and_hung_up_on(
    said: bytes, status: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with impatient(tmp_path, monkeypatch) as port:
        answers = await heard(port, said)
    assert answers[9:12] == status
    assert answers.count(b"HTTP/1.1 408 ") == (1 if said else 0)


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = CROWD + 200
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(enough, hard)), hard))
    try:
        with running(tmp_path_factory.mktemp("relay") / "data") as process:
            yield process
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def port_of(relay: RelayProcess) -> int:
    return int(relay.url.rpartition(":")[2])


def stored(relay: RelayProcess, key: str) -> int:
    """How many events of a message there are."""
    with relay.client() as client:
        return int(client.get("/v1/events/count", params={"filter": f"message:{key}"}).json()["count"])


async def test_a_crowd_of_idle_connections_keeps_nobody_from_being_answered(relay: RelayProcess) -> None:
    connections = [await asyncio.open_connection("127.0.0.1", port_of(relay)) for _ in range(CROWD)]
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            body = event("crowded")
            answer = await client.post(relay.webhooks, content=body, headers=signed(body, "message.sent"))
            ready = await client.get(f"{relay.url}/readyz")
        assert (answer.status_code, ready.status_code) == (200, 200)
    finally:
        for _, writer in connections:
            writer.transport.abort()


async def test_who_says_no_more_after_a_whole_request_hears_the_answer(relay: RelayProcess) -> None:
    answer = await heard(port_of(relay), request(event("half-closed")), then_end=True)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in answer


async def test_who_says_no_more_after_an_unsigned_request_hears_the_answer(relay: RelayProcess) -> None:
    body = event("unsigned")
    said = f"POST {PATH} HTTP/1.1\r\nHost: relay\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    answer = await heard(port_of(relay), said, then_end=True)
    assert answer.startswith(b"HTTP/1.1 202 ")


async def test_a_body_shorter_than_was_said_is_never_stored(relay: RelayProcess) -> None:
    body = event("short")
    assert await heard(port_of(relay), request(body, length=len(body) + 1), then_end=True) == b""
    assert stored(relay, "short") == 0


async def test_a_body_longer_than_was_said_does_not_verify_and_its_rest_is_no_request(relay: RelayProcess) -> None:
    body = event("long")
    answers = await heard(port_of(relay), request(body, length=len(body) - 1), then_end=True)
    assert answers.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 202 "))
    assert stored(relay, "long") == 0


async def test_one_byte_at_a_time_is_stored_once(relay: RelayProcess) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(relay))
    for byte in request(event("bytewise")):
        writer.write(bytes([byte]))
        await writer.drain()
    async with asyncio.timeout(20):
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
    writer.close()
    assert stored(relay, "bytewise") == 1


async def test_a_head_without_end_is_cut_off(relay: RelayProcess) -> None:
    said = f"POST {PATH} HTTP/1.1\r\nHost: relay\r\n".encode() + b"X-More: yes\r\n" * (MAX_HEAD // 13)
    answer = await heard(port_of(relay), said)
    assert answer.startswith(b"HTTP/1.1 400 ")
