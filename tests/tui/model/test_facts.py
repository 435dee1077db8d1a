from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from relay.contract.events import Channel, Entity, Verdict
from tests.tui.made import delivery, made, made_detail, made_forward
from tui.model.clock import Clock
from tui.model.diff import compare
from tui.model.environments import Environment, Environments
from tui.model.facts import Bodies, Change, Fact, Heading, Item, Note, Title, deliveries, headers, plural, summary

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


def test_a_provider_whose_channel_has_its_name_is_named_once() -> None:
    channel = Channel(id="c-9", type="email", provider="sendgrid", key="sendgrid")
    assert facts(summary(made(1, channel=channel), CLOCK))["channel"] == "email · sendgrid"


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


def test_what_was_answered_on_purpose_is_said_and_is_no_answer_that_was_lost() -> None:
    arrivals = [delivery(1, answered=500), delivery(2, answered=200), delivery(3)]
    event = made_detail(1, delivery_count=3, deliveries=arrivals)
    told = [item for item in deliveries(event, CLOCK) if isinstance(item, Fact) and item.name == "answered"]
    assert [(one.value, one.ink) for one in told] == [("500", "bad"), ("200", "good")]
    notes = [item.text for item in summary(event, CLOCK) if isinstance(item, Note)]
    assert "  received 3 times: failures were answered on purpose" in notes


@pytest.mark.parametrize(
    ("count", "noun", "text"), [(1, "byte", "1 byte"), (0, "byte", "0 bytes"), (2, "delivery", "2 deliveries")]
)
def test_counts_agree_with_their_noun(count: int, noun: str, text: str) -> None:
    assert plural(count, noun) == text


def test_a_body_that_differs_is_said_to_be_read_and_then_shown_by_its_paths() -> None:
    event = made_detail(1, deliveries=[delivery(1), delivery(2, body_differs=True)])
    assert Note("Its body differs from the event’s; reading it…", "warn") in list(deliveries(event, CLOCK))
    compared = compare(b'{"a": 1}', b'{"a": 2}')
    items = list(deliveries(event, CLOCK, Bodies({2: compared})))
    assert [(item.label, item.before, item.after) for item in items if isinstance(item, Change)] == [
        (".a", ("1",), ("2",))
    ]
    troubled = list(deliveries(event, CLOCK, Bodies({2: "the relay is gone"})))
    assert Note("Its body differs from the event’s, and could not be read: the relay is gone", "warn") in troubled


def test_further_deliveries_say_how_long_after_the_first_they_came() -> None:
    event = made_detail(1, deliveries=[delivery(1), delivery(2, received_at="2026-11-23T10:42:31.958652Z")])
    received = [
        item.note for item in deliveries(event, CLOCK) if isinstance(item, Fact) and item.name == "received"
    ]
    assert received == ["", "31 s after the first"]


def test_event_data_in_the_summary_leaves_room_for_the_rest() -> None:
    event = made(1, "message.complaint", event_data={f"key_{n}": n for n in range(50)})
    said = list(summary(event, CLOCK))
    assert Note("… and more, in the tab EventData") in said
    assert sum(isinstance(item, Fact) and item.name.startswith("key_") for item in said) == 8


def test_what_is_out_of_the_ordinary_stands_before_all_else() -> None:
    event = made(1, verdict=Verdict.UNVERIFIED, delivery_count=2, body_differs=True, forwarded=500)
    badges = [item.text.strip() for item in list(summary(event, CLOCK))[:6] if isinstance(item, Note)]
    assert badges == [
        "The message was handed to the channel's provider.",
        "unverified: no signing secret is set, so anyone could have sent this",
        "received twice, not always with the same body: see Deliveries",
        "forwarded, and answered 500",
    ]


def test_where_an_event_was_forwarded_to_is_told_with_what_was_answered() -> None:
    forwards = [
        made_forward(2, n=1, status=500, ms=12.5, body="no", url="http://127.0.0.1:3000/")[1],
        made_forward(3, n=2, status=None, error="connection refused", headers=None, body=None, attempt=2)[1],
    ]
    event = made_detail(1, forwarded=500, forward_failed=True, forwards=forwards)
    said = list(summary(event, CLOCK))
    assert Note("  forwarded, and not answered: see Deliveries", "bad") in said
    (last,) = [item for item in said if isinstance(item, Fact) and item.name == "forwarded"]
    assert (last.value, last.note) == ("no answer", "http://127.0.0.1:3000/webhooks: connection refused")
    told = list(deliveries(event, CLOCK))
    assert [item.text for item in told if isinstance(item, Heading)] == ["Delivery 1", "Forward 2", "Forward 1"]
    facts = {item.name: item.value for item in told if isinstance(item, Fact)}
    assert (facts["answer"], facts["to"], facts["attempt"]) == (
        "500 Internal Server Error",
        "http://127.0.0.1:3000/",
        "2",
    )
    assert Note("no", "ink", "no") in told
    # Names by which forwards are chosen are none of the filter for events.
    assert not {item.path for item in told if isinstance(item, Fact)} & {"answer", "target", "signed"}


def test_a_header_can_be_filtered_by() -> None:
    (fact,) = [item for item in headers(made_detail(1, headers=[("x-a b", "1")])) if isinstance(item, Fact)]
    assert fact.path == 'header."x-a b"'


def test_the_environment_is_told_by_its_name_and_copied_by_its_id() -> None:
    known = Environments({"env-2": Environment("live", "red", production=True)})
    items = summary(made(1, environment_id="env-2"), CLOCK, known)
    (fact,) = [item for item in items if isinstance(item, Fact) and item.name == "environment"]
    assert (fact.value, fact.ink, fact.note) == ("live", "colour:red", "env-2, marked production")
    assert (fact.copy, fact.path, fact.raw) == ("env-2", "env", "env-2")
    assert facts(summary(made(1, environment_id="env-9"), CLOCK, known))["environment"] == "env-9"


def test_what_came_from_a_file_says_when_and_what_was_said_of_it_there() -> None:
    came = delivery(1, remote=None, imported_at="2026-11-23T10:50:00Z", imported_verdict=Verdict.VERIFIED)
    event = made_detail(1, verdict=Verdict.UNVERIFIED, imported=True, deliveries=[came])
    for items, name in ((summary(event, CLOCK), "imported"), (deliveries(event, CLOCK), "from")):
        (fact,) = [item for item in items if isinstance(item, Fact) and item.name == name]
        assert (fact.value[:7], fact.note) == ("a file,", "there it was verified")
        assert "10:50:00" in fact.value
    assert facts(summary(made(1, imported=True), CLOCK))["imported"] == "from a file"
