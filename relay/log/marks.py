"""Which events of a block have a word: sets of seqs as bits, and the expressions over words that a filter becomes.

A block is `BLOCK` seqs in a row. Whole numbers of Python serve as sets: joining two of many blocks takes
microseconds.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

BLOCK = 1_024
"""Seqs in a block."""
_BYTES = BLOCK // 8
_ONE = ord("1")

ALL = 0
"""The word of every event."""
UNCLEAR = 1
"""The word of events of which the index can't tell the values."""
RESERVED = 64
"""Words below are not of any value: these two, and for each name one that every event has which has the name."""


def packed(offsets: Sequence[int]) -> bytes:
    """The places in a block, ascending, as they are stored: two bytes each, or a bit for every place."""
    if 2 * len(offsets) < _BYTES:
        return struct.pack(f"<{len(offsets)}H", *offsets)
    digits = bytearray(b"0" * BLOCK)
    for offset in offsets:
        digits[-1 - offset] = _ONE
    return int(digits, 2).to_bytes(_BYTES, "little")


def unpacked(stored: bytes) -> int:
    """What was stored as a set: bit N stands for the N-th place."""
    if len(stored) == _BYTES:
        return int.from_bytes(stored, "little")
    return sum(1 << offset for offset in struct.unpack(f"<{len(stored) // 2}H", stored))


def places(bits: int, count: int, *, newest_first: bool) -> Iterator[int]:
    """The numbers of the bits that are set, of `count` blocks."""
    stored = bits.to_bytes(count * _BYTES, "little")
    blocks = range(count - 1, -1, -1) if newest_first else range(count)
    for number in blocks:
        block = int.from_bytes(stored[number * _BYTES : (number + 1) * _BYTES], "little")
        first = number * BLOCK
        while block:
            place = (block if newest_first else block & -block).bit_length() - 1
            block ^= 1 << place
            yield first + place


@dataclass(frozen=True, slots=True)
class Words:
    """Events that have any of these words."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Except:
    """Events that are not in a set."""

    marks: Marks


@dataclass(frozen=True, slots=True)
class Both:
    """Events in two sets."""

    one: Marks
    other: Marks


@dataclass(frozen=True, slots=True)
class Either:
    """Events in one of two sets."""

    one: Marks
    other: Marks


@dataclass(frozen=True, slots=True)
class During:
    """Events of the blocks in which any was received, or created, between two moments, both included."""

    column: str
    first_us: int
    last_us: int


Marks: TypeAlias = Words | During | Except | Both | Either

EVERY = Words((ALL,))
NONE = Words(())


def both(one: Marks, other: Marks) -> Marks:
    if NONE in (one, other):
        return NONE
    if one == EVERY:
        return other
    return one if other in (EVERY, one) else Both(one, other)


def either(one: Marks, other: Marks) -> Marks:
    if EVERY in (one, other):
        return EVERY
    if one == NONE:
        return other
    return one if other in (NONE, one) else Either(one, other)


def negated(one: Marks) -> Marks:
    if one == EVERY:
        return NONE
    return EVERY if one == NONE else Except(one)
