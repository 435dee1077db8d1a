"""The sheet that makes an event of a request in quarantine."""

from __future__ import annotations

from collections.abc import Iterator

from relay.contract.api import QuarantineItem
from tui.model.clock import Clock
from tui.model.held import NO_EVENT, claimed, size, title
from tui.model.items import Fact, Item, Note
from tui.model.quarantine import Gone
from tui.model.source import Source, SourceError
from tui.widgets.sheet import Sheet
from tui.work import begin


class AdmitSheet(Sheet[Gone]):
    """Gives the request with what became of it."""

    title_text = "Admit as an event"
    verb = "admit"
    AUTO_FOCUS = ""

    def __init__(self, source: Source, item: QuarantineItem, clock: Clock) -> None:
        super().__init__()
        self.source = source
        self.item = item
        self.clock = clock
        self.failure = ""

    @property
    def ready(self) -> bool:
        """It can become an event."""
        return self.item.reason != NO_EVENT

    def says(self) -> Iterator[Item]:
        """Say what becomes of the request."""
        item = self.item
        what = claimed(item) or "no type in its headers"
        yield Fact("admits", what, note=f"received {self.clock.full(item.received_at)}, {size(item.size)}")
        if not self.ready:
            yield Fact("cannot", f"its body is no event: {item.detail}", "bad" if self.insisted else "warn")
            return
        yield Fact("becomes", "an event of the log, marked with what its signature is worth")
        yield Fact("beware", f"nothing proves that Knock sent it: {title(item)}", "warn")
        yield Note("  With the right secret (S) it is admitted by itself, and as verified")
        if self.failure:
            yield Note(f"  {self.failure}", "bad")

    def confirm(self) -> None:
        """Admit it."""
        self.busy = "Admitting"
        self.renew()
        begin(self, "admit", self._admit)

    async def _admit(self) -> None:
        try:
            stored = await self.source.admit(self.item.id)
        except SourceError as error:
            self.busy, self.failure = "", f"It was not admitted: {error}"
            self.renew()
            return
        again = " was there already; this is one more delivery of it" if stored.duplicate else " is what it became"
        self.dismiss(Gone([self.item.id], f"Event {stored.seq:,}{again}"))
