"""What a term looks at: a name, a path into the body, or a header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from relay.contract.filter.quoting import quote

ROOTS = ("data", "event_data")
"""Keys of the body that a path may begin with; before any other stands a dot."""
INDEX = re.compile(r"0|[1-9][0-9]*")
"""An unquoted key of these characters is an index where it meets an array."""

_BARE_KEY = re.compile(r"[\w@/$%+-]+")
_BARE_HEADER = re.compile(r"[\w!#$%&'+.^`|-]+")


@dataclass(frozen=True, slots=True)
class Name:
    """One of the names in `terms.TERMS`."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Path:
    """Keys from the body's root: a text is a key of an object, a number also an index of an array."""

    keys: tuple[str | int, ...]

    def __post_init__(self) -> None:
        if not self.keys:
            raise ValueError("a path needs a key")

    def __str__(self) -> str:
        rooted = len(self.keys) > 1 and self.keys[0] in ROOTS
        return ("" if rooted else ".") + ".".join(map(_key, self.keys))


@dataclass(frozen=True, slots=True)
class Header:
    """The request's headers of one name, in lower case."""

    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name.lower())

    def __str__(self) -> str:
        return "header." + (self.name if _BARE_HEADER.fullmatch(self.name) else quote(self.name))


@dataclass(frozen=True, slots=True)
class OfMessage:
    """One of the names in `messages.MESSAGE_TERMS`: what is true of a message and not of an event."""

    name: str

    def __str__(self) -> str:
        return self.name


NEVER = OfMessage("never")
"""The one that is true where no value passes."""

Field: TypeAlias = Name | Path | Header | OfMessage


def _key(key: str | int) -> str:
    if isinstance(key, int):
        return str(key)
    return key if _BARE_KEY.fullmatch(key) and not INDEX.fullmatch(key) else quote(key)
