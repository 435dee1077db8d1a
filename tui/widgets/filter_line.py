"""The filter: shown while there is one, edited on `/`, and what is wrong with it below."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input

from relay.contract.text import copyable, plain
from tui.keys import bindings
from tui.model.byvalue import joined
from tui.model.completion import Completing, Completion, Vocabulary, complete, word_at
from tui.model.dashboard import Dashboard
from tui.model.drafting import Draft, Standing, judge
from tui.model.filtering import EVERYTHING, Choice, FilterFault
from tui.widgets.bar import Bar, Part, Words
from tui.widgets.cells import fit
from tui.widgets.completion_menu import CompletionMenu
from tui.widgets.glyphs import mark_of
from tui.widgets.look import look_of
from tui.widgets.text_field import TextField

LIMIT = 4_096
_NAME_LIMIT = 40
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"?|\(|\)|[^\s()"]+|\s+')
_OPERATORS = ("OR", "NOT", "(", ")")
_SIGNS = {
    Standing.EMPTY: ("/", "focus"),
    Standing.GOOD: ("/", "good"),
    Standing.HALF: ("…", "warn"),
    Standing.WRONG: ("!", "bad"),
}
"""The sign before the field, and its ink."""


class FilterField(TextField):
    """Where a filter is typed."""

    # Ours come first: of two that share a key the first one acts.
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("field"), *Input.BINDINGS]

    def __init__(self, menu: CompletionMenu) -> None:
        super().__init__(
            placeholder="type:message.bounced recipient:user_1 -channel:email    Tab completes",
            max_length=LIMIT,
            compact=True,
            select_on_focus=False,
        )
        self.history: list[str] = []
        self.menu = menu
        self.vocabulary: Callable[[str, int], Vocabulary] = lambda *_: Vocabulary()
        """Where candidates for a place in a text come from."""
        self.ask: Callable[[], bool] = lambda: False
        """Ask the relay at once for what may stand at the cursor; tells whether it is to be waited for."""
        self._at = 0
        self._draft = ""
        self._put: str | None = None
        """What completion put here itself."""
        self._tab_waits: tuple[str, int] | None = None
        """Where Tab waits for what the relay says."""

    def begin(self, text: str) -> None:
        """Edit a text."""
        super().begin(writable(text))
        self._at = len(self.history)
        self.close_menu()

    def take(self) -> str:
        """Give the text to apply."""
        self.close_menu()
        return self.value.strip()

    def action_history(self, steps: int) -> None:
        """Show another filter that was applied, after the last one what was being typed; or another candidate."""
        if self.menu.completing is not None:
            self._step(self.menu.completing, steps)
            return
        at = max(0, min(self._at + steps, len(self.history)))
        if at == self._at:
            return
        if self._at >= len(self.history):
            self._draft = self.value
        self._at = at
        super().begin(writable(self.history[at]) if at < len(self.history) else self._draft)

    async def action_discard(self) -> None:
        """Close the list of candidates, or leave."""
        if self.menu.completing is not None:
            self.close_menu()
        else:
            await self.run_action("screen.discard")

    # Completion

    def action_complete(self, steps: int) -> None:
        """Complete the word at the cursor; where candidates are listed, put in the next one or the one before.

        After a name was put in, it is its values that are completed.
        """
        completing = self.menu.completing
        if completing is not None and not (completing.opened and steps > 0):
            self._step(completing, steps)
            return
        self.close_menu()
        if self.ask():
            # What the window has is not all there is: nothing of it is certain.
            self._tab_waits = (self.value, self.cursor_position)
            completion = self._completion()
            if completion.candidates:
                self._list(Completing(self.value, completion))
        else:
            self._complete()

    def _complete(self) -> None:
        completion = self._completion()
        if not completion.candidates:
            return
        completing = Completing(self.value, completion)
        self._write(*completing.begin())
        if len(completion.candidates) > 1:
            self._list(completing)

    def learn(self) -> None:
        """Take into the list what the relay said meanwhile; a candidate that was chosen stays where it is."""
        if self._tab_waits == (self.value, self.cursor_position):
            self.close_menu()
            self._complete()
        elif self.menu.completing is not None and self.menu.completing.at is None:
            self._narrow()

    def _completion(self) -> Completion:
        return complete(self.value, self.cursor_position, self.vocabulary(self.value, self.cursor_position))

    def _step(self, completing: Completing, steps: int) -> None:
        self._write(*completing.step(steps))
        self.menu.moved()

    def choose(self, at: int) -> None:
        """Put in a candidate that was pointed at."""
        if self.menu.completing is not None:
            self._write(*self.menu.completing.choose(at))
            self.close_menu()

    def close_menu(self) -> None:
        """Show no candidates."""
        self._tab_waits = None
        self.menu.show(None)

    def _write(self, text: str, cursor: int) -> None:
        self._put = text
        self.value = text
        self.cursor_position = cursor

    def _list(self, completing: Completing) -> None:
        column = self.region.x - round(self.scroll_offset.x) + cell_len(self.value[: completing.start])
        self.menu.show(completing, column)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """Narrow the candidates to what is typed on."""
        if event.value != self._put and self.menu.completing is not None:
            self._narrow()

    def _narrow(self) -> None:
        completion = self._completion()
        typed = self.value[completion.start : completion.end]
        in_a_word = word_at(self.value, self.cursor_position)[0] < self.cursor_position
        if in_a_word and any(one.text != typed for one in completion.candidates):
            self._list(Completing(self.value, completion))
        else:
            self.close_menu()


def writable(text: str) -> str:
    """Give a filter as it can be edited: what cannot be seen is an escape, as far as the language has one."""
    if copyable(text)[1] == 0 and "\n" not in text and "\t" not in text:
        return text
    from relay.contract.filter import FilterError, parse

    with suppress(FilterError):
        text = str(parse(text))
    return plain(text)


class FilterBar(Bar):
    """The filter in force with the number of matches, or the sign before the field."""

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__(id="filter-bar")
        self.dashboard = dashboard
        self.editing = False
        self.of_messages = False
        """It filters messages: terms that speak of them are in force, too."""
        self.messages: int | None = None
        """How many messages match, where that was counted."""
        self.standing = Standing.EMPTY
        """How what is typed stands."""

    @property
    def text(self) -> str:
        """The filter that was chosen last."""
        filtering = self.dashboard.filtering
        return joined(filtering.latest.text, filtering.of_messages) if self.of_messages else filtering.latest.text

    def left(self) -> list[Part]:
        """Give the filter, and the types that were picked."""
        if self.editing:
            sign, ink = _SIGNS[self.standing]
            return [Part(0, [[(f" {sign} ", f"{ink} bold")]])]
        choice, parts = self.dashboard.filtering.latest, []
        text = look_of(self).text(self.text, LIMIT)
        room = max(self.size.width - 30, 10)
        if len(text) > room:
            text = fit(text, room, look_of(self).ellipsis)
        if text:
            parts.append(Part(0, [[(" / ", "focus bold"), *highlighted(text)]]))
        if choice.types:
            names = dict.fromkeys(mark_of(type_).short for type_ in choice.types)
            ways = [", ".join(look_of(self).text(name, _NAME_LIMIT) for name in names), f"{len(names)} types"]
            parts.append(Part(1, [[(" only ", "focus bold"), (way, "ink bold")] for way in ways]))
        return parts

    def right(self) -> list[Part]:
        """Say how many events match."""
        if self.editing:
            return []
        total = self.dashboard.total
        if self.dashboard.filtering.wanted is not None:
            return [Part(1, [[("asking the relay ", "quiet")]])]
        if self.of_messages:
            return self._count_of_messages()
        if total is None:
            loaded = len(self.dashboard.browse.window)
            ways = [f"at least {loaded:,}, counting ", "counting "] if loaded else ["counting "]
            return [Part(1, [[(way, "quiet")] for way in ways])]
        noun = "match" if total == 1 else "matches"
        return [Part(1, [[(f"{total:,} ", "ink bold"), (f"{noun} ", "quiet")]])]

    def _count_of_messages(self) -> list[Part]:
        if self.messages is None:
            return []
        noun = "message" if self.messages == 1 else "messages"
        return [Part(1, [[(f"{self.messages:,} ", "ink bold"), (f"{noun} ", "quiet")]])]


class Matching(NamedTuple):
    """How many events match a choice that is not in force; `why` tells why nobody knows."""

    choice: Choice
    matches: int | None = None
    why: str = ""


class DraftBar(Bar):
    """How what is typed stands: what it matches, what it lacks, or below its place what is wrong."""

    def __init__(self, dashboard: Dashboard, field: FilterField) -> None:
        super().__init__(id="fault-bar")
        self.dashboard = dashboard
        self.field = field
        self.draft = Draft()
        self.matching: Matching | None = None
        self.of_messages = False
        """What is typed filters messages."""

    def render_line(self, y: int) -> Strip:
        """Paint the line."""
        look, width = look_of(self), self.size.width
        blank = look.style("ink", self.GROUND)
        if y > 0:
            return Strip.blank(width, blank)
        segments = [
            Segment(look.text(text, 1_000), look.style(ink.split()[0], self.GROUND, bold=ink.endswith(" bold")))
            for text, ink in self.words(width)
        ]
        return Strip(segments).adjust_cell_length(width, blank)

    def words(self, width: int) -> Iterator[tuple[str, str]]:
        """Give the texts of the line with their inks."""
        draft, refused = self.draft, self.dashboard.filtering.fault
        if refused is not None or (draft.standing is Standing.WRONG and draft.fault is not None):
            fault = refused if refused is not None else draft.fault
            if fault is not None:
                pointer, text = fault_words(fault, width, round(self.field.scroll_offset.x))
                yield pointer, "bad bold"
                yield text, "bad"
        elif draft.standing is Standing.HALF and draft.fault is not None:
            yield f"   {draft.fault.message}", "warn"
        elif draft.standing is Standing.GOOD:
            yield from self._matches()
        else:
            what = "message" if self.of_messages else "event"
            yield f"   every {what} matches; Tab names what there is to filter by", "quiet"

    def _matches(self) -> Iterator[tuple[str, str]]:
        matching, board = self.matching, self.dashboard
        types = board.filtering.latest.types
        if matching is None or matching.choice != Choice(self.draft.text.strip(), types):
            yield "   counting what matches", "quiet"
        elif matching.matches is None:
            yield f"   not counted: {plain(matching.why, 200)}", "quiet"
        else:
            yield f"   {matching.matches:,} ", "ink bold"
            what = "message" if self.of_messages else "event"
            noun = f"{what} matches" if matching.matches == 1 else f"{what}s match"
            yield noun + (f", of the {len(types)} types that are picked" if types else ""), "quiet"


def fault_words(fault: FilterFault, width: int, shift: int = 0) -> tuple[str, str]:
    """Give the marks below a fault and its sentence; where both do not fit the sentence goes to the left of them.

    `shift` is how far the field is scrolled. Where the fault itself is out of sight the sentence names its column.
    """
    hint = f"; {fault.hint}" if fault.hint else ""
    sentence = plain(f"{fault.message}{hint}", 1_000)
    if fault.column is None:
        return "   ", sentence
    start = 3 + cell_len(fault.text[: fault.column - 1]) - shift
    marks = "^" * max(1, min(cell_len(fault.text[fault.column - 1 :][: fault.length]), width - start))
    pointer = " " * start + marks + " "
    if start >= 3 and len(pointer) + len(sentence) <= width:
        return pointer, sentence
    if 3 <= start < width and len(sentence) + 4 <= start:
        return f"{sentence} ".rjust(start) + marks, ""
    return "   ", f"column {fault.column}: {sentence}"


def highlighted(text: str) -> Words:
    """Give a filter's pieces with their inks."""
    return list(_highlight(text))


