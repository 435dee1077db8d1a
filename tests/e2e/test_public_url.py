"""The address at which Knock reaches the relay, as the relay tells it to its viewers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from tests.relay_process import RelayProcess, running

BOUND = 20
CONFIGURED = "https://mine.example"
TUNNEL = "https://some-words.trycloudflare.com"


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    with running(tmp_path_factory.mktemp("relay"), "--public-url", CONFIGURED) as relay:
        yield relay


def viewer(relay: RelayProcess) -> ClientConnection:
    return connect(relay.stream, additional_headers=relay.authorization, proxy=None)


def heard(socket: ClientConnection) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(socket.recv(timeout=BOUND))
    return frame


@pytest.fixture
def client(relay: RelayProcess) -> Iterator[httpx.Client]:
    with relay.client() as client:
        yield client
        client.delete("/v1/public-url", params={"url": TUNNEL})


def test_viewers_hear_of_a_tunnel_at_once_and_of_its_end(relay: RelayProcess, client: httpx.Client) -> None:
    with viewer(relay) as socket:
        hello = heard(socket)
        beat = heard(socket)
        assert (hello["relay"]["public_url"], beat["public_url"]) == (CONFIGURED, CONFIGURED)
        assert client.put("/v1/public-url", json={"url": f"{TUNNEL}/"}).json() == {"url": TUNNEL}
        assert heard(socket)["public_url"] == TUNNEL
        assert client.delete("/v1/public-url", params={"url": TUNNEL}).status_code == 204
        assert heard(socket)["public_url"] == CONFIGURED


def test_a_viewer_that_comes_later_is_told_in_the_greeting(relay: RelayProcess, client: httpx.Client) -> None:
    client.put("/v1/public-url", json={"url": TUNNEL})
    with viewer(relay) as socket:
        assert heard(socket)["relay"]["public_url"] == TUNNEL
    assert client.get("/v1/public-url").json() == {"url": TUNNEL}


def test_a_tunnel_that_nobody_speaks_for_any_more_is_forgotten(relay: RelayProcess, client: httpx.Client) -> None:
    with viewer(relay) as socket:
        client.put("/v1/public-url", json={"url": TUNNEL, "seconds": 1})
        while heard(socket).get("public_url") != TUNNEL:
            pass
        while heard(socket)["public_url"] != CONFIGURED:
            pass


@pytest.mark.parametrize(
    "body",
    [
        {"url": "ftp://a.example"},
        {"url": "https://user@a.example"},
        {"url": "https://a.example", "seconds": 0},
        {"url": "https://a.example", "seconds": 3_601},
        {"seconds": 60},
        [],
    ],
)
def test_what_is_no_address_is_refused(client: httpx.Client, body: object) -> None:
    answer = client.put("/v1/public-url", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert client.get("/v1/public-url").json() == {"url": CONFIGURED}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_nobody_without_the_token_asks_or_changes_it(relay: RelayProcess, method: str) -> None:
    answer = httpx.request(method, f"{relay.url}/v1/public-url", trust_env=False)
    assert answer.status_code == 401


def test_the_document_describes_it(client: httpx.Client) -> None:
    path = client.get("/openapi.json").json()["paths"]["/v1/public-url"]
    assert set(path) == {"get", "put", "delete"}
    schema = path["put"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/NewPublicUrl"}
