"""The screen of messages: a lane for each, the funnel, and one message's whole story beside its newest body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.dom import DOMNode
from textual.widget import Widget

from relay.contract.events import EventDetail
from relay.contract.timeline import Funnel, MessageTimeline
from tui.keys import Key, Pane
from tui.later import later
from tui.model.browse import Stance
from tui.model.byvalue import joined, spelled_out
from tui.model.completion import Vocabulary
from tui.model.dashboard import Changed, Dashboard
from tui.model.filtering import EVERYTHING, Choice
from tui.model.messages.listing import Listing, Order
from tui.model.messages.nothing import why_nothing
from tui.model.source import Source, SourceError
from tui.screens.detail_board import DetailBoard
from tui.screens.message_reading import Reading
from tui.widgets.bar import Bar
from tui.widgets.detail import Detail
from tui.widgets.facts_view import FactsView
from tui.widgets.funnel import FunnelView
from tui.widgets.lines import Copy
from tui.widgets.message_list import MessageList
from tui.widgets.messages_foot import MessagesFoot
from tui.widgets.story import StoryView
from tui.work import begin_instead

if TYPE_CHECKING:
    from tui.model.copyas import Copied

TALL_FROM = 34
"""Rows from which on lanes and story, or lanes and funnel, are seen together."""
BESIDE_FROM = 118
"""Cells from which on a step's event stands beside the story."""
REST = 0.12
"""Seconds that the cursor stays on a step before its event is read."""


