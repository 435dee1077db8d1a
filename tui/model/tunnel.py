"""How things stand with the tunnel of this dashboard, and who opens one: what the screens know of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol


class TunnelState(StrEnum):
    """From nothing to a public address, and to its end."""

    OFF = "off"
    STARTING = "starting"
    OPEN = "open"
    STOPPING = "stopping"
    DIED = "died"


@dataclass(frozen=True, slots=True)
class Tunnel:
    """One tunnel. `program` is what runs it, `url` the public address once it has one; all texts are foreign.

    `why` says in a phrase why it died, or what is wrong although it is open; `hint` is the next step, and `lines`
    are the last ones that the program wrote.
    """

    state: TunnelState = TunnelState.OFF
    program: str = ""
    url: str = ""
    why: str = ""
    hint: str = ""
    lines: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        """There is a program that may be stopped."""
        return self.state in (TunnelState.STARTING, TunnelState.OPEN, TunnelState.STOPPING)

    def sentence(self, key: str) -> tuple[str, str] | None:
        """Say that it died and the next step, with the key that starts one; None while nothing is wrong."""
        if self.state is not TunnelState.DIED:
            return None
        again = f"{key} starts it again; Knock then needs its new address"
        return f"The tunnel ended: {self.why}", f"{self.hint}; then {again}" if self.hint else again


class Offer(NamedTuple):
    """A program that can open a tunnel: `choice` is what `Tunneller.open` takes.

    `path` is where it was found, None where it was not; `command` what is run, `hint` how to get the program.
    """

    choice: str
    name: str
    path: str | None
    command: str
    hint: str = ""


class OpenTunnel(Protocol):
    """A tunnel from its start to its end."""

    def states(self) -> AsyncIterator[Tunnel]:
        """Give how things stand as they change, until it ended."""

    def stop(self) -> None:
        """Let it end; `states` says when it did."""


class Tunneller(Protocol):
    """Opens tunnels to the relay that is looked at."""

    @property
    def target(self) -> str:
        """The address that a tunnel makes public."""

    @property
    def log(self) -> str:
        """The file that has all that the programs write."""

    @property
    def configured_url(self) -> str | None:
        """The public address that stands in the settings."""

    @property
    def refusal(self) -> str:
        """Why no tunnel can be opened from here; empty where one can."""

    def offers(self) -> Sequence[Offer]:
        """Look which programs there are, the configured one first."""

    def open(self, choice: str) -> OpenTunnel:
        """Start a tunnel with the program of an offer."""
