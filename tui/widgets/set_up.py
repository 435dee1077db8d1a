"""The set-up: the steps to the first event, each a button that turns into a tick when it is done."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual.binding import BindingType
from textual.message import Message

from tui.keys import BY_NAME, bindings, keys_of
from tui.model.dashboard import Dashboard
from tui.model.set_up import TUNNELS, Name, Place, Step, Ways, heading, steps
from tui.widgets.cells import fit, wrap
from tui.widgets.lines import Copy, Lines, Spans
from tui.widgets.look import Look, look_of

LABEL = 10


class _Line(NamedTuple):
    spans: Spans
    step: Step | None = None


class SetUp(Lines, inherit_bindings=False):
    """The steps, with a cursor on one of them."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("set_up")

    class Pressed(Message):
        """A step is to be done."""

        def __init__(self, set_up: SetUp, name: Name) -> None:
            super().__init__()
            self.set_up = set_up
            self.name = name

    def __init__(self, dashboard: Dashboard, changed_keys: Mapping[str, str], *, id: str = "set-up") -> None:  # noqa: A002 - the word of Textual
        super().__init__(id)
        self.dashboard = dashboard
        self.changed_keys = changed_keys
        self.place = Place()
        self.address = ""
        self._laid: tuple[object, ...] = ()
        self._lines: list[_Line] = []
        self._step: Name | None = None
        """The step that the cursor is on."""

    @cached_property
    def _found(self) -> Sequence[str]:
        return [program for program in TUNNELS if shutil.which(program)]

    @property
    def ways(self) -> Ways:
        """The keys as the user has them, and what can open a tunnel."""

        def written(name: str) -> str:
            return keys_of(BY_NAME[name], self.changed_keys)[0] if name in BY_NAME else ""

        can = hasattr(self.app, "action_tunnel")
        return Ways(
            copy=written("copy_address"),
            secrets=written("secrets"),
            tunnel=written("tunnel") if can else "",
            quarantine=written("quarantine"),
            found=self._found,
        )

    def renew_text(self) -> None:
        """Say what is true now; the cursor stays on its step."""
        board, look = self.dashboard, look_of(self)
        now = list(steps(board, self.place, self.ways))
        words = look.text(board.link.words(board.monotonic()))
        relay = f"relay {look.text(self.address, 200)}, {words}" if self.address else words
        laid = (now, heading(board), relay, self.width, look)
        if laid == self._laid:
            return
        self._laid = laid
        self._lines = [_Line(()), *_top(heading(board), relay, self.width), _Line(())]
        for step in now:
            if step.label and step is not now[0]:
                self._lines.append(_Line(()))
            self._lines += [_Line(spans, step) for spans in _spans(step, self.width, look)]
        self.renew(keep=True)
        self._go(self._step)

    def on_resize(self) -> None:
        """Lay out anew for another width."""
        self.renew_text()

    # What Lines asks

    def count(self) -> int:
        """Count the lines."""
        return len(self._lines)

    def spans(self, index: int) -> Spans:
        """Give the texts of a line."""
        return self._lines[index].spans

    def copied(self, index: int) -> Copy | None:
        """Give the address: what else is there leads somewhere."""
        return Copy(self.place.webhook_url, "address") if index < len(self._lines) else None

    # The cursor, which goes by steps

    @property
    def _places(self) -> list[int]:
        """The first line of each step."""
        return [
            at
            for at, line in enumerate(self._lines)
            if line.step is not None and (at == 0 or self._lines[at - 1].step is not line.step)
        ]

    def _go(self, name: Name | None) -> None:
        places = self._places
        if places:
            here = [at for at in places if (step := self._lines[at].step) is not None and step.name == name]
            self._take(here[0] if here else places[0])

    def _take(self, place: int) -> None:
        step = self._lines[place].step
        self._step = None if step is None else step.name
        self._to(place)

    def action_move(self, lines: int) -> None:
        """Move the cursor by steps, around the ends too."""
        places = self._places
        if places:
            at = places.index(self.cursor) if self.cursor in places else 0
            self._take(places[(at + lines) % len(places)])

    def action_edge(self, end: int) -> None:
        """Go to the first step or the last."""
        places = self._places
        if places:
            self._take(places[0 if end < 0 else -1])

    def action_press(self) -> None:
        """Do the step under the cursor."""
        step = self._lines[self.cursor].step if self.cursor < len(self._lines) else None
        if step is not None:
            self.post_message(self.Pressed(self, step.name))

    def clicked(self, x: int, *, twice: bool) -> None:  # noqa: ARG002 - one click is enough for a button
        """Do the step that was clicked."""
        step = self._lines[self.cursor].step
        if step is not None:
            self._go(step.name)
            self.action_press()


def _top(title: str, relay: str, width: int) -> list[_Line]:
    space = width - 2 - cell_len(title) - cell_len(relay)
    if space < 2:
        return [_Line([(f" {title}", "ink strong")]), _Line([(f" {relay}", "quiet")])]
    return [_Line([(f" {title}", "ink strong"), (" " * space, "ink"), (relay, "quiet")])]


def _spans(step: Step, width: int, look: Look) -> list[Spans]:
    """Lay out a step: a tick or its number, its text, and the note after it where that fits, or else below."""
    tick = look.own("✓")
    label = f"{tick}{step.label[1:]}" if step.done else step.label
    head = (f" {fit(label, LABEL)}  ", "good" if step.done else "warn" if step.name == "quarantine" else "quiet")
    room = max(width - LABEL - 4, 8)
    ink = step.ink if step.ink == "focus" or not step.done else "good"
    parts = list(wrap(look.text(step.text, 2_000), room))
    lines: list[Spans] = [[head, (parts[0], ink)]] if parts else [[head]]
    margin = (" " * (LABEL + 3), "ink")
    lines += [[margin, (part, ink)] for part in parts[1:]]
    note = look.text(step.note, 1_000)
    if note and sum(cell_len(text) for text, _ in lines[-1]) + cell_len(note) + 3 <= width:
        lines[-1] = [*lines[-1], (f"   {note}", "quiet")]
    else:
        lines += [[margin, (part, "quiet")] for part in wrap(note, room)]
    return lines
