"""The stream over a real WebSocket."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.relay_process import RelayProcess, running, start

BOUND = 20


def body(key: str, kind: str = "message.sent") -> bytes:
    return json.dumps({"type": kind, "created_at": "2026-11-20T14:03:08Z", "data": {"id": key}}).encode()


@asynccontextmanager
async def viewer(relay: RelayProcess, **parameters: object) -> AsyncIterator[ClientConnection]:
    query = urlencode(parameters)
    async with connect(
        f"{relay.stream}?{query}", additional_headers=relay.authorization, max_size=8 << 20
    ) as socket:
        yield socket


async def frame_of(socket: ClientConnection, op: str) -> dict[str, Any]:
    """The next frame of a kind; frames of other kinds before it are passed over."""
    async with asyncio.timeout(BOUND):
        while True:
            frame: dict[str, Any] = json.loads(await socket.recv())
            if frame["op"] == op:
                return frame


async def test_hello_comes_first_and_names_the_log(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        relay.post_signed(body("a"))
        async with viewer(relay) as socket:
            frame = json.loads(await socket.recv())
    assert (frame["op"], frame["protocol"], frame["first_seq"], frame["last_seq"]) == ("hello", 1, 1, 1)
    assert frame["relay"]["secrets"] == 1


async def test_op_is_the_first_field_of_every_frame(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        relay.post_signed(body("a"))
        async with viewer(relay, after=0) as socket:
            texts = [str(await asyncio.wait_for(socket.recv(), BOUND)) for _ in range(4)]
    assert all(text.startswith('{"op":"') for text in texts)


async def test_without_after_only_what_comes_is_sent(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        relay.post_signed(body("before"))
        async with viewer(relay) as socket:
            await frame_of(socket, "heartbeat")
            relay.post_signed(body("after"))
            frame = await frame_of(socket, "events")
    assert [item["message_id"] for item in frame["items"]] == ["after"]


async def test_after_zero_begins_at_the_oldest(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        for key in "abc":
            relay.post_signed(body(key))
        async with viewer(relay, after=0) as socket:
            frame = await frame_of(socket, "events")
    assert ([item["seq"] for item in frame["items"]], frame["upto"]) == ([1, 2, 3], 3)


async def test_a_heartbeat_says_at_once_that_a_viewer_has_caught_up(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        relay.post_signed(body("a"))
        async with viewer(relay, after=0) as socket:
            await frame_of(socket, "events")
            async with asyncio.timeout(2):
                frame = await frame_of(socket, "heartbeat")
    assert frame["upto"] == frame["last_seq"] == 1


async def test_a_second_delivery_is_a_change(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        relay.post_signed(body("a"))
        async with viewer(relay) as socket:
            await frame_of(socket, "heartbeat")
            relay.post_signed(body("a"))
            frame = await frame_of(socket, "changes")
    assert [(item["seq"], item["delivery_count"]) for item in frame["items"]] == [(1, 2)]


async def test_types_narrow_events_and_counts_go_on(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        relay.post_signed(body("a"))
        relay.post_signed(body("b", "message.read"))
        async with viewer(relay, after=0, types="message.read") as socket:
            events = await frame_of(socket, "events")
            counts = await frame_of(socket, "counts")
    assert [item["type"] for item in events["items"]] == ["message.read"]
    assert counts["added"] == {"message.sent": 1, "message.read": 1}


async def test_another_filter_is_obeyed_from_the_seq_it_names(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        relay.post_signed(body("a"))
        async with viewer(relay) as socket:
            await frame_of(socket, "heartbeat")
            await socket.send(json.dumps({"op": "filter", "id": 7, "filter": "type:message.read"}))
            answer = await frame_of(socket, "filtered")
            relay.post_signed(body("b"))
            relay.post_signed(body("c", "message.read"))
            frame = await frame_of(socket, "events")
    assert (answer["id"], answer["from"]) == (7, 1)
    assert [item["message_id"] for item in frame["items"]] == ["c"]


async def test_a_wrong_filter_is_told_and_the_stream_goes_on(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        async with viewer(relay) as socket:
            await socket.send(json.dumps({"op": "filter", "id": "x", "filter": "recipent:user_1"}))
            error = await frame_of(socket, "error")
            relay.post_signed(body("a"))
            await frame_of(socket, "events")
    assert (error["code"], error["column"], error["id"]) == ("bad-filter", 1, "x")


async def test_a_frame_that_is_none_is_told_and_the_stream_goes_on(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        async with viewer(relay) as socket:
            await socket.send("not a frame")
            error = await frame_of(socket, "error")
            relay.post_signed(body("a"))
            await frame_of(socket, "events")
    assert error["code"] == "bad-frame"


async def test_a_full_view_sends_details(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        text = body("a")
        relay.post_signed(text)
        async with viewer(relay, after=0, view="full") as socket:
            frame = await frame_of(socket, "events")
    assert frame["items"][0]["payload"] == json.loads(text)
    assert len(frame["items"][0]["deliveries"]) == 1


async def test_what_retention_took_is_a_gap(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        for key in "abcde":
            relay.post_signed(body(key))
    with running(tmp_path / "data", "--retention-events", "2") as relay, relay.client() as client:
        async with asyncio.timeout(BOUND):
            while client.get("/v1/stats").json()["first_seq"] != 4:  # noqa: ASYNC110 - in another process
                await asyncio.sleep(0.01)
        async with viewer(relay, after=1) as socket:
            gap = await frame_of(socket, "gap")
            events = await frame_of(socket, "events")
        assert client.get("/v1/events/2").status_code == 410
    assert (gap["from"], gap["to"], gap["reason"]) == (2, 3, "retention")
    assert [item["seq"] for item in events["items"]] == [4, 5]


async def test_a_secret_added_is_told_with_the_next_heartbeat(tmp_path: Path) -> None:
    with running(tmp_path / "data", secret=None) as relay, relay.client() as client:
        async with viewer(relay) as socket:
            assert (await frame_of(socket, "heartbeat"))["secrets"] == 0
            client.post("/v1/secrets", json={"secret": "now"})
            assert (await frame_of(socket, "heartbeat"))["secrets"] == 1


@pytest.mark.parametrize("token", ["wrong", ""])
async def test_a_bad_token_is_refused_instead_of_the_upgrade(tmp_path: Path, token: str) -> None:
    with running(tmp_path / "data") as relay, pytest.raises(InvalidStatus) as refused:
        await connect(relay.stream, additional_headers={"authorization": f"Bearer {token}"})
    assert refused.value.response.status_code == 401


@pytest.mark.parametrize("query", ["after=x", "after=-1", "view=all", "filter=recipent:a", "nonsense=1"])
async def test_bad_parameters_are_refused_instead_of_the_upgrade(tmp_path: Path, query: str) -> None:
    with running(tmp_path / "data") as relay, pytest.raises(InvalidStatus) as refused:
        await connect(f"{relay.stream}?{query}", additional_headers=relay.authorization)
    assert refused.value.response.status_code == 400
    assert json.loads(refused.value.response.body)["detail"]


async def test_sigterm_tells_viewers_and_ends_with_0(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        async with viewer(relay) as socket:
            await frame_of(socket, "heartbeat")
            relay.child.send_signal(signal.SIGTERM)
            error = await frame_of(socket, "error")
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), BOUND)
        assert relay.child.wait(BOUND) == 0
    assert error["code"] == "stopping"
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001


async def test_stop_ends_the_relay_as_sigterm_does(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay, relay.client() as client:
        assert client.post("/v1/stop").status_code == 202
        assert relay.child.wait(BOUND) == 0
        assert not (relay.directory / "relay.json").exists()


async def test_two_relays_do_not_share_a_data_directory(tmp_path: Path) -> None:
    with running(tmp_path / "data"), pytest.raises(RuntimeError, match=r"ended with 19.*another relay"):
        start(tmp_path / "data")


async def test_an_address_in_use_is_refused(tmp_path: Path) -> None:
    with running(tmp_path / "one") as relay, pytest.raises(RuntimeError, match=r"ended with 18.*in use"):
        start(tmp_path / "two", port=int(relay.url.rsplit(":", 1)[1]))


async def test_a_full_view_of_a_large_event_fits_a_frame_and_says_that_it_is_cut(tmp_path: Path) -> None:
    text = json.dumps({"type": "a.b", "data": {"id": "x"}, "event_data": {"long": "x" * 900_000}}).encode()
    with running(tmp_path / "data") as relay:
        relay.post_signed(text)
        async with viewer(relay, after=0, view="full") as socket:
            frame = await frame_of(socket, "events")
    assert (frame["items"][0]["truncated"], frame["items"][0]["payload"]) == (True, None)
    assert len(json.dumps(frame)) < 1 << 20


async def test_a_new_viewer_from_the_oldest_kept_is_told_of_no_gap(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        for key in "abcde":
            relay.post_signed(body(key))
    with running(tmp_path / "data", "--retention-events", "2") as relay, relay.client() as client:
        async with asyncio.timeout(BOUND):
            while client.get("/v1/stats").json()["first_seq"] != 4:  # noqa: ASYNC110 - in another process
                await asyncio.sleep(0.01)
        async with viewer(relay, after=0) as socket:
            ops = [json.loads(await asyncio.wait_for(socket.recv(), BOUND))["op"] for _ in range(2)]
    assert ops == ["hello", "events"]
