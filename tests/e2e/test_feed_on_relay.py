"""The feed on real relays that die, hang, lose their log or forget the token: once each, nothing lost unsaid."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.relay_process import TOKEN, RelayProcess, running, start
from tui.feed import Batch, Feed, Gap, Item, Joined, Link, LinkState, NewLog

BOUND = 40.0
T = TypeVar("T", bound=Item)


def post(relay: RelayProcess, *keys: str) -> None:
    for key in keys:
        body = {"type": "message.sent", "created_at": "2026-11-20T14:03:08.1Z", "data": {"id": key}}
        assert relay.post_signed(json.dumps(body).encode()).status_code == 200


def port_of(relay: RelayProcess) -> int:
    return int(relay.url.rpartition(":")[2])


async def soon(_: float) -> None:
    await asyncio.sleep(0.01)


@asynccontextmanager
async def feeding(relay: RelayProcess, **options: Any) -> AsyncIterator[Feed]:
    """A feed from the oldest event on, for which every wait is a moment."""
    feed = Feed(relay.url, TOKEN, after=0, sleep=soon, **options)
    async with asyncio.timeout(BOUND), feed:
        yield feed


async def until(feed: Feed, done: Callable[[Item], bool]) -> list[Item]:
    items: list[Item] = []
    async for item in feed:
        items.append(item)
        if done(item):
            break
    return items


def is_in(state: LinkState) -> Callable[[Item], bool]:
    return lambda item: isinstance(item, Link) and item.state is state


def of(kind: type[T], items: list[Item]) -> list[T]:
    return [item for item in items if isinstance(item, kind)]


def messages(items: list[Item]) -> list[str | None]:
    return [event.message_id for batch in of(Batch, items) for event in batch.events]


@contextmanager
def started(directory: Path, **options: Any) -> Iterator[RelayProcess]:
    relay = start(directory, **options)
    try:
        yield relay
    finally:
        relay.stop()
        assert relay.child.stderr is not None
        relay.child.stderr.close()


async def test_a_relay_that_is_killed_and_comes_back_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        async with feeding(relay) as feed:
            post(relay, "a", "b")
            assert messages(await until(feed, is_in(LinkState.LIVE))) == ["a", "b"]
            post(relay, "c")
            relay.kill()
            before = await until(feed, is_in(LinkState.RECONNECTING))
            with running(tmp_path / "data", port=port_of(relay)) as again:
                post(again, "c", "d")
                items = before + await until(feed, is_in(LinkState.LIVE))
                assert messages(items) == ["c", "d"]
                assert not of(NewLog, items)
                assert not of(Gap, items)


async def test_a_relay_with_another_log_at_the_same_address_is_recognised(tmp_path: Path) -> None:
    with running(tmp_path / "one") as relay:
        async with feeding(relay) as feed:
            post(relay, "a", "b", "c")
            await until(feed, is_in(LinkState.LIVE))
            old = feed.log
            relay.stop()
            with running(tmp_path / "other", port=port_of(relay)) as other:
                post(other, "x")
                items = await until(feed, is_in(LinkState.LIVE))
                (new,) = of(NewLog, items)
                assert (new.old, new.new) == (old, feed.log)
                assert old != feed.log
                assert messages(items) == ["x"]


async def test_a_log_that_was_put_back_to_an_earlier_state_is_recognised(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        post(relay, "a")
    shutil.copytree(tmp_path / "data", tmp_path / "backup")
    with running(tmp_path / "data") as relay:
        async with feeding(relay) as feed:
            post(relay, "b", "c")
            assert messages(await until(feed, is_in(LinkState.LIVE))) == ["a", "b", "c"]
            relay.stop()
            with running(tmp_path / "backup", port=port_of(relay)):
                items = await until(feed, is_in(LinkState.LIVE))
                (new,) = of(NewLog, items)
                assert (new.old, new.last_seq) == (new.new, 1)
                assert messages(items) == ["a"]


async def test_what_retention_took_meanwhile_is_a_gap(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        async with feeding(relay) as feed:
            post(relay, "a")
            await until(feed, is_in(LinkState.LIVE))
            port = port_of(relay)
            relay.stop()
            with running(tmp_path / "data") as hidden:
                post(hidden, "b", "c", "d", "e")
            with running(tmp_path / "data", "--retention-events", "2") as hidden, hidden.client() as client:
                while client.get("/v1/stats").json()["first_seq"] != 4:  # noqa: ASYNC110 - in another process
                    await asyncio.sleep(0.01)
            with running(tmp_path / "data", "--retention-events", "2", port=port):
                items = await until(feed, is_in(LinkState.LIVE))
    assert of(Gap, items) == [Gap(2, 3, "retention")]
    assert messages(items) == ["d", "e"]


async def test_a_relay_that_hangs_is_left_and_found_again(tmp_path: Path) -> None:
    """Its connections stay open and the system takes new ones: only the silence tells."""
    with running(tmp_path / "data") as relay:
        async with feeding(relay, timeout=lambda _: asyncio.timeout(0.5)) as feed:
            post(relay, "a")
            await until(feed, is_in(LinkState.LIVE))
            relay.child.send_signal(signal.SIGSTOP)
            try:
                items = await until(feed, is_in(LinkState.RECONNECTING))
                assert of(Link, items)[-2].state is LinkState.STALLED
            finally:
                relay.child.send_signal(signal.SIGCONT)
            post(relay, "b")
            items = await until(feed, lambda item: messages([item]) == ["b"])
            assert messages(items) == ["b"]


async def test_a_token_that_the_relay_no_longer_takes_is_said_until_there_is_another(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        async with feeding(relay) as feed:
            post(relay, "a")
            await until(feed, is_in(LinkState.LIVE))
            relay.stop()
            with started(tmp_path / "data", port=port_of(relay), token="another") as again:
                post(again, "b")
                items = await until(feed, is_in(LinkState.REFUSED))
                assert of(Link, items)[-1].reason == "token refused"
                feed.token = "another"
                items = await until(feed, is_in(LinkState.LIVE))
                assert messages(items) == ["b"]
                assert len(of(Joined, items)) == 1
