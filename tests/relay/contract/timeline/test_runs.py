"""A run as a tree: whatever order its events arrived in, and whatever of them is not there."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.contract import jsontext
from relay.contract.timeline import Origin, RunTree, in_list, run_of
from tests.relay.contract.timeline.told import LATER, START, arrived, made
from tui.simulator import Lifecycle


def events_of(scenario: str, seed: int) -> list[dict[str, Any]]:
    return [jsontext.loads(event.body) for event in Lifecycle(scenario, seed=seed, start=START)]


def run_id_of(payload: dict[str, Any]) -> str:
    data = payload["data"]
    return str(data.get("workflow_run_id") or data["source"]["workflow_run_id"])


def tree(payloads: list[dict[str, Any]], order: Any = None) -> RunTree:
    refs = {
        body["data"]["id"]: body["data"]["source"]["step_ref"] for body in payloads if "source" in body["data"]
    }
    origins = {id_: Origin(step_ref=ref) for id_, ref in refs.items()}
    return run_of(run_id_of(payloads[0]), arrived(payloads, order), LATER, origins.__getitem__)


def without_arrival(one: RunTree) -> Any:
    arrival = {"seq", "received_at", "out_of_order", "flags"}

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items() if key not in arrival}
        return [plain(each) for each in value] if isinstance(value, list) else value

    return plain(jsontext.loads(jsontext.dumps(one)))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 500), st.randoms(use_true_random=False))
def test_a_run_reads_the_same_in_any_order_of_arrival(seed: int, chance: Random) -> None:
    payloads = events_of("runs", seed)
    order = list(range(len(payloads)))
    chance.shuffle(order)
    assert without_arrival(tree(payloads, order)) == without_arrival(tree(payloads))


def test_steps_are_in_the_order_in_which_their_first_messages_came() -> None:
    for one in tree(events_of("runs", 3)).recipients:
        assert [step.channel.type for step in one.steps if step.channel] == ["in_app_feed", "email"]
        assert [event.type.partition(".")[2] for event in one.events][-1] == "completed"
        assert (one.status, one.first_at) == ("completed", one.events[0].created_at)


def test_a_list_tells_what_became_of_the_messages_of_a_run() -> None:
    found = in_list(tree(events_of("runs", 3)))
    assert (found.recipients, found.messages, found.errors) == (3, 6, 1)
    assert found.outcomes == {"delivered": 5, "undelivered": 1}


def test_without_events_of_the_run_itself_its_messages_still_make_a_tree() -> None:
    source = {"key": "welcome", "workflow_run_id": "run-1", "step_ref": "email_1"}
    found = tree([made("sent", id="a", source=source), made("sent", 1, id="b", source=source, recipient="ellie")])
    assert [(one.recipient, one.status, one.workflow_recipient_run_id) for one in found.recipients] == [
        ("dr_grant", None, None),
        ("ellie", None, None),
    ]
    assert (found.workflow, found.recipients[0].steps[0].step_ref) == ("welcome", "email_1")


def test_there_is_no_tree_of_nothing() -> None:
    with pytest.raises(ValueError, match="no events"):
        run_of("run-1", [], LATER)
