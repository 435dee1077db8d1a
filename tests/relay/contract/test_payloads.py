"""The typed models read whatever Knock sends, and lose nothing of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.knock import CATALOGUE, FAMILIES, Engagement, MessageStatus
from relay.contract.payloads import (
    Bounced,
    Committed,
    Complaint,
    DeliveryAttempted,
    EntityModel,
    EventData,
    Interacted,
    LinkClicked,
    Message,
    Promoted,
    Recipient,
    Undelivered,
    Workflow,
)
from tests.relay.contract.samples import NAMES, any_json, any_object, sample

EVENT_DATA = {
    "message.delivery_attempted": DeliveryAttempted,
    "message.undelivered": Undelivered,
    "message.bounced": Bounced,
    "message.complaint": Complaint,
    "message.interacted": Interacted,
    "message.link_clicked": LinkClicked,
    "commits.promoted": Promoted,
}
MODELS = [known.entity for known in FAMILIES.values()] + list(EVENT_DATA.values())


@pytest.mark.parametrize("event_type", CATALOGUE)
def test_a_type_has_a_model_of_its_event_data_unless_that_is_always_null(event_type: str) -> None:
    expected = Committed if event_type.endswith(".committed") else EVENT_DATA.get(event_type)
    assert CATALOGUE[event_type].event_data is expected


@pytest.mark.parametrize("name", NAMES)
def test_every_field_of_a_sample_is_typed(name: str) -> None:
    payload = sample(name)
    known = CATALOGUE[payload["type"]]
    entity = FAMILIES[known.family].entity.read(payload["data"])
    assert entity.model_extra == {}
    for key, value in payload["data"].items():
        if value is not None and key != "__typename":
            assert getattr(entity, key) is not None, key


@pytest.mark.parametrize("name", [name for name in NAMES if sample(name)["event_data"]])
def test_every_field_of_a_samples_event_data_is_kept(name: str) -> None:
    payload = sample(name)
    model = CATALOGUE[payload["type"]].event_data
    assert model is not None
    event_data = model.read(payload["event_data"])
    kept = event_data.model_dump(by_alias=True)
    assert {key: kept[key] for key in payload["event_data"]} == payload["event_data"]


def test_event_data_is_typed() -> None:
    attempted = DeliveryAttempted.read({"attempt": 3, "max_attempts": 8, "retryable": True})
    assert (attempted.attempt, attempted.max_attempts, attempted.retryable) == (3, 8, True)


def test_a_field_of_another_type_is_none_and_its_value_is_still_there() -> None:
    attempted = DeliveryAttempted.read({"attempt": "three", "retryable": "no"})
    assert (attempted.attempt, attempted.retryable) == (None, None)
    assert attempted.raw == {"attempt": "three", "retryable": "no"}


def test_one_field_of_another_type_takes_nothing_from_the_others() -> None:
    message = Message.read({"id": "m1", "channel": "email", "source": {"key": "welcome", "categories": 5}})
    assert (message.id, message.channel) == ("m1", None)
    assert message.source is not None
    assert (message.source.key, message.source.categories) == ("welcome", None)


def test_keys_that_are_not_documented_are_kept_and_the_typename_is_not_one_of_them() -> None:
    interacted = Interacted.read({"__typename": "EventData", "nps_score": 8, "action": "#approve"})
    assert interacted.model_extra == {"nps_score": 8, "action": "#approve"}
    assert interacted.typename == "EventData"


def test_a_key_with_half_of_a_surrogate_pair_is_kept() -> None:
    assert Complaint.read({"\ud83d": 1}).model_extra == {"\ud83d": 1}


@pytest.mark.parametrize("raw", [None, [], "text", 3, True])
def test_what_is_no_object_reads_as_one_without_fields(raw: object) -> None:
    bounced = Bounced.read(raw)
    assert bounced.token is None
    assert bounced.raw == raw


def test_a_recipient_is_a_text_or_an_object() -> None:
    message = Message.read({"recipient": "dr_grant", "actors": ["a", {"id": "p", "collection": "projects"}]})
    assert str(message.recipient) == "dr_grant"
    assert message.actors is not None
    assert [str(actor) for actor in message.actors] == ["a", "projects/p"]


def test_a_recipient_without_an_id_has_no_text() -> None:
    assert str(Recipient.read({"collection": "projects"})) == ""


def test_statuses_that_knock_may_add_are_kept() -> None:
    message = Message.read({"status": "teleported", "engagement_statuses": ["seen", "smelled"]})
    assert message.status == "teleported"
    assert message.engagement_statuses == [Engagement.SEEN, "smelled"]


def test_a_payload_of_2022_has_a_channel_id_and_a_workflow_instead_of_channel_and_categories() -> None:
    message = Message.read(
        {
            "__cursor": None,
            "channel_id": "c1",
            "id": "m1",
            "recipient": "dr_grant",
            "source": {"__typename": "NotificationSource", "key": "welcome", "version_id": "v1"},
            "status": "delivered",
            "workflow": "welcome",
        }
    )
    assert (message.channel, message.channel_id, message.workflow) == (None, "c1", "welcome")
    assert message.status == MessageStatus.DELIVERED
    assert message.source is not None
    assert message.source.categories is None


def test_times_are_read_with_their_zone_and_without_one_as_utc() -> None:
    workflow = Workflow.read({"created_at": "2026-01-31T17:12:59.958652Z", "updated_at": "2026-01-31T17:12:59"})
    assert workflow.created_at == datetime(2026, 1, 31, 17, 12, 59, 958_652, tzinfo=UTC)
    assert workflow.updated_at == datetime(2026, 1, 31, 17, 12, 59, tzinfo=UTC)


@pytest.mark.parametrize("value", ["yesterday", "", 1_700_000_000, "1700000000"])
def test_what_is_no_time_is_none(value: object) -> None:
    assert Workflow.read({"created_at": value}).created_at is None


def test_a_model_comes_back_as_itself() -> None:
    message = Message.read({"id": "m1"})
    assert Message.model_validate(message) is message


@given(st.sampled_from(MODELS), any_object | any_json)
def test_any_json_can_be_read(model: type[EntityModel | EventData], raw: Any) -> None:
    assert model.read(raw).raw is raw


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_model_describes_itself(model: type[EntityModel | EventData]) -> None:
    assert model.model_json_schema(by_alias=True)["type"] == "object"
