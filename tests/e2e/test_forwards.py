"""Forwards over real sockets: what is reported is kept, told to viewers, and listed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from relay.contract.events import Forward
from relay.contract.forwards import BODY_LIMIT, HEADERS_LIMIT
from tests.e2e.test_stream import BOUND, body, frame_of, viewer
from tests.relay_process import TOKEN, RelayProcess, running
from tui.client import NoSuchEvent, RelayClient
from tui.feed import AlreadyForwarded, Feed, Joined

URL = "http://127.0.0.1:3000/hooks"
REPORT = {"url": URL, "sign": "fresh", "status": 503, "ms": 12.5, "headers": [["a", "1"]], "body": "no"}


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    with running(tmp_path_factory.mktemp("relay")) as relay:
        yield relay


@pytest.fixture
def client(relay: RelayProcess) -> Iterator[httpx.Client]:
    with relay.client() as client:
        yield client


def stored(relay: RelayProcess, key: str) -> int:
    return int(relay.post_signed(body(key)).json()["seq"])


def reported(client: httpx.Client, seq: int) -> tuple[int, int]:
    answer = client.post(f"/v1/events/{seq}/forwards", json=REPORT)
    assert answer.status_code == 200
    return answer.json()["seq"], answer.json()["n"]


def matching(client: httpx.Client, filter_: str) -> list[dict[str, object]]:
    items: list[dict[str, object]] = client.get("/v1/events", params={"filter": filter_}).json()["items"]
    return items


async def test_a_report_changes_the_event_for_every_viewer_and_for_replays(
    relay: RelayProcess, client: httpx.Client
) -> None:
    seq = stored(relay, "told")
    async with viewer(relay) as socket, viewer(relay, filter="forwarded:>=500") as filtered:
        await frame_of(socket, "heartbeat")
        await frame_of(filtered, "heartbeat")
        entry, n = reported(client, seq)
        assert n == 1
        for each in (socket, filtered):
            frame = await frame_of(each, "changes")
            assert [(item["seq"], item["forwarded"]) for item in frame["items"]] == [(seq, 503)]
            assert frame["upto"] == entry
    async with viewer(relay, after=seq) as socket:
        assert (await frame_of(socket, "changes"))["items"][0]["forwarded"] == 503
    found = matching(client, "forwarded:>=500 message:told")
    assert [(item["seq"], item["forward_failed"]) for item in found] == [(seq, False)]


async def test_an_event_leaves_the_stream_of_a_filter_that_its_forward_no_longer_matches(
    relay: RelayProcess, client: httpx.Client
) -> None:
    seq = stored(relay, "leaving")
    async with viewer(relay, filter="message:leaving -forwarded:>=500") as socket:
        await frame_of(socket, "heartbeat")
        reported(client, seq)
        frame = await frame_of(socket, "left")
        assert [(item["seq"], item["forwarded"]) for item in frame["items"]] == [(seq, 503)]


def test_a_forward_without_an_answer_leaves_the_last_status(relay: RelayProcess, client: httpx.Client) -> None:
    path = f"/v1/events/{stored(relay, 'failed')}"
    client.post(f"{path}/forwards", json=REPORT)
    client.post(f"{path}/forwards", json={"url": URL, "error": "connection refused", "kind": "resend"})
    detail = client.get(path).json()
    assert (detail["forwarded"], detail["forward_failed"]) == (503, True)
    assert [(each["n"], each["status"], each["error"], each["kind"]) for each in detail["forwards"]] == [
        (1, 503, None, "forward"),
        (2, None, "connection refused", "resend"),
    ]


def test_forwards_are_listed_newest_first_with_their_events(relay: RelayProcess, client: httpx.Client) -> None:
    seq = stored(relay, "listed")
    for status in (200, 201, 202):
        client.post(f"/v1/events/{seq}/forwards", json=REPORT | {"status": status})
    page = client.get("/v1/forwards", params={"limit": 2}).json()
    assert [item["status"] for item in page["items"]] == [202, 201]
    rest = client.get("/v1/forwards", params={"before": page["next"], "limit": 1}).json()["items"][0]
    assert (rest["status"], rest["seq"], rest["type"], rest["message_id"]) == (200, seq, "message.sent", "listed")
    assert client.get(f"/v1/events/{seq}/forwards/{rest['n']}").json()["body"] == "no"


def test_credentials_in_a_url_are_not_kept(relay: RelayProcess, client: httpx.Client) -> None:
    path = f"/v1/events/{stored(relay, 'secret')}"
    client.post(f"{path}/forwards", json=REPORT | {"url": "http://user:hush@127.0.0.1:3000/a?b=c@d"})
    answer = client.get(path)
    assert answer.json()["forwards"][0]["url"] == "http://127.0.0.1:3000/a?b=c@d"
    assert "hush" not in answer.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"sign": "sideways"},
        {"status": 1000},
        {"status": 99},
        {"ms": -1},
        {"ms": "fast"},
        {"kind": "delivery"},
        {"attempt": 0},
        {"headers": [["a"]]},
        {"url": " "},
        {"status": None},
        {"body": 5},
    ],
)
def test_what_is_no_forward_is_a_bad_request(
    relay: RelayProcess, client: httpx.Client, wrong: dict[str, object]
) -> None:
    answer = client.post("/v1/events/1/forwards", json=REPORT | wrong)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("raw", [b"", b"[]", b"not json", b"[" * 1_000, b'{"url":"x","ms":1e400,"status":200}'])
def test_what_is_no_report_at_all_is_a_bad_request(client: httpx.Client, raw: bytes) -> None:
    assert client.post("/v1/events/1/forwards", content=raw).status_code == 400


@pytest.mark.parametrize(
    "much",
    [{"body": "x" * (BODY_LIMIT + 1)}, {"headers": [["a", "x" * HEADERS_LIMIT]]}, {"body": "x" * (1 << 20)}],
)
def test_too_much_of_an_answer_is_refused(client: httpx.Client, much: dict[str, object]) -> None:
    assert client.post("/v1/events/1/forwards", json=REPORT | much).status_code == 413


def test_only_events_that_are_there_have_forwards(relay: RelayProcess, client: httpx.Client) -> None:
    seq = stored(relay, "there")
    assert client.post("/v1/events/999999/forwards", json=REPORT).status_code == 404
    assert client.get(f"/v1/events/{seq}/forwards/1").status_code == 404


async def test_the_client_reports_what_the_relay_takes_whatever_was_answered(tmp_path: Path) -> None:
    much = Forward(
        url="http://user:hush@127.0.0.1:3000/",
        status=200,
        ms=1.5,
        headers=[("first", "kept"), ("x", "y" * HEADERS_LIMIT), ("last", "cut")],
        body="é\ud800\x00" * BODY_LIMIT,
    )
    with running(tmp_path / "data") as relay:
        seq = stored(relay, "much")
        async with RelayClient(relay.url, TOKEN) as client:
            assert (await client.report_forward(seq, much)).n == 1
            kept = await client.forward(seq, 1)
            page = await client.forwards(limit=1)
            detail = await client.event(seq)
            with pytest.raises(NoSuchEvent):
                await client.report_forward(99, much)
    assert kept.headers == [("first", "kept")]
    assert kept.truncated
    assert much.body is not None
    assert kept.body is not None
    assert much.body.startswith(kept.body)
    assert BODY_LIMIT - 3 < len(kept.body.encode("utf-8", "surrogatepass")) <= BODY_LIMIT
    assert [(item.seq, item.url, item.n) for item in page.items] == [(seq, "http://127.0.0.1:3000/", 1)]
    assert detail.forwards == [kept]


async def refused(relay: RelayProcess, **parameters: object) -> tuple[int, dict[str, object]]:
    with pytest.raises(InvalidStatus) as error:
        async with viewer(relay, **parameters):
            pass
    return error.value.response.status_code, json.loads(error.value.response.body or b"")


def forwarding(client: httpx.Client) -> list[str]:
    targets: list[str] = client.get("/v1/stats").json()["forwarding"]
    return targets


async def told(socket: ClientConnection, targets: list[str]) -> None:
    """Wait for a heartbeat that says what is forwarded to."""
    while (await frame_of(socket, "heartbeat"))["forwarding"] != targets:
        pass


async def test_one_stream_at_a_time_forwards_to_a_url_and_every_viewer_knows(
    relay: RelayProcess, client: httpx.Client
) -> None:
    async with viewer(relay) as watching:
        await told(watching, [])
        async with viewer(relay, forwarding=URL, forwarder="a"):
            await told(watching, [URL])
            assert forwarding(client) == [URL]
            status, problem = await refused(relay, forwarding=URL, forwarder="b")
            assert (status, problem["title"]) == (409, "Already forwarded")
            async with viewer(relay, forwarding=URL, forwarder="b", force=1) as second:
                await frame_of(second, "hello")
        await told(watching, [])
        async with viewer(relay, forwarding=URL, forwarder="b") as next_one:
            await frame_of(next_one, "hello")


async def test_a_client_that_lost_its_connection_takes_over_at_once(
    relay: RelayProcess, client: httpx.Client
) -> None:
    async with viewer(relay, forwarding=URL, forwarder="a") as old:
        await frame_of(old, "hello")
        async with viewer(relay, forwarding=URL, forwarder="a") as new, viewer(relay) as watching:
            await frame_of(new, "hello")
            await old.close()
            await told(watching, [URL])
            assert (await refused(relay, forwarding=URL))[0] == 409
        async with viewer(relay) as watching:
            await told(watching, [])


@pytest.mark.parametrize(
    "wrong", [{"forwarding": "nonsense"}, {"forwarding": URL, "force": "yes"}, {"force": "2"}]
)
async def test_a_lease_on_nothing_is_a_bad_request(relay: RelayProcess, wrong: dict[str, str]) -> None:
    assert (await refused(relay, **wrong))[0] == 400


async def test_a_feed_that_forwards_hears_that_another_does(relay: RelayProcess) -> None:
    async with Feed(relay.url, TOKEN, forwarding=URL) as first, Feed(relay.url, TOKEN, forwarding=URL) as second:
        assert await joined(first)
        with pytest.raises(AlreadyForwarded, match="is already forwarded to by another client"):
            await joined(second)
        async with Feed(relay.url, TOKEN, forwarding=URL, force=True) as third:
            assert await joined(third)


async def joined(feed: Feed) -> bool:
    async with asyncio.timeout(BOUND):
        async for item in feed:
            if isinstance(item, Joined):
                return True
    return False


def test_the_document_describes_forwards(client: httpx.Client) -> None:
    document = json.loads(client.get("/openapi.json").content)
    assert "post" in document["paths"]["/v1/events/{seq}/forwards"]
    assert {"Forward", "ForwardItem", "ForwardsPage", "NewForward"} <= document["components"]["schemas"].keys()
