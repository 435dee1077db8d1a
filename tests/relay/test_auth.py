"""Who may look."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.auth import Gate, is_protected, token_of

GATE = Gate("right-token", ["https://ops.example.com"])


@pytest.mark.parametrize(
    ("value", "let_in"),
    [
        (b"Bearer right-token", True),
        (b"bearer right-token", True),
        (b"Bearer wrong-token", False),
        (b"Bearer right-token ", False),
        (b"Basic right-token", False),
        (b"right-token", False),
        (b"", False),
        ("Bearer rïght-token".encode(), False),
    ],
)
def test_only_the_right_bearer_token_is_let_in(value: bytes, let_in: bool) -> None:
    assert GATE.has_token([(b"authorization", value)]) is let_in


def test_no_header_is_no_token() -> None:
    assert not GATE.has_token([(b"host", b"127.0.0.1:4747")])


def test_two_authorization_headers_are_refused() -> None:
    assert not GATE.has_token([(b"authorization", b"Bearer wrong"), (b"authorization", b"Bearer right-token")])


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        (b"http://127.0.0.1:4747", True),
        (b"https://127.0.0.1:4747", True),
        (b"https://ops.example.com", True),
        (b"https://OPS.example.com/", True),
        (b"https://evil.example.com", False),
        (b"http://127.0.0.1:8080", False),
        (b"null", False),
        (b"", False),
    ],
)
def test_only_pages_of_this_host_or_an_allowed_one_may_ask(origin: bytes | None, allowed: bool) -> None:
    headers = [(b"host", b"127.0.0.1:4747")] + ([] if origin is None else [(b"origin", origin)])
    assert GATE.allows_origin(headers) is allowed


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/events", "/v1/nothing", "/metrics", "/openapi.json"])
def test_what_shows_anything_is_protected_known_or_not(path: str) -> None:
    assert is_protected(path)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/", "/webhooks/knock", "/v10"])
def test_what_shows_nothing_is_open(path: str) -> None:
    assert not is_protected(path)


def test_a_token_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "token"
    token = token_of(file, None)
    assert len(token) >= 32
    assert token_of(file, None) == token
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_configured_token_is_not_written_down(tmp_path: Path) -> None:
    assert token_of(tmp_path / "token", "configured") == "configured"
    assert not (tmp_path / "token").exists()


def test_a_token_that_others_can_read_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("planted\n")
    file.chmod(0o644)
    assert token_of(file, None) != "planted"
    assert file.stat().st_mode & 0o777 == 0o600
