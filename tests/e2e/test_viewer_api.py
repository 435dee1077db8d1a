"""The viewer API over real sockets: who may ask, what is answered, how errors read."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from relay.contract.events import EventDetail, EventSummary
from tests.relay_process import SECRET, RelayProcess, running, sample, sample_names

COUNT = len(sample_names())


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    with running(tmp_path_factory.mktemp("relay")) as relay:
        for name in sample_names():
            assert relay.post_signed(sample(name)[0]).status_code == 200
        yield relay


@pytest.fixture
def client(relay: RelayProcess) -> Iterator[httpx.Client]:
    with relay.client() as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/v1/events", "/v1/stats", "/v1/no-such-thing", "/v1/secrets", "/metrics", "/openapi.json", "/v1"]
)
def test_without_the_token_every_path_is_refused(relay: RelayProcess, path: str) -> None:
    answer = httpx.get(relay.url + path, trust_env=False)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_page_of_another_origin_is_refused(client: httpx.Client) -> None:
    assert client.get("/v1/stats", headers={"origin": "https://evil.example.com"}).status_code == 403


def test_health_is_open_and_names_the_service(relay: RelayProcess) -> None:
    answer = httpx.get(f"{relay.url}/healthz", trust_env=False).json()
    assert (answer["service"], answer["pid"]) == ("knocktop-relay", relay.child.pid)


def test_events_are_listed_newest_first(client: httpx.Client) -> None:
    seqs = [item["seq"] for item in client.get("/v1/events", params={"limit": 500}).json()["items"]]
    assert seqs == list(range(COUNT, 0, -1))


def test_a_page_goes_on_where_the_last_one_ended(client: httpx.Client) -> None:
    seen: list[int] = []
    before: dict[str, int] = {}
    while True:
        page = client.get("/v1/events", params={"limit": 7} | before).json()
        seen += [item["seq"] for item in page["items"]]
        if page["next"] is None:
            break
        before = {"before": page["next"]}
    assert seen == list(range(COUNT, 0, -1))


def test_after_gives_the_oldest_above_it_newest_first(client: httpx.Client) -> None:
    page = client.get("/v1/events", params={"after": 3, "limit": 2}).json()
    assert ([item["seq"] for item in page["items"]], page["next"]) == ([5, 4], 5)


def test_a_filter_and_types_narrow_a_page(client: httpx.Client) -> None:
    page = client.get("/v1/events", params={"filter": "type:message.*", "types": "message.read,branch.created"})
    assert {item["type"] for item in page.json()["items"]} == {"message.read"}


def test_a_count_agrees_with_the_page(client: httpx.Client) -> None:
    params = {"filter": "failed"}
    page = client.get("/v1/events", params=params).json()
    assert client.get("/v1/events/count", params=params).json() == {"count": len(page["items"]), "upto": COUNT}


def test_types_are_counted(client: httpx.Client) -> None:
    found = client.get("/v1/types").json()
    by_type = {item["type"]: item for item in found["items"]}
    assert found["upto"] == COUNT
    assert by_type["message.sent"]["count"] == 3
    assert (by_type["message.sent"]["family"], by_type["message.sent"]["known"]) == ("message", True)
    assert len(by_type["message.sent"]["per_minute"]) == 60
    assert sum(item["count"] for item in found["items"]) == COUNT


def test_types_can_be_counted_under_a_filter(client: httpx.Client) -> None:
    found = client.get("/v1/types", params={"filter": "type:branch.*"}).json()
    assert {item["type"] for item in found["items"]} == {"branch.created", "branch.deleted", "branch.rebased"}


def test_a_summary_has_the_published_fields(client: httpx.Client) -> None:
    item = client.get("/v1/events", params={"limit": 1}).json()["items"][0]
    assert set(item) == set(EventSummary.__struct_fields__)


def test_a_detail_has_the_published_fields(client: httpx.Client) -> None:
    found = client.get("/v1/events/1").json()
    assert set(found) == set(EventDetail.__struct_fields__)


def test_a_seq_that_never_was_is_not_found(client: httpx.Client) -> None:
    answer = client.get("/v1/events/99999")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert set(answer.json()) == {"title", "status", "detail"}


def test_a_wrong_filter_says_where_and_suggests(client: httpx.Client) -> None:
    answer = client.get("/v1/events", params={"filter": "type:message.* recipent:user_1"})
    problem = answer.json()
    assert (answer.status_code, problem["column"], problem["length"]) == (400, 16, 8)
    assert "recipient" in problem["suggestion"]


@pytest.mark.parametrize("params", [{"limit": "0"}, {"limit": "501"}, {"before": "x"}, {"after": "-1"}])
def test_a_parameter_out_of_range_is_a_bad_request(client: httpx.Client, params: dict[str, str]) -> None:
    answer = client.get("/v1/events", params=params)
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


def test_an_unknown_path_is_a_problem_too(client: httpx.Client) -> None:
    answer = client.get("/v1/no-such-thing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_stats_describe_the_log(client: httpx.Client) -> None:
    found = client.get("/v1/stats").json()
    assert (found["first_seq"], found["last_seq"], found["events"]) == (1, COUNT, COUNT)
    assert found["backend"] == "sqlite"
    assert found["retention"] == {"events": 1_000_000, "age": 30 * 86_400, "size": 2 << 30}


def test_secrets_are_listed_by_id_only(client: httpx.Client) -> None:
    answer = client.get("/v1/secrets")
    assert SECRET not in answer.text
    assert [(len(item["id"]), item["added"]) for item in answer.json()["items"]] == [(8, False)]


def test_a_secret_of_the_settings_can_not_be_removed(client: httpx.Client) -> None:
    found = client.get("/v1/secrets").json()["items"][0]["id"]
    assert client.delete(f"/v1/secrets/{found}").status_code == 409


def test_a_secret_can_be_added_and_removed(client: httpx.Client) -> None:
    added = client.post("/v1/secrets", json={"secret": "another", "endpoint": "billing"}).json()["id"]
    assert client.delete(f"/v1/secrets/{added}").status_code == 204
    assert client.delete(f"/v1/secrets/{added}").status_code == 404


@pytest.mark.parametrize("body", ["", "{}", '{"secret": ""}', '{"secret": 3}', '{"secret": "a\\nb"}', "[]"])
def test_something_else_than_a_secret_is_refused_without_repeating_it(client: httpx.Client, body: str) -> None:
    answer = client.post("/v1/secrets", content=body)
    assert answer.status_code == 400


def test_metrics_count_deliveries(client: httpx.Client) -> None:
    page = client.get("/metrics").text
    assert f'knocktop_deliveries_total{{duplicate="false",verdict="verified"}} {COUNT}.0' in page


def test_the_document_describes_ingest_and_answers(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    assert "/webhooks/knock" in document["paths"]
    text = json.dumps(document)
    for schema in ("EventPage", "EventDetail", "Problem"):
        assert schema in document["components"]["schemas"]
        assert f"#/components/schemas/{schema}" in text
