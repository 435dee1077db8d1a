from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from relay.contract.events import EventDetail
from relay.contract.filter import parse
from tests.relay.contract.filter.subjects import Event, event
from tests.relay.contract.filter.trees import trees
from tests.tui.made import made_detail
from tui.model.nearmiss import Whole, all_but_one, any_of, looks_at_bodies, misses, told


def sent(seq: int, **data: Any) -> Event:
    return event({"type": "message.sent", "data": {"status": "sent", **data}}, seq=seq)


def lines(text: str, *events: Event) -> list[str]:
    return [told(miss) for miss in misses(parse(text), events)]


def test_the_one_term_that_failed_is_named_with_what_was_there_instead() -> None:
    assert lines("type:message.* status:delivered", sent(41), sent(42)) == [
        "2 events matched all but status:delivered: status was sent (seq 41, 42)"
    ]


def test_each_value_has_its_events() -> None:
    assert lines("type:message.* status:delivered", sent(1), sent(2, status="queued"), sent(3)) == [
        "3 events matched all but status:delivered: status was sent (seq 1, 3), queued (seq 2)"
    ]


def test_events_that_fail_at_fewer_terms_are_closer_and_the_smaller_group_comes_first() -> None:
    found = lines(
        "type:message.* status:read tenant:acme", sent(1), sent(2, tenant="acme"), sent(3, tenant="acme")
    )
    assert found == ["2 events matched all but status:read: status was sent (seq 2, 3)"]
    found = lines(
        "status:read tenant:acme", sent(1, tenant="acme"), sent(2, tenant="acme"), sent(3, status="read")
    )
    assert [line.partition(":")[0] for line in found] == [
        "1 event matched all but tenant",
        "2 events matched all but status",
    ]


def test_an_event_that_matches_is_no_near_miss() -> None:
    assert lines("status:sent", sent(1)) == []


def test_a_single_term_and_several_that_all_failed_are_told_as_such() -> None:
    assert lines("type:message.read", sent(1)) == [
        "1 event did not match type:message.read: type was message.sent (seq 1)"
    ]
    [none] = lines("type:message.read tenant:a", sent(1))
    assert none.startswith("1 event matched none of type:message.read, tenant:a: type was message.sent (seq 1); ")


def test_of_alternatives_the_one_that_came_closest_is_told() -> None:
    assert lines("type:run.a tenant:x OR type:message.* status:read", sent(7)) == [
        "1 event matched all but status:read: status was sent (seq 7)"
    ]


@pytest.mark.parametrize(
    ("filter_", "says"),
    [
        ("status:sent -tenant:acme", "-tenant:acme: tenant was acme (seq 1)"),
        ("status:sent exists(event_data.token)", "exists(event_data.token): event_data.token was absent (seq 1)"),
        ('status:sent "not there"', '"not there": "not there" was not in the body (seq 1)'),
        ("status:sent -acme", '-acme: "acme" was in the body (seq 1)'),
        ("status:sent failed", "failed: type was message.sent (seq 1)"),
        ("status:sent data.n:>5", "data.n:>5: data.n was 3 (seq 1)"),
        ("status:sent data.list:c", "data.list:c: data.list was a and b (seq 1)"),
        ("status:sent data.text~^x", 'data.text~^x: data.text was "two words" (seq 1)'),
        ("status:sent header.x-a:1", "header.x-a:1: header.x-a was absent (seq 1)"),
        (
            "status:sent (tenant:b OR data.n:1)",
            "tenant:b OR data.n:1: tenant was acme (seq 1); data.n was 3 (seq 1)",
        ),
        (
            "status:sent received:<2020-01-01",
            "received:<2020-01-01: received was 2026-11-23T10:42:00.000000Z (seq 1)",
        ),
    ],
)
def test_what_was_there_is_told_for_every_kind_of_term(filter_: str, says: str) -> None:
    found = lines(filter_, sent(1, tenant="acme", n=3, list=["a", "b"], text="two words"))
    assert found == [f"1 event matched all but {says}"]


def test_many_events_and_values_are_told_in_a_line_that_can_be_read() -> None:
    [same] = lines("type:message.* status:read", *(sent(seq) for seq in range(1, 10)))
    assert same.endswith("status was sent (seq 1, 2, 3, 4, 5 and 4 more)")
    [differing] = lines("type:message.* status:read", *(sent(seq, status=f"s{seq}") for seq in range(1, 10)))
    assert differing.endswith("s3 (seq 3), s4 (seq 4) and 5 others")


def test_nothing_in_an_event_can_act_on_a_terminal() -> None:
    [line] = lines("type:message.* status:read", sent(1, status="\x1b[31m\nred"))
    assert line.isprintable()


def test_what_fails_at_one_term_is_found_by_a_filter_of_its_own() -> None:
    assert list(all_but_one(parse("type:a -tenant:b (status:c OR failed)"))) == [
        "-type:a -tenant:b (status:c OR failed)",
        "type:a tenant:b (status:c OR failed)",
        "type:a -tenant:b -(status:c OR failed)",
    ]
    assert list(all_but_one(parse("type:a"))) == list(all_but_one(parse(""))) == []


def test_what_passes_any_term_is_found_by_another_filter() -> None:
    assert any_of(parse("type:a -tenant:b (status:c OR failed)")) == "type:a OR -tenant:b OR status:c OR failed"
    assert any_of(parse("type:a tenant:b OR type:c")) == "type:a OR tenant:b OR type:c"
    assert any_of(parse("type:a")) == any_of(parse("type:a OR type:b")) == any_of(parse("")) == ""


@settings(max_examples=60)
@given(trees)
def test_every_filter_for_near_misses_parses(tree: Any) -> None:
    for text in (*all_but_one(parse(str(tree))), any_of(parse(str(tree)))):
        parse(text)


def test_where_several_terms_failed_less_is_told_of_each() -> None:
    events = [sent(seq, status=f"s{seq}") for seq in range(1, 6)]
    [line] = lines("type:message.read status:x", *events)
    assert line.endswith(
        "type was message.sent (seq 1, 2, 3 and 2 more); status was s1 (seq 1), s2 (seq 2) and 3 others"
    )


def test_bodies_are_read_for_a_text_alone() -> None:
    assert looks_at_bodies(parse("type:a -(status:b OR word)"))
    assert not looks_at_bodies(parse("type:a -(status:b OR data.x:y)"))
    assert not looks_at_bodies(parse(""))


def test_the_detail_of_an_event_is_looked_at_as_the_relay_looks_at_it() -> None:
    def whole(detail: EventDetail) -> Iterator[str]:
        for miss in misses(parse("received:>2027-01-01 header.x-knock-event:a.b x"), [Whole(detail, b"xyz")]):
            yield told(miss)

    [line] = whole(made_detail(5))
    assert "2 events" not in line
    assert (
        "received was 2026-11-23T10:42:00.958652Z (seq 5); header.x-knock-event was message.sent (seq 5)" in line
    )
