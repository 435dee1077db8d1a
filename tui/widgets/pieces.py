"""A line cut where marks begin and end, and what is marked in another style."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.segment import Segment
from rich.style import Style

MATCHED = Style(underline=True, bold=True)
"""How it looks what a filter asks for."""


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


def styled(
    segments: Iterable[Segment], marks: Sequence[tuple[int, int]], style: Callable[[Style], Style]
) -> Iterator[Segment]:
    """Give the segments of a line, those between marks in another style."""
    if not marks:
        yield from segments
        return
    at = 0
    for segment in segments:
        for start, end, marked in pieces(marks, at, at + len(segment.text)):
            old = segment.style or Style.null()
            yield Segment(segment.text[start - at : end - at], style(old) if marked else old)
        at += len(segment.text)
