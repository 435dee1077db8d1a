"""When a relay that a dashboard started has been alone for too long."""

from __future__ import annotations

from collections.abc import Callable


class Idle:
    """Watches for `seconds` without a viewer; `clock` is monotonic, in seconds. `None` never ends."""

    def __init__(self, seconds: float | None, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._alone_since = clock()

    def is_over(self, viewers: int) -> bool:
        """Note how many viewers there are now; true when there was none for the whole time."""
        if viewers:
            self._alone_since = self._clock()
        return self._seconds is not None and self._clock() - self._alone_since >= self._seconds
