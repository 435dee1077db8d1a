"""Stop a relay: when the last dashboard leaves it, or when asked to."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from importlib.metadata import version

import httpx
from filelock import FileLock, Timeout

from relay.contract.api import Health
from relay.contract.text import plain
from relay.settings import DataFiles, Loaded, is_loopback_url
from tui.credentials import viewer_token
from tui.launch import Running
from tui.probe import client, probe
from tui.record import Record, recorded

PATIENCE_S = 30.0
"""How long a relay may take to answer what is in flight and to close its log."""

_LEAVE_S = 5.0
_OTHERS_S = 0.5
_PAUSE_S = 0.02


class NotStopped(Exception):
    """The relay goes on although it was to stop: why in one line, and a `hint`."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(plain(message))
        self.hint = hint


async def leave(running: Running) -> str | None:
    """Stop the relay if a dashboard started it and nobody else looks at it; call it once our own feed has closed.

    Gives the line that says why a relay on this machine stays, and how to stop it; else None.
    """
    async with client() as http:
        health = await _without_us(http, running.url)
        if health is None or not is_loopback_url(running.url):
            return None
        stays = f"the relay at {running.url} stays{_of_version(health)}"
        stop = "stop it with: knocktop relay --stop"
        if health.started_by != "dashboard":
            return f"{stays}, no dashboard started it; {stop}"
        if health.viewers != 0:
            others = (
                "it does not say who views it" if health.viewers is None else f"viewers left: {health.viewers}"
            )
            return f"{stays}, {others}; {stop}"
        if not await _ask(http, running.url, running.token):
            return f"{stays}, it refused to stop; {stop}"
        await _wait_until_gone(http, running, health.pid)
        return None


def _of_version(health: Health) -> str:
    """Say which version a relay has, where it is another one than ours: the next one that is started has ours."""
    ours = version("knocktop")
    return (
        ""
        if health.version == ours
        else f" with version {plain(health.version or 'unknown', 40)} (this is {ours})"
    )


async def _without_us(http: httpx.AsyncClient, url: str) -> Health | None:
    """Return what the relay says once it has noticed that our feed is gone."""
    deadline = time.monotonic() + _OTHERS_S
    while isinstance(health := await probe(http, url), Health):
        if not health.viewers or time.monotonic() >= deadline:
            return health
        await asyncio.sleep(_PAUSE_S)
    return None


async def stop_relay(
    loaded: Loaded, *, environ: Mapping[str, str] | None = None, patience_s: float = PATIENCE_S
) -> Record | None:
    """Stop the relay of the data directory, and wait until it has let go of it; None if there was none.

    Asks it; only if it refuses, and is known to be the process that its record names, it gets SIGTERM. Raises
    `NotStopped`.
    """
    files = loaded.settings.files
    record = recorded(files.relay)
    if record is None or not _is_held(files):
        return None
    async with client() as http:
        health = await probe(http, record.url)
        if not isinstance(health, Health) or health.pid != record.pid:
            raise NotStopped(
                f"the relay of {files.directory} (pid {record.pid}) does not answer at {record.url}",
                "if that process is a relay, end it by its pid",
            )
        token = viewer_token(loaded, record.url, environ).value if is_loopback_url(record.url) else None
        if token is None or not await _ask(http, record.url, token):
            _terminate(record)
    await _wait_for_lock(files, record, patience_s)
    return record


async def _ask(http: httpx.AsyncClient, url: str, token: str) -> bool:
    try:
        answer = await http.post(f"{url}/v1/stop", headers={"authorization": f"Bearer {token}"})
    except httpx.HTTPError:
        return False
    return answer.is_success


def _terminate(record: Record) -> None:
    try:
        os.kill(record.pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    except OSError as error:
        raise NotStopped(
            f"the relay (pid {record.pid}) cannot be stopped: {error.strerror}",
            "stop it as the user who started it",
        ) from None


async def _wait_until_gone(http: httpx.AsyncClient, running: Running, pid: int | None) -> None:
    """Wait for the relay to end, but not long: it will end by itself, and somebody wants to leave."""
    deadline = time.monotonic() + _LEAVE_S
    while time.monotonic() < deadline:
        if running.process is not None:
            # One that we started is ours to reap, and gone only then.
            if running.process.poll() is not None:
                return
        else:
            health = await probe(http, running.url)
            if not isinstance(health, Health) or health.pid != pid:
                return
        await asyncio.sleep(_PAUSE_S)


async def _wait_for_lock(files: DataFiles, record: Record, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while _is_held(files):
        if time.monotonic() >= deadline:
            raise NotStopped(
                f"the relay (pid {record.pid}) was told to stop and still runs after {patience_s:g} s",
                f"what it says is in {files.relay_log}",
            )
        await asyncio.sleep(_PAUSE_S)


def _is_held(files: DataFiles) -> bool:
    """Whether a relay has the data directory: the lock goes with its process, however that ends."""
    if not files.lock.exists():
        return False
    try:
        with FileLock(files.lock, timeout=0):
            return False
    except Timeout:
        return True
