"""What a timeline says of a message: each rule, by events made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from relay.contract.timeline import Origin, Standpoint, timeline_of
from tests.relay.contract.timeline.told import LATER, START_US, arrived, attempt, made, summary, timeline

SOON = Standpoint(START_US + 60_000_000)


def test_steps_are_in_the_order_in_which_knock_made_them() -> None:
    found = timeline(made("sent", 0), made("delivered", 2), made("read", 9), order=(2, 0, 1))
    assert [(step.type, step.seq) for step in found.steps] == [
        ("message.sent", 2),
        ("message.delivered", 3),
        ("message.read", 1),
    ]
    assert [step.since_first_ms for step in found.steps] == [0, 2_000, 9_000]
    assert [step.since_previous_ms for step in found.steps] == [None, 2_000, 7_000]


def test_only_a_step_that_arrived_after_a_later_one_is_out_of_order() -> None:
    found = timeline(made("sent", 0), made("delivered", 2), made("read", 9), order=(0, 2, 1))
    assert [step.out_of_order for step in found.steps] == [False, True, False]
    assert "out-of-order" in found.flags


def test_steps_of_one_moment_are_never_out_of_order() -> None:
    found = timeline(made("sent", 1), made("delivered", 1), order=(1, 0))
    assert [step.type for step in found.steps] == ["message.sent", "message.delivered"]
    assert found.flags == []


def test_equal_times_rank_as_sent_attempted_delivered_bounced_undelivered() -> None:
    kinds = ["sent", "delivery_attempted", "delivered", "bounced", "undelivered"]
    found = timeline(*(made(kind) for kind in reversed(kinds)))
    assert [step.type for step in found.steps] == [f"message.{kind}" for kind in kinds]
    assert found.outcome == "undelivered"


def test_steps_without_a_time_come_last() -> None:
    found = timeline(made("delivered", None), made("sent", 5))
    assert [(step.type, step.since_first_ms) for step in found.steps] == [
        ("message.sent", 0),
        ("message.delivered", None),
    ]
    assert found.first_at == found.last_at == found.steps[0].created_at


@pytest.mark.parametrize(
    ("payloads", "outcome"),
    [
        ([made("sent")], "sent"),
        ([made("sent"), made("delivered", 1)], "delivered"),
        ([made("sent"), made("bounced", 1)], "bounced"),
        ([made("sent"), made("delivered", 1), made("bounced", 2)], "bounced"),
        ([made("sent"), made("delivered", 1), made("undelivered", 2)], "undelivered"),
        ([made("delivered", 1), made("sent", 2)], "delivered"),
        ([made("delivered", 1), attempt(2, 1, retryable=False)], "delivered"),
        ([attempt(0, 1)], "retrying"),
        ([attempt(0, 1, retryable=None)], "retrying"),
        ([attempt(0, 1, retryable=False)], "undelivered"),
        ([attempt(0, 1), made("undelivered", 1)], "undelivered"),
        ([made("undelivered"), made("sent", 60), made("delivered", 61)], "delivered"),
        ([made("sent"), made("complaint", 1), made("read", 2)], "sent"),
        ([made("read", status="delivered")], "delivered"),
        ([made("seen", 0, status="sent"), made("read", 1, status="queued")], "queued"),
        ([made("read")], "unknown"),
    ],
)
def test_outcome(payloads: list[dict[str, Any]], outcome: str) -> None:
    assert timeline(*payloads).outcome == outcome


def test_the_status_in_the_body_has_no_say_where_there_is_an_event_of_delivery() -> None:
    assert timeline(made("sent", 0, status="delivered")).outcome == "sent"


def test_engagement_that_was_undone_is_gone_and_its_steps_say_so() -> None:
    kinds = ("delivered", "seen", "read", "unread", "archived", "unarchived", "unseen", "read")
    found = timeline(*(made(kind, at, channel="in_app_feed:knock") for at, kind in enumerate(kinds)))
    assert found.engagement == ["read"]
    assert [step.type for step in found.steps if step.undone] == [
        "message.seen",
        "message.read",
        "message.archived",
    ]
    assert "undone" in found.flags


def test_undoing_what_was_not_done_changes_nothing() -> None:
    found = timeline(made("delivered"), made("unread", 1), made("read", 2))
    assert found.engagement == ["read"]
    assert "undone" not in found.flags


def test_a_click_in_a_text_message_counts_as_reading_and_in_an_email_does_not() -> None:
    clicked = [made("sent", channel=channel) for channel in ("sms:twilio", "chat:slack", "email:postmark")]
    found = [timeline(sent, made("link_clicked", 9) | {"data": sent["data"]}) for sent in clicked]
    assert [one.engagement for one in found] == [
        ["read", "link_clicked"],
        ["read", "link_clicked"],
        ["link_clicked"],
    ]


@pytest.mark.parametrize(
    ("payload", "stalls"),
    [
        (made("sent", channel="email:sendgrid"), True),
        (made("sent", channel="email:smtp"), False),
        (made("sent", channel="email:somebody"), False),
        (made("sent", channel="sms:twilio"), True),
        (made("sent", channel="sms:aws_sns"), False),
        (made("sent", channel="push:push_fcm"), False),
        (made("sent", channel="chat:chat_slack"), False),
        (made("delivered"), False),
        (made("bounced"), False),
        (made("undelivered"), False),
        (attempt(0, 8), True),
        (attempt(0, 8, retryable=False), False),
    ],
)
def test_only_what_can_still_move_stalls(payload: dict[str, Any], stalls: bool) -> None:
    assert ("stalled" in timeline(payload).flags) is stalls


def test_a_message_stalls_ten_minutes_after_its_last_event_of_delivery() -> None:
    def flags(minutes: float) -> list[str]:
        standpoint = Standpoint(START_US + round(minutes * 60_000_000))
        return timeline(attempt(0, 1), attempt(60, 2), standpoint=standpoint).flags

    assert "stalled" not in flags(10.9)
    assert "stalled" in flags(11)


@pytest.mark.parametrize(("stall_after_us", "stalls"), [(0, False), (60_000_000, True), (60_000_001, False)])
def test_how_long_a_message_may_be_silent_is_given_and_0_is_for_ever(stall_after_us: int, stalls: bool) -> None:
    standpoint = Standpoint(START_US + 60_000_000, stall_after_us)
    assert ("stalled" in timeline(attempt(0, 1), standpoint=standpoint).flags) is stalls


def test_a_message_that_was_read_has_arrived_whatever_its_provider_reports() -> None:
    assert timeline(made("sent"), made("read", 60)).flags == []


@pytest.mark.parametrize(
    ("channel", "settled"),
    [("push:push_apns", True), ("chat:slack", True), ("email:smtp", True), ("email:mailgun", False)],
)
def test_sent_is_the_end_where_nothing_reports_a_delivery(channel: str, settled: bool) -> None:
    assert timeline(made("sent", channel=channel)).settled is settled


def test_the_ladder_of_attempts_begins_anew_after_the_message_was_given_up() -> None:
    said = {"failure_reason": "retries_exhausted", "failure_details": "503 from the provider"}
    found = timeline(
        attempt(0, 1),
        attempt(30, 2, retryable=False),
        made("undelivered", 31, said),
        attempt(600, 1, retryable=None),
    )
    assert [(each.round, each.number, each.retryable, each.since_previous_ms) for each in found.attempts] == [
        (1, 1, True, None),
        (1, 2, False, 30_000),
        (2, 1, None, None),
    ]
    assert found.flags == ["stalled", "retried", "manual-retry"]
    assert found.failure is None


def test_a_failure_says_why_as_long_as_the_message_has_not_arrived() -> None:
    said = {"failure_reason": "fatal_error", "failure_details": "UNREGISTERED", "token": "abc"}
    found = timeline(made("bounced", 0, said, channel="push:push_fcm")).failure
    assert found is not None
    assert (found.type, found.reason, found.details, found.token) == (
        "message.bounced",
        "fatal_error",
        "UNREGISTERED",
        "abc",
    )


def test_attempts_that_are_not_in_the_log_are_missed() -> None:
    assert "attempts-missing" in timeline(attempt(0, 1), attempt(1, 3)).flags
    assert "attempts-missing" not in timeline(attempt(0, 1), attempt(1, 2)).flags


def test_a_second_delivery_and_another_body_are_flagged() -> None:
    sent = summary(made("sent", channel="push:push_fcm"), 1, delivery_count=2, body_differs=True)
    assert timeline_of("m1", [sent], LATER).flags == ["duplicate-delivery", "body-differs"]


def test_a_bounce_after_the_delivery_is_late_and_a_complaint_leaves_the_outcome() -> None:
    assert timeline(made("sent"), made("delivered", 1), made("bounced", 2)).flags == ["late-failure"]
    found = timeline(made("sent"), made("delivered", 1), made("complaint", 2))
    assert (found.outcome, found.flags) == ("delivered", ["complaint"])


@pytest.mark.parametrize(
    ("first", "is_trimmed"),
    [
        (made("sent"), False),
        (made("delivered"), True),
        (made("delivered", channel="in_app_feed:knock"), False),
        (made("delivered", channel="http:http_knock_webhook"), False),
        (made("read"), True),
        (attempt(0, 1), False),
        (attempt(0, 2), True),
    ],
)
def test_history_is_trimmed_where_a_beginning_is_missing_and_the_log_lost_some(
    first: dict[str, Any], is_trimmed: bool
) -> None:
    trimmed = SOON._replace(kept_from_us=START_US)
    assert ("history-trimmed" in timeline(first, standpoint=trimmed).flags) is is_trimmed
    assert "history-trimmed" not in timeline(first, standpoint=SOON).flags


def test_history_is_whole_where_the_message_was_made_after_the_oldest_event_kept() -> None:
    trimmed = SOON._replace(kept_from_us=START_US - 1_000_000)
    made_at = Origin(made_at="2026-11-23T09:00:00.000000Z")
    assert timeline(made("read"), standpoint=trimmed, origin=made_at).flags == []


def test_it_took_as_long_as_it_took_to_arrive_not_to_be_read() -> None:
    assert timeline(made("sent"), made("delivered", 1.5), made("read", 900)).took_ms == 1_500


def test_readings_tell_what_was_before_in_whatever_order_it_arrived() -> None:
    found = timeline(
        made("sent"),
        made("delivered", 2),
        made("read", 60),
        made("unread", 70),
        made("read", 90),
        order=(4, 3, 2, 1, 0),
    )
    assert [step.reading for step in found.steps] == [
        "via sendgrid",
        "via sendgrid, 2 s after sent",
        "after 1 m",
        "undone after 10 s",
        "after 1 m 30 s",
    ]


def test_what_the_newest_event_names_stands_and_an_old_body_without_a_channel_takes_nothing_away() -> None:
    old = made("read", 9, tenant="later")
    old["data"]["channel"] = None
    old["data"]["channel_id"] = "c1"
    found = timeline(made("sent", tenant="first"), old)
    assert found.tenant == "later"
    assert found.channel is not None
    assert (found.channel.type, found.channel.provider) == ("email", "sendgrid")


def test_there_is_no_timeline_of_nothing() -> None:
    with pytest.raises(ValueError, match="no events"):
        timeline_of("m1", arrived([]), LATER)
