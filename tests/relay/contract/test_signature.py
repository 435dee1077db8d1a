"""A signature is checked as Knock makes it: over the bytes received, with the secret as it is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.events import Verdict
from relay.contract.signature import TOLERANCE_MS, Check, Reason, Secret, check, diagnose, sign
from tests.hostile import HOSTILE

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "samples" / "vectors.json").read_text(encoding="utf-8")
)["vectors"]

NOW = 1_795_183_389_858
BODY = '{"type":"message.sent","data":{"name":"Zoë","price":10.0}}'.encode()
SECRET = Secret("some-secret")

ANY_HEADER = (
    st.text(st.characters(codec=None, exclude_categories=()))
    | st.sampled_from(HOSTILE)
    | st.lists(
        st.tuples(st.sampled_from(["t", "s", " t ", "S", "v1", "", "sha256"]), st.text(max_size=70)),
        max_size=6,
    ).map(lambda parts: ",".join("=".join(part) for part in parts))
)


def by_the_book(secret: str, signed: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


EXPECTED = {
    "webhook-co long tail": (Verdict.VERIFIED, Reason.GOOD),
    "estuary expired": (Verdict.VERIFIED, Reason.GOOD),
    "good, non-ASCII body": (Verdict.VERIFIED, Reason.GOOD),
    "seconds for milliseconds": (Verdict.STALE, Reason.SECONDS),
    "hex for base64": (Verdict.BAD_SIGNATURE, Reason.HEX),
    "signed without the dot": (Verdict.BAD_SIGNATURE, Reason.DOT_NOT_SIGNED),
    "body re-serialised before signing": (Verdict.BAD_SIGNATURE, Reason.BODY_REWRITTEN),
    "another secret": (Verdict.BAD_SIGNATURE, Reason.OTHER_SECRET),
}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_every_vector_is_called_what_it_is(vector: dict[str, Any]) -> None:
    body = vector["raw_body_utf8"].encode()
    secrets = [Secret(vector["secret"])]
    now = vector.get("timestamp_ms", NOW) + 1_000
    verdict = check(vector["header"], body, secrets, now).verdict
    assert (verdict, diagnose(vector["header"], body, secrets, now).reason) == EXPECTED[vector["name"]]


def test_every_vector_has_an_expectation() -> None:
    assert {vector["name"] for vector in VECTORS} == set(EXPECTED)


def test_a_vector_checked_long_after_is_stale() -> None:
    vector = next(vector for vector in VECTORS if vector["name"] == "estuary expired")
    checked = check(vector["header"], vector["raw_body_utf8"].encode(), [Secret(vector["secret"])], NOW)
    assert checked.verdict is Verdict.STALE


def test_what_is_signed_is_t_a_dot_and_the_body() -> None:
    assert sign("some-secret", BODY, 5) == f"t=5,s={by_the_book('some-secret', b'5.' + BODY)}"


@given(st.binary(max_size=200), st.text(min_size=1), st.integers(-TOLERANCE_MS, TOLERANCE_MS))
def test_what_was_just_signed_is_verified(body: bytes, secret: str, age: int) -> None:
    assert check(sign(secret, body, NOW - age), body, [Secret(secret)], NOW) == Check(
        Verdict.VERIFIED, Secret(secret).id, NOW - age
    )


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_a_body_with_any_byte_changed_is_bad(place: int, change: int) -> None:
    changed = bytearray(BODY)
    changed[place] ^= change
    assert check(sign("some-secret", BODY, NOW), bytes(changed), [SECRET], NOW).verdict is Verdict.BAD_SIGNATURE


@given(st.integers(0, 43))
def test_a_signature_with_any_character_changed_is_bad(place: int) -> None:
    t, s = sign("some-secret", BODY, NOW).split(",s=")
    changed = s[:place] + ("A" if s[place] != "A" else "B") + s[place + 1 :]
    assert check(f"{t},s={changed}", BODY, [SECRET], NOW).verdict is Verdict.BAD_SIGNATURE


@given(ANY_HEADER)
def test_no_header_raises_or_verifies(header: str) -> None:
    assert check(header, BODY, [SECRET], NOW).verdict in (Verdict.BAD_SIGNATURE, Verdict.MISSING_SIGNATURE)


@pytest.mark.parametrize("off", [TOLERANCE_MS, -TOLERANCE_MS])
def test_five_minutes_either_way_are_verified(off: int) -> None:
    assert check(sign("some-secret", BODY, NOW + off), BODY, [SECRET], NOW).verdict is Verdict.VERIFIED


@pytest.mark.parametrize("off", [TOLERANCE_MS + 1, -TOLERANCE_MS - 1])
def test_more_than_five_minutes_either_way_is_stale(off: int) -> None:
    assert check(sign("some-secret", BODY, NOW + off), BODY, [SECRET], NOW).verdict is Verdict.STALE


@pytest.mark.parametrize("t", ["soon", "1795183389.858", "-5", "٣", "9" * 40, "0x10", "1_000", "\udcff", "é"])
def test_a_right_signature_over_a_t_that_is_no_whole_number_is_stale(t: str) -> None:
    signature = SECRET.signature(t.encode("utf-8", "surrogatepass"), BODY).decode()
    assert check(f"t={t},s={signature}", BODY, [SECRET], NOW) == Check(Verdict.STALE, SECRET.id, None)


@pytest.mark.parametrize("header", [None, "", " \t"])
def test_no_header_is_a_missing_signature(header: str | None) -> None:
    assert check(header, BODY, [SECRET], NOW) == Check(Verdict.MISSING_SIGNATURE, None, None)


def test_without_secrets_a_signed_body_is_unverified_and_its_time_is_known() -> None:
    assert check(sign("any", BODY, NOW), BODY, [], NOW) == Check(Verdict.UNVERIFIED, None, NOW)


def test_without_secrets_an_unsigned_body_is_unverified() -> None:
    assert check(None, BODY, [], NOW) == Check(Verdict.UNVERIFIED, None, None)


def test_the_time_of_a_bad_signature_is_known() -> None:
    assert check(sign("other", BODY, NOW), BODY, [SECRET], NOW) == Check(Verdict.BAD_SIGNATURE, None, NOW)


def test_any_of_several_secrets_verifies_and_is_named() -> None:
    secrets = [Secret("a"), Secret("b"), Secret("c")]
    assert check(sign("b", BODY, NOW), BODY, secrets, NOW).secret_id == secrets[1].id


@pytest.mark.parametrize(
    "write",
    [
        lambda t, s: f"s={s},t={t}",
        lambda t, s: f" t = {t} , s = {s} ",
        lambda t, s: f"v0=x,t={t},nonce,s={s},k=",
        lambda t, s: f",,t={t},,s={s},,",
        lambda t, s: f"t={t},s=AAAA,s={s}",
        lambda t, s: f"t={t},s={s},s=AAAA",
        lambda t, s: f"t={t},s={s},t=17",
    ],
    ids=["other order", "spaces", "unknown parts", "empty parts", "bad s first", "bad s last", "several t"],
)
def test_a_header_written_otherwise_is_understood(write: Callable[[str, str], str]) -> None:
    t, s = sign("some-secret", BODY, NOW).removeprefix("t=").split(",s=")
    assert check(write(t, s), BODY, [SECRET], NOW).verdict is Verdict.VERIFIED


def test_of_two_times_the_first_is_what_was_signed() -> None:
    header = sign("some-secret", BODY, NOW)
    assert check(f"t=17,{header}", BODY, [SECRET], NOW).verdict is Verdict.BAD_SIGNATURE


def test_a_header_too_long_to_be_one_is_not_read() -> None:
    header = sign("some-secret", BODY, NOW) + ",x=" + "y" * 2_000
    assert check(header, BODY, [SECRET], NOW).verdict is Verdict.BAD_SIGNATURE


def test_an_empty_body_can_be_signed() -> None:
    assert check(sign("some-secret", b"", NOW), b"", [SECRET], NOW).verdict is Verdict.VERIFIED


def test_a_secret_never_shows_in_its_repr() -> None:
    assert "hush" not in f"{Secret('hush', 'orders')!r} {Secret('hush', 'orders')}"


def test_the_id_of_a_secret_is_the_start_of_its_hash() -> None:
    assert Secret("hush").id == hashlib.sha256(b"hush").hexdigest()[:8]


def test_secrets_are_equal_when_value_and_endpoint_are() -> None:
    assert len({Secret("a"), Secret("a"), Secret("a", "orders"), Secret("b")}) == 3


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        Secret("")


def test_a_secret_is_used_as_its_utf8_bytes() -> None:
    assert Secret("knock_Zoë ").key == "knock_Zoë ".encode()
