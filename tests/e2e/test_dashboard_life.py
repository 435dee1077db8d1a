"""`knocktop` on a real terminal with a real relay: how it begins and how it ends."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from tests.relay_process import environment
from tests.terminal import Terminal, terminal
from tests.tui.standins import Standins, free_port
from tui.exitcodes import ExitCode

LEFT_THE_SCREEN = b"\x1b[?1049l"
BODY = b'{"type": "message.bounced", "data": {"id": "m1", "recipient": "dr_grant"}}'


class User:
    """Someone with an empty home, one data directory and one port."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.data_dir = home / "data"
        self.url = f"http://127.0.0.1:{free_port()}"
        self.environ = environment(
            home, KNOCKTOP_DATA_DIR=str(self.data_dir), KNOCKTOP_PORT=self.url.rpartition(":")[2]
        )

    def knocktop(self, *arguments: str) -> AbstractContextManager[Terminal]:
        return terminal([sys.executable, "-m", "tui", *arguments], environ=self.environ, cwd=self.home)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tui", *arguments]
        return subprocess.run(command, env=self.environ, cwd=self.home, capture_output=True, text=True, timeout=60)

    @property
    def relay(self) -> dict[str, object]:
        facts: dict[str, object] = json.loads((self.data_dir / "relay.json").read_text())
        return facts

    def post(self, body: bytes = BODY) -> None:
        answer = httpx.post(f"{self.url}/webhooks/knock", content=body, trust_env=False, timeout=20)
        assert answer.status_code == 200


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    found = User(tmp_path)
    yield found
    found.run("relay", "--stop")


def leave(shown: Terminal) -> None:
    shown.press("q")
    assert shown.wait() == 0


def after_the_screen(shown: Terminal) -> str:
    """What was told once the terminal was as before, without what made it so."""
    left = bytes(shown.raw).rpartition(LEFT_THE_SCREEN)[2].decode()
    return re.sub(r"\x1b\[[?<]?[0-9;]*[a-z]", "", left).replace("\r\n", "\n")


def test_it_starts_a_relay_shows_what_arrives_and_takes_the_relay_along(user: User) -> None:
    with user.knocktop() as shown:
        shown.wait_for_text("Waiting for the first event")
        shown.wait_for_text("live")
        user.post()
        shown.wait_for_text("dr_grant")
        shown.wait_for_text("1 of 1")
        leave(shown)
    assert LEFT_THE_SCREEN in shown.raw
    assert "relay" not in after_the_screen(shown)
    assert not (user.data_dir / "relay.json").exists()


def test_the_relay_stays_while_another_looks_and_the_last_line_says_so(user: User) -> None:
    with user.knocktop() as shown:
        shown.wait_for_text("live")
        token = (user.data_dir / "token").read_text().strip()
        stream = user.url.replace("http", "ws", 1) + "/v1/stream"
        with connect(stream, additional_headers={"authorization": f"Bearer {token}"}, proxy=None) as other:
            other.recv()
            leave(shown)
    told = after_the_screen(shown)
    assert f"the relay at {user.url} stays" in told
    assert "knocktop relay --stop" in told
    assert user.run("relay", "--stop").returncode == 0


def test_the_filter_of_the_command_line_holds(user: User) -> None:
    with user.knocktop("--filter", "type:message.bounced") as shown:
        shown.wait_for_text("live")
        user.post(b'{"type": "message.read", "data": {"id": "m2", "recipient": "dr_sattler"}}')
        user.post()
        shown.wait_for_text("dr_grant")
        assert not any("dr_sattler" in line for line in shown.lines)
        leave(shown)


def test_something_else_at_the_address_is_exit_18(user: User, tmp_path: Path) -> None:
    standins = Standins(tmp_path)
    try:
        standins.start("foreign", int(user.url.rpartition(":")[2]))
        with user.knocktop() as shown:
            assert shown.wait() == ExitCode.ADDRESS_IN_USE
    finally:
        standins.end()
    assert f"error: what is at {user.url}" in after_the_screen(shown)
    assert "hint: " in after_the_screen(shown)


def test_a_relay_that_cannot_start_is_told_in_its_own_words(user: User) -> None:
    user.data_dir.mkdir()
    with closing(sqlite3.connect(user.data_dir / "events.sqlite3")) as log:
        log.execute("PRAGMA user_version = 999")
    with user.knocktop() as shown:
        assert shown.wait() == ExitCode.FAILED
    told = after_the_screen(shown)
    assert "newer" in told
    assert "error: the relay ended before it was ready, with exit code 1" in told


