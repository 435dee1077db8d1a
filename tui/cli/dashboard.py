"""`knocktop` by itself: the dashboard, or `tail` where there is no terminal to draw on."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from tui.cli.invocation import Invocation
from tui.cli.report import Failure, say
from tui.exitcodes import ExitCode


def dashboard(invocation: Invocation, flags: Mapping[str, Any] | None = None) -> int:
    """Run the dashboard under these flags and give the exit code."""
    loaded = invocation.load(flags)
    settings = loaded.settings
    if settings.read_only and loaded.origins["tunnel"].kind == "flag":
        raise Failure("--tunnel opens the relay to the internet, which --read-only does not do", ExitCode.USAGE)
    if not sys.stdout.isatty():
        from tui.cli.tailing import tail_here

        without = ", without a tunnel" if settings.tunnel else ""
        say(f"no terminal to draw on: this does what knocktop tail does{without}")
        return tail_here(loaded, filter_=settings.filter)
    from tui.cli.screen import show

    return show(loaded)
