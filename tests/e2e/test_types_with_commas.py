"""Types whose names have a comma in them, asked of a real relay by the client, by the stream and in an address."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from tests.relay_process import TOKEN, RelayProcess, running
from tui.client import RelayClient
from tui.feed import Batch, Feed

WITH_COMMA, PLAIN, OTHER = "order.placed, paid", "message.sent", "message.read"


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    with running(tmp_path_factory.mktemp("relay") / "data") as found:
        for kind in (WITH_COMMA, PLAIN, OTHER, "order.placed"):
            body = {"type": kind, "created_at": "2026-11-20T14:03:08.1Z", "data": {"id": kind}}
            assert found.post_signed(json.dumps(body).encode()).status_code == 200
        yield found


async def test_the_client_asks_for_a_type_that_has_a_comma(relay: RelayProcess) -> None:
    async with RelayClient(relay.url, TOKEN) as client:
        page = await client.events(types=(WITH_COMMA, PLAIN))
        count = await client.count(types=(WITH_COMMA,))
    assert {item.type for item in page.items} == {WITH_COMMA, PLAIN}
    assert count.count == 1


async def test_the_stream_sends_a_type_that_has_a_comma(relay: RelayProcess) -> None:
    seen: list[str] = []
    async with asyncio.timeout(40), Feed(relay.url, TOKEN, after=0, types=(WITH_COMMA, PLAIN)) as feed:
        async for item in feed:
            if isinstance(item, Batch):
                seen += [event.type for event in item.events]
                if len(seen) == 2:
                    break
    assert seen == [WITH_COMMA, PLAIN]


@pytest.mark.parametrize("query", ["types=message.sent,message.read", "types=message.sent&types=message.read"])
def test_types_without_commas_are_listed_or_repeated(relay: RelayProcess, query: str) -> None:
    with relay.client() as client:
        items = client.get(f"/v1/events?{query}").json()["items"]
    assert [item["type"] for item in items] == [OTHER, PLAIN]
