"""A file that has its name only once it is whole, for its owner alone."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

BYTES = 1 << 20
"""Bytes that are written at once."""


class OutFile:
    """A `with` block that writes beside `path`, and gives what was written that name at its end."""

    def __init__(self, path: Path) -> None:
        # A link stays, and what it leads to is written.
        self.path = path.resolve()
        self._part = self.path.with_name(f".knocktop-{secrets.token_hex(4)}.part")
        self._out: BinaryIO | None = None

    def __enter__(self) -> Self:
        if self.path.exists() and not self.path.is_file():
            raise FileExistsError(errno.EEXIST, "it is there, and no file", str(self.path))
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        self._out = os.fdopen(os.open(self._part, flags, 0o600), "wb", BYTES)
        return self

    def write(self, data: bytes) -> None:
        """Write the next bytes."""
        assert self._out is not None  # noqa: S101 - within the block only
        self._out.write(data)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._out is not None  # noqa: S101 - it was entered
        try:
            with self._out as out:
                if kind is None:
                    out.flush()
                    os.fsync(out.fileno())
            if kind is None:
                self._part.replace(self.path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                self._part.unlink()
