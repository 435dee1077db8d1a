"""Lines to read, with a cursor: the base of what the detail and the help show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.keys import bindings
from tui.model.find import Hits, Needle
from tui.model.items import Place
from tui.model.matched import apart, figures, matched
from tui.widgets.look import Look, look_of
from tui.widgets.pieces import MATCHED, styled

Spans: TypeAlias = Sequence[tuple[str, str]]
"""Texts with their inks, safe to paint; `strong` after an ink makes it bold."""


class Copy(NamedTuple):
    """What `y` takes on a line, and what that is called."""

    value: str
    name: str


class Finder(Protocol):
    """Whoever has the field in which what is looked for is typed."""

    def edit_find(self) -> None:
        """Type what is looked for."""

    def step_hit(self, step: int) -> None:
        """Go to the next hit, or to the one before."""


class Lines(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines that are painted when they come in sight. Subclasses say how many there are and what is in them."""

    class Moved(Message):
        """The cursor is on another line, or the line is another one."""

        def can_replace(self, message: Message) -> bool:
            """Many in a row are as good as one."""
            return isinstance(message, Lines.Moved)

    BINDINGS = bindings("detail")
    GROUND = "ground"

    def __init__(self, id: str) -> None:  # noqa: A002 - the word of Textual
        super().__init__(id=id)
        self.cursor = 0
        self.shift = 0
        self.needle = Needle("")
        """What is looked for: only lines that have it are shown, with what they belong to."""
        self.finder: Finder | None = None
        self.filter = ""
        """The filter whose texts and numbers are underlined."""

    def count(self) -> int:
        """Count the lines."""
        raise NotImplementedError

    def spans(self, index: int) -> Spans:
        """Give the texts of a line."""
        raise NotImplementedError

    def copied(self, index: int) -> Copy | None:
        """Give what `y` takes on a line."""
        raise NotImplementedError

    def path(self, index: int) -> Place | None:  # noqa: ARG002 - for subclasses that know
        """Give where the value on a line stands, for the filter language; None where no value stands there."""
        return None

    def value(self, index: int) -> Any:  # noqa: ARG002 - as above
        """Give the value on a line as the body has it."""
        return None

    def said(self, index: int) -> str:  # noqa: ARG002 - as above
        """Say in few words what the value on a line is."""
        return ""

    def longest(self) -> int:
        """Count the cells of the longest line; at least the width where nothing is to be moved sideways."""
        return self.width

    @property
    def width(self) -> int:
        """Cells of a line, those of the scrollbar left out."""
        return self.scrollable_content_region.width

    @property
    def under_cursor(self) -> Copy | None:
        """What `y` takes now."""
        return self.copied(self.cursor) if self.cursor < self.count() else None

    # Looking for something

    def find(self, needle: Needle) -> None:
        """Show only the lines that have a needle; one that is empty shows all again."""
        self.needle = needle
        self.renew(keep=False)

    @property
    def hits(self) -> Hits:
        """The lines that have the needle."""
        return Hits()

    @property
    def progress(self) -> float | None:
        """How far a search is that takes a while, from 0 to 1; None where there is none."""
        return None

    def step_hit(self, step: int) -> None:
        """Go to the next hit, or to the one before."""
        index = self.hits.next(self.cursor, step)
        if index is not None:
            self._to(index)

    def hit_number(self) -> int | None:
        """Give the number of the hit that the cursor is on."""
        return self.hits.number(self.cursor)

    # Painting

    def underline(self, filter_text: str) -> None:
        """Underline what a filter asks for."""
        if filter_text != self.filter:
            self.filter = filter_text
            self.refresh()

    @property
    def cropped(self) -> int:
        """Count the cells at the left of `spans` that are not seen."""
        return self.shift

    def renew(self, *, keep: bool) -> None:
        """Show other lines; `keep` leaves the cursor and the scroll where they are as far as there are lines."""
        if not keep:
            self.cursor = 0
            self.shift = 0
        self.stretch(Size(self.width, self.count()))
        self.cursor = max(0, min(self.cursor, self.count() - 1))
        target = min(self.scroll_y, self.max_scroll_y) if keep else 0
        self.scroll_to(y=target, animate=False, immediate=True)
        self.refresh()
        self.post_message(self.Moved())

    def stretch(self, size: Size) -> None:
        """Take another virtual size."""
        self.virtual_size = size

    def render_line(self, y: int) -> Strip:
        """Paint one line in sight."""
        look = look_of(self)
        index = round(self.scroll_y) + y
        width = self.width
        if index >= self.count():
            return Strip.blank(width, look.style("ink", self.GROUND))
        ground = self._cursor_ground if index == self.cursor else self.GROUND
        blank = look.style("ink", ground)
        strip = Strip(self._segments(index, ground, look))
        if self.cropped:
            strip = strip.crop(self.cropped, None)
        return strip.crop(0, width).adjust_cell_length(width, blank)

    @property
    def _cursor_ground(self) -> str:
        if self.has_focus:
            return "row-cursor"
        # The field has the focus while one types, and the cursor is on the hit that is counted.
        return "row-cursor-blurred" if self.needle else self.GROUND

    def _segments(self, index: int, ground: str, look: Look) -> Iterator[Segment]:
        """Give a line in its styles, marks wherever they belong, across spans too."""
        spans = self.spans(index)
        text = "".join(text for text, _ in spans)
        plainly = (Segment(text, _style(ink, ground, look)) for text, ink in spans)
        underlined = styled(plainly, self._asked_for(index, text), lambda style: style + MATCHED)
        found = list(self.needle.spans(text)) if self.needle else ()
        return styled(underlined, found, lambda _: _marked(look))

    def _asked_for(self, index: int, text: str) -> Sequence[tuple[int, int]]:
        """Give where a line has what the filter asks for."""
        if not self.filter:
            return ()
        texts = (span for needle in matched(self.filter) for span in needle.spans(text))
        numbers = figures(self.filter)
        place = self.path(index) if numbers else None
        keys = place if isinstance(place, tuple) else ()
        return apart((*texts, *(span for number in numbers for span in number.spans(text, keys))))

    def on_resize(self) -> None:
        """Lay out anew for another width, with the cursor in sight."""
        self.renew(keep=True)
        self._to(self.cursor)

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is, and do what a click does there."""
        index = round(self.scroll_y) + event.y
        if index < self.count():
            self._to(index)
            self.clicked(event.x, twice=event.chain % 2 == 0)

    def clicked(self, x: int, *, twice: bool) -> None:
        """Act on the line under the cursor that was clicked in column `x`; `twice` is a second click."""

    def _to(self, index: int) -> None:
        self.cursor = max(0, min(index, self.count() - 1))
        top, height = round(self.scroll_y), self.size.height
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True)
        self.refresh()
        self.post_message(self.Moved())

    def action_move(self, lines: int) -> None:
        """Move the cursor by lines."""
        self._to(self.cursor + lines)

    def action_page(self, pages: int) -> None:
        """Move the cursor by what is in sight, less a line to keep one's place."""
        self._to(self.cursor + pages * max(self.size.height - 1, 1))

    def action_edge(self, end: int) -> None:
        """Go to the first line or the last."""
        self._to(0 if end < 0 else self.count() - 1)

    @property
    def has_folds(self) -> bool:
        """There is something to fold or unfold."""
        return False

    def action_fold(self) -> None:
        """Fold or unfold what begins on the line; where nothing folds, one page down."""
        self.action_page(1)

    def action_levels(self, steps: int) -> None:
        """Unfold one level more or one less; nothing folds here."""

    def action_fold_all(self) -> None:
        """Fold everything; nothing folds here."""

    def action_unfold_all(self) -> None:
        """Unfold everything; nothing folds here."""

    def action_across(self, steps: int) -> None:
        """Move the view sideways by a few cells."""
        self.action_sideways(8 * steps)

    def action_far(self, widths: int) -> None:
        """Move the view sideways by what is in sight, less a few cells to keep one's place."""
        self.action_sideways(widths * max(self.width - 8, 1))

    def action_find(self) -> None:
        """Type what to look for."""
        if self.finder is not None:
            self.finder.edit_find()

    def action_hit(self, step: int) -> None:
        """Go to the next hit, or to the one before."""
        if self.finder is not None:
            self.finder.step_hit(step)

    def action_sideways(self, cells: int) -> None:
        """Move the view sideways, no further than the longest line."""
        shift = max(0, min(self.shift + cells, self.longest() - self.width))
        if shift != self.shift:
            self.shift = shift
            self.refresh()


def _style(ink: str, ground: str, look: Look) -> Style:
    name, _, weight = ink.partition(" ")
    return look.style(name, ground, bold=weight == "strong")


def _marked(look: Look) -> Style:
    # Underlined too, for who sees no colours.
    return look.style("alarm-ink", "alarm") + Style(underline=True)
