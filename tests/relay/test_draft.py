"""From a raw request to a draft: what is an event, and which deliveries are the same one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.events import Verdict
from relay.contract.readings import EarlierMessages
from relay.contract.signature import Check
from relay.draft import NoEnvelope, Request, draft_of, envelope
from relay.log.base import Draft

VERIFIED = Check(Verdict.VERIFIED, "abcdef12", 1)
MESSAGE: dict[str, Any] = {
    "type": "message.sent",
    "created_at": "2026-11-20T14:03:08.958652Z",
    "data": {"id": "m1", "recipient": "dr_grant"},
    "event_data": None,
}
ENVIRONMENT = [(b"x-knock-environment-id", b"123e4567-e89b-12d3-a456-426614174000")]


def drafted(
    payload: object,
    *,
    headers: list[tuple[bytes, bytes]] = ENVIRONMENT,
    endpoint: str | None = None,
    earlier: EarlierMessages | None = None,
) -> Draft:
    body = json.dumps(payload).encode()
    request = Request(endpoint, headers, body, "127.0.0.1", 1_795_183_388_958_652)
    return draft_of(request, envelope(body), VERIFIED, EarlierMessages(10) if earlier is None else earlier)


def changed(**fields: object) -> dict[str, Any]:
    return MESSAGE | fields


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not UTF-8"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'{"data":{}}', "`type`"),
        (b'{"type":"","data":{}}', "`type`"),
        (b'{"type":3,"data":{}}', "`type`"),
        (b'{"type":"%b","data":{}}' % (b"x" * 129), "128 characters"),
        (b'{"type":"a.b"}', "`data`"),
        (b'{"type":"a.b","data":[]}', "`data`"),
        (b'{"type":"a.b","data":{"x":NaN}}', "NaN"),
        (b'{"type":"a.b","data":{"x":%b}}' % (b"[" * 500 + b"]" * 500), "500 levels"),
    ],
)
def test_what_is_no_envelope_is_told_why(body: bytes, why: str) -> None:
    with pytest.raises(NoEnvelope, match=why):
        envelope(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"type":"x","data":{}}',
        b'{"type":"%b","data":{}}' % (b"x" * 128),
        b'{"type":"never.heard","data":{"a":"\\ud83d"}}',
        b'{"type":"a.b","data":{"n":123456789012345678901234567890,"m":1e400}}',
        b'{"type":"a.b","data":{"x":%b}}' % (b"[" * 498 + b"]" * 498),
    ],
)
def test_nothing_more_than_a_type_and_data_is_required(body: bytes) -> None:
    assert envelope(body)["data"] is not None


def test_the_same_event_signed_again_is_the_same() -> None:
    again = drafted(MESSAGE, headers=[*ENVIRONMENT, (b"x-knock-signature", b"t=2,s=other")])
    assert drafted(MESSAGE).identity == again.identity


def test_a_body_that_differs_elsewhere_is_the_same_event() -> None:
    other = changed(data={"id": "m1", "recipient": "dr_grant", "status": "delivered"})
    assert drafted(MESSAGE).identity == drafted(other).identity


def test_the_endpoint_is_no_part_of_the_identity() -> None:
    assert drafted(MESSAGE).identity == drafted(MESSAGE, endpoint="billing").identity


@pytest.mark.parametrize(
    "other",
    [
        changed(type="message.delivered"),
        changed(created_at="2026-11-20T14:03:08.958653Z"),
        changed(data={"id": "m2", "recipient": "dr_grant"}),
    ],
)
def test_another_type_time_or_message_is_another_event(other: dict[str, Any]) -> None:
    assert drafted(MESSAGE).identity != drafted(other).identity


def test_another_environment_is_another_event() -> None:
    assert drafted(MESSAGE).identity != drafted(MESSAGE, headers=[]).identity


def test_without_a_key_the_body_tells_events_apart() -> None:
    first, second = (changed(data={"recipient": name}) for name in ("a", "b"))
    assert drafted(first).identity != drafted(second).identity
    assert drafted(first).identity == drafted(first).identity


def test_without_a_time_the_body_tells_events_apart() -> None:
    first, second = (changed(created_at=None, data={"id": "m1", "n": n}) for n in (1, 2))
    assert drafted(first).identity != drafted(second).identity


def test_two_commits_of_one_workflow_at_one_time_are_two_events() -> None:
    first, second = (
        changed(type="workflow.committed", data={"key": "welcome"}, event_data={"commit_id": commit})
        for commit in ("one", "two")
    )
    assert drafted(first).identity != drafted(second).identity


def test_keys_that_agree_as_far_as_a_summary_shows_them_are_not_the_same() -> None:
    first, second = (changed(data={"id": "x" * 2_000 + end}) for end in "ab")
    assert drafted(first).identity != drafted(second).identity


@pytest.mark.parametrize(("characters", "remembered"), [(1_024, 1), (1_025, 0)])
def test_a_message_is_remembered_only_by_an_id_of_a_bounded_length(characters: int, remembered: int) -> None:
    earlier = EarlierMessages(10)
    drafted(changed(data={"id": "x" * characters}), earlier=earlier)
    assert len(earlier) == remembered


def test_identities_of_one_moment_begin_alike() -> None:
    first, second = drafted(MESSAGE), drafted(changed(data={"id": "m2"}))
    assert first.identity[:27] == second.identity[:27] == b"2026-11-20T14:03:08.958652Z"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = [
    "id",
    "key",
    "recipient",
    "channel",
    "source",
    "tenant",
    "status",
    "branch",
    "engagement_statuses",
    "workflow",
]


@given(
    st.sampled_from(["message.sent", "workflow.committed", "branch.created", "commits.promoted", "x", "a.b.c"]),
    st.dictionaries(st.sampled_from(KEYS), json_values),
    json_values,
    json_values,
)
def test_any_json_in_any_field_makes_a_draft(kind: str, data: object, event_data: object, created: object) -> None:
    made = drafted({"type": kind, "created_at": created, "data": data, "event_data": event_data})
    assert json.loads(made.summary)["type"] == kind


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=20), st.binary(max_size=40)), max_size=8))
def test_headers_come_back_byte_for_byte(headers: list[tuple[bytes, bytes]]) -> None:
    stored = json.loads(drafted(MESSAGE, headers=headers).headers)
    assert [(name.encode("latin-1"), value.encode("latin-1")) for name, value in stored] == headers
