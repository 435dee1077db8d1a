"""`knocktop doctor`: each check has a way to fail, and then it names the remedy."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.relay_process import SECRET, TOKEN, RelayProcess, running
from tests.tui.standins import Standins, free_port
from tui.cli import checks
from tui.cli.checks import Machine
from tui.cli.doctor import doctor
from tui.cli.invocation import Invocation
from tui.cli.main import run

ALL_THERE = Machine(
    environ={"TERM": "xterm-256color", "COLORTERM": "truecolor", "WAYLAND_DISPLAY": "wayland-0"},
    size=os.terminal_size((120, 40)),
    utf8=True,
    which=lambda name: f"/usr/bin/{name}",
    free=lambda _: 50 << 30,
    platform="linux",
)


class Patient:
    """Runs the doctor over a machine, the settings of this directory, and one free port."""

    def __init__(self) -> None:
        self.machine = ALL_THERE
        self.flags: dict[str, Any] = {}
        self.code = -1

    def lines(self, **flags: Any) -> dict[str, dict[str, str]]:
        """What each check came to, by its name."""
        out = io.StringIO()
        self.code = doctor(Invocation(), self.flags | flags, as_json=True, out=out, machine=self.machine)
        return {found["check"]: found for found in map(json.loads, out.getvalue().splitlines())}

    def problem(self, check: str, **flags: Any) -> tuple[str, str]:
        """What a check found and how to mend it, once it is sure that this is a problem."""
        found = self.lines(**flags)[check]
        assert (found["state"], self.code) == ("problem", 3)
        return found["found"], found["fix"]


@pytest.fixture
def patient(home: Path, monkeypatch: pytest.MonkeyPatch) -> Patient:
    monkeypatch.setenv("KNOCKTOP_PORT", str(free_port()))
    monkeypatch.setenv("KNOCKTOP_SIGNING_SECRET", SECRET)
    return Patient()


@pytest.fixture
def relay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patient: Patient) -> Iterator[RelayProcess]:
    with running(tmp_path / "relay") as found:
        monkeypatch.setenv("KNOCKTOP_RELAY_URL", found.url)
        monkeypatch.setenv("KNOCKTOP_TOKEN", TOKEN)
        yield found


def test_where_all_is_well_every_check_says_so_and_it_is_exit_0(patient: Patient, relay: RelayProcess) -> None:
    found = patient.lines()
    assert {line["state"] for line in found.values()} == {"ok"}, found
    assert patient.code == 0
    assert list(found) == [
        "config",
        "relay",
        "secret",
        "tunnel",
        "clock",
        "disk",
        "terminal",
        "colours",
        "text",
        "clipboard",
    ]


def test_a_line_has_the_fix_in_it(patient: Patient, capsys: pytest.CaptureFixture[str]) -> None:
    patient.machine = replace(ALL_THERE, utf8=False)
    out = io.StringIO()
    assert doctor(Invocation(), {}, out=out, machine=patient.machine) == 3
    line = next(line for line in out.getvalue().splitlines() if line.startswith("problem"))
    assert line.startswith(
        "problem  text       the locale is not one of UTF-8, so all is drawn with ASCII; fix: export"
    )
    assert capsys.readouterr().err == "1 problem\n"


def test_a_file_that_is_wrong_is_named_with_its_line_and_the_machine_is_still_looked_at(patient: Patient) -> None:
    Path("knocktop.toml").write_text("\nprot = 1\n")
    found, fix = patient.problem("config")
    assert found == f"{Path.cwd() / 'knocktop.toml'}:2: unknown key `prot`"
    assert fix == "did you mean `port`?"
    assert list(patient.lines()) == ["config", "terminal", "colours", "text", "clipboard"]


def test_a_variable_that_means_nothing_is_a_problem(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOCKTOP_RELAY_ULR", "x")
    assert patient.problem("config") == (
        "the variable KNOCKTOP_RELAY_ULR means nothing to this version",
        "did you mean KNOCKTOP_RELAY_URL?",
    )


def test_no_relay_on_this_machine_is_no_problem(patient: Patient) -> None:
    found = patient.lines()["relay"]
    assert (found["state"], "`knocktop` starts one" in found["found"]) == ("ok", True)


def test_a_relay_elsewhere_that_does_not_answer_is_a_problem(patient: Patient) -> None:
    found, fix = patient.problem("relay", relay_url=f"http://0.0.0.0:{free_port()}")
    assert "is not reachable" in found
    assert "--relay URL" in fix


def test_something_else_on_the_port_is_a_problem(patient: Patient, standins: Standins) -> None:
    there = standins.start("foreign")
    found, fix = patient.problem("relay", relay_url=there.url)
    assert found == f"what is at {there.url} answers, but is no relay of knocktop"
    assert "KNOCKTOP_PORT" in fix


def test_a_refused_token_is_a_problem(
    patient: Patient, relay: RelayProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KNOCKTOP_TOKEN", "wrong")
    found, fix = patient.problem("relay")
    assert "token refused" in found
    assert "KNOCKTOP_TOKEN" in fix


def test_a_relay_that_is_not_ready_is_a_problem(patient: Patient, standins: Standins) -> None:
    there = standins.start("never")
    found, fix = patient.problem("relay", relay_url=there.url)
    assert found == f"{there.url} is not ready"
    assert "relay --stop" in fix


def test_a_relay_of_another_version_is_a_problem(
    patient: Patient, relay: RelayProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.cli.checks.version", lambda _: "99.0")
    found, fix = patient.problem("relay")
    assert found.endswith("and this is 99.0")
    assert "relay --stop" in fix


def test_no_secret_is_a_problem(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KNOCKTOP_SIGNING_SECRET")
    found, fix = patient.problem("secret")
    assert "anyone" in found
    assert "knocktop secret add" in fix


def test_the_secrets_that_count_are_those_of_the_relay_that_runs(
    patient: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path / "relay", secret=None) as found:
        monkeypatch.setenv("KNOCKTOP_TOKEN", TOKEN)
        assert "knocktop secret add" in patient.problem("secret", relay_url=found.url)[1]


def test_a_secret_that_cannot_be_read_is_a_problem(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOCKTOP_SIGNING_SECRET_FILE", "nowhere")
    found, fix = patient.problem("secret")
    assert "cannot read the secret" in found
    assert fix


def test_added_secrets_that_others_can_read_are_a_problem(patient: Patient, home: Path) -> None:
    file = home / "share" / "knocktop" / "secrets.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[[secret]]\nvalue = "x"\n')
    file.chmod(0o644)
    assert "chmod 600" in patient.problem("secret")[0]


def test_no_tunnel_is_a_problem(patient: Patient) -> None:
    patient.machine = replace(ALL_THERE, which=lambda name: None if name in checks.TUNNELS else f"/usr/bin/{name}")
    found, fix = patient.problem("tunnel")
    assert "neither cloudflared nor ngrok" in found
    assert "public_url" in fix


def test_the_tunnel_that_is_found_is_named(patient: Patient) -> None:
    patient.machine = replace(ALL_THERE, which=lambda name: "/opt/ngrok" if name == "ngrok" else None)
    assert patient.lines()["tunnel"]["found"] == "ngrok (/opt/ngrok)"


@pytest.mark.parametrize(
    ("settings", "words"),
    [('public_url = "https://k.example"', "https://k.example"), ('relay = "http://0.0.0.0:9"', "none needed")],
)
def test_a_relay_that_is_reachable_needs_no_tunnel(patient: Patient, settings: str, words: str) -> None:
    Path("knocktop.toml").write_text(settings)
    patient.machine = replace(ALL_THERE, which=lambda _: None)
    found = patient.lines()["tunnel"]
    assert (found["state"], words in found["found"]) == ("ok", True)


def test_a_clock_before_this_version_was_made_is_a_problem(patient: Patient) -> None:
    patient.machine = replace(ALL_THERE, now=lambda: 86_400.0)
    found, fix = patient.problem("clock")
    assert found == "it says 1970-01-02, before this version was made"
    assert fix == "timedatectl set-ntp true"


@pytest.mark.parametrize(("by_s", "words"), [(600, "s ahead of that of the relay"), (-600, "s behind that of")])
def test_a_clock_that_differs_from_the_relays_is_a_problem(
    patient: Patient, relay: RelayProcess, by_s: float, words: str
) -> None:
    patient.machine = replace(ALL_THERE, now=lambda: time.time() + by_s, platform="darwin")
    found, fix = patient.problem("clock")
    assert words in found
    assert fix.startswith("sudo sntp")


def test_events_that_arrive_before_they_were_made_are_a_problem(patient: Patient, relay: RelayProcess) -> None:
    made = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
    body = json.dumps({"type": "message.sent", "created_at": made, "data": {"id": "m1"}}).encode()
    assert relay.post_signed(body).status_code == 200
    found, fix = patient.problem("clock")
    assert "the relay's clock is behind" in found
    assert fix == "timedatectl set-ntp true"


def test_a_disk_that_is_nearly_full_is_a_problem(patient: Patient) -> None:
    patient.machine = replace(ALL_THERE, free=lambda _: 100 << 20)
    found, fix = patient.problem("disk")
    assert found.startswith("100MiB left for ")
    assert "--data-dir" in fix


def test_a_log_that_may_outgrow_its_disk_is_a_problem(patient: Patient) -> None:
    patient.machine = replace(ALL_THERE, free=lambda _: 1 << 30)
    found, fix = patient.problem("disk")
    assert "may grow to 2GiB, and there is 1GiB left" in found
    assert "--retention-size" in fix


def test_a_directory_that_cannot_be_written_is_a_problem(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Modes do not stop root, which tests may run as.
    monkeypatch.setattr("tui.cli.checks.tempfile.TemporaryFile", refuse)
    found, fix = patient.problem("disk")
    assert found.endswith("cannot be written: Permission denied")
    assert "--data-dir" in fix


def test_a_data_directory_that_is_a_file_is_a_problem(patient: Patient, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in patient.problem("disk", data_dir=str(tmp_path / "file"))[0]


@pytest.mark.parametrize("size", [(79, 24), (80, 23)])
def test_a_terminal_that_is_too_small_is_a_problem(patient: Patient, size: tuple[int, int]) -> None:
    patient.machine = replace(ALL_THERE, size=os.terminal_size(size))
    assert patient.problem("terminal") == (f"{size[0]}x{size[1]} is too small", "make it 80x24 or larger")


def test_no_terminal_is_no_problem_and_says_where_to_run_it(patient: Patient) -> None:
    patient.machine = replace(ALL_THERE, size=None)
    found = patient.lines()["terminal"]
    assert (found["state"], "in the terminal" in found["fix"], patient.code) == ("note", True, 0)


@pytest.mark.parametrize("term", ["", "dumb"])
def test_a_terminal_that_nothing_can_be_drawn_on_is_a_problem(patient: Patient, term: str) -> None:
    patient.machine = replace(ALL_THERE, environ={"TERM": term, "DISPLAY": ":0"})
    assert patient.problem("colours")[1] == "export TERM=xterm-256color"


def test_sixteen_colours_are_a_problem(patient: Patient) -> None:
    patient.machine = replace(ALL_THERE, environ={"TERM": "xterm", "DISPLAY": ":0"})
    found, fix = patient.problem("colours")
    assert found == "16, as far as TERM=xterm tells"
    assert "xterm-256color" in fix


def test_colours_that_are_off_on_purpose_are_no_problem(patient: Patient) -> None:
    patient.machine = replace(ALL_THERE, environ={"TERM": "xterm", "NO_COLOR": "1", "DISPLAY": ":0"})
    assert patient.lines()["colours"]["state"] == "ok"


def test_a_locale_without_utf_8_is_a_problem(patient: Patient) -> None:
    patient.machine = replace(ALL_THERE, utf8=False)
    assert "LANG" in patient.problem("text")[1]


def nothing(_: str) -> None:
    return None


@pytest.mark.parametrize(
    ("environ", "which", "found"),
    [
        ({"WAYLAND_DISPLAY": "w"}, lambda name: f"/usr/bin/{name}", "with wl-copy"),
        ({"TMUX": "x", "TERM": "screen"}, lambda name: name if name == "tmux" else None, "through tmux"),
        ({"TERM": "xterm-256color"}, nothing, "by OSC 52"),
    ],
)
def test_the_way_to_the_clipboard_is_named(
    patient: Patient, environ: dict[str, str], which: Callable[[str], str | None], found: str
) -> None:
    patient.machine = replace(ALL_THERE, environ={"TERM": "xterm-256color"} | environ, which=which)
    assert patient.lines()["clipboard"]["found"].startswith(found)


@pytest.mark.parametrize(
    ("environ", "fix"),
    [
        ({"TERM": "linux"}, "use a terminal that knows OSC 52"),
        ({"TERM": "linux", "DISPLAY": ":0"}, "install xclip or xsel"),
    ],
)
def test_no_way_to_the_clipboard_is_a_problem(patient: Patient, environ: dict[str, str], fix: str) -> None:
    patient.machine = replace(ALL_THERE, environ=environ, which=nothing)
    assert patient.problem("clipboard") == ("none: what is copied goes to a file", fix)


def test_it_runs_on_this_machine_as_it_is(patient: Patient, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor"]) in (0, 3)
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} <= {"ok", "note", "problem"}
    assert len(lines) >= 8


def test_no_secret_shows(patient: Patient, capsys: pytest.CaptureFixture[str]) -> None:
    run(["doctor"])
    captured = capsys.readouterr()
    assert SECRET not in captured.out + captured.err
