"""The sheet that asks which value of an event to filter by. A letter picks at once: a filter is easily lifted."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult

from relay.contract.events import EventSummary
from tui.model.byvalue import Facet, about, facets, term
from tui.model.items import Fact, Item
from tui.widgets.sheet import Choices, Option, Sheet


class ByValueSheet(Sheet[str]):
    """Gives the term to filter by."""

    def __init__(self, event: EventSummary, applied: str, *, without: bool) -> None:
        super().__init__()
        self.title_text = "Leave out the events with the same" if without else "Show only events with the same"
        self.verb = "leave them out" if without else "show only these"
        self.about = about(event)
        self.applied = applied
        self.without = without
        self.facets: list[Facet] = list(facets(event))
        self.choices = Choices([Option(one.letter, one.name, one.value) for one in self.facets])

    def compose_fields(self) -> ComposeResult:
        """Offer the values."""
        yield self.choices

    @property
    def _term(self) -> str | None:
        facet = self.facets[self.choices.cursor]
        return term(facet.place, facet.value, without=self.without)

    def says(self) -> Iterator[Item]:
        """Show what the filter will gain."""
        yield Fact("adds", self._term or "nothing")
        if self.applied:
            yield Fact("to", self.applied, "quiet")

    def confirm(self) -> None:
        """Give the term."""
        self.dismiss(self._term)
