"""Messages among a long history: how soon a page of them is there, one timeline, a run, the funnel.

    python -m tests.bench.timelines --dir DIRECTORY [--events 1000000]

The log is that of `tests.bench.history`, built once and kept in the directory. Times are the best and the median
of several rounds, since other programs have the processors too; the targets are 100 ms for the first page of
messages and 20 ms for one timeline.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from relay.contract.filter import parse_on_messages
from relay.contract.timeline import MessagesPage
from relay.log.marks import BLOCK
from relay.log.messages import Sort
from relay.log.sqlite import SqliteLog
from relay.messages import Messages
from tests.bench.history import KEEP_ALL, NEWEST, build

T = TypeVar("T")

NOW_US = int(NEWEST.timestamp() * 1_000_000)
ROUNDS = 7
PAGES: tuple[tuple[str, Sort], ...] = (
    ("", "activity"),
    ("workflow:welcome", "activity"),
    ("failed", "activity"),
    ("recipient:nobody", "activity"),
    ("thousandth", "activity"),
    ("never:message.read channel:email", "activity"),
    ("outcome:bounced", "activity"),
    ("", "failing"),
    ("workflow:welcome", "failing"),
    ("", "slowest"),
)
DEEP = ("a500000.1000000", "a1000.1000000")


async def timed(call: Callable[[], Awaitable[T]]) -> tuple[str, T]:
    """How long something takes, and what came of it."""
    times: list[float] = []
    found: list[T] = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        found.append(await call())
        times.append((time.perf_counter() - started) * 1e3)
    return f"{min(times):10.1f} ms{statistics.median(times):10.1f} ms", found[-1]


async def page_of(messages: Messages, text: str, sort: Sort, before: str | None = None) -> MessagesPage:
    """Print how long a page takes."""
    filter_ = parse_on_messages(text, NOW_US)
    took, page = await timed(lambda: messages.page(filter_, sort=sort, before=before, limit=100))
    name = f"{text or '(no filter)'}{' from ' + before.partition('.')[0][1:] if before else ''}"
    print(f"  {name:34}{sort:12}{took}{len(page.items):10}{page.scanned:9}")
    return page


async def measure(path: Path) -> None:
    log = SqliteLog.open(path, retention=KEEP_ALL, clock=lambda: NOW_US)
    while not log.facets.is_usable or log.last_seq - log.facets.reach > BLOCK:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.05)
    messages = Messages(log, lambda: NOW_US)
    print(f"{log.stats().events:,} events, the index reaches to {log.facets.reach:,}")
    print(f"\n{'page of 100':48}{'best':>13}{'median':>13}{'messages':>10}{'scanned':>9}")
    for text, sort in PAGES:
        await page_of(messages, text, sort)
    pages = [await page_of(messages, "", "activity", before) for before in DEEP]
    some = max(pages[0].items, key=lambda item: item.step_count)
    took, one = await timed(lambda: messages.timeline(some.message_id))
    print(f"\n{'one timeline of ' + str(one.step_count) + ' steps':48}{took}")
    took, runs = await timed(lambda: messages.runs(parse_on_messages("", NOW_US), before=None, limit=100))
    print(f"{'page of 100 runs':48}{took}{len(runs.items):10}{runs.scanned:9}")
    largest = max(runs.items, key=lambda item: item.messages)
    took, _ = await timed(lambda: messages.run(largest.workflow_run_id))
    print(f"{'tree of a run with ' + str(largest.messages) + ' messages':48}{took}")
    started = time.perf_counter()
    funnel = await messages.funnel(parse_on_messages("", NOW_US), by="channel")
    seconds = time.perf_counter() - started
    print(f"{'funnel by channel, of the newest':48}{seconds:11.2f} s{funnel.messages:23,}")
    await log.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--events", type=int, default=1_000_000)
    options = parser.parse_args()
    options.dir.mkdir(parents=True, exist_ok=True)
    path = options.dir / "events.sqlite3"
    asyncio.run(build(path, options.events))
    asyncio.run(measure(path))


if __name__ == "__main__":
    main()
