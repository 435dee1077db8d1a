"""Which types a filter can match at all."""

from __future__ import annotations

import pytest
from hypothesis import given

from relay.contract.filter import Node, parse
from relay.contract.filter.evaluate import predicate_of
from relay.contract.filter.narrow import types_of
from relay.contract.knock import FAILED
from tests.relay.contract.filter.subjects import NOW_US, SAMPLE_NAMES, sample
from tests.relay.contract.filter.trees import trees


@pytest.mark.parametrize(
    ("filter_", "types"),
    [
        ("", None),
        ("word", None),
        ("type:a", {"a"}),
        ("type:5", {"5"}),
        ("type:a,b", {"a", "b"}),
        ("type:a word", {"a"}),
        ("type:a OR type:b", {"a", "b"}),
        ("type:a OR word", None),
        ("type:a,b type:b,c", {"b"}),
        ("type:a type:b", set()),
        ("type:a*", None),
        ("type:a,b*", None),
        ("type:null", None),
        ("-type:a", None),
        ("tenant:a", None),
        ("failed", set(FAILED)),
        ("failed type:message.bounced,message.read", {"message.bounced"}),
        ("(type:a b) OR (type:c d)", {"a", "c"}),
    ],
)
def test_the_types_that_a_filter_tells(filter_: str, types: set[str] | None) -> None:
    assert parse(filter_).types() == types


@given(trees)
def test_no_event_of_another_type_matches(tree: Node) -> None:
    types = types_of(tree)
    if types is None:
        return
    matches = predicate_of(tree, NOW_US)
    assert all(subject.type in types for subject in map(sample, SAMPLE_NAMES) if matches(subject))
