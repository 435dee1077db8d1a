"""The filter that is in force, the one that is lifted, and what was wrong with the last one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FilterFault:
    """Why a filter was refused. `column` is from 1."""

    text: str
    message: str
    column: int | None = None
    length: int = 1
    hint: str = ""


class Filtering:
    """What the viewer asked to see. An empty text matches everything."""

    def __init__(self, text: str = "") -> None:
        self.applied = text
        """What the stream obeys."""
        self.lifted = ""
        """What `\\` brings back."""
        self.fault: FilterFault | None = None
        self.asked: str | None = None
        """What the relay was asked for and did not answer yet."""

    def accept(self, text: str) -> None:
        """Note that a filter is in force now."""
        if self.applied and not text:
            self.lifted = self.applied
        elif text:
            self.lifted = ""
        self.applied = text
        self.fault = None
        self.asked = None

    @property
    def toggled(self) -> str | None:
        """Give the text that lifting or restoring leads to; None where there is neither."""
        if self.applied:
            return ""
        return self.lifted or None
