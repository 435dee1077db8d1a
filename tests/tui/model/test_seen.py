from __future__ import annotations

import pytest

from relay.contract.api import Group
from relay.contract.filter import parse
from tui.model.completion import Seen, Vocabulary, complete, place_of
from tui.model.seen import FRESH, LIMIT, NEWEST, Answers, Question, questions, rest_of


def group(value: bool | float | str, count: int = 1) -> Group:
    return Group(value=value, count=count, first_seq=1, last_seq=2, per_minute=[0] * 60)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("failed recipient:|", "failed"),
        ("recipient:| type:x", "type:x"),
        ("failed -recipient:us|er", "failed"),
        ("a OR recipient:|", ""),
        ("a OR (b recipient:|)", "b"),
        ("(a OR c) NOT (b recipient:|)", "(a OR c) b"),
        ("failed status:sent,de|", "failed"),
        ("recipent:x recipient:|", ""),
    ],
)
def test_the_values_asked_for_are_those_beside_the_rest_of_the_filter(text: str, rest: str) -> None:
    before, _, after = text.partition("|")
    assert rest_of(before + after, len(before)) == rest


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("type:", "type"),
        ("-recipient:x", "recipient"),
        ("event_data.attempt:", "event_data.attempt"),
        ('data."order.total":', 'data."order.total"'),
        ("header.x-a:", "header.x-a"),
        ("seq:", None),
        ("created:", None),
        ("recipent:", None),
        ("data.:", None),
        ("typ", None),
    ],
)
def test_values_are_asked_for_where_there_are_few_enough_to_name(text: str, by: str | None) -> None:
    assert place_of(text, len(text)) == by


def test_what_is_typed_narrows_the_question_only_where_not_all_values_were_told() -> None:
    answers, text = Answers(), "recipient:us.r"
    first = answers.lacking(text, len(text), 0.0, 9)
    assert first == Question("recipient", "")
    answers.take(first, [group(f"a_{n}") for n in range(LIMIT)], 0.0)
    second = answers.lacking(text, len(text), 1.0, 9)
    assert second is not None
    assert second.part == "us.r"
    parse(second.filter)
    answers.take(second, [group("xUS.R", 3)], 1.0)
    assert answers.lacking(text, len(text), 2.0, 9) is None
    seen, all_seen = answers.seen(text, len(text), 9)
    assert seen is not None
    assert seen[0] == Seen("xUS.R", 3)
    assert all_seen


def test_an_answer_is_asked_for_again_after_a_while() -> None:
    answers = Answers()
    answers.take(Question("type", ""), [group("message.sent")], 0.0)
    assert answers.lacking("type:", 5, FRESH, 9) is None
    assert answers.lacking("type:", 5, FRESH + 1, 9) == Question("type", "")


def test_keys_of_bodies_are_counted_among_the_newest_events() -> None:
    text = "failed data.id:"
    assert questions(text, len(text), 3 * NEWEST + 7)[0] == Question("data.id", f"failed seq:>{2 * NEWEST}")
    assert questions(text, len(text), 7)[0] == Question("data.id", "failed")


def test_a_relay_that_does_not_tell_leaves_what_the_window_has() -> None:
    answers = Answers()
    answers.take(Question("type", ""), None, 0.0)
    assert answers.lacking("type:", 5, 1.0, 9) is None
    assert answers.seen("type:", 5, 9) == (None, False)


def test_values_are_offered_as_the_filter_language_writes_them() -> None:
    values: list[bool | float | str] = ["a b", 'q"x', "5", 5, True, "x*y", "a,b", "plain"]
    words = Vocabulary(seen=[Seen(value, 2) for value in values], all_seen=True)
    for value, candidate in zip(values, complete("event_data.x:", 13, words).candidates, strict=False):
        parse(f"event_data.x:{candidate.text}")
        if isinstance(value, str) and not value.isdigit():
            assert str(parse(f"event_data.x:{candidate.text}").tree).endswith(candidate.text)
    assert complete("tenant:", 7, Vocabulary(seen=[Seen("acme corp", 3)], all_seen=True)).candidates[0] == (
        '"acme corp"',
        "acme corp",
        "3",
    )
