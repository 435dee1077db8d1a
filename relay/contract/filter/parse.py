"""Text to `Filter`: the one way in, for every command, the API, the stream and the screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, tzinfo

from relay.contract.filter.errors import FilterError
from relay.contract.filter.evaluate import predicate_of
from relay.contract.filter.subject import Subject
from relay.contract.filter.tree import Node

MAX_LENGTH = 4_096
"""Characters that a filter may have."""


class Filter:
    """A filter that parsed; `str` gives it in its normal form.

    `tree` is `None` where the filter is empty and so matches everything. `now_us` is the moment from which ages
    count back, in microseconds since the epoch. `matches` tells whether an event matches, and never raises.
    """

    __slots__ = ("matches", "now_us", "text", "tree")

    def __init__(self, text: str, tree: Node | None, now_us: int) -> None:
        self.text = "" if tree is None else text
        self.tree = tree
        self.now_us = now_us
        self.matches: Callable[[Subject], bool] = (
            (lambda _subject: True) if tree is None else predicate_of(tree, now_us)
        )

    def __str__(self) -> str:
        return "" if self.tree is None else str(self.tree)

    def __repr__(self) -> str:
        return f"Filter({str(self)!r})"


def parse(text: str, now_us: int | None = None, *, zone: tzinfo = UTC) -> Filter:
    """Read a filter; an empty one matches everything. Raises `FilterError`.

    Ages count back from `now_us`, microseconds since the epoch, or from now. Times and days without an offset are
    in `zone`; in the normal form they have one.
    """
    if now_us is None:
        now_us = time.time_ns() // 1_000
    return Filter(text, checked(text, zone), now_us)


def checked(text: str, zone: tzinfo, *, of_messages: bool = False) -> Node | None:
    """Read the tree of a filter on events or on messages; `None` where it says nothing. Raises `FilterError`."""
    if not text.strip():
        return None
    if len(text) > MAX_LENGTH:
        raise FilterError(
            f"a filter has at most {MAX_LENGTH:,} characters",
            column=MAX_LENGTH + 1,
            length=len(text) - MAX_LENGTH,
        )
    from relay.contract.filter.grammar import tree_of  # lark is only imported for a filter that says something

    return tree_of(text, zone, of_messages=of_messages)
