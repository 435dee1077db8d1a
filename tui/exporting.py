"""Write an export: what the relay gives, in a form, a piece at a time, so that its size does not matter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from tui.model.exporting import Form

_SEQ = b'{"seq":'


class Written(NamedTuple):
    """How far an export is: events and bytes written, and the seq of the last event."""

    events: int = 0
    size: int = 0
    seq: int = 0


async def write_export(
    lines: AsyncIterator[bytes], form: Form, write: Callable[[bytes], object], told: Callable[[Written], None]
) -> Written:
    """Write what `lines` gives, whole lines each time, and tell how far it is after each of them.

    Raises what these raise; what was written until then is a part of an export and not one.
    """
    done = Written()
    write(form.begin())
    async for some in lines:
        # Away from the loop: to write many events anew takes time, and somebody may want to stop it.
        text = await asyncio.to_thread(form.events, some)
        write(text)
        done = Written(done.events + some.count(b"\n"), done.size + len(text), _last_seq(some, done.seq))
        told(done)
    write(form.end())
    return done


def _last_seq(lines: bytes, known: int) -> int:
    begun = lines.rfind(b"\n", 0, len(lines) - 1) + 1
    if not lines.startswith(_SEQ, begun):
        return known
    digits, _, _ = lines[begun + len(_SEQ) : begun + len(_SEQ) + 20].partition(b",")
    return int(digits) if digits.isdigit() else known
