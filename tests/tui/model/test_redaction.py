"""What is replaced in an export that others may see, and what stays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.contract import jsontext
from relay.contract.events import Verdict
from relay.contract.exported import ExportedEvent, line_of, read_exported
from relay.contract.facts import facts_of, rendered
from relay.contract.signature import Secret, check
from tests.hostile import HOSTILE
from tests.relay_process import SAMPLES, sample, sample_names
from tui.model.redaction import TEST_SECRET, redacted, redacted_payload, stand_in

RECEIVED = "2026-11-23T10:42:00.000000Z"
RECEIVED_MS = 1_795_430_520_000


def exported(body: bytes, headers: dict[str, str] | None = None) -> ExportedEvent:
    facts = facts_of(
        jsontext.loads(body), received_at=RECEIVED, environment_id=None, endpoint=None, size=len(body), cut=False
    )
    known = b'{"seq":7,%b,"verdict":"verified","delivery_count":1}' % rendered(facts)[1:-1]
    return read_exported(line_of(known, (headers or {}).items(), body, Verdict.STALE))


def of_sample(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = redacted_payload(json.loads((SAMPLES / f"{name}.json").read_bytes()))
    return loaded


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("ellie@example.org", r"[0-9a-f]{10}@example\.com"),
        ("https://a.example/reset?token=1", r"https://example\.com/[0-9a-f]{10}"),
        (
            "123e4567-e89b-12d3-a456-426614174000",
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}",
        ),
        ("192.168.1.77", r"10\.\d+\.\d+\.\d+"),
        ("+1 (555) 123-4567", r"\+1555\d{7}"),
        ("2026-01-31T17:12:59Z", r"2000-01-\d\dT00:00:00Z"),
        ("dr_grant", r"redacted-[0-9a-f]{10}"),
        ("", ""),
    ],
)
def test_a_stand_in_is_of_the_same_kind_and_always_the_same(text: str, form: str) -> None:
    import re

    assert re.fullmatch(form, stand_in(text))
    assert stand_in(text) == stand_in(str(text)) != text or not text


def test_the_same_person_has_the_same_name_in_every_event_and_every_place() -> None:
    sent, run = of_sample("message.sent"), of_sample("workflow_recipient_run.started")
    sent_in = json.loads((SAMPLES / "message.sent.json").read_bytes())["data"]["recipient"]
    assert sent["data"]["recipient"] == stand_in(sent_in)
    assert redacted_payload({"type": "x", "data": {"who": [{"id": sent_in}]}})["data"]["who"] == [
        {"id": stand_in(sent_in)}
    ]
    assert run["data"]["recipient"].startswith("redacted-")


def test_the_ids_types_and_times_of_knocks_own_things_stay() -> None:
    for name in sample_names():
        payload = json.loads((SAMPLES / f"{name}.json").read_bytes())
        made = of_sample(name)
        assert list(made) == list(payload)
        assert list(made["data"]) == list(payload["data"])
        for key in ("__typename", "type", "created_at"):
            assert made[key] == payload[key]
        for key in (
            "id",
            "status",
            "workflow",
            "key",
            "name",
            "source",
            "channel",
            "promote_group_id",
            "inserted_at",
        ):
            if key in payload["data"] and not name.startswith(("source_event", "workflow_recipient_run")):
                assert made["data"][key] == payload["data"][key]


def test_what_an_app_attached_to_a_message_goes_and_its_keys_stay() -> None:
    payload = json.loads((SAMPLES / "message.interacted.json").read_bytes())
    payload["event_data"] = {"__typename": "EventData", "name": "Ellie", "nps": 8, "account": 4_711, "ok": True}
    made = redacted_payload(payload)
    assert made["event_data"] == {
        "__typename": "EventData",
        "name": stand_in("Ellie"),
        "nps": 8,
        "account": made["event_data"]["account"],
        "ok": True,
    }
    assert made["event_data"]["account"] not in (4_711, 0)
    assert set(made["data"]["data"]) == set(payload["data"]["data"])
    assert not set(map(str, made["data"]["data"].values())) & set(map(str, payload["data"]["data"].values()))


def test_what_a_provider_said_stays_without_what_points_at_somebody() -> None:
    said = "550 5.1.1 <ops@acme.example> at 10.1.2.3, call +49 30 1234567: no such mailbox"
    made = redacted_payload({"type": "message.bounced", "data": {}, "event_data": {"failure_details": said}})
    told = made["event_data"]["failure_details"]
    assert (told[:11], told[-17:]) == ("550 5.1.1 <", ": no such mailbox")
    assert not any(part in told for part in ("ops", "acme", "10.1.2.3", "1234567"))


secrets = st.text("abcdefghijklmnopqrstuvwxyz-_. @", min_size=6, max_size=30).map(
    lambda text: f"q{text.strip()}zq"
)
trees = st.recursive(
    secrets, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner)
)


@given(
    st.sampled_from(["message.sent", "message.interacted", "user.created", "workflow.updated", "branch.created"]),
    secrets,
    trees,
)
@settings(max_examples=60)
def test_nothing_of_a_person_is_left_wherever_it_stands(kind: str, secret: str, tree: Any) -> None:
    body = {
        "type": kind,
        "data": {"recipient": secret, "actor": {"email": secret, "name": secret}, "data": tree, "own key": tree},
        "event_data": {"name": secret, "id": secret, "status": [secret]},
        "beside": tree,
    }
    made = json.dumps(redacted_payload(body))
    texts = {secret, *_texts(tree)}
    assert not any(text in made for text in texts)


def _texts(tree: Any) -> set[str]:
    if isinstance(tree, str):
        return {tree}
    inner = tree.values() if isinstance(tree, dict) else tree
    return {text for each in inner for text in _texts(each)}


@pytest.mark.parametrize("text", HOSTILE)
def test_an_event_that_was_changed_is_signed_with_the_secret_for_tests(text: str) -> None:
    body = jsontext.dumps({"type": "message.sent", "data": {"id": "m", "recipient": text, text: text}})
    event = redacted(
        exported(body, {"x-knock-signature": "t=1,s=x", "x-knock-event": "m", "x-forwarded-for": "::1"})
    )
    assert event.body is not None
    assert [name for name, _ in event.headers] == ["x-knock-event", "x-knock-signature"]
    found = check(event.headers[1][1], event.body.encode(), [Secret(TEST_SECRET, None)], RECEIVED_MS)
    assert found.verdict is Verdict.VERIFIED
    assert (event.seq, event.size, event.message_id) == (7, len(event.body.encode()), "m")
    assert event.recipient == (stand_in(text) or event.recipient)


def test_all_samples_can_be_redacted_twice() -> None:
    for name in sample_names():
        body, headers = sample(name)
        assert redacted(redacted(exported(body, headers))).type == json.loads(body)["type"]
