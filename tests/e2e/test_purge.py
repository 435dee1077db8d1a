"""A purge through the API of a real relay: what goes, what is told, what is left in the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.relay_process import RelayProcess, running, signed

HUSH = "hush@example.com"


def body(number: int, kind: str = "message.sent", recipient: str = "dr_grant") -> bytes:
    data = {"id": f"m{number}", "recipient": recipient, "email": HUSH if recipient == "hush" else "x@example.com"}
    created = f"2026-11-23T10:42:00.{number:06d}Z"
    return json.dumps({"type": kind, "created_at": created, "data": data}).encode()


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[RelayProcess]:
    with running(tmp_path / "data") as found:
        yield found


def purge(relay: RelayProcess, **request: Any) -> Any:
    with relay.client() as client:
        answer = client.post("/v1/purge", json=request)
    assert answer.status_code == 200, answer.text
    return answer.json()


def seqs(relay: RelayProcess) -> list[int]:
    with relay.client() as client:
        return [item["seq"] for item in client.get("/v1/events").json()["items"]]


def files(relay: RelayProcess) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(relay.directory.glob("events.sqlite3*")))


def test_a_persons_events_and_quarantined_requests_go_from_the_file(relay: RelayProcess) -> None:
    relay.post_signed(body(1))
    relay.post_signed(body(2, recipient="hush"))
    relay.post(body(3, recipient="hush"))
    relay.post(body(4))
    assert HUSH.encode() in files(relay)
    assert purge(relay, filter="recipient:hush") == {
        "events": 1,
        "quarantined": 1,
        "dry_run": False,
        "erased": True,
        "compacted": True,
        "copies": [],
    }
    assert seqs(relay) == [1]
    assert HUSH.encode() not in files(relay)
    with relay.client() as client:
        assert client.get("/v1/quarantine").json()["held"] == 1
        assert client.get("/v1/events/2").status_code == 410


def test_a_dry_run_only_counts(relay: RelayProcess) -> None:
    relay.post_signed(body(1))
    relay.post(body(2))
    found = purge(relay, filter="type:message.sent", dry_run=True)
    assert (found["events"], found["quarantined"], found["dry_run"]) == (1, 1, True)
    assert seqs(relay) == [1]


def test_a_late_retry_of_a_purged_event_makes_no_new_one(relay: RelayProcess) -> None:
    relay.post_signed(body(1))
    purge(relay, filter="")
    assert relay.post_signed(body(1)).json() == {"seq": 1, "duplicate": True}
    assert seqs(relay) == []


def test_before_takes_what_arrived_until_then(relay: RelayProcess) -> None:
    relay.post_signed(body(1))
    with relay.client() as client:
        arrived = client.get("/v1/events/1").json()["received_at"]
    assert relay.post_signed(body(2)).status_code == 200
    assert purge(relay, filter="", before=arrived)["events"] == 0
    with relay.client() as client:
        later = client.get("/v1/events/2").json()["received_at"]
    assert purge(relay, filter="", before=later)["events"] == 1
    assert seqs(relay) == [2]


def test_a_request_that_is_no_event_is_found_by_its_text(relay: RelayProcess) -> None:
    noise = b'{"no": "event", "email": "hush@example.com"}'
    assert relay.post(noise, headers=signed(noise, "x")).status_code == 400
    assert purge(relay, filter='"nobody@example.com"')["quarantined"] == 0
    assert purge(relay, filter='"hush@example.com"')["quarantined"] == 1


def test_a_viewer_that_had_not_come_so_far_is_told_of_the_gap(relay: RelayProcess) -> None:
    for number in (1, 2, 3, 4):
        relay.post_signed(body(number))
    purge(relay, filter="seq:1..3")
    with connect(f"{relay.stream}?after=1", additional_headers=relay.authorization, proxy=None) as viewer:
        hello, gap = (json.loads(viewer.recv(10)) for _ in range(2))
    assert hello["first_seq"] == 4
    assert gap == {"op": "gap", "from": 2, "to": 3, "reason": "purge"}


def test_a_live_viewer_goes_on_and_hears_nothing_of_single_events(relay: RelayProcess) -> None:
    relay.post_signed(body(1))
    with connect(f"{relay.stream}?after=1", additional_headers=relay.authorization, proxy=None) as viewer:
        assert json.loads(viewer.recv(10))["op"] == "hello"
        relay.post_signed(body(2, recipient="hush"))
        purge(relay, filter="recipient:hush")
        relay.post_signed(body(3))
        frames: list[dict[str, Any]] = []
        while not frames or not any(item["seq"] == 3 for item in frames[-1].get("items", ())):
            frames.append(json.loads(viewer.recv(10)))
    assert {frame["op"] for frame in frames} <= {"heartbeat", "events", "counts"}


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({}, "filter"),
        ({"filter": 1}, "filter"),
        ({"filter": "", "before": "soon"}, "before should be a time"),
        ([], "filter"),
    ],
)
def test_what_is_no_purge_removes_nothing(relay: RelayProcess, request_: Any, told: str) -> None:
    relay.post_signed(body(1))
    with relay.client() as client:
        answer = client.post("/v1/purge", json=request_)
    assert answer.status_code == 400
    assert told in answer.json()["detail"]
    assert seqs(relay) == [1]


def test_a_filter_that_does_not_parse_says_where(relay: RelayProcess) -> None:
    with relay.client() as client:
        problem = client.post("/v1/purge", json={"filter": "recipent:x"}).json()
    assert (problem["status"], problem["column"]) == (400, 1)


def test_it_takes_the_token(relay: RelayProcess) -> None:
    answer = httpx.post(f"{relay.url}/v1/purge", json={"filter": ""}, trust_env=False)
    assert answer.status_code == 401


def test_the_document_describes_it(relay: RelayProcess) -> None:
    with relay.client() as client:
        document = client.get("/openapi.json").json()
    operation = document["paths"]["/v1/purge"]["post"]
    assert "PurgeRequest" in json.dumps(operation["requestBody"])
    assert "Purged" in json.dumps(operation["responses"])
    assert {"PurgeRequest", "Purged"} <= document["components"]["schemas"].keys()


def test_a_copy_that_an_older_version_kept_is_named(relay: RelayProcess) -> None:
    (relay.directory / "events.sqlite3.v0.bak").write_bytes(b"")
    assert purge(relay, filter="")["copies"] == ["events.sqlite3.v0.bak"]
