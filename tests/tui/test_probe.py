from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from relay.contract.api import Health
from tests.tui.standins import Standins, free_port
from tui.probe import Foreign, Silence, client, is_ready, probe


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[str]:
    """A server that gives every connection these bytes and closes it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def at(url: str) -> Health | Foreign | Silence:
    async with client() as http:
        return await probe(http, url)


async def test_a_relay_is_known_by_its_health(standins: Standins) -> None:
    relay = standins.start(started_by="dashboard", viewers=3)
    health = await at(relay.url)
    assert isinstance(health, Health)
    assert (health.pid, health.started_by, health.viewers) == (relay.pid, "dashboard", 3)


async def test_where_nothing_listens_there_is_silence() -> None:
    assert await at(f"http://127.0.0.1:{free_port()}") == Silence("connection refused")


async def test_a_port_that_is_not_chosen_yet_is_not_asked() -> None:
    assert isinstance(await at("http://127.0.0.1:0"), Silence)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        b'HTTP/1.1 200 OK\r\ncontent-length: 19\r\n\r\n{"service":"sshtop"}',
        b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n\xff{}",
        b'HTTP/1.1 404 Not Found\r\ncontent-length: 28\r\n\r\n{"service":"knocktop-relay"}',
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/healthz\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 200_000,
        b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}",
    ],
)
async def test_any_other_answer_is_of_something_else(answer: bytes) -> None:
    async with answering(answer) as url:
        found = await at(url)
    assert isinstance(found, Foreign)
    assert found.sure


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"]
)
async def test_an_answer_that_breaks_off_may_be_of_a_relay_that_ends(answer: bytes) -> None:
    async with answering(answer) as url:
        found = await at(url)
    assert isinstance(found, Foreign)
    assert not found.sure


async def test_a_relay_is_ready_when_it_says_so(standins: Standins) -> None:
    ready, never = standins.start(), standins.start("never")
    async with client() as http:
        assert await is_ready(http, ready.url)
        assert not await is_ready(http, never.url)
        assert not await is_ready(http, f"http://127.0.0.1:{free_port()}")
