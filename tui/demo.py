"""A demo: a throw-away relay that simulated traffic is played to, both in processes of their own."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from relay.settings import DataFiles, SecretStr
from relay.settings.sources import PREFIX
from tui.exitcodes import ExitCode
from tui.record import recorded
from tui.spawn import Detached, detached
from tui.stagehand import SECRET_VARIABLE, Programme

RATE = 5.0
"""Events a second where nobody says otherwise."""
PATIENCE_S = 20.0
"""How long the relay may take to be up."""

_END_S = 15.0
_PAUSE_S = 0.01


class Demo:
    """A `with` block that has a relay with traffic: on a free port, with a directory, token and secret of its own.

    At its end relay and directory are gone, or shortly after where this process is killed. It is entered at once,
    before the relay is up. Raises `OSError` where nothing can be written or started.
    """

    def __init__(self, *, rate: float = RATE, seed: int, scenarios: Sequence[str] = ()) -> None:
        self._rate = rate
        self._seed = seed
        self._scenarios = tuple(scenarios)
        self.token = SecretStr(secrets.token_urlsafe(24))
        self.files = DataFiles(Path())
        self._stagehand: Detached | None = None

    def __enter__(self) -> Self:
        self.files = DataFiles(Path(tempfile.mkdtemp(prefix="knocktop-demo-")))
        try:
            self._stagehand = detached(
                "tui.stagehand", [self._programme()], self.files, self._environment(), stdin=subprocess.PIPE
            )
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    async def url(self, patience_s: float = PATIENCE_S) -> str:
        """Wait until the relay is up, and give its address. Raises `StartFailed`."""
        deadline = time.monotonic() + patience_s
        while (record := recorded(self.files.relay)) is None:
            code = None if self._stagehand is None else self._stagehand.poll()
            if code is not None or time.monotonic() >= deadline:
                raise self._failed(
                    "ended before it was up" if code is not None else f"was not up after {patience_s:g} s"
                )
            await asyncio.sleep(_PAUSE_S)
        return record.url

    def _failed(self, how: str) -> Exception:
        # Whoever starts a demo wants to see something soon; this brings a client of HTTP along.
        from tui.launch import StartFailed
        from tui.logend import LogEnd

        return StartFailed(
            f"the relay of the demo {how}", ExitCode.FAILED, details=LogEnd(self.files.relay_log).lines()
        )

    def _programme(self) -> str:
        programme = Programme(
            directory=str(self.files.directory), rate=self._rate, seed=self._seed, scenarios=self._scenarios
        )
        return msgspec.json.encode(programme).decode()

    def _environment(self) -> dict[str, str]:
        """Return an environment in which nothing of the user's own is set for a relay."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return kept | {
            "XDG_CONFIG_HOME": str(self.files.directory),
            "KNOCKTOP_TOKEN": self.token.get_secret_value(),
            SECRET_VARIABLE: secrets.token_urlsafe(24),
        }

    def _end(self) -> None:
        """Let go of the relay, which ends and takes its directory along; remove what is left all the same."""
        stagehand, self._stagehand = self._stagehand, None
        try:
            if stagehand is not None:
                _dismiss(stagehand)
        finally:
            shutil.rmtree(self.files.directory, ignore_errors=True)


def _dismiss(stagehand: Detached) -> None:
    if stagehand.stdin is not None:
        stagehand.stdin.close()
    try:
        stagehand.wait(_END_S)
    except subprocess.TimeoutExpired:
        stagehand.kill()
        stagehand.wait()
