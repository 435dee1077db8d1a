"""The fields of any object, whatever they are: scalars in full, one a line; what is nested as JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

from tui.model.bodylines import pretty_value
from tui.model.items import Code, Fact, Heading, Item, Keys, Note

MAX_FIELDS = 200
MAX_CODE = 1_000
"""What is shown of each; Body has the rest."""

_SAYS_NOTHING = ("__typename", "EventData")


def seldom(event_data: Any) -> Iterator[Item]:
    """Give the EventData of a type that has none as far as Knock says, and what says so."""
    if event_data is None:
        yield Note("Knock sends no EventData with this type: this is from its data.")
    else:
        yield Heading("EventData")
        yield from fields(event_data, ("event_data",))
    yield None


def fields(value: Any, path: Keys, without: Collection[str] = ()) -> Iterator[Item]:
    """Give the fields of an object, `__typename` last; what is no object is given as JSON."""
    if not isinstance(value, dict):
        yield from _code(value, "")
        return
    shown = [(key, inner) for key, inner in value.items() if key not in without and (key, inner) != _SAYS_NOTHING]
    shown.sort(key=lambda pair: pair[0] == "__typename")
    for key, inner in islice(shown, MAX_FIELDS):
        yield from field(key, inner, (*path, key))
    if len(shown) > MAX_FIELDS:
        yield Note(f"… {len(shown) - MAX_FIELDS:,} more; Body shows them all")


def field(name: str, value: Any, path: Keys) -> Iterator[Item]:
    """Give one field."""
    if isinstance(value, str):
        yield Fact(name, value, "quiet" if name == "__typename" else "ink", path=path, raw=value)
    elif isinstance(value, dict | list) and value:
        yield Fact(name, "", copy="\n".join(pretty_value(value)), path=path, raw=value)
        yield from _code(value, "  ")
    else:
        ink = "json-number" if isinstance(value, int | float) and not isinstance(value, bool) else "json-word"
        yield Fact(name, "".join(pretty_value(value)), ink, path=path, raw=value)


def _code(value: Any, margin: str) -> Iterator[Item]:
    lines = pretty_value(value)
    yield from (Code(margin + line) for line in lines[:MAX_CODE])
    if len(lines) > MAX_CODE:
        yield Note(f"… {len(lines) - MAX_CODE:,} more lines; Body shows them all")
