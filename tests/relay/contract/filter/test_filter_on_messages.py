"""Terms that speak of a message: what they match, and what a filter on events says of them."""

from __future__ import annotations

from typing import Any

import pytest

from relay.contract import jsontext
from relay.contract.filter import FilterError, message_reference, parse, parse_on_messages
from relay.contract.filter.terms import MESSAGE_TERMS
from relay.contract.timeline import MessageTimeline
from relay.log.stored import StoredEvent
from tests.relay.contract.timeline.told import arrived, attempt, made, timeline

READ = [made("sent"), made("delivered", 40), made("read", 60, workflow="later"), made("unread", 70)]
STUCK = [attempt(0, 1), attempt(31, 2)]


class One:
    """The first event of some, along with the timeline of all."""

    def __init__(self, payloads: list[dict[str, Any]]) -> None:
        summary = arrived(payloads)[0]
        self.body = jsontext.dumps(payloads[0])
        self.timeline: MessageTimeline = timeline(*payloads)
        self.event = StoredEvent(1, summary.type, 0, None, summary.verdict, b"", raw_body=self.body)
        self.event.__dict__["summary"] = summary

    def __getattr__(self, name: str) -> Any:
        return getattr(self.event, name)


def matches(text: str, payloads: list[dict[str, Any]]) -> bool:
    return parse_on_messages(text).matches(One(payloads))


@pytest.mark.parametrize(
    ("text", "of_read", "of_stuck"),
    [
        ("outcome:delivered", True, False),
        ("outcome:deliv*,bounced", True, False),
        ("-outcome:delivered", False, True),
        ("flag:stalled", False, True),
        ("flag:undone,complaint", True, False),
        ("flag~^re", False, True),
        ("engagement:read", False, False),
        ("exists(engagement)", False, False),
        ("exists(flag)", True, True),
        ("never:message.read", False, True),
        ("never:message.read,message.sent", False, True),
        ("never:*.complaint", True, True),
        ("never~^message\\.d", False, False),
        ("-never:message.delivered", True, False),
        ("steps:4", True, False),
        ("steps:>2", True, False),
        ("steps:2..3", False, True),
        ("took:>30s", True, True),
        ("took:<=31s", False, True),
        ("took:35s..45s", True, False),
        ("took:<500ms", False, False),
        ("type:message.sent outcome:delivered", True, False),
        ("type:message.read outcome:delivered", False, False),
        ("recipient:dr_grant (outcome:bounced OR steps:2)", False, True),
        ("sendgrid", True, True),
        ("", True, True),
    ],
)
def test_what_a_filter_on_messages_matches(text: str, of_read: bool, of_stuck: bool) -> None:
    assert (matches(text, READ), matches(text, STUCK)) == (of_read, of_stuck)


@pytest.mark.parametrize(
    ("text", "of_events"),
    [
        ("outcome:sent", ""),
        ("workflow:welcome outcome:sent", "workflow:welcome"),
        ("workflow:a tenant:b -(outcome:sent failed)", "workflow:a tenant:b"),
        ("workflow:a OR took:>3s", ""),
        ("(workflow:a steps:3) OR (tenant:b flag:stalled)", "workflow:a OR tenant:b"),
        ("workflow:a -failed", "workflow:a -failed"),
    ],
)
def test_the_filter_on_events_leaves_out_what_speaks_of_messages(text: str, of_events: str) -> None:
    found = parse_on_messages(text)
    assert str(found.events) == of_events
    assert found.speaks_of_messages is (str(found.events) != str(found))


@pytest.mark.parametrize("name", sorted(MESSAGE_TERMS.keys() - {"engagement"}))
def test_a_filter_on_events_says_that_a_term_is_one_of_messages(name: str) -> None:
    with pytest.raises(FilterError, match="works on messages only") as error:
        parse(f"failed {name}:3")
    assert (error.value.column, error.value.length) == (8, len(name))


@pytest.mark.parametrize(
    ("text", "says", "column"),
    [
        ("took:30s", "has to be compared", 6),
        ("took:>soon", "took takes a duration", 7),
        ("steps:many", "steps takes a number", 7),
        ("outcome:>3", "which < > and ranges do not compare", 10),
        ("exists(never)", "never takes an event type", 8),
        ("outcom:sent", "unknown name", 1),
        ("steps>3", "a colon is missing", 1),
    ],
)
def test_errors_say_where_a_term_of_messages_is_wrong(text: str, says: str, column: int) -> None:
    with pytest.raises(FilterError) as error:
        parse_on_messages(text)
    assert says in error.value.message
    assert error.value.column == column


def test_a_name_that_is_nearly_one_of_messages_is_suggested() -> None:
    with pytest.raises(FilterError) as error:
        parse_on_messages("outcom:sent")
    assert error.value.suggestion == "outcome"


@pytest.mark.parametrize("row", message_reference(), ids=lambda row: row.name)
def test_the_examples_of_the_reference_are_normal_forms(row: Any) -> None:
    assert str(parse_on_messages(row.example)) == row.example
    assert row.meaning


def test_all_names_that_the_language_has_for_messages_are_in_the_reference() -> None:
    assert [row.name for row in message_reference()] == ["outcome", "flag", "engagement", "never", "steps", "took"]
