"""A throw-away relay: on a free port, with a directory, a token and secrets of its own, gone when it is left."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from relay.settings import DataFiles, SecretStr
from relay.settings.sources import PREFIX
from tui.exitcodes import ExitCode
from tui.record import recorded
from tui.spawn import Detached, detached
from tui.stagehand import Programme

PATIENCE_S = 20.0
"""How long the relay may take to be up."""

_END_S = 15.0
_PAUSE_S = 0.01


class ThrowAway:
    """A `with` block that has such a relay.

    At its end relay and directory are gone, or shortly after where this process is killed. It is entered at once,
    before the relay is up. `name` is part of the directory's. Raises `OSError` where nothing can be written or
    started.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.token = SecretStr(secrets.token_urlsafe(24))
        self.files = DataFiles(Path())
        self._stagehand: Detached | None = None

    def programme(self) -> Programme:
        """Give what is to happen on the relay."""
        return Programme(directory=str(self.files.directory))

    def environment(self) -> dict[str, str]:
        """Give an environment in which nothing of the user's own is set for a relay."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return kept | {
            "XDG_CONFIG_HOME": str(self.files.directory),
            "KNOCKTOP_TOKEN": self.token.get_secret_value(),
        }

    def __enter__(self) -> Self:
        self.files = DataFiles(Path(tempfile.mkdtemp(prefix=f"knocktop-{self._name}-")))
        try:
            programme = msgspec.json.encode(self.programme()).decode()
            self._stagehand = detached(
                "tui.stagehand", [programme], self.files, self.environment(), stdin=subprocess.PIPE
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
        # Whoever starts one wants to see something soon; this brings a client of HTTP along.
        from tui.launch import StartFailed
        from tui.logend import LogEnd

        return StartFailed(
            f"the relay of the {self._name} {how}", ExitCode.FAILED, details=LogEnd(self.files.relay_log).lines()
        )

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
