"""Which columns the stream has: by its width, and by what the user wants to see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

MIN_READING = 20
TIME = 11
CHANNEL_FROM = 80
WORKFLOW_FROM = 100
MESSAGE_FROM = 130
ALL_FROM = 150
ONLY_WANTED = 1_000_000
"""As many cells as no terminal has: the column is shown where it is asked for."""
HIDDEN = "-"
"""Before the name of a column that the user does not want to see."""

FROM = {
    "recipient": 0,
    "channel": CHANNEL_FROM,
    "workflow": WORKFLOW_FROM,
    "message": MESSAGE_FROM,
    "tenant": ALL_FROM,
    "verdict": ALL_FROM,
    "seq": ALL_FROM,
    "environment": ONLY_WANTED,
}
"""From how many cells on a column is shown by itself, in the order of the columns; time and type always are."""

TITLES = {"channel": "chan.", "message": "message id", "verdict": "signature"}
"""What a column is called where its name says too little."""


class Column(NamedTuple):
    """A column: what it shows and how many cells it has, the space after it left out."""

    name: str
    width: int


@lru_cache(64)
def columns(width: int, wanted: tuple[str, ...] = ()) -> tuple[Column, ...]:
    """Lay out the stream for `width` cells; the reading is last and gets what is left, at least 20 cells.

    Every width is the list's own, so a list beside a detail has fewer columns than one alone. `wanted` are columns
    that the user shows or, with a `-` before them, hides; the others make room for those that are shown.
    """
    shown = [name for name in FROM if _is_shown(name, width, wanted)]
    while True:
        chosen = [Column("time", TIME), Column("type", 13 if width < CHANNEL_FROM else 14)]
        chosen += [Column(name, _width(name, width)) for name in shown]
        reading = width - 1 - sum(column.width + 1 for column in chosen)
        if reading >= MIN_READING or not shown:
            return (*chosen, Column("reading", max(reading, MIN_READING)))
        shown.remove(_first_to_go(shown, wanted))


def _is_shown(name: str, width: int, wanted: Iterable[str]) -> bool:
    if name in wanted:
        return True
    return width >= FROM[name] and HIDDEN + name not in wanted


def _first_to_go(shown: Sequence[str], wanted: Iterable[str]) -> str:
    """Give the last one that nobody asked for; who an event is for stays longest."""
    others = [name for name in shown if name not in wanted and name != "recipient"]
    asked = [name for name in shown if name != "recipient"]
    return (others or asked or shown)[-1]


def _width(name: str, width: int) -> int:
    match name:
        case "recipient":
            return _recipient(width)
        case "channel":
            return 6
        case "workflow":
            return 16 if width < MESSAGE_FROM else 20
        case "message":
            return 27 if width >= ALL_FROM + 20 else 12
        case "verdict":
            return 10
        case "tenant" | "environment":
            return 12
        case _:
            return 9


def _recipient(width: int) -> int:
    if width < 64:
        return 9
    if width < 72:
        return 12
    if width < 90:
        return 14
    return 16 if width < MESSAGE_FROM else 18


def toggled(wanted: tuple[str, ...], name: str, width: int) -> tuple[str, ...]:
    """Give what is wanted once a column is hidden that is shown in `width` cells, or shown that is not."""
    others = tuple(one for one in wanted if one.removeprefix(HIDDEN) != name)
    is_shown = any(column.name == name for column in columns(width, wanted))
    if is_shown:
        return (*others, HIDDEN + name) if _is_shown(name, width, others) else others
    return others if _is_shown(name, width, others) else (*others, name)


def known(wanted: Iterable[str]) -> tuple[str, ...]:
    """Give of what was kept between runs the columns that there are."""
    return tuple(one for one in wanted if one.removeprefix(HIDDEN) in FROM)
