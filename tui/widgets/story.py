"""The whole story of one message, to be read step by step."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from relay.contract.timeline import MessageTimeline
from tui.keys import bindings
from tui.model.dashboard import Dashboard
from tui.model.messages.story import At, told
from tui.widgets.facts_view import FactsView


class StoryView(FactsView, inherit_bindings=False):
    """Every step of a message with its times, and what follows from them."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("story")

    class Stepped(Message):
        """The cursor is on another step."""

        def __init__(self, seq: int) -> None:
            super().__init__()
            self.seq = seq

    class Opened(Message):
        """The event of the step under the cursor is to be seen."""

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__("story", ground="side")
        self.dashboard = dashboard
        self.message: MessageTimeline | None = None
        self.chosen: int | None = None
        """Seq of the step whose event is shown beside it."""
        self._shown: tuple[object, ...] = ()
        self._aim: int | None = None
        """Seq of the step to begin at, until there is a width to lay lines out in."""

    def tell(self, message: MessageTimeline | None, chosen: int | None) -> None:
        """Tell the story of another message, from its chosen step on, or what is new of the same."""
        key = (message, chosen, self.width)
        if key == self._shown:
            return
        before, self._shown = self.message, key
        same = message is not None and before is not None and message.message_id == before.message_id
        self.message, self.chosen = message, chosen
        self._lay_out(keep=same)
        if not same:
            self._aim = chosen
        self._begin()

    def _begin(self) -> None:
        if self.width > 0 and self._aim is not None:
            aim, self._aim = self._aim, None
            self.to_step(aim)

    def _lay_out(self, *, keep: bool) -> None:
        board = self.dashboard
        message, clock, now = self.message, board.clock, board.now_us
        items = [] if message is None else told(message, clock, now, self.width, self.chosen, board.commits)
        self.show(items, keep=keep)

    def on_resize(self) -> None:
        """Lay out anew for another width."""
        self._lay_out(keep=True)
        super().on_resize()
        self._begin()

    @property
    def at(self) -> int | None:
        """Seq of the step under the cursor; None on another line."""
        value = self.value(self.cursor) if self.cursor < self.count() else None
        return value.seq if isinstance(value, At) else None

    def _line_of(self, seq: int | None) -> int | None:
        lines = ((line, self.value(line)) for line in range(self.count()))
        return next((line for line, value in lines if isinstance(value, At) and value.seq == seq), None)

    def to_step(self, seq: int | None) -> None:
        """Put the cursor on a step."""
        line = self._line_of(seq)
        if line is not None:
            self._to(line)

    def _to(self, index: int) -> None:
        super()._to(index)
        seq = self.at
        if seq is not None and seq != self.chosen:
            self.post_message(self.Stepped(seq))

    def mark(self, seq: int) -> None:
        """Mark the step whose event is shown."""
        self.chosen = seq
        self._lay_out(keep=True)
        self._shown = (self.message, seq, self.width)

    def action_step(self, steps: int) -> None:
        """Go to the next step, or to the one before, from wherever the cursor is."""
        message = self.message
        if message is None or not message.steps:
            return
        seqs = [step.seq for step in message.steps]
        place = seqs.index(self.chosen) + steps if self.chosen in seqs else len(seqs) - 1
        if 0 <= place < len(seqs):
            self.to_step(seqs[place])

    def action_open(self) -> None:
        """See the event of the step under the cursor."""
        if self.at is not None:
            self.post_message(self.Opened())

    def clicked(self, x: int, *, twice: bool) -> None:
        """Open a step that was clicked twice."""
        super().clicked(x, twice=twice)
        if twice:
            self.action_open()
