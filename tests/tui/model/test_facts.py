from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from relay.contract.events import Channel, Entity, Verdict
from tests.tui.made import delivery, made, made_detail
from tui.model.clock import Clock
from tui.model.facts import Fact, Item, Note, Title, deliveries, headers, plural, summary

CLOCK = Clock(utc=True, now=lambda: datetime(2026, 11, 23, 11, tzinfo=UTC).timestamp())


def facts(items: Iterable[Item]) -> dict[str, str]:
    return {item.name: item.value for item in items if isinstance(item, Fact)}


def test_the_summary_begins_with_the_type_in_full_and_the_reading() -> None:
    first = next(iter(summary(made(1, "message.bounced", reading="no mailbox"), CLOCK)))
    assert first == Title("message.bounced", "no mailbox")


def test_the_summary_names_what_is_known_and_nothing_else() -> None:
    event = made(1, tenant=None, workflow_run_id=None, workflow_recipient_run_id=None, environment_id=None)
    said = facts(summary(event, CLOCK))
    assert said["channel"] == "email · sendgrid · my-sendgrid-channel"
    assert "tenant" not in said
    assert "run" not in said


def test_a_channel_known_by_its_id_alone_is_named_by_it() -> None:
    assert facts(summary(made(1, channel=Channel(id="c-9")), CLOCK))["channel"] == "c-9"


def test_a_resource_is_named_by_its_kind() -> None:
    event = made(1, "email_layout.updated", entity=Entity("email_layout", "main"), message_id=None)
    assert facts(summary(event, CLOCK))["email layout"] == "main"


def test_clocks_that_differ_are_said_to() -> None:
    event = made(1, created_at="2026-11-23T10:42:05.958652Z")
    notes = [item.note for item in summary(event, CLOCK) if isinstance(item, Fact) and item.name == "received"]
    assert notes == ["5.0 s earlier: the clocks differ"]


def test_repeated_deliveries_are_explained() -> None:
    said = list(summary(made(1, delivery_count=3), CLOCK))
    assert facts(said)["deliveries"] == "3"
    assert Note("  received 3 times: an earlier answer did not reach Knock", "warn") in said


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_words(verdict: Verdict) -> None:
    assert facts(summary(made(1, verdict=verdict), CLOCK))["signature"]


def test_a_workflow_is_named_once() -> None:
    event = made(1, "workflow.updated", entity=Entity("workflow", "welcome"), workflow="welcome")
    assert [item.name for item in summary(event, CLOCK) if isinstance(item, Fact)].count("workflow") == 1


def test_headers_stay_in_order_with_repeats() -> None:
    event = made_detail(1, headers=[("b", "1"), ("a", "2"), ("b", "3")])
    assert [(item.name, item.value) for item in headers(event) if isinstance(item, Fact)] == event.headers


def test_a_delivery_says_when_it_was_signed_and_how_long_before() -> None:
    event = made_detail(1, deliveries=[delivery(1, signature_t=1_795_430_519_958)])
    signed = [item for item in deliveries(event, CLOCK) if isinstance(item, Fact) and item.name == "signed"]
    assert signed == [
        Fact("signed", "2026-11-23 10:41:59.958 UTC", note="1.0 s before it arrived", copy="1795430519958")
    ]


def test_an_event_delivered_once_says_so() -> None:
    assert Note("Delivered once.") in list(deliveries(made_detail(1), CLOCK))


@pytest.mark.parametrize(
    ("count", "noun", "text"), [(1, "byte", "1 byte"), (0, "byte", "0 bytes"), (2, "delivery", "2 deliveries")]
)
def test_counts_agree_with_their_noun(count: int, noun: str, text: str) -> None:
    assert plural(count, noun) == text
