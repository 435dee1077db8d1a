"""Who may write to a log's files: a relay with its processes, and none that an earlier one has left behind yet."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from relay.log.base import LogError

PATIENCE_SECONDS = 10.0
_AGAIN_SECONDS = 0.01


def hold(path: Path, *, seconds: float = PATIENCE_SECONDS) -> int:
    """Open a file and lock it, however many processes inherit it: it is free once all of them have closed it.

    A relay that was killed leaves its processes at what they were doing, for a moment. Raises `LogError` where
    that takes longer than `seconds`.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    until = time.monotonic() + seconds
    while not _is_locked(descriptor):
        if time.monotonic() > until:
            os.close(descriptor)
            raise LogError(f"a process of an earlier relay still writes: {path.name} is locked")
        time.sleep(_AGAIN_SECONDS)
    return descriptor


def _is_locked(descriptor: int) -> bool:
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
