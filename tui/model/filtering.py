"""The filter that is in force, the one that is lifted, and what was wrong with the last one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class FilterFault:
    """Why a filter was refused. `column` is from 1."""

    text: str
    message: str
    column: int | None = None
    length: int = 1
    hint: str = ""


class Choice(NamedTuple):
    """A filter and the types that narrow it. An empty text and no types match everything."""

    text: str = ""
    types: tuple[str, ...] = ()


EVERYTHING = Choice()


class Filtering:
    """What the viewer asked to see."""

    def __init__(self, text: str = "") -> None:
        self.choice = Choice(text)
        """What the stream obeys."""
        self.lifted = EVERYTHING
        """What `\\` brings back."""
        self.of_messages = ""
        """Terms that speak of messages themselves: the screens of messages obey them, too."""
        self.lifted_of_messages = ""
        """What `\\` brings back of these."""
        self.fault: FilterFault | None = None
        self.wanted: Choice | None = None
        """What the relay was asked for and did not answer yet."""

    @property
    def applied(self) -> str:
        """The text of the filter that the stream obeys."""
        return self.choice.text

    @property
    def asked(self) -> str | None:
        """The text of the filter that the relay was asked for and did not answer yet."""
        return None if self.wanted is None else self.wanted.text

    @property
    def latest(self) -> Choice:
        """What the viewer chose last, be it in force yet or not."""
        return self.choice if self.wanted is None else self.wanted

    @property
    def picked(self) -> tuple[str, ...]:
        """The types that narrow the stream; none for all."""
        return self.choice.types

    def accept(self, text: str, types: Sequence[str] = ()) -> None:
        """Note that a filter is in force now."""
        choice = Choice(text, tuple(types))
        if choice != EVERYTHING:
            self.lifted = EVERYTHING
        elif self.choice != EVERYTHING:
            self.lifted = self.choice
        self.choice = choice
        self.fault = None
        self.wanted = None

    @property
    def toggled(self) -> Choice | None:
        """Give what lifting or restoring leads to; None where there is neither."""
        if self.choice != EVERYTHING:
            return EVERYTHING
        return self.lifted if self.lifted != EVERYTHING else None
