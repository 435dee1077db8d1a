"""A line in which a secret is typed: it is never shown, and nothing of it can be copied out again."""

from __future__ import annotations

from rich.text import Text

from tui.widgets.look import look_of
from tui.widgets.sheet import SheetField


class SecretField(SheetField):
    """Shows how many characters were typed, and none of them."""

    def __init__(self, placeholder: str = "") -> None:
        super().__init__(placeholder=placeholder, id="secret")
        self.password = True

    @property
    def _value(self) -> Text:
        dot = "*" if look_of(self).ascii_only else "•"
        return Text(dot * len(self.value), no_wrap=True, overflow="ignore", end="")

    def action_copy(self) -> None:
        """Copy nothing."""

    def action_cut(self) -> None:
        """Cut nothing."""
