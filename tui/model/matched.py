"""The texts that a filter asks for: where a row has one, it is what the row is there for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from tui.model.find import Needle

if TYPE_CHECKING:
    from relay.contract.filter import Node, Test

SHORTEST = 2
"""Characters that a text has at least: one alone stands in most rows by chance."""


@lru_cache(maxsize=8)
def matched(filter_text: str) -> tuple[Needle, ...]:
    """Give the texts that a filter asks for; what it leaves out is in no row, and is not among them."""
    if not filter_text:
        return ()
    from relay.contract.filter import FilterError, parse

    try:
        tree = parse(filter_text).tree
    except FilterError:
        return ()
    texts = dict.fromkeys(text for text in _texts(tree) if len(text) >= SHORTEST) if tree is not None else ()
    return tuple(map(Needle, texts))


def spans(needles: Iterable[Needle], text: str) -> Sequence[tuple[int, int]]:
    """Give where a line has any of the texts, from left to right and apart from each other."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found for needle in needles for found in needle.spans(text)):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _texts(node: Node) -> Iterator[str]:
    from relay.contract.filter import And, Or, Term, Text

    match node:
        case Text(text):
            yield text
        case Term(_, tests):
            for test in tests:
                yield from _texts_of(test)
        case And(parts) | Or(parts):
            for part in parts:
                yield from _texts(part)


def _texts_of(test: Test) -> Iterator[str]:
    from relay.contract.filter import Equals, Like

    match test:
        case Equals(text):
            yield text
        case Like(parts):
            yield from parts
