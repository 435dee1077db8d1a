"""Call something once, some time from now, for sure.

A timer of Textual's that is to fire once never does when its moment has passed before it first looks at the clock:
it counts the moment as one that was missed. A very short wait is enough for that, or a process that is put to rest
between two lines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.message_pump import MessagePump


def later(seconds: float, node: MessagePump, call: Callable[[], object]) -> asyncio.TimerHandle:
    """Have `node` call something after some seconds, between two of its messages."""
    return asyncio.get_running_loop().call_later(seconds, node.call_next, call)
