"""What is looked for in the detail, and where it stands: the letters A to Z in any case, the rest exactly."""

from __future__ import annotations

import string
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tui.model.bodytree import STEP, STRING, TEXT, BodyTree
from tui.model.slices import Steps

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_PUNCTUATION = frozenset(b"{}[]:, ")
"""What stands between keys and values; a search for nothing else looks inside of them only."""


class Needle:
    """A text that is looked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lowered = text.translate(_LOWER)
        written = self._lowered.encode("utf-8", "replace")
        escaped = b"".join(b"\\u%04x" % unit for unit in _utf16(self._lowered))
        self.written = (written,) if self._lowered.isascii() else (written, escaped)
        """How it may be written in a body, in lower case."""
        self._spelled = (self._lowered, *(one.decode() for one in self.written[1:]))

    def __bool__(self) -> bool:
        return bool(self.text)

    def within(self, text: str) -> bool:
        """Tell whether a text has it."""
        return self._lowered in text.translate(_LOWER)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Give where a text has it, be it in escapes, from and to, from left to right."""
        lowered = text.translate(_LOWER)
        end = 0
        while self._lowered:
            found = ((lowered.find(one, end), len(one)) for one in self._spelled)
            start, length = min(((at, length) for at, length in found if at >= 0), default=(-1, 0))
            if start < 0:
                return
            end = start + length
            yield start, end


def _utf16(text: str) -> Iterator[int]:
    data = text.encode("utf-16-be", "surrogatepass")
    return (int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))


class Found(NamedTuple):
    """The lines of a body that have a needle, and the same with all that they are in."""

    hits: Sequence[int]
    rows: array[int]


def search(tree: BodyTree, needle: Needle) -> Steps[Found]:
    """Look for the lines whose key or value has a needle that is not empty, in steps of a few milliseconds."""
    hits, rows = array("I"), array("I")
    around = -1
    for first in range(0, len(tree), STEP):
        for line in _hits(tree, needle, first):
            parent = tree.parents[line]
            if parent != around:
                rows.extend(_containers(tree, line, rows))
                around = parent
            hits.append(line)
            if not rows or rows[-1] != line:
                rows.append(line)
        yield first / len(tree)
    return Found(hits, rows)


def _containers(tree: BodyTree, line: int, rows: array[int]) -> list[int]:
    """Give what a line is in, from the outside in, but for what is among the rows already."""
    before = rows[-1] if rows else -1
    containers = []
    while tree.levels[line]:
        line = tree.parents[line]
        # What begins before the last row and holds this line holds that row too, and came with it.
        if line <= before:
            break
        containers.append(line)
    containers.reverse()
    return containers


def _hits(tree: BodyTree, needle: Needle, first: int) -> list[int]:
    """Give the hits among the next `STEP` lines."""
    last = first + STEP
    lines = tree.lowered[tree.starts[first] : tree.starts[last] if last < len(tree) else len(tree.lines)]
    found: set[int] = set()
    for written in needle.written:
        if written in lines:
            found.update(number for number, line in enumerate(lines.split(b"\n"), first) if written in line)
    if tree.is_json and _PUNCTUATION.issuperset(needle.written[0]):
        return sorted(line for line in found if _inside(tree, line, needle.written[0]))
    return sorted(found)


def _inside(tree: BodyTree, line: int, written: bytes) -> bool:
    start, value = tree.starts[line], tree.values[line]
    if value > start and written in tree.lowered[start : value - 2]:
        return True
    return tree.kinds[line] in (STRING, TEXT) and written in tree.line(line)[value - start :].removesuffix(b",")


class Piece(NamedTuple):
    """A line of text that may be a hit.

    Lines of the same `thing` stay together. A heading is that of all lines up to the next one; apart from that a
    line belongs to the last one before it that is indented less.
    """

    text: str
    thing: object = None
    heading: bool = False
    whole: str = ""
    """The thing in full, where it stands in several lines."""


class Narrowed(NamedTuple):
    """The lines that are kept, and where among them the hits are."""

    kept: list[int]
    hits: list[int]


def narrow(pieces: Sequence[Piece], needle: Needle) -> Narrowed:
    """Choose the lines that have a needle, with the rest of their thing and what they belong to.

    A heading is no hit: it says nothing of the event.
    """
    kept: set[int] = set()
    hits: list[int] = []
    above: list[int] = []
    """What the thing at hand belongs to: a heading, then lines that are indented more and more."""
    for first, last in _things(pieces):
        head = pieces[first]
        if head.heading:
            above = [first]
            continue
        if not head.text.strip():
            continue
        margin = _margin(head.text)
        while above and not pieces[above[-1]].heading and _margin(pieces[above[-1]].text) >= margin:
            above.pop()
        above.append(first)
        found = [at for at in range(first, last) if needle.within(pieces[at].text)]
        if not found and last - first > 1 and needle.within(head.whole):
            found = [first]
        if found:
            hits += found
            kept.update(above, range(first, last))
    order = sorted(kept)
    return Narrowed(order, [bisect_left(order, hit) for hit in hits])


def _things(pieces: Sequence[Piece]) -> Iterator[tuple[int, int]]:
    """Give from where to where each thing stands."""
    first = 0
    for at in range(1, len(pieces) + 1):
        if at == len(pieces) or pieces[at].thing is None or pieces[at].thing is not pieces[first].thing:
            yield first, at
            first = at


def _margin(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


class Hits:
    """Lines that are hits, in order, and where among them one is."""

    def __init__(self, lines: Sequence[int] = ()) -> None:
        self.lines = lines

    def __len__(self) -> int:
        return len(self.lines)

    def number(self, line: int) -> int | None:
        """Give the number of a hit, from 1; None for any other line."""
        at = bisect_left(self.lines, line)
        return at + 1 if at < len(self.lines) and self.lines[at] == line else None

    def next(self, line: int, step: int) -> int | None:
        """Give the hit after a line or before it, and round from the last to the first; None if there is none."""
        if not self.lines:
            return None
        at = bisect_right(self.lines, line) if step > 0 else bisect_left(self.lines, line) - 1
        return self.lines[at % len(self.lines)]
