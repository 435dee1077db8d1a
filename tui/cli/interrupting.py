"""Run a coroutine that Ctrl-C ends.

`asyncio.run` cancels it from within the signal, in the middle of whatever the loop does just then: a connection
that is made in that moment ends with the traceback of an internal error on stderr.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run it to its end; raises `KeyboardInterrupt` where SIGINT, unless it is ignored, ended it before."""
    listens = signal.getsignal(signal.SIGINT) is signal.default_int_handler

    async def cancelled_between_turns() -> T:
        task = asyncio.current_task()
        if listens and task is not None:
            # Windows, and threads other than the first, have no such handlers.
            with suppress(NotImplementedError, RuntimeError, ValueError):
                asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
        return await main

    try:
        return asyncio.run(cancelled_between_turns())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
