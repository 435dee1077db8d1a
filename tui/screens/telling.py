"""A board that tells the story of one message, with the event of one of its steps beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.dom import DOMNode
from textual.widget import Widget

from relay.contract.events import EventDetail
from relay.contract.timeline import MessageTimeline, Step
from tui.keys import Key
from tui.later import later
from tui.model.dashboard import Dashboard
from tui.model.source import Source, SourceError
from tui.screens.detail_board import DetailBoard
from tui.widgets.detail import Detail
from tui.widgets.lines import Copy
from tui.widgets.story import StoryView
from tui.work import begin_instead

if TYPE_CHECKING:
    from tui.model.copyas import Copied

BESIDE_FROM = 118
"""Cells from which on a step's event stands beside the story."""
REST = 0.12
"""Seconds that the cursor stays on a step before its event is read."""


class Telling(DetailBoard):
    """A subclass says which message is told and which of its steps is chosen, and places story and detail."""

    CSS_PATH: ClassVar[str | list[str]] = ["board.tcss", "events.tcss", "telling.tcss"]  # type: ignore[assignment]

    def __init__(self, dashboard: Dashboard, changed_keys: Mapping[str, str], *, read_only: bool = False) -> None:
        super().__init__(dashboard, changed_keys, read_only=read_only)
        self.story = StoryView(dashboard)
        self.detail = Detail(dashboard.clock, dashboard.environments)
        self.event: EventDetail | None = None
        """The event that the detail shows."""
        self._wanted: int | None = None
        self._resting = False

    # What a subclass says

    @property
    def message(self) -> MessageTimeline | None:
        """The message that keys are about; None while there is none."""
        raise NotImplementedError

    @property
    def step(self) -> Step | None:
        """The chosen step of it."""
        raise NotImplementedError

    def choose(self, seq: int) -> None:
        """Choose another step of it."""
        raise NotImplementedError

    def along_failures(self, step: int) -> None:
        """Go to another message that failed."""
        raise NotImplementedError

    # The parts

    def on_mount(self) -> None:
        """Show the body of an event first: what happened is told beside it."""
        self.detail.choose("Body")

    @property
    def opened(self) -> bool:
        """The story of a message is told."""
        return self.has_class("-told")

    @property
    def detail_seen(self) -> bool:
        """The event of a step is on screen."""
        return self.opened and (self.has_class("-beside") or self.has_class("-event"))

    def node_of(self, key: Key) -> DOMNode | None:
        """Give what an action is for; None where that is not on screen."""
        match key.pane:
            case "story":
                return self.story if self.opened else None
            case "detail":
                return self.detail.view if self.detail_seen else None
            case _:
                return super().node_of(key)

    def lay_out(self, width: int, height: int) -> None:  # noqa: ARG002 - as the base has it
        """Put the event beside the story, or in its place."""
        self.set_class(width >= BESIDE_FROM, "-beside")
        self.call_after_refresh(self.zoomed)

    def zoomed(self) -> None:
        """Fit what is seen to its new size."""
        super().zoomed()
        if self.opened and self.focused not in (None, self.filter_line.field) and not _is_seen(self.focused):
            self.set_focus(self.story)
        self._want_event()

    # The event of the chosen step

    @on(StoryView.Stepped)
    def _stepped(self, message: StoryView.Stepped) -> None:
        self.choose(message.seq)
        self.story.mark(message.seq)
        self.foot.refresh()
        self.want_event(message.seq)

    def want_event(self, seq: int) -> None:
        """Have the event of a step shown, where there is room for it."""
        self._wanted = seq
        self._want_event()

    def _want_event(self) -> None:
        """Read the event of the chosen step, once the cursor rests on it."""
        if self.detail_seen and self._wanted != self.detail.seq and not self._resting:
            self._resting = True
            later(REST, self, self._rested)

    def _rested(self) -> None:
        self._resting = False
        seq, source = self._wanted, self.source
        if self.detail_seen and seq is not None and seq != self.detail.seq and source is not None:
            begin_instead(self, "event", self._read_event, source, seq)

    async def _read_event(self, source: Source, seq: int) -> None:
        self.event = await self.read_event(source, seq)

    @on(StoryView.Opened)
    def _open_event(self) -> None:
        if not self.has_class("-beside"):
            self.add_class("-event")
        self._want_event()
        self.call_after_refresh(self.set_focus, self.detail.view)

    def action_along(self, kind: str, step: int) -> None:
        """Go to another step of the message, or to another message that failed."""
        if kind == "message":
            self.story.action_step(step)
        else:
            self.along_failures(step)

    # Actions

    def with_event(self, do: Callable[[EventDetail], None]) -> None:
        """Do something with the event of the chosen step, once it was read."""
        step, source = self.step, self.source
        if step is None or source is None:
            self.knocktop.say("There is no event here")
        else:
            begin_instead(self, "with-event", self._read_and_do, source, step.seq, do)

    async def _read_and_do(self, source: Source, seq: int, do: Callable[[EventDetail], None]) -> None:
        try:
            event = self.event if self.event is not None and self.event.seq == seq else await source.detail(seq)
        except SourceError as error:
            self.knocktop.say(str(error), "error")
        else:
            do(event)

    def seq_here(self) -> int | None:
        """Give the event of the chosen step."""
        return None if self.step is None else self.step.seq

    def action_mark(self) -> None:
        """Mark the event of the step, or take its mark away."""

        def mark(event: EventDetail) -> None:
            taken = event.seq == self.dashboard.marked_seq
            self.knocktop.mark(None if taken else event)
            self.knocktop.say(f"Seq {event.seq:,} is {'no longer ' if taken else ''}marked")

        self.with_event(mark)

    def action_compare(self) -> None:
        """Compare the event of the step with the marked one, or with the one before of the same message."""
        source = self.source

        def compare(event: EventDetail) -> None:
            from tui.screens.diff import DiffScreen

            if source is not None:
                self.key_line.show("diff", at_root=False)
                self.app.push_screen(DiffScreen(source, event, self.dashboard.marked, self.dashboard.clock))

        self.with_event(compare)

    def action_copy_as(self) -> None:
        """Copy the event of the step, or the value under the cursor, in a form to paste elsewhere."""
        source = self.source

        def ask(event: EventDetail) -> None:
            from tui.screens.copy_as import CopyAsSheet

            if source is not None:
                self.app.push_screen(CopyAsSheet(event, self.held(), source, self.filter_in_force), copy)

        def copy(copied: Copied | None) -> None:
            if copied is not None:
                self.knocktop.copy(copied.text, copied.name)

        self.with_event(ask)

    def to_copy(self) -> Copy | None:
        """Give the value under the cursor."""
        return self.detail.under_cursor if self.pane == "detail" else self.story.under_cursor

    def action_copy(self) -> None:
        """Copy the value under the cursor."""
        copy = self.to_copy()
        if copy is None:
            self.knocktop.say("There is nothing to copy on this line")
        else:
            self.knocktop.copy(copy.value, copy.name)

    def by_value(self, *, without: bool) -> None:
        """Filter by the value under the cursor."""
        self.by_line(self.story if self.pane == "story" else self.detail.view, without=without)

    def step_back(self) -> bool:
        """Take one step back: from a find to the event, from there to the story."""
        if self.pane == "detail" and self.detail.lift_find():
            return True
        if not self.has_class("-zoomed") and self.detail_pane is not None:
            self.remove_class("-event")
            self.set_focus(self.story)
            return True
        return super().step_back()

    def words_now(self) -> dict[str, str]:
        """Leave out what there is nothing for: to fold, to find."""
        words = super().words_now()
        if not self.detail.view.has_folds:
            words["fold"] = ""
        if not self.detail.looks_for:
            words["next_hit"] = ""
        return words


def _is_seen(widget: Widget | None) -> bool:
    return widget is not None and bool(widget.region)
