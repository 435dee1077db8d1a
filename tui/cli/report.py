"""The one owner of narration on stderr and of exit codes: stdout is data, stderr says what happened."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from relay.contract.text import plain
from relay.settings import SettingsError
from tui.exitcodes import ExitCode


class Failure(Exception):
    """A command cannot do what was asked: why in one line, the exit code, a `hint` at the next step.

    `details` are lines to be told before that, such as the last ones of a log.
    """

    def __init__(
        self, message: str, code: int = ExitCode.FAILED, hint: str | None = None, details: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint
        self.details = tuple(details)


def say(text: str) -> None:
    """Write one line of narration."""
    _write(plain(text))


def hint(text: str) -> None:
    """Write what the user may do next, on a line of its own."""
    _write(f"hint: {plain(text)}")


def ended(body: Callable[[], int], details: Callable[[], Path | None] = lambda: None) -> int:
    """Run `body` and give the exit code of however it ended; errors are told in one line, never as a traceback.

    `details` names the file that takes the traceback of what nobody expected.
    """
    try:
        code = body()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _flushed(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        _abandon_stdout()
        return ExitCode.DONE
    except Failure as error:
        for line in error.details:
            say(line)
        return _refuse(str(error), error.code, error.hint)
    except SettingsError as error:
        return _refuse(str(error), ExitCode.USAGE, error.hint)
    except Exception as error:  # noqa: BLE001 - the last one to catch it, and it is told
        return _refuse_unexpected(error, details())
    return code


def _flushed(code: int) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon_stdout()
    return code


def _abandon_stdout() -> None:
    """Give the interpreter somewhere to flush to at its end: the reader is gone, and that is no error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(message: str, code: int, advice: str | None) -> int:
    _write(f"error: {plain(message)}")
    if advice:
        hint(advice)
    return code


def _refuse_unexpected(error: Exception, file: Path | None) -> int:
    told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    lines = "".join(traceback.format_exception(error))
    try:
        if file is None:
            raise FileNotFoundError
        with file.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {lines}")
    except OSError:
        _write(lines.rstrip())
        return _refuse(f"unexpected: {told}", ExitCode.FAILED, None)
    return _refuse(f"unexpected: {told}", ExitCode.FAILED, f"the details are in {file}")


def _write(line: str) -> None:
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except OSError:
        # Nobody reads the narration: the exit code still says how it ended.
        return
