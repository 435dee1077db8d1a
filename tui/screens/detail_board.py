"""A board with the detail of one event: it reads for it what its tabs show, and says what its keys mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from relay.contract.events import EventDetail
from tui.keys import Pane
from tui.model.byvalue import spelled_out, term
from tui.model.dashboard import Changed
from tui.model.source import Source, SourceError
from tui.screens.board import Board
from tui.widgets.detail import Detail
from tui.widgets.find_bar import FindField
from tui.widgets.lines import Lines
from tui.widgets.tabs import Tabs
from tui.work import begin_instead

if TYPE_CHECKING:
    from tui.screens.copy_as import Held


class DetailBoard(Board):
    """A board whose subclass has a `detail`, and places it."""

    detail: Detail

    @property
    def detail_pane(self) -> Pane | None:
        """The pane of the detail that has the focus; None where another has it."""
        if isinstance(self.focused, FindField):
            return "find"
        return (
            "detail"
            if self.focused is not None and self.focused in (self.detail.facts, self.detail.body)
            else None
        )

    def apply(self, changed: Changed) -> None:
        """Paint what was touched, and underline in the detail what the filter asks for."""
        super().apply(changed)
        for view in (self.detail.facts, self.detail.body):
            view.underline(self.dashboard.filtering.applied)

    async def read_event(self, source: Source, seq: int) -> EventDetail | None:
        """Read an event and show it; None where that cannot be, which the detail then says."""
        try:
            event = await source.detail(seq)
        except SourceError as error:
            self.detail.fail(seq, str(error))
            return None
        self.detail.show(event)
        self.detail.fill(event)
        return event

    @on(Detail.BodyWanted)
    def _body_wanted(self, message: Detail.BodyWanted) -> None:
        if self.source is not None:
            begin_instead(self, "body", self._read_body, self.source, message.seq)

    async def _read_body(self, source: Source, seq: int) -> None:
        try:
            body = await source.body(seq)
        except SourceError as error:
            self.detail.fail(seq, str(error))
        else:
            self.detail.fill_body(seq, body)

    @on(Detail.RelatedWanted)
    def _related_wanted(self, message: Detail.RelatedWanted) -> None:
        if self.source is None:
            return
        if isinstance(message, Detail.BodiesWanted):
            begin_instead(self, "bodies", self._read_bodies, self.source, message.event)
        else:
            begin_instead(self, "related", self._read_related, self.source, message.event)

    async def _read_related(self, source: Source, event: EventDetail) -> None:
        from tui.model.eventdata.reading import read_related

        async for related in read_related(source, event):
            self.detail.fill_related(event.seq, related)

    async def _read_bodies(self, source: Source, event: EventDetail) -> None:
        from tui.model.eventdata.reading import read_bodies

        self.detail.fill_bodies(event.seq, await read_bodies(source, event))

    @on(Tabs.Chosen)
    def _tab_chosen(self, message: Tabs.Chosen) -> None:
        self.detail.choose(message.name)

    def action_tab(self, tabs: int) -> None:
        """Show the next tab of the detail, or the one before."""
        self.detail.step(tabs)

    @property
    def payload(self) -> object:
        """The body of the event in the detail, as far as it was read."""
        return self.detail.payload

    def by_line(self, view: Lines, *, without: bool) -> None:
        """Filter by the value under the cursor of a view."""
        place = view.path(view.cursor) if view.cursor < view.count() else None
        found = None if place is None else term(place, view.value(view.cursor), without=without)
        if found is None:
            self.knocktop.say("There is no value to filter by on this line")
        else:
            self.filter_by(found)

    @property
    def filter_in_force(self) -> str:
        """What the stream obeys, as one filter."""
        return spelled_out(self.dashboard.filtering.choice)

    def held(self) -> Held | None:
        """Give the value under the cursor of the detail, while it has the focus."""
        from tui.screens.copy_as import Held

        view = self.detail.view
        under = self.detail.under_cursor if self.pane == "detail" else None
        return None if under is None else Held(under.value, view.value(view.cursor), view.path(view.cursor))

    @on(Lines.Moved)
    def _line_moved(self) -> None:
        self.show_pane()

    def show_pane(self) -> None:
        """Show the keys of the pane that has the focus."""
        super().show_pane()
        self.detail.tabs.refresh_look(focused=self.detail_pane is not None)
