from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.events import Channel
from relay.contract.filter import parse
from tests.hostile import HOSTILE
from tests.tui.made import made
from tui.model.completion import Completing, Completion, Seen, Vocabulary, complete

EVENTS = [
    made(3, recipient="user_1", workflow="welcome", event_data={"attempt": 2, "order.total": 5}),
    made(2, recipient="user_1", tenant="acme corp", event_data={"attempt": 2, "retryable": True}),
    made(1, "message.bounced", recipient="user_2", channel=Channel(type="sms", key="twilio"), event_data=None),
]
WORDS = Vocabulary(
    saved={"Failed mails": "failed channel:email", "Either": "a OR b"},
    types=Counter({"message.sent": 7, "message.bounced": 2, "x.custom": 9}),
    events=EVENTS,
    payload={"type": "message.sent", "data": {"id": "m1", "actors": [{"id": "ann"}], "data": {"order total": 3}}},
)


def offered(text: str, cursor: int | None = None) -> list[str]:
    return [one.text for one in complete(text, len(text) if cursor is None else cursor, WORDS).candidates]


def completed(text: str, steps: int = 0) -> str:
    completing = Completing(text, complete(text, len(text), WORDS))
    result, cursor = completing.begin()
    for _ in range(steps):
        result, cursor = completing.step(1)
    assert result[:cursor] == result
    return result


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("reci", ["recipient:", "recipient_run:"]),
        ("-wor", ["workflow:"]),
        ("(NOT tenan", ["tenant:"]),
        ("type:message.s recipient:x verd", ["verdict:"]),
        ("exists(recipient_", ["recipient_run"]),
        ("recipent", ["recipient:"]),
        ("zzz", []),
    ],
)
def test_names_are_completed(typed: str, expected: list[str]) -> None:
    assert offered(typed) == expected


def test_an_empty_line_offers_saved_filters_and_then_names() -> None:
    assert offered("")[:3] == ["failed channel:email", "a OR b", "type:"]


def test_types_that_were_seen_come_first_the_most_frequent_before_the_others() -> None:
    found = offered("type:")
    assert found[:4] == ["x.custom", "message.sent", "message.bounced", "x.*"]
    assert "branch.created" in found


def test_a_type_is_also_found_by_its_middle() -> None:
    assert offered("type:boun") == ["message.bounced"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("recipient:", ["user_1", "user_2"]),
        ("recipient:user_2,user_", ["user_1", "user_2"]),
        ("tenant:ac", ['"acme corp"']),
        ('tenant:"ac', ['"acme corp"']),
        ("channel:tw", ["twilio"]),
        ("verdict:st", ["stale"]),
        ("status:sen", ["sent"]),
        ("event_data.attempt:", ["2"]),
        ("event_data.retryable:", ["true"]),
        ("data.actors.id:", ["ann"]),
        ("seq:", ["100..200"]),
    ],
)
def test_values_that_were_seen_are_offered(typed: str, expected: list[str]) -> None:
    found = offered(typed)
    assert found[: len(expected)] == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("event_data.att", "event_data.attempt:"),
        ("atte", "event_data.attempt:"),
        ("event_data.ord", 'event_data."order.total":'),
        ("data.act", "data.actors.id:"),
        ("header.x-knock-e", "header.x-knock-event:"),
    ],
)
def test_paths_that_were_seen_are_offered(typed: str, expected: str) -> None:
    assert expected in offered(typed)


def test_a_saved_filter_is_found_by_its_name_and_put_in_with_its_text() -> None:
    assert completed("faile mails"[:5])  # begins with what two candidates share
    assert "failed channel:email" in offered("Fail")
    assert completed("eith") == "a OR b"


def test_a_saved_filter_beside_other_terms_stands_in_parentheses() -> None:
    assert completed("type:message.sent Eith") == "type:message.sent (a OR b)"


def test_what_all_candidates_begin_with_is_put_in_first_and_then_one_after_the_other() -> None:
    assert completed("reci") == "recipient"
    assert completed("reci", 1) == "recipient:"
    assert completed("reci", 2) == "recipient_run:"
    assert completed("reci", 3) == "recipient:"


def test_the_way_back_begins_at_the_last() -> None:
    completing = Completing("reci", complete("reci", 4, WORDS))
    completing.begin()
    assert completing.step(-1) == ("recipient_run:", 14)


def test_only_the_word_before_the_cursor_is_replaced() -> None:
    completing = Completing("tena failed", complete("tena failed", 4, WORDS))
    assert completing.begin() == ("tenant: failed", 7)


def test_nothing_to_offer_is_an_empty_completion() -> None:
    assert complete('"free text', 10, WORDS) == Completion(0, 10, [])


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_offered_of_hostile_values_parses_and_cannot_act(text: str) -> None:
    words = Vocabulary(events=[made(1, recipient=text, event_data={text: text})], types={text: 1})
    for typed in ("recipient:", "type:", "event_data."):
        for candidate in complete(typed, len(typed), words).candidates[:3]:
            rest = "" if typed.endswith(":") else "1"
            filter_text = (typed if typed.endswith(":") else "") + candidate.text + rest
            parse(filter_text)
            assert "\x1b" not in candidate.text


@given(st.text(alphabet='type:recipient.data"\\,()- x*', max_size=40), st.integers(0, 40))
def test_any_text_can_be_completed(text: str, cursor: int) -> None:
    cursor = min(cursor, len(text))
    completion = complete(text, cursor, WORDS)
    assert 0 <= completion.start <= completion.end == cursor


def test_a_number_counts_the_texts_of_its_digits_too_which_are_told_apart_by_quotes() -> None:
    vocabulary = Vocabulary(seen=[Seen(1, 3), Seen("1", 2), Seen(True, 2), Seen("true", 1)], all_seen=True)
    found = complete("event_data.v:", 13, vocabulary).candidates
    assert [(one.text, one.label, one.note) for one in found] == [
        ("1", "1", "5"),
        ('"1"', '"1"', "2"),
        ("true", "true", "2"),
        ('"true"', '"true"', "1"),
    ]


def test_events_without_eventdata_offer_no_path_to_it() -> None:
    found = complete(".ev", 3, Vocabulary(events=[made(1, event_data=None)])).candidates
    assert [one for one in found if one.note == "seen"] == []
