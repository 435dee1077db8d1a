"""How things stand with the forward of this dashboard: what the screens know of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit


class ForwardState(StrEnum):
    """From nothing to events on their way, and to its end."""

    OFF = "off"
    STARTING = "starting"
    WAITING = "waiting"
    ON = "on"
    STOPPING = "stopping"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Forwarding:
    """One forward; `url` may be shown, all texts are foreign.

    `taken` and `failed` count events that the app took and that were given up, `passed` those that were not sent.
    `trouble` says what came of the last sending where the app did not take it, `why` what it waits for or why it
    ended, `hint` the next step then.
    """

    state: ForwardState = ForwardState.OFF
    url: str = ""
    filter: str = ""
    taken: int = 0
    failed: int = 0
    passed: int = 0
    trouble: str = ""
    why: str = ""
    hint: str = ""

    @property
    def running(self) -> bool:
        """There is a forward that may be stopped."""
        return self.state not in (ForwardState.OFF, ForwardState.ENDED)

    @property
    def place(self) -> str:
        """Where it leads, as short as it can be said."""
        return urlsplit(self.url).netloc or self.url

    @property
    def counts(self) -> str:
        """Say what came of the events so far."""
        passed = f", {self.passed:,} passed over" if self.passed else ""
        return f"{self.taken:,} taken, {self.failed:,} not{passed}"
