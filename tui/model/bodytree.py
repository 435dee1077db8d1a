"""A body as the lines of a tree: quick at 5 MiB and at any depth, and true to what was received.

Numbers, escapes, the order of keys and repeated keys stay as they came; what stands between them is written anew,
a key or an element a line. Nothing is indented here, since a deep body would grow to many times its size. A body
that is not JSON is the lines of its text.
"""

from __future__ import annotations

import codecs
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Generator, Iterator, Sequence
from typing import TypeAlias

from relay.contract import jsontext
from tui.model.bodylines import INDENT, Token
from tui.model.slices import Steps

STEP = 2_000
"""Lines between two reports of how far the work is."""
TEXT_STEP = 1 << 16
LONG = 1 << 12
"""Bytes from which a line is long, of which a few are kept as text."""
KEPT = 128
MOST_INDENTED = 1 << 26
"""Characters of indentation up to which a copied value is indented; a deep one could take gigabytes."""

Keys: TypeAlias = tuple[str | int, ...]

STRING, NUMBER, WORD, EMPTY, OBJECT, ARRAY, CLOSE, TEXT = b'"0we{[}t'
"""What stands on a line: a scalar, a container without children, the beginning or the end of one, or text."""

_WS = rb"[ \t\n\r]*+"
_PLAIN = rb'[^"\\\x00-\x1f]*+'
_ESCAPE = rb'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})'
# A text with more escapes than this is read a part at a time: one match holds up everything else.
_SHORT = rb'"%b(?:%b%b){0,400}+"' % (_PLAIN, _ESCAPE, _PLAIN)
_SCALAR = rb"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][-+]?[0-9]++)?+|true|false|null"
_VALUE = rb"(%b|%b|[\[{])" % (_SHORT, _SCALAR)
_ELEMENT = re.compile(_WS + _VALUE + _WS + rb"(,?)")
_MEMBER = re.compile(_WS + rb"(" + _SHORT + rb")" + _WS + rb":" + _WS + _VALUE + _WS + rb"(,?)")
_CLOSE = re.compile(_WS + rb"([\]}])" + _WS + rb"(,?)")
_PART = re.compile(rb"%b(?:%b%b){0,4000}+" % (_PLAIN, _ESCAPE, _PLAIN))
_KEY_PARTS = (re.compile(_WS), re.compile(_WS + rb":" + _WS), re.compile(_WS + rb"(,?)"))
_NOT_STRING = re.compile(rb"(%b|[\[{])" % _SCALAR)
_KINDS = {ord('"'): STRING, ord("{"): OBJECT, ord("["): ARRAY, **dict.fromkeys(b"tfn", WORD)}
_INKS = {STRING: "string", NUMBER: "number", WORD: "word", EMPTY: "mark", CLOSE: "mark", TEXT: "text"}


class _NotJson(Exception):
    """The body is not JSON, or nested deeper than what the relay takes."""


