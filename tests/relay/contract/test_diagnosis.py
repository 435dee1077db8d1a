"""Each mistake with a signature is told from the others, once it is really made."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.signature import TOLERANCE_MS, Diagnosis, Reason, Secret, diagnose, sign
from relay.contract.signature.diagnosis import SIGNED_STRING_LIMIT
from relay.contract.signature.mistakes import HASHED_LIMIT
from relay.contract.signature.rewriting import BODY_LIMIT
from tests.hostile import HOSTILE

NOW = 1_795_183_389_858
T = str(NOW)
BODY = '{"type":"message.sent","data":{"name":"Zoë","price":10.0}}'.encode()
VALUE = "knock_c29tZS1zZWNyZXQ="
SECRETS = [Secret("first"), Secret(VALUE)]


def digest(signed: str | bytes = T.encode() + b"." + BODY, key: str | bytes = VALUE) -> bytes:
    """HMAC-SHA256 as anyone would write it."""
    key = key.encode() if isinstance(key, str) else key
    signed = signed.encode() if isinstance(signed, str) else signed
    return hmac.new(key, signed, hashlib.sha256).digest()


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def diagnosis(header: str | None, body: bytes = BODY, secrets: Sequence[Secret] = SECRETS) -> Diagnosis:
    return diagnose(header, body, secrets, NOW, others=[Secret("orders' own", "orders"), Secret("unnamed")])


def of(raw: bytes, t: str = T) -> Diagnosis:
    return diagnosis(f"t={t},s={b64(raw)}")


def test_a_good_signature_is_good() -> None:
    found = diagnosis(sign(VALUE, BODY, NOW - 3_000))
    assert found[:3] == (Reason.GOOD, f"signed 3 s ago with secret {SECRETS[1].id}", "nothing to change")


@pytest.mark.parametrize(
    ("age_ms", "when"),
    [
        (TOLERANCE_MS + 1, "signed 5 min ago"),
        (12 * 60_000, "signed 12 min ago"),
        (5 * 3_600_000, "signed 5 h ago"),
        (40 * 86_400_000, "signed 40 days ago"),
        (-12 * 60_000, "signed 12 min ahead of this machine's clock"),
    ],
)
def test_an_old_signature_says_how_old(age_ms: int, when: str) -> None:
    found = diagnosis(sign(VALUE, BODY, NOW - age_ms))
    assert found.reason is Reason.STALE
    assert found.detail == f"the signature is right, but was {when}; the limit is 5 min"


def test_seconds_for_milliseconds_are_told_by_their_size() -> None:
    found = diagnosis(sign(VALUE, BODY, NOW // 1000))
    assert found.reason is Reason.SECONDS
    assert found.detail == "t is 1795183389, which are seconds: as milliseconds that is January 1970"


def test_a_time_that_is_no_whole_number_is_shown() -> None:
    found = diagnosis(f"t=17\x1b[31m.5,s={b64(digest(b'17' + bytes([27]) + b'[31m.5.' + BODY))}")
    assert found.reason is Reason.TIME_UNREADABLE
    assert found.detail == "the signature is right, but t is 17␛[31m.5, which is no whole number"


def test_without_any_secret_nothing_can_be_said() -> None:
    assert diagnose(sign(VALUE, BODY, NOW), BODY, [], NOW).reason is Reason.NO_SECRET


@pytest.mark.parametrize("header", [None, "", "  "])
def test_a_missing_header_is_missing(header: str | None) -> None:
    found = diagnosis(header)
    assert found.reason is Reason.MISSING
    assert "x-webhook-signature" in found.remedy


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        (f"s={b64(digest())}", "the header has no t="),
        (f"t={T}", "the header has no s="),
        (f"t={T},s=", "the header has no s="),
        ("hello", "the header has no t= and no s="),
        (f"t={T},v1={b64(digest())}", "the header has no s="),
        (f"{T},{b64(digest())}", "the header has no t= and no s="),
        (f"t={T},s={'?' * 60}", "s is not the base64 text of a SHA-256 digest"),
        (f"t={T},s={b64(bytes(32))[:-2]}B=", "s is not the base64 text of a SHA-256 digest"),
        (f"t={T},s={b64(digest())},x={'y' * 2_000}", "the header has 2,065 characters"),
    ],
    ids=[
        "no t",
        "no s",
        "empty s",
        "neither",
        "another name",
        "bare values",
        "no base64",
        "loose bits",
        "too long",
    ],
)
def test_a_malformed_header_says_what_is_missing(header: str, detail: str) -> None:
    found = diagnosis(header)
    assert found.reason is Reason.MALFORMED
    assert found.detail.startswith(detail)


def test_a_right_signature_under_another_name_is_called_malformed_and_no_more() -> None:
    assert diagnosis(f"t={T},v1={b64(digest())}").detail == "the header has no s="


@pytest.mark.parametrize("length", [1, 20, 42])
def test_a_truncated_signature_says_how_long_it_is(length: int) -> None:
    found = diagnosis(sign(VALUE, BODY, NOW)[: len(f"t={T},s=") + length])
    assert found.reason is Reason.TRUNCATED
    assert found.detail == f"s has {length} characters instead of 44"


def test_the_start_of_a_right_signature_is_not_told_from_the_start_of_a_wrong_one() -> None:
    right, wrong = (sign(secret, BODY, NOW)[:40] for secret in (VALUE, "wrong"))
    assert diagnosis(right) == diagnosis(wrong)


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha384", "sha512"])
@pytest.mark.parametrize("in_hex", [True, False])
def test_another_algorithm_is_told_by_the_length(algorithm: str, in_hex: bool) -> None:
    raw = hmac.new(VALUE.encode(), T.encode() + b"." + BODY, algorithm).digest()
    found = diagnosis(f"t={T},s={raw.hex() if in_hex else b64(raw)}")
    assert found.reason is Reason.OTHER_ALGORITHM
    assert algorithm in found.detail.replace("-", "").lower()


@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_hex_is_told_from_base64(case: type[str]) -> None:
    found = diagnosis(f"t={T},s={case(digest().hex())}")
    assert (found.reason, found.detail) == (Reason.HEX, "s is in hex")


def test_what_stands_before_the_hex_is_told_too() -> None:
    found = diagnosis(f"t={T},s=sha256={digest().hex()}")
    assert (found.reason, found.detail) == (Reason.HEX, "s is after sha256=, in hex")


def test_hex_with_another_secret_says_both() -> None:
    found = diagnosis(f"t={T},s={digest(key='nobody').hex()}")
    assert found.reason is Reason.HEX
    assert "another secret" in found.detail


# A digest whose base64 has + and / and so differs in the URL-safe alphabet.
ODD_T = next(t for t in range(NOW, NOW + 1_000) if {"+", "/"} <= {*b64(digest(f"{t}.".encode() + BODY))})
ODD_S = b64(digest(f"{ODD_T}.".encode() + BODY))


@pytest.mark.parametrize(
    ("s", "detail"),
    [
        (ODD_S.replace("+", "-").replace("/", "_"), "s is base64 in the URL-safe alphabet"),
        (ODD_S.rstrip("="), "s is base64 without its padding"),
        (
            ODD_S.replace("+", "-").replace("/", "_").rstrip("="),
            "s is base64 in the URL-safe alphabet, without its padding",
        ),
        (ODD_S.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"), "s is base64 percent-encoded"),
        (ODD_S.replace("+", " "), "s is base64 with spaces for +"),
        (f'"{ODD_S}"', "s is base64 in quotes"),
    ],
)
def test_another_base64_is_described(s: str, detail: str) -> None:
    found = diagnosis(f"t={ODD_T},s={s}")
    assert (found.reason, found.detail) == (Reason.OTHER_BASE64, detail)


def test_a_signature_over_the_body_alone_is_found() -> None:
    assert of(digest(BODY)).reason is Reason.TIME_NOT_SIGNED


def test_a_signature_over_the_body_in_hex_under_another_name_is_found() -> None:
    found = diagnosis(f"sha256={digest(BODY).hex()}")
    assert found.reason is Reason.TIME_NOT_SIGNED
    assert found.detail == "the signature is over the body alone; the header has no t= and no s=; s is in hex"


def test_a_signature_without_the_dot_is_found() -> None:
    assert of(digest(T.encode() + BODY)).reason is Reason.DOT_NOT_SIGNED


@pytest.mark.parametrize(("sent", "signed"), [(T, str(NOW // 1000)), (str(NOW // 1000), f"{NOW // 1000}000")])
def test_a_time_signed_in_another_unit_than_sent_is_found(sent: str, signed: str) -> None:
    assert of(digest(signed.encode() + b"." + BODY), sent).reason is Reason.OTHER_TIME_SIGNED


@pytest.mark.parametrize(
    ("key", "how"),
    [
        ("c29tZS1zZWNyZXQ=", "the key is the secret without its prefix"),
        ("some-secret", "the key is the secret without its prefix and decoded from base64"),
        (VALUE + "\n", "the key is the secret with a line break after it"),
        (VALUE + "\r\n", "the key is the secret with a line break after it"),
        (VALUE + " ", "the key is the secret with a space after it"),
        (" " + VALUE, "the key is the secret with a space before it"),
        (f'"{VALUE}"', "the key is the secret in quotes"),
        (base64.b64encode(VALUE.encode()), "the key is the secret encoded in base64"),
    ],
)
def test_a_secret_that_was_changed_before_use_is_found(key: str | bytes, how: str) -> None:
    found = of(digest(key=key))
    assert (found.reason, found.detail) == (Reason.SECRET_CHANGED, how)


@pytest.mark.parametrize(
    ("configured", "key", "how"),
    [
        ("c29tZS1zZWNyZXQ", b"some-secret", "the key is the secret decoded from base64"),
        ("00ff10ab", b"\x00\xff\x10\xab", "the key is the secret decoded from hex"),
        (
            " hush\n",
            b"hush",
            "the signer's secret is the one configured here without the white space around it",
        ),
        ("'hush'", b"hush", "the signer's secret is the one configured here without the quotes around it"),
    ],
)
def test_a_secret_that_was_decoded_or_wrongly_configured_is_found(configured: str, key: bytes, how: str) -> None:
    found = diagnosis(f"t={T},s={b64(digest(key=key))}", secrets=[Secret(configured)])
    assert (found.reason, found.detail) == (Reason.SECRET_CHANGED, how)


def test_a_key_that_anyone_knows_is_not_taken_for_ours() -> None:
    found = diagnosis(f"t={T},s={b64(digest(key=b''))}", secrets=[Secret("_"), Secret("=="), Secret("  ")])
    assert found.reason is Reason.OTHER_SECRET


def test_a_body_serialised_anew_before_signing_is_found_and_said_how() -> None:
    found = of(digest(f"{T}.{json.dumps(json.loads(BODY))}"))
    assert found.reason is Reason.BODY_REWRITTEN
    assert found.detail.startswith("the signature fits the body written with a space after each comma and colon")
    assert found.detail.endswith("as Python's json.dumps does it")


def test_a_body_serialised_anew_and_signed_without_t_says_both() -> None:
    found = diagnosis(f"sha256={digest(json.dumps(json.loads(BODY))).hex()}")
    assert found.reason is Reason.BODY_REWRITTEN
    assert "the signature is over the body alone" in found.detail


def test_a_body_serialised_anew_and_signed_without_t_says_both_where_there_is_a_t() -> None:
    found = of(digest(json.dumps(json.loads(BODY))))
    assert found.reason is Reason.BODY_REWRITTEN
    assert found.detail.endswith("; the signature is over the body alone")


@pytest.mark.parametrize(
    ("value", "whose"), [("orders' own", "of endpoint orders"), ("unnamed", "of the endpoint without a name")]
)
def test_the_secret_of_another_endpoint_is_named_by_its_endpoint(value: str, whose: str) -> None:
    found = of(digest(key=value))
    assert (found.reason, found.detail) == (Reason.OTHER_ENDPOINT, f"signed with the secret {whose}")


def test_another_endpoint_is_found_where_this_one_has_no_secret() -> None:
    assert diagnosis(sign("unnamed", BODY, NOW), secrets=[]).reason is Reason.OTHER_ENDPOINT


@pytest.mark.parametrize(
    ("secrets", "detail"),
    [
        ([], "no secret is configured for this endpoint"),
        (SECRETS[:1], "the secret configured here doesn't fit"),
        (SECRETS, "none of the 2 secrets configured here fits"),
    ],
)
def test_another_secret_is_what_remains(secrets: list[Secret], detail: str) -> None:
    found = diagnosis(sign("nobody's", BODY, NOW), secrets=secrets)
    assert found.reason is Reason.OTHER_SECRET
    assert found.detail.startswith(detail)
    assert "each environment and each webhook has its own secret" in found.remedy


def test_seconds_under_another_secret_are_said_last() -> None:
    found = diagnosis(sign("nobody's", BODY, NOW // 1000))
    assert found.reason is Reason.OTHER_SECRET
    assert "which are seconds" in found.detail


def test_every_reason_has_its_test() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [reason for reason in Reason if f"Reason.{reason.name}" not in text] == []


def test_the_signed_string_is_t_a_dot_and_the_body() -> None:
    assert of(digest(BODY)).signed_string == f"{T}.{BODY.decode()}"


def test_the_signed_string_of_a_large_body_is_cut() -> None:
    found = diagnosis(f"t={T},s={b64(digest())}", "東".encode() * 10_000)
    assert found.signed_string is not None
    assert len(found.signed_string) == SIGNED_STRING_LIMIT
    assert found.signed_string.endswith("東…")


def test_without_a_time_there_is_no_signed_string() -> None:
    assert diagnosis(f"s={b64(digest())}").signed_string is None


def test_a_body_that_is_no_text_has_a_signed_string_all_the_same() -> None:
    assert diagnosis(f"t={T},s={b64(digest())}", b"\xff\xfe").signed_string == f"{T}.\ufffd\ufffd"


HEADERS = st.text(st.characters(codec=None, exclude_categories=())) | st.sampled_from(HOSTILE)
PARTS = st.sampled_from(
    [
        f"t={T}",
        "t=5",
        "t=\ud800",
        "t=",
        f"s={b64(digest(BODY))}",
        f"s={digest().hex()}",
        "s=%zz",
        's="',
        "s=  ",
        "=",
    ]
)


@given(HEADERS | st.lists(PARTS | st.text(max_size=10), max_size=4).map(",".join), st.binary(max_size=30))
def test_no_header_raises_and_every_text_is_one_plain_line(header: str, body: bytes) -> None:
    found = diagnosis(header, body)
    assert found.detail.isprintable()
    assert found.remedy.isprintable()
    assert len(found.detail) + len(found.remedy) < 1_500


@given(st.text(min_size=8), st.sampled_from([b"", b".", BODY]), st.booleans())
def test_neither_a_secret_nor_a_right_signature_is_in_the_texts(value: str, signed: bytes, in_hex: bool) -> None:
    raw = digest(signed, value.encode("utf-8", "surrogatepass"))
    found = diagnosis(f"t={T},s={raw.hex() if in_hex else b64(raw)}", secrets=[Secret(value)])
    right = sign(value, BODY, NOW).split("s=")[1]
    assert value not in f"{found.detail} {found.remedy} {found.signed_string}"
    assert right not in f"{found}"


@pytest.mark.parametrize("size", [BODY_LIMIT - 100, BODY_LIMIT + 1, HASHED_LIMIT // 6])
def test_a_large_hostile_body_costs_a_bounded_time(size: int) -> None:
    body = b"[" + b'{"a":1.50,"b":"</\xc3\xa9"},' * (size // 23) + b"1]"
    began = time.process_time()
    found = diagnosis(sign("nobody's", body, NOW), body, [Secret(f"secret {n}") for n in range(10)])
    assert found.reason is Reason.OTHER_SECRET
    assert time.process_time() - began < 3


def test_a_body_too_large_to_try_everything_says_so() -> None:
    body = b" " * (BODY_LIMIT + 1)
    assert "too large" in diagnosis(sign("nobody's", body, NOW), body).detail


def test_many_secrets_and_a_body_at_the_limit_are_too_much_to_try_everything() -> None:
    body = b" " * BODY_LIMIT
    secrets = [Secret(f"secret {n}") for n in range(HASHED_LIMIT // BODY_LIMIT + 1)]
    assert "too large" in diagnosis(sign("nobody's", body, NOW), body, secrets).detail


def test_what_is_hashed_is_bounded() -> None:
    """The 20th of many secrets would need more than the limit for a body as large as this."""
    body = b"x" * (HASHED_LIMIT // 8)
    secrets = [Secret(f"secret {n}") for n in range(20)]
    raw = hmac.new(secrets[-1].key, T.encode() + b"." + body, hashlib.sha256).digest()
    assert diagnosis(f"t={T},s={raw.hex()}", body, secrets).detail.endswith("(it is too large to try how)")


def test_what_was_signed_instead_is_shown() -> None:
    signed = json.dumps(json.loads(BODY))
    assert of(digest(f"{T}.{signed}")).was_signed == f"{T}.{signed}"
    assert of(digest(BODY)).was_signed == BODY.decode()


def test_where_the_right_text_was_signed_nothing_else_is_shown() -> None:
    assert diagnosis(sign(VALUE, BODY, NOW)).was_signed is None
    assert of(digest(key="orders' own")).was_signed is None
    assert of(digest(key="nobody")).was_signed is None


def test_what_was_signed_instead_of_a_large_body_is_cut() -> None:
    body = b'{"type": "' + b"x" * 10_000 + b'"}'
    compact = body.replace(b": ", b":")
    found = diagnosis(f"t={T},s={b64(digest(T.encode() + b'.' + compact))}", body)
    assert found.reason is Reason.BODY_REWRITTEN
    assert len(found.was_signed or "") == SIGNED_STRING_LIMIT
