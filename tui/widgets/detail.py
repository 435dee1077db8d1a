"""One event in full, in tabs."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from relay.contract.events import EventDetail, EventSummary
from tui.model.clock import Clock
from tui.model.environments import Environments
from tui.model.eventdata.related import Related
from tui.model.facts import Bodies, deliveries, eventdata, headers, summary
from tui.model.find import Needle
from tui.model.items import Item, Note
from tui.model.source import Missing, Row
from tui.widgets.body_view import BodyView
from tui.widgets.facts_view import FactsView
from tui.widgets.find_bar import FindBar
from tui.widgets.lines import Copy, Lines
from tui.widgets.path_line import PathLine
from tui.widgets.tabs import TABS, Tabs

READING = "Reading it from the relay…"


class Detail(Vertical):
    """Shows what is known of an event at once, and the rest when it was read."""

    class BodyWanted(Message):
        """The body of this event is to be read."""

        def __init__(self, seq: int) -> None:
            super().__init__()
            self.seq = seq

    class RelatedWanted(Message):
        """The other events that the view of this one tells of are to be read."""

        def __init__(self, event: EventDetail) -> None:
            super().__init__()
            self.event = event

    class BodiesWanted(RelatedWanted):
        """The bodies of this event's deliveries are to be compared."""

    def __init__(self, clock: Clock, environments: Environments | None = None) -> None:
        super().__init__(id="detail")
        self.clock = clock
        self.environments = environments
        self.tabs = Tabs()
        self.facts = FactsView("facts", ground="side")
        self.body = BodyView()
        self.facts.finder = self.body.finder = self
        self.find_bar = FindBar(self)
        self.path_line = PathLine()
        self.seq: int | None = None
        """The event that is shown."""
        self.complete = False
        """It was read in full, or cannot be."""
        self._event: EventSummary | None = None
        self._full: EventDetail | None = None
        self._trouble = ""
        self._gone = ""
        self._body: bytes | None = None
        self._needle = Needle("")
        self._asked = False
        self._related: Related | None = None
        self._bodies: Bodies | None = None
        self._sent_for: dict[str, EventDetail] = {}

    def compose(self) -> ComposeResult:
        """Place the tabs above the two views, what is looked for and the path below."""
        yield self.tabs
        yield self.facts
        yield self.body
        yield self.find_bar
        yield self.path_line

    @property
    def view(self) -> Lines:
        """The view of the chosen tab."""
        return self.body if self.tabs.chosen == "Body" else self.facts

    @property
    def payload(self) -> object:
        """The body of the event, parsed; None before it was read."""
        return None if self._full is None else self._full.payload

    @property
    def under_cursor(self) -> Copy | None:
        """What `y` takes now."""
        return self.view.under_cursor

    def show(self, row: Row | None) -> None:
        """Show another event, or newer facts about the same one."""
        self._gone = ""
        if row is None:
            self._begin(None, None)
        elif isinstance(row, Missing):
            self._gone = (
                f"Seqs {row.seq:,} to {row.to:,} are gone for good: {row.reason}. Where that is too soon, "
                "--retention-events, --retention-age and --retention-size of the relay keep more."
            )
            self._begin(row.seq, None)
        elif self._event is not row:
            if row.seq == self.seq:
                self._event = row
                self.complete = False
                self._show(keep=True)
                return
            self._begin(row.seq, row)

    def _begin(self, seq: int | None, event: EventSummary | None) -> None:
        if seq == self.seq and event is self._event and seq is not None:
            return
        self.seq = self.tabs.seq = seq
        self._event, self._full, self._body = event, None, None
        self._related = self._bodies = None
        self.complete = event is None
        self._asked = False
        self._trouble = ""
        self.tabs.refresh()
        self._show(keep=False)

    def fill(self, event: EventDetail) -> None:
        """Take the event in full; one that is not shown any more is left out."""
        if event.seq == self.seq:
            self._full = event
            self.complete = True
            self._trouble = ""
            self._show(keep=True, body=False)

    def fill_body(self, seq: int, body: bytes) -> None:
        """Take the body of an event."""
        if seq == self.seq:
            self._body = body
            self._show_body()

    def fill_related(self, seq: int, related: Related) -> None:
        """Take other events that belong to the one that is shown."""
        if seq == self.seq:
            self._related = related
            if self.tabs.chosen == "EventData":
                self._show(keep=True)

    @property
    def relating(self) -> EventDetail | None:
        """The event of which other events are told on screen."""
        return self._full if self._related is not None and self.tabs.chosen == "EventData" else None

    def fill_bodies(self, seq: int, bodies: Bodies) -> None:
        """Take how the bodies of the deliveries compare."""
        if seq == self.seq:
            self._bodies = bodies
            if self.tabs.chosen == "Deliveries":
                self._show(keep=True)

    def _send_for(self, wanted: type[RelatedWanted], event: EventDetail) -> None:
        """Ask once for what a tab shows beside the event."""
        if self._sent_for.get(wanted.__name__) is not event:
            self._sent_for[wanted.__name__] = event
            self.post_message(wanted(event))

    def fail(self, seq: int, trouble: str) -> None:
        """Say why an event could not be read."""
        if seq == self.seq:
            self._trouble = trouble
            self.complete = True
            self._show(keep=True)

    def choose(self, name: str) -> None:
        """Show another tab."""
        had_focus = self.screen.focused is self.view
        self.tabs.chosen = name
        self.tabs.refresh()
        self._show(keep=False)
        if had_focus:
            self.screen.set_focus(self.view)

    def step(self, tabs: int) -> None:
        """Show the next tab, or the one before."""
        at = (TABS.index(self.tabs.chosen) + tabs) % len(TABS)
        self.choose(TABS[at])

    # Looking for something

    @property
    def finding(self) -> bool:
        """The field for what is looked for has the keys."""
        return self.find_bar.editing

    @property
    def looks_for(self) -> bool:
        """Something is looked for."""
        return bool(self._needle)

    def edit_find(self) -> None:
        """Type what is looked for."""
        self.find_bar.edit(self._needle.text)

    def look_for(self, text: str) -> None:
        """Show only the keys and values that have a text, with what they are in."""
        if text != self._needle.text:
            self._needle = Needle(text)
            self.view.find(self._needle)
            self._moved()

    def keep_found(self, text: str) -> None:
        """Go from the field to what was found."""
        self.look_for(text)
        self.find_bar.leave(text)
        self.screen.set_focus(self.view)

    def lift_find(self) -> bool:
        """Show all again, and tell whether anything was looked for."""
        if not self.finding and not self._needle:
            return False
        had_focus = self.finding
        self.look_for("")
        self.find_bar.leave("")
        if had_focus:
            self.screen.set_focus(self.view)
        return True

    def step_hit(self, step: int) -> None:
        """Go to the next hit, or to the one before; begin to look for something where nothing is."""
        if self._needle:
            self.view.step_hit(step)
        else:
            self.edit_find()

    @on(Lines.Moved)
    def _moved(self) -> None:
        """Say where the cursor is now."""
        view = self.view
        at = view.cursor
        if at < view.count():
            self.path_line.show(view.path(at), view.said(at))
        self.find_bar.counted.refresh()

    # What is shown

    def _show(self, *, keep: bool, body: bool = True) -> None:
        in_body = self.tabs.chosen == "Body"
        self.body.display = in_body
        self.facts.display = not in_body
        self.view.needle = self._needle
        if not in_body:
            self.facts.show(self._items(), keep=keep)
        elif body:
            self._show_body()

    def _show_body(self) -> None:
        if self.tabs.chosen != "Body":
            return
        if self._body is not None:
            self.body.read(self._body)
        elif self._event is None:
            self.body.say("No event is selected")
        elif self._trouble:
            self.body.say(self._trouble)
        else:
            self.body.say(READING)
            if not self._asked:
                self._asked = True
                self.post_message(self.BodyWanted(self._event.seq))

    def _items(self) -> Iterable[Item]:
        event: EventSummary | None = self._full or self._event
        if self._full is not None and self._event is not None:
            # The list learns of further deliveries first.
            event = self._full if self._full.delivery_count >= self._event.delivery_count else self._event
        if event is None:
            return [None, Note(self._gone or "No event is selected.")]
        match self.tabs.chosen:
            case "Summary":
                return summary(event, self.clock, self.environments)
            case "EventData":
                return self._event_data(event)
            case "Headers":
                return headers(self._full) if self._full is not None else self._unread()
            case _:
                return self._deliveries()

    def _event_data(self, event: EventSummary) -> Iterable[Item]:
        if self._full is None:
            related = Related.failed(self._trouble) if self._trouble else None
            return eventdata(event, related, self.clock)
        self._send_for(self.RelatedWanted, self._full)
        return eventdata(self._full, self._related, self.clock)

    def _deliveries(self) -> Iterable[Item]:
        if self._full is None:
            return self._unread()
        if any(delivery.body_differs for delivery in self._full.deliveries):
            self._send_for(self.BodiesWanted, self._full)
        return deliveries(self._full, self.clock, self._bodies)

    def _unread(self) -> list[Item]:
        return [Note(self._trouble or READING, "warn" if self._trouble else "quiet")]
