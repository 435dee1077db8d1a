"""From nothing to the first verified event on a real terminal, in the order in which Knock makes it possible."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.relay_process import TOKEN, RelayProcess, environment, running, signed
from tests.terminal import Terminal, terminal

SECRET = "an-s8-longtail-secret-of-this-webhook"
BODY = b'{"type": "message.bounced", "data": {"id": "m1", "recipient": "dr_grant"}}'
PASTE = f"\x1b[200~{SECRET}\n\x1b[201~"


@contextmanager
def dashboard(relay: RelayProcess, home: Path) -> Iterator[Terminal]:
    variables = environment(home, KNOCKTOP_TOKEN=TOKEN, KNOCKTOP_DATA_DIR=str(home / "own"))
    command = [sys.executable, "-m", "tui", "--relay", relay.url]
    with terminal(command, environ=variables, cwd=home) as shown:
        shown.wait_for_text("1 Address")
        yield shown


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[RelayProcess]:
    """A relay that has a secret, but not the one of this webhook."""
    with running(tmp_path / "data", secret="of-another-webhook") as found:
        yield found


def send(relay: RelayProcess) -> None:
    answer = relay.post(BODY, signed(BODY, "message.bounced", secret=SECRET))
    assert answer.json() == {"quarantined": True}


def test_what_came_before_its_secret_is_admitted_once_the_secret_is_pasted(
    relay: RelayProcess, tmp_path: Path
) -> None:
    with dashboard(relay, tmp_path) as shown:
        send(relay)
        shown.wait_for_text("No event yet, but 1 request is in quarantine.")
        shown.press("6")
        shown.wait_for_text("another secret")
        shown.wait_for_text("Signed string")
        shown.press("S")
        shown.wait_for_text("Signing secrets")
        shown.press(PASTE)
        shown.wait_for_text("1 request in quarantine is checked again")
        shown.press("\r")
        shown.wait_for_text("Nothing is in quarantine.")
        shown.press("1")
        shown.wait_for_text("dr_grant")
    assert SECRET.encode() not in bytes(shown.raw)
    holding = [
        path.name for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()
    ]
    assert holding == ["secrets.toml"]


def test_a_request_is_admitted_by_hand_and_another_is_dropped(relay: RelayProcess, tmp_path: Path) -> None:
    send(relay)
    relay.post(BODY.replace(b"m1", b"m2"))
    with dashboard(relay, tmp_path) as shown:
        shown.press("6")
        shown.wait_for_text("missing header")
        shown.press("d")
        shown.wait_for_text("discard for good")
        shown.press("\r")
        shown.wait_for_text("The request is discarded")
        shown.press("a")
        shown.wait_for_text("nothing proves that Knock sent it")
        shown.press("\r")
        shown.wait_for_text("Nothing is in quarantine.")
        shown.press("1")
        shown.wait_for_text("dr_grant")
        shown.wait_for_text("1 of 1")
