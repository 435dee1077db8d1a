"""The life of the relay that `knocktop` starts, seen from real terminals: sharing, crashing, closing, joining."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.relay_process import TOKEN, environment, running
from tests.terminal import Terminal, terminal
from tests.tui.standins import free_port
from tui.exitcodes import ExitCode

CRASH = """
from tui.app import KnocktopApp
def crash(self, *arguments):
    raise ZeroDivisionError('zero')
KnocktopApp.settled = KnocktopApp.flush = crash
from tui.__main__ import main; main()
"""


class User:
    """Someone with an empty home, one data directory and one port."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.data_dir = home / "data"
        self.url = f"http://127.0.0.1:{free_port()}"
        self.environ = environment(
            home, KNOCKTOP_DATA_DIR=str(self.data_dir), KNOCKTOP_PORT=self.url.rpartition(":")[2]
        )

    def knocktop(self, *arguments: str, code: str | None = None) -> AbstractContextManager[Terminal]:
        program = ["-m", "tui"] if code is None else ["-c", code]
        return terminal([sys.executable, *program, *arguments], environ=self.environ, cwd=self.home)

    def relay(self) -> dict[str, Any]:
        """What the relay says of itself."""
        found: dict[str, Any] = httpx.get(f"{self.url}/healthz", trust_env=False, timeout=20).json()
        return found

    def post(self, recipient: str) -> None:
        body = b'{"type": "message.bounced", "data": {"id": "m1", "recipient": "%s"}}' % recipient.encode()
        answer = httpx.post(f"{self.url}/webhooks/knock", content=body, trust_env=False, timeout=20)
        assert answer.status_code == 200

    def relay_ends(self) -> bool:
        """Wait until the relay has let go of its data directory; it closes its port a moment before."""
        deadline = time.monotonic() + 20
        while (self.data_dir / "relay.json").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        return not (self.data_dir / "relay.json").exists()

    def stop(self) -> None:
        command = [sys.executable, "-m", "tui", "relay", "--stop"]
        subprocess.run(command, env=self.environ, cwd=self.home, capture_output=True, timeout=60, check=True)


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    found = User(tmp_path)
    yield found
    found.stop()


def told(shown: Terminal) -> str:
    """What was said once the screen had been left."""
    left = bytes(shown.raw).rpartition(b"\x1b[?1049l")[2].decode()
    return re.sub(r"\x1b\[[?<]?[0-9;]*[a-z]", "", left)


def test_two_that_start_at_once_share_one_relay_and_the_last_to_leave_takes_it_along(user: User) -> None:
    with user.knocktop() as one, user.knocktop() as other:
        one.wait_for_text("live")
        other.wait_for_text("live")
        pid = user.relay()["pid"]
        user.post("dr_grant")
        one.wait_for_text("dr_grant")
        other.wait_for_text("dr_grant")
        one.press("q")
        assert one.wait() == 0
        assert "knocktop relay --stop" in told(one)
        assert user.relay()["pid"] == pid
        other.press("q")
        assert other.wait() == 0
        assert "relay" not in told(other)
    assert user.relay_ends()


def test_the_relay_survives_a_screen_that_crashes_and_the_next_one_joins_it(user: User) -> None:
    with user.knocktop(code=CRASH) as shown:
        assert shown.wait() == ExitCode.FAILED
    assert "ZeroDivisionError" in told(shown)
    pid = user.relay()["pid"]
    user.post("dr_grant")
    with user.knocktop() as shown:
        shown.wait_for_text("dr_grant")
        assert user.relay()["pid"] == pid
        shown.press("q")
        assert shown.wait() == 0


def test_the_relay_survives_a_terminal_that_closes_and_the_next_one_joins_it(user: User) -> None:
    with user.knocktop() as shown:
        shown.wait_for_text("live")
        pid = user.relay()["pid"]
    user.post("dr_grant")
    with user.knocktop() as shown:
        shown.wait_for_text("dr_grant")
        assert user.relay()["pid"] == pid
        shown.press("q")
        assert shown.wait() == 0
    assert user.relay_ends()


def wait_until_ready(url: str) -> None:
    """Until the relay at this address takes events; at most 30 s."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz", trust_env=False, timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(f"no relay came up at {url}")


@contextmanager
def older_relay(user: User) -> Iterator[None]:
    """A relay of another version than ours, that a dashboard of that version started."""
    code = "import sys, relay.server, relay.__main__ as it; relay.server.VERSION = '0.0.1'; sys.exit(it.main())"
    port = user.url.rpartition(":")[2]
    flags = ["--port", port, "--data-dir", str(user.data_dir), "--started-by", "dashboard"]
    child = subprocess.Popen([sys.executable, "-c", code, *flags], env=user.environ, cwd=user.home)
    try:
        wait_until_ready(user.url)
        yield
    finally:
        child.terminate()
        child.wait(30)


def test_a_relay_of_an_older_version_is_joined_and_the_next_one_started_is_ours(user: User) -> None:
    with older_relay(user):
        with user.knocktop() as shown:
            shown.wait_for_text("live")
            user.post("dr_grant")
            shown.wait_for_text("dr_grant")
            assert user.relay()["version"] == "0.0.1"
            shown.press("q")
            assert shown.wait() == 0
        assert user.relay_ends()
    with user.knocktop() as shown:
        shown.wait_for_text("dr_grant")
        assert user.relay()["version"] == version("knocktop")
        shown.press("q")
        assert shown.wait() == 0


def test_a_relay_of_an_older_version_that_stays_says_which_it_is(user: User) -> None:
    with older_relay(user), user.knocktop() as shown, user.knocktop() as other:
        shown.wait_for_text("live")
        other.wait_for_text("live")
        shown.press("q")
        assert shown.wait() == 0
        assert f"stays with version 0.0.1 (this is {version('knocktop')})" in told(shown)


def test_an_address_elsewhere_is_told_and_tried_again_until_it_is_there(user: User, tmp_path: Path) -> None:
    port = free_port()
    user.environ |= {"KNOCKTOP_RELAY_URL": f"http://0.0.0.0:{port}", "KNOCKTOP_TOKEN": TOKEN}
    with user.knocktop() as shown:
        shown.wait_for_text("reconnecting")
        shown.wait_for_text("refused")
        with running(tmp_path / "theirs", "--host", "0.0.0.0", port=port):
            shown.wait_for_text("live", 60)
            shown.press("q")
            assert shown.wait() == 0
    assert not user.data_dir.joinpath("relay.json").exists()


def test_what_it_starts_says_that_a_dashboard_did(user: User) -> None:
    with user.knocktop() as shown:
        shown.wait_for_text("live")
        assert json.loads((user.data_dir / "relay.json").read_text())["started_by"] == "dashboard"
        shown.press("q")
        assert shown.wait() == 0
