from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.filter import parse
from tests.hostile import HOSTILE
from tests.relay.contract.filter.subjects import event
from tests.tui.made import made
from tui.model.byvalue import facets, path_text, term

BODY_VALUES = st.one_of(
    st.text(min_size=1, max_size=40),
    st.integers(-(10**15), 10**15),
    st.booleans(),
    st.none(),
    st.floats(-1e9, 1e9),
)


def body(value: Any) -> dict[str, Any]:
    return {"type": "message.sent", "data": {"a key": value, "list": [{"id": value}]}}


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        (("event_data", "attempt"), 3, "event_data.attempt:3"),
        (("data", "data", "order.total"), "3", 'data.data."order.total":"3"'),
        (("data", "actors", 0, "id"), "ann", "data.actors.id:ann"),
        (("data", "read_at"), None, "data.read_at:null"),
        (("data", "ok"), True, "data.ok:true"),
        (("data", "recipient"), {"id": "x"}, "exists(data.recipient)"),
        ("recipient", "a b*", 'recipient:"a b\\*"'),
        ("header.x-knock-event", "message.sent", "header.x-knock-event:message.sent"),
        ("header.Authorization", "Bearer x", "exists(header.authorization)"),
        ("size", 1204, "size:1204"),
    ],
)
def test_a_value_gives_its_term(place: Any, value: Any, expected: str) -> None:
    assert term(place, value) == expected
    assert term(place, value, without=True) == f"-{expected}"


@pytest.mark.parametrize(("place", "value"), [((), 1), (("data", "x"), {}), (("data", "x"), []), ("no such", 1)])
def test_what_no_term_says_gives_none(place: Any, value: Any) -> None:
    assert term(place, value) is None


@given(BODY_VALUES)
def test_the_term_finds_the_event_that_it_was_made_from_and_its_opposite_does_not(value: Any) -> None:
    for place in (("data", "a key"), ("data", "list", 0, "id")):
        only, without = term(place, value), term(place, value, without=True)
        assert only is not None
        assert without is not None
        found = event(body(value))
        assert parse(only).matches(found)
        assert not parse(without).matches(found)


@pytest.mark.parametrize("text", [text for text in HOSTILE if 0 < len(text) < 500], ids=repr)
def test_a_hostile_value_is_found_by_its_term(text: str) -> None:
    only = term(("data", "a key"), text)
    assert only is not None
    assert parse(only).matches(event(body(text)))
    assert not parse(only).matches(event(body(text + "x")))


def test_the_choices_of_an_event_have_different_letters_and_terms_that_parse() -> None:
    found = list(facets(made(1, endpoint="staging")))
    assert len({facet.letter for facet in found}) == len(found)
    assert [facet.name for facet in found][:4] == ["type", "recipient", "workflow", "channel"]
    for facet in found:
        parse(term(facet.place, facet.value) or "(")


def test_what_an_event_lacks_is_no_choice() -> None:
    names = {facet.name for facet in facets(made(1, recipient=None, channel=None, tenant=None))}
    assert names.isdisjoint({"recipient", "channel", "provider", "tenant"})


def test_a_path_keeps_the_number_of_an_element() -> None:
    assert path_text(("data", "actors", 0, "id")) == "data.actors.0.id"
    assert path_text("recipient") == "recipient"
