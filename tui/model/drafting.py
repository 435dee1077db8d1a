"""How a filter stands while it is typed: good, on the way to something good, or wrong."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from tui.model.filtering import FilterFault

if TYPE_CHECKING:
    from relay.contract.filter import FilterError


class Standing(StrEnum):
    """What a relay would say to a text."""

    EMPTY = "empty"
    GOOD = "good"
    HALF = "half"
    WRONG = "wrong"


class Draft(NamedTuple):
    """A text that is typed, and what it lacks or what is wrong with it."""

    text: str = ""
    standing: Standing = Standing.EMPTY
    fault: FilterFault | None = None


MAX_LENGTH = 4_096
_IN_EXISTS = re.compile(r"(?<![^\s(-])exists\(([\w.]*)\Z")
_ROOTS = ("data.", "event_data.", "header.", ".")
_MOMENT = "2026-11-23T10:42:00Z"
_ENDS = ("x", "x:1", ":1", "1", "1m", " x", "1..2", "/", ")", "]")
"""What may make a filter of the beginning of one."""


def judge(text: str, zone: tzinfo = UTC, *, of_messages: bool = False) -> Draft:
    """Say how a text stands: it is half-typed where something that is typed on makes a filter of it.

    `of_messages` is for a filter that may speak of messages themselves.
    """
    if not text.strip():
        return Draft(text)
    language = _Language(zone, of_messages)
    error = language.error(text)
    if error is None:
        return Draft(text, Standing.GOOD)
    if _goes_on(text, language):
        return Draft(text, Standing.HALF, fault_of(text, error))
    return Draft(text, Standing.WRONG, fault_of(text, _deeper(text, error, language)))


class _Language(NamedTuple):
    """The filter language, on events or on messages."""

    zone: tzinfo
    of_messages: bool

    def error(self, text: str) -> FilterError | None:
        """Give what is wrong with a text."""
        from relay.contract.filter import FilterError, parse, parse_on_messages

        try:
            if self.of_messages:
                parse_on_messages(text, zone=self.zone)
            else:
                parse(text, zone=self.zone)
        except FilterError as error:
            return error
        return None


def fault_of(text: str, error: FilterError) -> FilterFault:
    """Give what is wrong in the words of the screen."""
    hint = f"did you mean {error.suggestion}?" if error.suggestion else ""
    return FilterFault(text, error.message, error.column, error.length, hint)


def _goes_on(text: str, language: _Language) -> bool:
    if len(text) > MAX_LENGTH:
        return False
    opened, in_quotes = _opened(text)
    closing = ")" * opened
    if in_quotes:
        return any(language.error(f"{text}{end}{closing}") is None for end in ('"', '""', '":1'))
    if _begins_a_field(text, closing, language):
        return True
    return any(language.error(f"{text}{end}{closing}") is None for end in ("", *_ends(text)))


def _begins_a_field(text: str, closing: str, language: _Language) -> bool:
    """Tell whether a text ends within `exists()` in what a field begins with."""
    from relay.contract.filter.terms import TERMS

    begun = _IN_EXISTS.search(text)
    if begun is None or not any(name.startswith(begun[1]) for name in (*TERMS, *_ROOTS)):
        return False
    return language.error(f"{text[: begun.start()]}exists(seq{closing}") is None


def _deeper(text: str, error: FilterError, language: _Language) -> FilterError:
    """Give what is wrong within a text rather than what is missing at its end."""
    opened, _ = _opened(text)
    for end in ("", "x"):
        other = language.error(f"{text}{end}{')' * opened}")
        if other is not None and other.column + other.length <= len(text) + 1:
            return other
    return error


def _ends(text: str) -> tuple[str, ...]:
    word = text[max(text.rfind(char) for char in " :<>=") + 1 :].rpartition("..")[2]
    return (*_ENDS, _MOMENT[len(word) :]) if len(word) < len(_MOMENT) else _ENDS


def _opened(text: str) -> tuple[int, bool]:
    """Count the parentheses that are open, and tell whether a quote is."""
    opened, at, in_quotes = 0, 0, False
    while at < len(text):
        char = text[at]
        if char == "\\" and in_quotes:
            at += 1
        elif char == '"':
            in_quotes = not in_quotes
        elif not in_quotes and char in "()":
            opened += 1 if char == "(" else -1
        at += 1
    return max(opened, 0), in_quotes
