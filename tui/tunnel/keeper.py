"""The process behind a tunnel: it runs the program, finds its address, tells the relay, and leaves nothing behind.

It ends when its standard input does, so also when the dashboard crashed, was killed, or lost its terminal: however
that went, the program and all that it started end, and the relay forgets the address.

The first line of standard input is the job; what becomes of it is told on standard output, a JSON object a line.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

from relay.settings.sources import PREFIX
from tui.cli.logfile import log_to
from tui.client import RelayClient, RelayError
from tui.tunnel.programs import Speaks, advice, public_url, shown, telling

HELD_S = 60
"""Seconds for which the relay is told of the address; it is told again after a third of that."""
GRACE_S = 3.0
"""Seconds that the program has to end when it is asked to."""

_RELAY_S = 2.0
_DRAIN_S = 0.5
_PAUSE_S = 0.02
_LAST_LINES = 12
_LONGEST_LINE = 16 * 1024

log = logging.getLogger("tui.tunnel")


class Job(msgspec.Struct, kw_only=True):
    """What to run and for whom. `patience` is in seconds; `url` is the address where it is known beforehand."""

    argv: tuple[str, ...]
    cwd: str
    speaks: Speaks
    url: str | None
    relay: str
    token: str
    log: str
    patience: float


class Word(msgspec.Struct, kw_only=True):
    """What became of the job: it is `open` at `url`, or it `died`, and `why`."""

    state: Literal["open", "died"]
    url: str = ""
    why: str = ""
    hint: str = ""
    lines: tuple[str, ...] = ()


class Keeper:
    """One tunnel, from the start of its program to the end of all that it started."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._last: deque[str] = deque(maxlen=_LAST_LINES)
        self._loop = asyncio.get_running_loop()
        self._url: asyncio.Future[str] = self._loop.create_future()
        self._ended: asyncio.Future[int] = self._loop.create_future()
        self._over: asyncio.Future[None] = self._loop.create_future()
        self._drained: asyncio.Future[None] = self._loop.create_future()

    async def run(self) -> None:
        """Keep the tunnel until standard input ends or the program does."""
        self._end_with_standard_input()
        try:
            program = self._start()
        except OSError as error:
            _tell(Word(state="died", why=f"it cannot be started: {error.strerror or error}"))
            return
        try:
            url = await self._address()
            if url is not None:
                await self._stay(url)
                # The relay is told first: nobody is to copy an address that leads nowhere.
                await self._withdraw(url)
            if self._ended.done() and not self._over.done():
                await self._died()
        finally:
            await self._stop(program)

    # The program

    def _start(self) -> subprocess.Popen[bytes]:
        job = self._job
        log.info("starting %s", shown(" ".join(job.argv)))
        program = subprocess.Popen(  # noqa: S603 - the user named it
            job.argv,
            cwd=job.cwd,
            # A program of others has no use for our secrets.
            env={name: value for name, value in os.environ.items() if not name.startswith(PREFIX)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            creationflags=_creation_flags(),
        )
        if program.stdout is not None:
            threading.Thread(target=self._read, args=(program.stdout,), daemon=True).start()
        threading.Thread(target=self._wait, args=(program,), daemon=True).start()
        return program

    def _read(self, output: IO[bytes]) -> None:
        """Log what the program writes, and look for the address in it; in a thread of its own."""
        rest = b""
        with output:
            while chunk := os.read(output.fileno(), 4_096):
                *lines, rest = (rest + chunk).split(b"\n")
                if len(rest) > _LONGEST_LINE:
                    lines, rest = [*lines, rest], b""
                self._call(self._take, lines)
        self._call(self._take, [rest])
        self._call(_settle, self._drained, None)

    def _wait(self, program: subprocess.Popen[bytes]) -> None:
        self._call(_settle, self._ended, program.wait())

    def _call(self, function: Callable[..., None], *values: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(function, *values)

    def _take(self, lines: list[bytes]) -> None:
        for raw in lines:
            line = raw.decode("utf-8", "replace")
            if not (text := shown(line)):
                continue
            log.info("%s", text)
            self._last.append(text)
            found = public_url(line, self._job.speaks)
            if found is not None and not self._url.done():
                self._url.set_result(found)

    async def _stop(self, program: subprocess.Popen[bytes]) -> None:
        """End the program and all that it started: asked first, killed after a while."""
        _signal(program, forced=False)
        deadline = time.monotonic() + GRACE_S
        while _lives(program):
            if time.monotonic() >= deadline:
                log.warning("it did not end when asked to, and is killed")
                _signal(program, forced=True)
                break
            await asyncio.sleep(_PAUSE_S)
        await asyncio.wait([self._ended], timeout=GRACE_S)
        log.info("the tunnel is closed")

    # From the start to the address

    async def _address(self) -> str | None:
        """Wait for the address, and give it; None where it does not come, which was told if it took too long."""
        job = self._job
        if job.url is not None and not self._url.done():
            self._url.set_result(job.url)
        waited: list[asyncio.Future[Any]] = [self._url, self._ended, self._over]
        await asyncio.wait(waited, timeout=job.patience, return_when=asyncio.FIRST_COMPLETED)
        if self._over.done() or self._ended.done():
            return None
        if self._url.done():
            return self._url.result()
        self._tell_death(f"it printed no public address within {job.patience:g} s")
        return None

    async def _stay(self, url: str) -> None:
        """Tell of the address, and go on telling the relay until the tunnel ends."""
        job = self._job
        async with RelayClient(job.relay, job.token, timeout=_RELAY_S) as relay:
            told = False
            while True:
                trouble = await _announce(relay, url)
                if not told:
                    told = True
                    log.info("open at %s", shown(url))
                    _tell(Word(state="open", url=url, why=trouble))
                pause = HELD_S / 3 if not trouble else 1.0
                ends: list[asyncio.Future[Any]] = [self._ended, self._over]
                done, _ = await asyncio.wait(ends, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                if done:
                    break

    async def _withdraw(self, url: str) -> None:
        async with RelayClient(self._job.relay, self._job.token, timeout=_RELAY_S) as relay:
            try:
                await relay.withdraw(url)
            except RelayError as error:
                log.info("the relay was not told of the end: %s", error)

    async def _died(self) -> None:
        """Tell that the program ended by itself, with its last words."""
        await asyncio.wait([self._drained], timeout=_DRAIN_S)
        code = self._ended.result()
        if code < 0:
            # Whoever is killed says no more: its last words tell of something else.
            self._tell_death(f"it was killed by signal {-code}")
            return
        said = f": {telling(self._last)}" if self._last else ""
        self._tell_death(f"exit code {code}{said}")

    def _tell_death(self, why: str) -> None:
        lines = tuple(self._last)
        log.warning("%s", why)
        _tell(Word(state="died", why=why, hint=advice(self._job.speaks, lines), lines=lines))

    # The dashboard

    def _end_with_standard_input(self) -> None:
        def watch() -> None:
            while os.read(0, 4_096):
                pass
            self._call(_settle, self._over, None)

        threading.Thread(target=watch, daemon=True).start()
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if number := getattr(signal, name, None):
                signal.signal(number, lambda *_: self._call(_settle, self._over, None))


async def _announce(relay: RelayClient, url: str) -> str:
    """Tell the relay of the address; gives why that was not possible, or nothing."""
    try:
        await relay.announce(url, HELD_S)
    except RelayError as error:
        log.warning("the relay was not told of the address: %s", error)
        return f"the relay was not told of it: {error}"
    return ""


def _settle(future: asyncio.Future[Any], value: object) -> None:
    if not future.done():
        future.set_result(value)


def _tell(word: Word) -> None:
    """Tell the dashboard, if there still is one."""
    with suppress(OSError):
        os.write(1, msgspec.json.encode(word) + b"\n")


def _signal(program: subprocess.Popen[bytes], *, forced: bool) -> None:
    if sys.platform == "win32":
        (program.kill if forced else program.terminate)()
        return
    with suppress(ProcessLookupError, PermissionError):
        # Its own session, so its own group: what it started ends with it.
        os.killpg(program.pid, signal.SIGKILL if forced else signal.SIGTERM)


def _lives(program: subprocess.Popen[bytes]) -> bool:
    """Whether the program lives, or anything that it started."""
    if sys.platform == "win32":
        return program.poll() is None
    try:
        os.killpg(program.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _creation_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP
    return 0


def _job() -> Job:
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            sys.exit(1)
        line += byte
    return msgspec.json.decode(line, type=Job)


def main() -> None:
    """Do the job that standard input begins with."""
    job = _job()
    log_to(Path(job.log))

    async def keep() -> None:
        await Keeper(job).run()

    asyncio.run(keep())


if __name__ == "__main__":
    main()
