"""The embedded log: what is appended is there, once, in order, also for the next process."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from relay.contract.events import Verdict
from relay.contract.filter import parse
from relay.log.base import Declined, NoSuchEvent, NotDurable, Retention, Slice, TrimmedEvent
from relay.log.sqlite import SqliteLog
from relay.log.tail import Tail
from relay.log.trim import IDENTITY_KEPT_US
from relay.log.writer import Writer
from tests.relay.log.drafts import draft

KEEP_ALL = Retention(0, 0, 0)
NOW_US = 1_795_183_400_000_000


class Clock:
    """Microseconds that move when told to."""

    def __init__(self) -> None:
        self.us = NOW_US

    def __call__(self) -> int:
        return self.us


@asynccontextmanager
async def opened(
    path: Path, *, retention: Retention = KEEP_ALL, clock: Clock | None = None
) -> AsyncIterator[SqliteLog]:
    log = SqliteLog.open(path / "events.sqlite3", retention=retention, clock=clock or Clock())
    try:
        yield log
    finally:
        await log.close()


async def everything(log: SqliteLog, *, after: int = 0, full: bool = False) -> list[tuple[int, int]]:
    """Every entry as (seq, seq of its event), read slice by slice."""
    found: list[tuple[int, int]] = []
    while after < log.last_seq:
        part = await log.read(after, limit=7, full=full)
        found += [(entry.seq, entry.event.seq) for entry in part.entries]
        after = part.upto
    return found


async def test_seqs_begin_at_one_and_have_no_holes(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        receipts = await asyncio.gather(*(log.append(draft(f"m{n}")) for n in range(100)))
        assert sorted(receipt.seq for receipt in receipts) == list(range(1, 101))


async def test_no_append_waits_for_one_that_comes_later(tmp_path: Path) -> None:
    """The writer takes what is queued while it writes, and rests in between: none may be overlooked."""
    async with opened(tmp_path) as log, asyncio.timeout(60):
        number = 0
        for burst in range(300):
            appends = [log.append(draft(f"m{number + n}")) for n in range(1 + burst % 3)]
            number += len(appends)
            waiting = asyncio.gather(*appends)
            for _ in range(burst % 7):
                await asyncio.sleep(0)
            await waiting
        assert log.last_seq == number


async def test_appended_bytes_come_back_as_they_were(tmp_path: Path) -> None:
    body = b'{ "type" : "x.y",\n"data":{"a":10.0,"b":"\\u00e9"} }'
    async with opened(tmp_path) as log:
        seq, _ = await log.append(draft("m", body=body))
        assert (await log.get(seq)).body == body


async def test_the_same_identity_again_is_a_delivery_of_the_same_event(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        first = await log.append(draft("m"))
        again = await log.append(draft("m"))
        assert (first, again) == ((1, False), (1, True))
        assert (await log.get(1)).delivery_count == 2


async def test_duplicates_within_one_commit_are_found(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        receipts = await asyncio.gather(*(log.append(draft(f"m{n % 5}")) for n in range(50)))
        assert sum(not receipt.duplicate for receipt in receipts) == 5
        assert log.last_seq == 50


async def test_every_seq_is_an_entry(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await asyncio.gather(*(log.append(draft(f"m{n % 30}")) for n in range(90)))
        assert [seq for seq, _ in await everything(log)] == list(range(1, 91))


async def test_a_reopened_log_goes_on_where_it_was(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(draft("a"))
        await log.append(draft("a"))
        log_id = log.log_id
    async with opened(tmp_path) as log:
        assert (log.log_id, log.last_seq) == (log_id, 2)
        assert await log.append(draft("b")) == (3, False)


async def test_reading_from_disk_and_from_memory_gives_the_same(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for n in range(40):
            await log.append(draft(f"m{n % 25}"))
        from_memory = await everything(log)
    async with opened(tmp_path) as log:
        assert await everything(log) == from_memory


async def test_an_event_read_late_is_as_it_is_now(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(draft("m"))
        await log.append(draft("m"))
        part = await log.read(0, limit=1)
        assert part.entries[0].event.delivery_count == 2


async def test_a_differing_body_is_kept_and_marks_the_event(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(draft("m", body=b"one"))
        await log.append(draft("m", body=b"two"))
        event = await log.get(1)
        assert (event.body, event.body_differs) == (b"one", True)
        assert await log.delivery_body(1, 2) == b"two"


async def test_deliveries_tell_which_body_differs(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for body in (b"one", b"one", b"two"):
            await log.append(draft("m", body=body))
        found = await log.deliveries(1)
        assert [(each.n, each.body_differs) for each in found] == [(1, False), (2, False), (3, True)]


async def test_the_first_verified_delivery_gives_an_unverified_event_its_body(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(draft("m", body=b"forged", verdict=Verdict.UNVERIFIED))
        await log.append(draft("m", body=b"real", verdict=Verdict.VERIFIED))
        event = await log.get(1)
        assert (event.body, event.verdict) == (b"real", Verdict.VERIFIED)


async def test_the_replaced_body_stays_with_its_delivery(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(draft("m", body=b"forged", verdict=Verdict.UNVERIFIED))
        await log.append(draft("m", body=b"real", verdict=Verdict.STALE))
        await log.append(draft("m", body=b"real", verdict=Verdict.VERIFIED))
        assert [await log.delivery_body(1, n) for n in (1, 2, 3)] == [b"forged", b"real", b"real"]
        assert [each.body_differs for each in await log.deliveries(1)] == [True, False, False]


async def test_a_worse_delivery_does_not_count(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(draft("m", body=b"real", verdict=Verdict.VERIFIED))
        await log.append(draft("m", body=b"forged", verdict=Verdict.BAD_SIGNATURE))
        event = await log.get(1)
        assert (event.delivery_count, event.body, event.body_differs) == (1, b"real", False)


async def test_an_events_verdict_is_the_best_of_its_deliveries(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for verdict in (Verdict.STALE, Verdict.VERIFIED, Verdict.STALE):
            await log.append(draft("m", verdict=verdict))
        assert (await log.get(1)).verdict is Verdict.VERIFIED


async def test_a_condition_that_does_not_hold_keeps_the_draft_out(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        with pytest.raises(Declined):
            await log.append(draft("m"), only_if=lambda _: False)
        assert log.last_seq == 0


async def test_a_failing_call_takes_no_append_with_it(tmp_path: Path) -> None:
    def fail(_: sqlite3.Connection) -> None:
        raise ZeroDivisionError

    async with opened(tmp_path) as log:
        results = await asyncio.gather(log.append(draft("m")), log.write(fail), return_exceptions=True)
        assert results[0] == (1, False)
        assert isinstance(results[1], ZeroDivisionError)


async def test_nothing_is_acknowledged_when_the_disk_refuses(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(draft("a"))
        await log.write(lambda connection: connection.execute("PRAGMA max_page_count=1"))
        with pytest.raises(NotDurable):
            await log.append(draft("b", body=b"x" * 200_000))
        assert log.last_seq == 1


async def test_the_log_goes_on_when_the_disk_has_room_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.write(lambda connection: connection.execute("PRAGMA max_page_count=1"))
        with pytest.raises(NotDurable):
            await log.append(draft("a", body=b"x" * 200_000))
        await log.write(lambda connection: connection.execute("PRAGMA max_page_count=1000000"))
        assert await log.append(draft("a")) == (1, False)


async def test_a_closed_log_refuses_appends(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        pass
    with pytest.raises(NotDurable):
        await log.append(draft("m"))


async def test_a_page_holds_the_newest_first(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for n in range(10):
            await log.append(draft(f"m{n}"))
        page = await log.page(limit=3)
        assert ([event.seq for event in page.events], page.next) == ([10, 9, 8], 8)


async def test_paging_gives_every_event_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for n in range(23):
            await log.append(draft(f"m{n}"))
        seen: list[int] = []
        before: int | None = None
        while True:
            page = await log.page(before=before, limit=5)
            seen += [event.seq for event in page.events]
            if page.next is None:
                break
            before = page.next
        assert seen == list(range(23, 0, -1))


async def test_after_alone_gives_the_oldest_matches_above_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for n in range(10):
            await log.append(draft(f"m{n}"))
        page = await log.page(after=4, limit=3)
        assert ([event.seq for event in page.events], page.next) == ([5, 6, 7], 7)


async def test_types_narrow_a_page_in_order(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for n in range(12):
            await log.append(draft(f"m{n}", kind=("a.x", "b.x", "c.x")[n % 3]))
        page = await log.page(types=frozenset({"a.x", "c.x"}), limit=5)
        assert [event.seq for event in page.events] == [12, 10, 9, 7, 6]


async def test_a_page_that_runs_out_of_time_says_where_to_go_on(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await asyncio.gather(*(log.append(draft(f"m{n}")) for n in range(400)))
        page = await log.page(filter_=parse("data.nowhere:1"), seconds=-1.0)
        assert (page.events, page.scanned, page.next) == ([], 256, 145)


async def test_an_event_that_never_was_is_not_a_trimmed_one(tmp_path: Path) -> None:
    async with opened(tmp_path, retention=Retention(2, 0, 0)) as log:
        for n in range(5):
            await log.append(draft(f"m{n}"))
        await log.trim()
        with pytest.raises(TrimmedEvent):
            await log.get(1)
        with pytest.raises(NoSuchEvent):
            await log.get(99)


async def test_the_seq_of_a_later_fact_is_no_event(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(draft("m"))
        await log.append(draft("m"))
        with pytest.raises(NoSuchEvent):
            await log.get(2)


async def test_retention_by_count_keeps_the_newest(tmp_path: Path) -> None:
    async with opened(tmp_path, retention=Retention(3, 0, 0)) as log:
        for n in range(10):
            await log.append(draft(f"m{n}"))
        assert await log.trim() == 7
        assert (log.first_seq, (await log.page(limit=10)).events[-1].seq) == (8, 8)


async def test_retention_by_age_takes_what_is_older(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, retention=Retention(0, 1_000_000, 0), clock=clock) as log:
        for n in range(4):
            await log.append(draft(f"m{n}", received_us=NOW_US + n * 1_000_000))
        clock.us = NOW_US + 3_000_000
        assert await log.trim() == 2


async def test_retention_by_size_goes_below_the_limit(tmp_path: Path) -> None:
    async with opened(tmp_path, retention=Retention(0, 0, 1 << 20)) as log:
        for n in range(60):
            await log.append(draft(f"m{n}", body=b"x" * 50_000))
        assert 30 <= await log.trim() <= 50


async def test_a_gap_is_told_to_a_cursor_below_it(tmp_path: Path) -> None:
    async with opened(tmp_path, retention=Retention(2, 0, 0)) as log:
        for n in range(6):
            await log.append(draft(f"m{n}"))
        await log.trim()
        part: Slice = await log.read(1)
        assert (part.gap, [entry.seq for entry in part.entries]) == ((2, 4), [5, 6])


async def test_seqs_are_not_used_again_when_everything_was_trimmed(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, retention=Retention(0, 1, 0), clock=clock) as log:
        await log.append(draft("a"))
        clock.us += 1_000_000
        await log.trim()
    async with opened(tmp_path) as log:
        assert (log.first_seq, log.last_seq) == (2, 1)
        assert (await log.append(draft("b"))).seq == 2


async def test_a_late_retry_of_a_trimmed_event_is_still_a_duplicate(tmp_path: Path) -> None:
    async with opened(tmp_path, retention=Retention(1, 0, 0)) as log:
        await log.append(draft("a"))
        await log.append(draft("b"))
        await log.trim()
        assert await log.append(draft("a")) == (1, True)
        assert log.last_seq == 2


async def test_identities_are_forgotten_seven_days_after_their_event(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, retention=Retention(1, 0, 0), clock=clock) as log:
        await log.append(draft("a"))
        await log.append(draft("b"))
        await log.trim()
        clock.us += IDENTITY_KEPT_US + 1
        await log.trim()
        assert await log.append(draft("a")) == (3, False)


async def test_counts_by_type_follow_appends_and_retention(tmp_path: Path) -> None:
    async with opened(tmp_path, retention=Retention(3, 0, 0)) as log:
        for n, kind in enumerate(["a.x", "a.x", "b.x", "a.x", "b.x"]):
            await log.append(draft(f"m{n}", kind=kind))
        await log.trim()
        _, totals = await log.types()
        assert [(each.type, each.count) for each in totals] == [("a.x", 1), ("b.x", 2)]


async def test_counts_by_type_are_the_same_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for n in range(9):
            await log.append(draft(f"m{n}", kind=f"t.{n % 2}", received_us=NOW_US - n * 60_000_000))
        before = await log.types()
    async with opened(tmp_path) as log:
        after = await log.types()
    assert [(each.type, each.count, each.last_seq, each.per_minute) for each in after[1]] == [
        (each.type, each.count, each.last_seq, each.per_minute) for each in before[1]
    ]


async def test_counting_with_a_match_agrees_with_paging(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for n in range(20):
            await log.append(draft(f"m{n}", kind=f"t.{n % 4}"))
        count, upto = await log.count(filter_=parse("type:t.1 OR type:t.2"))
        assert (count, upto) == (10, 20)


async def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    async with opened(tmp_path):
        assert (tmp_path / "events.sqlite3").stat().st_mode & 0o777 == 0o600


async def test_the_tail_answers_only_what_it_holds_whole(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for n in range(30):
            await log.append(draft(f"m{n}"))
        entries = list((await log.read(0, limit=30)).entries)
    tail = Tail(0, max_entries=4)
    for entry in entries:
        tail.extend([entry])
    assert tail.read(tail.floor - 1, 10) is None
    held = tail.read(tail.floor, 100)
    assert held is not None
    assert [entry.seq for entry in held] == list(range(tail.floor + 1, 31))
    assert 4 <= len(held) <= 8


async def test_half_a_surrogate_pair_in_a_type_is_kept_and_found(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(draft("m", kind="a\ud800"))
        page = await log.page(types=frozenset({"a\ud800"}))
        assert [event.type for event in page.events] == ["a\ud800"]
    async with opened(tmp_path) as log:
        assert [each.type for each in (await log.types())[1]] == ["a\ud800"]


async def test_a_draft_that_can_never_be_written_takes_no_other_with_it(tmp_path: Path) -> None:
    poison = replace(draft("poison"), remote="\ud800")
    async with opened(tmp_path) as log:
        drafts = [draft("a"), poison, draft("b")]
        results = await asyncio.gather(*(log.append(each) for each in drafts), return_exceptions=True)
        assert isinstance(results[1], NotDurable)
        assert [results[0], results[2]] == [(1, False), (2, False)]
        assert await log.append(draft("c")) == (3, False)


async def test_a_writer_that_fails_refuses_what_waits_and_what_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise MemoryError

    async with opened(tmp_path) as log:
        monkeypatch.setattr(Writer, "_commit", broken)
        for key in "ab":
            with pytest.raises(NotDurable, match="writer of the log has failed"):
                await log.append(draft(key))
        assert not log.is_writable


async def test_a_better_delivery_makes_those_before_it_count_no_more(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for verdict in (Verdict.UNVERIFIED, Verdict.UNVERIFIED, Verdict.VERIFIED, Verdict.STALE):
            await log.append(draft("m", verdict=verdict))
        assert (await log.get(1)).delivery_count == 2


async def test_scanning_in_portions_sees_every_event_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await asyncio.gather(*(log.append(draft(f"m{n}")) for n in range(1_203)))
        assert await log.count(filter_=parse("-data.nowhere:1")) == (1_203, 1_203)


async def test_an_event_keeps_the_time_at_which_it_first_came(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.append(draft("m", verdict=Verdict.UNVERIFIED))
        before = (await log.get(1)).summary.received_at
        await log.append(draft("m", verdict=Verdict.VERIFIED, received_us=NOW_US))
        assert (await log.get(1)).summary.received_at == before
