"""A sheet over a screen: it asks for what an action needs, says what will happen, and acts on Enter alone.

What is said stands below the fields and is renewed with every change of them, so that Enter never surprises.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeVar, cast

from rich.cells import cell_len
from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.message import Message
from textual.screen import ModalScreen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from tui.keys import BY_NAME, Pane, bindings, hints, keys_of
from tui.later import later
from tui.model.items import Item
from tui.widgets.bar import Bar, Part
from tui.widgets.cells import fit
from tui.widgets.facts_view import FactsView
from tui.widgets.look import look_of
from tui.widgets.text_field import TextField

if TYPE_CHECKING:
    from tui.app import KnocktopApp

T = TypeVar("T")

SETTLED_S = 0.05
"""Seconds after which it is said once more."""


class Option(NamedTuple):
    """A line to choose: the letter that picks it at once, its name, and what it stands for, foreign text."""

    letter: str
    name: str
    says: str = ""


class Choices(ScrollView, can_focus=True, inherit_bindings=False):
    """A few lines of which one is chosen."""

    class Moved(Message):
        """The cursor is on another line."""

    class Picked(Message):
        """A line was picked: by its letter, or by two clicks."""

    def __init__(self, options: Sequence[Option] = (), *, id: str | None = None) -> None:  # noqa: A002 - as above
        super().__init__(id=id)
        self.options = list(options)
        self.cursor = 0

    @property
    def chosen(self) -> Option | None:
        """The line under the cursor."""
        return self.options[self.cursor] if self.options else None

    def on_mount(self) -> None:
        """Be as high as there are lines."""
        self.offer(self.options)

    def offer(self, options: Sequence[Option]) -> None:
        """Offer other lines, with the cursor where it is as far as there are lines."""
        self.options = list(options)
        self.cursor = max(min(self.cursor, len(self.options) - 1), 0)
        self.styles.height = max(len(self.options), 1)
        self.virtual_size = Size(self.size.width, len(self.options))
        self.refresh()

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.virtual_size = Size(self.scrollable_content_region.width, len(self.options))
        self.move(0)

    def move(self, steps: int) -> None:
        """Move the cursor, around the ends too."""
        if self.options:
            self._to((self.cursor + steps) % len(self.options))

    def _to(self, index: int) -> None:
        moved = index != self.cursor
        self.cursor = index
        top, height = round(self.scroll_y), max(self.size.height, 1)
        target = min(max(top, index - height + 1), index)
        if target != top:
            self.scroll_to(y=target, animate=False, immediate=True)
        self.refresh()
        if moved:
            self.post_message(self.Moved())

    def take_letter(self, letter: str) -> bool:
        """Pick the line of a letter; tells whether there is one."""
        for index, option in enumerate(self.options):
            if letter and option.letter == letter:
                self._to(index)
                self.post_message(self.Picked())
                return True
        return False

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click picks."""
        index = round(self.scroll_y) + event.y
        if index < len(self.options):
            self._to(index)
            if event.chain >= 2:
                self.post_message(self.Picked())

    def render_line(self, y: int) -> Strip:
        """Paint a line."""
        look, width = look_of(self), self.scrollable_content_region.width
        index = round(self.scroll_y) + y
        if index >= len(self.options):
            return Strip.blank(width, look.style("ink", "raised"))
        option, selected = self.options[index], index == self.cursor
        ground = "row-cursor" if selected else "raised"
        names = max(cell_len(look.text(one.name, 40)) for one in self.options)
        segments = [
            Segment(look.own("▌") if selected else " ", look.style("focus", ground)),
            Segment(f" {option.letter or ' '}  ", look.style("focus", ground, bold=True)),
            Segment(fit(look.text(option.name, 40), names + 2), look.style("ink", ground, bold=selected)),
            Segment(look.text(option.says, 400), look.style("ink" if selected else "quiet", ground)),
        ]
        strip = Strip(segments)
        if strip.cell_length > width:
            strip = Strip([*strip.crop(0, width - 1), Segment(look.ellipsis[:1], look.style("quiet", ground))])
        return strip.crop(0, width).adjust_cell_length(width, look.style("ink", ground))


