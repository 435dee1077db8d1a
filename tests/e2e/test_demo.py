"""`knocktop demo` as a user has it: soon something to see, and nothing left behind however it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.relay_process import environment
from tests.terminal import Terminal, terminal
from tui.exitcodes import ExitCode

ROW = re.compile(r"\d\d:\d\d:\d\d\.\d")
COUNT = re.compile(r"(\d[\d,]*) of \d")


class User:
    """Someone with an empty home, and a directory for temporary files of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.temporary = home / "tmp"
        self.temporary.mkdir()
        self.data_dir = home / "data"
        self.environ = environment(home, TMPDIR=str(self.temporary), KNOCKTOP_DATA_DIR=str(self.data_dir))

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "tui", "demo", *arguments]

    def demo(self, *arguments: str, columns: int = 120, rows: int = 30) -> AbstractContextManager[Terminal]:
        return terminal(self.command(*arguments), environ=self.environ, cwd=self.home, columns=columns, rows=rows)

    def piped(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environ,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    @property
    def left(self) -> list[str]:
        return [found.name for found in self.temporary.iterdir()]

    @property
    def relay(self) -> dict[str, Any]:
        (file,) = self.temporary.glob("knocktop-demo-*/relay.json")
        facts: dict[str, Any] = json.loads(file.read_text())
        return facts


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path)


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def answers(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{url}/healthz", trust_env=False, timeout=5).is_success
    return False


def wait_for_rows(shown: Terminal) -> None:
    shown.wait_for(lambda lines: any(ROW.search(line) for line in lines))


def shown_and_relay(user: User, shown: Terminal) -> dict[str, Any]:
    wait_for_rows(shown)
    shown.wait_for_text("live")
    relay = user.relay
    assert answers(relay["url"])
    return relay


def gone(user: User, relay: dict[str, Any]) -> None:
    """Wait until nothing is left of the demo, which may take a moment where it was killed."""
    until(lambda: not user.left and not answers(relay["url"]))


def test_a_row_comes_onto_the_screen_and_q_ends_it(user: User) -> None:
    with user.demo() as shown:
        wait_for_rows(shown)
        shown.press("q")
        assert shown.wait() == 0


def test_the_header_says_that_it_is_a_demo_and_has_nothing_to_warn_of(user: User) -> None:
    for columns in (80, 200):
        with user.demo(columns=columns) as shown:
            wait_for_rows(shown)
            header = shown.wait_for_text("live")[0]
            assert "knocktop demo" in header
            assert "no secret" not in header
            assert "quar" not in header
            shown.press("q")
            shown.wait()


def test_events_go_on_arriving(user: User) -> None:
    def shows_more_than_ten(lines: list[str]) -> bool:
        return any(int(found[1].replace(",", "")) > 10 for line in lines if (found := COUNT.search(line)))

    with user.demo("--rate", "50") as shown:
        shown.wait_for(shows_more_than_ten)
        shown.press("q")
        shown.wait()


def test_q_takes_relay_and_data_along_and_tells_how_to_see_the_same_again(user: User) -> None:
    with user.demo("--scenario", "feed", "--rate", "8") as shown:
        relay = shown_and_relay(user, shown)
        shown.press("q")
        assert shown.wait() == ExitCode.DONE
        assert user.left == []
        assert not answers(relay["url"])
    told = bytes(shown.raw).rpartition(b"\x1b[?1049l")[2].decode()
    assert "the demo is over, its relay and its events are gone" in told
    assert re.search(r"hint: .*knocktop demo --seed \d+ --rate 8 --scenario feed", told)


def test_sigterm_leaves_nothing_behind(user: User) -> None:
    with user.demo() as shown:
        relay = shown_and_relay(user, shown)
        shown.child.send_signal(signal.SIGTERM)
        assert shown.wait() == ExitCode.INTERRUPTED
        assert user.left == []
    assert not answers(relay["url"])


@pytest.mark.parametrize("rate", ["5", "200"])
def test_a_terminal_that_is_closed_ends_it_and_leaves_nothing_behind(user: User, rate: str) -> None:
    with user.demo("--rate", rate) as shown:
        relay = shown_and_relay(user, shown)
    assert shown.child.returncode == ExitCode.INTERRUPTED
    gone(user, relay)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_a_screen_that_is_killed_leaves_nothing_behind(user: User, number: signal.Signals) -> None:
    with user.demo() as shown:
        relay = shown_and_relay(user, shown)
        shown.child.send_signal(number)
        shown.child.wait(30)
        gone(user, relay)


def test_a_screen_that_crashes_leaves_nothing_behind_but_what_it_crashed_on(user: User) -> None:
    code = (
        "import sys; from tui.app import KnocktopApp\n"
        "def crash(self): raise ZeroDivisionError('zero')\n"
        "KnocktopApp.flush = crash\n"
        "sys.argv[1:] = ['demo']; from tui.__main__ import main; main()"
    )
    with terminal([sys.executable, "-c", code], environ=user.environ, cwd=user.home) as shown:
        assert shown.wait() == ExitCode.FAILED
        assert user.left == []
    told = bytes(shown.raw).rpartition(b"\x1b[?1049l")[2].decode()
    assert "error: unexpected: ZeroDivisionError: zero" in told
    assert "knocktop-demo-" not in told


def test_one_that_is_killed_before_anything_is_on_screen_leaves_nothing_behind(user: User) -> None:
    with user.demo() as shown:
        until(lambda: user.left != [])
        shown.child.kill()
        shown.child.wait(30)
        until(lambda: user.left == [])


def test_the_users_own_relay_and_data_have_no_part_in_it(user: User) -> None:
    user.environ |= {
        "KNOCKTOP_RELAY_URL": "https://knock.example.com",
        "KNOCKTOP_TOKEN": "mine",
        "KNOCKTOP_SIGNING_SECRET": "mine",
        "KNOCKTOP_VERIFY": "reject",
        "KNOCKTOP_FILTER": "type:nothing",
    }
    config = user.home / "config" / "knocktop"
    config.mkdir(parents=True)
    (config / "config.toml").write_text('utc = true\n[endpoints.billing]\nsecret_env = "NOT_SET"\n')
    with user.demo() as shown:
        shown_and_relay(user, shown)
        shown.press("q")
        assert shown.wait() == ExitCode.DONE
    assert not user.data_dir.exists()


def test_flags_of_the_screen_hold_before_the_command_and_after_it(user: User) -> None:
    user.command = lambda *arguments: [sys.executable, "-m", "tui", *arguments]  # type: ignore[method-assign]
    with user.demo("--ascii", "demo", "--filter", "type:message.*", "--rate", "50", columns=100) as shown:
        wait_for_rows(shown)
        shown.wait_for_text("type:message.*")
        shown.wait_for(lambda lines: "\n".join(lines).isascii() or "live" not in lines[0])
        shown.press("q")
        shown.wait()


# Without a terminal


@pytest.fixture
def written(user: User) -> Iterator[Callable[..., list[dict[str, Any]]]]:
    """Run it with stdout a pipe, read so many events, and hang up."""
    started: list[subprocess.Popen[bytes]] = []

    def read(count: int, *arguments: str) -> list[dict[str, Any]]:
        child = user.piped(*arguments)
        started.append(child)
        assert child.stdout is not None
        with child.stdout as out:
            events = [json.loads(out.readline()) for _ in range(count)]
        assert child.wait(30) == ExitCode.DONE
        assert user.left == []
        return events

    yield read
    for child in started:
        if child.poll() is None:
            child.kill()
        child.wait(30)
        assert child.stderr is not None
        child.stderr.close()


def test_without_a_terminal_it_writes_events_as_tail_does_from_the_first_on(
    written: Callable[..., list[dict[str, Any]]],
) -> None:
    events = written(20, "--rate", "100")
    assert events[0]["seq"] == 1
    assert [event["seq"] for event in events] == sorted(event["seq"] for event in events)


def test_every_event_is_verified(written: Callable[..., list[dict[str, Any]]]) -> None:
    assert {event["verdict"] for event in written(50, "--rate", "200")} == {"verified"}


def test_the_same_seed_gives_the_same_events(written: Callable[..., list[dict[str, Any]]]) -> None:
    def told(*arguments: str) -> list[tuple[Any, ...]]:
        facts = ("type", "recipient", "workflow", "event_data", "workflow_run_id", "environment_id")
        return [tuple(json.dumps(event[fact]) for fact in facts) for event in written(60, *arguments)]

    assert told("--rate", "200", "--seed", "7") == told("--rate", "200", "--seed", "7")
    assert told("--rate", "200", "--seed", "7") != told("--rate", "200", "--seed", "8")


def test_a_scenario_is_all_that_is_played(written: Callable[..., list[dict[str, Any]]]) -> None:
    events = written(40, "--rate", "200", "--scenario", "push-dead-token")
    assert {event["type"] for event in events} <= {"message.bounced", "message.sent"}


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, -signal.SIGTERM)]
)
def test_a_signal_ends_it_and_leaves_nothing_behind(user: User, number: signal.Signals, code: int) -> None:
    child = user.piped()
    assert child.stdout is not None
    assert child.stderr is not None
    with child.stdout as out, child.stderr as err:
        assert out.readline()
        relay = user.relay
        child.send_signal(number)
        assert child.wait(30) == code
        assert b"Traceback" not in err.read()
    gone(user, relay)


def test_ctrl_c_in_a_shell_ends_it_and_leaves_nothing_behind(user: User) -> None:
    """The whole group of the terminal gets the signal there, and not our process alone."""
    child = subprocess.Popen(
        user.command(),
        env=user.environ,
        cwd=user.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert child.stdout is not None
    with child.stdout as out:
        out.readline()
        relay = user.relay
        os.killpg(child.pid, signal.SIGINT)
        assert child.wait(30) == ExitCode.INTERRUPTED
    gone(user, relay)
