"""Searching history by SQL finds just what the predicate does, whatever the events and the filter."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.contract.filter import And, Node, Not, Or
from relay.log.stored import StoredEvent
from tests.relay.contract.filter.trees import trees
from tests.relay.log.logged import Arrival, aimed, arrivals, everything, expected, filter_of, log_of, paged

hostile = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner() as runner:
        runner.run(coroutine)


def some_trees(data: st.DataObject, events: Sequence[StoredEvent]) -> list[Node]:
    """Filters that find something, and such as nobody would write."""
    aims = data.draw(st.lists(aimed(events) if events else trees, min_size=2, max_size=4))
    wild = data.draw(trees)
    one, other, *_ = aims
    return [*aims, Not(one), And((one, Not(other))), Or((one, other)), And((Or((one, wild)), other)), wild]


@given(arrivals, st.data(), st.integers(1, 3))
@hostile
def test_paging_and_counting_agree_with_the_predicate(
    came: list[Arrival], data: st.DataObject, limit: int
) -> None:
    async def check(directory: Path) -> None:
        async with log_of(directory, came) as log:
            events = await everything(log)
            for tree in some_trees(data, events):
                found = expected(events, tree)
                assert await paged(log, tree, limit=limit) == found, tree
                assert await paged(log, tree, limit=limit, oldest_first=True) == found[::-1], tree
                assert await log.count(filter_=filter_of(tree)) == (len(found), log.last_seq), tree
                types = Counter(event.type for event in events if event.seq in found)
                _, totals = await log.types(filter_=filter_of(tree))
                assert {each.type: each.count for each in totals} == types, tree

    with tempfile.TemporaryDirectory() as directory:
        run(check(Path(directory)))
