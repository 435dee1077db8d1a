"""`knocktop relay`: run the relay here, or stop the one of this data directory."""

from __future__ import annotations

import asyncio
from typing import Any

from relay.__main__ import serve
from relay.settings import Loaded
from tui.cli.report import Failure, say


def run(flags: dict[str, Any]) -> int:
    """Run the relay in the foreground; gives the exit code."""
    return serve(**flags)


def stop(loaded: Loaded) -> int:
    """Stop the relay of the data directory; one that does not run is as good as stopped."""
    from tui.halt import NotStopped, stop_relay

    try:
        stopped = asyncio.run(stop_relay(loaded))
    except NotStopped as error:
        raise Failure(str(error), hint=error.hint) from None
    if stopped is None:
        say(f"no relay runs on {loaded.settings.data_dir}")
    else:
        say(f"stopped the relay at {stopped.url} (pid {stopped.pid})")
    return 0
