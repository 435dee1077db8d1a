"""Reading the index of facets: which words a filter's names have, and which events have those."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cached_property

from relay.contract.filter.checks import Check
from relay.contract.filter.intervals import Interval
from relay.contract.filter.values import Like
from relay.log.facets import replaced
from relay.log.marks import ALL, BLOCK, NONE, UNCLEAR, Both, During, Either, Except, Marks, Words, places, unpacked
from relay.log.marks import both as both_marks
from relay.log.marks import either as either_marks
from relay.log.marks import negated as negated_marks
from relay.log.query import NOTHING, Index, Told, Walk, marked
from relay.log.stored import stored_type as stored_text
from relay.log.stored import type_of as text_of
from relay.log.values import NAMES

MAX_NAMED = 1_000
"""Texts that are looked up one by one; more tell nothing."""
MAX_ASKED = 500_000
"""Values that are compared with a pattern one by one; with more, it tells nothing."""
_FEW = 16
"""Words of which each is looked up by itself."""
MAX_REPLACED = 1_000
"""Events with another body than the index knows; with more it is not used."""
_ANY = Like(("", ""))
_BYTES = BLOCK // 8
_WHOLE = b"\xff" * _BYTES
_FIRST_BLOCKS, _MOST_BLOCKS = 8, 512


class Faceted:
    """An `Index` of the events up to `high`, and from `low` on; the types come from the log's own."""

    def __init__(self, connection: sqlite3.Connection, kept: Index) -> None:
        self._connection = connection
        self._kept = kept
        meta = dict(connection.execute("SELECT name, value FROM facets.meta"))
        self.low: int = meta["first_block"] * BLOCK
        self.high: int = meta["next_block"] * BLOCK - 1
        changed = replaced(connection, "", after=self.high, upto=1 << 62, below=self.high + 1)
        self.is_of_use = len(changed) <= MAX_REPLACED and self.low <= self.high
        self._changed = [seq for seq in changed if seq >= self.low]

    def types(self) -> Sequence[str] | None:
        return self._kept.types()

    def walk_of_type(self, kind: str) -> Walk:
        return self._kept.walk_of_type(kind)

    @cached_property
    def _unclear(self) -> Marks:
        query = "SELECT EXISTS (SELECT 1 FROM facets.marks WHERE word = ?)"
        (some,) = self._connection.execute(query, (UNCLEAR,)).fetchone()
        return Words((UNCLEAR,) if some or self._changed else ())

    def during(self, column: str, spans: Sequence[Interval]) -> Told:
        """Tell of the events that were received or created within any of some spans."""
        found: Marks = NONE
        for span in spans:
            found = either_marks(found, During(column, *span))
        return marked(either_marks(found, self._unclear), NONE)

    def weight(self, first: int, last: int) -> int:
        """About how many bytes the bodies of some blocks have together, both included."""
        query = "SELECT total(bytes) FROM facets.blocks WHERE block BETWEEN ? AND ?"
        return int(self._connection.execute(query, (first, last)).fetchone()[0])

    def having(self, name: str, only: frozenset[str] | None, like: Like | None, check: Check) -> Told:
        words = self._named(name, only) if only is not None else self._asked(name, like or _ANY, check)
        if words is None:
            return NOTHING
        found: Marks = Words(tuple(words))
        if only is None and check(None):
            found = either_marks(found, negated_marks(Words((NAMES[name],))))
        return self._doubted(found)

    def present(self, name: str) -> Told:
        return self._doubted(Words((NAMES[name],)))

    def _doubted(self, found: Marks) -> Told:
        return marked(either_marks(found, self._unclear), both_marks(found, negated_marks(self._unclear)))

    def _named(self, name: str, texts: frozenset[str]) -> list[int] | None:
        if len(texts) > MAX_NAMED:
            return None
        query = "SELECT id FROM facets.words WHERE name = ? AND value = ?"
        rows = (self._connection.execute(query, (NAMES[name], stored_text(text))).fetchone() for text in texts)
        return sorted(row[0] for row in rows if row is not None)

    def _asked(self, name: str, like: Like, check: Check) -> list[int] | None:
        """The words of a name that pass, of those that are like a pattern; `None` for too many."""
        # No byte of a text is 255. What the pattern says in between is left to the check but for its longest part.
        start, part = stored_text(like.parts[0]), stored_text(max(like.parts, key=len))
        query = (
            "SELECT id, value FROM facets.words WHERE name = ? AND value >= ? AND value < ? AND instr(value, ?)"
            " LIMIT ?"
        )
        params = (NAMES[name], start, start + b"\xff", part, MAX_ASKED + 1)
        rows = self._connection.execute(query, params).fetchall()
        return None if len(rows) > MAX_ASKED else sorted(word for word, value in rows if check(text_of(value)))

    @property
    def is_certain(self) -> bool:
        """It tells the values of every event that it knows."""
        return self._unclear == NONE

    def marks_of(self, name: str) -> Iterator[tuple[bytes, int, bytes]]:
        """Every value of a name with its blocks, each with the places of the events that have it."""
        query = (
            "SELECT w.value, m.block, m.places FROM facets.words w CROSS JOIN facets.marks m ON m.word = w.id"
            " WHERE w.name = ?"
        )
        return self._connection.execute(query, (NAMES[name],))

    def received_since(self, us: int) -> dict[int, dict[int, int]]:
        """When the events arrived of each block that has any since a time, by their places."""
        found: dict[int, dict[int, int]] = {}
        blocks = self._connection.execute("SELECT block FROM facets.blocks WHERE received_last >= ?", (us,))
        for (block,) in blocks.fetchall():
            low = block * BLOCK
            query = "SELECT seq - ?, received_us FROM events WHERE seq BETWEEN ? AND ? AND received_us >= ?"
            found[block] = dict(self._connection.execute(query, (low, low, low + BLOCK - 1, us)))
        return found

    # -- looking them up

    def by_block(self, marks: Marks, low: int, high: int) -> Iterator[tuple[int, int]]:
        """The events from one seq to another that have the marks: each block that has any, as bits."""
        for chunk in self.chunks(marks, low, high, newest_first=True):
            stored = chunk.bits.to_bytes(chunk.blocks * _BYTES, "little")
            for number in range(chunk.blocks):
                if bits := int.from_bytes(stored[number * _BYTES : (number + 1) * _BYTES], "little"):
                    yield chunk.first // BLOCK + number, bits

    def chunks(self, marks: Marks, low: int, high: int, *, newest_first: bool) -> Iterator[Chunk]:
        """The events from one seq to another that have the marks, in more and more blocks at a time."""
        first, last = low // BLOCK, high // BLOCK
        count = _FIRST_BLOCKS
        while first <= last:
            count = min(count, last - first + 1)
            start = last - count + 1 if newest_first else first
            bits = self._bits(marks, start, count)
            yield Chunk.between(bits, start, count, low, high)
            if newest_first:
                last -= count
            else:
                first += count
            count = min(count * 2, _MOST_BLOCKS)

    def listed(self, marks: Marks, low: int, high: int) -> str:
        """The seqs from one to another that have the marks, as JSON."""
        chunks = self.chunks(marks, low, high, newest_first=False)
        return f"[{','.join(str(seq) for chunk in chunks for seq in chunk.seqs(newest_first=False))}]"

    def _bits(self, marks: Marks, start: int, count: int) -> int:
        match marks:
            case Words(ids):
                return self._of_words(ids, start, count) if len(ids) > _FEW else self._of_each(ids, start, count)
            case Except(other):
                return self._of_word(ALL, start, count) & ~self._bits(other, start, count)
            case During(column, first_us, last_us):
                return self._during(column, first_us, last_us, start, count)
            case Both(one, other):
                bits = self._bits(one, start, count)
                return bits & self._bits(other, start, count) if bits else 0
            case Either(one, other):
                return self._bits(one, start, count) | self._bits(other, start, count)

    def _during(self, column: str, first_us: int, last_us: int, start: int, count: int) -> int:
        stored = bytearray(count * _BYTES)
        query = (
            f"SELECT block FROM facets.blocks WHERE block BETWEEN ? AND ?"  # noqa: S608 - one of two names
            f" AND {column}_last >= ? AND {column}_first <= ?"
        )
        for (block,) in self._connection.execute(query, (start, start + count - 1, first_us, last_us)):
            at = (block - start) * _BYTES
            stored[at : at + _BYTES] = _WHOLE
        return int.from_bytes(stored, "little") & self._of_word(ALL, start, count)

    def _of_each(self, words: Sequence[int], start: int, count: int) -> int:
        bits = 0
        for word in words:
            bits |= self._of_word(word, start, count)
        return bits

    def _of_words(self, words: Sequence[int], start: int, count: int) -> int:
        """Many words, most of which few events have, in one statement."""
        stored = bytearray(count * _BYTES)
        query = (
            "SELECT m.block, m.places FROM json_each(?) w CROSS JOIN facets.marks m"
            " ON m.word = w.value AND m.block BETWEEN ? AND ?"
        )
        params = (f"[{','.join(map(str, words))}]", start, start + count - 1)
        for block, some in self._connection.execute(query, params):
            at = (block - start) * _BYTES
            before = int.from_bytes(stored[at : at + _BYTES], "little")
            stored[at : at + _BYTES] = (before | unpacked(some)).to_bytes(_BYTES, "little")
        return int.from_bytes(stored, "little")

    def _of_word(self, word: int, start: int, count: int) -> int:
        stored = bytearray(count * _BYTES)
        query = "SELECT block, places FROM facets.marks WHERE word = ? AND block BETWEEN ? AND ?"
        for block, some in self._connection.execute(query, (word, start, start + count - 1)):
            at = (block - start) * _BYTES
            stored[at : at + _BYTES] = some if len(some) == _BYTES else unpacked(some).to_bytes(_BYTES, "little")
        if word == UNCLEAR:
            for seq in self._changed:
                place = seq - start * BLOCK
                if 0 <= place < count * BLOCK:
                    stored[place // 8] |= 1 << place % 8
        return int.from_bytes(stored, "little")


class Chunk:
    """Events of some blocks as the bits of a number, which begins with the seq `first`.

    `low` and `high` are the seqs that were asked about, both included.
    """

    def __init__(self, bits: int, first: int, blocks: int, low: int, high: int) -> None:
        self.bits = bits
        self.first = first
        self.blocks = blocks
        self.low = low
        self.high = high

    @classmethod
    def between(cls, bits: int, start: int, blocks: int, low: int, high: int) -> Chunk:
        """Only seqs from one to another, both included."""
        first = start * BLOCK
        if low > first:
            bits = bits >> (low - first) << (low - first)
        if high < first + blocks * BLOCK - 1:
            bits &= (1 << (high - first + 1)) - 1
        return cls(bits, first, blocks, max(low, first), min(high, first + blocks * BLOCK - 1))

    def seqs(self, *, newest_first: bool) -> Iterator[int]:
        return (self.first + place for place in places(self.bits, self.blocks, newest_first=newest_first))
