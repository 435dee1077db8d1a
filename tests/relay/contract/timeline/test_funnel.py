"""How far messages come: counted of those that can, with the time from the step before."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.contract.timeline import FunnelStep, funnel_of
from tests.relay.contract.timeline.told import made, messages_of, timeline


def counted(*messages: list[dict[str, Any]]) -> dict[str, FunnelStep]:
    return {step.step: step for step in funnel_of([timeline(*payloads) for payloads in messages])}


def test_a_step_is_counted_of_the_messages_that_can_reach_it() -> None:
    push = [made("sent", channel="push:push_fcm")]
    feed = [made("delivered", channel="in_app_feed:knock"), made("seen", 1, channel="in_app_feed:knock")]
    email = [made("sent"), made("delivered", 2), made("read", 60)]
    silent = [made("sent", channel="email:smtp"), made("link_clicked", 9, channel="email:smtp")]
    found = counted(push, feed, email, silent)
    assert {name: (step.count, step.of) for name, step in found.items()} == {
        "sent": (3, 3),
        "delivered": (2, 2),
        "seen": (1, 1),
        "read": (1, 3),
        "clicked": (1, 3),
    }


def test_what_was_reached_could_be_reached_whatever_the_channel_promises() -> None:
    found = counted([made("sent", channel="push:push_fcm"), made("read", 5, channel="push:push_fcm")])
    assert (found["read"].count, found["read"].of) == (1, 1)


def test_times_are_from_the_step_before_that_the_message_has() -> None:
    quick = [made("sent"), made("delivered", 1), made("read", 11)]
    slow = [made("sent"), made("delivered", 3), made("link_clicked", 63)]
    found = counted(quick, slow)
    assert (found["sent"].median_ms, found["sent"].p95_ms) == (None, None)
    assert (found["delivered"].median_ms, found["delivered"].p95_ms) == (2_000, 3_000)
    assert found["read"].median_ms == 10_000
    assert found["clicked"].median_ms == 60_000


def test_a_step_that_was_made_before_the_one_before_has_no_time() -> None:
    found = counted([made("delivered", 5), made("read", 1)])
    assert (found["read"].count, found["read"].median_ms) == (1, None)


def test_only_the_first_time_counts() -> None:
    found = counted([made("delivered"), made("read", 2), made("unread", 3), made("read", 600)])
    assert (found["read"].count, found["read"].median_ms) == (1, 2_000)


def test_a_click_in_a_text_message_is_also_a_reading() -> None:
    found = counted([made("sent", channel="sms:twilio"), made("link_clicked", 9, channel="sms:twilio")])
    assert (found["read"].count, found["clicked"].count, found["clicked"].median_ms) == (1, 1, 0)


@pytest.mark.parametrize(("count", "p95"), [(1, 1_000), (19, 19_000), (20, 19_000), (100, 95_000)])
def test_the_p95_is_the_least_that_95_in_100_do_not_exceed(count: int, p95: float) -> None:
    found = counted(*([made("sent"), made("delivered", second)] for second in range(1, count + 1)))
    assert found["delivered"].p95_ms == p95


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["happy-email", "feed", "sms", "chat", "push", "office-email", "runs"]), st.integers(0, 99))
def test_no_more_messages_reach_a_step_than_can(scenario: str, seed: int) -> None:
    messages = list(messages_of(scenario, seed).values())
    for step in counted(*messages).values():
        assert 0 <= step.count <= step.of <= len(messages)
