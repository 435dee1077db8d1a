"""The commands as a user runs them, on a real relay, through real pipes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.relay_process import SECRET, TOKEN, RelayProcess, environment, running


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[RelayProcess]:
    with running(tmp_path / "data") as found:
        yield found


class Shell:
    """Runs `knocktop` with the settings of one user and one relay in its environment."""

    def __init__(self, home: Path, relay: RelayProcess) -> None:
        self.home = home
        variables = {
            "KNOCKTOP_DATA_DIR": str(relay.directory),
            "KNOCKTOP_RELAY_URL": relay.url,
            "KNOCKTOP_TOKEN": TOKEN,
            "KNOCKTOP_SIGNING_SECRET": SECRET,
        }
        self.environ = environment(home, **variables)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tui", *arguments],
            env=self.environ,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


@pytest.fixture
def shell(tmp_path: Path, relay: RelayProcess) -> Shell:
    return Shell(tmp_path, relay)


def events(text: str) -> list[tuple[int, str, str]]:
    found = [json.loads(line) for line in text.splitlines()]
    return [(event["seq"], event["type"], event["verdict"]) for event in found]


def test_what_trigger_sends_tail_writes(shell: Shell) -> None:
    sent = shell.run("trigger", "message.sent", "message.bounced")
    assert (sent.returncode, sent.stderr) == (0, "")
    assert len(sent.stdout.splitlines()) == 2
    written = shell.run("tail", "--no-follow")
    assert (written.returncode, written.stderr) == (0, "")
    assert events(written.stdout) == [(1, "message.sent", "verified"), (2, "message.bounced", "verified")]


def test_tail_takes_a_filter_of_several_words(shell: Shell) -> None:
    shell.run("trigger", "message.sent", "message.read", "message.bounced")
    written = shell.run("tail", "--no-follow", "type:message.read", "OR", "type:message.bounced")
    assert [type_ for _, type_, _ in events(written.stdout)] == ["message.read", "message.bounced"]


def test_knocktop_without_a_terminal_is_tail(shell: Shell) -> None:
    with shell.start("--filter", "type:message.read") as process:
        shell.run("trigger", "message.sent", "message.read")
        assert process.stdout is not None
        assert events(process.stdout.readline()) == [(2, "message.read", "verified")]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130


def test_bare_knocktop_without_a_terminal_is_tail(shell: Shell) -> None:
    with shell.start() as process:
        shell.run("trigger", "message.sent")
        assert process.stdout is not None
        assert events(process.stdout.readline()) == [(1, "message.sent", "verified")]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130


def test_a_reader_that_has_enough_ends_tail(shell: Shell) -> None:
    with shell.start("tail") as process:
        assert process.stdout is not None
        shell.run("trigger", "message.sent")
        process.stdout.readline()
        process.stdout.close()
        shell.run("trigger", "message.sent")
        assert process.wait(30) == 0


def test_a_filter_that_does_not_parse_is_exit_2(shell: Shell) -> None:
    answer = shell.run("tail", "recipent:x")
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert "column 1" in answer.stderr


def test_a_filter_of_the_dashboard_that_does_not_parse_is_exit_2(shell: Shell) -> None:
    answer = shell.run("--filter", "recipent:x")
    assert answer.returncode == 2
    assert answer.stderr.startswith("error: --filter does not parse: ")
    assert "hint: did you mean" in answer.stderr


def test_a_refused_token_is_exit_10(shell: Shell) -> None:
    shell.environ["KNOCKTOP_TOKEN"] = "wrong"
    answer = shell.run("tail")
    assert answer.returncode == 10
    assert "wrong" not in answer.stderr
