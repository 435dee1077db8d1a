"""`knocktop` by itself: the dashboard, or `tail` where there is no terminal to draw on."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from tui.cli.invocation import Invocation
from tui.cli.report import Failure, hint, say
from tui.exitcodes import ExitCode


def dashboard(invocation: Invocation, flags: Mapping[str, Any] | None = None) -> int:
    """Run the dashboard under these flags and give the exit code."""
    loaded = invocation.load(flags)
    settings = loaded.settings
    if settings.read_only and loaded.origins["tunnel"].kind == "flag":
        raise Failure("--tunnel opens the relay to the internet, which --read-only does not do", ExitCode.USAGE)
    if settings.read_only and loaded.origins["forward"].kind == "flag":
        raise Failure("--forward sends events to an app, which --read-only does not do", ExitCode.USAGE)
    if not sys.stdout.isatty():
        from tui.cli.tailing import tail_here

        without = [name for name, wanted in (("tunnel", settings.tunnel), ("forward", settings.forward)) if wanted]
        left_out = "".join(f", without a {name}" for name in without)
        say(f"no terminal to draw on: this does what knocktop tail does{left_out}")
        if settings.forward:
            hint("knocktop forward URL forwards without a dashboard")
        return tail_here(loaded, filter_=settings.filter)
    from tui.cli.screen import show

    return show(loaded)
