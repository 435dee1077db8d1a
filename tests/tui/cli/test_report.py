from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from relay.settings import SettingsError
from tui.cli.report import Failure, ended, hint, say
from tui.exitcodes import ExitCode


def raising(error: BaseException) -> int:
    def body() -> NoReturn:
        raise error

    return ended(body)


def test_the_codes_are_those_that_scripts_rely_on() -> None:
    assert [code.value for code in ExitCode] == [0, 1, 2, 3, 4, 10, 12, 16, 17, 18, 19, 130]


def test_narration_goes_to_stderr_and_cannot_act_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say("one\x1b[31m")
    hint("two\nlines")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "one␛[31m\nhint: two↵lines\n"


def test_what_a_body_returns_is_the_exit_code() -> None:
    assert ended(lambda: 7) == 7


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (Failure("it is late", ExitCode.OUT_OF_TIME, "wait"), 4, "error: it is late\nhint: wait\n"),
        (Failure("no"), 1, "error: no\n"),
        (Failure("no", 18, details=["a", "b\x07"]), 18, "a\nb␇\nerror: no\n"),
        (
            SettingsError("`port` is off", Path("knocktop.toml"), 3, "did you mean it?"),
            2,
            "error: knocktop.toml:3: `port` is off\nhint: did you mean it?\n",
        ),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_each_ending_has_its_code_and_its_words(
    error: BaseException, code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert raising(error) == code
    assert capsys.readouterr().err == told


def test_an_unexpected_error_is_one_line_and_the_details_go_to_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "tui.log"

    def body() -> int:
        raise ZeroDivisionError("by\x1b[2Jzero")

    assert ended(body, lambda: log) == 1
    assert (
        capsys.readouterr().err
        == f"error: unexpected: ZeroDivisionError: by␛[2Jzero\nhint: the details are in {log}\n"
    )
    assert "Traceback" in log.read_text()


def test_an_unexpected_error_without_a_log_is_told_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    assert raising(ZeroDivisionError("zero")) == 1
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert told.endswith("error: unexpected: ZeroDivisionError: zero\n")


BODY = """
import sys
from tui.cli.report import ended
def body():
    {}
    return 0
sys.exit(ended(body))
"""


@pytest.mark.parametrize("body", ["[print(n) for n in range(100000)]", "print(1)"])
def test_a_reader_that_closes_the_pipe_is_no_error(body: str) -> None:
    script = '("$0" -c "$1"; echo "code $?" >&2) | true'
    command = ["sh", "-c", script, sys.executable, BODY.format(body)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert answer.stderr == "code 0\n"
