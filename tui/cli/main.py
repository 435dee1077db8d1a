"""From arguments to an exit code."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tui.cli.invocation import Invocation
from tui.cli.report import ended


def run(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit code."""
    invocation = Invocation()
    return ended(lambda: _run(arguments, invocation), lambda: invocation.details)


def _run(arguments: Sequence[str], invocation: Invocation) -> int:
    if "_KNOCKTOP_COMPLETE" in os.environ:
        # A shell asks what comes next, not for anything to be done.
        from tui.cli.completion import answer

        return answer(os.environ)
    if not arguments:
        # The usual start has nothing to parse, and the parser takes longer than all else before the first paint.
        from tui.cli.dashboard import dashboard

        return dashboard(invocation)
    from tui.cli.commands import invoke

    return invoke(arguments, invocation)
