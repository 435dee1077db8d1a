"""`knocktop expect` as a script runs it, on a real relay."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.relay_process import TOKEN, RelayProcess, environment, running


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    with running(tmp_path_factory.mktemp("relay") / "data") as found:
        for number, type_ in enumerate(("message.sent", "message.sent", "message.read"), start=1):
            data = {"id": f"m{number}", "tenant": "acme", "status": "sent", "text": f"number {number}"}
            found.post_signed(json.dumps({"type": type_, "data": data}).encode())
        yield found


class Script:
    def __init__(self, relay: RelayProcess, home: Path) -> None:
        self.relay = relay
        self.environ = environment(home, KNOCKTOP_RELAY_URL=relay.url, KNOCKTOP_TOKEN=TOKEN)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tui", "expect", *arguments],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, list[int], list[str]]:
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=60)
        return process.returncode, [json.loads(line)["seq"] for line in out.splitlines()], err.splitlines()


@pytest.fixture
def script(relay: RelayProcess, tmp_path: Path) -> Script:
    return Script(relay, tmp_path)


def test_what_is_sent_once_it_waits_is_not_missed(script: Script) -> None:
    with script.start("type:message.bounced", "NOT", "tenant:acme") as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("waiting for an event that matches")
        body = b'{"type": "message.bounced", "data": {"id": "m9"}}'
        seq = script.relay.post_signed(body).json()["seq"]
        out, _ = process.communicate(timeout=30)
    assert (process.returncode, json.loads(out)["seq"]) == (0, seq)


def test_what_came_closest_is_told_with_what_it_lacks(script: Script) -> None:
    code, seqs, lines = script.run(
        "--since", "beginning", "--within", "0", "type:message.* status:read tenant:acme"
    )
    assert (code, seqs) == (4, [])
    assert lines[1:] == [
        "error: expected an event that matches type:message.* status:read tenant:acme, and none is there",
        "  3 events matched all but status:read: status was sent (seq 1, 2, 3)",
    ]


def test_where_all_fail_at_several_terms_those_that_pass_one_are_closest(script: Script) -> None:
    _, _, lines = script.run("--since", "beginning", "--within", "0", "type:message.read tenant:nobody nosuchtext")
    assert lines[2] == (
        "  1 event matched all but tenant:nobody and nosuchtext: "
        'tenant was acme (seq 3); "nosuchtext" was not in the body (seq 3)'
    )


def test_bodies_and_single_terms_are_looked_at_too(script: Script) -> None:
    _, _, lines = script.run("--since", "1", "--within", "0", 'type:message.read "number 1"')
    assert [line.partition(":")[0] for line in lines[2:]] == [
        "  1 event matched all but type",
        '  1 event matched all but "number 1"',
    ]
    _, _, lines = script.run("--since", "3", "--within", "0", "deliveries:>=2")
    assert "deliveries was 1 (seq 3" in lines[2]


def test_history_counts_from_where_it_is_told_to(script: Script) -> None:
    assert script.run("type:message.sent", "--since", "10m", "--within", "0", "--count", "2")[:2] == (0, [1, 2])
    assert script.run("type:message.sent", "--since", "2", "--within", "0")[:2] == (0, [2])
    assert script.run("type:message.sent", "--since", "1ms", "--within", "0")[:2] == (4, [])
    assert script.run("type:message.sent", "--since", "2", "--within", "0", "--count", "0")[:2] == (3, [2])


def test_a_request_in_quarantine_is_told_as_what_may_be_why(script: Script) -> None:
    script.relay.post_signed(b'{"type": "message.sent", "data": {"id": "odd"}}', secret="another")
    code, _, lines = script.run("type:message.complaint", "--within", "0")
    assert code == 4
    assert lines[-1].startswith("  1 request in quarantine")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["recipent:x"], 2, "hint: did you mean recipient"),
        (["type:x", "--within", "soon"], 2, "error: --within 'soon'"),
        (["type:x", "--since", "yesterday"], 2, "error: --since: yesterday is no place to begin"),
        (["type:x", "--count", "-1"], 2, "error: --count should be 0 or more"),
        (["type:x", "--relay", "http://127.0.0.1:9"], 16, "error: http://127.0.0.1:9 is not reachable"),
    ],
)
def test_what_cannot_be_waited_for_is_refused(script: Script, arguments: list[str], code: int, says: str) -> None:
    ended, _, lines = script.run(*arguments)
    assert ended == code
    assert any(line.startswith(says) for line in lines)


def test_it_can_be_interrupted_and_wants_a_token(script: Script) -> None:
    with script.start("type:none") as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    script.environ["KNOCKTOP_TOKEN"] = "another"
    assert (process.returncode, script.run("type:none")[0]) == (130, 10)
