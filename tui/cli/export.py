"""`knocktop export`: events to a file, in full."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from urllib.parse import urlsplit

from relay.contract.text import plain
from relay.settings import Loaded
from tui.cli.audience import while_anyone_reads
from tui.cli.explain import RelayTrouble, explain
from tui.cli.progress import Progress
from tui.cli.report import Failure, hint, say
from tui.client import RelayClient
from tui.credentials import viewer_token
from tui.exitcodes import ExitCode
from tui.exporting import Written, write_export
from tui.model.clock import Clock
from tui.model.exporting import CSV, FORMS, NDJSON, Kind, form_of, kind_of
from tui.model.offsets import with_offsets
from tui.model.redaction import TEST_SECRET
from tui.model.sizes import size_text
from tui.outfile import OutFile

STDOUT = "-"


def export(
    loaded: Loaded, filter_: str, *, file: str | None, format_: str, redact: bool | None, to: str | None
) -> int:
    """Write what matches to a file, or to stdout, and give the exit code. Raises `Failure`."""
    kind = kind_of(format_)
    if kind is None:
        names = ", ".join(each.name for each in FORMS)
        raise Failure(f"--format should be one of {names}, not {plain(format_, 40)!r}", ExitCode.USAGE)
    if to is not None and kind in (NDJSON, CSV):
        raise Failure("--to goes with --format curl or pytest", ExitCode.USAGE)
    if to is not None and not _is_url(to):
        raise Failure(f"--to should be a URL, not {plain(to, 100)!r}", ExitCode.USAGE)
    is_shown = file in (None, STDOUT) and sys.stdout.isatty()
    if is_shown and (file is None or kind is NDJSON):
        raise Failure(
            "name the file with -o FILE", ExitCode.USAGE, "-o - writes to a pipe; knocktop tail shows events here"
        )
    asked = _Export(loaded, filter_, kind, kind.redacts if redact is None else redact, to)
    try:
        if file in (None, STDOUT):
            return asyncio.run(asked.to_stdout())
        return asyncio.run(asked.to_file(Path(file or "")))
    except RelayTrouble as error:
        raise explain(error) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        name = plain(str(error.filename or file), 400)
        raise Failure(f"the export cannot be written: {error.strerror or error}: {name}") from None


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


class _Export:
    """One export that was asked for."""

    def __init__(self, loaded: Loaded, filter_: str, kind: Kind, redact: bool, to: str | None) -> None:
        self._url = loaded.settings.address
        self._token = viewer_token(loaded, self._url).value
        self._filter = with_offsets(filter_, Clock(utc=loaded.settings.utc).zone)
        self._kind = kind
        self._redact = redact
        self._to = to

    async def to_file(self, path: Path) -> int:
        with Progress(sys.stderr) as progress, OutFile(path) as out:
            done = await self._write(out.write, progress)
        events = "1 event" if done.events == 1 else f"{done.events:,} events"
        say(f"{events} exported to {path}, {size_text(done.size)}")
        if done.events:
            self._tell_redaction()
        else:
            say("no event matches: there is nothing in the file")
        return ExitCode.DONE

    async def to_stdout(self) -> int:
        out = sys.stdout.buffer
        with Progress(sys.stderr) as progress:
            async with while_anyone_reads(out):
                await self._write(out.write, progress)
                out.flush()
        return ExitCode.DONE

    async def _write(self, write: Callable[[bytes], object], progress: Progress) -> Written:
        async with RelayClient(self._url, self._token) as relay:
            last_seq = (await relay.stats()).last_seq
            form = form_of(self._kind, redact=self._redact, url=self._target)

            def told(done: Written) -> None:
                part = f", {100 * min(done.seq, last_seq) // last_seq} %" if last_seq else ""
                progress(f"exporting: {done.events:,} events, {size_text(done.size)}{part}")

            async with aclosing(relay.export(self._filter, before=last_seq + 1)) as lines:
                return await write_export(lines, form, write, told)

    def _target(self, endpoint: str | None) -> str:
        if self._to is not None:
            return self._to
        base = f"{self._url.rstrip('/')}/webhooks/knock"
        return f"{base}/{endpoint}" if endpoint else base

    def _tell_redaction(self) -> None:
        if self._redact:
            say(f"personal data is replaced, and what was changed is signed with the secret {TEST_SECRET}")
        elif self._kind.redacts or self._kind is NDJSON:
            hint("bodies are as received, personal data included; --redact replaces it")
