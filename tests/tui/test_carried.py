"""Exports and imports on their way between a file and a relay: in parts, told as they go, whole at the end."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest

from relay.contract.api import Retention, Stats
from relay.contract.exported import Imported, RefusedLine
from tui import importing
from tui.cli.import_ import _tell_retention, counted, tell_refused
from tui.cli.progress import Progress
from tui.exporting import Written, write_export
from tui.importing import Sent, send_import
from tui.model.exporting import NDJSON, form_of
from tui.model.sizes import size_text


class Relay:
    """Takes lines: those that begin with `{` are events, each of which it has once."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    async def __call__(self, lines: bytes) -> Imported:
        self.parts.append(lines)
        came = Imported()
        for line in lines.split(b"\n")[: lines.count(b"\n") + (not lines.endswith(b"\n"))]:
            came.lines += 1
            if line.startswith(b"{"):
                came.added += 1
            else:
                came.refused_count += 1
                came.refused.append(RefusedLine(line=came.lines, why="no event"))
        return came


async def sent(data: bytes, relay: Relay) -> Sent:
    done = Sent()
    sizes: list[int] = []
    await send_import(io.BytesIO(data), relay, done, lambda: sizes.append(done.size))
    assert sizes == sorted(sizes)
    assert sizes[-1:] == ([done.size] if data else [])
    return done


async def test_a_file_goes_in_parts_of_whole_lines_and_lines_are_counted_through_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "BYTES", 10)
    relay = Relay()
    data = b"{1}\n{222222222222}\nno\n{3}\n{4}\nno\n{5}"
    done = await sent(data, relay)
    assert b"".join(relay.parts) == data
    assert len(relay.parts) > 2
    assert all(part.endswith(b"\n") for part in relay.parts[:-1])
    assert (done.added, done.lines, done.size) == (5, 7, len(data))
    assert [one.line for one in done.refused] == [3, 6]


async def test_of_a_line_without_end_no_more_is_read_than_a_relay_looks_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "BYTES", 10)
    monkeypatch.setattr(importing, "MAX_LINE", 20)
    relay = Relay()
    done = await sent(b"{1}\n" + b"x" * 1_000 + b"\n{2}\n", relay)
    assert max(map(len, relay.parts)) <= 10 + 20 + 1
    assert (done.added, [one.line for one in done.refused]) == (2, [2])


async def test_an_empty_file_is_not_sent() -> None:
    relay = Relay()
    assert (await sent(b"", relay), relay.parts) == (Sent(), [])


async def test_what_breaks_off_leaves_told_what_is_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BYTES", 4)
    relay = Relay()

    async def give(lines: bytes) -> Imported:
        if relay.parts:
            raise ConnectionError
        return await relay(lines)

    done = Sent()
    with pytest.raises(ConnectionError):
        await send_import(io.BytesIO(b"{1}\n{2}\n{3}\n"), give, done, lambda: None)
    assert (done.added, done.size) == (1, 4)


async def test_an_export_tells_how_far_it_is_by_the_seq_of_the_last_event() -> None:
    async def lines() -> AsyncIterator[bytes]:
        yield b'{"seq":7,"a":1}\n{"seq":9,"a":1}\n'
        yield b"nothing that is known\n"

    out = io.BytesIO()
    told: list[Written] = []
    done = await write_export(lines(), form_of(NDJSON, redact=False, url=str), out.write, told.append)
    assert told == [Written(2, 32, 9), Written(3, 54, 9)]
    assert (done, len(out.getvalue())) == (told[-1], 54)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_that_is_written_over_and_goes() -> None:
    err, now = Terminal(), 0.0

    def clock() -> float:
        return now

    with Progress(err, clock=clock) as progress:
        progress("1 of 3")
        progress("2 of 3, too soon to be shown")
        now = 1.0
        progress("3 of \x1b[2J3")
    assert err.getvalue() == "\r\x1b[K1 of 3\r\x1b[K3 of ␛[2J3\r\x1b[K"


def test_without_a_terminal_there_is_no_progress() -> None:
    err = io.StringIO()
    with Progress(err) as progress:
        progress("1 of 3")
    assert err.getvalue() == ""


def stats(events: int, *, size: int = 0, keeps: int = 0, keeps_bytes: int = 0) -> Stats:
    return Stats(
        log="l",
        first_seq=1,
        last_seq=events,
        events=events,
        bytes=size,
        retention=Retention(events=keeps, age=0, size=keeps_bytes),
        quarantine=0,
        viewers=0,
        backend="sqlite",
        started_at="",
    )


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (stats(5, keeps=10), stats(10, keeps=10), ""),
        (stats(8, keeps=10), stats(10, keeps=10), "this relay keeps 10 events: the oldest 3 of all go"),
        (stats(8), stats(13, size=2_048, keeps_bytes=1_024), "this relay keeps 1.0 KiB: the oldest events go"),
    ],
)
def test_that_others_go_for_what_was_imported_is_said(
    before: Stats, after: Stats, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _tell_retention(before, after, Sent(added=5))
    assert capsys.readouterr().err.startswith(told)
    assert bool(told) == bool(_told(before, after, capsys))


def _told(before: Stats, after: Stats, capsys: pytest.CaptureFixture[str]) -> str:
    _tell_retention(before, after, Sent(added=5))
    return capsys.readouterr().err


def test_many_refused_lines_are_named_as_far_as_anybody_reads_them(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [RefusedLine(line=number, why="no event") for number in range(1, 31)]
    done = Sent(refused_count=250, refused=lines, lines=250)
    tell_refused(done)
    said = capsys.readouterr().err.splitlines()
    assert said[19:] == [
        "line 20: no event",
        "and 230 lines more",
        "hint: only what `knocktop export` writes as NDJSON can be imported",
    ]
    assert counted(done) == "0 added, 250 lines refused"


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1, "1 byte"), (1_023, "1023 bytes"), (1_536, "1.5 KiB"), (2_347_966_666, "2.2 GiB")],
)
def test_a_size_is_told_in_the_unit_that_fits(size: int, text: str) -> None:
    assert size_text(size) == text
