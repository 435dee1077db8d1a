"""Facts laid out: names at the left, values wrapped beside them, tables in columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any, NamedTuple

from rich.cells import cell_len

from tui.model.find import Hits, Needle, Piece, narrow
from tui.model.items import SAME, Cell, Change, Code, Fact, Heading, Item, Ladder, Note, Place, Row, Table, Title
from tui.widgets.cells import fit, wrap
from tui.widgets.json_ink import json_spans
from tui.widgets.lines import Copy, Lines, Spans
from tui.widgets.look import Look, look_of

VALUE_LIMIT = 20_000
CELL_LIMIT = 400
MIN_NAME = 9
MAX_NAME = 24
MIN_LAST = 12
"""Cells that the last column of a table has at least."""

_KINDS = {str: "string", bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}


class _Line(NamedTuple):
    """A line, what `y` takes of it, what it is a line of, and where the value stands in the body."""

    spans: Spans
    copy: Copy | None = None
    anchor: object = None
    path: Place | None = None
    value: Any = None


class FactsView(Lines):
    """Facts of an event, or any others, in lines as wide as the view."""

    def __init__(self, id: str, *, ground: str = "ground") -> None:  # noqa: A002 - the word of Textual
        super().__init__(id)
        self.GROUND = ground
        self._items: list[Item] = []
        self._lines: list[_Line] = []
        self._for: tuple[object, ...] | None = None
        self._hits = Hits()

    def show(self, items: Iterable[Item], *, keep: bool = False) -> None:
        """Show other facts; `keep` leaves the cursor on the fact it is on, and that where it is on screen."""
        held = self._held() if keep else None
        self._items = list(items)
        self._for = None
        if held is not None:
            self._hold(*held)
        self.renew(keep=keep)

    def _held(self) -> tuple[object, int] | None:
        """Give what the cursor is on, and how far from the top of the view."""
        if self._for is None or self.cursor >= len(self._lines):
            return None
        return self._lines[self.cursor].anchor, self.cursor - round(self.scroll_y)

    def _hold(self, anchor: object, from_top: int) -> None:
        """Put the cursor on the same fact again, where lines came or went above it."""
        lines = self._laid_out()
        if anchor is None or (self.cursor < len(lines) and lines[self.cursor].anchor == anchor):
            return
        for index, line in enumerate(lines):
            if line.anchor == anchor:
                self.cursor = index
                self.set_reactive(FactsView.scroll_y, float(max(index - from_top, 0)))
                return

    def _laid_out(self) -> list[_Line]:
        look = look_of(self)
        key = (look, self.width, self.needle)
        if key != self._for:
            self._for = key
            self._lines, self._hits = narrowed(list(lay_out(self._items, self.width, look)), self.needle)
        return self._lines

    def find(self, needle: Needle) -> None:
        """Show only what has a needle, with the cursor on the fact it is on, or else on the first hit."""
        held = self._held()
        self.needle = needle
        self.renew(keep=False)
        if held is not None:
            self._hold(*held)
        if needle and self.hit_number() is None:
            self.cursor = self.hits.next(-1, 1) or 0
        self._to(self.cursor)

    @property
    def hits(self) -> Hits:
        """The lines that have what is looked for."""
        self._laid_out()
        return self._hits

    def count(self) -> int:
        """Count the lines."""
        return len(self._laid_out())

    def spans(self, index: int) -> Spans:
        """Give the texts of a line."""
        return self._laid_out()[index].spans

    def copied(self, index: int) -> Copy | None:
        """Give the value of the fact on a line."""
        return self._laid_out()[index].copy

    def path(self, index: int) -> Place | None:
        """Give where the value on a line stands, for the filter language."""
        return self._laid_out()[index].path

    def value(self, index: int) -> Any:
        """Give the value on a line as the body has it."""
        return self._laid_out()[index].value

    def said(self, index: int) -> str:
        """Say what the value on a line is."""
        line = self._laid_out()[index]
        return "" if line.path is None else _KINDS.get(type(line.value), "")


def narrowed(lines: list[_Line], needle: Needle) -> tuple[list[_Line], Hits]:
    """Choose the lines that have a needle, with what they belong to; all where nothing is looked for."""
    if not needle:
        return lines, Hits()
    kept, hits = narrow([_piece(line) for line in lines], needle)
    if not kept:
        return [_Line([(" No name and no value has it", "quiet")])], Hits()
    return [lines[index] for index in kept], Hits(hits)


def _piece(line: _Line) -> Piece:
    # Lines of one fact, and these alone, share what `y` takes.
    text = "".join(text for text, _ in line.spans)
    heading = bool(line.spans) and line.spans[0][1] == "ink strong"
    whole = line.copy.value[:VALUE_LIMIT] if line.copy is not None else ""
    return Piece(text, line.copy, heading, whole)


def lay_out(items: Iterable[Item], width: int, look: Look) -> Iterator[_Line]:
    """Lay out facts in lines of `width` cells, a margin of one cell at both sides included."""
    items = list(items)
    names = (cell_len(look.text(item.name, MAX_NAME)) for item in items if isinstance(item, Fact))
    name_width = max(MIN_NAME, min(max(names, default=0), MAX_NAME, width // 3))
    below = ""
    for item in items:
        below = item.text if isinstance(item, Heading) else below
        for number, line in enumerate(_lines(item, width, name_width, look)):
            yield line._replace(anchor=(below, number, line.anchor)) if line.anchor is not None else line


def _lines(item: Item, width: int, name_width: int, look: Look) -> Iterator[_Line]:
    match item:
        case None:
            yield _Line(())
        case Title():
            yield from _title(item, width, look)
        case Heading():
            yield from _heading(item, width, look)
        case Fact():
            yield from _fact(item, width, name_width, look)
        case Note():
            yield from _note(item, width, look)
        case Code():
            copy = None if item.copy is None else Copy(item.copy, "text")
            yield _Line([(" ", "ink"), *json_spans(item.text, look)], copy, item.text)
        case Ladder():
            yield from _ladder(item, look)
        case Table():
            yield from _table(item, width, look)
        case Change():
            yield from _change(item, width, look)


def _title(item: Title, width: int, look: Look) -> Iterator[_Line]:
    mark, glyph = look.mark(item.type)
    copy = Copy(item.type, "type")
    spans = [(f" {glyph} ", mark.ink), (look.text(item.type, 256), f"{mark.ink} strong")]
    yield _Line(spans, copy, "type", "type", item.type)
    for part in wrap(look.text(item.reading, VALUE_LIMIT), width - 4):
        yield _Line([(f"   {part}", "ink")], Copy(item.reading, "reading"), "reading")


def _heading(item: Heading, width: int, look: Look) -> Iterator[_Line]:
    title = look.text(item.text, 200)
    note = look.text(item.note, 200)
    if note and cell_len(title) + cell_len(note) + 4 <= width:
        yield _Line([(f" {title}", "ink strong"), (f"  {note}", "quiet")], anchor="")
    else:
        yield _Line([(f" {title}", "ink strong")], anchor="")


def _note(item: Note, width: int, look: Look) -> Iterator[_Line]:
    text = look.text(item.text, VALUE_LIMIT)
    margin = " " * (1 + len(text) - len(text.lstrip(" ")))
    copy = None if item.copy is None else Copy(item.copy, "text")
    for part in wrap(text.lstrip(" "), width - 1 - len(margin)):
        yield _Line([(f"{margin}{part}", item.ink)], copy, item.text)


def _fact(item: Fact, width: int, name_width: int, look: Look) -> Iterator[_Line]:
    name = fit(look.text(item.name, MAX_NAME * 2), name_width, look.ellipsis)
    copy = Copy(item.value if item.copy is None else item.copy, item.name)
    room = max(width - name_width - 4, 8)
    parts = list(_value_lines(item.value, room, look)) or [""]
    note = look.text(item.note, CELL_LIMIT)
    spans = [[(part, item.ink)] for part in parts]
    if note and cell_len(parts[-1]) + 2 + cell_len(note) <= room:
        spans[-1].append((f"  {note}" if parts[-1] else note, "quiet"))
    elif note:
        spans.extend([(part, "quiet")] for part in wrap(note, room))
    raw = item.value if item.raw is SAME else item.raw
    for index, rest in enumerate(spans):
        head = name if index == 0 else " " * name_width
        yield _Line([(f" {head}  ", "quiet"), *rest], copy, item.name, item.path, raw)


def _value_lines(value: str, room: int, look: Look) -> Iterator[str]:
    """Wrap a value, each of its own lines by itself."""
    shown = value[:VALUE_LIMIT]
    for line in shown.splitlines() or [""]:
        yield from wrap(look.text(line), room)
    if len(value) > VALUE_LIMIT:
        yield look.own(f"… {len(value) - VALUE_LIMIT:,} more characters; y copies them all")


def _ladder(item: Ladder, look: Look) -> Iterator[_Line]:
    step = "===" if look.ascii_only else "■■■"
    rest = "..." if look.ascii_only else "···"
    done = " ".join([step] * item.attempt)
    left = " ".join([rest] * (item.of - item.attempt))
    yield _Line([(f" {done} ", "event-attempted"), (left, "quiet")], anchor="ladder")
    numbers = " ".join(f"{number:<3}" for number in range(1, item.of + 1))
    yield _Line([(f" {numbers}", "quiet")], anchor="ladder")


# Tables


def _table(table: Table, width: int, look: Look) -> Iterator[_Line]:
    texts = [[look.text(cell.text, CELL_LIMIT) for cell in row.cells] for row in table.rows]
    head = [look.own(word) for word in table.head]
    marked = any(row.type for row in table.rows)
    room = width - (5 if marked else 3)
    widths = _widths([*texts, head] if head else texts, room)
    if head:
        margin = "     " if marked else "   "
        cells = "  ".join(fit(word, cells, look.ellipsis) for word, cells in zip(head, widths, strict=False))
        yield _Line([(margin + cells, "quiet")], anchor="head")
    for row, cells_of_row in zip(table.rows, texts, strict=True):
        yield _row(row, cells_of_row, widths, look, marked=marked)


def _widths(rows: list[list[str]], room: int) -> list[int]:
    """Give each column what its longest text needs; where that is too much, the last gets what is left."""
    columns = zip_longest(*rows, fillvalue="")
    wanted = [max(map(cell_len, column)) for column in columns]
    if not wanted:
        return []
    *others, last = wanted
    spare = room - 2 * len(others) - min(last, MIN_LAST)
    while others and sum(others) > max(spare, 4 * len(others)):
        widest = max(range(len(others)), key=others.__getitem__)
        if others[widest] <= 4:
            break
        others[widest] -= 1
    return [*others, max(min(last, room - sum(others) - 2 * len(others)), 1)]


def _row(row: Row, texts: list[str], widths: list[int], look: Look, *, marked: bool) -> _Line:
    pointer = (">" if look.ascii_only else "▸") if row.here else " "
    spans: list[tuple[str, str]] = [(f" {pointer} ", "focus")]
    if marked:
        mark, glyph = look.mark(row.type) if row.type else (None, " ")
        spans.append((f"{glyph} ", mark.ink if mark is not None else "quiet"))
    cells: list[Cell] = list(row.cells)
    for at, (cell, text, cells_wide) in enumerate(zip(cells, texts, widths, strict=False)):
        gap = "  " if at else ""
        spans.append((gap + fit(text, cells_wide, look.ellipsis), cell.ink))
    copy = Copy(row.copy, row.name) if row.copy else None
    raw = row.copy if row.raw is SAME else row.raw
    return _Line(spans, copy, (row.type, row.copy, *texts), row.path, raw)


# Changes


def _change(item: Change, width: int, look: Look) -> Iterator[_Line]:
    """Show a change in one line where both values are short, else each value below the path."""
    label = look.text(item.label, CELL_LIMIT)
    note = look.text(item.note, CELL_LIMIT)
    before, after = _side(item.before, look), _side(item.after, look)
    short = _in_one_line(label, before, after, look)
    if short and not note and sum(cell_len(text) for text, _ in short) <= width - 2:
        yield _Line(short, Copy(item.copy_after, "value after"), (item.label, "path"))
        return
    beside = bool(note) and cell_len(label) + cell_len(note) + 4 <= width
    for part in wrap(label, width - 2):
        more: Spans = [(f"  {note}", "quiet")] if beside else []
        yield _Line([(f" {part}", "json-key"), *more], Copy(item.label, "path"), (item.label, "path"))
    if note and not beside:
        yield from (_Line([(f"   {part}", "quiet")]) for part in wrap(note, width - 4))
    apart = _apart(before, after)
    yield from _values(_Side("-", "bad", "value before", item.copy_before), item.label, before, apart, width)
    yield from _values(_Side("+", "good", "value after", item.copy_after), item.label, after, apart, width)


def _side(lines: tuple[str, ...] | None, look: Look) -> list[str] | None:
    return None if lines is None else [look.text(line, CELL_LIMIT * 4) for line in lines]


def _in_one_line(label: str, before: list[str] | None, after: list[str] | None, look: Look) -> Spans:
    """Give a change of one short value to another; nothing where there is no such."""
    if before is None or after is None or not len(before) == len(after) == 1:
        return []
    return [(f" {label}  ", "json-key"), (before[0], "bad"), (look.own(" → "), "quiet"), (after[0], "good")]


class _Side(NamedTuple):
    """One side of a change: its sign and ink, and what `y` takes."""

    sign: str
    ink: str
    name: str
    copied: str


def _apart(before: list[str] | None, after: list[str] | None) -> tuple[int, int] | None:
    """Count the characters that two single lines have in common at both ends, where there are some."""
    if before is None or after is None or not len(before) == len(after) == 1:
        return None
    one, other = before[0], after[0]
    most = min(len(one), len(other))
    start = next((at for at in range(most) if one[at] != other[at]), most)
    end = next((at for at in range(most - start) if one[-1 - at] != other[-1 - at]), most - start)
    return (start, end) if start + end > 2 else None


def _values(
    side: _Side, label: str, lines: list[str] | None, apart: tuple[int, int] | None, width: int
) -> Iterator[_Line]:
    for number, line in enumerate(lines or ()):
        indent = len(line) - len(line.lstrip(" "))
        parts = list(wrap(line.lstrip(" "), width - 6 - indent))
        for at, part in enumerate(parts or [""]):
            head = side.sign if not number and not at else " "
            spans = [(f"   {head} {' ' * indent}", side.ink)]
            spans += _stressed(part, apart, side.ink) if apart and len(parts) == 1 else [(part, side.ink)]
            yield _Line(spans, Copy(side.copied, side.name), (label, side.sign, number, at))


def _stressed(text: str, apart: tuple[int, int], ink: str) -> list[tuple[str, str]]:
    """Stress what two lines do not have in common."""
    start, end = apart[0], len(text) - apart[1]
    return [(text[:start], "quiet"), (text[start:end], f"{ink} strong"), (text[end:], "quiet")]
