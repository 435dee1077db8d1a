"""The texts that a filter asks for: where a row has one, it is what the row is there for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tui.model.bodytree import Keys
from tui.model.find import Needle

if TYPE_CHECKING:
    from relay.contract.filter import Node, Test

SHORTEST = 2
"""Characters that a text has at least: one alone stands in most rows by chance."""


class Figure(NamedTuple):
    """A number that a filter asks for at a place: at any other it says something else."""

    keys: tuple[str, ...]
    """The keys that lead to it, places in lists left out."""
    text: str

    def spans(self, text: str, place: Keys) -> Iterator[tuple[int, int]]:
        """Give where a line that stands at a place has the number as a whole."""
        if tuple(key for key in place if isinstance(key, str)) == self.keys:
            whole = re.compile(rf"(?<![\w.+-]){re.escape(self.text)}(?![\w.+-])")
            yield from (found.span() for found in whole.finditer(text))


@lru_cache(maxsize=8)
def figures(filter_text: str) -> tuple[Figure, ...]:
    """Give the numbers that a filter asks for by their path in the body."""
    tree = _tree(filter_text)
    return tuple(dict.fromkeys(_figures(tree))) if tree is not None else ()


@lru_cache(maxsize=8)
def matched(filter_text: str) -> tuple[Needle, ...]:
    """Give the texts that a filter asks for; what it leaves out is in no row, and is not among them."""
    tree = _tree(filter_text)
    texts = dict.fromkeys(text for text in _texts(tree) if len(text) >= SHORTEST) if tree is not None else ()
    return tuple(map(Needle, texts))


def spans(needles: Iterable[Needle], text: str) -> Sequence[tuple[int, int]]:
    """Give where a line has any of the texts, from left to right and apart from each other."""
    return apart(found for needle in needles for found in needle.spans(text))


def apart(marks: Iterable[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Give stretches of a line from left to right, as one those that touch."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(marks):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _tree(filter_text: str) -> Node | None:
    from relay.contract.filter import FilterError, parse

    try:
        return parse(filter_text).tree if filter_text else None
    except FilterError:
        return None


def _figures(node: Node) -> Iterator[Figure]:
    from relay.contract.filter import And, Digits, Or, Path, Term

    match node:
        case Term(Path(keys), tests):
            names = tuple(key for key in keys if isinstance(key, str))
            yield from (Figure(names, test.text) for test in tests if isinstance(test, Digits))
        case And(parts) | Or(parts):
            for part in parts:
                yield from _figures(part)


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
