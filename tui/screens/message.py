"""One message by itself: its story over the screen that it was opened out of, whatever the filter shows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget

from relay.contract.timeline import MessageTimeline, Step
from tui.keys import Pane
from tui.model.dashboard import Changed, Dashboard
from tui.model.items import Heading, Note
from tui.model.source import Arrivals, Item, Pulse, Source, SourceError
from tui.screens.telling import Telling
from tui.widgets.bar import Bar
from tui.widgets.message_foot import MessageFoot
from tui.work import begin, begin_instead

PAUSE = 0.2
"""Seconds at least between two readings of the message."""
SELDOM = 2.0
"""The same where nothing tells whether what came is of this message."""
AGAIN = 2.0
"""Seconds after which what could not be read is asked for again."""


class MessageScreen(Telling):
    """Every step of one message, and what arrives of it."""

    def __init__(
        self,
        message_id: str,
        dashboard: Dashboard,
        changed_keys: Mapping[str, str],
        *,
        chosen: int | None = None,
        read_only: bool = False,
    ) -> None:
        self.message_id = message_id
        super().__init__(dashboard, changed_keys, read_only=read_only)
        self._message: MessageTimeline | None = None
        self._chosen = chosen
        self._reading = False
        self._not_before = 0.0
        self._heard = dashboard.upto
        self._moved = True
        self._beyond = False
        """Something came that the filter keeps out of the stream: it may be a step of this message."""

    # The parts

    def make_foot(self) -> Bar:
        """Make the line above the keys."""
        self.message_foot = MessageFoot(self.dashboard)
        return self.message_foot

    def compose_body(self) -> ComposeResult:
        """Place the story and the event beside it."""
        with Horizontal(id="told"):
            yield self.story
            yield self.detail

    def on_mount(self) -> None:
        """Begin to take in what arrives."""
        self.add_class("-told")
        self.dashboard.listeners.append(self.hear)
        self._renew()
        self._want()

    def on_unmount(self) -> None:
        """Let the events go."""
        if self.hear in self.dashboard.listeners:
            self.dashboard.listeners.remove(self.hear)

    @property
    def root(self) -> Widget:
        """The story has the focus at first."""
        return self.story

    @property
    def body_pane(self) -> Pane:
        """The pane that has the focus."""
        return self.detail_pane or "story"

    @property
    def message(self) -> MessageTimeline | None:
        """The message, once it was read."""
        return self._message

    @property
    def step(self) -> Step | None:
        """The chosen step of it, its newest where none was chosen."""
        if self._message is None or not self._message.steps:
            return None
        steps = self._message.steps
        return next((step for step in steps if step.seq == self._chosen), steps[-1])

    def choose(self, seq: int) -> None:
        """Choose another step."""
        self._chosen = seq
        self.message_foot.show(self._message, self.step)

    def along_failures(self, step: int) -> None:  # noqa: ARG002 - as the base has it
        """There is no other message here."""
        self.knocktop.say("One message is told here; 3 shows the others")

    # Reading

    def hear(self, item: Item) -> None:
        """Note what may be of this message."""
        match item:
            case Arrivals():
                self._heard = max(self._heard, item.upto)
                changed = (*item.events, *item.changes)
                self._moved = self._moved or any(event.message_id == self.message_id for event in changed)
                self._beyond = self._beyond or bool(item.counts)
            case Pulse():
                self._beyond = self._beyond or item.last_seq > self._heard
                self._heard = max(self._heard, item.last_seq)

    def apply(self, changed: Changed) -> None:
        """Read what moved."""
        super().apply(changed)
        self._want()

    def paint_panels(self, changed: Changed) -> None:
        """Read what moved, and let the times that go on do so."""
        super().paint_panels(changed)
        self._want()
        self._renew()

    def joined(self, source: Source) -> None:
        """Read the message."""
        super().joined(source)
        self._moved = True

    def _want(self) -> None:
        source, now = self.source, self.dashboard.monotonic()
        due = self._moved or (self._beyond and now >= self._not_before + SELDOM)
        if source is not None and due and not self._reading and self.in_front and now >= self._not_before:
            self._reading, self._moved, self._beyond = True, False, False
            begin(self, "message", self._read, source)

    async def _read(self, source: Source) -> None:
        try:
            self._message = await source.message(self.message_id)
            self.message_foot.failure = ""
        except SourceError as error:
            self.message_foot.failure, self._moved = str(error), True
            self._renew()
            await asyncio.sleep(AGAIN)
        finally:
            self._reading = False
            self._not_before = self.dashboard.monotonic() + PAUSE
        self._renew()

    def _renew(self) -> None:
        """Show what was read."""
        message, step = self._message, self.step
        self.message_foot.show(message, step)
        if step is not None:
            # Steps that arrive do not take the place of the one that is read.
            self._chosen = step.seq
            self.story.tell(message, step.seq)
            self.want_event(step.seq)
        elif message is None:
            failure = self.message_foot.failure
            said = Heading(f"This message cannot be read: {failure}.") if failure else Note("Reading the message…")
            self.story.show([None, said], keep=True)

    # The filter

    def filter_by(self, term: str, types: tuple[str, ...] | None = None) -> None:
        """Show only messages that a term matches, on the screen of messages."""
        begin_instead(self, "filter-by", self._filter_by, term, types)

    async def _filter_by(self, term: str, types: tuple[str, ...] | None) -> None:
        screen = await self.knocktop.go_to_messages()
        if screen is not None:
            screen.filter_by(term, types)

    def step_back(self) -> bool:
        """Take one step back: from the event to the story, from there to where it was opened."""
        if self.focused is self.story and not self.has_class("-zoomed"):
            self.knocktop.go_back()
            return True
        return super().step_back()
