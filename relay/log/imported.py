"""What the log keeps of an import in `events.imported`: 0 of an event that arrived by itself, else when and what.

A column of its own would be the last of an older file's table, behind bodies that lists must not read.
"""

from __future__ import annotations

from relay.contract.events import Verdict

_BITS = 3
_VERDICTS = list(Verdict)
assert len(_VERDICTS) < 1 << _BITS  # noqa: S101 - they have to fit


def imported_mark(at_us: int, said: Verdict | None) -> int:
    """The number for an event imported at a time, in microseconds since the epoch, and what the file said."""
    return (at_us << _BITS) + (0 if said is None else _VERDICTS.index(said) + 1)


def imported_us(mark: int) -> int:
    """When the event was imported; 0 where it was not."""
    return mark >> _BITS


def imported_verdict(mark: int) -> Verdict | None:
    """The verdict that the file gave, if it gave one."""
    code = mark & ((1 << _BITS) - 1)
    return _VERDICTS[code - 1] if code else None
