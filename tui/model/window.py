"""The summaries that the screen holds: a bounded run of the log, ordered by seq, each seq once."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from relay.contract.events import EventSummary
from tui.model.source import Row

CAPACITY = 20_000
"""Rows that a window holds; a summary takes about 2 kB."""


class Window:
    """Rows in order of their seq, at most `capacity` of them.

    What is given twice is held once, whatever the order it comes in. The caller says from which end rows go when
    there are too many, since only it knows where the viewer is.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.capacity = capacity
        self._rows: list[Row] = []
        self._seqs: list[int] = []

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Row:
        return self._rows[index]

    @property
    def rows(self) -> Sequence[Row]:
        """The rows, oldest first."""
        return self._rows

    @property
    def first_seq(self) -> int | None:
        """Seq of the oldest row."""
        return self._seqs[0] if self._seqs else None

    @property
    def last_seq(self) -> int | None:
        """Seq of the newest row."""
        return self._seqs[-1] if self._seqs else None

    @property
    def room(self) -> int:
        """Rows that fit before one has to go."""
        return self.capacity - len(self._rows)

    def index_of(self, seq: int) -> int | None:
        """Give the place of the row with this seq."""
        index = bisect_left(self._seqs, seq)
        return index if index < len(self._seqs) and self._seqs[index] == seq else None

    def nearest(self, seq: int) -> int:
        """Give the place of the row with this seq, else of the next one, else of the last; 0 when empty."""
        return min(bisect_left(self._seqs, seq), max(len(self._seqs) - 1, 0))

    def count_above(self, seq: int) -> int:
        """Count the rows newer than this seq."""
        return len(self._seqs) - bisect_right(self._seqs, seq)

    def add(self, rows: Sequence[Row]) -> None:
        """Take in rows that ascend by seq, wherever they belong."""
        if not rows:
            return
        seqs = [row.seq for row in rows]
        if not self._seqs or seqs[0] > self._seqs[-1]:
            self._rows.extend(rows)
            self._seqs.extend(seqs)
        elif seqs[-1] < self._seqs[0]:
            self._rows[:0] = rows
            self._seqs[:0] = seqs
        else:
            self._merge(rows)

    def _merge(self, rows: Sequence[Row]) -> None:
        for row in rows:
            index = bisect_left(self._seqs, row.seq)
            if index < len(self._seqs) and self._seqs[index] == row.seq:
                self._rows[index] = row
            else:
                self._rows.insert(index, row)
                self._seqs.insert(index, row.seq)

    def replace(self, changed: Iterable[EventSummary]) -> int:
        """Put newer facts in the place of the old ones, where those are held; gives how many were."""
        count = 0
        for summary in changed:
            index = self.index_of(summary.seq)
            if index is not None:
                self._rows[index] = summary
                count += 1
        return count

    def remove(self, seqs: Iterable[int]) -> int:
        """Let rows go, wherever they are; gives how many went."""
        count = 0
        for seq in seqs:
            index = self.index_of(seq)
            if index is not None:
                del self._rows[index], self._seqs[index]
                count += 1
        return count

    def drop_oldest(self) -> int:
        """Let the oldest rows go until the rest fits; gives how many went."""
        count = max(-self.room, 0)
        del self._rows[:count]
        del self._seqs[:count]
        return count

    def drop_newest(self) -> int:
        """Let the newest rows go until the rest fits; gives how many went."""
        count = max(-self.room, 0)
        if count:
            del self._rows[-count:]
            del self._seqs[-count:]
        return count

    def clear(self) -> None:
        """Let everything go."""
        self._rows.clear()
        self._seqs.clear()