class BodyTree:
    """The lines of a body. Lines are numbered from 0, and a container is the line on which it begins.

    `lines` holds them all, each with its line feed; a line ends in a comma where another one follows in the same
    container. `levels` says of how many containers a line can be hidden by; the last line of a container counts as
    one within it. Build one with `build`.
    """

    def __init__(self) -> None:
        self.lines = bytearray()
        self.starts = array("I")
        self.values = array("I")
        """Where on `lines` the value of each line begins; after its key, if it has one."""
        self.kinds = bytearray()
        self.levels = array("H")
        self.parents = array("I")
        self.lasts = array("I")
        """The last line of each container; of any other line itself."""
        self.every = array("I")
        """The numbers of all lines, to be cut into what is seen."""
        self.is_json = True
        self.by_level: list[array[int]] = []
        """The lines of each level: those right below a container follow each other there."""
        self._lowered: bytearray | None = None
        self._long: dict[int, Sequence[Token]] = {}
        """The pieces of long lines that were asked for: it takes a while to make them a text."""

    def __len__(self) -> int:
        return len(self.kinds)

    # Lines

    def line(self, line: int) -> bytes:
        """Give a line without its indentation and its line feed."""
        return bytes(self.lines[self.starts[line] : self._end(line)])

    def _end(self, line: int) -> int:
        """Where the line feed of a line stands."""
        return (self.starts[line + 1] if line + 1 < len(self.starts) else len(self.lines)) - 1

    def _written(self, line: int) -> bytes:
        """Give what stands on a line as its value, as received."""
        value = bytes(self.lines[self.values[line] : self._end(line)])
        return value.removesuffix(b",") if self.is_json else value

    def tokens(self, line: int) -> Sequence[Token]:
        """Give the pieces of a line for colouring; together they are the line."""
        if self.length(line) < LONG:
            return tuple(self._split(line))
        if line not in self._long:
            if len(self._long) >= KEPT:
                self._long.clear()
            self._long[line] = tuple(self._split(line))
        return self._long[line]

    def _split(self, line: int) -> Iterator[Token]:
        start, value, end = self.starts[line], self.values[line], self._end(line)
        if value > start:
            yield Token(_text(self.lines[start : value - 2]), "key")
            yield Token(": ", "mark")
        comma = self.is_json and end > value and self.lines[end - 1] == ord(",")
        yield Token(_text(self.lines[value : end - comma]), _INKS.get(self.kinds[line], "mark"))
        if comma:
            yield Token(",", "mark")

    def length(self, line: int) -> int:
        """Count the bytes of a line."""
        return self._end(line) - self.starts[line]

    def depth(self, line: int) -> int:
        """Count the steps that a line is indented by."""
        return self.levels[line] - (self.kinds[line] == CLOSE)

    def has_key(self, line: int) -> bool:
        """A line that belongs to an object has a key."""
        return self.values[line] > self.starts[line]

    def key(self, line: int) -> str:
        """Give the key of a line, without its escapes."""
        return str(jsontext.loads(bytes(self.lines[self.starts[line] : self.values[line] - 2])))

    # Containers

    def folds(self, line: int) -> bool:
        """A line on which a container with children begins can be folded."""
        return self.lasts[line] > line

    def whole(self, line: int) -> int:
        """Give the container that ends on a line; any other line is itself."""
        return self.parents[line] if self.kinds[line] == CLOSE else line

    def children(self, line: int) -> array[int]:
        """Give the lines right below a container, its last line included."""
        level = self.by_level[self.levels[line] + 1]
        return level[bisect_right(level, line) : bisect_right(level, self.lasts[line])]

    def count(self, line: int) -> int:
        """Count the children of a container."""
        if not self.folds(line):
            return 0
        level = self.by_level[self.levels[line] + 1]
        return bisect_right(level, self.lasts[line]) - bisect_right(level, line) - 1

    def _place(self, line: int) -> int:
        """Count the children of the same container before this one."""
        level = self.by_level[self.levels[line]]
        return bisect_left(level, line) - bisect_right(level, self.parents[line])

    @property
    def deepest(self) -> int:
        """The highest level there is."""
        return len(self.by_level) - 1

    def to_level(self, level: int) -> Steps[array[int]]:
        """Give the lines that are seen when every container on a level is folded, and none above it."""
        if level >= self.deepest:
            return self.every[:]
        rows = array("I")
        for first in range(0, len(self), 10 * STEP):
            levels = self.levels[first : first + 10 * STEP]
            rows.extend(line for line, one in enumerate(levels, first) if one <= level)
            yield first / len(self)
        return rows

    # Paths and values

    def path(self, line: int) -> Keys:
        """Give the keys and indices that lead from the root to what stands on a line."""
        if not self.is_json:
            return ()
        keys: list[str | int] = []
        line = self.whole(line)
        while self.levels[line]:
            keys.append(self.key(line) if self.has_key(line) else self._place(line))
            line = self.parents[line]
        return tuple(reversed(keys))

    def find_path(self, keys: Keys, most: int = 2_000) -> int | None:
        """Give the line that a path leads to, if one is there and among the first `most` children on the way."""
        line = 0
        for key in keys:
            if not self.folds(line):
                return None
            lines = self.children(line)[:-1][:most]
            if (self.kinds[line] == ARRAY) is not isinstance(key, int):
                return None
            if isinstance(key, int):
                found = lines[key] if key < len(lines) else None
            else:
                found = next((one for one in lines if self.key(one) == key), None)
            if found is None:
                return None
            line = found
        return line

    def json(self, line: int) -> bytes:
        """Give the value of a line as JSON, or a line of text as it is; a container a child a line."""
        line = self.whole(line)
        last = self.lasts[line]
        if last == line:
            return self._written(line)
        return bytes(self.lines[self.values[line] : self._end(last)]).removesuffix(b",")

    def value(self, line: int) -> object:
        """Give the value of a line as Python has it; of a line of text the text."""
        return jsontext.loads(self.json(line)) if self.is_json else _text(self._written(line))

    def copied(self, line: int) -> str:
        """Give what stands on a line: a string without its quotes and escapes, a container indented."""
        line = self.whole(line)
        return str(self.value(line)) if self.kinds[line] == STRING else "\n".join(self.indented(line))

    def indented(self, line: int) -> list[str]:
        """Give the lines of a value; not indented where that would take too much."""
        lines = _text(self.json(line)).split("\n")
        depth = self.depth(line)
        if INDENT * (sum(self.levels[line : line + len(lines)]) - len(lines) * depth) > MOST_INDENTED:
            return lines
        return [" " * (INDENT * (self.depth(line + at) - depth)) + one for at, one in enumerate(lines)]

    @property
    def lowered(self) -> bytearray:
        """All lines with A to Z in lower case, to search in."""
        if self._lowered is None:
            self._lowered = self.lines.lower()
        return self._lowered


