"""What the exit code of a command means; scripts rely on the numbers."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    FINDINGS = 3
    OUT_OF_TIME = 4
    TOKEN_REFUSED = 10
    NO_SUCH_EVENT = 12
    UNREACHABLE = 16
    BACKLOG_REFUSED = 17
    ADDRESS_IN_USE = 18
    DATA_DIR_IN_USE = 19
    INTERRUPTED = 130
