"""Searching history by SQL finds just what the predicate does, whatever the events and the filter."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.contract.events import Verdict
from relay.contract.filter import And, Digits, Equals, Node, Not, Or, Term, parse
from relay.contract.filter import Path as Path_
from relay.contract.jsontext import loads
from relay.log.stored import StoredEvent
from tests.relay.contract.filter.trees import trees
from tests.relay.log.logged import (
    MEMORY,
    Arrival,
    aimed,
    arrivals,
    everything,
    expected,
    filter_of,
    log_of,
    paged,
    portions_of,
)

hostile = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner() as runner:
        runner.run(coroutine)


def some_trees(data: st.DataObject, events: Sequence[StoredEvent]) -> list[Node]:
    """Filters that find something, and such as nobody would write."""
    aims = data.draw(st.lists(aimed(events) if events else trees, min_size=2, max_size=4))
    wild = data.draw(trees)
    one, other, *_ = aims
    return [*aims, Not(one), And((one, Not(other))), Or((one, other)), And((Or((one, wild)), other)), wild]


@given(arrivals, st.data(), st.integers(1, 3), st.sampled_from([2, 256]))
@hostile
def test_paging_and_counting_agree_with_the_predicate(
    came: list[Arrival], data: st.DataObject, limit: int, first: int
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

    with tempfile.TemporaryDirectory(dir=MEMORY) as directory, portions_of(first):
        run(check(Path(directory)))


_SPELLINGS = """7 7.0 7e0 70e-1 0.7e1 0.0007E+4 6.99999999999999999 7.00000000000000001 -7 -7.0 -0.7e1 0 -0 0.0
    0e5 1e-400 42 420 4.2E1 0.42e2 41.9999999999999999999 1 1.0 0.9999999999999999999 10e-1 100 1e2 1E400
    5e-324 3e-324 9007199254740993 9007199254740992.0 18446744073709551616 1.8446744073709552e19
    0.1 1e-1 0.1000000000000000055
    "7" "\\u0037" "7.0" "70" [7] [[1],[7]] [] {"0":7} null true"""
_NUMBERS = """7 7.0 07 70e-1 -7 0 1 1.0 42 42.0 100 1e2 1e400 9007199254740993 5e-324 0.1 18446744073709551616
    1e-400 -0"""


@pytest.mark.parametrize("blank", ["", " ", "\n\t"])
async def test_a_number_is_found_however_json_writes_it(tmp_path: Path, blank: str) -> None:
    bodies = [f'{{"type":"x","data":{{"n"{blank}:{blank}{spelling}{blank}}}}}' for spelling in _SPELLINGS.split()]
    came = [Arrival(body.encode(), n, Verdict.VERIFIED) for n, body in enumerate(bodies)]
    async with log_of(tmp_path, came) as log:
        events = await everything(log)
        for number in _NUMBERS.split():
            for tests in ((Digits(number),), (Digits(number), Digits("42"), Digits("-7"), Equals("70"))):
                tree = Term(Path_(("data", "n")), tests)
                assert await paged(log, tree, limit=100) == expected(events, tree), tests


async def test_a_number_in_all_events_is_told_by_what_stands_behind_its_key(tmp_path: Path) -> None:
    bodies = [b'{"type":"x","data":{"n":%d,"other":7}}' % n for n in (1, 7, 11, 3, 5)]
    async with log_of(tmp_path, [Arrival(body, n, Verdict.VERIFIED) for n, body in enumerate(bodies)]) as log:
        read: list[bytes] = []

        def seen(body: bytes) -> Any:
            read.append(body)
            return loads(body)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("relay.log.search.sparse", lambda _: seen)
            assert await paged(log, Term(Path_(("data", "n")), (Digits("7"),)), limit=10) == [2]
        assert read == [bodies[1]]


@pytest.mark.parametrize(
    "filter_", ["data.n:>2 word", "data.n:>2 -word", "data.n:>2 data.m:w*", "data.n:>2 OR none"]
)
async def test_of_what_is_searched_for_only_that_is_left_out_which_spares_nothing(
    tmp_path: Path, filter_: str
) -> None:
    words = [b"none" if n % 4 == 0 else b"word" for n in range(13)]
    bodies = [b'{"type":"x","data":{"n":%d,"m":"%b"}}' % (n, word) for n, word in enumerate(words)]
    tree = parse(filter_).tree
    assert tree is not None
    async with log_of(tmp_path, [Arrival(body, n, Verdict.VERIFIED) for n, body in enumerate(bodies)]) as log:
        found = expected(await everything(log), tree)
        with portions_of(2):
            assert await paged(log, tree, limit=100) == found
            assert await log.count(filter_=filter_of(tree)) == (len(found), log.last_seq)
