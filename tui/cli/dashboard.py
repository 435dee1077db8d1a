"""`knocktop` by itself: the dashboard, or `tail` where there is no terminal to draw on."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from tui.cli.invocation import Invocation


def dashboard(invocation: Invocation, flags: Mapping[str, Any] | None = None) -> int:
    """Run the dashboard under these flags and give the exit code."""
    loaded = invocation.load(flags)
    if not sys.stdout.isatty():
        from tui.cli.report import say
        from tui.cli.tailing import tail_here

        say("no terminal to draw on: this does what knocktop tail does")
        return tail_here(loaded, filter_=loaded.settings.filter)
    from tui.cli.screen import show

    return show(loaded)
