"""Counting by value: what the index counts at once is what reading every event gives."""

from __future__ import annotations

import tempfile
from pathlib import Path as File

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.contract.events import Verdict
from relay.contract.filter import Field, Name, parse
from relay.contract.filter.names import field_of
from relay.contract.filter.terms import TERMS
from relay.log.base import Group
from relay.log.groups import Groups
from relay.log.sqlite import SqliteLog
from relay.log.stored import StoredEvent
from relay.log.values import NAMES
from tests.relay.log.logged import (
    MEMORY,
    NEAR,
    NOW_US,
    Arrival,
    aimed,
    arrivals,
    everything,
    expected,
    fill,
    filter_of,
    log_of,
)
from tests.relay.log.test_search import hostile, run


def counted(events: list[StoredEvent], name: str) -> list[Group]:
    groups = Groups(NOW_US, mask=False)
    for event in events:
        value = TERMS[name].read(event)
        groups.add(value if isinstance(value, list) else [value], event.seq, event.received_us)
    return groups.all(1_000_000)


def by_value(groups: list[Group]) -> dict[object, Group]:
    return {(type(each.value), each.value): each for each in groups}


@given(arrivals, st.data(), st.sampled_from(sorted(NAMES)))
@settings(hostile, max_examples=25)
def test_the_index_counts_what_reading_every_event_gives(
    came: list[Arrival], data: st.DataObject, name: str
) -> None:
    async def check(directory: File) -> None:
        async with log_of(directory, came, after=NEAR) as log:
            filled = await fill(log)
            events = await everything(log)
            tree = data.draw(aimed(events[filled:]))
            found = set(expected(events, tree))
            matching = [event for event in events if event.seq in found]
            _, groups = await log.groups(Name(name), filter_=filter_of(tree), mask=False, limit=1_000_000)
            assert by_value(groups) == by_value(counted(matching, name)), tree
            _, groups = await log.groups(Name(name), filter_=None, mask=False, limit=1_000_000)
            assert by_value(groups) == by_value(counted(events, name))

    with tempfile.TemporaryDirectory(dir=MEMORY) as directory:
        run(check(File(directory)))


def failed(number: int, reason: str, received_us: int = NOW_US) -> Arrival:
    body = f'{{"type":"message.bounced","data":{{}},"event_data":{{"reason":{reason}}}}}'
    return Arrival(body.encode(), number, Verdict.VERIFIED, received_us=received_us)


REASON: Field = field_of("event_data.reason")


async def values(log: SqliteLog, *, mask: bool = False, limit: int = 10) -> list[tuple[object, int]]:
    upto, found = await log.groups(REASON, filter_=parse(""), mask=mask, limit=limit)
    assert upto == log.last_seq
    return [(each.value, each.count) for each in found]


async def test_the_values_of_a_path_are_counted_the_most_frequent_first(tmp_path: File) -> None:
    reasons = ['"full"', '"gone"', '"full"', "null", '["a","full","a"]']
    came = [failed(n, reason) for n, reason in enumerate(reasons)]
    async with log_of(tmp_path, came) as log:
        assert await values(log) == [("full", 3), ("a", 1), ("gone", 1)]
        assert await values(log, limit=1) == [("full", 3)]


async def test_json_values_of_different_kinds_are_different(tmp_path: File) -> None:
    reasons = ["1", "true", '"1"', "1.0", "false", "0"]
    came = [failed(n, reason) for n, reason in enumerate(reasons)]
    async with log_of(tmp_path, came) as log:
        found = await values(log)
        assert [(repr(value), count) for value, count in found] == [
            ("1.0", 2),
            ("0", 1),
            ("False", 1),
            ("'1'", 1),
            ("True", 1),
        ]


async def test_masked_texts_are_one(tmp_path: File) -> None:
    came = [failed(n, f'"550 no user {n}{n}@example.com"') for n in range(3)]
    async with log_of(tmp_path, came) as log:
        assert await values(log, mask=True) == [("<n> no user <email>", 3)]


async def test_a_group_says_where_its_events_are_and_when_they_came(tmp_path: File) -> None:
    came = [failed(n, '"full"', NOW_US - ago * 60_000_000) for n, ago in enumerate([200, 59, 1, 1, 0])]
    async with log_of(tmp_path, came) as log:
        _, (group,) = await log.groups(REASON, filter_=None, mask=False, limit=10)
        assert (group.count, group.first_seq, group.last_seq) == (5, 1, 5)
        assert (group.per_minute[0], group.per_minute[-2:], sum(group.per_minute)) == (1, [2, 1], 4)


@pytest.mark.parametrize("by", ["family", "header.x-a", "deliveries", "created"])
async def test_any_field_can_be_counted_by(tmp_path: File, by: str) -> None:
    body = b'{"type":"message.sent","data":{},"created_at":"2026-11-23T10:00:00Z"}'
    async with log_of(tmp_path, [Arrival(body, 1, Verdict.VERIFIED, ((b"x-a", b"b"),))]) as log:
        _, (group,) = await log.groups(field_of(by), filter_=None, mask=False, limit=10)
        assert group.count == 1
