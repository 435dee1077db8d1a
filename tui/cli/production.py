"""Asking for the name of an environment marked production before a command sends what comes from it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from relay.contract.text import plain
from relay.settings import Settings
from tui.cli.report import Failure, say
from tui.exitcodes import ExitCode
from tui.forward.production import Production


def production(settings: Settings, typed: Sequence[str]) -> Production:
    """Give the environments that are marked. `typed` are the names from `--yes-production`. Raises `Failure`."""
    marked = Production(settings.environments)
    for name in typed:
        if not marked.take(name):
            known = ", ".join(plain(one, 60) for one in marked.names)
            raise Failure(
                f"--yes-production {plain(name, 60)!r} names no environment that is marked production",
                ExitCode.USAGE,
                f"marked are: {known}" if known else "none is marked; see [environments] in `knocktop config`",
            )
    return marked


def ask(marked: Production, environment_ids: Iterable[str | None], what: str, stdin: TextIO | None = None) -> None:
    """Have the user type each name that is lacking, on a terminal; `what` says what is about to be done.

    Raises `Failure` where a name is another, or where nobody is there to type it.
    """
    stdin = sys.stdin if stdin is None else stdin
    for name in marked.lacking(environment_ids):
        shown = plain(name, 60)
        if not stdin.isatty():
            raise Failure(
                f"this would {what} from {shown}, which is marked production",
                ExitCode.USAGE,
                f"say --yes-production {shown} where that is meant",
            )
        sys.stderr.write(f"This would {what} from {shown}, which is marked production. Type its name to go on: ")
        sys.stderr.flush()
        if stdin.readline().strip() != name or not marked.take(name):
            say("that is not its name")
            raise Failure("nothing was sent", ExitCode.INTERRUPTED)
