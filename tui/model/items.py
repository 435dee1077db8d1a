"""What the detail says, in pieces to lay out: no widths, no colours, no widgets.

Texts in here are still foreign. Whoever lays them out passes each one through `plain()`, and copies them through
`copyable()`.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

Keys: TypeAlias = tuple[str | int, ...]
"""A path into the body from its root: names of keys, and numbers of elements."""

Place: TypeAlias = Keys | str
"""Where a value stands for the filter language: a path into the body, or a field spelled out (`recipient`)."""

SAME: Any = object()
"""The value to filter by is the text that is shown."""


class Title(NamedTuple):
    """The event's type in full, with its glyph, and its reading."""

    type: str
    reading: str


class Heading(NamedTuple):
    """The name of the facts below it."""

    text: str
    note: str = ""


class Fact(NamedTuple):
    """A name and a value.

    `ink` says what the value means; `note` follows it quietly; `copy` is what `y` takes. `path` is where the value
    stands, and `raw` what stands there when that is not the text that is shown.
    """

    name: str
    value: str
    ink: str = "ink"
    note: str = ""
    copy: str | None = None
    path: Place | None = None
    raw: Any = SAME


class Note(NamedTuple):
    """A sentence, or a line of a text; `copy` is what `y` takes."""

    text: str
    ink: str = "quiet"
    copy: str | None = None


class Code(NamedTuple):
    """One line of indented JSON; `copy` is what `y` takes."""

    text: str
    copy: str | None = None


class Ladder(NamedTuple):
    """The attempt that this is, of how many."""

    attempt: int
    of: int


class Cell(NamedTuple):
    """A text in a table."""

    text: str
    ink: str = "ink"


class Row(NamedTuple):
    """A line of a table. `type` gives it the glyph of an event type; `here` marks it as what is looked at."""

    cells: tuple[Cell, ...]
    type: str = ""
    here: bool = False
    copy: str = ""
    name: str = "line"
    path: Place | None = None
    raw: Any = SAME


class Table(NamedTuple):
    """Rows whose cells stand below each other; the last column takes the room that is left."""

    rows: tuple[Row, ...]
    head: tuple[str, ...] = ()


class Change(NamedTuple):
    """What differs at one path: the lines of the values, None where there is none, and what `y` takes of each."""

    label: str
    before: tuple[str, ...] | None
    after: tuple[str, ...] | None
    note: str = ""
    copy_before: str = ""
    copy_after: str = ""


Item: TypeAlias = Title | Heading | Fact | Note | Code | Ladder | Table | Change | None
"""None is an empty line."""