def test_sigterm_leaves_the_terminal_as_it_was_and_the_relay_running(user: User) -> None:
    with user.knocktop() as shown:
        shown.wait_for_text("live")
        shown.child.send_signal(signal.SIGTERM)
        assert shown.wait() == ExitCode.INTERRUPTED
    assert LEFT_THE_SCREEN in shown.raw
    assert user.relay["started_by"] == "dashboard"


def test_a_relay_that_outlived_its_dashboard_is_joined_by_the_next(user: User) -> None:
    with user.knocktop() as shown:
        shown.wait_for_text("live")
        first = user.relay["pid"]
        shown.child.kill()
        shown.child.wait(10)
    user.post()
    with user.knocktop() as shown:
        shown.wait_for_text("dr_grant")
        assert user.relay["pid"] == first
        leave(shown)


def test_read_only_reaches_the_screen(user: User) -> None:
    with user.knocktop("--read-only") as shown:
        shown.wait_for_text("read only")
        leave(shown)


def test_a_key_for_an_action_that_does_not_exist_is_refused_before_anything_is_drawn(user: User) -> None:
    (user.home / "knocktop.toml").write_text('[keys]\n\nfolow = "x"\n')
    with user.knocktop() as shown:
        assert shown.wait() == ExitCode.USAGE
    told = shown.raw.decode()
    assert "knocktop.toml:3: `keys.folow`: there is no action folow" in told
    assert "hint: did you mean `follow`?" in told
    assert "\x1b" not in told


def test_a_key_that_would_mean_two_things_is_refused_before_anything_is_drawn(user: User) -> None:
    (user.home / "knocktop.toml").write_text('[keys]\nfollow = "j"\n')
    with user.knocktop() as shown:
        assert shown.wait() == ExitCode.USAGE
    told = shown.raw.decode()
    assert "knocktop.toml:2: `keys.follow`: j means both down and follow in the pane Stream" in told
    assert "\x1b" not in told


def test_a_colour_that_is_none_is_refused_before_anything_is_drawn(user: User) -> None:
    id_ = "123e4567-e89b-12d3-a456-426614174000"
    (user.home / "knocktop.toml").write_text(f'[environments."{id_}"]\nname = "staging"\ncolour = "blurple"\n')
    with user.knocktop() as shown:
        assert shown.wait() == ExitCode.USAGE
    told = shown.raw.decode()
    assert f"knocktop.toml:3: `environments.{id_}.colour` should be a colour such as red" in told
    assert "\x1b" not in told


def test_standard_error_in_a_file_is_refused_before_anything_is_drawn_there(user: User) -> None:
    command = ["sh", "-c", f"{sys.executable} -m tui 2>told"]
    with terminal(command, environ=user.environ, cwd=user.home) as shown:
        assert shown.wait() == ExitCode.USAGE
    told = (user.home / "told").read_text()
    assert told.startswith("error: standard error is no terminal, and that is where the dashboard draws\nhint: ")
    assert "\x1b" not in told


def test_a_crash_tells_no_local_variables(user: User, tmp_path: Path) -> None:
    code = (
        "import sys; from tui.app import KnocktopApp\n"
        "def crash(self):\n    hush = 'hush' * 2; raise ZeroDivisionError('zero')\n"
        "KnocktopApp.settled = crash; KnocktopApp.flush = crash\n"
        "from tui.__main__ import main; main()"
    )
    user.data_dir.mkdir()
    with terminal([sys.executable, "-c", code], environ=user.environ, cwd=user.home) as shown:
        assert shown.wait() == ExitCode.FAILED
    told = after_the_screen(shown)
    log = user.data_dir / "tui.log"
    assert told == (f"error: unexpected: ZeroDivisionError: zero\nhint: the details are in {log}\n")
    assert "ZeroDivisionError" in log.read_text()
    assert "hushhush" not in bytes(shown.raw).decode() + log.read_text()


def test_before_the_first_paint_only_textual_msgspec_and_the_standard_library_are_imported() -> None:
    code = (
        "import sys, tui.__main__, tui.cli.main, tui.cli.dashboard, tui.cli.screen\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    allowed = subprocess.run(
        [
            sys.executable,
            "-c",
            code.replace(
                "tui.__main__, tui.cli.main, tui.cli.dashboard, tui.cli.screen",
                "textual.app, textual.widgets, msgspec, platformdirs",
            ),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert set(answer.stdout.split()) - set(allowed.stdout.split()) <= {"relay", "tui"}


def test_it_ends_when_its_terminal_is_gone_without_a_signal(user: User) -> None:
    shown = Terminal([sys.executable, "-m", "tui"], columns=100, rows=30, environ=user.environ, cwd=user.home)
    try:
        shown.wait_for_text("live")
    finally:
        shown.close()
    assert shown.child.returncode == ExitCode.INTERRUPTED
    assert user.relay["started_by"] == "dashboard"
