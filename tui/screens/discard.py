"""The sheet that drops requests in quarantine for good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult

from relay.contract.api import QuarantineItem
from tui.model.clock import Clock
from tui.model.held import NO_EVENT, claimed, path, size, title
from tui.model.items import Fact, Item, Note
from tui.model.quarantine import Gone
from tui.model.source import Source, SourceError
from tui.widgets.sheet import Choices, Option, Sheet
from tui.work import begin


class DiscardSheet(Sheet[Gone]):
    """Gives the requests that were discarded. `like` are the requests that are held for the same reason."""

    title_text = "Discard"
    verb = "discard for good"

    def __init__(self, source: Source, item: QuarantineItem, like: Sequence[QuarantineItem], clock: Clock) -> None:
        super().__init__()
        self.source = source
        self.item = item
        self.like = like
        self.clock = clock
        self.failure = ""
        self.about = path(item)
        options = [Option("t", "this one", f"{claimed(item) or 'no type'}, {size(item.size)}")]
        if len(like) > 1:
            options.append(Option("l", f"the {len(like):,} like it", title(item)))
        self.choices = Choices(options)

    def compose_fields(self) -> ComposeResult:
        """Offer this one, and those that are alike."""
        yield self.choices

    @property
    def _all(self) -> bool:
        return self.choices.cursor == 1

    def says(self) -> Iterator[Item]:
        """Say what goes."""
        if self._all:
            yield Fact("discards", f"{len(self.like):,} requests: {title(self.item)}", "bad")
        else:
            yield Fact("discards", f"the request of {self.clock.full(self.item.received_at)}", "bad")
        if self.item.reason == NO_EVENT:
            yield Fact("then", "nothing of it is kept; it was refused, so that it may be sent again")
        else:
            yield Fact(
                "then", "nothing of it is kept, and Knock was told that it arrived: it does not send it again"
            )
        if self.failure:
            yield Note(f"  {self.failure}", "bad")

    def confirm(self) -> None:
        """Discard what was chosen."""
        self.busy = "Discarding"
        self.renew()
        begin(self, "discard", self._discard, self.like if self._all else [self.item])

    async def _discard(self, items: Sequence[QuarantineItem]) -> None:
        for done, item in enumerate(items):
            self.busy = f"Discarding {done + 1:,} of {len(items):,}"
            self.keys.refresh()
            try:
                await self.source.discard(item.id)
            except SourceError as error:
                self.busy, self.failure = "", f"After {done:,} of {len(items):,} it stopped: {error}"
                self.renew()
                return
        says = "The request is discarded" if len(items) == 1 else f"{len(items):,} requests are discarded"
        self.dismiss(Gone([item.id for item in items], says))
