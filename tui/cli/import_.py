"""`knocktop import`: events from a file into the relay's log, or for a look at them alone."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from relay.contract.api import Stats
from relay.contract.text import plain
from relay.settings import Loaded
from tui.cli.explain import RelayTrouble, explain
from tui.cli.progress import Progress
from tui.cli.report import Failure, hint, say
from tui.client import RelayClient
from tui.credentials import viewer_token
from tui.exitcodes import ExitCode
from tui.importing import Sent, send_import
from tui.model.sizes import size_text

STDIN = "-"
SHOWN = 20
"""Lines that are named on stderr; of the others it is told how many they are."""


def import_(loaded: Loaded, name: str) -> int:
    """Import a file into the configured relay, say what came of it, and give the exit code. Raises `Failure`."""
    url = loaded.settings.address
    done = Sent()
    with opened(name) as file:
        try:
            before, after = asyncio.run(send(file, url, viewer_token(loaded, url).value, done))
        except RelayTrouble as error:
            if done.lines:
                say(f"until then: {counted(done)}")
            raise explain(error) from None
        except KeyboardInterrupt:
            say(f"stopped; until then: {counted(done)}")
            hint("the same again goes on: what is here is left as it is")
            raise
    say(counted(done))
    tell_refused(done)
    _tell_retention(before, after, done)
    return ExitCode.FINDINGS if done.refused_count else ExitCode.DONE


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """Open the file, or stdin. Raises `Failure`, also for what goes wrong while it is read."""
    try:
        if name == STDIN:
            yield sys.stdin.buffer
            return
        with Path(name).open("rb") as file:
            yield file
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise Failure(f"{plain(name, 400)} cannot be read: {error.strerror or error}", ExitCode.USAGE) from None


async def send(file: BinaryIO, url: str, token: str | None, done: Sent) -> tuple[Stats, Stats]:
    """Import a file into the relay at `url` with progress on stderr; give how its log was before and after."""
    size = _size(file)
    async with RelayClient(url, token) as relay:
        before = await relay.stats()
        with Progress(sys.stderr) as progress:

            def told() -> None:
                part = f", {100 * min(done.size, size) // size} %" if size else ""
                progress(f"importing: {counted(done)}, {size_text(done.size)}{part}")

            await send_import(file, relay.import_lines, done, told)
        return before, await relay.stats()


def _size(file: BinaryIO) -> int:
    """How large the file is; 0 where that is not known."""
    try:
        found = os.fstat(file.fileno())
    except (OSError, ValueError):
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def counted(done: Sent) -> str:
    """Say what came of the lines."""
    parts = [f"{done.added:,} added"]
    if done.duplicates:
        parts.append(f"{done.duplicates:,} that {'was' if done.duplicates == 1 else 'were'} here")
    if done.refused_count:
        parts.append(f"{done.refused_count:,} {'line' if done.refused_count == 1 else 'lines'} refused")
    return ", ".join(parts)


def tell_refused(done: Sent) -> None:
    """Name the lines that are no events."""
    for one in done.refused[:SHOWN]:
        say(f"line {one.line}: {one.why}")
    if done.refused_count > SHOWN:
        say(f"and {done.refused_count - min(len(done.refused), SHOWN):,} lines more")
    if done.refused_count and not done.added + done.duplicates:
        hint("only what `knocktop export` writes as NDJSON can be imported")


def _tell_retention(before: Stats, after: Stats, done: Sent) -> None:
    """Say that others go for what came: nothing is to vanish without a word."""
    limit = after.retention.events
    over = before.events + done.added - limit
    if limit and over > 0:
        say(f"this relay keeps {limit:,} events: the oldest {over:,} of all go")
        hint("run it with --retention-events 0 to keep all")
    elif after.retention.size and after.bytes > after.retention.size:
        say(f"this relay keeps {size_text(after.retention.size)}: the oldest events go until it holds no more")
        hint("run it with --retention-size 0 to keep all")