def _text(data: bytes | bytearray) -> str:
    return data.decode("utf-8", "replace")


def build(body: bytes) -> Steps[BodyTree]:
    """Build the tree of a body, in steps of a few milliseconds."""
    try:
        tree = yield from _Reader(body).read()
    except _NotJson:
        tree = yield from _text_lines(body)
    return tree


class _Reader:
    """Reads JSON into lines. One match is a whole line, which is what makes it quick."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.tree = BodyTree()
        self.open: list[int] = []
        self.at = 0

    def read(self) -> Steps[BodyTree]:
        """Read all of it. Raises `_NotJson`."""
        try:
            self.body.decode()
        except UnicodeDecodeError:
            raise _NotJson from None
        yield 0.0
        wanted = fresh = True
        while wanted or self.open:
            if wanted:
                comma, opened = yield from self._item(or_none=fresh and bool(self.open))
            else:
                comma, opened = self._close(empty=False), False
            if comma is None:
                comma, opened = self._close(empty=True), False
            wanted = fresh = opened
            wanted = wanted or bool(comma)
            if not len(self.tree) % STEP:
                yield self.at / len(self.body)
        if self.body[self.at :].strip(b" \t\n\r"):
            raise _NotJson
        return self.tree

    def _item(self, *, or_none: bool) -> Generator[float, None, tuple[bytes | None, bool]]:
        """Read a member or an element; gives its comma and whether it is a container that was opened.

        `or_none` allows the end of the container in its place, which gives None.
        """
        tree = self.tree
        member = bool(self.open) and tree.kinds[self.open[-1]] == OBJECT
        match = (_MEMBER if member else _ELEMENT).match(self.body, self.at)
        if match is not None:
            key, value, comma = match.groups() if member else (b"", *match.groups())
            self.at = match.end()
        elif or_none and _CLOSE.match(self.body, self.at):
            return None, False
        else:
            key, value, comma = yield from self._long_item(member)
        kind = _KINDS.get(value[0], NUMBER)
        opened = kind in (OBJECT, ARRAY)
        if comma and (opened or not self.open):
            raise _NotJson
        self._add(kind, key, value, comma)
        if opened:
            self.open.append(len(tree) - 1)
            if len(self.open) > jsontext.MAX_DEPTH:
                raise _NotJson
        return comma, opened

    def _add(self, kind: int, key: bytes, value: bytes, comma: bytes) -> None:
        tree, line, level = self.tree, len(self.tree), len(self.open)
        start = len(tree.lines)
        tree.starts.append(start)
        tree.values.append(start + len(key) + 2 if key else start)
        tree.lines += b"%b: %b%b\n" % (key, value, comma) if key else b"%b%b\n" % (value, comma)
        tree.kinds.append(kind)
        tree.levels.append(level)
        tree.parents.append(self.open[-1] if self.open else 0)
        tree.lasts.append(line)
        tree.every.append(line)
        if level == len(tree.by_level):
            tree.by_level.append(array("I"))
        tree.by_level[level].append(line)

    def _close(self, *, empty: bool) -> bytes:
        """Read the end of a container and give its comma."""
        tree, line = self.tree, self.open[-1]
        match = _CLOSE.match(self.body, self.at)
        if match is None or match[1] != (b"}" if tree.kinds[line] == OBJECT else b"]"):
            raise _NotJson
        bracket, comma = match.groups()
        self.at = match.end()
        if comma and len(self.open) == 1:
            raise _NotJson
        if empty:
            tree.kinds[line] = EMPTY
            tree.lines[-1:] = b"%b%b\n" % (bracket, comma)
        else:
            self._add(CLOSE, b"", bracket, comma)
            tree.lasts[line] = len(tree) - 1
        self.open.pop()
        return comma

    def _long_item(self, member: bool) -> Generator[float, None, tuple[bytes, bytes, bytes]]:
        """Read what one match would take too long for: strings with thousands of escapes."""
        space, colon, comma = _KEY_PARTS
        self._skip(space)
        key = b""
        if member:
            key = yield from self._string()
            self._skip(colon)
        if self.body[self.at : self.at + 1] == b'"':
            value = yield from self._string()
        else:
            value = self._skip(_NOT_STRING)[1]
        return key, value, self._skip(comma)[1]

    def _skip(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        match = pattern.match(self.body, self.at)
        if match is None:
            raise _NotJson
        self.at = match.end()
        return match

    def _string(self) -> Steps[bytes]:
        start = self.at
        if self.body[start : start + 1] != b'"':
            raise _NotJson
        self.at += 1
        while self.body[self.at : self.at + 1] != b'"':
            before = self.at
            self._skip(_PART)
            if self.at == before:
                raise _NotJson
            yield self.at / len(self.body)
        self.at += 1
        return self.body[start : self.at]


def _text_lines(body: bytes) -> Steps[BodyTree]:
    tree = BodyTree()
    tree.is_json = False
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for first in range(0, len(body), TEXT_STEP):
        tree.lines += decoder.decode(body[first : first + TEXT_STEP]).encode()
        yield first / len(body) / 2
    tree.lines += decoder.decode(b"", final=True).encode()
    if not tree.lines.endswith(b"\n"):
        tree.lines += b"\n"
    tree.by_level.append(tree.every)
    start = 0
    while start < len(tree.lines):
        line = len(tree)
        tree.starts.append(start)
        tree.kinds.append(TEXT)
        tree.every.append(line)
        start = tree.lines.index(b"\n", start) + 1
        if not line % STEP:
            yield 0.5 + start / len(tree.lines) / 2
    tree.values, tree.lasts = tree.starts, tree.every
    tree.levels, tree.parents = array("H", bytes(2 * len(tree))), array("I", bytes(4 * len(tree)))
    return tree
