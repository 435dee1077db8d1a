"""Start what outlives this process and its terminal: a relay."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

import relay
from relay.contract.quantities import format_duration
from relay.settings import DataFiles, Settings

IDLE_EXIT = "12h"
"""How long such a relay goes on without any viewer."""


class Detached(subprocess.Popen[bytes]):
    """A process that is meant to outlive this one: at our end there is nothing to reap and nothing to warn of."""

    def __del__(self) -> None:
        pass


def spawn(
    settings: Settings, host: str, port: int, environ: Mapping[str, str], *, idle_exit: str = IDLE_EXIT
) -> Detached:
    """Start `python -m relay` at `host` and `port`, detached, its words appended to the data directory's log.

    It gets every setting as it is in force here, and leaves the current directory alone. Raises `OSError`.
    """
    environment = dict(environ)
    if settings.signing_secret_file is not None:
        # Secrets go this way, and no path among them depends on where we are.
        environment["KNOCKTOP_SIGNING_SECRET_FILE"] = str(settings.signing_secret_file)
    return detached(
        "relay", [*_flags(settings, host, port), f"--idle-exit={idle_exit}"], settings.files, environment
    )


def detached(
    module: str,
    arguments: Sequence[str],
    files: DataFiles,
    environ: Mapping[str, str],
    *,
    stdin: int = subprocess.DEVNULL,
) -> Detached:
    """Start `python -m MODULE` in the data directory, in a session of its own. Raises `OSError`."""
    files.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(files.relay_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
        return Detached(
            # -P: a `relay.py` in the directory is not to be taken for ours.
            [sys.executable, "-P", "-m", module, *arguments],
            cwd=files.directory,
            env=environment_for(environ),
            stdin=stdin,
            stdout=log,
            stderr=log,
            start_new_session=True,
            creationflags=detached_flags(),
        )


def detached_flags() -> int:
    """Return what keeps a process from the console of this one, where the system has such flags."""
    if sys.platform == "win32":
        return subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    return 0


def _flags(settings: Settings, host: str, port: int) -> list[str]:
    flags = {
        "host": host,
        "port": str(port),
        "data-dir": str(settings.data_dir),
        "log": settings.log,
        "verify": settings.verify,
        "retention-events": str(settings.retention_events),
        "retention-age": format_duration(settings.retention_age),
        "retention-size": str(settings.retention_size),
        "stall-after": format_duration(settings.stall_after),
        "allow-origin": ",".join(settings.allow_origin),
        "public-url": settings.public_url or "",
        "started-by": "dashboard",
    }
    return [f"--{name}={value}" for name, value in flags.items() if value]


def environment_for(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which a module of ours is found from anywhere."""
    environment = dict(environ)
    # Run from a checkout, it is found by the current directory or a path of ours; it would not be there.
    root = str(Path(relay.__file__).resolve().parents[1])
    if root not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, environ.get("PYTHONPATH"))))
    return environment
