"""A line in which text is typed. What is pasted is foreign."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.widgets import Input

from relay.contract.text import copyable
from tui.widgets.steady import in_place


def one_line(text: str) -> str:
    """Make foreign text fit to be typed: one line, without what cannot be seen or would act."""
    return " ".join(copyable(text)[0].split())


class TextField(Input, inherit_bindings=False):
    """An input whose keys are given by whoever is made of it."""

    @property
    def _value(self) -> Text:
        """Show the text in characters of a width that is certain; the cursor counts them one by one."""
        shown = super()._value
        shown.plain = in_place(shown.plain)
        return shown

    def begin(self, text: str) -> None:
        """Edit a text, from its end."""
        self.value = text
        self.cursor_position = len(text)

    def _on_paste(self, event: events.Paste) -> None:
        event.text = one_line(event.text)
        super()._on_paste(event)

    def action_clear(self) -> None:
        """Clear the line."""
        self.value = ""
