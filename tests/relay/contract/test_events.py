"""Events are told with the field names of the public interface, and no others."""

from __future__ import annotations

import json

import pytest

from relay.contract import jsontext
from relay.contract.events import Channel, Delivery, Entity, EventDetail, EventSummary, Forward, Verdict

SUMMARY_FIELDS = [
    "seq",
    "type",
    "reading",
    "failed",
    "created_at",
    "received_at",
    "entity",
    "message_id",
    "recipient",
    "workflow",
    "channel",
    "tenant",
    "status",
    "engagement_statuses",
    "workflow_run_id",
    "workflow_recipient_run_id",
    "environment_id",
    "endpoint",
    "event_data",
    "verdict",
    "delivery_count",
    "forwarded",
    "imported",
    "size",
]
ADDED_TO_SUMMARY = ["truncated", "body_differs", "forward_failed"]
"""Something was cut; a delivery brought another body; the last forward got no answer."""

DETAIL_FIELDS = ["headers", "payload", "deliveries", "forwards"]
DELIVERY_FIELDS = [
    "n",
    "received_at",
    "endpoint",
    "verdict",
    "signature_t",
    "secret",
    "remote",
    "headers",
    "body_differs",
]
FORWARD_FIELDS = ["at", "url", "sign", "status", "ms", "headers", "body", "error"]
FORWARD_FIELDS += ["n", "kind", "edited", "attempt", "truncated"]

DELIVERY = Delivery(
    n=1,
    received_at="2026-11-20T14:03:09Z",
    endpoint=None,
    verdict=Verdict.STALE,
    signature_t=1_795_183_389_858,
    secret="a6f2f3f0",
    remote="127.0.0.1",
    headers=[("x-knock-event", "message.sent")],
    body_differs=False,
)
FORWARD = Forward(at="2026-11-20T14:03:10Z", url="http://127.0.0.1:3000/", status=204, ms=3.5)
DETAIL = EventDetail(
    seq=42,
    type="message.sent",
    reading="sent",
    failed=False,
    created_at=None,
    received_at="2026-11-20T14:03:09Z",
    entity=Entity(),
    message_id=None,
    recipient=None,
    workflow=None,
    channel=None,
    tenant=None,
    status=None,
    engagement_statuses=None,
    workflow_run_id=None,
    workflow_recipient_run_id=None,
    environment_id=None,
    endpoint=None,
    event_data=None,
    size=2,
    verdict=Verdict.VERIFIED,
    delivery_count=1,
    headers=[("x-knock-event", "message.sent")],
    payload={"type": "message.sent", "data": {"\ud800": 2**70}},
    deliveries=[DELIVERY],
    forwards=[FORWARD],
)
SUMMARY = EventSummary(**{name: getattr(DETAIL, name) for name in EventSummary.__struct_fields__})


def test_a_summary_has_the_fields_of_the_interface() -> None:
    assert set(json.loads(jsontext.dumps(SUMMARY))) == {*SUMMARY_FIELDS, *ADDED_TO_SUMMARY}


def test_a_detail_has_the_fields_of_a_summary_and_its_own() -> None:
    assert set(json.loads(jsontext.dumps(DETAIL))) == {*SUMMARY_FIELDS, *ADDED_TO_SUMMARY, *DETAIL_FIELDS}


def test_a_delivery_has_the_fields_of_the_interface() -> None:
    assert list(json.loads(jsontext.dumps(DELIVERY))) == [
        *DELIVERY_FIELDS,
        "imported_at",
        "imported_verdict",
        "answered",
    ]


def test_a_forward_has_what_a_client_reports_and_when() -> None:
    assert list(json.loads(jsontext.dumps(FORWARD))) == FORWARD_FIELDS


def test_an_entity_is_a_kind_and_an_id() -> None:
    assert json.loads(jsontext.dumps(Entity("message", "2w3S"))) == {"kind": "message", "id": "2w3S"}


def test_a_channel_is_told_by_four_fields() -> None:
    assert list(json.loads(jsontext.dumps(Channel()))) == ["id", "type", "provider", "key"]


def test_what_is_absent_is_null() -> None:
    told = json.loads(jsontext.dumps(SUMMARY))
    absent = [name for name, value in told.items() if value is None]
    assert absent == [
        *(
            "created_at",
            "message_id",
            "recipient",
            "workflow",
            "channel",
            "tenant",
            "status",
            "engagement_statuses",
        ),
        *("workflow_run_id", "workflow_recipient_run_id", "environment_id", "endpoint", "event_data", "forwarded"),
    ]


def test_headers_are_pairs_in_their_order() -> None:
    assert json.loads(jsontext.dumps(DETAIL))["headers"] == [["x-knock-event", "message.sent"]]


def test_a_payload_that_only_the_standard_library_can_write_is_told_exactly() -> None:
    assert rb'"payload":{"type":"message.sent","data":{"\ud800":1180591620717411303424}}' in jsontext.dumps(DETAIL)


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        (Verdict.VERIFIED, "verified"),
        (Verdict.STALE, "stale"),
        (Verdict.UNVERIFIED, "unverified"),
        (Verdict.BAD_SIGNATURE, "bad-signature"),
        (Verdict.MISSING_SIGNATURE, "missing-signature"),
    ],
)
def test_verdicts_are_called_as_in_the_interface(verdict: Verdict, text: str) -> None:
    assert json.loads(jsontext.dumps(verdict)) == text


def test_there_are_no_other_verdicts() -> None:
    assert len(Verdict) == 5


def test_verdicts_rank_from_verified_down_to_missing() -> None:
    assert sorted(Verdict, key=lambda verdict: verdict.rank, reverse=True) == [
        Verdict.VERIFIED,
        Verdict.STALE,
        Verdict.UNVERIFIED,
        Verdict.BAD_SIGNATURE,
        Verdict.MISSING_SIGNATURE,
    ]


def test_authentic_is_what_one_of_our_secrets_signed() -> None:
    assert [verdict for verdict in Verdict if verdict.authentic] == [Verdict.VERIFIED, Verdict.STALE]
