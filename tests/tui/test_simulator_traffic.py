"""Traffic is steady, covers every type soon, and repeats and disorders as Knock may."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest

from relay.contract.knock import entity_of
from tui.simulator import ENVIRONMENTS, SCENARIOS, TYPES, Delivery, Traffic
from tui.simulator.traffic import WEIGHTS

START = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def deliveries(count: int, *, seed: int = 1, rate: float = 5, only: tuple[str, ...] = ()) -> list[Delivery]:
    return list(islice(Traffic(seed, rate, start=START, only=only), count))


def identity(delivery: Delivery) -> tuple[object, ...]:
    """What makes two deliveries the same event, as the contract has it."""
    payload = json.loads(delivery.event.body)
    entity = entity_of(payload["type"], payload["data"], payload["event_data"])
    key = entity.id or json.dumps(payload["data"])
    return dict(delivery.event.headers)["x-knock-environment-id"], payload["type"], key, payload["created_at"]


def created_at(delivery: Delivery) -> str:
    return str(json.loads(delivery.event.body)["created_at"])


def message_id(delivery: Delivery) -> Any:
    return json.loads(delivery.event.body)["data"].get("id")


def test_the_first_delivery_is_there_at_once() -> None:
    assert deliveries(1)[0].at == START


@pytest.mark.parametrize("rate", [0.5, 5, 400])
def test_the_rate_is_kept(rate: float) -> None:
    sent = deliveries(2_000, rate=rate)
    seconds = (sent[-1].at - sent[0].at).total_seconds()
    assert seconds == pytest.approx(2_000 / rate, rel=0.05)


def test_deliveries_come_in_order_of_time_and_never_before_they_happen() -> None:
    sent = deliveries(2_000)
    assert all(a.at < b.at for a, b in pairwise(sent))
    assert all(one.event.created_at <= one.at for one in sent)


@pytest.mark.parametrize("seed", range(6))
def test_every_type_comes_up_within_two_minutes_at_five_a_second(seed: int) -> None:
    assert {one.event.type for one in until(START + timedelta(minutes=2), seed)} == set(TYPES)


def until(end: datetime, seed: int) -> Iterator[Delivery]:
    for one in Traffic(seed, 5, start=START):
        if one.at > end:
            return
        yield one


def test_no_body_tells_of_what_happens_after_it_is_sent() -> None:
    for one in deliveries(2_000):
        updated_at = json.loads(one.event.body)["data"].get("updated_at")
        assert updated_at is None or datetime.fromisoformat(updated_at) <= one.at


def test_the_same_seed_gives_the_same_traffic() -> None:
    assert deliveries(500, seed=3) == deliveries(500, seed=3)


def test_another_seed_gives_other_traffic() -> None:
    assert deliveries(5, seed=3) != deliveries(5, seed=4)


def test_only_deliberate_repeats_share_an_identity() -> None:
    sent = deliveries(5_000)
    fresh = [identity(one) for one in sent if not one.repeated]
    assert len(set(fresh)) == len(fresh)


def test_a_repeat_is_the_same_request_again() -> None:
    sent = deliveries(3_000)
    repeats = [(number, one) for number, one in enumerate(sent) if one.repeated]
    assert 20 <= len(repeats) <= 120
    assert all(one.event in [earlier.event for earlier in sent[:number]] for number, one in repeats)


def test_some_events_arrive_after_a_later_one_of_the_same_message() -> None:
    newest: dict[str, str] = {}
    overtaken = 0
    for one in deliveries(3_000):
        if one.repeated or not one.event.type.startswith("message."):
            continue
        newest_yet = newest.get(message_id(one), "")
        overtaken += created_at(one) < newest_yet
        newest[message_id(one)] = max(newest_yet, created_at(one))
    assert overtaken >= 5


def test_late_arrivals_are_late_by_seconds() -> None:
    late = [one for one in deliveries(3_000) if one.late]
    assert 30 <= len(late) <= 200
    assert all(timedelta(seconds=2) <= one.at - one.event.created_at for one in late)


def test_both_environments_send() -> None:
    seen = {dict(one.event.headers)["x-knock-environment-id"] for one in deliveries(500)}
    assert seen == {environment.id for environment in ENVIRONMENTS}


def test_traffic_can_be_narrowed_to_a_scenario() -> None:
    sent = deliveries(200, only=("push-dead-token",))
    assert {one.event.type for one in sent} == {"message.bounced", "message.sent"}


def test_the_mix_has_every_scenario() -> None:
    assert set(WEIGHTS) == set(SCENARIOS)


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(KeyError):
        Traffic(1, 5, start=START, only=("no-such",))


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_rate_that_sends_nothing_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="never sends one"):
        Traffic(1, rate, start=START)


def test_traffic_can_go_on_at_a_later_time_at_the_usual_rate() -> None:
    traffic = Traffic(1, 5, start=START)
    sent = list(islice(traffic, 50))
    traffic.resume(START + timedelta(hours=3))
    later = list(islice(traffic, 500))
    assert all(one.at >= START + timedelta(hours=3) for one in later)
    assert (later[-1].at - later[0].at).total_seconds() == pytest.approx(100, rel=0.1)
    fresh = [identity(one) for one in (*sent, *later) if not one.repeated]
    assert len(set(fresh)) == len(fresh)
