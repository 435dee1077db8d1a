"""The filter as a tree: one small class per operator, each printing itself as text that parses back to it.

Every node is a value: frozen, hashable, equal to another that says the same. `Text`, `Term`, `Matches`, `Exists`
and `Failed` are the terms; `And`, `Or` and `Not` join them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from relay.contract.filter.fields import Field
from relay.contract.filter.quoting import quote
from relay.contract.filter.values import Test

KEYWORDS = frozenset({"AND", "OR", "NOT", "failed", "exists"})
"""Words that mean something other than their own text."""

_BARE_WORD = re.compile(r"[\w@/$%][\w@/$%+.-]*")
_BARE_PATTERN = re.compile(r'[^\s()\[\]\\"]+')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Text:
    """A text somewhere in the body as received, A to Z in any case."""

    text: str

    def __str__(self) -> str:
        bare = _BARE_WORD.fullmatch(self.text) and self.text not in KEYWORDS
        return self.text if bare else quote(self.text)


@dataclass(frozen=True, slots=True)
class Term:
    """A field that passes any of the tests."""

    field: Field
    tests: tuple[Test, ...]

    def __post_init__(self) -> None:
        if not self.tests:
            raise ValueError("a term needs a test")

    def __str__(self) -> str:
        return f"{self.field}:{','.join(map(str, self.tests))}"


@dataclass(frozen=True, slots=True)
class Matches:
    """A text field in which a regular expression is found. An escaped quote in it is the same as a quote."""

    field: Field
    pattern: str

    def __post_init__(self) -> None:
        pattern = _ESCAPED.sub(lambda escape: '"' if escape[1] == '"' else escape[0], self.pattern)
        if (len(pattern) - len(pattern.rstrip("\\"))) % 2:
            raise ValueError("a regular expression can't end in a backslash")
        object.__setattr__(self, "pattern", pattern)

    def __str__(self) -> str:
        if _BARE_PATTERN.fullmatch(self.pattern):
            return f"{self.field}~{self.pattern}"
        quoted = self.pattern.replace('"', '\\"')
        return f'{self.field}~"{quoted}"'


@dataclass(frozen=True, slots=True)
class Exists:
    """A field that is there and not null."""

    field: Field

    def __str__(self) -> str:
        return f"exists({self.field})"


@dataclass(frozen=True, slots=True)
class Failed:
    """An event of a type that says that something failed."""

    def __str__(self) -> str:
        return "failed"


@dataclass(frozen=True, slots=True)
class Not:
    """An event that the part does not match."""

    part: Node

    def __str__(self) -> str:
        return f"-{_grouped(self.part, And, Or)}"


@dataclass(frozen=True, slots=True)
class And:
    """An event that every part matches; a part that is itself an `And` gives its parts."""

    parts: tuple[Node, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(_flat(self.parts, And)))

    def __str__(self) -> str:
        return " ".join(_grouped(part, Or) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """An event that any part matches; a part that is itself an `Or` gives its parts."""

    parts: tuple[Node, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(_flat(self.parts, Or)))

    def __str__(self) -> str:
        return " OR ".join(map(str, self.parts))


Node: TypeAlias = And | Or | Not | Text | Term | Matches | Exists | Failed


def _flat(parts: tuple[Node, ...], kind: type[And | Or]) -> Iterator[Node]:
    if len(parts) < 2:
        raise ValueError("joining takes two parts")
    for part in parts:
        if isinstance(part, kind):
            yield from part.parts
        else:
            yield part


def _grouped(part: Node, *kinds: type) -> str:
    return f"({part})" if isinstance(part, kinds) else str(part)
