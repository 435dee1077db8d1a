"""The values of a field through the API of a real relay, and what it says of a field that there is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.relay_process import RelayProcess, running, signed


def body(number: int, reason: str) -> bytes:
    created = f"2026-11-23T10:42:00.{number:06d}Z"
    data = {"id": f"m{number}", "workflow": "welcome" if number % 2 else "goodbye"}
    event = {"type": "message.bounced", "created_at": created, "data": data, "event_data": {"reason": reason}}
    return json.dumps(event).encode()


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    with running(tmp_path_factory.mktemp("relay") / "data") as found:
        with found.client() as client:
            for number in range(5):
                sent = body(number, f"550 no user u{number}@example.com")
                client.post("/webhooks/knock", content=sent, headers=signed(sent, "message.bounced"))
        yield found


def groups(relay: RelayProcess, **params: str) -> list[tuple[Any, int]]:
    with relay.client() as client:
        answer = client.get("/v1/groups", params=params)
    assert answer.status_code == 200, answer.text
    return [(item["value"], item["count"]) for item in answer.json()["items"]]


def test_the_values_of_a_name_are_counted(relay: RelayProcess) -> None:
    assert groups(relay, by="workflow") == [("goodbye", 3), ("welcome", 2)]


def test_a_filter_and_a_limit_narrow_them(relay: RelayProcess) -> None:
    assert groups(relay, by="message", filter="workflow:welcome", limit="1") == [("m3", 1)]


def test_failures_that_say_the_same_of_others_are_one(relay: RelayProcess) -> None:
    assert groups(relay, by="event_data.reason", mask="true") == [("<n> no user <email>", 5)]


def test_a_field_that_there_is_not_is_pointed_at(relay: RelayProcess) -> None:
    with relay.client() as client:
        answer = client.get("/v1/groups", params={"by": "workflw"})
    assert (answer.status_code, answer.json()["suggestion"], answer.json()["column"]) == (400, "workflow", 1)
