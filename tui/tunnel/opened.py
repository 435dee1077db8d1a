"""The dashboard's end of a tunnel: it starts the process that keeps one, and hears from it what becomes of it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

import msgspec

from relay.settings import Settings, is_loopback_url
from tui.launch import Running
from tui.model.tunnel import Offer, Tunnel, TunnelState
from tui.spawn import Detached, detached_flags, environment_for
from tui.tunnel import programs
from tui.tunnel.keeper import Job, Word
from tui.tunnel.programs import NoProgram, Plan, Which, plan

PATIENCE_S = 45.0
"""How long a program may take to print the public address."""
END_S = 10.0
"""How long the end of a tunnel is waited for; it goes on by itself."""


class Tunnels:
    """Opens tunnels to a relay; keeps the protocol of `tui.model.tunnel.Tunneller`. Close it at the end."""

    def __init__(
        self,
        running: Running,
        settings: Settings,
        *,
        which: Which = shutil.which,
        environ: Mapping[str, str] | None = None,
        patience: float = PATIENCE_S,
    ) -> None:
        self._running = running
        self._settings = settings
        self._which = which
        self._environ = os.environ if environ is None else environ
        self._patience = patience
        self._opened: list[Opened] = []

    @property
    def target(self) -> str:
        """The address that a tunnel makes public."""
        return self._running.url

    @property
    def log(self) -> str:
        """The file that has all that the programs write."""
        return str(self._settings.files.tunnel_log)

    @property
    def configured_url(self) -> str | None:
        """The public address that stands in the settings."""
        return self._settings.public_url

    @property
    def refusal(self) -> str:
        """Why no tunnel can be opened from here; empty where one can."""
        if is_loopback_url(self.target):
            return ""
        return f"the relay at {self.target} is not on this machine; what makes it reachable has to run there"

    def offers(self) -> Sequence[Offer]:
        """Look which programs there are, the configured one first."""
        own = self._settings.tunnel
        choices = [own] if own else []
        return [self._offer(choice) for choice in (*choices, *(name for name in programs.KNOWN if name != own))]

    def _offer(self, choice: str) -> Offer:
        words = programs.command(choice, self.target)
        return Offer(
            choice,
            programs.program_of(choice),
            self._which(words[0]),
            programs.hushed(" ".join(words)),
            programs.how_to_get(choice),
        )

    def open(self, choice: str) -> Opened:
        """Start a tunnel with one of the programs, or with a command."""
        try:
            planned: Plan | NoProgram = plan(
                choice, self.target, which=self._which, public_url=self._settings.public_url
            )
        except NoProgram as error:
            planned = error
        opened = Opened(planned, programs.program_of(choice), self._job)
        self._opened = [one for one in self._opened if not one.ended] + [opened]
        return opened

    def _job(self, planned: Plan) -> subprocess.Popen[bytes]:
        files = self._settings.files
        files.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        job = Job(
            argv=planned.argv,
            cwd=str(Path.cwd()),
            speaks=planned.speaks,
            url=planned.url,
            relay=self._running.url,
            token=self._running.token,
            log=str(files.tunnel_log),
            patience=self._patience,
        )
        with os.fdopen(os.open(files.tunnel_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
            keeper = Detached(
                [sys.executable, "-P", "-m", "tui.tunnel.keeper"],
                cwd=files.directory,
                env=environment_for(self._environ),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                creationflags=detached_flags(),
            )
        if keeper.stdin is not None:
            # Not as an argument: every process of the machine sees those, and the token is in it.
            with suppress(BrokenPipeError):
                keeper.stdin.write(msgspec.json.encode(job) + b"\n")
                keeper.stdin.flush()
        return keeper

    def close(self) -> None:
        """End every tunnel, and wait until its program is gone."""
        for opened in self._opened:
            opened.stop()
        for opened in self._opened:
            opened.wait()


class Opened:
    """One tunnel; keeps the protocol of `tui.model.tunnel.OpenTunnel`."""

    def __init__(
        self, planned: Plan | NoProgram, program: str, start: Callable[[Plan], subprocess.Popen[bytes]]
    ) -> None:
        self._planned = planned
        self._program = program
        self._start = start
        self._keeper: subprocess.Popen[bytes] | None = None
        self._stopping = False
        self._words: asyncio.Queue[Word | None] = asyncio.Queue()

    @property
    def ended(self) -> bool:
        """Nothing of it runs."""
        return self._keeper is None or self._keeper.poll() is not None

    async def states(self) -> AsyncGenerator[Tunnel, None]:
        """Give how things stand as they change, until it ended."""
        now = Tunnel(TunnelState.STARTING, self._program)
        yield now
        if isinstance(self._planned, NoProgram):
            yield replace(now, state=TunnelState.DIED, why=str(self._planned), hint=self._planned.hint)
            return
        try:
            self._begin(self._planned)
        except OSError as error:
            yield replace(now, state=TunnelState.DIED, why=f"it cannot be started: {error.strerror or error}")
            return
        while (word := await self._words.get()) is not None:
            now = Tunnel(TunnelState(word.state), self._program, word.url, word.why, word.hint, word.lines)
            if not self._stopping:
                yield now
        if self._stopping:
            yield Tunnel()
        elif now.state is not TunnelState.DIED:
            yield replace(now, state=TunnelState.DIED, why="the process that kept it ended")

    def _begin(self, planned: Plan) -> None:
        if self._stopping:
            self._words.put_nowait(None)
            return
        self._keeper = self._start(planned)
        loop = asyncio.get_running_loop()
        if self._keeper.stdout is not None:
            told = self._keeper.stdout
            threading.Thread(target=self._listen, args=(told, self._keeper, loop), daemon=True).start()

    def _listen(self, told: IO[bytes], keeper: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop) -> None:
        """Pass on what the keeper tells; in a thread of its own."""
        with suppress(RuntimeError), told:  # the loop is closed: nobody listens any more
            for line in told:
                with suppress(msgspec.MsgspecError, ValueError):
                    loop.call_soon_threadsafe(self._words.put_nowait, msgspec.json.decode(line, type=Word))
            keeper.wait()
            _hang_up(keeper)
            loop.call_soon_threadsafe(self._words.put_nowait, None)

    def stop(self) -> None:
        """Let it end; `states` says when it did."""
        self._stopping = True
        if self._keeper is not None:
            _hang_up(self._keeper)

    def wait(self) -> None:
        """Wait until its program is gone, but not for ever."""
        if self._keeper is not None:
            with suppress(subprocess.TimeoutExpired):
                self._keeper.wait(END_S)


def _hang_up(keeper: subprocess.Popen[bytes]) -> None:
    """Close its standard input, which tells it to end."""
    if keeper.stdin is not None:
        with suppress(OSError):
            keeper.stdin.close()
