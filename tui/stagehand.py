"""The process behind a demo: it keeps a relay, plays traffic to it, and leaves nothing of either behind.

It ends when its standard input does, so also when whoever started it was killed: however a demo ends, its relay
ends, and its directory is removed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from relay.settings import Settings
from tui.record import recorded
from tui.spawn import spawn

SECRET_VARIABLE = "KNOCKTOP_SIGNING_SECRET"  # noqa: S105 - the name of a variable
IDLE_EXIT = "1m"
"""How long the relay goes on without a viewer if even this process was killed."""

_STOP_S = 8.0
_PAUSE_S = 0.01


class Programme(msgspec.Struct, kw_only=True):
    """What to play: the directory for the relay, events a second, where chance begins, the scenarios or all."""

    directory: str
    rate: float
    seed: int
    scenarios: tuple[str, ...] = ()


def main() -> int:
    """Play the programme in the first argument until standard input ends, and give the relay's exit code."""
    programme = msgspec.json.decode(sys.argv[1], type=Programme)
    over = threading.Event()
    _end_with_standard_input(over)
    directory = Path(programme.directory)
    relay = spawn(Settings(data_dir=directory), "127.0.0.1", 0, os.environ, idle_exit=IDLE_EXIT)
    try:
        if url := _url(relay, directory, over.wait):
            _play(programme, url, over.wait)
    finally:
        _stop(relay)
        if over.is_set():
            # Otherwise the relay failed, and whoever started us looks for why.
            shutil.rmtree(directory, ignore_errors=True)
    return relay.returncode


def _end_with_standard_input(over: threading.Event) -> None:
    def watch() -> None:
        while os.read(0, 4_096):
            pass
        over.set()

    threading.Thread(target=watch, daemon=True).start()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):
            signal.signal(number, lambda *_: over.set())


def _url(relay: subprocess.Popen[bytes], directory: Path, over: Callable[[float], bool]) -> str | None:
    """Wait until the relay is up; None if it ends before that, or all is over."""
    files = Settings(data_dir=directory).files
    while relay.poll() is None and not over(_PAUSE_S):
        if record := recorded(files.relay):
            return record.url
    return None


def _play(programme: Programme, url: str, over: Callable[[float], bool]) -> None:
    # The relay takes the longer to start; meanwhile this is imported.
    from tui.player import Ingest, play
    from tui.simulator import Traffic

    ingest = Ingest(url)
    traffic = Traffic(programme.seed, programme.rate, start=_now(), only=programme.scenarios)
    try:
        play(traffic, ingest.post, os.environ[SECRET_VARIABLE], now=_now, over=over)
    finally:
        ingest.close()


def _now() -> datetime:
    return datetime.now(UTC)


def _stop(relay: subprocess.Popen[bytes]) -> None:
    relay.terminate()
    try:
        relay.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        relay.kill()
        relay.wait()


if __name__ == "__main__":
    sys.exit(main())
