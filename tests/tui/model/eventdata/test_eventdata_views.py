"""What holds for the views of all types."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.contract.knock import CATALOGUE
from tests.hostile import HOSTILE
from tests.relay.contract.samples import NAMES, any_json, any_object, any_payload, sample
from tests.tui.told import CLOCK, cut, headings, told, view
from tui.model.eventdata.related import CLICKS, EARLIER, MESSAGE, RUN, Found, Related
from tui.model.eventdata.view import VIEWS, eventdata
from tui.model.items import Change, Code, Fact, Heading, Item, Ladder, Note, Table
from tui.themes import INKS, KNOCKTOP, variables
from tui.widgets.facts_view import lay_out
from tui.widgets.look import Look

LOOK = Look(variables(KNOCKTOP))
WANTS = (MESSAGE, CLICKS, RUN, EARLIER)


def everything(items: list[Item]) -> str:
    """Give every text that is to be shown."""
    texts = [item.value for item in items if isinstance(item, Fact)]
    texts += [cell.text for item in items if isinstance(item, Table) for row in item.rows for cell in row.cells]
    return "\n".join(texts)


def test_every_type_of_the_catalogue_has_a_view() -> None:
    assert set(VIEWS) == set(CATALOGUE)


@pytest.mark.parametrize("name", NAMES)
def test_every_scalar_of_event_data_is_shown(name: str) -> None:
    payload = sample(name)
    shown = everything(view(told(payload)))
    for key, value in (payload["event_data"] or {}).items():
        if key != "__typename" and isinstance(value, str):
            assert value in shown


@pytest.mark.parametrize("name", NAMES)
def test_a_field_that_is_not_known_yet_is_shown_too(name: str) -> None:
    payload = sample(name)
    payload["event_data"] = {**(payload["event_data"] or {}), "new_field": "from the future"}
    assert "from the future" in everything(view(told(payload)))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_known_at_once_is_shown_before_the_body_was_read(name: str) -> None:
    event = told(sample(name))
    known = view(cut(event))
    assert known[0] == view(event)[0]
    assert headings(known)


@pytest.mark.parametrize("name", NAMES)
def test_what_could_not_be_read_is_not_said_to_be_read_still(name: str) -> None:
    items = eventdata(cut(told(sample(name))), Related.failed("the relay is gone"), CLOCK)
    assert "Reading" not in "".join(getattr(item, "text", "") for item in items)


@pytest.mark.parametrize("type_", [*CATALOGUE, "message.teleported", ""])
@settings(max_examples=15, deadline=None)
@given(payload=any_payload, others=st.lists(any_payload, max_size=3), data=any_object, event_data=any_json)
def test_anything_may_stand_anywhere(
    type_: str, payload: dict[str, Any], others: list[dict[str, Any]], data: dict[str, Any], event_data: Any
) -> None:
    event = told({**payload, "type": type_, "data": data, "event_data": event_data}, 7)
    near = [told(other, seq) for seq, other in enumerate(others, 5)]
    near.append(told({**payload, "type": type_, "data": data, "event_data": event_data}, 4))
    whole = told({"data": others[0].get("data") if others else None}, 2)
    for related in (None, Related({}), Related({name: Found(near, False, whole) for name in WANTS})):
        for one in (event, cut(event)):
            items = list(eventdata(one, related, CLOCK))
            for line in lay_out(items, 50, LOOK):
                assert {ink.partition(" ")[0] for _, ink in line.spans} <= set(INKS)
    Related.wanted(event)


@pytest.mark.parametrize("name", NAMES)
def test_hostile_text_in_every_string_stays_text(name: str) -> None:
    for text in HOSTILE:
        _check_hostile(name, text[:300])


def _check_hostile(name: str, text: str) -> None:
    def spoiled(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                f"{key}{text[:20]}" if key not in KEPT else key: spoiled(inner) for key, inner in value.items()
            }
        return [spoiled(inner) for inner in value] if isinstance(value, list) else text

    payload = sample(name)
    body = {**payload, "data": spoiled(payload["data"]), "event_data": spoiled(payload["event_data"])}
    event = told(body, 3)
    related = Related({want: Found([event], True, told(payload, 1)) for want in WANTS})
    for line in lay_out(eventdata(event, related, CLOCK), 60, LOOK):
        shown = "".join(part for part, _ in line.spans)
        assert not any(char < " " or "\x7f" <= char <= "\x9f" or "\ud800" <= char <= "\udfff" for char in shown)


KEPT = frozenset(
    ("id", "key", "name", "channel", "provider", "recipient", "url", "failure_reason", "failure_details", "token")
) | {"trigger_source", "resources", "type", "identifier", "branch", "actor", "sha", "resource_type_counts"}


@pytest.mark.parametrize("name", NAMES)
def test_values_know_where_they_stand_in_the_body(name: str) -> None:
    payload = sample(name)
    for item in view(told(payload)):
        if isinstance(item, Fact) and isinstance(item.path, tuple):
            value: Any = payload
            for key in item.path:
                value = value[key]
            assert value == item.raw


@pytest.mark.parametrize("name", NAMES)
def test_no_section_is_empty(name: str) -> None:
    items = view(told(sample(name)), Related({want: Found() for want in WANTS}))
    for above, below in zip(items, [*items[1:], None], strict=True):
        if isinstance(above, Heading):
            assert isinstance(below, Fact | Table | Change | Note | Code | Ladder)
