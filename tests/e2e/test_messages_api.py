"""Messages and runs through the API of a real relay, fed with simulated stories whose truth is known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from relay.contract import jsontext
from tests.relay_process import RelayProcess, running
from tui.simulator import Lifecycle

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
STORIES = ("happy-email", "feed", "push", "bounce", "retry-storm", "manual-retry", "complaint", "runs")


@pytest.fixture(scope="module")
def bodies() -> list[dict[str, Any]]:
    """The bodies of every story, in the order in which they are sent: the second half of each story first."""
    found = []
    for seed, story in enumerate(STORIES):
        events = [json.loads(event.body) for event in Lifecycle(story, seed=seed, start=START)]
        found += events[len(events) // 2 :] + events[: len(events) // 2]
    return found


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory, bodies: list[dict[str, Any]]) -> Iterator[RelayProcess]:
    with running(tmp_path_factory.mktemp("relay") / "data") as found:
        for body in bodies:
            assert found.post_signed(jsontext.dumps(body)).status_code == 200
        found.post_signed(jsontext.dumps(bodies[0]))
        yield found


@pytest.fixture
def client(relay: RelayProcess) -> Iterator[httpx.Client]:
    with relay.client() as found:
        yield found


def get(client: httpx.Client, path: str, **params: Any) -> Any:
    answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def every_page(client: httpx.Client, path: str, **params: Any) -> list[Any]:
    items: list[Any] = []
    before: dict[str, str] = {}
    while True:
        page = get(client, path, **params, **before)
        items += page["items"]
        if page["next"] is None:
            return items
        before = {"before": page["next"]}


def of_messages(bodies: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for body in bodies:
        if body["type"].startswith("message."):
            found.setdefault(body["data"]["id"], []).append(body)
    return {id_: sorted(some, key=lambda body: body["created_at"]) for id_, some in found.items()}


def test_every_message_is_listed_once_with_the_outcome_that_knock_has(
    client: httpx.Client, bodies: list[dict[str, Any]]
) -> None:
    truth = {id_: some[-1]["data"]["status"] for id_, some in of_messages(bodies).items()}
    found = every_page(client, "/v1/messages", limit=3)
    assert sorted((item["message_id"], item["outcome"]) for item in found) == sorted(truth.items())
    newest = [max(step["seq"] for step in item["steps"]) for item in found]
    assert newest == sorted(newest, reverse=True)


def test_a_message_is_told_whole(client: httpx.Client, bodies: list[dict[str, Any]]) -> None:
    for id_, some in of_messages(bodies).items():
        found = get(client, f"/v1/messages/{id_}")
        assert [step["created_at"] for step in found["steps"]] == [body["created_at"] for body in some]
        assert found["made_at"] == some[0]["data"]["inserted_at"]
        assert found["step_ref"] == some[0]["data"]["source"]["step_ref"]
        assert found["step_count"] == len(some)
        assert ("out-of-order" in found["flags"]) is any(step["out_of_order"] for step in found["steps"])
        assert ("duplicate-delivery" in found["flags"]) is (bodies[0] in some)


def test_a_message_that_there_is_not_is_not_found(client: httpx.Client) -> None:
    answer = client.get("/v1/messages/nobody/knows")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not in the log")
    assert "nobody/knows" in answer.json()["detail"]


@pytest.mark.parametrize("sort", ["activity", "failing", "slowest"])
def test_each_order_lists_the_same_messages(client: httpx.Client, sort: str) -> None:
    found = every_page(client, "/v1/messages", sort=sort, limit=4)
    assert sorted(item["message_id"] for item in found) == sorted(
        item["message_id"] for item in get(client, "/v1/messages", limit=500)["items"]
    )
    if sort == "slowest":
        times = [item["took_ms"] or 0 for item in found]
        assert times == sorted(times, reverse=True)
    if sort == "failing":
        bad = [item["outcome"] in ("bounced", "undelivered") or "complaint" in item["flags"] for item in found]
        assert bad == sorted(bad, reverse=True)
        assert any(bad)


@pytest.mark.parametrize(
    ("filter_", "holds"),
    [
        ("outcome:bounced", lambda item: item["outcome"] == "bounced"),
        ("flag:manual-retry", lambda item: "manual-retry" in item["flags"]),
        ("never:message.delivered", lambda item: not has(item, "message.delivered")),
        ("engagement:read", lambda item: "read" in item["engagement"]),
        ("took:>5s", lambda item: (item["took_ms"] or 0) > 5_000),
        ("steps:>3", lambda item: item["step_count"] > 3),
        ("type:message.complaint", lambda item: has(item, "message.complaint")),
        ("type:message.read outcome:delivered", lambda item: has(item, "message.read")),
        ("event_data.attempt:>=2", lambda item: len(item["attempts"]) > 1),
    ],
)
@pytest.mark.parametrize("sort", ["activity", "failing", "slowest"])
def test_a_filter_lists_just_what_it_says(client: httpx.Client, filter_: str, holds: Any, sort: str) -> None:
    everyone = get(client, "/v1/messages", limit=500)["items"]
    wanted = sorted(item["message_id"] for item in everyone if holds(item))
    found = every_page(client, "/v1/messages", filter=filter_, sort=sort, limit=2)
    assert sorted(item["message_id"] for item in found) == wanted
    assert wanted


def has(item: Any, kind: str) -> bool:
    return any(step["type"] == kind for step in item["steps"])


def test_what_is_wrong_with_a_request_is_said(client: httpx.Client) -> None:
    answer = client.get("/v1/messages", params={"filter": "outcom:sent"})
    assert (answer.status_code, answer.json()["suggestion"]) == (400, "outcome")
    assert client.get("/v1/messages", params={"before": "12"}).status_code == 400
    assert client.get("/v1/messages", params={"before": "s1.2.3.4"}).status_code == 400
    assert client.get("/v1/messages", params={"sort": "prettiest"}).status_code == 400
    assert client.get("/v1/events", params={"filter": "outcome:sent"}).status_code == 400


def test_the_funnel_counts_what_can_reach_a_step(client: httpx.Client, bodies: list[dict[str, Any]]) -> None:
    found = get(client, "/v1/funnel", by="channel")
    assert found["complete"]
    assert found["messages"] == len(of_messages(bodies))
    groups = {group["value"]: {step["step"]: step for step in group["steps"]} for group in found["groups"]}
    assert sum(group["messages"] for group in found["groups"]) == found["messages"]
    assert (groups["push"]["delivered"]["of"], groups["push"]["sent"]["count"]) == (0, 1)
    assert (groups["in_app_feed"]["sent"]["of"], groups["email"]["seen"]["of"]) == (0, 0)
    feed = groups["in_app_feed"]
    assert feed["delivered"]["count"] == feed["delivered"]["of"]
    assert groups["email"]["delivered"]["median_ms"] > 0
    for step in found["steps"]:
        assert step["count"] <= step["of"] <= found["messages"]


def test_the_funnel_by_workflow_is_narrowed_by_a_filter(client: httpx.Client) -> None:
    found = get(client, "/v1/funnel", by="workflow", filter="outcome:bounced")
    assert found["messages"] == sum(group["messages"] for group in found["groups"]) == 1


def test_a_run_is_a_tree_of_recipients_steps_and_messages(
    client: httpx.Client, bodies: list[dict[str, Any]]
) -> None:
    started = [body["data"] for body in bodies if body["type"] == "workflow_recipient_run.started"]
    run_id = started[0]["workflow_run_id"]
    tree = get(client, f"/v1/runs/{run_id}")
    assert (tree["workflow_run_id"], tree["workflow"], tree["complete"]) == (run_id, started[0]["workflow"], True)
    assert {one["recipient"] for one in tree["recipients"]} == {one["recipient"] for one in started}
    for one in tree["recipients"]:
        assert one["status"] == "completed"
        assert one["events"][0]["type"] == "workflow_recipient_run.started"
        refs = [(step["step_ref"], step["channel"]["type"], len(step["messages"])) for step in one["steps"]]
        assert [(kind, count) for _, kind, count in refs] == [("in_app_feed", 1), ("email", 1)]
        assert all(ref for ref, _, _ in refs)
    assert sum(one["errors"] for one in tree["recipients"]) == 1


def test_runs_are_listed_with_what_became_of_their_messages(
    client: httpx.Client, bodies: list[dict[str, Any]]
) -> None:
    ids = {body["data"].get("workflow_run_id") or body["data"]["source"]["workflow_run_id"] for body in bodies}
    found = every_page(client, "/v1/runs", limit=2)
    assert sorted(run["workflow_run_id"] for run in found) == sorted(ids)
    assert sum(run["messages"] for run in found) == len(of_messages(bodies))
    failed = every_page(client, "/v1/runs", filter="type:workflow_recipient_run.error")
    assert [(run["recipients"], run["errors"]) for run in failed] == [(3, 1)]


def test_a_run_that_there_is_not_is_not_found(client: httpx.Client) -> None:
    assert client.get("/v1/runs/nothing").status_code == 404


def test_the_document_describes_messages_and_runs(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    for path in (
        "/v1/messages",
        "/v1/messages/{message_id}",
        "/v1/funnel",
        "/v1/runs",
        "/v1/runs/{workflow_run_id}",
    ):
        assert path in document["paths"]
    assert {"MessagesPage", "MessageTimeline", "Funnel", "RunTree", "RunsPage"} <= document["components"][
        "schemas"
    ].keys()
