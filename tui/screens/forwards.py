"""The screen of forwards: what was forwarded or resent, to where, and what was answered, as it happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.dom import DOMNode
from textual.widget import Widget

from relay.contract.events import EventDetail, Forward
from tui.keys import Key, Pane
from tui.later import later
from tui.model.dashboard import Changed, Dashboard
from tui.model.forwards import FIELDS, PAGE, Forwards, Only
from tui.model.items import Fact, Heading, Item, Note
from tui.model.source import Source, SourceError
from tui.screens.board import Board
from tui.widgets.bar import Bar
from tui.widgets.facts_view import FactsView
from tui.widgets.forward_view import ForwardView
from tui.widgets.forwards_bars import ForwardsFoot, ForwardsHead
from tui.widgets.forwards_list import ForwardsList
from tui.work import begin, begin_instead

BESIDE_FROM = 150
TALL_FROM = 34
SOON, EVERY = 0.4, 5.0
"""Seconds between two readings where the log grew, and where only what is kept may have changed."""
EXAMPLE = "http://127.0.0.1:3000/webhooks"
REST = 0.12
"""Seconds that the cursor stays on a forward before its answer is read."""


class ForwardsScreen(Board):
    """The forwards at the top or at the left, the one under the cursor below or beside them."""

    CSS_PATH = ["board.tcss", "forwards.tcss"]  # noqa: RUF012 - as Textual wants it

    def __init__(self, dashboard: Dashboard, changed_keys: Mapping[str, str], *, read_only: bool = False) -> None:
        self.forwards = Forwards()
        super().__init__(dashboard, changed_keys, read_only=read_only)
        self.head = ForwardsHead(self.forwards, dashboard)
        self.list = ForwardsList(self.forwards, dashboard.clock)
        self.view = ForwardView(dashboard.clock, dashboard.environments)
        self.nothing = FactsView("nothing")
        self._run = 0
        self._reading = False
        self._read_at: float | None = None
        self._read_for = -1
        self._resting = False

    # The parts

    def make_foot(self) -> Bar:
        """Make the line above the keys."""
        self.forwards_foot = ForwardsFoot(self.forwards, self.dashboard)
        return self.forwards_foot

    def compose_body(self) -> ComposeResult:
        """Place the list and the forward under the cursor, and what is said while there is none."""
        with Container(id="body"):
            with Vertical(id="forwards-part"):
                yield self.head
                yield self.list.heading
                yield self.list
            yield self.view
            yield self.nothing

    def on_mount(self) -> None:
        """Say what there is before the first reading."""
        self.nothing.can_focus = False
        self._renew()

    @property
    def root(self) -> Widget:
        """The list has the focus at first."""
        return self.list

    @property
    def body_pane(self) -> Pane:
        """The pane that has the focus."""
        return "answer" if self.focused is self.view else "forwards"

    def node_of(self, key: Key) -> DOMNode | None:
        """Give what an action is for."""
        if key.pane not in ("forwards", "answer"):
            return super().node_of(key)
        if not self.forwards.shown:
            return None
        return self.list if key.pane == "forwards" else self.view

    def lay_out(self, width: int, height: int) -> None:
        """Put the forward beside the list, or below it."""
        self.set_class(width >= BESIDE_FROM, "-beside")
        self.set_class(height >= TALL_FROM, "-tall")
        self.call_after_refresh(self.zoomed)

    def zoomed(self) -> None:
        """Fit what is seen to its new size."""
        super().zoomed()
        self.list.sync()
        self.list.heading.refresh()

    def seq_here(self) -> int | None:
        """Give the event of the forward under the cursor, by its seq."""
        item = self.forwards.selected
        return None if item is None else item.seq

    # Reading

    def joined(self, source: Source) -> None:
        """Read what was forwarded."""
        super().joined(source)
        self._want()

    def apply(self, changed: Changed) -> None:
        """Read anew where something came."""
        super().apply(changed)
        if Changed.RESTARTED in changed:
            self._run += 1
            self._read_at = None
        self._want()

    def paint_panels(self, changed: Changed) -> None:
        """Say what is being forwarded to now, and read again now and then."""
        super().paint_panels(changed)
        self.head.refresh()
        if self.nothing.display:
            self.nothing.show(list(self._says_nothing()), keep=True)
        self._want()

    def _want(self) -> None:
        source, now, board = self.source, self.dashboard.monotonic(), self.dashboard
        if source is None or self._reading or not self.in_front or not board.began:
            return
        if board.paused and self.forwards.known:
            return
        grown = board.upto + board.link.lag
        wait = EVERY if grown == self._read_for else SOON
        if self._read_at is None or now - self._read_at >= wait:
            self._reading, self._read_at, self._read_for = True, now, grown
            begin(self, "forwards", self._read, source)

    async def _read(self, source: Source) -> None:
        run = self._run
        try:
            page = await source.forwards(limit=self.forwards.wanted)
            if run == self._run:
                self.forwards.renew(page)
        except SourceError as error:
            self.forwards_foot.failure = str(error)
        else:
            self.forwards_foot.failure = ""
        finally:
            self._reading = False
        if run != self._run:
            self.forwards.restart()
            self._want()
        self._renew()
        self._read_on()

    @on(ForwardsList.Scrolled)
    def _read_on(self) -> None:
        """Read older ones where they will be in sight, or where few are shown of those that were read."""
        before, source = self.forwards.next, self.source
        if before is not None and source is not None and self.list.near_end and not self._reading:
            self._reading = True
            begin(self, "forwards", self._read_older, source, before)

    async def _read_older(self, source: Source, before: int) -> None:
        run = self._run
        try:
            page = await source.forwards(before=before, limit=PAGE)
            if run == self._run:
                self.forwards.add_older(page, before)
        except SourceError as error:
            self.forwards_foot.failure = str(error)
            return
        finally:
            self._reading = False
        self._renew()
        self._read_on()

    def _renew(self) -> None:
        """Show what was forwarded."""
        empty = not self.forwards.shown
        if self.nothing.display != empty:
            self.set_class(empty, "-empty")
            self.nothing.display = empty
        if empty:
            self.nothing.show(list(self._says_nothing()), keep=True)
            if self.focused is self.view:
                self.set_focus(self.list)
        self.list.sync()
        self.head.refresh()
        self.foot.refresh()
        self._show_selected()
        self.show_pane()

    def _says_nothing(self) -> Iterator[Item]:
        yield None
        wrong = self.dashboard.link.sentence(self.dashboard.monotonic())
        if not self.forwards.known and wrong is not None:
            yield Heading(f"{wrong[0]}.")
            yield Note(f"{wrong[1]}.") if wrong[1] else None
        elif not self.forwards.known and self.forwards_foot.failure:
            yield Heading(f"The forwards cannot be read: {self.forwards_foot.failure}.")
            yield Note("It is tried again every few seconds.")
        elif not self.forwards.known:
            yield Note("Reading what was forwarded…")
        elif self.forwards.items:
            yield Heading(f"None of the {len(self.forwards.items):,} forwards that were read is shown.")
            yield None
            yield Fact("\\", "shows all of them; once more restores it")
        else:
            yield from self._says_how()

    def _says_how(self) -> Iterator[Item]:
        """Say how to begin."""
        if self.dashboard.targets:
            yield Heading("No event was forwarded yet.")
            yield Note("The next one that comes is sent on, and what was answered is shown here.")
        else:
            yield Heading("No event was forwarded or resent yet.")
            yield Note("A forward sends events on to your app, byte for byte; what it answers is shown here.")
        yield None
        if not self.read_only:
            yield Fact("L", "forwards events from here, as they come")
            yield Fact("r", "on an event sends that one again")
            yield None
        yield Note("Or in another terminal:" if not self.read_only else "In another terminal:")
        yield Note(f"  knocktop forward {EXAMPLE}", "focus", f"knocktop forward {EXAMPLE}")
        yield Note(f"  knocktop resend SEQ --to {EXAMPLE}", "focus", f"knocktop resend SEQ --to {EXAMPLE}")
        yield None
        yield Fact("1", "goes to the events")

    # The forward under the cursor

    @on(ForwardsList.Moved)
    def _moved(self) -> None:
        self.foot.refresh()
        self._show_selected()
        self._read_on()

    def _show_selected(self) -> None:
        self.view.look_at(self.forwards.selected)
        if not self.view.complete and not self._resting:
            self._resting = True
            later(REST, self, self._rested)

    def _rested(self) -> None:
        self._resting = False
        item, source = self.view.item, self.source
        if item is not None and source is not None and not self.view.complete:
            begin_instead(self, "answer", self._read_answer, source, item.entry, (item.seq, item.n))

    async def _read_answer(self, source: Source, entry: int, which: tuple[int, int]) -> None:
        event: EventDetail | None = None
        try:
            forward: Forward | str = await source.forward(*which)
            event = await source.detail(which[0])
        except SourceError as error:
            forward = f"The answer could not be read: {error}"
        self.view.fill(entry, forward, event)

    # Actions

    @on(ForwardsList.Opened)
    async def action_open(self) -> None:
        """Go to the event of the forward under the cursor."""
        item = self.forwards.selected
        if item is not None:
            await self.knocktop.show_event(item.seq, item.message_id)

    def action_filter(self) -> None:
        """Filter the events, on their screen: here `i` and `I` choose what is shown."""
        begin(self, "filter", self._filter_events)

    async def _filter_events(self) -> None:
        app = self.knocktop
        await app.action_board("events")
        if app.events_screen is not None:
            app.events_screen.action_filter()

    def by_value(self, *, without: bool) -> None:
        """Show only forwards with the answer under the cursor, or with the value in the view; or those without."""
        only = self._only_of_line(without) if self.pane == "answer" else self._only_of_row(without)
        if only is None:
            self.knocktop.say("There is nothing to choose forwards by on this line")
        else:
            self.forwards.add_only(only)
            self._renew()
            self._read_on()

    def _only_of_row(self, without: bool) -> Only | None:
        item = self.forwards.selected
        return None if item is None else Only.of(item, "answer", without=without)

    def _only_of_line(self, without: bool) -> Only | None:
        view, item = self.view, self.forwards.selected
        place = view.path(view.cursor) if view.cursor < view.count() else None
        if item is None or not isinstance(place, str) or place not in FIELDS:
            return None
        return Only.of(item, place, without=without)

    def action_lift(self) -> None:
        """Show all forwards, or restore which of them are shown."""
        if self.forwards.toggle():
            self._renew()
            self._read_on()
        else:
            self.knocktop.say("All forwards are shown; i and I choose some of them")

    def words_now(self) -> dict[str, str]:
        """Give what keys do now where that is not what they mostly do."""
        model = self.forwards
        lift = "show all" if model.only else "restore" if model.lifted else ""
        return {"lift": lift} | ({"newest_forward": ""} if model.following else {})

    def action_mark(self) -> None:
        """Mark the forward under the cursor, or take the mark away."""
        if self.forwards.toggle_mark() is not None:
            self.knocktop.say("Marked: = on another forward compares the two answers")
        self.list.paint_if_changed()

    def action_compare(self) -> None:
        """Compare the answer with that of the marked forward, or of the one before of the same event."""
        from tui.screens.answer_diff import AnswerDiffScreen

        item, source = self.forwards.selected, self.source
        if item is None or source is None:
            return
        marked = self.forwards.marked
        before = marked if marked is not None and marked.entry != item.entry else self.forwards.before(item)
        if before is None:
            self.knocktop.say("The event was forwarded once; m marks another forward to compare this one with")
        else:
            self.app.push_screen(AnswerDiffScreen(source, before, item, self.dashboard.clock))

    def action_copy(self) -> None:
        """Copy the body of the answer, or in the view the value under the cursor."""
        copy = self.view.under_cursor if self.pane == "answer" else None
        if copy is not None:
            self.knocktop.copy(copy.value, copy.name or "value")
        elif self.pane == "answer":
            self.knocktop.say("There is nothing to copy on this line")
        else:
            self.action_copy_body()

    def action_copy_body(self) -> None:
        """Copy the body of the answer."""
        if not self.view.body:
            self.knocktop.say("There is no body of an answer to copy")
        else:
            self.knocktop.copy(self.view.body, "answer")
