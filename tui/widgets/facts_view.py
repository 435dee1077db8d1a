"""Facts laid out: names at the left, values wrapped beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rich.cells import cell_len

from tui.model.facts import Code, Fact, Heading, Item, Ladder, Note, Title
from tui.widgets.cells import fit, wrap
from tui.widgets.json_ink import json_spans
from tui.widgets.lines import Copy, Lines, Spans
from tui.widgets.look import Look, look_of

VALUE_LIMIT = 20_000
MIN_NAME = 9
MAX_NAME = 24


class _Line(NamedTuple):
    spans: Spans
    copy: Copy | None = None


class FactsView(Lines):
    """Facts of an event, or any others, in lines as wide as the view."""

    def __init__(self, id: str, *, ground: str = "ground") -> None:  # noqa: A002 - the word of Textual
        super().__init__(id)
        self.GROUND = ground
        self._items: list[Item] = []
        self._lines: list[_Line] = []
        self._for: tuple[object, int] | None = None

    def show(self, items: Iterable[Item], *, keep: bool = False) -> None:
        """Show other facts."""
        self._items = list(items)
        self._for = None
        self.renew(keep=keep)

    def _laid_out(self) -> list[_Line]:
        key = (look_of(self), self.width)
        if key != self._for:
            self._for = key
            self._lines = list(lay_out(self._items, self.width, key[0]))
        return self._lines

    def count(self) -> int:
        """Count the lines."""
        return len(self._laid_out())

    def spans(self, index: int) -> Spans:
        """Give the texts of a line."""
        return self._laid_out()[index].spans

    def copied(self, index: int) -> Copy | None:
        """Give the value of the fact on a line."""
        return self._laid_out()[index].copy


def lay_out(items: Iterable[Item], width: int, look: Look) -> Iterator[_Line]:
    """Lay out facts in lines of `width` cells, a margin of one cell at both sides included."""
    items = list(items)
    longest = max(
        (cell_len(look.text(item.name, MAX_NAME)) for item in items if isinstance(item, Fact)), default=0
    )
    name_width = max(MIN_NAME, min(longest, MAX_NAME, width // 3))
    for item in items:
        match item:
            case None:
                yield _Line(())
            case Title():
                yield from _title(item, width, look)
            case Heading():
                yield _Line([(f" {look.text(item.text, 200)}", "ink strong")])
            case Fact():
                yield from _fact(item, width, name_width, look)
            case Note():
                for part in wrap(look.text(item.text, VALUE_LIMIT), width - 2):
                    yield _Line([(f" {part}", item.ink)])
            case Code():
                yield _Line([(" ", "ink"), *json_spans(item.text, look)])
            case Ladder():
                yield from _ladder(item, look)


def _title(item: Title, width: int, look: Look) -> Iterator[_Line]:
    mark, glyph = look.mark(item.type)
    copy = Copy(item.type, "type")
    yield _Line([(f" {glyph} ", mark.ink), (look.text(item.type, 256), f"{mark.ink} strong")], copy)
    for part in wrap(look.text(item.reading, VALUE_LIMIT), width - 4):
        yield _Line([(f"   {part}", "ink")], Copy(item.reading, "reading"))


def _fact(item: Fact, width: int, name_width: int, look: Look) -> Iterator[_Line]:
    name = fit(look.text(item.name, MAX_NAME * 2), name_width, look.ellipsis)
    copy = Copy(item.value if item.copy is None else item.copy, item.name)
    room = max(width - name_width - 4, 8)
    parts = list(_value_lines(item.value, room, look)) or [""]
    note = look.text(item.note, 400)
    spans = [[(part, item.ink)] for part in parts]
    if note and cell_len(parts[-1]) + 2 + cell_len(note) <= room:
        spans[-1].append((f"  {note}", "quiet"))
    elif note:
        spans.extend([(part, "quiet")] for part in wrap(note, room))
    for index, rest in enumerate(spans):
        head = name if index == 0 else " " * name_width
        yield _Line([(f" {head}  ", "quiet"), *rest], copy)


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
    yield _Line([(f" {done} ", "event-attempted"), (left, "quiet")])
    numbers = " ".join(f"{number:<3}" for number in range(1, item.of + 1))
    yield _Line([(f" {numbers}", "quiet")])
