"""The sheet that asks which value of an event to filter by. A letter picks at once: a filter is easily lifted."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult

from relay.contract.events import EventSummary
from relay.contract.timeline import MessageTimeline
from tui.model.byvalue import Facet, about, facets, term
from tui.model.items import Fact, Item
from tui.model.messages.facets import about_message, facets_of
from tui.widgets.sheet import Choices, Option, Sheet


class ByValueSheet(Sheet[str]):
    """Gives the term to filter events by, or messages."""

    def __init__(self, subject: EventSummary | MessageTimeline, applied: str, *, without: bool) -> None:
        super().__init__()
        what = "messages" if isinstance(subject, MessageTimeline) else "events"
        self.title_text = f"Leave out the {what} with the same" if without else f"Show only {what} with the same"
        self.verb = "leave them out" if without else "show only these"
        self.about = about_message(subject) if isinstance(subject, MessageTimeline) else about(subject)
        self.applied = applied
        self.without = without
        self.facets: list[Facet] = list(
            facets_of(subject) if isinstance(subject, MessageTimeline) else facets(subject)
        )
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
