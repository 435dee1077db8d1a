"""`knocktop purge` on a real relay: what it asks, what it removes, what it says of the file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.relay_process import SECRET, TOKEN, RelayProcess, environment, running
from tests.terminal import terminal
from tests.tui.standins import free_port


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[RelayProcess]:
    with running(tmp_path / "data") as found:
        yield found


@pytest.fixture
def environ(tmp_path: Path, relay: RelayProcess) -> dict[str, str]:
    return environment(
        tmp_path,
        KNOCKTOP_DATA_DIR=str(relay.directory),
        KNOCKTOP_RELAY_URL=relay.url,
        KNOCKTOP_TOKEN=TOKEN,
        KNOCKTOP_SIGNING_SECRET=SECRET,
        TZ="UTC",
    )


def purge(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tui", "purge", *arguments]
    return subprocess.run(command, env=environ, input="", capture_output=True, text=True, timeout=60)


def post(relay: RelayProcess, *recipients: str) -> None:
    for number, recipient in enumerate(recipients):
        body = b'{"type": "message.sent", "data": {"id": "m%d", "recipient": "%s"}}' % (number, recipient.encode())
        assert relay.post_signed(body).status_code == 200


def left(relay: RelayProcess) -> list[str]:
    with relay.client() as client:
        return [item["recipient"] for item in client.get("/v1/events").json()["items"]]


def test_it_removes_what_matches_and_says_what_is_so(relay: RelayProcess, environ: dict[str, str]) -> None:
    post(relay, "hush", "dr_grant", "hush")
    relay.post(b'{"type": "message.sent", "data": {"recipient": "hush"}}')
    answer = purge(environ, "recipient:hush", "--yes")
    assert (answer.returncode, answer.stdout) == (0, "")
    assert answer.stderr == (
        "removed 2 events and 1 quarantined request\nthe log's file was written anew: nothing of them is in it\n"
    )
    assert left(relay) == ["dr_grant"]


def test_without_a_terminal_nothing_goes_unless_it_is_said(relay: RelayProcess, environ: dict[str, str]) -> None:
    post(relay, "dr_grant")
    answer = purge(environ)
    assert (answer.returncode, "hint: say --yes" in answer.stderr) == (2, True)
    assert left(relay) == ["dr_grant"]


@pytest.mark.parametrize(
    ("typed", "code", "kept"), [("y\r", 0, []), ("\r", 130, ["hush"]), ("n\r", 130, ["hush"])]
)
def test_on_a_terminal_it_asks_first(
    relay: RelayProcess, environ: dict[str, str], tmp_path: Path, typed: str, code: int, kept: list[str]
) -> None:
    post(relay, "hush")
    with terminal(
        [sys.executable, "-m", "tui", "purge", "recipient:hush"], environ=environ, cwd=tmp_path
    ) as shown:
        shown.wait_for_text(f"remove 1 event from the relay at {relay.url} for good? [y/N]")
        shown.press(typed)
        assert shown.wait() == code
    assert left(relay) == kept


def test_where_nothing_matches_nothing_is_asked(
    relay: RelayProcess, environ: dict[str, str], tmp_path: Path
) -> None:
    with terminal([sys.executable, "-m", "tui", "purge"], environ=environ, cwd=tmp_path) as shown:
        assert shown.wait() == 0
    assert b"nothing matches" in shown.raw


@pytest.mark.parametrize(
    ("before", "kept"), [("2020-01-01", ["dr_grant"]), ("1h", ["dr_grant"]), ("0", []), ("2100-01-01T10:00", [])]
)
def test_before_is_a_time_or_an_age(
    relay: RelayProcess, environ: dict[str, str], before: str, kept: list[str]
) -> None:
    post(relay, "dr_grant")
    assert purge(environ, "--before", before, "--yes").returncode == 0
    assert left(relay) == kept


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--before", "soon"], "error: --before should be a time or an age, not 'soon'"),
        (["recipent:x"], "error: the filter does not parse at column 1"),
    ],
)
def test_what_it_does_not_understand_removes_nothing(
    relay: RelayProcess, environ: dict[str, str], arguments: list[str], told: str
) -> None:
    post(relay, "dr_grant")
    answer = purge(environ, *arguments, "--yes")
    assert (answer.returncode, answer.stderr.partition("\n")[0].startswith(told)) == (2, True)
    assert left(relay) == ["dr_grant"]


def test_a_copy_that_an_older_version_left_is_named(relay: RelayProcess, environ: dict[str, str]) -> None:
    (relay.directory / "events.sqlite3.v0.bak").write_bytes(b"")
    assert "events.sqlite3.v0.bak, a copy" in purge(environ, "--yes").stderr


def test_without_a_relay_it_is_exit_16(tmp_path: Path) -> None:
    environ = environment(tmp_path, KNOCKTOP_PORT=str(free_port()), KNOCKTOP_DATA_DIR=str(tmp_path))
    assert purge(environ, "--yes").returncode == 16
