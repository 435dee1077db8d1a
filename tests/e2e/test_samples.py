"""Each documented request goes in as it was composed, and says what it should."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.relay_process import RelayProcess, running, sample, sample_names


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    with running(tmp_path_factory.mktemp("relay")) as relay:
        yield relay


@pytest.fixture(scope="module")
def stored(relay: RelayProcess) -> dict[str, dict[str, Any]]:
    """Every sample posted as it is; its detail by name."""
    found = {}
    with relay.client() as client:
        for name in sample_names():
            body, headers = sample(name)
            answer = relay.post(body, headers)
            assert answer.status_code == 200, answer.text
            assert answer.json()["duplicate"] is False, name
            found[name] = client.get(f"/v1/events/{answer.json()['seq']}").json()
    return found


@pytest.mark.parametrize("name", sample_names())
def test_a_sample_is_stale_as_it_was_signed(name: str, stored: dict[str, dict[str, Any]]) -> None:
    assert stored[name]["verdict"] == "stale"


@pytest.mark.parametrize("name", sample_names())
def test_a_sample_shows_its_type_and_its_payload(name: str, stored: dict[str, dict[str, Any]]) -> None:
    body, _ = sample(name)
    assert stored[name]["type"] == name.split("-", maxsplit=1)[0]
    assert stored[name]["payload"] == json.loads(body)


@pytest.mark.parametrize("name", sample_names())
def test_a_sample_shows_who_and_what_it_is_about(name: str, stored: dict[str, dict[str, Any]]) -> None:
    data = json.loads(sample(name)[0])["data"]
    shown = stored[name]
    recipient = data.get("recipient")
    if isinstance(recipient, dict):
        recipient = f"{recipient['collection']}/{recipient['id']}"
    assert shown["recipient"] == recipient
    assert shown["tenant"] == data.get("tenant")
    if shown["type"].startswith("message."):
        assert shown["message_id"] == data["id"]
        assert shown["workflow"] == data["source"]["key"]
        assert shown["channel"]["id"] == data["channel_id"]


def test_each_sample_is_an_event_of_its_own(stored: dict[str, dict[str, Any]]) -> None:
    assert len({detail["seq"] for detail in stored.values()}) == len(sample_names())


def test_a_sample_signed_again_makes_its_event_verified(
    relay: RelayProcess, stored: dict[str, dict[str, Any]]
) -> None:
    for name, detail in stored.items():
        answer = relay.post_signed(sample(name)[0])
        assert answer.json() == {"seq": detail["seq"], "duplicate": True}
    with relay.client() as client:
        page = client.get("/v1/events", params={"limit": 500}).json()
    assert {item["verdict"] for item in page["items"]} == {"verified"}


def test_the_bytes_come_back_exactly(relay: RelayProcess, stored: dict[str, dict[str, Any]]) -> None:
    with relay.client() as client:
        for name, detail in stored.items():
            assert client.get(f"/v1/events/{detail['seq']}/body").content == sample(name)[0]


READINGS = {
    "message.sent": "via sendgrid",
    "message.delivery_attempted": "attempt ",
    "message.undelivered": "retries exhausted",
    "message.link_clicked": "http",
    "message.complaint": "complaint",
    "workflow.committed": ", commit ",
    "workflow_recipient_run.started": "by api",
    "commits.promoted-branch-merge": "feature-branch -> development: 3 commits, 2 resources",
    "branch.created": "feature-branch from development, by John Doe",
}


@pytest.mark.parametrize(("name", "part"), READINGS.items())
def test_a_sample_reads_as_documented(name: str, part: str, stored: dict[str, dict[str, Any]]) -> None:
    assert part in stored[name]["reading"]
