"""The whole way: a signed webhook is posted to a real relay, and read off a real pseudo-terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile import HOSTILE
from tests.relay_process import TOKEN, RelayProcess, environment, running, sample
from tests.terminal import Terminal, terminal


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[RelayProcess]:
    with running(tmp_path / "data") as relay:
        yield relay


@pytest.fixture
def dashboard(relay: RelayProcess, tmp_path: Path) -> Iterator[Terminal]:
    """The dashboard on that relay, already live."""
    command = [sys.executable, "-m", "tui", "--relay", relay.url, "--utc"]
    environ = environment(tmp_path, KNOCKTOP_TOKEN=TOKEN)
    with terminal(command, environ=environ, cwd=tmp_path, columns=160, rows=40) as program:
        program.wait_for_text("live")
        yield program


def test_a_posted_webhook_is_a_row_with_what_it_says(relay: RelayProcess, dashboard: Terminal) -> None:
    assert relay.post_signed(sample("message.undelivered")[0]).status_code == 200
    words = ("undelivered", "dr_grant", "retries exhausted: ")
    dashboard.wait_for(lambda lines: any(all(word in line for word in words) for line in lines))


def test_a_row_opens_with_its_event_data(relay: RelayProcess, dashboard: Terminal) -> None:
    relay.post_signed(sample("message.delivery_attempted")[0])
    dashboard.wait_for_text("attempt ")
    dashboard.press("\r")
    dashboard.wait_for_text("max_attempts")


def test_a_filter_that_is_typed_narrows_what_is_shown(relay: RelayProcess, dashboard: Terminal) -> None:
    for name in ("message.sent", "message.bounced-email"):
        relay.post_signed(sample(name)[0])
    dashboard.wait_for_text("bounced")
    dashboard.press("/type:message.sent\r")
    dashboard.wait_for(lambda lines: not any("bounced   " in line and "dr_grant" in line for line in lines))
    dashboard.wait_for_text("via sendgrid")
    dashboard.wait_for_text("1 match")


def test_no_byte_of_hostile_text_reaches_the_terminal_as_a_control(
    relay: RelayProcess, dashboard: Terminal
) -> None:
    before = len(dashboard.raw)
    for number, text in enumerate(hostile for hostile in HOSTILE if len(hostile) < 10_000):
        body = {
            "type": "message.interacted",
            "created_at": f"2026-11-20T14:03:08.{number:06d}Z",
            "data": {"id": text, "recipient": text, "tenant": text, "source": {"key": text}},
            "event_data": {"note": text, text[:50]: 1},
        }
        assert relay.post_signed(json.dumps(body).encode()).status_code == 200
    dashboard.wait_for_text(f"of {number + 1}")
    dashboard.press("\r")
    dashboard.wait_for_text("EventData")
    written = bytes(dashboard.raw[before:])
    assert b"\x07" not in written  # no bell, and no end of an operating system command
    assert b"\x1b]" not in written
    assert b"\x1bP" not in written
    assert b"\xc2\x9b" not in written  # the C1 form of CSI


def test_q_leaves_the_terminal_as_it_was_and_ends_with_0(relay: RelayProcess, dashboard: Terminal) -> None:
    dashboard.press("q")
    assert dashboard.wait() == 0
    assert b"\x1b[?1049l" in dashboard.raw  # back from the alternate screen
    assert relay.child.poll() is None


def test_a_relay_that_goes_and_comes_back_loses_nothing(
    relay: RelayProcess, dashboard: Terminal, tmp_path: Path
) -> None:
    relay.post_signed(sample("message.sent")[0])
    dashboard.wait_for_text("via sendgrid")
    port = int(relay.url.rsplit(":", 1)[1])
    relay.stop()
    dashboard.wait_for_text("reconnecting")
    with running(tmp_path / "data", port=port) as again:
        again.post_signed(sample("message.link_clicked")[0])
        dashboard.wait_for_text("link_clicked")
        dashboard.wait_for_text("live")


def test_a_bare_knocktop_starts_a_relay_and_q_stops_it(tmp_path: Path) -> None:
    environ = environment(tmp_path, KNOCKTOP_DATA_DIR=str(tmp_path / "data"), KNOCKTOP_PORT=str(free_port()))
    with terminal([sys.executable, "-m", "tui"], environ=environ, cwd=tmp_path) as program:
        program.wait_for_text("live")
        assert (tmp_path / "data" / "relay.json").exists()
        program.press("q")
        assert program.wait() == 0
    assert not (tmp_path / "data" / "relay.json").exists()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
