"""What `knocktop demo` refuses before anything is started, and what it says when it cannot begin."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tui.cli.choices import nearest_scenario, scenario_lines
from tui.cli.main import run
from tui.exitcodes import ExitCode
from tui.simulator import SCENARIOS


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("KNOCKTOP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = ExitCode.USAGE) -> str:
    assert run(["demo", *arguments]) == code
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


def test_an_unknown_scenario_is_refused_with_the_nearest_and_all_of_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = refused(capsys, "--scenario", "retry_strom")
    assert "error: no scenario is called 'retry_strom'\nhint: did you mean retry-storm?\n" in told
    assert all(f"\n  {name} " in told for name in SCENARIOS)


def test_a_scenario_that_is_like_none_gets_no_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert "hint: without --scenario all of them are mixed" in refused(capsys, "--scenario", "xyzzy")


def test_an_unknown_scenario_is_told_without_what_could_act_on_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "\x1b" not in refused(capsys, "--scenario", "\x1b[31mred")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("happy_email", "happy-email"),
        ("HAPPY-EMAIL", "happy-email"),
        ("bounces", "bounce"),
        ("dead", "push-dead-token"),
        ("deploy", "template-deploy"),
        ("", None),
        ("xyzzy", None),
    ],
)
def test_the_nearest_scenario_is_suggested(given: str, meant: str | None) -> None:
    assert nearest_scenario(given) == meant


def test_the_list_of_scenarios_fits_a_terminal() -> None:
    assert max(map(len, scenario_lines())) <= 80


@pytest.mark.parametrize("name", ["happy-email", "retry-storm", "bounce-wave", "push-dead-token", "digest"])
def test_the_scenarios_of_the_documentation_are_there(name: str) -> None:
    assert name in SCENARIOS


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf"])
def test_a_rate_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], rate: str) -> None:
    assert f"error: --rate {rate} is no number of events a second" in refused(capsys, "--rate", rate)


@pytest.mark.parametrize("flags", [["--relay", "http://127.0.0.1:1"], ["--data-dir", "elsewhere"]])
def test_a_relay_of_ones_own_is_refused(capsys: pytest.CaptureFixture[str], flags: list[str]) -> None:
    assert run([*flags, "demo"]) == ExitCode.USAGE
    assert f"error: {flags[0]} is not for `demo`" in capsys.readouterr().err


def test_a_filter_that_does_not_parse_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "does not parse" in refused(capsys, "--filter", "type:")


def test_nowhere_to_write_is_told_with_the_way_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device", "/somewhere")

    monkeypatch.setattr("tempfile.mkdtemp", full)
    told = refused(capsys, code=ExitCode.FAILED)
    assert told == (
        "error: the demo has nowhere to run: No space left on device: /somewhere\n"
        "hint: set TMPDIR to a directory that can be written to\n"
    )


def test_a_relay_that_does_not_come_up_is_told_in_its_own_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    interpreter = tmp_path / "python"
    interpreter.write_text("#!/bin/sh\necho 'no such luck' >&2\nexit 3\n")
    interpreter.chmod(0o700)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setattr(sys, "executable", str(interpreter))
    told = refused(capsys, code=ExitCode.FAILED)
    assert "no such luck\nerror: the relay of the demo ended before it was up\n" in told
    assert list(temporary.iterdir()) == []
