"""Canned answers at a real relay: the event is stored and counted, then its sender is answered as scripted."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.relay_process import RelayProcess, running, signed, start

BOUND = 20
_keys = count()


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    with running(tmp_path_factory.mktemp("relay")) as relay:
        yield relay


@pytest.fixture
def client(relay: RelayProcess) -> Iterator[httpx.Client]:
    with relay.client() as client:
        yield client
        client.delete("/v1/answers")


def event(kind: str = "message.sent", padding: int = 0) -> bytes:
    data = {"id": f"msg_{next(_keys)}", "text": "x" * padding}
    return json.dumps({"type": kind, "created_at": "2026-11-20T14:03:08Z", "data": data}).encode()


def provoke(client: httpx.Client, answer: str, filter_: str = "", **more: Any) -> dict[str, Any]:
    found = client.put("/v1/answers", json={"filter": filter_, "answer": answer, **more})
    assert found.status_code == 200, found.text
    told: dict[str, Any] = found.json()
    return told


def in_force(client: httpx.Client) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get("/v1/answers").json()["items"]
    return items


def until_waiting(client: httpx.Client, wanted: int) -> None:
    deadline = time.monotonic() + BOUND
    while in_force(client)[0]["waiting"] != wanted:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def until_answered(client: httpx.Client, seq: int, wanted: int) -> dict[str, Any]:
    """The detail once so many deliveries have their answer noted, which is after it was sent."""
    deadline = time.monotonic() + BOUND
    while True:
        detail: dict[str, Any] = client.get(f"/v1/events/{seq}").json()
        if sum(one["answered"] is not None for one in detail["deliveries"]) >= wanted:
            return detail
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Knock:
    """Sends an event again and again until it is answered with a 2xx, as Knock does."""

    def __init__(self, relay: RelayProcess, attempts: int = 8) -> None:
        self.relay = relay
        self.attempts = attempts

    def deliver(self, body: bytes) -> list[httpx.Response]:
        answers: list[httpx.Response] = []
        while len(answers) < self.attempts and not (answers and answers[-1].is_success):
            answers.append(self.relay.post_signed(body))
        return answers


@pytest.mark.parametrize("padding", [0, 100_000])
def test_retries_show_as_deliveries_of_one_event_answered_in_turn(
    relay: RelayProcess, client: httpx.Client, padding: int
) -> None:
    provoke(client, "500x3,200")
    answers = Knock(relay).deliver(event(padding=padding))
    assert [answer.status_code for answer in answers] == [500, 500, 500, 200]
    first, *again = (answer.json() for answer in answers)
    seq = first["seq"]
    assert (first["title"], first["duplicate"]) == ("Provoked", False)
    assert [(one["seq"], one["duplicate"]) for one in again] == [(seq, True)] * 3
    detail = until_answered(client, seq, 4)
    assert detail["delivery_count"] == 4
    assert [(one["n"], one["answered"]) for one in detail["deliveries"]] == [
        (1, 500),
        (2, 500),
        (3, 500),
        (4, 200),
    ]
    assert (in_force(client)[0]["answered"], in_force(client)[0]["events"]) == (4, 1)


def test_the_last_answer_repeats_and_each_event_has_its_own_turn(
    relay: RelayProcess, client: httpx.Client
) -> None:
    provoke(client, "500,204")
    one, two = event(), event()
    statuses = [relay.post_signed(body).status_code for body in (one, two, one, one, two)]
    assert statuses == [500, 500, 204, 204, 204]


def test_an_answer_without_a_body_leaves_the_connection_usable(relay: RelayProcess, client: httpx.Client) -> None:
    provoke(client, "204")
    body = event()
    with httpx.Client(trust_env=False, timeout=BOUND) as knock:
        answers = [knock.post(relay.webhooks, content=body, headers=signed(body, "message.sent")) for _ in "12"]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2


def test_retry_after_goes_with_what_is_no_success(relay: RelayProcess, client: httpx.Client) -> None:
    provoke(client, "429,200", retry_after=30)
    body = event()
    told = [relay.post_signed(body).headers.get("retry-after") for _ in range(2)]
    assert told == ["30", None]


def test_only_what_matches_is_answered_so_and_a_filter_counts_this_delivery(
    relay: RelayProcess, client: httpx.Client
) -> None:
    provoke(client, "503", "type:message.bounced deliveries:>1")
    bounced, sent = event("message.bounced"), event()
    answers = [relay.post_signed(body) for body in (bounced, sent, sent, bounced)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 503]
    detail = until_answered(client, answers[0].json()["seq"], 1)
    assert [one["answered"] for one in detail["deliveries"]] == [None, 503]


def test_what_would_not_be_answered_200_is_answered_as_ever(relay: RelayProcess, client: httpx.Client) -> None:
    provoke(client, "500")
    unsigned, wrong = relay.post(event()), relay.post_signed(event(), secret="another")
    no_event = relay.post_signed(b'{"type":"x"}')
    assert (unsigned.status_code, wrong.status_code, no_event.status_code) == (202, 202, 400)


def test_the_event_is_in_the_log_while_its_answer_waits_and_off_lets_it_go(
    relay: RelayProcess, client: httpx.Client
) -> None:
    body = event("waiting.sent")
    provoke(client, "500", delay_ms=60_000)
    with ThreadPoolExecutor(1) as pool:
        posting = pool.submit(relay.post_signed, body)
        until_waiting(client, 1)
        assert client.get("/v1/events/count", params={"filter": "type:waiting.sent"}).json()["count"] == 1
        assert not posting.done()
        client.delete("/v1/answers")
        assert posting.result(BOUND).status_code == 500
    assert relay.post_signed(body).status_code == 200


def test_a_sender_that_hangs_up_was_not_answered(relay: RelayProcess, client: httpx.Client) -> None:
    provoke(client, "500", delay_ms=60_000)
    body = event()
    host, port = relay.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=BOUND) as knock:
        lines = ["POST /webhooks/knock HTTP/1.1", "Host: relay", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in signed(body, "message.sent").items()]
        knock.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        until_waiting(client, 1)
    until_waiting(client, 0)
    assert in_force(client)[0]["answered"] == 0
    newest = client.get("/v1/events", params={"limit": 1}).json()["items"][0]["seq"]
    assert [one["answered"] for one in client.get(f"/v1/events/{newest}").json()["deliveries"]] == [None]


def test_viewers_are_told_at_once_and_in_the_greeting(relay: RelayProcess, client: httpx.Client) -> None:
    with connect(relay.stream, additional_headers=relay.authorization, proxy=None) as socket_:
        heard = [json.loads(socket_.recv(timeout=BOUND)) for _ in range(2)]
        assert (heard[0]["relay"]["provoking"], heard[1]["provoking"]) == (None, None)
        provoke(client, "500x2,200")
        told = json.loads(socket_.recv(timeout=BOUND))["provoking"]
        assert (told["rules"], told["answer"]) == (1, "500x2,200")
        client.delete("/v1/answers")
        assert json.loads(socket_.recv(timeout=BOUND))["provoking"] is None


def test_one_of_several_can_be_ended(relay: RelayProcess, client: httpx.Client) -> None:
    older, newer = provoke(client, "500", "type:message.*"), provoke(client, "503", "type:message.sent")
    assert relay.post_signed(event()).status_code == 503
    ended = client.delete(f"/v1/answers/{newer['id']}").json()["items"]
    assert [(one["id"], one["answered"]) for one in ended] == [(newer["id"], 1)]
    assert relay.post_signed(event()).status_code == 500
    assert [one["id"] for one in in_force(client)] == [older["id"]]
    assert client.delete(f"/v1/answers/{newer['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"filter": "", "answer": "600"}, "200 to 599"),
        ({"filter": "", "answer": "500x0"}, "1 to 1,000 times"),
        ({"filter": "", "answer": "later"}, "500x3,200"),
        ({"filter": "", "answer": "500", "delay_ms": 60_001}, "delay_ms"),
        ({"filter": "", "answer": "500", "retry_after": -1}, "retry_after"),
        ({"filter": "", "answer": "500", "for_seconds": 0}, "for_seconds"),
        ({"answer": "500"}, "filter"),
    ],
)
def test_what_cannot_be_given_is_refused(client: httpx.Client, body: object, said: str) -> None:
    answer = client.put("/v1/answers", json=body)
    assert (answer.status_code, said in answer.json()["detail"]) == (400, True)
    assert in_force(client) == []


def test_a_filter_that_does_not_parse_is_told_with_its_column(client: httpx.Client) -> None:
    answer = client.put("/v1/answers", json={"filter": "recipent:a", "answer": "500"})
    assert (answer.status_code, answer.json()["column"], answer.json()["suggestion"]) == (400, 1, "recipient")


def test_a_relay_that_stops_keeps_nobody_waiting(tmp_path: Path) -> None:
    relay = start(tmp_path / "relay")
    try:
        with relay.client() as client, ThreadPoolExecutor(1) as pool:
            provoke(client, "503", delay_ms=60_000)
            posting = pool.submit(relay.post_signed, event())
            until_waiting(client, 1)
            assert relay.stop() == 0
            assert posting.result(BOUND).status_code == 503
    finally:
        relay.stop()
        assert relay.child.stderr is not None
        relay.child.stderr.close()
