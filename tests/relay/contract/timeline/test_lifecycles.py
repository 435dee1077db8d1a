"""Timelines of simulated lifecycles, whose truth is known: in every order of arrival, with losses and repeats."""

from __future__ import annotations

from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.contract.timeline import MessageTimeline, Origin, timeline_of
from tests.relay.contract.timeline.told import (
    LATER,
    arrived,
    attempt,
    made,
    messages_of,
    timeline,
    without_arrival,
)
from tui.simulator import SCENARIOS

OF_MESSAGES = sorted(
    name for name, scenario in SCENARIOS.items() if any(kind.startswith("message.") for kind in scenario.types)
)
KINDS = {
    "seen": "unseen",
    "read": "unread",
    "archived": "unarchived",
}
stories = st.builds(messages_of, st.sampled_from(OF_MESSAGES), st.integers(0, 10_000)).flatmap(
    lambda messages: st.sampled_from(sorted(messages.values(), key=len))
)


def told(payloads: list[dict[str, Any]], order: Any = None) -> MessageTimeline:
    origin = Origin(payloads[0]["data"]["inserted_at"], payloads[0]["data"]["source"]["step_ref"])
    return timeline_of(payloads[0]["data"]["id"], arrived(payloads, order), LATER, origin)


@pytest.mark.parametrize("scenario", OF_MESSAGES)
def test_the_outcome_is_the_status_that_knock_has_at_the_end(scenario: str) -> None:
    for seed in range(20):
        for payloads in messages_of(scenario, seed).values():
            assert told(payloads).outcome == payloads[-1]["data"]["status"]


@pytest.mark.parametrize("scenario", OF_MESSAGES)
def test_the_engagement_is_what_knock_has_at_the_end_but_for_what_it_counts_along(scenario: str) -> None:
    for seed in range(20):
        for payloads in messages_of(scenario, seed).values():
            at_the_end = set(payloads[-1]["data"]["engagement_statuses"])
            events = {payload["type"].removeprefix("message.") for payload in payloads}
            assert set(told(payloads).engagement) - {"read"} == (at_the_end & events) - {"read"}
            assert set(told(payloads).engagement) <= at_the_end


@settings(max_examples=60, deadline=None)
@given(stories, st.randoms(use_true_random=False))
def test_a_story_reads_the_same_in_any_order_of_arrival(payloads: list[dict[str, Any]], chance: Random) -> None:
    order = list(range(len(payloads)))
    chance.shuffle(order)
    assert without_arrival(told(payloads, order)) == without_arrival(told(payloads))


any_step = st.builds(
    lambda kind, at, said, status: made(kind, at, said, status=status),
    st.sampled_from(
        ["sent", "delivered", "bounced", "undelivered", "complaint", "opened", *KINDS, *KINDS.values()]
    ),
    st.none() | st.integers(0, 4),
    st.sampled_from([None, {"failure_reason": "fatal_error"}, ["odd"], "odd", {"url": "https://a.example"}]),
    st.sampled_from(["sent", "queued", None]),
) | st.builds(attempt, st.integers(0, 4), st.integers(0, 9), retryable=st.sampled_from([True, False, None]))


@settings(max_examples=300, deadline=None)
@given(st.lists(any_step, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_any_events_read_the_same_in_any_order_of_arrival(payloads: list[dict[str, Any]], chance: Random) -> None:
    order = list(range(len(payloads)))
    chance.shuffle(order)
    assert without_arrival(timeline(*payloads, order=order)) == without_arrival(timeline(*payloads))


def test_every_order_of_arrival_of_a_story_has_the_same_outcome_and_tells_who_came_late() -> None:
    payloads = [made("sent"), attempt(5, 1), made("delivered", 9), made("read", 60)]
    for order in permutations(range(4)):
        found = timeline(*payloads, order=order)
        assert (found.outcome, found.engagement) == ("delivered", ["read"])
        arrivals = [order.index(place) for place in range(4)]
        late = [any(after < mine for after in arrivals[place + 1 :]) for place, mine in enumerate(arrivals)]
        assert [step.out_of_order for step in found.steps] == late


@settings(max_examples=60, deadline=None)
@given(stories, st.data())
def test_losing_events_changes_nothing_that_the_others_say(
    payloads: list[dict[str, Any]], data: st.DataObject
) -> None:
    kept = data.draw(st.lists(st.sampled_from(range(len(payloads))), min_size=1, unique=True).map(sorted))
    found = told([payloads[place] for place in kept])
    assert [step.type for step in found.steps] == [payloads[place]["type"] for place in kept]
    if kept[-1] == len(payloads) - 1 and payloads[-1]["type"] == "message.delivered":
        assert found.outcome == "delivered"


def test_a_retry_storm_is_told_attempt_by_attempt() -> None:
    outcomes = set()
    for payloads in messages_of("retry-storm", 3).values():
        found = told(payloads)
        failed = [each for each in payloads if each["type"] == "message.delivery_attempted"]
        assert [each.number for each in found.attempts] == [each["event_data"]["attempt"] for each in failed]
        assert "attempts-missing" not in found.flags
        assert {each.round for each in found.attempts} <= {1}
        outcomes.add(found.outcome)
    assert outcomes == {"delivered", "undelivered"}


def test_a_manual_retry_is_told_as_one() -> None:
    (payloads,) = messages_of("manual-retry", 5).values()
    assert "manual-retry" in told(payloads).flags
    assert told(payloads).outcome == "delivered"


def test_no_story_of_a_channel_that_ends_at_sent_ever_stalls() -> None:
    for scenario in ("push", "chat", "office-email", "partner-hook", "feed"):
        for seed in range(10):
            for payloads in messages_of(scenario, seed).values():
                assert "stalled" not in told(payloads[:1]).flags or payloads[0]["type"].endswith("attempted")