class Sheet(ModalScreen[T]):
    """Asks, says what will happen, and does it on Enter; the result is None where it was left.

    A subclass gives `title_text` and `verb`, its fields in `compose_fields`, what will happen in `says`, whether
    it can in `ready`, and does it in `confirm`. `busy` says what has to be waited for before Enter does anything.
    """

    CSS_PATH = str(Path(__file__).with_name("sheet.tcss"))
    AUTO_FOCUS = "SheetField, Choices"
    BINDINGS: ClassVar[list[BindingType]] = bindings("sheet")

    PANE: ClassVar[Pane] = "sheet"
    """The pane of its keys; those of every sheet are its own, too."""
    title_text = ""
    about = ""
    """What it is about, foreign text."""
    verb = "do it"

    def __init__(self) -> None:
        super().__init__()
        self.busy = ""
        self.insisted = False
        """Enter was pressed although nothing could be done."""
        self.facts = FactsView("sheet-facts", ground="raised")
        self.facts.can_focus = False
        self.top_line = _Top(self)
        self.keys = _Keys(self)

    @property
    def knocktop(self) -> KnocktopApp:
        """The app, by its own type."""
        return cast("KnocktopApp", self.app)

    # What a subclass gives

    def compose_fields(self) -> ComposeResult:
        """Place what is asked."""
        yield from ()

    def says(self) -> Iterable[Item]:
        """Say what will happen, or what is lacking."""
        return ()

    @property
    def ready(self) -> bool:
        """Enter can do it."""
        return True

    def confirm(self) -> None:
        """Do it."""
        raise NotImplementedError

    # What all of them do

    def compose(self) -> ComposeResult:
        """Place the title, the fields, what will happen, and the keys."""
        with Vertical(id="sheet"):
            yield self.top_line
            yield from self.compose_fields()
            yield self.facts
        yield self.keys

    def on_mount(self) -> None:
        """Say what will happen."""
        self.call_after_refresh(self.renew)
        # The palette, where it was opened from there, takes the first layout along when it goes.
        later(SETTLED_S, self, self.renew)

    def on_resize(self) -> None:
        """Lay out anew what is said."""
        self.call_after_refresh(self.renew)

    def renew(self) -> None:
        """Say anew what will happen."""
        self.facts.show(self.says(), keep=True)
        # A field that begins with a text has them said before there is a layout, which then asks for no other one.
        self.facts.refresh(layout=True)
        self.keys.refresh()

    @on(Choices.Moved)
    @on(Input.Changed)
    def _changed(self) -> None:
        self.insisted = False
        self.renew()

    @on(Choices.Picked)
    def action_confirm(self) -> None:
        """Do it, if it can be done."""
        if self.ready and not self.busy:
            self.confirm()
        else:
            self.insisted = True
            self.renew()

    def action_leave_sheet(self) -> None:
        """Do nothing, and go."""
        self.dismiss(None)

    def action_choose(self, steps: int) -> None:
        """Move the cursor of the choices, wherever the focus is."""
        for choices in self.query(Choices):
            choices.move(steps)

    def action_clear(self) -> None:
        """Clear the field."""
        if isinstance(self.focused, TextField):
            self.focused.action_clear()


class _Top(Bar):
    """What the sheet is for."""

    GROUND = "bar"

    def __init__(self, sheet: Sheet[T]) -> None:
        super().__init__(classes="sheet-line")
        self.sheet = sheet

    def left(self) -> list[Part]:
        """Give the title."""
        return [Part(0, [[(" " + look_of(self).own(self.sheet.title_text), "focus bold")]])]

    def right(self) -> list[Part]:
        """Give what it is about."""
        look = look_of(self)
        about = look.text(self.sheet.about, 200)
        room = max(self.size.width - cell_len(self.sheet.title_text) - 6, 1)
        return (
            [Part(1, [[(fit(about, min(cell_len(about), room), look.ellipsis) + " ", "quiet")]])] if about else []
        )


class _Keys(Bar):
    """What Enter does, how to leave, and the other keys, where those of the screen below stood."""

    def __init__(self, sheet: Sheet[T]) -> None:
        super().__init__(id="sheet-keys")
        self.sheet = sheet

    def left(self) -> list[Part]:
        """Give the keys, or what is waited for."""
        sheet = self.sheet
        changed = sheet.knocktop.options.keys
        do, leave = (keys_of(BY_NAME[name], changed)[0] for name in ("confirm", "leave_sheet"))
        if sheet.busy:
            waiting = look_of(self).text(sheet.busy, 60)
            return [Part(0, [[(f" {waiting}", "warn")]]), Part(1, [[(leave, "focus bold"), (" stop", "quiet")]])]
        able = sheet.ready
        parts = [
            Part(
                0,
                [
                    [
                        (f" {do}", "focus bold" if able else "quiet"),
                        (f" {sheet.verb}", "ink bold" if able else "quiet"),
                    ]
                ],
            ),
            Part(1, [[(leave, "focus bold"), (" leave", "quiet")]]),
        ]
        others = ((key, word) for key, word in self._hints(changed) if key not in (do, leave))
        return [
            *parts,
            *(Part(2 + at, [[(key, "focus"), (f" {word}", "quiet")]]) for at, (key, word) in enumerate(others)),
        ]

    def _hints(self, changed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        yield from hints("sheet", changed)
        if self.sheet.PANE != "sheet":
            yield from hints(self.sheet.PANE, changed)


class SheetField(TextField):
    """Where a text is typed into a sheet."""

    # Ours come first: of two that share a key the first one acts.
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("sheet"), *Input.BINDINGS]

    def __init__(self, placeholder: str = "", *, id: str | None = None, limit: int = 4_096) -> None:  # noqa: A002 - the word of Textual
        super().__init__(placeholder=placeholder, id=id, max_length=limit, compact=True)


class Labelled(Horizontal):
    """A field with its name before it."""

    def __init__(self, name: str, field: Widget) -> None:
        super().__init__(classes="sheet-field")
        self.label = _Label(name)
        self.field = field

    def compose(self) -> ComposeResult:
        """Place the two."""
        yield self.label
        yield self.field


class _Label(Widget):
    """The name of a field."""

    def __init__(self, text: str) -> None:
        super().__init__(classes="sheet-label")
        self.text = text

    def render_line(self, y: int) -> Strip:
        """Paint the name on the first line."""
        style = look_of(self).style("quiet", "raised")
        return Strip([Segment(fit(f" {self.text}" if y == 0 else "", self.size.width), style)])
