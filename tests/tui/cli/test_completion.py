"""Completion, asked as the shells ask."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.relay_process import ROOT
from tui.cli.completion import SHELLS
from tui.cli.main import run


def in_bash(home: Path, typed: str) -> list[str]:
    """What bash offers behind what was typed, with the script that `knocktop completion bash` writes."""
    program = home / "bin" / "knocktop"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tui "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    script = """
    eval "$(knocktop completion bash)"
    COMP_LINE="$1"; COMP_POINT=${#1}; read -ra COMP_WORDS <<< "$1"
    [[ "$1" == *" " ]] && COMP_WORDS+=("")
    COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
    # What bash itself calls when Tab is pressed behind `knocktop`.
    [[ "$(complete -p knocktop)" =~ -F\\ ([A-Za-z_]+) ]] || exit 9
    "${BASH_REMATCH[1]}" knocktop "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
    printf '%s\\n' "${COMPREPLY[@]}"
    """
    bash = shutil.which("bash")
    assert bash is not None
    environ = os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    answer = subprocess.run(
        [bash, "--norc", "-c", script, "bash", typed], env=environ, capture_output=True, text=True, timeout=60
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    return answer.stdout.split()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("knocktop tr", ["trigger"]),
        ("knocktop secret ", ["add", "list", "remove"]),
        ("knocktop trigger message.bo", ["message.bounced"]),
        ("knocktop tail --no", ["--no-follow"]),
        ("knocktop tail --format ", ["line", "ndjson", "raw"]),
        ("knocktop completion po", ["powershell"]),
        ("knocktop demo --scenario push", ["push", "push-dead-token"]),
        ("knocktop verify --sig", ["--signature"]),
    ],
)
def test_bash_offers_what_can_come_next(home: Path, typed: str, offered: list[str]) -> None:
    assert in_bash(home, typed) == offered


def test_bash_offers_every_command(home: Path) -> None:
    assert {"relay", "tail", "verify", "secret", "doctor", "purge", "completion"} <= set(
        in_bash(home, "knocktop ")
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_there_is_a_script_for_each_shell(home: Path, shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert "_KNOCKTOP_COMPLETE" in out
    assert f"complete_{shell}" in out


def test_another_shell_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", "tcsh"]) == 2
    assert capsys.readouterr().err == (
        "error: no completion for tcsh\nhint: there is one for bash, zsh, fish, powershell\n"
    )


@pytest.mark.parametrize(
    ("shell", "environ", "told"),
    [
        ("zsh", {"_TYPER_COMPLETE_ARGS": "knocktop doc"}, '"doctor"'),
        ("fish", {"_TYPER_COMPLETE_ARGS": "knocktop doc", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}, "doctor\t"),
        (
            "powershell",
            {"_TYPER_COMPLETE_ARGS": "knocktop doc", "_TYPER_COMPLETE_WORD_TO_COMPLETE": "doc"},
            "doctor:::",
        ),
    ],
)
def test_each_shell_is_answered_in_its_own_form(
    home: Path,
    shell: str,
    environ: dict[str, str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in (environ | {"_KNOCKTOP_COMPLETE": f"complete_{shell}"}).items():
        monkeypatch.setenv(name, value)
    assert run([]) == 0
    assert told in capsys.readouterr().out


def test_asking_for_the_version_on_the_way_does_not_break_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_KNOCKTOP_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "knocktop --version ")
    monkeypatch.setenv("COMP_CWORD", "2")
    assert run([]) == 0
    assert "Traceback" not in capsys.readouterr().err
