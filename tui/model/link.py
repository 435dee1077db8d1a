"""The truth about the link: what the header may claim, and what to say where events would be."""

from __future__ import annotations

from relay.contract.text import plain
from tui.model.clock import age
from tui.model.source import LinkChange, LinkState

REASON_LIMIT = 200

NOBODY_THERE = "connection refused"
"""The reason where the machine answers and no program has the port: nothing that Knock sends is kept then."""


class Link:
    """The present state of the link. Times are seconds of a monotonic clock."""

    def __init__(self, now: float) -> None:
        self.state = LinkState.CONNECTING
        self.reason = ""
        self.lag = 0
        """Seqs between what was received and the end of the log."""
        self._since = now
        self._retry_at: float | None = None
        self._heard = now

    def change(self, change: LinkChange, now: float) -> None:
        """Enter another state."""
        if change.state is not self.state:
            self._since = now
        self.state = change.state
        self.reason = plain(change.reason, REASON_LIMIT)
        self._retry_at = None if change.retry_in is None else now + change.retry_in
        if change.state is not LinkState.STALLED and change.state.connected:
            self._heard = now
        if not change.state.connected:
            self.lag = 0

    def heard(self, now: float, upto: int, last_seq: int | None) -> None:
        """Note that the relay spoke, and how far behind its log we are."""
        self._heard = now
        if last_seq is not None:
            self.lag = max(last_seq - upto, 0)

    def words(self, now: float) -> str:
        """Say how things are, in the few words of a header."""
        match self.state:
            case LinkState.CATCHING_UP:
                return f"catching up, {self.lag:,} behind" if self.lag else "catching up"
            case LinkState.STALLED:
                return f"stalled, silent for {age(now - self._heard)}"
            case LinkState.RECONNECTING:
                return f"reconnecting in {self._seconds_left(now)} s" if self._retry_at else "reconnecting"
            case LinkState.REFUSED:
                return "token refused"
            case LinkState.FAILED:
                return "not connected"
            case _:
                return self.state.value

    def _seconds_left(self, now: float) -> int:
        left = (self._retry_at or now) - now
        return max(int(left + 0.999), 0)

    def sentence(self, now: float) -> tuple[str, str] | None:
        """Say what is wrong and the next step; None while events can arrive."""
        because = f": {self.reason}" if self.reason else ""
        match self.state:
            case LinkState.RECONNECTING:
                wait = f"Trying again {f'in {self._seconds_left(now)} s' if self._retry_at else 'now'}"
                if self.reason == NOBODY_THERE:
                    return f"No relay runs there any more{because}", f"{wait}; start it with: knocktop relay"
                return f"Link lost{because}", f"{wait}; what arrives meanwhile is kept by the relay"
            case LinkState.REFUSED:
                return (
                    f"The relay refused the token{because}",
                    "Set KNOCKTOP_TOKEN to the relay's token and start again",
                )
            case LinkState.FAILED:
                again = f"Trying again in {self._seconds_left(now)} s" if self._retry_at else ""
                return f"Not connected{because}", again
            case LinkState.STALLED:
                return (
                    f"Nothing heard from the relay for {age(now - self._heard)}",
                    "The connection is closed and made again when it stays silent",
                )
            case _:
                return None
