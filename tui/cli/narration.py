"""What a command that follows the relay tells beside its results: lines on stderr, and the story of the link."""

from __future__ import annotations

from typing import TextIO

from relay.contract.canned import Provoking
from relay.contract.text import plain
from tui.client import TokenRefused
from tui.feed import Beat, Gap, Item, Joined, Link, LinkState, NewLog


class Narrator:
    """Tells what happens beside the events, a line each."""

    def __init__(self, err: TextIO) -> None:
        self._err = err

    def __call__(self, text: str) -> None:
        try:
            self._err.write(plain(text) + "\n")
            self._err.flush()
        except OSError:
            # Nobody reads it; the events are what counts.
            return


class LinkStory:
    """Tells of the link when it breaks and when it is back, not of every attempt; and of canned answers.

    `new_log` says where it goes on when the relay has another log than before.
    """

    def __init__(self, tell: Narrator, url: str, *, new_log: str = "going on from its oldest event") -> None:
        self._tell = tell
        self._url = url
        self._new_log = new_log
        self._lost = False
        self._provoking: Provoking | None = None

    def hear(self, item: Item) -> None:
        """Tell what there is to tell. Raises `TokenRefused`: a command cannot be given another."""
        match item:
            case Joined():
                self._hear_provoking(item.relay.provoking)
            case Beat():
                self._hear_provoking(item.provoking)
            case Gap():
                self._tell(f"seqs {item.first} to {item.last} are gone ({item.reason}), they are missing here")
            case NewLog():
                self._tell(f"the relay has another log than before, {self._new_log}")
            case Link(LinkState.REFUSED):
                raise TokenRefused(self._url, item.reason)
            case Link(LinkState.RECONNECTING) if not self._lost:
                self._lost = True
                self._tell(f"the link to {self._url} is lost: {item.reason}")
                self._tell("hint: it is tried again until it works, and goes on where it was")
            case Link(LinkState.LIVE | LinkState.CATCHING_UP) if self._lost:
                self._lost = False
                self._tell(f"the link to {self._url} is back")

    def _hear_provoking(self, now: Provoking | None) -> None:
        before, self._provoking = self._provoking, now
        if now == before:
            return
        if now is None:
            self._tell("the relay answers deliveries as ever again")
            return
        others = f" and {now.rules - 1} more" if now.rules > 1 else ""
        self._tell(f"the relay answers deliveries as provoked: {now.answer}{others}")
        self._tell("hint: `knocktop provoke --list` shows what, `knocktop provoke --off` ends it")