def _highlight(text: str) -> Iterator[tuple[str, str]]:
    for match in _WORD.finditer(text):
        word = match.group()
        name, colon, value = word.partition(":")
        if word in _OPERATORS:
            yield word, "quiet bold"
        elif colon and not word.startswith('"'):
            yield f"{name}:", "focus"
            yield value, "ink bold"
        else:
            yield word, "ink bold"


class FilterLine(Vertical):
    """The filter's line, and one more below it while it is typed."""

    class Typed(Message):
        """Another text stands in the field."""

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__(id="filter-line")
        self.dashboard = dashboard
        self.bar = FilterBar(dashboard)
        self.menu = CompletionMenu()
        self.field = FilterField(self.menu)
        self.fault = DraftBar(dashboard, self.field)

    def compose(self) -> ComposeResult:
        """Place the bar, the field over it, how the text stands below, and the candidates below that."""
        with Horizontal():
            yield self.bar
            yield self.field
        yield self.fault
        # Below the line that says how the text stands, which is read while one chooses.
        yield self.menu

    def on_mount(self) -> None:
        """Show no candidates yet."""
        self.menu.show(None)

    @on(Input.Changed)
    def _changed(self) -> None:
        """Say how the text stands, and forget a fault of another one."""
        fault = self.dashboard.filtering.fault
        if fault is not None and self.field.value not in (fault.text, writable(fault.text)):
            self.dashboard.filtering.fault = None
        if self.editing:
            self._judge()

    def _judge(self) -> None:
        draft = judge(self.field.value, self.dashboard.clock.zone, of_messages=self.bar.of_messages)
        self.bar.standing, self.fault.draft = draft.standing, draft
        for standing in Standing:
            self.field.set_class(standing is draft.standing, f"-{standing}")
        self.renew()
        self.post_message(self.Typed())

    def told(self, matching: Matching) -> None:
        """Show how many events match what was typed, if it still stands there."""
        self.fault.matching = matching
        self.fault.refresh()

    @on(CompletionMenu.Picked)
    def _picked(self, message: CompletionMenu.Picked) -> None:
        self.field.choose(message.at)

    @property
    def editing(self) -> bool:
        """The field has the keys."""
        return self.bar.editing

    def edit(self) -> None:
        """Begin to edit what is in force, or what was refused."""
        filtering = self.dashboard.filtering
        fault = filtering.fault
        # A space after what is in force, so that the next word is a term of its own.
        applied = joined(filtering.applied, filtering.of_messages) if self.bar.of_messages else filtering.applied
        self.field.begin(fault.text if fault is not None else f"{applied} ".lstrip())
        if fault is not None and fault.column is not None and self.field.value == fault.text:
            self.field.cursor_position = min(fault.column - 1 + fault.length, len(fault.text))
        self.bar.editing = True
        self._judge()
        self.screen.set_focus(self.field)

    def leave(self) -> None:
        """End editing."""
        self.dashboard.filtering.fault = None
        self.bar.editing = False
        self.field.close_menu()
        self.renew()

    def renew(self) -> None:
        """Show what is to be seen now."""
        filtering = self.dashboard.filtering
        self.set_class(self.editing, "-editing")
        in_force = filtering.latest != EVERYTHING or bool(self.bar.of_messages and filtering.of_messages)
        self.display = in_force or self.editing or filtering.fault is not None
        if self.display:
            self.bar.refresh()
            self.fault.refresh()
