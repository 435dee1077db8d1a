"""The stream's frames are what the public interface says, and nothing that arrives breaks the reader."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract import frames, jsontext
from relay.contract.events import Channel, Entity, EventSummary, Verdict
from relay.contract.frames import FrameError, decode, decode_client, encode, encode_items

SUMMARY = EventSummary(
    seq=42,
    type="message.bounced",
    reading="hard-bounce",
    failed=True,
    created_at="2026-11-20T14:03:08.958652Z",
    received_at="2026-11-20T14:03:09.100000Z",
    entity=Entity("message", "2w3SbXOIkDj8Q6xzR8t8JDvTNsL"),
    message_id="2w3SbXOIkDj8Q6xzR8t8JDvTNsL",
    recipient="dr_grant",
    workflow="security-breach-alert",
    channel=Channel("0123", "email", "sendgrid", "my-sendgrid-channel"),
    tenant=None,
    status="bounced",
    engagement_statuses=[],
    workflow_run_id=None,
    workflow_recipient_run_id=None,
    environment_id=None,
    endpoint="orders",
    event_data={"failure_reason": "hard-bounce", "n": [1, 2.5, None]},
    size=1_234,
    verdict=Verdict.VERIFIED,
    delivery_count=2,
)

FRAMES: list[tuple[frames.ServerFrame, list[str]]] = [
    (
        frames.Hello(
            protocol=1,
            log="k3",
            first_seq=1,
            last_seq=9,
            relay=frames.RelayFacts(version="0.1.0", backend="sqlite", secrets=1, public_url=None),
        ),
        ["op", "protocol", "log", "first_seq", "last_seq", "relay"],
    ),
    (frames.Events(items=[SUMMARY], upto=42), ["op", "items", "upto"]),
    (frames.Changes(items=[SUMMARY], upto=43), ["op", "items", "upto"]),
    (frames.Left(items=[SUMMARY], upto=43), ["op", "items", "upto"]),
    (frames.Counts(upto=43, added={"message.sent": 3}), ["op", "upto", "added"]),
    (frames.Gap(from_=1, to=9, reason="retention"), ["op", "from", "to", "reason"]),
    (frames.Filtered(id="f1", from_=9), ["op", "id", "from"]),
    (
        frames.Heartbeat(upto=9, last_seq=9, at="2026-11-20T14:03:09Z", quarantined=2, secrets=1),
        ["op", "upto", "last_seq", "at", "quarantined", "secrets", "provoking"],
    ),
    (
        frames.Error(code="bad-filter", message="no such name", column=3, id=7),
        ["op", "code", "message", "column", "id"],
    ),
]


def op_of(pair: tuple[frames.ServerFrame, list[str]]) -> str:
    return type(pair[0]).__name__


@pytest.mark.parametrize("pair", FRAMES, ids=op_of)
def test_every_frame_comes_back_as_it_went(pair: tuple[frames.ServerFrame, list[str]]) -> None:
    assert decode(encode(pair[0])) == pair[0]


@pytest.mark.parametrize("pair", FRAMES, ids=op_of)
def test_the_fields_of_every_frame_are_those_of_the_interface_with_op_first(
    pair: tuple[frames.ServerFrame, list[str]],
) -> None:
    assert list(json.loads(encode(pair[0]))) == pair[1]


def test_every_kind_of_frame_is_tested() -> None:
    assert [type(frame) for frame, _ in FRAMES] == list(frames.ServerFrame.__args__)


def test_ops_are_those_of_the_interface() -> None:
    ops = [json.loads(encode(frame))["op"] for frame, _ in FRAMES]
    assert ops == ["hello", "events", "changes", "left", "counts", "gap", "filtered", "heartbeat", "error"]


def test_the_relay_in_a_hello_has_the_fields_of_the_interface() -> None:
    named = ["version", "backend", "secrets", "public_url", "provoking"]
    assert list(json.loads(encode(FRAMES[0][0]))["relay"]) == named


def test_an_error_without_a_column_or_an_id_has_neither() -> None:
    assert json.loads(encode(frames.Error(code="internal", message="m"))) == {
        "op": "error",
        "code": "internal",
        "message": "m",
    }


def test_a_filter_comes_back_as_it_went() -> None:
    frame = frames.SetFilter(id="f1", filter="type:message.*", types=["message.sent"])
    assert decode_client(encode(frame)) == frame
    assert list(json.loads(encode(frame))) == ["op", "id", "filter", "types"]


def test_a_filter_frame_may_leave_out_everything() -> None:
    assert decode_client('{"op":"filter"}') == frames.SetFilter(id=None, filter="", types=[])


@pytest.mark.parametrize(("op", "kind"), [("events", frames.Events), ("changes", frames.Changes)])
def test_summaries_spliced_as_json_read_as_a_frame(op: Any, kind: Any) -> None:
    item = jsontext.dumps(SUMMARY)
    assert decode(encode_items(op, [item, item], 42)) == kind(items=[SUMMARY, SUMMARY], upto=42)


def test_no_summaries_spliced_are_an_empty_frame() -> None:
    assert decode(encode_items("events", [], 7)) == frames.Events(items=[], upto=7)


def test_spliced_and_written_frames_are_the_same_bytes() -> None:
    frame = frames.Events(items=[SUMMARY, SUMMARY], upto=42)
    assert encode_items("events", [jsontext.dumps(SUMMARY)] * 2, 42) == encode(frame)


def test_text_reads_as_bytes_do() -> None:
    assert decode(encode(FRAMES[1][0]).decode()) == FRAMES[1][0]


@pytest.mark.parametrize("surrogate", ["", r"\ud800"], ids=["fast", "slow"])
def test_unknown_fields_are_ignored(surrogate: str) -> None:
    sent = f'{{"op":"gap","new":{{"a":["{surrogate}"]}},"from":1,"to":2,"reason":"retention"}}'
    assert decode(sent) == frames.Gap(from_=1, to=2, reason="retention")


@pytest.mark.parametrize("surrogate", ["", r"\ud800"], ids=["fast", "slow"])
def test_fields_that_a_newer_relay_adds_to_a_summary_are_ignored(surrogate: str) -> None:
    item = jsontext.dumps(SUMMARY)[:-1] + f',"mood":"{surrogate}"}}'.encode()
    assert decode(encode_items("events", [item], 42)) == frames.Events(items=[SUMMARY], upto=42)


@pytest.mark.parametrize("sent", ['{"op":"sparkle","upto":3}', '{"op":"","x":1}', r'{"op":"\ud800"}'])
def test_an_unknown_op_is_passed_over(sent: str) -> None:
    assert decode(sent) is None


def test_lone_surrogates_survive_both_ways() -> None:
    summary = msgspec.structs.replace(SUMMARY, recipient="\ud800", event_data={"\udfff": "a\ud83d"})
    frame = frames.Events(items=[summary], upto=42)
    assert decode(encode(frame)) == frame


def test_a_filter_with_a_lone_surrogate_is_a_filter() -> None:
    frame = frames.SetFilter(id=1, filter='recipient:"\ud800"')
    assert decode_client(encode(frame)) == frame


@pytest.mark.parametrize("inner", ['""', r'"\ud800"'], ids=["fast", "slow"])
def test_event_data_as_deep_as_a_body_may_be_reaches_the_viewer(inner: str) -> None:
    depth = jsontext.MAX_DEPTH - 1
    event_data = jsontext.loads(f"{'[' * depth}{inner}{']' * depth}".encode())
    frame = frames.Events(items=[msgspec.structs.replace(SUMMARY, event_data=event_data)], upto=42)
    assert decode(encode(frame)) == frame


GARBAGE = [
    "",
    "null",
    "5",
    "[]",
    "{}",
    '{"op":null}',
    '{"op":["events"]}',
    '{"op":"hello"}',
    '{"op":"gap","from":"1","to":2,"reason":"r"}',
    '{"op":"gap","from":1e400,"to":2,"reason":"r"}',
    '{"op":"events","items":[{}],"upto":1}',
    '{"op":"events","items":[],"upto":1',
    '{"op":"counts","upto":1,"added":{"a":1.5}}',
    "[" * 100_000,
    '{"op":"events","items":' + "[" * 5_000 + "]" * 5_000 + ',"upto":1}',
    '{"op":"gap","new":' + "[" * 5_000 + "]" * 5_000 + ',"from":1,"to":2,"reason":"r"}',
    '{"op":"heartbeat","upto":' + "9" * 10_000 + ',"last_seq":1,"at":"x"}',
    "\ud800",
    '{"op":"\ud800"}',
]


@pytest.mark.parametrize("sent", GARBAGE, ids=lambda sent: sent[:40].encode("ascii", "replace").decode())
def test_garbage_is_refused_as_no_frame(sent: str) -> None:
    with pytest.raises(FrameError, match=r"^not a frame of the stream: "):
        decode(sent)


@pytest.mark.parametrize("sent", GARBAGE, ids=lambda sent: sent[:40].encode("ascii", "replace").decode())
def test_garbage_from_a_viewer_is_refused_as_no_frame(sent: str) -> None:
    with pytest.raises(FrameError, match=r"^not a frame that a viewer sends: "):
        decode_client(sent)


@given(st.binary() | st.text(st.characters(codec=None, exclude_categories=())))
def test_nothing_that_arrives_raises_anything_else(data: bytes | str) -> None:
    for read in (decode, decode_client):
        try:
            read(data)
        except FrameError:
            continue


JSON = st.recursive(
    st.none() | st.integers() | st.floats() | st.text() | st.just("events"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.fixed_dictionaries(
        {
            "op": st.sampled_from(
                ["hello", "events", "changes", "counts", "gap", "filtered", "heartbeat", "filter"]
            )
        },
        optional=dict.fromkeys(("items", "upto", "from", "to", "id", "added", "relay", "filter", "types"), JSON),
    )
)
def test_no_frame_with_wrong_fields_raises_anything_else(value: dict[str, Any]) -> None:
    for read in (decode, decode_client):
        try:
            read(json.dumps(value))
        except FrameError:
            continue
