"""Which lines of a body are seen: what is folded, as rows from the first to the last.

The rows are one array of line numbers. To fold takes a run of them out and keeps it, to unfold puts it back, so
that either is a copy of memory whatever the number of lines, and what was folded within stays so.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right

from tui.model.bodytree import BodyTree


class Folds:
    """The rows of a tree. They may be a choice of its lines, as long as a container comes before what is in it."""

    def __init__(self, tree: BodyTree, lines: array[int]) -> None:
        self.tree = tree
        self.lines = lines
        """The line of each row."""
        self._folded: dict[int, array[int]] = {}

    def __len__(self) -> int:
        return len(self.lines)

    def row(self, line: int) -> int:
        """Give the row of a line; of one that is not seen the row before it, which is what it is folded in."""
        return max(bisect_right(self.lines, line) - 1, 0)

    def is_open(self, row: int) -> bool:
        """Lines of this container are seen."""
        return row + 1 < len(self.lines) and self.lines[row + 1] <= self.tree.lasts[self.lines[row]]

    def can_open(self, row: int) -> bool:
        """This container has lines, and none of them is seen."""
        return self.tree.folds(self.lines[row]) and not self.is_open(row)

    def fold(self, row: int) -> None:
        """Fold the container on a row; anything else stays as it is."""
        if not self.is_open(row):
            return
        line = self.lines[row]
        end = bisect_right(self.lines, self.tree.lasts[line])
        self._folded[line] = self.lines[row + 1 : end]
        del self.lines[row + 1 : end]

    def unfold(self, row: int) -> None:
        """Unfold the container on a row as it was, or else show what is right below it."""
        if not self.can_open(row):
            return
        line = self.lines[row]
        inner = self._folded.pop(line, None)
        self.lines[row + 1 : row + 1] = inner if inner is not None else self.tree.children(line)

    def reveal(self, line: int) -> int:
        """Unfold what a line is folded in, and give its row."""
        containers = []
        inner = line
        while self.tree.levels[inner]:
            inner = self.tree.parents[inner]
            containers.append(inner)
        for container in reversed(containers):
            row = self.row(container)
            if self.lines[row] == container:
                self.unfold(row)
        return self.row(line)
