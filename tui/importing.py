"""Send a file to the relay as an import, some lines at a time: what was answered for is on its disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import BinaryIO

from relay.contract.exported import MAX_LINE, Imported, RefusedLine

NAMED = 1_000
"""Lines that are named in all; of the others it is told how many they are."""
BYTES = 4 << 20
"""Bytes that are sent at once, and the rest of a line."""

Give = Callable[[bytes], Awaitable[Imported]]
"""Has the relay take some lines."""


@dataclass(slots=True)
class Sent:
    """How far an import is: what came of the lines so far, and how many bytes of the file they are."""

    added: int = 0
    duplicates: int = 0
    refused_count: int = 0
    refused: list[RefusedLine] = field(default_factory=list)
    lines: int = 0
    size: int = 0

    def note(self, came: Imported, size: int) -> None:
        """Add what came of some more lines."""
        room = NAMED - len(self.refused)
        self.refused += [RefusedLine(line=self.lines + one.line, why=one.why) for one in came.refused[:room]]
        self.added += came.added
        self.duplicates += came.duplicates
        self.refused_count += came.refused_count
        self.lines += came.lines
        self.size += size


async def send_import(file: BinaryIO, give: Give, done: Sent, told: Callable[[], None]) -> None:
    """Have the relay take all of a file; `done` says how far it is, and `told` is called whenever that changed.

    Raises what `give` raises, and `OSError` where the file can't be read: what `done` has by then is imported.
    """
    # The next part is read while the relay takes the one before.
    reading = asyncio.create_task(asyncio.to_thread(_part, file))
    try:
        while part := await reading:
            reading = asyncio.create_task(asyncio.to_thread(_part, file))
            done.note(await give(part), len(part))
            told()
    finally:
        # A read can't be cut short; it ends with the part.
        await asyncio.wait([reading])


def _part(file: BinaryIO) -> bytes:
    """Whole lines, but for the end of a file; of one that nobody would take more than the relay looks at."""
    part = file.read(BYTES)
    if len(part) < BYTES or part.endswith(b"\n"):
        return part
    rest = file.readline(MAX_LINE + 1)
    if len(rest) > MAX_LINE:
        while (more := file.readline(BYTES)) and not more.endswith(b"\n"):
            pass
    return part + rest
