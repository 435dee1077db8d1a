"""Events from a file: what is taken, what is refused and why, and what the log says of it afterwards."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay import importing
from relay.contract import jsontext
from relay.contract.events import Delivery, Verdict
from relay.contract.exported import Imported
from relay.contract.filter import parse
from relay.contract.signature import Secret, sign
from relay.exporting import export
from relay.importing import Broken, Importing
from relay.ingest import MAX_BODY
from relay.log.base import Draft, Retention
from relay.log.imported import imported_mark, imported_us, imported_verdict
from relay.log.sqlite import SqliteLog
from relay.secretstore import SecretStore
from tests.hostile import HOSTILE
from tests.relay.log.drafts import draft
from tests.relay.log.logged import KEEP_ALL, MEMORY, NOW_US, raw_bodies

SECRET = "whsec_of-here"
OLD = "2026-01-31T17:12:59.958652Z"
OLD_MS = 1_769_879_579_958
YEAR_US = 365 * 24 * 3_600_000_000


@contextmanager
def directory() -> Iterator[Path]:
    with TemporaryDirectory(dir=MEMORY) as found:
        yield Path(found)


@asynccontextmanager
async def opened(path: Path, retention: Retention = KEEP_ALL) -> AsyncIterator[SqliteLog]:
    log = SqliteLog.open(path / "events.sqlite3", retention=retention, clock=lambda: NOW_US)
    try:
        yield log
    finally:
        await log.close()


def importer(log: SqliteLog, path: Path, *, secret: str | None = SECRET) -> Importing:
    secrets = SecretStore([] if secret is None else [Secret(secret, None)], path / "secrets.toml")
    return Importing(log, secrets, clock=lambda: NOW_US)


async def chunked(data: bytes, size: int = 1 << 16) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def taken(log: SqliteLog, path: Path, data: bytes, *, size: int = 1 << 16) -> Imported:
    return await importer(log, path).run(chunked(data, size))


async def written(log: SqliteLog, filter_: str = "") -> bytes:
    lines = export(log, after=0, before=None, types=None, filter_=parse(filter_))
    return b"".join([some async for some in lines])


def line(key: str = "m1", *, t_ms: int | None = OLD_MS, secret: str = SECRET, **changes: Any) -> bytes:
    body = json.dumps({"type": "message.sent", "created_at": OLD, "data": {"id": key}})
    signature = [] if t_ms is None else [["X-Knock-Signature", sign(secret, body.encode(), t_ms)]]
    event = {"received_at": OLD, "headers": signature, "body": body, "verdict": "verified"} | changes
    return json.dumps({name: value for name, value in event.items() if value is not ...}).encode() + b"\n"


async def first_delivery(log: SqliteLog) -> Delivery:
    return (await log.deliveries(1))[0]


async def test_what_is_imported_keeps_its_time_and_is_checked_as_of_then(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        assert await taken(log, tmp_path, line()) == Imported(added=1, lines=1)
        event = await log.get(1)
        assert (event.summary.received_at, event.summary.imported, event.verdict) == (OLD, True, "verified")
        told = await first_delivery(log)
        assert (told.received_at, told.imported_at, told.imported_verdict) == (
            OLD,
            "2026-11-23T10:42:00.000000Z",
            "verified",
        )
        assert told.remote is None
        assert event.headers[0][0] == "x-knock-signature"


@pytest.mark.parametrize(
    ("changes", "verdict", "said"),
    [
        ({"secret": "of another relay"}, "bad-signature", "verified"),
        ({"t_ms": None, "verdict": "unverified"}, "missing-signature", "unverified"),
        ({"t_ms": OLD_MS - 600_000, "verdict": "stale"}, "stale", "stale"),
        # A later delivery of it came in time; the file has only the first.
        ({"t_ms": OLD_MS - 600_000}, "verified", "verified"),
        ({"verdict": "of a later version"}, "verified", None),
        ({"verdict": ...}, "verified", None),
    ],
)
async def test_the_verdict_is_this_relays_and_the_files_own_stands_beside_it(
    tmp_path: Path, changes: dict[str, Any], verdict: str, said: str | None
) -> None:
    async with opened(tmp_path) as log:
        assert (await taken(log, tmp_path, line(**changes))).added == 1
        assert (await log.get(1)).verdict == verdict
        assert (await first_delivery(log)).imported_verdict == said


async def test_an_event_that_is_here_stays_as_it_is_and_is_counted(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        assert (await taken(log, tmp_path, line("a") + line("b") + line("a"))).duplicates == 1
        done = await taken(log, tmp_path, line("b") + line("c"))
        assert (done.added, done.duplicates) == (1, 1)
        assert log.last_seq == 3
        assert [(await log.get(seq)).delivery_count for seq in (1, 2, 3)] == [1, 1, 1]


@pytest.mark.parametrize("gone", ["purge", "retention"])
async def test_what_went_comes_back_when_somebody_imports_it(tmp_path: Path, gone: str) -> None:
    async with opened(tmp_path, Retention(1, 0, 0)) as log:
        await taken(log, tmp_path, line("a") + line("b"))
        if gone == "purge":
            await log.purge([1])
        else:
            await log.trim()
        assert await taken(log, tmp_path, line("a")) == Imported(added=1, lines=1)
        assert (await log.get(3)).summary.message_id == "a"
        assert (await taken(log, tmp_path, line("a"))).duplicates == 1


async def test_retention_counts_the_age_of_an_import_from_the_import(tmp_path: Path) -> None:
    async with opened(tmp_path, Retention(0, YEAR_US // 12, 0)) as log:
        await taken(log, tmp_path, line())
        assert await log.trim() == 0
        log._clock = lambda: NOW_US + YEAR_US
        assert await log.trim() == 1


async def test_an_import_of_old_events_leaves_the_counts_of_minutes_alone_also_after_a_restart(
    tmp_path: Path,
) -> None:
    for _ in range(2):
        async with opened(tmp_path) as log:
            if not log.last_seq:
                await log.append(draft("live", received_us=NOW_US))
                await taken(log, tmp_path, line() + line("other", received_at="2999-01-01T00:00:00Z"))
            (_, [totals]) = await log.types()
            assert (totals.count, totals.per_minute[-1], sum(totals.per_minute)) == (3, 1, 1)


GOOD = json.loads(line())


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b'{"seq":', "it is not JSON: "),
        (b"[]", "it is no event of an export: "),
        (line(received_at=...), "it is no event of an export: "),
        (line(received_at="yesterday"), "`received_at` is no time"),
        (line(received_at="0001-01-01T00:00:00+14:00"), "`received_at` is no time"),
        (line(headers=[["a"]]), "it is no event of an export: "),
        (line(headers=[["x-\u20ac", "1"]]), "`headers` hold a character"),
        (line(headers=[["x", "y" * importing.MAX_HEADERS]]), "`headers` are over 256 KiB"),
        (line(body=...), "neither `body` nor `body_base64`"),
        (line(body="\ud800"), "`body` holds half of a surrogate pair"),
        (line(body=..., body_base64="!"), "`body_base64` is not base64"),
        (line(body="{}"), "`type` is missing"),
        (line(body="nonsense"), "the body is not JSON: "),
        (line(body='"' + "x" * MAX_BODY + '"'), "the body is over 5 MiB"),
        (line(endpoint="../up"), "`endpoint` should be"),
        (b"\xff\xfe", "it is not JSON: not UTF-8"),
    ],
    ids=lambda value: value if isinstance(value, str) else "line",
)
async def test_a_line_that_is_no_event_is_named_and_the_others_go_on(tmp_path: Path, bad: bytes, why: str) -> None:
    async with opened(tmp_path) as log:
        done = await taken(log, tmp_path, line("a") + bad.rstrip(b"\n") + b"\n\n" + line("b"))
        assert (done.added, done.refused_count, done.lines) == (2, 1, 4)
        assert [(one.line, one.why[: len(why)]) for one in done.refused] == [(2, why)]


async def test_of_a_file_that_was_cut_all_that_is_whole_is_in(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        whole = line("a") + line("b")
        done = await taken(log, tmp_path, whole[:-10], size=7)
        assert (done.added, done.refused_count) == (1, 1)
        assert (done.refused[0].line, done.refused[0].why[:35]) == (2, "the file ends in the middle of it; ")
        # Where only the last newline is lacking, nothing is.
        assert (await taken(log, tmp_path, whole[:-1])).added == 1


async def test_a_line_without_end_takes_no_memory_and_ends_at_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MAX_LINE", 2_000)
    async with opened(tmp_path) as log:
        done = await taken(log, tmp_path, b"x" * 5_000 + b"\n" + line("a") + b"x" * 5_000, size=100)
        assert (done.added, [one.line for one in done.refused]) == (1, [1, 3])
        assert all("longer than" in one.why for one in done.refused)


async def test_more_wrong_lines_than_anybody_reads_are_counted(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        done = await taken(log, tmp_path, b"no\n" * 250)
        assert (len(done.refused), done.refused_count, done.lines) == (importing.REFUSED, 250, 250)


async def test_what_an_editor_puts_at_the_beginning_is_no_part_of_a_line(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        assert (await taken(log, tmp_path, b"\xef\xbb\xbf" + line().replace(b"\n", b"\r\n"))).added == 1


class Refusing(SqliteLog):
    """A log whose disk is full after two events."""

    def append_soon(self, draft: Draft, done: Any) -> bool:
        if self.last_seq >= 2:
            self._writer._failed = True  # type: ignore[union-attr]
            return False
        return super().append_soon(draft, done)


async def test_where_nothing_more_can_be_stored_it_says_what_is(tmp_path: Path) -> None:
    log = Refusing.open(tmp_path / "log", retention=KEEP_ALL, clock=lambda: NOW_US)
    try:

        async def slowly() -> AsyncIterator[bytes]:
            for key in "abcd":
                yield line(key)
                while key == "b" and log.last_seq < 2:
                    await log.write(_nothing)

        with pytest.raises(Broken) as caught:
            await importer(log, tmp_path).run(slowly())
        assert (caught.value.done.added, log.last_seq) == (2, 2)
    finally:
        log._writer._failed = False  # type: ignore[union-attr]
        await log.close()


def _nothing(_: object) -> None:
    """Only wait for what was before."""


_texts = st.sampled_from([text for text in HOSTILE if len(text) < 100]) | st.text(max_size=20)
_own_bodies = _texts.map(lambda text: _hostile_bodies([text])[0])


def _hostile_bodies(texts: Iterable[str]) -> list[bytes]:
    return [
        jsontext.dumps({"type": text[:128] or "x", "data": {"id": str(number), text: [text]}, "event_data": text})
        for number, text in enumerate(texts)
    ]


@given(st.lists(raw_bodies | _own_bodies, min_size=1, max_size=6), _texts)
@settings(max_examples=40)
def test_every_byte_survives_the_way_out_and_in_again(bodies: list[bytes], header: str) -> None:
    import asyncio

    async def there_and_back() -> None:
        with directory() as one, directory() as other:
            async with opened(one) as log, opened(other) as copy:
                told = header.encode("latin-1", "ignore").decode("latin-1")
                lines = [
                    line(body=..., body_base64=base64.b64encode(body).decode(), headers=[["x-text", told]])
                    for body in bodies
                ]
                first = await taken(log, one, b"".join(lines))
                assert first.refused == []
                out = await written(log)
                assert (await taken(copy, other, out, size=64)).added == first.added == out.count(b"\n")
                for seq in range(1, first.added + 1):
                    mine, theirs = await log.get(seq), await copy.get(seq)
                    assert (mine.body, mine.raw_headers) == (theirs.body, theirs.raw_headers)
                    assert mine.body in bodies

    asyncio.run(there_and_back())


async def test_every_hostile_text_survives_the_way_out_and_in_again(tmp_path: Path) -> None:
    bodies = _hostile_bodies(HOSTILE)
    lines = b"".join(line(body=body.decode()) for body in bodies)
    with directory() as other:
        async with opened(tmp_path) as log, opened(other) as copy:
            assert (await taken(log, tmp_path, lines)).added == len(HOSTILE)
            assert (await taken(copy, other, await written(log))).added == len(HOSTILE)
            assert [(await copy.get(seq)).body for seq in range(1, len(HOSTILE) + 1)] == bodies


async def test_an_export_has_nothing_cut_and_no_credentials(tmp_path: Path) -> None:
    body = json.dumps({"type": "t", "data": {"recipient": "r" * 5_000}, "event_data": {"a": "b" * 9_000}})
    async with opened(tmp_path) as log:
        await taken(log, tmp_path, line(body=body, headers=[["Cookie", "secret"], ["x-a", "b"]]))
        out = json.loads(await written(log))
        assert (out["recipient"], out["event_data"]["a"], out["truncated"]) == ("r" * 5_000, "b" * 9_000, False)
        assert out["headers"] == [["cookie", "(masked)"], ["x-a", "b"]]
        assert (out["body"], out["seq"], out["imported"], out["imported_verdict"]) == (body, 1, True, "verified")


async def test_an_export_has_what_matches_between_its_bounds_however_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.exporting.EVENTS", 3)
    monkeypatch.setattr("relay.exporting.BYTES", 700)
    async with opened(tmp_path) as log:
        await taken(log, tmp_path, b"".join(line(f"m{number}") for number in range(1, 31)))
        for after, before, filter_, expected in (
            (0, None, "", list(range(1, 31))),
            (4, 9, "", [5, 6, 7, 8]),
            (30, None, "", []),
            (0, 5_000, "message:m3,m17,m29", [3, 17, 29]),
            (3, 29, "message:m3,m17,m29", [17]),
        ):
            found = export(log, after=after, before=before, types=None, filter_=parse(filter_))
            lines = b"".join([some async for some in found]).splitlines()
            assert [json.loads(one)["seq"] for one in lines] == expected


async def test_what_arrives_during_an_export_is_no_part_of_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await taken(log, tmp_path, line("a"))
        found = export(log, after=0, before=None, types=None, filter_=parse(""))
        begun = await anext(found)
        await taken(log, tmp_path, line("b"))
        assert (begun.count(b"\n"), [some async for some in found]) == (1, [])


@pytest.mark.parametrize("said", [None, *Verdict])
def test_when_and_what_are_read_as_they_were_marked(said: Verdict | None) -> None:
    mark = imported_mark(NOW_US, said)
    assert (imported_us(mark), imported_verdict(mark)) == (NOW_US, said)
    assert mark < 1 << 63


def test_what_was_not_imported_has_no_mark() -> None:
    assert (imported_us(0), imported_verdict(0)) == (0, None)
