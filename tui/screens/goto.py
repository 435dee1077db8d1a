"""The sheet that asks for a time to go to."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult

from tui.model.clock import Clock, age
from tui.model.goto import EXAMPLES, NoTime, read_time
from tui.model.items import Fact, Item, Note
from tui.widgets.sheet import Labelled, Sheet, SheetField


class GotoSheet(Sheet[int]):
    """Gives a time in microseconds since the epoch."""

    title_text = "Go to a time"
    verb = "go there"

    def __init__(self, clock: Clock, *, narrowed: bool) -> None:
        super().__init__()
        self.clock = clock
        self.narrowed = narrowed
        self.field = SheetField(EXAMPLES, limit=64)

    def compose_fields(self) -> ComposeResult:
        """Ask for the time."""
        yield Labelled("time", self.field)

    @property
    def ready(self) -> bool:
        """A time was written."""
        return isinstance(self._read(), int)

    def _read(self) -> int | NoTime:
        try:
            return read_time(self.field.value, self.clock)
        except NoTime as error:
            return error

    def says(self) -> Iterator[Item]:
        """Say which moment is meant, and where that leads."""
        read = self._read()
        if isinstance(read, NoTime):
            yield Note(f"  {read}", "bad" if self.insisted else "quiet")
            return
        seconds = (self.clock.now_us - read) / 1_000_000
        ago = f"{age(seconds)} ago" if seconds >= 1 else "now" if seconds > -1 else f"in {age(-seconds)}"
        yield Fact("moment", self.clock.full_us(read), note=ago)
        which = ", of those that the filter shows" if self.narrowed else ""
        yield Fact("goes to", f"the first event received then or later{which}")

    def confirm(self) -> None:
        """Give the time."""
        read = self._read()
        if isinstance(read, int):
            self.dismiss(read)
