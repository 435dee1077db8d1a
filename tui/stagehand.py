"""The process behind a throw-away relay: it keeps it, may play traffic to it, and leaves nothing of it behind.

It ends when its standard input does, so also when whoever started it was killed: however that ends, the relay
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
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from relay.settings import Settings
from tui.record import recorded
from tui.spawn import spawn

SECRET_VARIABLE = "KNOCKTOP_SIGNING_SECRET"  # noqa: S105 - the name of a variable
IDLE_EXIT, PATIENT_IDLE_EXIT = "1m", "1h"
"""How long the relay goes on without a viewer if even this process was killed."""

_STOP_S = 8.0
_PAUSE_S = 0.01
_LOOK_S = 0.5


class Programme(msgspec.Struct, kw_only=True):
    """The directory for the relay; and what to play: events a second, where chance begins, the scenarios or all.

    With a `rate` of 0 nothing is played. With `keeps_all` retention takes nothing, and the relay waits an hour for
    its first viewer, not a minute.
    """

    directory: str
    rate: float = 0.0
    seed: int = 0
    scenarios: tuple[str, ...] = ()
    keeps_all: bool = False


def main() -> int:
    """Play the programme in the first argument until standard input ends, and give the relay's exit code."""
    programme = msgspec.json.decode(sys.argv[1], type=Programme)
    over = threading.Event()
    _end_with_standard_input(over)
    directory = Path(programme.directory)
    relay = _relay(programme, directory)
    try:
        if url := _url(relay, directory, over.wait):
            if programme.rate:
                _play(programme, url, over.wait)
            else:
                _stand_by(relay, over.wait)
    finally:
        _stop(relay)
        if over.is_set():
            # Otherwise the relay failed, and whoever started us looks for why.
            shutil.rmtree(directory, ignore_errors=True)
    return relay.returncode


def _relay(programme: Programme, directory: Path) -> subprocess.Popen[bytes]:
    if not programme.keeps_all:
        return spawn(Settings(data_dir=directory), "127.0.0.1", 0, os.environ, idle_exit=IDLE_EXIT)
    settings = Settings(data_dir=directory, retention_events=0, retention_age=timedelta(), retention_size=0)
    return spawn(settings, "127.0.0.1", 0, os.environ, idle_exit=PATIENT_IDLE_EXIT)


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


def _stand_by(relay: subprocess.Popen[bytes], over: Callable[[float], bool]) -> None:
    while relay.poll() is None and not over(_LOOK_S):
        pass


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
