"""Two events beside each other: the paths at which their bodies differ, over the screen it was asked for on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from relay.contract.events import EventSummary
from tui.keys import bindings
from tui.model.clock import Clock
from tui.model.comparing import alone, compare_events, shown
from tui.model.items import Item, Note
from tui.model.source import Source, SourceError
from tui.widgets.facts_view import FactsView
from tui.work import begin_instead

if TYPE_CHECKING:
    from tui.app import KnocktopApp

READING = "Reading the two…"


class DiffLines(FactsView, inherit_bindings=False):
    """The lines of the difference."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("diff")

    def __init__(self) -> None:
        super().__init__("diff-lines", ground="raised")


class Difference(ModalScreen[None]):
    """A box over the screen in front, with what differs between two things."""

    CSS_PATH = "diff.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.lines = DiffLines()

    def compose(self) -> ComposeResult:
        """Place the lines in a box."""
        with Vertical(id="diff-box"):
            yield self.lines

    def on_mount(self) -> None:
        """Read what is compared."""
        self.lines.show([Note(READING)])
        self.set_focus(self.lines)
        begin_instead(self, "compare", self._compare)

    async def _compare(self) -> None:
        self.lines.show(await self.read())

    async def read(self) -> Iterable[Item]:
        """Read the two, and say what differs."""
        raise NotImplementedError

    def action_copy(self) -> None:
        """Copy the value under the cursor."""
        app = cast("KnocktopApp", self.app)
        copy = self.lines.under_cursor
        if copy is None:
            app.say("There is nothing to copy on this line")
        else:
            app.copy(copy.value, copy.name)

    def action_close(self) -> None:
        """Leave the difference."""
        self.dismiss()


class DiffScreen(Difference):
    """The marked event against another; without a mark, an event against the one before of the same message."""

    def __init__(self, source: Source, event: EventSummary, marked: EventSummary | None, clock: Clock) -> None:
        super().__init__()
        self.source = source
        self.event = event
        self.marked = marked
        self.clock = clock

    async def read(self) -> Iterable[Item]:
        """Read the bodies, and say at which paths they differ."""
        try:
            pair = await compare_events(self.source, self.event, self.marked)
        except SourceError as error:
            return [Note(f"The events could not be compared: {error}", "warn")]
        return alone(self.event) if pair is None else shown(pair, self.clock)
