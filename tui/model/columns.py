"""Which columns the stream has at which width."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

MIN_READING = 20
TIME = 11
CHANNEL_FROM = 80
WORKFLOW_FROM = 100
MESSAGE_FROM = 130
ALL_FROM = 150


class Column(NamedTuple):
    """A column: what it shows and how many cells it has, the space after it left out."""

    name: str
    width: int


@lru_cache(64)
def columns(width: int) -> tuple[Column, ...]:
    """Lay out the stream for `width` cells; the reading is last and gets what is left, at least 20 cells.

    Every width is the list's own, so a list beside a detail has fewer columns than one alone.
    """
    chosen = [Column("time", TIME), Column("type", 13 if width < CHANNEL_FROM else 14)]
    chosen.append(Column("recipient", _recipient(width)))
    if width >= CHANNEL_FROM:
        chosen.append(Column("channel", 6))
    if width >= WORKFLOW_FROM:
        chosen.append(Column("workflow", 16 if width < MESSAGE_FROM else 20))
    if width >= MESSAGE_FROM:
        chosen.append(Column("message", 27 if width >= ALL_FROM + 20 else 12))
    if width >= ALL_FROM:
        chosen += [Column("tenant", 12), Column("verdict", 10), Column("seq", 9)]
    used = sum(column.width + 1 for column in chosen) + 1
    return (*chosen, Column("reading", max(width - used, MIN_READING)))


def _recipient(width: int) -> int:
    if width < 64:
        return 9
    if width < 72:
        return 12
    return 14 if width < 90 else 18
