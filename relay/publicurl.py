"""At which address Knock reaches the relay: one that the settings name, or the one that a tunnel announced last.

What is announced holds for a while only, and whoever keeps the tunnel announces it again and again: an address
whose tunnel was killed is forgotten by itself, and a relay that was started anew learns it again.
"""

from __future__ import annotations

from collections.abc import Callable

MOST = 16
"""Addresses that may be announced at a time; more make the oldest go."""


class PublicUrls:
    """The addresses in force.

    `clock` is monotonic, in seconds; `changed` is called when `current` may be another.
    """

    def __init__(self, configured: str | None, *, clock: Callable[[], float], changed: Callable[[], None]) -> None:
        self._configured = configured
        self._clock = clock
        self._changed = changed
        self._until: dict[str, float] = {}

    @property
    def current(self) -> str | None:
        """The address announced last of those that still hold, else the configured one."""
        now = self._clock()
        self._until = {url: until for url, until in self._until.items() if until > now}
        return next(reversed(self._until), self._configured)

    def announce(self, url: str, seconds: float) -> None:
        """Hold an address for so long from now on; once more keeps its place among the others."""
        while url not in self._until and len(self._until) >= MOST:
            del self._until[next(iter(self._until))]
        self._until[url] = self._clock() + seconds
        self._changed()

    def withdraw(self, url: str) -> None:
        """Forget an address that was announced."""
        if self._until.pop(url, None) is not None:
            self._changed()
