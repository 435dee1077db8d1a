"""The body of an event as a tree: folded, searched, and coloured line by line as it comes in sight."""

from __future__ import annotations

import asyncio
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any, TypeVar

from textual.geometry import Size

from tui.model.bodytree import ARRAY, CLOSE, STRING, BodyTree, Keys, build
from tui.model.find import Found, Hits, Needle, search
from tui.model.folds import Folds
from tui.model.slices import SLICE, Steps, Work
from tui.widgets.json_ink import INKS
from tui.widgets.lines import Copy, Lines, Spans
from tui.widgets.look import Look, look_of
from tui.work import begin

Result = TypeVar("Result")

FIRST_SLICE = 0.012
"""Seconds that work may take before the screen is painted again."""
TURNS = 12
"""Turns that the loop has between two slices of work."""
SHOW_AFTER = 0.1
"""Seconds after which it is said how far the work is."""
STEP = 2
MARGIN = 1
MARKER = 2
NAMES = 6
"""Children whose keys are shown of a folded object."""
KEY_LIMIT = 40
NOTHING = BodyTree()


class BodyView(Lines):
    """A tree of JSON, or lines of text. Rows are what is seen of its lines."""

    GROUND = "side"

    def __init__(self) -> None:
        super().__init__("body-view")
        self.body = NOTHING
        self._all = Folds(NOTHING, array("I"))
        """Rows without regard to what is looked for."""
        self._found: Folds | None = None
        self._hits = Hits()
        self._level: int | None = None
        """The level on which everything is folded, also in the next body; None unfolds all."""
        self._lean = 0
        """Cells by which the view is moved sideways so that the cursor's line begins in sight."""
        self._note = ""
        self._bytes: bytes | None = None
        self._sought = self.needle
        """What the rows were searched for."""
        self._place: Keys = ()
        """The path that the cursor was on in the body before."""
        self._work: Work[Any] | None = None
        self._then: Callable[[Any], None] | None = None

    # From a body to rows

    def read(self, body: bytes) -> None:
        """Show a body; the cursor stays on the same path, if this one has it."""
        if body is self._bytes:
            if self.needle is not self._sought:
                self.find(self.needle)
            return
        self._bytes = body
        self._keep_place()
        self._do(build(body), self._show)

    def _keep_place(self) -> None:
        line = self._line(self.cursor)
        if line is not None:
            self._place = self.body.path(line)

    def _show(self, tree: BodyTree) -> None:
        self.body, self._note = tree, ""
        self._found, self._hits = None, Hits()
        self._do(tree.to_level(tree.deepest if self._level is None else self._level), self._begin)

    def _begin(self, lines: array[int]) -> None:
        self._all = Folds(self.body, lines)
        self.renew(keep=False)
        line = self.body.find_path(self._place)
        if line:
            self.cursor = self.folds.row(line)
            self.scroll_to(y=max(self.cursor - self.size.height // 3, 0), animate=False, immediate=True)
            self._to(self.cursor)
        if self.needle:
            self.find(self.needle)

    def say(self, note: str) -> None:
        """Show a sentence in place of a body."""
        self._stop()
        self._keep_place()
        self._bytes = None
        self.body, self._note = NOTHING, note
        self._all, self._found, self._hits = Folds(NOTHING, array("I")), None, Hits()
        self.renew(keep=False)

    @property
    def folds(self) -> Folds:
        """The rows that are shown."""
        return self._found if self._found is not None else self._all

    # Work that may take a while

    def _do(self, steps: Steps[Result], then: Callable[[Result], None]) -> None:
        """Do at once what takes no longer than a moment, and the rest between what else there is to do."""
        self._stop()
        work = Work(steps)
        if work.run(FIRST_SLICE):
            then(work.result)
            return
        self._work, self._then = work, then
        begin(self, "work", self._go_on, work)

    def _stop(self) -> None:
        self._work = self._then = None

    async def _go_on(self, work: Work[Any]) -> None:
        said = perf_counter() + SHOW_AFTER - FIRST_SLICE
        while self._work is work:
            if work.run(SLICE):
                then = self._then
                self._stop()
                if then is not None:
                    then(work.result)
                return
            if perf_counter() >= said:
                said = perf_counter() + SHOW_AFTER
                self.refresh()
                self.post_message(self.Moved())
            # A key goes through several queues until it is painted: it takes a turn of the loop for each of them.
            for _ in range(TURNS):
                await asyncio.sleep(0)

    @property
    def progress(self) -> float | None:
        """How far the work is that takes a while."""
        return self._work.done if self._work is not None else None

    # Lines

    def stretch(self, size: Size) -> None:
        """Take another virtual size without laying out the screen: the scrollbar has its place in any case."""
        if self.virtual_size != size:
            self.set_reactive(BodyView.virtual_size, size)
            self._scroll_update(size)

    def count(self) -> int:
        """Count the rows."""
        return len(self.folds) or 1

    def spans(self, index: int) -> Spans:
        """Give the texts of a row, those left of what is in sight left out."""
        look = look_of(self)
        if not len(self.folds):
            if self._found is not None:
                return [(" No key and no value has it", "quiet")]
            done = f" {self._work.done:.0%}" if self._work is not None else ""
            return [(f" {look.text(self._note)}{done}", "quiet")]
        return list(self._in_sight(index, look))

    def _in_sight(self, row: int, look: Look) -> Iterator[tuple[str, str]]:
        # Only what is in sight is decoded to cells: a line may be a million characters long.
        line = self.folds.lines[row]
        left, room = self.moved, self.width
        for text, ink in self._pieces(row, line, look):
            if left >= len(text):
                left -= len(text)
                continue
            shown = text[left : left + room]
            yield look.text(shown), ink
            left, room = 0, room - len(shown)
            if room <= 0:
                return

    def _pieces(self, row: int, line: int, look: Look) -> Iterator[tuple[str, str]]:
        tree = self.body
        folded = self.folds.can_open(row)
        if not tree.is_json:
            yield " " * MARGIN, "quiet"
        else:
            yield " " * (MARGIN + STEP * tree.depth(line)), "quiet"
            yield self._marker(line, look, folded=folded), "focus" if folded else "quiet"
        if tree.kinds[line] == CLOSE or not folded:
            yield from ((token.text, INKS[token.kind]) for token in tree.tokens(line))
            return
        *before, opening = tree.tokens(line)
        yield from ((token.text, INKS[token.kind]) for token in before)
        yield opening.text, "quiet"
        yield f" {self._content(line)} ", "quiet"
        yield from ((token.text, INKS[token.kind]) for token in tree.tokens(tree.lasts[line]))

    def _marker(self, line: int, look: Look, *, folded: bool) -> str:
        if not self.body.folds(line):
            return " " * MARKER
        if look.ascii_only:
            return "+ " if folded else "- "
        return "▸ " if folded else "▾ "

    def _content(self, line: int) -> str:
        """Say how many children a container has, and of an object the first keys."""
        tree = self.body
        count = _children(tree, line)
        if tree.kinds[line] == ARRAY:
            return count
        names = [tree.key(child)[:KEY_LIMIT] for child in tree.children(line)[:NAMES] if tree.has_key(child)]
        more = ", …" if tree.count(line) > len(names) else ""
        return f"{count}: {', '.join(names)}{more}"

    def _length(self, row: int) -> int:
        """Count the characters of a row; more where some take two cells, so that the last one can be reached."""
        texts = [text for text, _ in self._pieces(row, self.folds.lines[row], look_of(self))]
        wide = 0 if all(text.isascii() for text in texts[2:]) else self.width // 2
        return sum(map(len, texts)) + wide

    # Sideways

    @property
    def cropped(self) -> int:
        """Nothing: `spans` begin where what is in sight does."""
        return 0

    @property
    def moved(self) -> int:
        """Characters that are left of what is in sight."""
        return self._lean + self.shift

    def longest(self) -> int:
        """Count the characters of the longest row in sight, from where the view leans to."""
        top = round(self.scroll_y)
        rows = range(top, min(top + self.size.height, len(self.folds)))
        return max((self._length(row) for row in rows), default=0) + 1 - self._lean

    def _lean_over(self) -> None:
        """Have the cursor's line begin in sight, however deep it is."""
        if not len(self.folds):
            self._lean = 0
            return
        start = MARGIN + STEP * self.body.depth(self.folds.lines[self.cursor]) if self.body.is_json else 0
        if start <= self.width // 2:
            self._lean = 0
        elif not self._lean + 2 <= start <= self._lean + self.width * 2 // 3:
            self._lean = start - self.width // 3

    def _to(self, index: int) -> None:
        super()._to(index)
        self._lean_over()

    def renew(self, *, keep: bool) -> None:
        """Show other rows."""
        super().renew(keep=keep)
        self._lean_over()

    # What is under the cursor

    def _line(self, index: int) -> int | None:
        return self.folds.lines[index] if index < len(self.folds) else None

    def copied(self, index: int) -> Copy | None:
        """Give the value that begins, stands or ends on a row."""
        line = self._line(index)
        if line is None:
            return None
        whole = self.body.whole(line)
        return Copy(self.body.copied(line), self.body.key(whole)[:100] if self.body.has_key(whole) else "value")

    def path(self, index: int) -> Keys | None:
        """Give the keys that lead to the value; None at the root, and in a text."""
        line = self._line(index)
        return (self.body.path(line) or None) if line is not None else None

    def value(self, index: int) -> Any:
        """Give the value as Python has it."""
        line = self._line(index)
        return self.body.value(line) if line is not None else None

    def said(self, index: int) -> str:
        """Say what the value is: how many children, or how long a string."""
        line = self._line(index)
        if line is None:
            return ""
        if not self.body.is_json:
            return f"line {line + 1:,} of {len(self.body):,}, not JSON"
        line = self.body.whole(line)
        if self.body.folds(line):
            return _children(self.body, line)
        if self.body.kinds[line] == STRING:
            size = self.body.length(line)
            return f"string, {size:,} bytes" if size > 1_000 else "string"
        return ""

    # Folding

    @property
    def has_folds(self) -> bool:
        """There is something to fold or unfold."""
        return self.body.is_json and self.body.deepest > 0

    def clicked(self, x: int, *, twice: bool) -> None:
        """Fold or unfold on a second click, or on any click at the mark before a container."""
        line = self._line(self.cursor)
        if line is not None:
            mark = MARGIN + STEP * self.body.depth(line) - self.moved
            if twice or (mark <= x < mark + MARKER and self.body.kinds[line] != CLOSE):
                self._toggle()

    def _toggle(self) -> bool:
        """Fold or unfold what begins or ends on the cursor's row; tells whether something does."""
        line = self._line(self.cursor)
        if line is None:
            return False
        whole = self.body.whole(line)
        if not self.body.folds(whole):
            return False
        row = self.folds.row(whole)
        if self.folds.is_open(row):
            self.folds.fold(row)
        else:
            self.folds.unfold(row)
        self._refit(row)
        return True

    def _refit(self, row: int) -> None:
        """Fit the view to its rows, with the cursor on one of them."""
        self.cursor = row
        super().renew(keep=True)
        self._to(row)

    def action_fold(self) -> None:
        """Fold or unfold; where nothing folds, one page down."""
        if not self._toggle():
            self.action_page(1)

    def action_across(self, steps: int) -> None:
        """To the right: unfold, go to the first child, or move sideways. To the left the same way back."""
        line = self._line(self.cursor)
        if line is None:
            return
        if steps < 0 and self.shift:
            self.action_sideways(8 * steps)
        elif steps < 0:
            self._out(line)
        elif self.folds.can_open(self.cursor):
            self._toggle()
        elif self.body.folds(line):
            self._to(self.cursor + 1)
        elif self._length(self.cursor) > self.moved + self.width:
            self.action_sideways(8 * steps)

    def _out(self, line: int) -> None:
        """Fold what is open, else go to what the line is in."""
        if self.folds.is_open(self.cursor) or self.body.kinds[line] == CLOSE:
            self._toggle()
        elif self.body.levels[line]:
            self._to(self.folds.row(self.body.parents[line]))

    def action_levels(self, steps: int) -> None:
        """Unfold one level more or one less; less than the first is all folded."""
        if not len(self._all):
            return
        level = self.body.deepest if self._level is None else min(self._level, self.body.deepest)
        level = max(min(level + steps, self.body.deepest), 1)
        self._to_level(None if level == self.body.deepest and steps > 0 else level)

    def action_fold_all(self) -> None:
        """Fold all but the root."""
        if len(self._all):
            self._to_level(1)

    def action_unfold_all(self) -> None:
        """Unfold everything."""
        if len(self._all):
            self._to_level(None)

    def _to_level(self, level: int | None) -> None:
        if self._found is not None:
            return
        self._level = level
        line = self.folds.lines[self.cursor]
        lines = self.body.to_level(self.body.deepest if level is None else level)
        self._do(lines, lambda lines: self._leveled(lines, line))

    def _leveled(self, lines: array[int], line: int) -> None:
        """Take other rows, with the cursor on the same line or on what it is folded in, where it was on screen."""
        above = self.cursor - round(self.scroll_y)
        self._all = Folds(self.body, lines)
        self.cursor = self._all.row(line)
        super().renew(keep=True)
        self.scroll_to(y=max(self.cursor - above, 0), animate=False, immediate=True)
        self._to(self.cursor)

    # Looking for something

    def find(self, needle: Needle) -> None:
        """Show only what has a needle, with what it is in; an empty one shows all again."""
        self.needle = self._sought = needle
        if not len(self._all):
            return
        if needle:
            self._do(search(self.body, needle), self._show_found)
            return
        self._stop()
        line = self.folds.lines[self.cursor] if len(self.folds) else 0
        self._found, self._hits = None, Hits()
        self._refit(self._all.reveal(line))

    def _show_found(self, found: Found) -> None:
        line = self.folds.lines[self.cursor] if len(self.folds) else 0
        self._found, self._hits = Folds(self.body, found.rows), Hits(found.hits)
        at = bisect_left(found.hits, line)
        nearest = found.hits[min(at, len(found.hits) - 1)] if found.hits else 0
        self._refit(self._found.row(nearest))

    @property
    def hits(self) -> Hits:
        """The lines of the tree that have the needle."""
        return self._hits

    def hit_number(self) -> int | None:
        """Give the number of the hit that the cursor is on."""
        line = self._line(self.cursor)
        return self._hits.number(line) if line is not None else None

    def step_hit(self, step: int) -> None:
        """Go to the next hit, or to the one before, unfolding what it is in."""
        line = self._line(self.cursor)
        hit = self._hits.next(line, step) if line is not None else None
        if hit is not None:
            self._refit(self.folds.reveal(hit))


def _children(tree: BodyTree, line: int) -> str:
    count = tree.count(line)
    noun = "item" if tree.kinds[line] == ARRAY else "key"
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
