"""Any field of a body can be set by its path, and a path that leads nowhere is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.simulator import OverrideError, event, parse_override

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def overridden(*texts: str, event_type: str = "message.delivery_attempted") -> Any:
    return json.loads(event(event_type, seed=1, now=NOW, overrides=[parse_override(text) for text in texts]).body)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("data.recipient=user_9", ("data", "recipient"), "user_9"),
        ("event_data.attempt=3", ("event_data", "attempt"), 3),
        ("data.tenant=null", ("data", "tenant"), None),
        ('data.tenant="3"', ("data", "tenant"), "3"),
        ("data.actors=[1,2]", ("data", "actors"), [1, 2]),
        ("data.tenant=", ("data", "tenant"), ""),
        ("event_data.url=https://example.com/?a=b", ("event_data", "url"), "https://example.com/?a=b"),
        ('data.data."order.total"=10', ("data", "data", "order.total"), 10),
        ('data.data."a=b \\" c"=x', ("data", "data", 'a=b " c'), "x"),
        ("data.data.number=NaN", ("data", "data", "number"), "NaN"),
        ("type=message.pinned", ("type",), "message.pinned"),
    ],
)
def test_an_override_is_a_path_and_a_value(text: str, path: tuple[str, ...], value: object) -> None:
    override = parse_override(text)
    assert (override.path, override.value) == (path, value)


@pytest.mark.parametrize(
    "text", ["", "data.recipient", "=x", "data.=x", ".data=x", "a..b=x", 'data."a=x', "a.=", 'a"b"=1']
)
def test_what_is_no_override_says_what_one_looks_like(text: str) -> None:
    with pytest.raises(OverrideError, match="is not PATH=VALUE"):
        parse_override(text)


def test_a_path_of_any_length_is_not_taken() -> None:
    with pytest.raises(OverrideError, match="101 keys"):
        parse_override(".".join("a" * 101) + "=1")


def test_a_broken_quoted_key_is_named() -> None:
    with pytest.raises(OverrideError, match="no quoted key"):
        parse_override('data."\\q"=1')


def test_a_field_gets_its_value() -> None:
    payload = overridden("data.recipient=user_9", "event_data.attempt=3")
    assert (payload["data"]["recipient"], payload["event_data"]["attempt"]) == ("user_9", 3)


def test_later_overrides_win() -> None:
    assert overridden("data.tenant=one", "data.tenant=two")["data"]["tenant"] == "two"


def test_null_and_absent_on_the_way_become_objects() -> None:
    payload = overridden("event_data.a.b=1", "data.new.deep.path=x", event_type="message.sent")
    assert payload["event_data"] == {"a": {"b": 1}}
    assert payload["data"]["new"] == {"deep": {"path": "x"}}


def test_an_element_of_an_array_is_set_or_added_at_its_end() -> None:
    payload = overridden("data.actors=[]", "data.actors.0=x", "data.actors.1.id=y", "data.actors.0=z")
    assert payload["data"]["actors"] == ["z", {"id": "y"}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("data.status.code=1", "data.status.code: data.status is a text and holds no fields"),
        ("event_data.attempt.x.y=1", "event_data.attempt.x.y: event_data.attempt is a number and holds no fields"),
        ("data.channel_id.0=1", "data.channel_id.0: data.channel_id is a text and holds no fields"),
    ],
)
def test_a_path_through_a_scalar_is_refused_by_its_name(text: str, message: str) -> None:
    with pytest.raises(OverrideError) as refused:
        overridden(text)
    assert str(refused.value) == message


@pytest.mark.parametrize("key", ["3", "-1", "first", "٣", "1000000000000"])
def test_a_position_that_an_array_does_not_have_is_refused_by_its_name(key: str) -> None:
    with pytest.raises(OverrideError) as refused:
        overridden('data.actors=["a","b"]', f"data.actors.{key}=x")
    assert str(refused.value).startswith(f"data.actors.{key}: data.actors is an array")
    assert "from 0 to 2" in str(refused.value)


def test_a_key_that_needs_quotes_is_named_in_quotes() -> None:
    with pytest.raises(OverrideError, match=r'^data\.status\."a\.b": '):
        overridden('data.status."a.b"=1')


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.text(), min_size=1, max_size=5), json_values)
def test_any_key_in_quotes_and_any_json_can_be_set(keys: list[str], value: object) -> None:
    quoted = ".".join(json.dumps(key) for key in keys)
    override = parse_override(f"{quoted}={json.dumps(value)}")
    assert (override.path, override.value) == (tuple(keys), value)


@given(st.text())
def test_any_text_is_an_override_or_an_override_error(text: str) -> None:
    try:
        override = parse_override(text)
    except OverrideError:
        return
    assert override.path
