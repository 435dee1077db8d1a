"""A demo: a throw-away relay that simulated traffic is played to, both in processes of their own."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from relay.settings import SecretStr
from tui.stagehand import SECRET_VARIABLE, Programme
from tui.throwaway import ThrowAway

RATE = 5.0
"""Events a second where nobody says otherwise."""


class Demo(ThrowAway):
    """A `with` block that has a relay with traffic, and a secret with which that is signed."""

    def __init__(self, *, rate: float = RATE, seed: int, scenarios: Sequence[str] = ()) -> None:
        super().__init__("demo")
        self.signing_secret = SecretStr(secrets.token_urlsafe(24))
        self._rate = rate
        self._seed = seed
        self._scenarios = tuple(scenarios)

    def programme(self) -> Programme:
        """Play these scenarios."""
        return Programme(
            directory=str(self.files.directory), rate=self._rate, seed=self._seed, scenarios=self._scenarios
        )

    def environment(self) -> dict[str, str]:
        """Give relay and player a secret."""
        return super().environment() | {SECRET_VARIABLE: self.signing_secret.get_secret_value()}
