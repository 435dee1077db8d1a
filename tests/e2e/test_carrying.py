"""`knocktop export` and `import` between real relays: what is carried, and what is said when it can't be."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from relay.contract import jsontext
from tests.hostile import HOSTILE
from tests.relay_process import TOKEN, RelayProcess, environment, running, sample, sample_names, signed
from tests.terminal import terminal
from tests.tui.standins import free_port
from tui.model.redaction import TEST_SECRET


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("carrying")


@pytest.fixture(scope="module")
def source(place: Path) -> Iterator[RelayProcess]:
    """A relay with one of every sample, and with every hostile text."""
    with running(place / "source") as found:
        with found.client() as client:
            for name in sample_names():
                body, headers = sample(name)
                assert client.post("/webhooks/knock", content=body, headers=headers).status_code == 200
            for number, text in enumerate(HOSTILE):
                body = jsontext.dumps(
                    {"type": "hostile", "data": {"id": str(number), "recipient": text, text: text}}
                )
                answer = client.post("/webhooks/knock/staging", content=body, headers=signed(body, "hostile"))
                assert answer.status_code == 200
        yield found


@pytest.fixture(scope="module")
def target(place: Path) -> Iterator[RelayProcess]:
    with running(place / "target") as found:
        yield found


@pytest.fixture(scope="module")
def exported(place: Path, source: RelayProcess) -> Path:
    file = place / "all.ndjson"
    assert knocktop(place, source, "export", "-o", str(file)).returncode == 0
    return file


def surroundings(place: Path, url: str) -> dict[str, str]:
    return environment(
        place,
        KNOCKTOP_DATA_DIR=str(place / "none"),
        KNOCKTOP_RELAY_URL=url,
        KNOCKTOP_TOKEN=TOKEN,
        TMPDIR=str(place),
    )


def knocktop(
    place: Path, relay: RelayProcess | str, *arguments: str, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    url = relay if isinstance(relay, str) else relay.url
    return subprocess.run(
        [sys.executable, "-m", "tui", *arguments],
        env=surroundings(place, url),
        cwd=place,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
    )


COUNT = len(sample_names()) + len(HOSTILE)


def bodies(relay: RelayProcess) -> list[str]:
    with relay.client() as client:
        lines = client.get("/v1/export").content.splitlines()
    return [json.loads(line)["body"] for line in lines]


def test_what_is_carried_over_has_every_byte_and_is_checked_there(
    place: Path, source: RelayProcess, target: RelayProcess, exported: Path
) -> None:
    assert stat.S_IMODE(exported.stat().st_mode) == 0o600
    answer = knocktop(place, target, "import", str(exported))
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", f"{COUNT} added\n")
    assert bodies(target) == bodies(source)
    with target.client() as client:
        items = client.get("/v1/events", params={"limit": 500}).json()["items"]
        assert all(item["imported"] for item in items)
        # The samples are signed at the time of their events, and came long after that.
        assert {item["verdict"] for item in items} == {"stale", "verified"}
        delivery = client.get("/v1/events/1").json()["deliveries"][0]
        assert delivery["imported_verdict"] == delivery["verdict"]
    again = knocktop(place, target, "import", "-", stdin=exported.read_text())
    assert (again.returncode, again.stderr) == (0, f"0 added, {COUNT} that were here\n")


def test_of_a_file_that_was_cut_the_whole_lines_are_in_and_the_other_is_named(
    place: Path, target: RelayProcess, exported: Path
) -> None:
    cut = place / "cut.ndjson"
    text = exported.read_bytes()
    cut.write_bytes(text[: text.index(b"\n", len(text) // 2) - 10])
    line = cut.read_bytes().count(b"\n") + 1
    answer = knocktop(place, target, "import", str(cut))
    assert answer.returncode == 3
    assert f"line {line}: the file ends in the middle of it" in answer.stderr


def test_stdout_is_data_and_nothing_else(place: Path, source: RelayProcess, exported: Path) -> None:
    answer = knocktop(place, source, "export", "type:hostile", "-o", "-")
    assert answer.stderr == ""
    assert answer.stdout.encode() == b"".join(
        line + b"\n" for line in exported.read_bytes().splitlines() if b'"type":"hostile"' in line
    )


@pytest.mark.parametrize("kind", ["curl", "pytest"])
def test_what_is_exported_to_run_posts_every_event_signed_with_the_secret_that_it_names(
    place: Path, source: RelayProcess, kind: str
) -> None:
    file = place / f"test_{kind}.{'sh' if kind == 'curl' else 'py'}"
    with running(place / f"{kind}-app", secret=TEST_SECRET) as app:
        to = ["--to", app.webhooks]
        answer = knocktop(place, source, "export", "type:hostile", "--format", kind, "-o", str(file), *to)
        assert (answer.returncode, TEST_SECRET in answer.stderr) == (0, True)
        program = ["sh"] if kind == "curl" else [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        done = subprocess.run([*program, file], capture_output=True, text=True, timeout=60, cwd=place, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        with app.client() as client:
            items = client.get("/v1/events", params={"limit": 500}).json()["items"]
    assert len(items) == len(HOSTILE)
    assert {item["verdict"] for item in items} == {"verified"}
    # Their ids are Knock's in no family that is known; what tells who somebody is, is gone.
    assert all((item["recipient"] or "redacted").startswith("redacted") for item in items)


@pytest.mark.parametrize("arguments", [["export", "-o", "cut.out"], ["import", "-"]])
def test_what_is_interrupted_is_exit_130_and_leaves_no_half_file(
    place: Path, source: RelayProcess, arguments: list[str]
) -> None:
    # A stopped relay never answers, and stdin never ends: there is time to interrupt.
    os.kill(source.child.pid, signal.SIGSTOP)
    try:
        child = subprocess.Popen(
            [sys.executable, "-m", "tui", *arguments],
            env=surroundings(place, source.url),
            cwd=place,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        while not child.poll() and not _is_connected(child):
            pass
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=30)
    finally:
        os.kill(source.child.pid, signal.SIGCONT)
    assert child.returncode == 130
    assert not [found for found in place.iterdir() if found.name == "cut.out" or found.suffix == ".part"]


def _is_connected(child: subprocess.Popen[bytes]) -> bool:
    descriptors = Path(f"/proc/{child.pid}/fd")
    try:
        return any(str(found.readlink()).startswith("socket:") for found in descriptors.iterdir())
    except OSError:
        return False


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["export", "nonsense:", "-o", "x"], 2, "the filter does not parse at column 10"),
        (["export", "-o", "no/such/x"], 1, "the export cannot be written: No such file or directory"),
        (["export", "--format", "xml", "-o", "x"], 2, "--format should be one of ndjson, csv, curl, pytest"),
        (["export", "--to", "http://a.example", "-o", "x"], 2, "--to goes with --format curl or pytest"),
        (["export", "--format", "curl", "--to", "nowhere", "-o", "x"], 2, "--to should be a URL"),
        (["import", "no/such"], 2, "no/such cannot be read: No such file or directory"),
        (["import", "x", "--filter", "y"], 2, "--filter goes with --open"),
        (["import", "-", "--open"], 2, "--open needs a file"),
        (["import", "x", "--open", "--relay", "http://127.0.0.1:1"], 2, "--relay is not for --open"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    place: Path, source: RelayProcess, tmp_path: Path, arguments: list[str], code: int, told: str
) -> None:
    answer = knocktop(place, source, *arguments)
    assert (answer.returncode, answer.stdout) == (code, "")
    assert answer.stderr.startswith(f"error: {told}")
    assert not (place / "x").exists()


def test_without_a_relay_it_is_exit_16_and_leaves_no_file(place: Path) -> None:
    answer = knocktop(place, f"http://127.0.0.1:{free_port()}", "export", "-o", "gone.ndjson")
    assert answer.returncode == 16
    assert not [found for found in place.iterdir() if "gone" in found.name or found.suffix == ".part"]


def test_a_file_is_looked_at_as_one_and_nothing_of_the_look_is_left(place: Path, exported: Path) -> None:
    command = [sys.executable, "-m", "tui", "import", str(exported), "--open"]
    with terminal(command, environ=surroundings(place, "http://127.0.0.1:1"), cwd=place) as shown:
        header = shown.wait_for_text(f"{COUNT} of {COUNT}")[0]
        assert "file all.ndjson, not live" in header
        assert "127.0.0.1" not in header
        assert "no secret" not in header
        shown.press("q")
        assert shown.wait() == 0
    assert b"nothing of it stays here" in shown.raw
    assert not list(place.glob("knocktop-file-*"))


def test_without_a_terminal_a_file_is_written_as_tail_writes(place: Path, exported: Path) -> None:
    answer = knocktop(place, "http://127.0.0.1:1", "import", str(exported), "--open", "--filter", "type:hostile")
    assert (answer.returncode, answer.stdout.count("\n")) == (0, len(HOSTILE))
    assert not list(place.glob("knocktop-file-*"))


def test_a_file_without_an_event_is_not_opened(place: Path) -> None:
    (place / "nothing").write_text("nothing\n")
    answer = knocktop(place, "http://127.0.0.1:1", "import", "nothing", "--open")
    assert answer.returncode == 3
    assert "error: there is no event in nothing\n" in answer.stderr


def test_the_routes_are_under_the_token_and_say_what_is_wrong(source: RelayProcess) -> None:
    for method, path in (("GET", "/v1/export"), ("POST", "/v1/import")):
        assert httpx.request(method, f"{source.url}{path}", trust_env=False).status_code == 401
    with source.client() as client:
        wrong = client.get("/v1/export", params={"filter": "recipent:x"})
        assert (wrong.status_code, wrong.json()["column"]) == (400, 1)
        some = client.get("/v1/export", params={"after": 3, "before": 6})
        assert [json.loads(line)["seq"] for line in some.content.splitlines()] == [4, 5]
        assert some.headers["content-type"].startswith("application/x-ndjson")
        assert "attachment" in some.headers["content-disposition"]
        nothing = {"added": 0, "duplicates": 0, "refused": [], "refused_count": 0, "lines": 0}
        assert client.post("/v1/import", content=b"").json() == nothing
        schemas = client.get("/openapi.json").json()["components"]["schemas"]
        assert {"ExportedEvent", "ImportedEvent", "Imported", "RefusedLine"} <= set(schemas)
