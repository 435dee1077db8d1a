"""Only the events with a value, or those without it: what a value on screen says in the filter language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from relay.contract.events import MASKED_HEADERS, EventSummary
from tui.model.cellvalue import value_of
from tui.model.filtering import Choice
from tui.model.items import Place

if TYPE_CHECKING:
    from relay.contract.filter import Field, Node


class Facet(NamedTuple):
    """Something to filter by: the letter that picks it, what it is called, where it stands, and its value."""

    letter: str
    name: str
    place: Place
    value: Any


_FACETS = (
    ("t", "type", "type"),
    ("r", "recipient", "recipient"),
    ("w", "workflow", "workflow"),
    ("c", "channel", "channel"),
    ("p", "provider", "provider"),
    ("a", "tenant", "tenant"),
    ("m", "message", "message_id"),
    ("s", "status", "status"),
    ("n", "run", "workflow_run_id"),
    ("d", "endpoint", "endpoint"),
    ("v", "verdict", "verdict"),
)


def facets(event: EventSummary) -> Iterator[Facet]:
    """Give what an event in the stream can be filtered by, the most telling first."""
    channel = event.channel
    special = {
        "channel": None if channel is None else channel.type or channel.key or channel.id,
        "provider": None if channel is None else channel.provider,
        "verdict": event.verdict.value,
    }
    for letter, name, attribute in _FACETS:
        value = special[attribute] if attribute in special else getattr(event, attribute)
        if value:
            yield Facet(letter, name, name, value)


def about(event: EventSummary) -> str:
    """Name an event in a few words."""
    return "   ".join(part for part in (event.recipient, event.type, f"seq {event.seq:,}") if part)


def term(place: Place, value: Any, *, without: bool = False) -> str | None:
    """Give the term that finds the events with this value in this place; None where no term says so.

    The number of an element is left out: a value in a list is looked for anywhere in that list. What is nested is
    asked for by its being there.
    """
    from relay.contract.filter import Not

    found = _node(place, value)
    if found is None:
        return None
    return str(Not(found) if without else found)


def terms(name: str, values: Sequence[str], *, without: bool = False) -> str | None:
    """Give the term that finds the events with any of the values under a name; None for no values."""
    from relay.contract.filter import Equals, Name, Not, Term

    if not values:
        return None
    found = Term(Name(name), tuple(map(Equals, values)))
    return str(Not(found) if without else found)


def spelled_out(choice: Choice) -> str:
    """Give a filter and the types that narrow it as one filter."""
    return joined(choice.text, terms("type", choice.types) or "")


def joined(applied: str, added: str) -> str:
    """Give the filter of both."""
    if not applied.strip() or not added:
        return applied.strip() or added
    return f"({applied}) {added}"


def path_text(place: Place) -> str:
    """Write a place as the filter language does."""
    return place if isinstance(place, str) else str(_field(place))


def _node(place: Place, value: Any) -> Node | None:
    from relay.contract.filter import Exists, Header, Term

    field = _field(place if isinstance(place, str) else tuple(key for key in place if isinstance(key, str)))
    if field is None:
        return None
    if isinstance(field, Header) and field.name in MASKED_HEADERS:
        return Exists(field)
    if isinstance(value, (dict, list)):
        return Exists(field) if value else None
    test = value_of(value).test()
    return None if test is None else Term(field, (test,))


def _field(place: Place) -> Field | None:
    from relay.contract.filter import FilterError, Path
    from relay.contract.filter.names import field_of

    try:
        # Whoever offers a term that speaks of messages filters messages by it.
        return field_of(place, of_messages=True) if isinstance(place, str) else Path(tuple(place))
    except (FilterError, ValueError):
        return None
