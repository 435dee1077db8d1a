"""What one body says: as the typed models read it, whatever the JSON, within the limits of a summary."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract import jsontext
from relay.contract.events import (
    SUMMARY_EVENT_DATA_LIMIT,
    SUMMARY_TEXT_LIMIT,
    Channel,
    Entity,
    EventFacts,
)
from relay.contract.facts import MAX_ENGAGEMENT_STATUSES, facts_of
from relay.contract.payloads import Message, Recipient, Workflow, WorkflowRecipientRun
from relay.contract.readings import EarlierMessages
from tests.relay.contract.samples import NAMES, any_json, any_object, any_payload, sample

RECEIVED = "2026-11-20T14:03:09.000000Z"
MESSAGES = [name for name in NAMES if name.startswith("message.")]
RUNS = [name for name in NAMES if name.startswith("workflow_recipient_run.")]
RESOURCES = [name for name in NAMES if name not in {*MESSAGES, *RUNS}]


def facts(payload: dict[str, Any], *, cut: bool = True, environment_id: str | None = "e1") -> EventFacts:
    return facts_of(
        payload, received_at=RECEIVED, environment_id=environment_id, endpoint="staging", size=900, cut=cut
    )


def of_message(**data: Any) -> EventFacts:
    return facts({"type": "message.sent", "data": data})


def with_event_data(event_data: object, *, cut: bool = True) -> EventFacts:
    return facts({"type": "message.interacted", "data": {}, "event_data": event_data}, cut=cut)


def json_size(value: object) -> int:
    return len(jsontext.dumps(value))


def text(recipient: Recipient | None) -> str | None:
    return None if recipient is None else str(recipient)


def test_a_message_says_all_of_this() -> None:
    assert facts(sample("message.sent")) == EventFacts(
        type="message.sent",
        reading="via sendgrid",
        failed=False,
        created_at="2026-11-20T14:03:08.958652Z",
        received_at=RECEIVED,
        entity=Entity("message", "2w3SbXOIkDj8Q6xzR8t8JDvTNsL"),
        message_id="2w3SbXOIkDj8Q6xzR8t8JDvTNsL",
        recipient="dr_grant",
        workflow="security-breach-alert",
        channel=Channel("01234567-89ab-cdef-0123-456789abcdef", "email", "sendgrid", "my-sendgrid-channel"),
        tenant="ingen_isla_nublar",
        status="sent",
        engagement_statuses=[],
        workflow_run_id="789e0123-f45a-67b8-c901-234567890abc",
        workflow_recipient_run_id="def01234-a56b-78c9-d012-345678901bcd",
        environment_id="e1",
        endpoint="staging",
        event_data=None,
        size=900,
        truncated=False,
    )


@pytest.mark.parametrize("name", MESSAGES)
def test_the_facts_of_a_message_agree_with_its_model(name: str) -> None:
    payload = sample(name)
    message = Message.read(payload["data"])
    assert message.source is not None
    channel = message.channel
    found = facts(payload)
    assert found.message_id == message.id
    assert found.recipient == text(message.recipient)
    assert found.workflow == message.source.key
    assert found.channel == (
        Channel(message.channel_id)
        if channel is None
        else Channel(channel.id, channel.type, channel.provider, channel.key)
    )
    assert found.tenant == message.tenant
    assert found.status == message.status
    assert found.engagement_statuses == message.engagement_statuses
    assert found.workflow_run_id == message.source.workflow_run_id
    assert found.workflow_recipient_run_id == message.source.workflow_recipient_run_id


@pytest.mark.parametrize("name", RUNS)
def test_the_facts_of_a_run_agree_with_its_model(name: str) -> None:
    payload = sample(name)
    run = WorkflowRecipientRun.read(payload["data"])
    found = facts(payload)
    assert found.message_id is None
    assert found.recipient == text(run.recipient) == "user_123"
    assert found.workflow == run.workflow
    assert found.workflow_run_id == run.workflow_run_id
    assert found.workflow_recipient_run_id == run.id
    assert (found.tenant, found.status) == (run.tenant, run.status)


@pytest.mark.parametrize("name", RESOURCES)
def test_the_facts_of_a_resource_name_no_message_recipient_or_run(name: str) -> None:
    found = facts(sample(name))
    absent = (found.message_id, found.recipient, found.channel, found.status, found.tenant)
    assert absent == (None,) * 5
    assert (found.workflow_run_id, found.workflow_recipient_run_id) == (None, None)


@pytest.mark.parametrize("name", ["workflow.updated", "workflow.committed"])
def test_the_workflow_of_a_workflow_event_is_its_key(name: str) -> None:
    payload = sample(name)
    assert facts(payload).workflow == Workflow.read(payload["data"]).key == "december-16-demo"


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_within_the_limits_and_nothing_of_it_is_cut(name: str) -> None:
    payload = sample(name)
    found = facts(payload)
    assert not found.truncated
    assert found == facts(payload, cut=False)
    assert found.event_data == payload["event_data"]
    assert found.created_at == payload["created_at"]


@pytest.mark.parametrize("name", NAMES)
def test_failures_are_marked(name: str) -> None:
    failing = ("message.undelivered", "message.bounced", "message.complaint", "workflow_recipient_run.error")
    assert facts(sample(name)).failed == name.startswith(failing)


def test_a_payload_of_2022_names_its_channel_by_id_and_its_workflow_outside_the_source() -> None:
    found = of_message(id="m1", channel_id="c1", workflow="welcome", source={"version_id": "v1"})
    assert (found.channel, found.workflow) == (Channel("c1"), "welcome")


def test_a_channel_without_an_id_takes_the_one_beside_it() -> None:
    assert of_message(channel={"type": "email"}, channel_id="c1").channel == Channel("c1", "email")


def test_an_object_as_recipient_is_named_with_its_collection() -> None:
    assert facts(sample("message.sent-object-recipient")).recipient == "projects/project_1"


def test_a_number_is_shown_as_text() -> None:
    found = of_message(id=7, recipient=42, tenant=3, engagement_statuses=["seen", 1, None])
    assert (found.message_id, found.recipient, found.tenant) == ("7", "42", "3")
    assert found.engagement_statuses == ["seen", "1"]


@pytest.mark.parametrize("created_at", [None, 1_700_000_000, ["2026-11-20T14:03:08Z"], {}])
def test_a_created_at_that_is_no_text_is_absent(created_at: object) -> None:
    assert facts({"type": "message.sent", "data": {}, "created_at": created_at}).created_at is None


@pytest.mark.parametrize("created_at", ["yesterday", "", "2026-11-20 14:03", "\x1b"])
def test_a_created_at_is_untouched_even_when_it_is_no_time(created_at: str) -> None:
    assert facts({"type": "message.sent", "data": {}, "created_at": created_at}).created_at == created_at


def test_the_reading_knows_of_earlier_events() -> None:
    payload = sample("message.delivered")
    messages = EarlierMessages(1)
    messages.note("m1", "message.sent", "2026-11-20T14:03:08.902118Z")
    found = facts_of(
        payload,
        received_at=RECEIVED,
        environment_id=None,
        endpoint=None,
        size=1,
        earlier=messages.of("m1"),
    )
    assert found.reading == "via sendgrid, 1.5 s after sent"


LONG = "x" * (SUMMARY_TEXT_LIMIT + 1)


@pytest.mark.parametrize("field", ["recipient", "tenant", "status"])
def test_a_long_text_is_cut_and_told(field: str) -> None:
    found = of_message(**{field: LONG})
    assert getattr(found, field) == LONG[:SUMMARY_TEXT_LIMIT]
    assert found.truncated


def test_a_text_of_just_the_limit_is_not_cut() -> None:
    found = of_message(tenant=LONG[:SUMMARY_TEXT_LIMIT])
    assert found.tenant == LONG[:SUMMARY_TEXT_LIMIT]
    assert not found.truncated


def test_long_texts_inside_entity_and_channel_are_cut() -> None:
    found = of_message(id=LONG, channel={"id": "c1", "key": LONG})
    assert found.entity == Entity("message", LONG[:SUMMARY_TEXT_LIMIT])
    assert found.channel == Channel("c1", key=LONG[:SUMMARY_TEXT_LIMIT])
    assert found.truncated


def test_a_long_environment_header_is_cut() -> None:
    found = facts({"type": "x", "data": {}}, environment_id=LONG)
    assert found.environment_id == LONG[:SUMMARY_TEXT_LIMIT]


@pytest.mark.parametrize("statuses", [["seen"] * 100_000, ["seen", LONG]])
def test_engagement_statuses_are_cut_in_number_and_in_length(statuses: list[str]) -> None:
    found = of_message(engagement_statuses=statuses)
    short = [status[:SUMMARY_TEXT_LIMIT] for status in statuses[:MAX_ENGAGEMENT_STATUSES]]
    assert found.engagement_statuses == short
    assert found.truncated


def test_in_full_nothing_is_cut() -> None:
    payload = {"type": "message.sent", "data": {"tenant": LONG}, "event_data": {"big": "y" * 10_000}}
    found = facts(payload, cut=False)
    assert (found.tenant, found.event_data) == (LONG, {"big": "y" * 10_000})
    assert not found.truncated


def test_event_data_of_just_the_limit_is_kept_whole() -> None:
    event_data = {"a": "x" * (SUMMARY_EVENT_DATA_LIMIT - json_size({"a": ""}))}
    assert json_size(event_data) == SUMMARY_EVENT_DATA_LIMIT
    found = with_event_data(event_data)
    assert found.event_data == event_data
    assert not found.truncated


def test_a_long_text_in_event_data_leaves_room_for_what_follows() -> None:
    found = with_event_data({"details": "x" * 10_000, "reason": "gone"})
    assert found.event_data == {"details": "x" * SUMMARY_TEXT_LIMIT, "reason": "gone"}
    assert found.truncated


def test_the_leading_fields_of_large_event_data_are_kept() -> None:
    found = with_event_data({f"key-{number:04}": number for number in range(1_000)})
    kept = list(found.event_data)
    assert kept == [f"key-{number:04}" for number in range(len(kept))]
    assert SUMMARY_EVENT_DATA_LIMIT - 32 < json_size(found.event_data) <= SUMMARY_EVENT_DATA_LIMIT


def test_a_text_at_the_end_of_the_room_keeps_as_much_as_fits() -> None:
    found = with_event_data(dict.fromkeys("abcdef", "x" * 1000))
    assert list(found.event_data) == ["a", "b", "c", "d", "e"]
    assert json_size(found.event_data) in (SUMMARY_EVENT_DATA_LIMIT - 1, SUMMARY_EVENT_DATA_LIMIT)


def test_the_leading_items_of_a_large_list_are_kept_wherever_it_stands() -> None:
    found = with_event_data({"first": 1, "list": list(range(10_000)), "last": 2})
    kept = found.event_data["list"]
    assert kept == list(range(len(kept)))
    assert len(kept) > 500
    assert json_size(found.event_data) <= SUMMARY_EVENT_DATA_LIMIT


@pytest.mark.parametrize(
    "event_data",
    [["x" * 900] * 10, "x" * 5_000, {"x" * 5_000: 1}, [[[["x" * 900] * 10]]]],
    ids=["list", "text", "long key", "nested"],
)
def test_event_data_that_was_cut_is_of_the_same_kind(event_data: object) -> None:
    found = with_event_data(event_data)
    assert type(found.event_data) is type(event_data)
    assert json_size(found.event_data) <= SUMMARY_EVENT_DATA_LIMIT
    assert found.truncated


def test_a_lone_surrogate_makes_the_rest_longer_and_the_limit_still_holds() -> None:
    found = with_event_data({"half": "\ud83d", **{f"{number}": "é" * 100 for number in range(40)}})
    assert list(found.event_data)[:2] == ["half", "0"]
    assert json_size(found.event_data) <= SUMMARY_EVENT_DATA_LIMIT


def test_event_data_nested_to_the_limit_of_json_is_cut() -> None:
    deep: Any = "x" * 5_000
    for _ in range(jsontext.MAX_DEPTH - 2):
        deep = [deep]
    found = with_event_data({"deep": deep})
    assert isinstance(found.event_data["deep"], list)
    assert found.truncated


long_texts = st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=5), st.integers(100, 400))


@given(any_payload, st.none() | st.text(max_size=3_000))
def test_any_json_has_facts_within_the_limits(payload: dict[str, Any], environment_id: str | None) -> None:
    found = facts(payload, environment_id=environment_id)
    written = jsontext.loads(jsontext.dumps(found))
    assert json_size(written["event_data"]) <= SUMMARY_EVENT_DATA_LIMIT
    texts = [value for name, value in written.items() if name != "event_data"]
    assert longest(texts) <= SUMMARY_TEXT_LIMIT
    assert msgspec.convert(written, EventFacts) == found


@given(any_payload)
def test_any_json_has_facts_in_full_with_its_event_data_untouched(payload: dict[str, Any]) -> None:
    found = facts(payload, cut=False)
    assert found.event_data == payload.get("event_data")
    jsontext.dumps(found)


@given(st.dictionaries(st.text(max_size=10), any_json | long_texts, min_size=8, max_size=16) | any_object)
def test_large_event_data_of_any_shape_is_cut_to_the_limit(event_data: dict[str, Any]) -> None:
    found = with_event_data(event_data)
    assert json_size(found.event_data) <= SUMMARY_EVENT_DATA_LIMIT
    assert found.truncated == (json_size(event_data) > SUMMARY_EVENT_DATA_LIMIT)
    assert list(found.event_data) == list(event_data)[: len(found.event_data)]


def longest(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max(map(longest, inside), default=0)
