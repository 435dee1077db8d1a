"""What each name looks at, on real requests."""

from __future__ import annotations

from fnmatch import filter as named

import pytest

from relay.contract.events import Verdict
from relay.contract.filter import parse
from relay.contract.filter.terms import TERMS
from tests.relay.contract.filter.subjects import SAMPLE_NAMES, event, matches, matching, sample

RESOURCES = ("workflow", "email_layout", "translation", "source_event_action", "partial")


@pytest.mark.parametrize(
    ("filter_", "samples"),
    [
        ("type:message.bounced", ["message.bounced-*"]),
        ("type:*.committed", ["*.committed"]),
        ("type:message.*", ["message.*"]),
        ("type:message.read,branch.created", ["message.read", "branch.created"]),
        ("family:workflow", ["workflow.*"]),
        ("family:commits,branch", ["commits.*", "branch.*"]),
        ("failed", ["message.undelivered*", "message.bounced-*", "message.complaint", "*.error"]),
        ("-failed type:message.bounced", []),
        ("recipient:user_123", ["workflow_recipient_run.*"]),
        ("recipient:project_1", ["message.sent-object-recipient"]),
        ("recipient:projects/project_1", ["message.sent-object-recipient"]),
        ("recipient:projects", []),
        ("recipient:null", [*(f"{resource}.*" for resource in RESOURCES), "commits.*", "branch.*"]),
        ("workflow:comment-created", ["workflow_recipient_run.*"]),
        ("channel:push", ["message.bounced-push"]),
        ("channel:fcm", ["message.bounced-push"]),
        ("channel:1f6a0b5e-3c9d-4f1e-9a52-7d1f2b3c4d5e", ["message.bounced-push"]),
        ("channel:null type:message.*", []),
        ("provider:push_*", ["message.bounced-push"]),
        ("tenant:tenant_abc", ["workflow_recipient_run.*"]),
        ("-tenant:ingen_isla_nublar,tenant_abc type:message.*", ["message.sent-object-*", "message.sent-minimal"]),
        ("status:undelivered", ["message.undelivered*"]),
        ("status:completed,bounced", ["workflow_recipient_run.completed", "message.bounced-*"]),
        ("engagement:archived", ["message.archived"]),
        ("message:2w3AbgZJ5J37jMawoPNKOiNN0nZ", ["message.delivery_attempted*", "message.undelivered"]),
        ("run:660e8400-e29b-41d4-a716-446655440000", ["workflow_recipient_run.*"]),
        ("recipient_run:550e8400-*", ["workflow_recipient_run.*"]),
        ("env:123e4567-e89b-12d3-a456-426614174000", ["*"]),
        ("env:null", []),
        ("commit:123e4567-*", ["*.committed"]),
        ("exists(commit)", ["*.committed"]),
        ("event_data.attempt:>=2", ["message.delivery_attempted-no-retryable"]),
        ("event_data.retryable:true", ["message.delivery_attempted"]),
        ("event_data.retryable:null event_data.attempt:1..9", ["message.delivery_attempted-no-retryable"]),
        ("exists(event_data.token)", ["message.bounced-push"]),
        ('event_data."<provider dependent>":fields*', ["message.complaint"]),
        ("header.x-knock-event:message.sent", ["message.sent*"]),
        ("data.resources.type:workflow", ["commits.*"]),
        ("data.resources.1.type:email_layout", ["commits.*"]),
        ("data.resources.0.type:email_layout", []),
        ("data.steps.template.subject~^Welcome", ["workflow.*"]),
        ("data.actors:mr_muldoon type:message.sent", ["message.sent"]),
        ("feature-branch family:commits", ["commits.*"]),
    ],
)
def test_what_a_filter_finds_among_the_samples(filter_: str, samples: list[str]) -> None:
    expected = {name for pattern in samples for name in named(SAMPLE_NAMES, pattern)}
    assert bool(expected) == bool(samples)
    assert matching(filter_) == expected


def test_an_empty_filter_matches_everything() -> None:
    assert matching("") == set(SAMPLE_NAMES)


@pytest.mark.parametrize("recipient", ["a/b", {"id": "a/b"}])
def test_a_slash_in_the_id_of_a_user_begins_no_collection(recipient: object) -> None:
    body = {"type": "message.sent", "data": {"recipient": recipient}}
    assert matches("recipient:a/b", body)
    assert not matches("recipient:b", body)


def test_a_slash_in_the_id_of_an_object_belongs_to_the_id() -> None:
    body = {"type": "message.sent", "data": {"recipient": {"collection": "c", "id": "a/b"}}}
    assert matches("recipient:a/b", body)
    assert matches("recipient:c/a/b", body)
    assert not matches("recipient:b", body)


def test_an_old_payload_has_a_channel_by_its_id_alone() -> None:
    assert parse("channel:01234567-*").matches(sample("message.sent-minimal"))
    assert not parse("channel:email").matches(sample("message.sent-minimal"))


def test_several_engagements_are_each_asked() -> None:
    archived = sample("message.archived")
    for status in ("seen", "read", "archived"):
        assert parse(f"engagement:{status}").matches(archived)
    assert not parse("engagement:interacted").matches(archived)


def test_what_the_relay_knows() -> None:
    subject = event(
        seq=150, endpoint="staging", verdict=Verdict.STALE, delivery_count=2, forwarded=500, imported=True
    )
    for true in (
        "seq:150",
        "seq:100..200",
        "seq:<=150",
        "seq:150.0",
        "endpoint:staging",
        "verdict:stale",
        "verdict:*l*",
        "verdict~^stale$",
        "deliveries:>1",
        "forwarded:>=500",
        "forwarded:200,500",
        "size:<1k",
        f"size:{len(subject.body)}",
        f"size:{len(subject.body)}..1M",
    ):
        assert parse(true).matches(subject), true
    for false in ("seq:>150", "endpoint:null", "verdict:verified", "deliveries:1", "forwarded:null", "size:>1k"):
        assert not parse(false).matches(subject), false


def test_an_event_that_was_never_forwarded() -> None:
    assert matches("forwarded:null")
    assert matches("-exists(forwarded)")
    assert not matches("forwarded:>=0")


@pytest.mark.parametrize(
    ("filter_", "name"),
    [
        ("recipient:{long}", "recipient"),
        ("tenant:{long}", "tenant"),
        ("workflow:*tail", "workflow"),
        ("status~tail$", "status"),
        ("recipient:{long} tenant:{long} -status:x", "status"),
    ],
)
def test_a_text_that_the_summary_cuts_is_compared_whole(filter_: str, name: str) -> None:
    long = "x" * 2_000 + "tail"
    data = {"recipient": long, "tenant": long, "workflow": long, "status": long}
    subject = event({"type": "message.sent", "data": data})
    assert subject.summary.truncated
    assert len(getattr(subject.summary, name)) <= 1_024
    assert parse(filter_.format(long=long)).matches(subject)


def test_a_long_environment_is_compared_whole() -> None:
    environment = "e" * 2_000
    headers = [("X-Knock-Environment-Id", environment)]
    assert matches(f"env:{environment}", {"data": {"tenant": "x" * 2_000}}, headers=headers)


def test_names_read_nothing_from_an_event_that_says_nothing() -> None:
    known = {"type", "family", "seq", "size", "received", "verdict", "deliveries"}
    for name in TERMS:
        assert matches(f"exists({name})") == (name in known), name
