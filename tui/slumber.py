"""How long this machine has slept: connections do not survive that, and nothing says so when it wakes up."""

from __future__ import annotations

import sys
import time

# Linux stops its monotonic clock while asleep, and has another that goes on; on macOS Python reads one that stops.
_ALWAYS: int | None = getattr(time, "CLOCK_MONOTONIC" if sys.platform == "darwin" else "CLOCK_BOOTTIME", None)


def seconds_asleep() -> float:
    """Return the seconds slept up to now, counted from any one moment; always 0 where the system does not tell."""
    if _ALWAYS is None:
        return 0.0
    return time.clock_gettime(_ALWAYS) - time.monotonic()
