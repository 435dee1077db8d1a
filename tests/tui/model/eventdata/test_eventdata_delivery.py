from __future__ import annotations

from typing import Any

import pytest

from relay.contract.events import EventDetail
from tests.relay.contract.samples import sample
from tests.tui.told import cells, fact, facts, found, headings, message, notes, rows, told, view
from tui.model.eventdata.related import MESSAGE
from tui.model.items import Fact, Ladder

ATTEMPTED = "message.delivery_attempted"


def attempt(number: int, after: float, seq: int, **more: Any) -> EventDetail:
    data = {"attempt": number, "max_attempts": 8, "retryable": True, **more}
    return message(ATTEMPTED, after, seq, event_data=data)


def test_sent_says_through_what_and_to_whom() -> None:
    said = facts(view(message("message.sent", 5)))
    assert (said["provider"], said["name"], said["recipient"]) == ("sendgrid", "John Doe", "dr_grant")
    assert (said["email"], said["since made"]) == ("user@example.com", "5 s")


def test_an_object_that_is_a_recipient_is_named_with_its_collection() -> None:
    assert facts(view(told(sample("message.sent-object-recipient"))))["recipient"] == "projects/project_1"


def test_delivered_says_how_long_after_it_was_sent() -> None:
    event = message("message.delivered", 6.5, 3)
    related = found(MESSAGE, [attempt(1, 2, 1), message("message.sent", 5, 2), event])
    said = facts(view(event, related))
    assert (said["since sent"], said["since made"]) == ("1.5 s", "6.5 s")
    before = fact(view(event, related), "before")
    assert (before.value, before.note) == ("1 failed attempt", "the first 4.5 s earlier")


def test_what_is_sent_twice_is_delivered_after_the_last_time() -> None:
    event = message("message.delivered", 20, 3)
    earlier = [message("message.sent", 1, 1), message("message.sent", 18, 2)]
    assert facts(view(event, found(MESSAGE, [*earlier, event])))["since sent"] == "2 s"


def test_delivered_without_a_sent_says_why() -> None:
    event = message("message.delivered", 6.5)
    assert "not in the log" in fact(view(event, found(MESSAGE, [event])), "since sent").note
    feed = message("message.delivered", 1, channel={"type": "in_app_feed", "id": "c1"})
    assert "without a message.sent" in fact(view(feed, found(MESSAGE, [feed])), "since sent").note


def test_attempts_are_a_ladder_with_their_times_and_this_one_marked() -> None:
    events = [attempt(1, 0, 1), attempt(2, 4, 2), attempt(3, 10, 3), message("message.sent", 30, 4)]
    items = view(events[1], found(MESSAGE, events))
    assert Ladder(2, 8) in items
    assert cells(items) == [
        ("14:03:07.9", "", "attempt 1/8, will retry"),
        ("14:03:11.9", "+4 s", "attempt 2/8, will retry"),
        ("14:03:17.9", "+6 s", "attempt 3/8, will retry"),
        ("14:03:37.9", "+20 s", "sent: via sendgrid"),
    ]
    assert [row.here for row in rows(items)] == [False, True, False, False]


def test_attempts_that_came_out_of_order_stand_in_the_order_in_which_they_were() -> None:
    events = [attempt(2, 4, 1), attempt(1, 0, 2)]
    assert [row[2][:11] for row in cells(view(events[0], found(MESSAGE, events)))] == [
        "attempt 1/8",
        "attempt 2/8",
    ]


def test_attempts_that_the_log_does_not_have_are_named() -> None:
    items = view(attempt(4, 0, 9), found(MESSAGE, [attempt(3, -5, 8), attempt(4, 0, 9)]))
    assert "Attempts 1 and 2 are not in the log: the log began later, or has let them go." in notes(items)


def test_while_only_a_part_was_read_nothing_is_said_to_be_missing() -> None:
    items = view(attempt(4, 0, 9), found(MESSAGE, [attempt(4, 0, 9)], all=False))
    assert notes(items) == ["Only the newest 1 events of this message were read; there are more."]


def test_other_events_are_said_to_be_read_and_why_they_could_not_be() -> None:
    event = attempt(2, 0, 1)
    assert "Reading the other events of this message…" in notes(view(event))
    troubled = found(MESSAGE, [], trouble="the relay is gone")
    assert "Could not read the other events of this message: the relay is gone" in notes(view(event, troubled))


@pytest.mark.parametrize(
    ("retryable", "note"),
    [(True, "Knock will try again; it does not say when"), (False, "this was the last attempt")],
)
def test_whether_knock_tries_again_is_said(retryable: bool, note: str) -> None:
    assert fact(view(attempt(2, 0, 1, retryable=retryable)), "retryable").note == note


def test_without_a_word_on_retrying_nothing_is_predicted() -> None:
    event = told(sample("message.delivery_attempted-no-retryable"))
    assert fact(view(event), "attempt").note == "Knock does not say whether it tries again"


@pytest.mark.parametrize(
    "data",
    [
        {"attempt": 9, "max_attempts": 8},
        {"attempt": "3", "max_attempts": 8},
        {"attempt": True, "max_attempts": True},
        {"attempt": 1, "max_attempts": 10**9},
        [],
        "x",
        None,
    ],
)
def test_attempts_that_make_no_sense_make_no_ladder(data: object) -> None:
    assert not any(isinstance(item, Ladder) for item in view(message(ATTEMPTED, event_data=data)))


def test_undelivered_says_why_in_full_and_what_was_tried_before() -> None:
    details = "550 mailbox unavailable. " * 80
    event = message(
        "message.undelivered", 9, 3, event_data={"failure_reason": "retries_exhausted", "failure_details": details}
    )
    later = message("message.sent", 60, 4)
    items = view(event, found(MESSAGE, [attempt(7, 1, 1), attempt(8, 5, 2), event, later]))
    assert (facts(items)["reason"], facts(items)["details"]) == ("retries_exhausted", details)
    assert [row[2] for row in cells(items)] == ["attempt 7/8, will retry", "attempt 8/8, will retry"]


def test_no_details_are_not_left_out_in_silence() -> None:
    said = fact(view(told(sample("message.undelivered-null-details"))), "details")
    assert (said.value, said.note) == ("null", "the provider gave none")


def test_the_token_of_a_push_is_whole_and_first() -> None:
    items = view(told(sample("message.bounced-push")))
    assert headings(items)[0] == "Token"
    assert fact(items, "token").value == "ingen-security-1234567890"
    assert sum(isinstance(item, Fact) and item.name == "token" for item in items) == 1


def test_a_complaint_shows_every_key() -> None:
    data = {"email": "a@example.com", "feedback": {"kind": "abuse"}, "score": 3, "__typename": "EventData"}
    said = facts(view(message("message.complaint", event_data=data)))
    assert set(data) - {"__typename"} <= set(said)
    assert "__typename" not in said


def test_a_typename_that_says_something_is_shown() -> None:
    assert (
        facts(view(message("message.complaint", event_data={"__typename": "Complaint"})))["__typename"]
        == "Complaint"
    )
