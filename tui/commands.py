"""What the palette offers: every action by what it does, with its keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.types import IgnoreReturnCallbackType

from tui.keys import CLOSED, KEYS, keys_of

if TYPE_CHECKING:
    from tui.app import KnocktopApp

WIDTH = 58


class Command(NamedTuple):
    """A line of the palette."""

    text: str
    keys: str
    run: IgnoreReturnCallbackType

    def display(self, text: Content) -> Content:
        """Put the keys at the right end of the text."""
        space = " " * max(WIDTH - text.cell_length - len(self.keys), 2)
        return Content.assemble(text, space, (self.keys, "$quiet"))


class Actions(Provider):
    """Every action that can be taken on the screen, those of the focused pane and of everywhere first."""

    async def discover(self) -> Hits:
        """Give them all."""
        for command in self._commands():
            yield DiscoveryHit(command.display(Content(command.text)), command.run, command.text)

    async def search(self, query: str) -> Hits:
        """Give those that match what was typed."""
        matcher = self.matcher(query)
        for command in self._commands():
            score = matcher.match(command.text)
            if score > 0:
                text = matcher.highlight(command.text)
                yield Hit(score, command.display(text), command.run, command.text)

    def _commands(self) -> Iterator[Command]:
        app = cast("KnocktopApp", self.app)
        pane = app.front.pane if app.front is not None else "everywhere"
        # Those of the pane one is in, then those of everywhere, then those that go to another pane.
        for key in sorted(KEYS, key=lambda key: (key.pane != pane, key.pane != "everywhere")):
            node = app.front.node_of(key) if app.front is not None else None
            if key.pane in CLOSED or key.name == "palette" or node is None:
                continue
            text = key.text if key.pane == "everywhere" else f"{key.text} ({key.pane})"
            written = "  ".join(keys_of(key, app.options.keys))
            yield Command(text, written, lambda key=key, node=node: app.do(key, node))
        yield Command("choose the colours", "", app.action_change_theme)
