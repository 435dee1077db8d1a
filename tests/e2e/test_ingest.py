"""Ingest answers exactly as the interface says, over real sockets."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from relay.contract.signature import sign
from tests.relay_process import RelayProcess, running, signed


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    with running(tmp_path_factory.mktemp("relay")) as relay:
        yield relay


def body(key: str, **more: object) -> bytes:
    data = {"id": key, "recipient": "dr_grant"} | more
    return json.dumps({"type": "message.sent", "created_at": "2026-11-20T14:03:08Z", "data": data}).encode()


def detail(relay: RelayProcess, seq: int) -> dict[str, Any]:
    with relay.client() as client:
        found: dict[str, Any] = client.get(f"/v1/events/{seq}").json()
    return found


def test_a_verified_event_is_stored_and_its_seq_told(relay: RelayProcess) -> None:
    answer = relay.post_signed(body("stored"))
    assert (answer.status_code, answer.json()["duplicate"]) == (200, False)
    assert detail(relay, answer.json()["seq"])["verdict"] == "verified"


def test_an_event_signed_six_minutes_ago_is_stale(relay: RelayProcess) -> None:
    text = body("old")
    t_ms = time.time_ns() // 1_000_000 - 360_000
    seq = relay.post(text, signed(text, "message.sent", t_ms=t_ms)).json()["seq"]
    assert detail(relay, seq)["verdict"] == "stale"


def test_the_same_event_again_is_one_more_delivery(relay: RelayProcess) -> None:
    first = relay.post_signed(body("again")).json()["seq"]
    answer = relay.post_signed(body("again"))
    assert answer.json() == {"seq": first, "duplicate": True}
    assert detail(relay, first)["delivery_count"] == 2


def test_a_differing_body_is_kept_with_its_delivery(relay: RelayProcess) -> None:
    first = relay.post_signed(body("differs")).json()["seq"]
    other = body("differs", status="delivered")
    relay.post_signed(other)
    shown = detail(relay, first)
    assert [each["body_differs"] for each in shown["deliveries"]] == [False, True]
    with relay.client() as client:
        assert client.get(f"/v1/events/{first}/deliveries/2/body").content == other


def test_a_bad_signature_goes_to_quarantine(relay: RelayProcess) -> None:
    answer = relay.post_signed(body("forged"), secret="another-secret")
    assert (answer.status_code, answer.json()) == (202, {"quarantined": True})


def test_a_missing_signature_goes_to_quarantine(relay: RelayProcess) -> None:
    assert relay.post(body("unsigned")).status_code == 202


def test_what_is_no_event_is_refused_with_what_and_where(relay: RelayProcess) -> None:
    answer = relay.post(b'{"type":"message.sent"')
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert "column" in answer.json()["detail"]


def test_a_signed_request_that_is_no_event_is_refused_and_kept(relay: RelayProcess) -> None:
    text = b'{"not":"an event"}'
    assert relay.post(text, signed(text, "x")).status_code == 400
    with relay.client() as client:
        newest = client.get("/v1/quarantine", params={"limit": 1}).json()["items"][0]
    assert (newest["reason"], newest["size"]) == ("no-event", len(text))


def test_a_body_over_the_cap_is_refused(relay: RelayProcess) -> None:
    assert relay.post_signed(body("big", text="x" * (5 << 20))).status_code == 413


def test_a_body_of_almost_the_cap_is_stored(relay: RelayProcess) -> None:
    text = body("large", text="x" * ((5 << 20) - 1_000))
    seq = relay.post_signed(text).json()["seq"]
    with relay.client() as client:
        assert client.get(f"/v1/events/{seq}/body").content == text


def test_a_chunked_body_over_the_cap_is_refused(relay: RelayProcess) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(90):
            yield b"x" * 65_536

    try:
        answer = httpx.post(relay.webhooks, content=chunks(), trust_env=False, timeout=20)
    except httpx.WriteError:  # the relay answered and hung up before everything was sent
        return
    assert answer.status_code == 413


def test_an_endpoint_labels_its_events(relay: RelayProcess) -> None:
    seq = relay.post_signed(body("labelled"), "billing-1").json()["seq"]
    assert detail(relay, seq)["endpoint"] == "billing-1"


@pytest.mark.parametrize("path", ["/", "/billing/"])
def test_a_trailing_slash_is_accepted(relay: RelayProcess, path: str) -> None:
    text = body(f"slash{path}")
    answer = httpx.post(relay.webhooks + path, content=text, headers=signed(text, "message.sent"), trust_env=False)
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["Billing", "a_b", "x" * 65, "a/b"])
def test_another_name_for_an_endpoint_is_not_found(relay: RelayProcess, name: str) -> None:
    assert relay.post_signed(body("nowhere"), name).status_code == 404


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_at_the_address_says_to_post_here(relay: RelayProcess, method: str) -> None:
    answer = httpx.request(method, relay.webhooks, trust_env=False)
    assert answer.status_code == 200
    assert ("POST" in answer.text) is (method == "GET")


def test_another_method_is_told_which_are_allowed(relay: RelayProcess) -> None:
    answer = httpx.put(relay.webhooks, content=b"{}", trust_env=False)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")


def test_headers_are_kept_in_order_with_duplicates(relay: RelayProcess) -> None:
    text = body("headers")
    connection = http.client.HTTPConnection(relay.url.removeprefix("http://"), timeout=20)
    connection.putrequest("POST", "/webhooks/knock")
    for name, value in [
        ("X-B", "1"),
        ("X-A", "2"),
        ("X-B", "3"),
        ("Authorization", "Basic c2VjcmV0"),
        ("Content-Length", str(len(text))),
        ("X-Knock-Signature", sign("some-secret", text, time.time_ns() // 1_000_000)),
    ]:
        connection.putheader(name, value)
    connection.endheaders(text)
    seq = json.loads(connection.getresponse().read())["seq"]
    connection.close()
    headers = detail(relay, seq)["headers"]
    assert [pair for pair in headers if pair[0] in ("x-a", "x-b")] == [["x-b", "1"], ["x-a", "2"], ["x-b", "3"]]
    assert ["authorization", "(masked)"] in headers


def test_numbers_in_a_body_are_shown_as_they_came(relay: RelayProcess) -> None:
    text = b'{"type":"a.b","data":{"id":"n","big":123456789012345678901234567890,"float":10.0}}'
    seq = relay.post(text, signed(text, "a.b")).json()["seq"]
    with relay.client() as client:
        assert b'"big":123456789012345678901234567890,"float":10.0' in client.get(f"/v1/events/{seq}").content


def test_lone_surrogates_are_accepted_and_given_back_escaped(relay: RelayProcess) -> None:
    text = b'{"type":"message.interacted","data":{"id":"s"},"event_data":{"x":"\\ud83d"}}'
    seq = relay.post(text, signed(text, "message.interacted")).json()["seq"]
    with relay.client() as client:
        assert b'"x":"\\ud83d"' in client.get(f"/v1/events/{seq}").content
        assert client.get("/v1/events", params={"limit": 1}).json()["items"][0]["event_data"] == {"x": "\ud83d"}


def test_without_a_secret_events_are_unverified(tmp_path: Path) -> None:
    with running(tmp_path / "data", secret=None) as relay:
        seq = relay.post(body("open")).json()["seq"]
        assert detail(relay, seq)["verdict"] == "unverified"


def test_reject_refuses_what_does_not_verify(tmp_path: Path) -> None:
    with running(tmp_path / "data", "--verify", "reject") as relay:
        answer = relay.post_signed(body("forged"), secret="another-secret")
        assert answer.status_code == 401
        with relay.client() as client:
            assert client.get("/v1/quarantine").json()["held"] == 0


def test_off_takes_everything_with_the_verdict_as_found(tmp_path: Path) -> None:
    with running(tmp_path / "data", "--verify", "off") as relay:
        seq = relay.post_signed(body("forged"), secret="another-secret").json()["seq"]
        assert detail(relay, seq)["verdict"] == "bad-signature"


def test_adding_the_secret_admits_what_is_in_quarantine_once(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay, relay.client() as client:
        for key in ("a", "b"):
            assert relay.post_signed(body(key), secret="late-secret").status_code == 202
        added = client.post("/v1/secrets", json={"secret": "late-secret"}).json()
        assert added["admitted"] == 2
        assert client.post("/v1/secrets", json={"secret": "late-secret"}).json()["admitted"] == 0
        shown = client.get("/v1/events").json()["items"]
        assert {(item["message_id"], item["verdict"]) for item in shown} == {("a", "verified"), ("b", "verified")}
        assert client.get("/v1/quarantine").json()["held"] == 0


def test_an_admitted_request_sent_again_is_a_duplicate(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay, relay.client() as client:
        relay.post_signed(body("a"), secret="late-secret")
        client.post("/v1/secrets", json={"secret": "late-secret"})
        assert relay.post_signed(body("a"), secret="late-secret").json()["duplicate"] is True


def test_a_full_quarantine_says_so_and_takes_events_all_the_same(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay, httpx.Client(trust_env=False, timeout=20) as client:
        large = "x" * (4 << 20)
        answers = [client.post(relay.webhooks, content=body(f"q{n}", text=large)).status_code for n in range(17)]
        assert answers.count(202) == 15
        assert set(answers[15:]) == {503}
        assert relay.post_signed(body("good")).status_code == 200


def test_the_same_request_is_held_once_and_counted(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay, relay.client() as client:
        for _ in range(3):
            relay.post(body("same"))
        shown = client.get("/v1/quarantine").json()
        assert [(item["count"], item["reason"]) for item in shown["items"]] == [(3, "missing-header")]


def test_what_was_signed_instead_is_told_beside_what_is_to_be_signed(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay, relay.client() as client:
        sent = body("respaced")
        dense = json.dumps(json.loads(sent), separators=(",", ":"))
        relay.post(sent, signed(dense.encode(), "message.sent", t_ms=1_795_430_520_000))
        item = client.get("/v1/quarantine").json()["items"][0]
        assert item["signed_string"] == "1795430520000." + sent.decode()
        assert item["was_signed"] == "1795430520000." + dense


def test_the_body_of_a_held_request_is_given_back_byte_for_byte(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay, relay.client() as client:
        sent = body("held").replace(b":", b" :\t", 1)
        relay.post(sent)
        held = client.get("/v1/quarantine").json()["items"][0]["id"]
        answer = client.get(f"/v1/quarantine/{held}/body")
        assert (answer.content, answer.headers["x-content-type-options"]) == (sent, "nosniff")
        missing = client.get(f"/v1/quarantine/{held + 1}/body")
        assert (missing.status_code, missing.json()["title"]) == (404, "Not in quarantine")


def test_a_request_can_be_admitted_by_hand_and_only_once(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay, relay.client() as client:
        relay.post(body("hand"))
        held = client.get("/v1/quarantine").json()["items"][0]["id"]
        assert client.post(f"/v1/quarantine/{held}/admit").json() == {"seq": 1, "duplicate": False}
        assert client.post(f"/v1/quarantine/{held}/admit").status_code == 404
        assert detail(relay, 1)["verdict"] == "missing-signature"


def test_a_request_can_be_discarded(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay, relay.client() as client:
        relay.post(body("gone"))
        held = client.get("/v1/quarantine").json()["items"][0]["id"]
        assert client.delete(f"/v1/quarantine/{held}").status_code == 204
        assert client.get("/v1/quarantine").json()["held"] == 0


def test_half_a_surrogate_pair_in_a_type_is_stored_and_harms_nothing(relay: RelayProcess) -> None:
    text = b'{"type":"a\\ud800","data":{"id":"s"}}'
    assert relay.post(text, signed(text, "x")).status_code == 200
    assert relay.post_signed(body("after-surrogate")).status_code == 200
    with relay.client() as client:
        assert b'"type":"a\\ud800"' in client.get("/v1/types").content


def test_a_head_without_end_is_refused(relay: RelayProcess) -> None:
    host, port = relay.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"POST /webhooks/knock HTTP/1.1\r\nX-Long: " + b"x" * 70_000)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 400 ")


def test_a_signed_request_that_is_no_event_is_refused_also_when_the_quarantine_is_full(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        for number in range(16):
            relay.post(body(f"q{number}", text="x" * (4 << 20)))
        text = b'{"no":"%b"}' % (b"x" * (1 << 20))
        assert relay.post(text, signed(text, "x")).status_code == 400


def test_a_secret_that_comes_with_the_settings_admits_what_is_in_quarantine(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        relay.post_signed(body("late"), secret="late-secret")
    with running(tmp_path / "data", secret="some-secret,late-secret") as relay:
        assert detail(relay, 1)["verdict"] == "verified"


def test_two_commits_are_two_events_also_when_their_ids_stand_late(relay: RelayProcess) -> None:
    seqs = set()
    for commit in ("one", "two"):
        event_data = {"long": "x" * 5_000, "commit_id": commit}
        payload = {"type": "workflow.committed", "created_at": "2026-11-20T14:03:08Z", "data": {"key": "late"}}
        seqs.add(relay.post_signed(json.dumps(payload | {"event_data": event_data}).encode()).json()["seq"])
    assert len(seqs) == 2
