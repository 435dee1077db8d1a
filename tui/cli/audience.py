"""Notice that whoever read stdout has left, also while there is nothing to write."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import BinaryIO


@asynccontextmanager
async def while_anyone_reads(out: BinaryIO) -> AsyncIterator[None]:
    """Cut the block short when `out` is a pipe and its other end is closed. Raises `BrokenPipeError`."""
    pipe = _pipe(out)
    task = asyncio.current_task()
    if pipe is None or task is None:
        yield
        return
    loop = asyncio.get_running_loop()
    left = False

    def leave() -> None:
        nonlocal left
        left = True
        loop.remove_reader(pipe)
        task.cancel()

    # Nothing can ever be read from this end; what makes it readable is that the other one is gone.
    loop.add_reader(pipe, leave)
    try:
        yield
    except asyncio.CancelledError:
        if left and task.uncancel() == 0:
            raise BrokenPipeError from None
        raise
    finally:
        loop.remove_reader(pipe)


def _pipe(out: BinaryIO) -> int | None:
    try:
        descriptor = out.fileno()
        return descriptor if stat.S_ISFIFO(os.fstat(descriptor).st_mode) else None
    except (OSError, ValueError):
        return None
