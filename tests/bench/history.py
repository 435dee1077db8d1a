"""Filters over a long history: how soon the first page is there, what counting takes, what the index costs ingest.

    python -m tests.bench.history --dir DIRECTORY [--events 1000000] [--no-ingest]

The log is built once, of simulated traffic, through the log's own writer, and kept in the directory. Every event
has a number under `data.place` that one in 1,000 shares; one in 1,000 has the text `thousandth`, the tenth
`bottommost`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from relay.contract.filter import parse
from relay.contract.filter.names import field_of
from relay.contract.readings import EarlierMessages
from relay.contract.signature import check
from relay.draft import Request, draft_of, envelope
from relay.log.base import Draft, Retention
from relay.log.marks import BLOCK
from relay.log.sqlite import SqliteLog
from tests.bench.ingest import SECRET, free_port, measure, process, requests, wait_for
from tui.simulator import Traffic

NEWEST = datetime(2026, 11, 23, tzinfo=UTC)
SPAN = timedelta(days=20)
KEEP_ALL = Retention(0, 0, 0)

PAGES = {
    "facet": [
        "workflow:welcome",
        "workflow:wel*",
        "tenant:nobody",
        "recipient:nobody",
        "-channel:email -status:sent",
        "message:nothing OR run:nothing",
        "message:*nothing",
        "exists(tenant) engagement:read provider:sendgrid",
        "created:2026-11-05",
    ],
    "path or text, 1 in 1,000": [
        "thousandth",
        "data.shelf:thousandth",
        "data.place:7",
        "data.place:>998",
        "thousandth OR workflow:nothing",
        "type:message.sent thousandth",
    ],
    "rarest, complete": ["bottommost", "data.shelf:bottommost"],
}
COUNTS = ["type:message.*", "workflow:welcome -status:sent", "received:2026-11-05", "thousandth", "data.place:7"]
COUNTS += ["data.place:>998", "message:3*", "workflow:welcome OR bottommost"]
GROUPS = [("workflow", ""), ("recipient", "type:message.bounced"), ("message", ""), ("data.place", "thousandth")]


def drafts(count: int) -> Iterator[Draft]:
    """Simulated events, as they would have come in the days before `NEWEST`."""
    traffic = Traffic(7, count / SPAN.total_seconds(), start=NEWEST - SPAN)
    earlier = EarlierMessages(10_000)
    for number, delivery in enumerate(itertools.islice(traffic, count), 1):
        planted = b'"data":{"place":%d,' % (number * 7_919 % 1_000)
        if number % 1_000 == 500:
            planted += b'"shelf":"thousandth",'
        elif number == 10:
            planted += b'"shelf":"bottommost",'
        body = delivery.event.body.replace(b'"data":{', planted, 1)
        headers = [(name.encode(), value.encode()) for name, value in delivery.event.headers]
        received_us = int(delivery.at.timestamp() * 1_000_000)
        request = Request(None, headers, body, None, received_us)
        yield draft_of(request, envelope(body), check(None, body, [], 0), earlier)


async def build(path: Path, count: int) -> None:
    """Append what is not there yet of a log of `count` entries."""
    log = SqliteLog.open(path, retention=KEEP_ALL)
    try:
        if log.last_seq >= count:
            return
        print(f"building a log of {count:,} events in {path}", flush=True)
        source = drafts(count)
        while some := list(itertools.islice(source, 2_000)):
            await asyncio.gather(*(log.append(draft) for draft in some))
    finally:
        await log.close()


async def search(path: Path) -> None:
    """Print how long pages, counts and groups take on a log that is there and indexed."""
    log = SqliteLog.open(path, retention=KEEP_ALL, clock=lambda: int(NEWEST.timestamp() * 1_000_000))
    started = time.perf_counter()
    before = log.facets.reach
    while not log.facets.is_usable or log.last_seq - log.facets.reach > BLOCK:  # noqa: ASYNC110 - the thread tells nobody
        await asyncio.sleep(0.05)
    added = log.facets.reach - before
    if added > BLOCK:
        print(f"indexed {added:,} seqs in {time.perf_counter() - started:.1f} s")
    stats = log.stats()
    print(
        f"{stats.events:,} events, {stats.size / 1e9:.1f} GB; index {log.facets.path.stat().st_size / 1e6:.0f} MB"
    )
    print(f"\n{'':52}{'first page':>16}{'matches':>9}{'100 or all':>14}{'matches':>9}")
    for kind, filters in PAGES.items():
        print(kind)
        for text in filters:
            first, found, whole, all_found = await pages(log, text)
            print(f"  {text:50}{first * 1e3:13.1f} ms{found:9}{whole * 1e3:11.1f} ms{all_found:9}")
    print("\ncount")
    for text in COUNTS:
        started = time.perf_counter()
        count, _ = await log.count(filter_=parse(text))
        print(f"  {text:50}{(time.perf_counter() - started) * 1e3:13.1f} ms{count:9}")
    print("\ngroups")
    for by, text in GROUPS:
        started = time.perf_counter()
        _, groups = await log.groups(field_of(by), filter_=parse(text), mask=False, limit=500)
        took = time.perf_counter() - started
        print(f"  by={by} filter={text or '(none)':35}{took * 1e3:13.1f} ms{len(groups):9}")
    await log.close()


async def pages(log: SqliteLog, text: str) -> tuple[float, int, float, int]:
    """Seconds to the first page and to 100 matches or the end, the better of three, and the matches in each."""
    best: list[tuple[float, int, float, int]] = []
    for _ in range(3):
        started = time.perf_counter()
        page = await log.page(filter_=parse(text))
        first, found = time.perf_counter() - started, len(page.events)
        total = found
        while page.next is not None and total < 100:
            page = await log.page(filter_=parse(text), before=page.next, limit=100 - total)
            total += len(page.events)
        best.append((first, found, time.perf_counter() - started, total))
    return min(best, key=lambda each: each[2])


@contextlib.contextmanager
def relay(module: str, directory: Path) -> Iterator[int]:
    port = free_port()
    environ = {"KNOCKTOP_SIGNING_SECRET": SECRET, "KNOCKTOP_TOKEN": "bench-token"}
    with process("-m", module, "--port", str(port), "--data-dir", str(directory), environ=environ):
        wait_for(port, "/readyz")
        yield port


def ingest(seconds: float, rounds: int) -> None:
    """Print ingest with the index as a ratio of ingest without; rounds alternate."""
    rates: dict[str, list[float]] = {"relay": [], "tests.bench.unindexed": []}
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        ports = {module: stack.enter_context(relay(module, Path(directory, module))) for module in rates}
        source = requests("/webhooks/knock", 1)
        for _ in range(rounds):
            prepared = list(itertools.islice(source, int(30_000 * seconds)))
            for module, port in ports.items():
                rates[module].append(measure(port, "/webhooks/knock", prepared, 64, seconds).rate)
    with_index, without = (statistics.median(each) for each in rates.values())
    print(f"\ningest: {with_index:,.0f} requests/s with the index, {without:,.0f} without")
    print(f"ratio: {with_index / without:.2f}")
    print("rounds:", ", ".join(f"{one / other:.2f}" for one, other in zip(*rates.values(), strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--no-search", action="store_true")
    parser.add_argument("--no-ingest", action="store_true")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    options.dir.mkdir(parents=True, exist_ok=True)
    log = options.dir / "events.sqlite3"
    if not options.no_search:
        asyncio.run(build(log, options.events))
        asyncio.run(search(log))
    if not options.no_ingest:
        ingest(options.seconds, options.rounds)


if __name__ == "__main__":
    main()
