"""What goes out for a stored event."""

from __future__ import annotations

import pytest

from relay.contract.events import Verdict
from relay.contract.signature import HEADER, Secret, check
from tui.forward.request import NoSecret, Sign, end_to_end, outgoing

URL = "http://127.0.0.1:3000/hooks"
BODY = b'{"type": "message.sent",  "data": {}}'
NOW = 1_790_000_000_000
SECRET = "whsec-of-the-developer"
RECEIVED = [
    ("Content-Type", "application/json"),
    ("X-Knock-Event", "message.sent"),
    ("x-trace", "one"),
    ("X-Knock-Signature", "t=1,s=old"),
    ("x-trace", "two"),
]


def signature_of(headers: list[tuple[bytes, bytes]]) -> str:
    (value,) = [value.decode() for name, value in headers if name.lower() == HEADER.encode()]
    return value


def test_as_received_is_sent_byte_for_byte_with_the_headers_in_their_order() -> None:
    sent = outgoing(URL, RECEIVED, BODY)

    assert sent.url == URL
    assert sent.body is BODY
    assert sent.headers == [(name.encode(), value.encode()) for name, value in RECEIVED]


def test_headers_of_the_connection_stay_behind_with_those_that_it_names() -> None:
    of_the_connection = [
        ("Host", "relay.example"),
        ("Connection", "keep-alive, X-Mine"),
        ("Connection", "close"),
        ("X-MINE", "named above"),
        ("Keep-Alive", "timeout=5"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Length", "37"),
        ("TE", "trailers"),
        ("Trailer", "x"),
        ("Upgrade", "h2c"),
        ("Expect", "100-continue"),
        ("Proxy-Connection", "close"),
        ("Proxy-Authorization", "(masked)"),
        ("Proxy-Authenticate", "Basic"),
    ]

    assert end_to_end([*of_the_connection, *RECEIVED, *of_the_connection]) == RECEIVED


def test_a_header_that_the_relay_masks_is_left_out_and_named_and_not_sent_as_its_mask() -> None:
    sent = outgoing(URL, [*RECEIVED, ("Authorization", "(masked)"), ("Cookie", "(masked)")], BODY)

    assert sent.left_out == ("Authorization", "Cookie")
    assert sent.headers == [(name.encode(), value.encode()) for name, value in RECEIVED]


def test_a_header_outside_ascii_goes_out_as_the_bytes_that_came() -> None:
    assert outgoing(URL, [("x-name", "Zoë\xff")], BODY).headers == [(b"x-name", b"Zo\xeb\xff")]


@pytest.mark.parametrize(
    ("how", "verdict"),
    [
        (Sign.FRESH, Verdict.VERIFIED),
        (Sign.STALE, Verdict.STALE),
        (Sign.TAMPERED, Verdict.BAD_SIGNATURE),
        (Sign.WRONG_SECRET, Verdict.BAD_SIGNATURE),
    ],
)
def test_each_way_of_signing_is_what_it_says_to_one_who_checks(how: Sign, verdict: Verdict) -> None:
    sent = outgoing(URL, RECEIVED, BODY, how, secret=SECRET, now_ms=NOW)

    assert sent.body is BODY
    assert check(signature_of(sent.headers), BODY, [Secret(SECRET)], NOW).verdict is verdict


def test_a_tampered_signature_is_right_for_other_bytes() -> None:
    sent = outgoing(URL, RECEIVED, BODY, Sign.TAMPERED, secret=SECRET, now_ms=NOW)

    assert check(signature_of(sent.headers), BODY + b" ", [Secret(SECRET)], NOW).verdict is Verdict.VERIFIED


def test_a_new_signature_stands_where_the_old_one_was_and_takes_the_place_of_every_other() -> None:
    sent = outgoing(URL, [*RECEIVED, (HEADER, "t=2,s=second")], BODY, Sign.FRESH, secret=SECRET, now_ms=NOW)

    assert [name for name, _ in sent.headers] == [name.encode() for name, _ in RECEIVED]


def test_an_event_without_a_signature_gets_one_at_the_end() -> None:
    sent = outgoing(URL, RECEIVED[:1], BODY, Sign.FRESH, secret=SECRET, now_ms=NOW)

    assert [name for name, _ in sent.headers] == [b"Content-Type", HEADER.encode()]


@pytest.mark.parametrize("how", [Sign.FRESH, Sign.STALE, Sign.TAMPERED])
def test_nothing_is_signed_without_a_secret(how: Sign) -> None:
    with pytest.raises(NoSecret):
        outgoing(URL, RECEIVED, BODY, how, now_ms=NOW)


def test_the_wrong_secret_needs_none_and_is_never_the_right_one() -> None:
    sent = outgoing(URL, RECEIVED, BODY, Sign.WRONG_SECRET, now_ms=NOW)
    assert signature_of(sent.headers).startswith(f"t={NOW},s=")

    unlucky = "knocktop-wrong-secret"
    sent = outgoing(URL, RECEIVED, BODY, Sign.WRONG_SECRET, secret=unlucky, now_ms=NOW)
    assert check(signature_of(sent.headers), BODY, [Secret(unlucky)], NOW).verdict is Verdict.BAD_SIGNATURE
