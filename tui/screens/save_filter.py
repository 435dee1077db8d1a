"""The sheet that gives the filter in force a name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual.app import ComposeResult

from tui.model.items import Fact, Item, Note
from tui.state import ENTRIES
from tui.widgets.sheet import Labelled, Sheet, SheetField

LONGEST = 60
"""Characters of a name."""


class SaveFilterSheet(Sheet[str]):
    """Gives the name. `saved` are the filters that there are, `configured` those of a config file among them."""

    title_text = "Save the filter"
    verb = "save"

    def __init__(self, text: str, saved: Mapping[str, str], configured: Mapping[str, str]) -> None:
        super().__init__()
        self.text = text
        self.saved = saved
        self.configured = configured
        self.field = SheetField("a name for it", limit=LONGEST)

    def compose_fields(self) -> ComposeResult:
        """Ask for the name."""
        yield Labelled("name", self.field)

    @property
    def _written(self) -> str:
        return " ".join(self.field.value.split())

    @property
    def ready(self) -> bool:
        """There is a name."""
        return bool(self._written)

    def says(self) -> Iterator[Item]:
        """Show what is saved, and what has the name already."""
        yield Fact("saves", self.text)
        known = next((name for name, text in self.saved.items() if text == self.text), None)
        if self.insisted:
            yield Note("  Write a name for it first", "bad")
        elif self._written in self.saved and self.saved[self._written] != self.text:
            whose = "of the config file, which stays there" if self._written in self.configured else "saved before"
            yield Fact("replaces", self.saved[self._written], "warn", f"the one {whose}")
        elif len(self.saved) >= ENTRIES:
            yield Note(f"  {ENTRIES} filters are kept; the oldest one goes", "warn")
        if known is not None and known != self._written:
            yield Fact("known as", known, "quiet")
        yield Fact("found", "by its name with Tab in the filter line, and in the palette", "quiet")

    def confirm(self) -> None:
        """Give the name."""
        self.dismiss(self._written)
