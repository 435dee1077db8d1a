"""The foot of the detail: where the value under the cursor stands, as a filter spells it, and what it is."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.items import Place
from tui.widgets.bar import Bar, Part
from tui.widgets.cells import fit_end
from tui.widgets.look import look_of

SHOWN_KEYS = 100
"""Keys of a path that are shown, the last ones: there may be 500."""


class PathLine(Bar):
    """A path at the left, cut at its beginning, and a few words about the value at the right."""

    GROUND = "side"

    def __init__(self) -> None:
        super().__init__(id="path-line")
        self.place: Place | None = None
        self.said = ""

    def show(self, place: Place | None, said: str) -> None:
        """Show another place."""
        if (place, said) != (self.place, self.said):
            self.place, self.said = place, said
            self.refresh()

    def left(self) -> Sequence[Part]:
        """Give the path."""
        if self.place is None:
            return []
        look = look_of(self)
        room = max(self.size.width - len(self.said) - 4, 12)
        text = look.text(spelled(self.place))
        return [Part(0, [[(f" {fit_end(text, room, look.ellipsis)}", "quiet")]])]

    def right(self) -> Sequence[Part]:
        """Say what the value is."""
        return [Part(1, [[(f"{look_of(self).text(self.said)} ", "quiet")]])] if self.said else []


def spelled(place: Place) -> str:
    """Spell a place as the filter language does; of a very long path the end."""
    if isinstance(place, str):
        return place
    # The filter language is not needed for the first paint, and takes long to import.
    from relay.contract.filter.fields import Path

    return str(Path(place)) if len(place) <= SHOWN_KEYS else f"…{Path(place[-SHOWN_KEYS:])}"
