"""No event makes a filter raise, and joining means the same whatever the event."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from relay.contract.filter import And, Node, Not, Or, parse
from relay.contract.filter.evaluate import predicate_of
from tests.relay.contract.filter.subjects import NOW_US, event
from tests.relay.contract.filter.trees import bodies, texts, trees

headers = st.lists(st.tuples(texts, texts), max_size=3)


@given(trees, bodies, headers)
def test_any_filter_answers_for_any_event(
    tree: Node, body: dict[str, Any], headers: list[tuple[str, str]]
) -> None:
    answer = parse(str(tree), NOW_US).matches(event(body, headers=headers))
    assert answer is True or answer is False


@given(trees, trees, bodies)
def test_joining_means_what_it_says(one: Node, other: Node, body: dict[str, Any]) -> None:
    subject = event(body)
    first, second = (predicate_of(tree, NOW_US)(subject) for tree in (one, other))
    assert predicate_of(And((one, other)), NOW_US)(subject) == (first and second)
    assert predicate_of(Or((one, other)), NOW_US)(subject) == (first or second)
    assert predicate_of(Not(one), NOW_US)(subject) == (not first)


@given(st.binary(max_size=30), trees)
@example(b"1e400", parse("data.x:1e400").tree)
@example(b"-1" + b"0" * 5_000, parse("data.x:<0").tree)
@example(rb'"\ud800\udfff"', parse("data.x~.").tree)
@example(b"[" * 490 + b"]" * 490, parse("data.x.y:null").tree)
@example(b'{"":{"":[[],{}]}}', parse('data.x."".""."":null').tree)
def test_any_body_that_the_relay_accepts_is_answered_for(value: bytes, tree: Node) -> None:
    raw = b'{"type":"t","data":{"x":' + value + b'},"data":{"x":' + value + b"}}"
    try:
        subject = event(raw)
    except ValueError:
        return
    assert predicate_of(tree, NOW_US)(subject) in (True, False)
