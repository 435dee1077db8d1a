"""The screen of messages: a lane for each, the funnel, and one message's whole story beside its newest body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.dom import DOMNode
from textual.widget import Widget

from relay.contract.timeline import Funnel, MessageTimeline, Step
from tui.keys import Key, Pane
from tui.model.browse import Stance
from tui.model.byvalue import joined, spelled_out
from tui.model.completion import Vocabulary
from tui.model.dashboard import Changed, Dashboard
from tui.model.filtering import EVERYTHING, Choice
from tui.model.messages.listing import Listing, Order
from tui.model.messages.nothing import why_nothing
from tui.model.source import Source, SourceError
from tui.screens.message_reading import Reading
from tui.screens.telling import Telling
from tui.widgets.bar import Bar
from tui.widgets.facts_view import FactsView
from tui.widgets.funnel import FunnelView
from tui.widgets.lines import Copy
from tui.widgets.message_list import MessageList
from tui.widgets.messages_foot import MessagesFoot
from tui.work import begin_instead

TALL_FROM = 34
"""Rows from which on lanes and story, or lanes and funnel, are seen together."""


class MessagesScreen(Telling):
    """What happened to each message."""

    CSS_PATH: ClassVar[str | list[str]] = [*Telling.CSS_PATH, "messages.tcss"]

    def __init__(self, dashboard: Dashboard, changed_keys: Mapping[str, str], *, read_only: bool = False) -> None:
        self.listing = Listing()
        super().__init__(dashboard, changed_keys, read_only=read_only)
        self.filter_line.bar.of_messages = self.filter_line.fault.of_messages = True
        self.view = MessageList(self.listing, dashboard)
        self.funnel = FunnelView()
        self.nothing = FactsView("nothing")
        self.reading = Reading(self)
        self._trouble: tuple[str, str] | None = None
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
        return self.view if key.pane == "messages" else super().node_of(key)

    @property
    def message(self) -> MessageTimeline | None:
        """The message under the cursor."""
        return self.listing.message

    @property
    def step(self) -> Step | None:
        """The chosen step of it, its newest where none was chosen."""
        return self.listing.step

    def choose(self, seq: int) -> None:
        """Choose another step of the message under the cursor."""
        self.listing.choose(seq)
        self.view.paint_if_changed()

    # Sizes

    def lay_out(self, width: int, height: int) -> None:
        """Choose what is seen at this size."""
        self.set_class(height >= TALL_FROM, "-tall")
        super().lay_out(width, height)

    def zoomed(self) -> None:
        """Fit what is seen to its new size."""
        super().zoomed()
        self.view.sync()
        self.reading.want()

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
        self.messages_foot.marked = self.view.marked
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
        self.show_pane()
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
            self.want_event(step.seq)

    async def _read_story(self, source: Source, message_id: str) -> None:
        try:
            self._whole = await source.message(message_id)
        except SourceError as error:
            self.failed(str(error))
            return
        if self.listing.selected == message_id:
            step = self.listing.step
            self.story.tell(self._whole, self.story.chosen or (None if step is None else step.seq))

    def along_failures(self, step: int) -> None:
        """Go to the next message that failed, or to the one before."""
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

    def to_copy(self) -> Copy | None:
        """Give the value under the cursor; in the list the id of the message."""
        if self.pane != "messages":
            return super().to_copy()
        return None if self.listing.selected is None else Copy(self.listing.selected, "message id")

    def by_value(self, *, without: bool) -> None:
        """Filter by the value under the cursor; in the list by one that is chosen of the message."""
        if self.pane in ("detail", "story"):
            super().by_value(without=without)
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
        if not self.has_class("-zoomed") and self.focused is self.story:
            self._close()
            return True
        return super().step_back()

    def words_now(self) -> dict[str, str]:
        """Leave out what there is nothing for: to lift, to follow, to open."""
        words, listing, filtering = super().words_now(), self.listing, self.dashboard.filtering
        if filtering.of_messages:
            words.pop("lift", None)
        elif filtering.toggled is None and filtering.lifted_of_messages:
            words["lift"] = "restore"
        if listing.following:
            words["follow_messages"] = ""
        elif listing.stance is Stance.PAUSED:
            words["pause"] = "go on"
        if not len(listing):
            words |= dict.fromkeys(("open_message", "follow_messages", "later_step", "nearer"), "")
        return words