class MessagesScreen(DetailBoard):
    """What happened to each message."""

    CSS_PATH: ClassVar[str | list[str]] = ["board.tcss", "events.tcss", "messages.tcss"]  # type: ignore[assignment]

    def __init__(self, dashboard: Dashboard, changed_keys: Mapping[str, str], *, read_only: bool = False) -> None:
        self.listing = Listing()
        super().__init__(dashboard, changed_keys, read_only=read_only)
        self.filter_line.bar.of_messages = self.filter_line.fault.of_messages = True
        self.view = MessageList(self.listing, dashboard)
        self.funnel = FunnelView()
        self.story = StoryView(dashboard)
        self.detail = Detail(dashboard.clock)
        self.nothing = FactsView("nothing")
        self.reading = Reading(self)
        self.event: EventDetail | None = None
        """The event that the detail shows."""
        self._trouble: tuple[str, str] | None = None
        self._wanted: int | None = None
        self._resting = False
        self._whole: MessageTimeline | None = None
        """The message of the story with all of its steps."""

    # The parts

    def make_foot(self) -> Bar:
        """Make the line above the keys."""
        self.messages_foot = MessagesFoot(self.listing, self.dashboard)
        return self.messages_foot

    def compose_body(self) -> ComposeResult:
        """Place lanes, funnel and story; sizes decide what is seen of them."""
        with Container(id="body"):
            with Container(id="lanes"):
                yield self.view.heading
                yield self.view
                yield self.nothing
            yield self.funnel
            with Horizontal(id="told"):
                yield self.story
                yield self.detail

    def on_mount(self) -> None:
        """Begin to take in what arrives."""
        self.nothing.can_focus = False
        self.detail.choose("Body")
        self.dashboard.listeners.append(self.reading.hear)
        self._renew_nothing()

    def on_unmount(self) -> None:
        """Let the events go."""
        if self.reading.hear in self.dashboard.listeners:
            self.dashboard.listeners.remove(self.reading.hear)

    @property
    def root(self) -> Widget:
        """The lanes have the focus at first."""
        return self.view

    @property
    def body_pane(self) -> Pane:
        """The pane that has the focus."""
        if self.focused is self.story:
            return "story"
        return self.detail_pane or "messages"

    def node_of(self, key: Key) -> DOMNode | None:
        """Give what an action is for; None where that is not on screen."""
        match key.pane:
            case "messages":
                return self.view
            case "story":
                return self.story if self.opened else None
            case "detail":
                return self.detail.view if self.detail_seen else None
            case _:
                return super().node_of(key)

    # Sizes

    def lay_out(self, width: int, height: int) -> None:
        """Choose what is seen at this size."""
        self.set_class(height >= TALL_FROM, "-tall")
        self.set_class(width >= BESIDE_FROM, "-beside")
        self.call_after_refresh(self.zoomed)

    def zoomed(self) -> None:
        """Fit what is seen to its new size."""
        super().zoomed()
        if self.opened and self.focused not in (None, self.filter_line.field) and not self._is_seen(self.focused):
            self.set_focus(self.story)
        self.view.sync()
        self._want_event()
        self.reading.want()

    def _is_seen(self, widget: Widget | None) -> bool:
        return widget is not None and bool(widget.region)

    @property
    def opened(self) -> bool:
        """The story of a message is told."""
        return self.has_class("-told")

    @property
    def detail_seen(self) -> bool:
        """The event of a step is on screen."""
        return self.opened and (self.has_class("-beside") or self.has_class("-event"))

    @property
    def funnel_seen(self) -> bool:
        """The funnel is on screen."""
        return self.has_class("-tall") and not self.opened and not self.has_class("-zoomed")

    @property
    def wants_count(self) -> bool:
        """How many messages there are, and how far they came, is on screen."""
        return self.funnel_seen or bool(self.filter_line.display)

    @property
    def rows_in_sight(self) -> int:
        """How many lanes there is room for."""
        return max(self.view.size.height, 20)

    @property
    def wants_further(self) -> bool:
        """Messages that were not read will be in sight soon."""
        listing = self.listing
        near = self.view.near_start if listing.upwards else self.view.near_end
        return near and not listing.unread and not listing.full

    # From the model to the widgets

    @property
    def query_text(self) -> str:
        """The whole filter on messages."""
        filtering = self.dashboard.filtering
        return joined(spelled_out(filtering.choice), filtering.of_messages)

    def joined(self, source: Source) -> None:
        """Read what there is."""
        super().joined(source)
        self._trouble = None
        self.reading.want()

    def trouble(self, what: str, then: str) -> None:
        """Say why there is no source yet."""
        super().trouble(what, then)
        self._trouble = (what, then)
        self._renew_nothing()

    def apply(self, changed: Changed) -> None:
        """Read what moved; the lanes are painted once that is here."""
        super().apply(changed)
        if Changed.RESTARTED in changed:
            self.counted(None)
        self.reading.want()

    def paint_panels(self, changed: Changed) -> None:
        """Let the lanes grow that are still open, and read what moved."""
        super().paint_panels(changed)
        self.reading.want()
        self.view.paint_if_changed()
        self._renew_nothing()

    def counted(self, funnel: Funnel | None) -> None:
        """Show how far messages came; None while that is being counted."""
        self.funnel.show(funnel)
        self.filter_line.bar.messages = funnel.messages if funnel is not None and funnel.complete else None
        self.filter_line.bar.refresh()

    def failed(self, why: str) -> None:
        """Note why something could not be read, or that it was."""
        if why != self.messages_foot.failure:
            self.messages_foot.failure = why
            self.messages_foot.refresh()

    def read(self) -> None:
        """Show what was read, and read on."""
        if not self.in_front:
            return
        self.view.sync()
        if self.opened and self.listing.lost:
            self._close()
        elif self.opened:
            self._tell()
        searching = self.reading.rests and self.listing.further is not None
        self.messages_foot.looking = "Searched a long way back; g searches on" if searching else ""
        self.foot.refresh()
        self._renew_nothing()
        self.show_pane()
        self.reading.want()

    def _renew_nothing(self) -> None:
        empty = not len(self.listing)
        self.nothing.display = empty
        if empty:
            trouble = self._trouble
            if trouble is None and self.messages_foot.failure:
                trouble = (self.messages_foot.failure, "It is asked again every few seconds")
            self.nothing.show(why_nothing(self.listing, self.dashboard, trouble), keep=True)

    # The list

    @on(MessageList.Moved)
    def _moved(self) -> None:
        if self.wants_further:
            self.reading.go_on()
        self.foot.refresh()
        if self.opened:
            self._tell()
        self.reading.want()

    @on(MessageList.Scrolled)
    def _scrolled(self) -> None:
        self.reading.go_on()
        self.reading.want()

    @on(MessageList.NoneFailing)
    def _none_failing(self, message: MessageList.NoneFailing) -> None:
        where = "below" if message.step > 0 else "above"
        self.knocktop.say(f"No message {where} failed, of those that were read")

    def action_sort(self, steps: int) -> None:
        """Sort the messages by another order."""
        orders = list(Order)
        self.listing.restart(order=orders[(orders.index(self.listing.order) + steps) % len(orders)])
        self.view.heading.refresh()
        self.knocktop.say(f"Messages are sorted {self.listing.order.words}", instead=True)
        self.reading.renew()

    def action_pause(self) -> None:
        """Pause the list, or go on."""
        if self.listing.stance is Stance.PAUSED:
            self.listing.resume()
            self.reading.renew()
        else:
            self.listing.pause()
        self.foot.refresh()
        self.show_pane()

    def action_turn_funnel(self) -> None:
        """Show the funnel by channel, or by workflow."""
        self.funnel.turn()
        if self.funnel_seen:
            self.reading.count_anew()
        else:
            self.knocktop.say("The funnel needs a screen that is higher, without a story")

    # The story

    @on(MessageList.Opened)
    def open_story(self) -> None:
        """Tell the whole story of the message under the cursor."""
        if self.listing.message is None or self.listing.step is None:
            return
        self.listing.hold()
        # Steps that arrive do not take the place of the one that is read.
        self.listing.choose(self.listing.step.seq)
        self.listing.lost = False
        self.remove_class("-zoomed", "-zoom-messages", "-event")
        self.add_class("-told")
        self._tell()
        self.set_focus(self.story)
        self.call_after_refresh(self.zoomed)

    def _close(self) -> None:
        self.remove_class("-told", "-event")
        self.set_focus(self.view)
        self.call_after_refresh(self.zoomed)

    def _tell(self) -> None:
        """Show the story as far as it is known, and read the rest of it."""
        message = self.listing.message
        if message is None:
            return
        whole = self._whole
        known = whole is not None and (whole.message_id, whole.last_at, whole.step_count) == (
            message.message_id,
            message.last_at,
            message.step_count,
        )
        step = self.listing.step
        self.story.tell(whole if known else message, None if step is None else step.seq)
        if not known and message.step_count > len(message.steps) and self.source is not None:
            begin_instead(self, "story", self._read_story, self.source, message.message_id)
        if step is not None:
            self._choose(step.seq)

    async def _read_story(self, source: Source, message_id: str) -> None:
        try:
            self._whole = await source.message(message_id)
        except SourceError as error:
            self.failed(str(error))
            return
        if self.listing.selected == message_id:
            step = self.listing.step
            self.story.tell(self._whole, self.story.chosen or (None if step is None else step.seq))

    @on(StoryView.Stepped)
    def _stepped(self, message: StoryView.Stepped) -> None:
        self.listing.choose(message.seq)
        self.story.mark(message.seq)
        self.view.paint_if_changed()
        self.foot.refresh()
        self._choose(message.seq)

    def _choose(self, seq: int) -> None:
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

    def action_along(self, kind: Literal["message", "failures"], step: int) -> None:
        """Go to another step of the message, or to another message that failed."""
        if kind == "message":
            self.story.action_step(step)
        else:
            self.view.action_failing(step)

    # The filter

    def filter_by(self, term: str, types: tuple[str, ...] | None = None) -> None:
        """Show only messages that a term matches, too."""
        from relay.contract.filter import FilterError
        from tui.model.messages.splitting import with_term

        filtering = self.dashboard.filtering
        try:
            text = with_term(joined(filtering.latest.text, filtering.of_messages), term, self.dashboard.clock.zone)
        except FilterError as error:
            self.knocktop.say(f"That cannot be filtered by: {error}", "warning")
        else:
            self.set_filter(text, types)

    def set_filter(self, text: str, types: tuple[str, ...] | None = None) -> None:
        """Ask for another filter; what speaks of messages alone is kept for the screens of messages."""
        from relay.contract.filter import FilterError
        from tui.model.messages.splitting import Parts, split

        filtering = self.dashboard.filtering
        try:
            parts = split(text, self.dashboard.clock.zone)
        except FilterError:
            # The relay says what is wrong with it.
            parts = Parts(text, filtering.of_messages)
        differs = parts.of_messages != filtering.of_messages
        filtering.of_messages = parts.of_messages
        super().set_filter(parts.of_events, types)
        if differs:
            self.reading.restart()
            self.counted(None)
            self.filter_line.renew()
            self._renew_nothing()
            self.reading.want()

    def action_lift(self) -> None:
        """Lift all filters, or restore them."""
        filtering = self.dashboard.filtering
        toggled = filtering.toggled
        lifts = filtering.choice != EVERYTHING or bool(filtering.of_messages)
        restored = "" if lifts else filtering.lifted_of_messages
        if lifts:
            filtering.lifted_of_messages = filtering.of_messages
        if toggled is None and not lifts and not restored:
            self.knocktop.say("There is no filter to lift")
            return
        text, types = (filtering.choice if toggled is None else toggled) if not lifts else EVERYTHING
        self.set_filter(joined(text, restored), types)

    def vocabulary(self, text: str, cursor: int) -> Vocabulary:
        """Give what the filter line completes from: what speaks of messages, too."""
        return replace(super().vocabulary(text, cursor), of_messages=True)

    async def matching(self, source: Source, choice: Choice) -> int:
        """Count the messages that a filter would show."""
        return (await source.funnel(spelled_out(choice))).messages

    # Actions

    def _with_event(self, do: Callable[[EventDetail], None]) -> None:
        """Do something with the event of the chosen step, once it was read."""
        step, source = self.listing.step, self.source
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

    def action_mark(self) -> None:
        """Mark the event of the step, or take its mark away."""

        def mark(event: EventDetail) -> None:
            taken = event.seq == self.dashboard.marked_seq
            self.knocktop.mark(None if taken else event)
            self.knocktop.say(f"Seq {event.seq:,} is {'no longer ' if taken else ''}marked")

        self._with_event(mark)

    def action_compare(self) -> None:
        """Compare the event of the step with the marked one, or with the one before of the same message."""
        source = self.source

        def compare(event: EventDetail) -> None:
            from tui.screens.diff import DiffScreen

            if source is not None:
                self.key_line.show("diff", at_root=False)
                self.app.push_screen(DiffScreen(source, event, self.dashboard.marked, self.dashboard.clock))

        self._with_event(compare)

    def action_copy_as(self) -> None:
        """Copy the event of the step, or the value under the cursor, in a form to paste elsewhere."""
        source = self.source

        def ask(event: EventDetail) -> None:
            from tui.screens.copy_as import CopyAsSheet

            if source is not None:
                self.app.push_screen(CopyAsSheet(event, self.held(), source), copy)

        def copy(copied: Copied | None) -> None:
            if copied is not None:
                self.knocktop.copy(copied.text, copied.name)

        self._with_event(ask)

    def action_copy(self) -> None:
        """Copy the value under the cursor; in the list the id of the message."""
        match self.pane:
            case "detail":
                copy = self.detail.under_cursor
            case "story":
                copy = self.story.under_cursor
            case _:
                copy = None if self.listing.selected is None else Copy(self.listing.selected, "message id")
        if copy is None:
            self.knocktop.say("There is nothing to copy on this line")
        else:
            self.knocktop.copy(copy.value, copy.name)

    def by_value(self, *, without: bool) -> None:
        """Filter by the value under the cursor; in the list by one that is chosen of the message."""
        if self.pane in ("detail", "story"):
            self.by_line(self.story if self.pane == "story" else self.detail.view, without=without)
            return
        from tui.screens.by_value import ByValueSheet

        message = self.listing.message
        if message is None:
            self.knocktop.say("There is no message to filter by")
            return

        def filter_by(found: str | None) -> None:
            if found is not None:
                self.filter_by(found)

        self.app.push_screen(ByValueSheet(message, self.query_text, without=without), filter_by)

    def step_back(self) -> bool:
        """Take one step back: from the event to the story, from there to the lanes."""
        if self.pane == "detail" and self.detail.lift_find():
            return True
        if not self.has_class("-zoomed") and self.detail_pane is not None:
            self.remove_class("-event")
            self.set_focus(self.story)
            return True
        if not self.has_class("-zoomed") and self.opened:
            self._close()
            return True
        return super().step_back()

    def words_now(self) -> dict[str, str]:
        """Leave out what there is nothing for: to fold, to find, to follow."""
        words, listing, filtering = super().words_now(), self.listing, self.dashboard.filtering
        if filtering.of_messages:
            words.pop("lift", None)
        elif filtering.toggled is None and filtering.lifted_of_messages:
            words["lift"] = "restore"
        if not self.detail.view.has_folds:
            words["fold"] = ""
        if not self.detail.looks_for:
            words["next_hit"] = ""
        if listing.following:
            words["follow_messages"] = ""
        elif listing.stance is Stance.PAUSED:
            words["pause"] = "go on"
        if not len(listing):
            words |= dict.fromkeys(("open_message", "follow_messages", "later_step", "nearer"), "")
        return words
