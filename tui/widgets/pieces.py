"""A line cut where marks begin and end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def pieces(marks: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Cut a stretch of a line where marks begin and end, and tell which pieces are marked."""
    at = start
    for first, last in marks:
        if last > at and first < end:
            if first > at:
                yield at, first, False
                at = first
            yield at, min(last, end), True
            at = min(last, end)
    if at < end:
        yield at, end, False
