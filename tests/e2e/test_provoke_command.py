"""`knocktop provoke` on a real relay: what it puts in force, what it says, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.relay_process import SECRET, TOKEN, RelayProcess, environment, running
from tests.tui.standins import free_port
from tui.cli import main

BODY = (
    b'{"type": "message.sent", "created_at": "2026-11-20T14:03:08Z", "data": {"id": "m1", "workflow": "welcome"}}'
)


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    with running(tmp_path_factory.mktemp("relay")) as found:
        yield found


@pytest.fixture
def environ(tmp_path: Path, relay: RelayProcess) -> Iterator[dict[str, str]]:
    yield environment(
        tmp_path,
        KNOCKTOP_DATA_DIR=str(relay.directory),
        KNOCKTOP_RELAY_URL=relay.url,
        KNOCKTOP_TOKEN=TOKEN,
        KNOCKTOP_SIGNING_SECRET=SECRET,
    )
    with relay.client() as client:
        client.delete("/v1/answers")


def run(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tui", *arguments]
    return subprocess.run(command, env=environ, input="", capture_output=True, text=True, timeout=60)


def test_it_says_what_is_answered_and_when_that_ends_and_off_says_what_it_did(
    relay: RelayProcess, environ: dict[str, str]
) -> None:
    set_ = run(environ, "provoke", "workflow:welcome", "--answer", "500x2,200", "--for", "5m")
    assert set_.returncode == 0
    id_ = set_.stdout.strip()
    assert id_.isdigit()
    assert f"{relay.url} answers workflow:welcome: 500 twice, then always 200\n" in set_.stderr
    assert "it ends by itself after 5m, and with the relay\n" in set_.stderr
    assert [relay.post_signed(BODY).status_code for _ in range(3)] == [500, 500, 200]
    listed = run(environ, "provoke", "--list")
    assert listed.stdout.startswith(f"{id_}  ")
    assert (
        "left  workflow:welcome: 500 twice, then always 200; answered 3 deliveries of 1 event\n" in listed.stdout
    )
    doctor = run(environ, "doctor")
    assert "provoked   workflow:welcome is answered 500 twice, then always 200" in doctor.stdout
    tail = run(environ, "tail", "--no-follow", "--format", "ndjson")
    assert tail.returncode == 0
    off = run(environ, "provoke", "--off")
    ended = "ended: workflow:welcome: 500 twice, then always 200; answered 3 deliveries of 1 event\n"
    assert (off.returncode, off.stdout, off.stderr) == (0, "", ended)
    assert relay.post_signed(BODY).status_code == 200


def test_what_is_in_force_is_listed_as_json_and_ended_one_by_one(environ: dict[str, str]) -> None:
    first = run(environ, "provoke", "", "--answer", "429", "--retry-after", "30", "--delay", "2s").stdout.strip()
    (line,) = run(environ, "provoke", "--list", "--json").stdout.splitlines()
    told = json.loads(line)
    assert (told["filter"], told["answer"], told["delay_ms"], told["retry_after"]) == ("", "429", 2_000, 30)
    unknown = run(environ, "provoke", "--off", "999")
    assert (unknown.returncode, "no canned answer has the id 999" in unknown.stderr) == (2, True)
    assert "ended: every event: always 429, each after 2s" in run(environ, "provoke", "--off", first).stderr
    none = run(environ, "provoke", "--list")
    assert (none.returncode, none.stdout, "nothing is provoked" in none.stderr) == (0, "", True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["type:x"], "say what to answer"),
        (["--answer", "500"], "name a filter"),
        (["type:x", "--answer", "later"], "--answer: an answer is a status such as 503"),
        (["type:x", "--answer", "500", "--delay", "61s"], "--delay: should be at most 1m"),
        (["type:x", "--answer", "500", "--for", "soon"], "--for: should be a duration"),
        (["type:x", "--answer", "200", "--retry-after", "30"], "--retry-after: it goes with"),
        (["recipent:x", "--answer", "500"], "at column 1"),
        (["--off", "type:x"], "--off goes alone"),
        (["--off", "--list"], "--list does not go with --off"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_in_force(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    code = main.run(["provoke", *arguments, "--relay", f"http://127.0.0.1:{free_port()}"])
    assert (code, said in capsys.readouterr().err) == (2, True)


def test_without_a_relay_it_says_so(environ: dict[str, str]) -> None:
    environ["KNOCKTOP_RELAY_URL"] = f"http://127.0.0.1:{free_port()}"
    assert run(environ, "provoke", "", "--answer", "500").returncode == 16
