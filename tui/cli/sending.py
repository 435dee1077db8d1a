"""Flags of the commands that send to an app, as they were typed."""

from __future__ import annotations

from datetime import timedelta
from difflib import get_close_matches

from relay.contract.quantities import QuantityError, parse_duration
from relay.contract.text import plain
from tui.cli.report import Failure
from tui.exitcodes import ExitCode
from tui.forward.request import Sign


def sign_of(text: str) -> Sign:
    """Read how to sign. Raises `Failure`."""
    try:
        return Sign(text)
    except ValueError:
        close = get_close_matches(text, list(Sign), n=1)
        raise Failure(
            f"--sign should be {', '.join(list(Sign)[:-1])} or {list(Sign)[-1]}, not {plain(text, 60)!r}",
            ExitCode.USAGE,
            f"did you mean {close[0]}?" if close else None,
        ) from None


def timeout_of(text: str) -> float:
    """Read how long an app has for its answer, in seconds; a number alone is in seconds. Raises `Failure`."""
    given = text.strip()
    try:
        duration = parse_duration(f"{given}s" if given.isascii() and given.isdigit() else given)
    except QuantityError as error:
        raise Failure(f"--timeout {plain(text, 40)!r}: it {error}", ExitCode.USAGE) from None
    if duration <= timedelta(0):
        raise Failure("--timeout should be longer than nothing, such as 10s", ExitCode.USAGE)
    return duration / timedelta(seconds=1)
