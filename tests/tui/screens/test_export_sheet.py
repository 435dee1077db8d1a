"""The sheets that write events to a file and take them from one."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from relay.contract.exported import read_exported
from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.widgets.sheet import SheetField


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def source_of(count: int = 3) -> ScriptedSource:
    return ScriptedSource(
        [made(seq, "message.sent" if seq % 2 else "message.read") for seq in range(1, count + 1)]
    )


async def named(view: Shown, name: str) -> None:
    """Give the file another name."""
    view.app.screen.query_one(SheetField).focus()
    await view.press("ctrl+u", *name)


def files(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


async def test_nothing_is_written_before_enter_and_then_what_was_said(here: Path) -> None:
    async with shown(source_of(), (120, 40)) as view:
        await view.press("x")
        await view.until_seen("Export", "3 events: all that the relay has", "every byte", str(here))
        assert files(here) == []
        await view.press("enter")
        await view.until_seen("3 events written to")
        file = here / files(here)[0]
        assert (file.name[:13], file.suffix, stat.S_IMODE(file.stat().st_mode)) == (
            "knock-events-",
            ".ndjson",
            0o600,
        )
        lines = file.read_bytes().splitlines()
        assert [read_exported(line).seq for line in lines] == [1, 2, 3]
        assert re.sub(r"\s", "", str(file)) in re.sub(r"[\s▌]", "", view.text)


async def test_the_file_has_the_events_that_are_shown_the_one_here_or_the_marked_one(here: Path) -> None:
    source = source_of()
    async with shown(source, (120, 40)) as view:
        await view.press("slash", *"message.sent", "enter")
        await view.until(lambda: view.app.dashboard.filtering.applied == "message.sent")
        await view.press("k", "m", "j", "x")
        await view.until_seen("2 events: all that match message.sent")
        await view.press("ctrl+t")
        await view.until_seen("the event here, seq 3")
        await view.press("ctrl+t")
        await view.until_seen("the marked event, seq 1")
        await view.press("ctrl+t")
        await view.until_seen("both, seqs 3 and 1")
        await view.press("enter")
        await view.until(lambda: source.did[-1] == ("export", "seq:3,1", ()))


async def test_the_form_decides_on_the_name_and_on_what_is_replaced(here: Path) -> None:
    async with shown(source_of(), (120, 40)) as view:
        await view.press("x", "down", "down", "down")
        await view.until_seen(".py", "stand-ins for personal data, signed with the secret knocktop-test-secret")
        await view.press("ctrl+r")
        await view.until_seen("personal data included")
        await named(view, "test_it.py")
        await view.press("up")
        await view.until_seen("test_it.py")
        await view.press("enter")
        await view.until(lambda: (here / "test_it.py").exists())
        assert (here / "test_it.py").read_text().startswith("#!/bin/sh")


async def test_what_stands_there_is_named_before_it_is_replaced(here: Path) -> None:
    (here / "old").write_text("before")
    (here / "folder").mkdir()
    async with shown(source_of(), (120, 40)) as view:
        await view.press("x")
        await named(view, "folder")
        await view.until_seen("is a directory")
        await named(view, "no/such")
        await view.until_seen("there is no directory")
        await view.press("enter")
        assert (here / "old").read_text() == "before"
        await named(view, "old")
        await view.until_seen("the file that is there")
        await view.press("enter")
        await view.until(lambda: b'"seq":1' in (here / "old").read_bytes())


async def test_an_export_can_be_stopped_and_leaves_nothing(here: Path) -> None:
    source = source_of()
    source.may_go_on.clear()
    async with shown(source, (120, 40)) as view:
        await view.press("x", "enter")
        await view.until_seen("0 events written", "stop")
        await view.until(lambda: [path.suffix for path in here.iterdir()] == [".part"])
        await view.press("escape")
        await view.until(lambda: list(here.iterdir()) == [])
        assert view.app.screen is view.screen


async def test_an_export_that_fails_says_why_and_leaves_nothing(here: Path) -> None:
    source = source_of()
    async with shown(source, (120, 40)) as view:
        await view.press("x")
        source.fails = "the relay is gone"
        await view.press("enter")
        await view.until_seen("the relay is gone; nothing was left")
        assert files(here) == []


async def test_who_only_looks_can_export_and_not_import(here: Path) -> None:
    async with shown(source_of(), (120, 40), options=AppOptions(read_only=True)) as view:
        await view.press("x", "enter")
        await view.until(lambda: len(list(here.iterdir())) == 1)
        await view.press("colon", *"import")
        await view.pilot.pause()
        assert "take events from a file" not in view.text


async def import_sheet(view: Shown) -> None:
    view.app.import_file()
    await view.until_seen("Import", "what knocktop export wrote")


async def test_a_file_is_imported_with_what_it_says(here: Path) -> None:
    (here / "a.ndjson").write_bytes(b"{1}\n{2}\n")
    source = source_of()
    async with shown(source, (120, 40)) as view:
        await view.press("colon", *"import")
        await view.until_seen("import: take events from a file")
        await view.press("enter")
        await view.until_seen("what knocktop export wrote", "with 1 secret")
        await view.press("enter", *"no")
        await view.until_seen("there is no file")
        await view.press("ctrl+u", *"a.ndjson")
        await view.until_seen("a.ndjson, 8 bytes")
        assert source.did == []
        await view.press("enter")
        await view.until_seen("2 events imported")
        assert source.did == [("import", b"{1}\n{2}\n")]


async def test_a_line_that_is_no_event_is_named(here: Path) -> None:
    (here / "a").write_bytes(b"{1}\nnonsense\n{1}\n")
    async with shown(source_of(), (120, 40)) as view:
        await import_sheet(view)
        await view.press("a", "enter")
        await view.until_seen("added", "1 event", "were here", "refused", "line 2: it is not JSON")
        await view.press("enter")
        await view.until_seen("1 event imported, 1 were here, 1 line refused")


async def test_an_import_that_breaks_off_says_what_came_of_it(here: Path) -> None:
    (here / "a").write_bytes(b"{1}\n")
    source = source_of()
    source.fails = "the relay is gone"
    async with shown(source, (120, 40)) as view:
        await import_sheet(view)
        await view.press("a", "enter")
        await view.until_seen("the relay is gone", "added", "0 events")


async def test_a_file_that_is_looked_at_is_never_called_live(here: Path) -> None:
    async with shown(source_of(), (120, 40), options=AppOptions(file="session.ndjson")) as view:
        await view.until_seen("3 of 3")
        assert "file session.ndjson, not live" in view.lines[0]
        assert "127.0.0.1" not in view.lines[0]
        await view.press("p")
        await view.until(lambda: "not live, paused" in view.lines[0])
