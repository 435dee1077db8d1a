"""What is copied as curl or httpx, run for real against the relay that it names."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.relay_process import TOKEN, RelayProcess, running
from tui.model.copyas import curl, httpx
from tui.source import RelaySource

BODY = (
    '{"type":"message.sent","created_at":"2026-11-23T10:42:00Z","data":{"id":"it\'s $HOME 100 % \u202e東京"}}\n\n'
)


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[RelayProcess]:
    with running(tmp_path) as process:
        yield process


async def copied(relay: RelayProcess, way: str) -> str:
    source = RelaySource(relay.url, TOKEN)
    try:
        event, body = await source.detail(1), await source.body(1)
        return {"curl": curl, "httpx": httpx}[way](source.ingest_url(event.endpoint), event.headers, body)
    finally:
        await source.close()


@pytest.mark.parametrize(("way", "program"), [("curl", ["sh", "-c"]), ("httpx", [sys.executable, "-c"])])
def test_what_was_copied_delivers_the_same_event_once_more(
    relay: RelayProcess, way: str, program: list[str]
) -> None:
    assert relay.post_signed(BODY.encode(), "staging").json() == {"seq": 1, "duplicate": False}
    done = subprocess.run(
        [*program, asyncio.run(copied(relay, way))], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.stderr == ""
    assert '"seq":1,"duplicate":true' in done.stdout.replace(" ", "")
    with relay.client() as client:
        event = client.get("/v1/events/1").json()
    assert (event["delivery_count"], event["verdict"]) == (2, "verified")
    assert [delivery["endpoint"] for delivery in event["deliveries"]] == ["staging", "staging"]
    assert not any(delivery["body_differs"] for delivery in event["deliveries"])
