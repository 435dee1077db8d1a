"""Work for somebody who may leave: it ends when they do, in the loop and in the thread that searches."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from relay.contract.filter import Name
from relay.log.base import Retention
from relay.log.sqlite import SqliteLog
from relay.whileawaited import while_awaited

BOUND = 10.0


def request_of(left: asyncio.Event) -> Request:
    """A request whose client is there until `left` is set."""
    told = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if told:
            return told.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http", "method": "GET", "headers": []}, receive)


async def test_what_was_asked_for_is_given_to_who_stays() -> None:
    async def work() -> int:
        return 7

    assert await while_awaited(request_of(asyncio.Event()), work()) == 7


async def test_a_search_through_the_log_ends_when_its_client_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, ended, left = threading.Event(), threading.Event(), asyncio.Event()

    def endless(*_: object) -> Iterator[None]:
        try:
            while True:
                began.set()
                yield
        finally:
            ended.set()

    monkeypatch.setattr("relay.log.sqlite.count_groups", endless)
    log = SqliteLog.open(tmp_path / "events.sqlite3", retention=Retention(0, 0, 0))
    try:
        work = log.groups(Name("type"), filter_=None, mask=False, limit=1)
        asking = asyncio.create_task(while_awaited(request_of(left), work))
        assert await asyncio.to_thread(began.wait, BOUND)
        left.set()
        with pytest.raises(ClientDisconnect):
            await asking
        assert await asyncio.to_thread(ended.wait, BOUND)
    finally:
        await log.close()


@pytest.mark.parametrize("is_long", [False, True])
async def test_a_look_up_ends_in_the_middle_of_a_statement_when_its_client_leaves(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, is_long: bool
) -> None:
    began, ended, left = threading.Event(), threading.Event(), asyncio.Event()

    def look(connection: sqlite3.Connection, *, indexed: bool) -> int:
        began.set()
        try:
            counting = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
            return int(connection.execute(counting).fetchone()[0]) + indexed
        finally:
            ended.set()

    log = SqliteLog.open(tmp_path / "events.sqlite3", retention=Retention(0, 0, 0))
    try:
        asking = asyncio.create_task(while_awaited(request_of(left), log.look_up(look, is_long=is_long)))
        assert await asyncio.to_thread(began.wait, BOUND)
        left.set()
        with pytest.raises(ClientDisconnect):
            await asking
        assert await asyncio.to_thread(ended.wait, BOUND)
        assert await log.look_up(lambda connection, *, indexed: connection.total_changes) == 0
        assert not caplog.records
    finally:
        await log.close()
