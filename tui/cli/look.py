"""`knocktop import FILE --open`: a look at a file in a dashboard, on a relay that exists only for that."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relay.contract.text import plain
from relay.settings import Loaded, Settings
from tui.cli.explain import RelayTrouble, explain
from tui.cli.import_ import STDIN, opened, send, tell_refused
from tui.cli.invocation import Invocation
from tui.cli.report import Failure, hint, say
from tui.exitcodes import ExitCode
from tui.importing import Sent
from tui.stagehand import Programme
from tui.throwaway import ThrowAway

if TYPE_CHECKING:
    from tui.launch import Running

_NAME_LIMIT = 60


class FileRelay(ThrowAway):
    """A throw-away relay that keeps all that it is given."""

    def __init__(self) -> None:
        super().__init__("file")

    def programme(self) -> Programme:
        """Let nothing happen."""
        return Programme(directory=str(self.files.directory), keeps_all=True)


def look(invocation: Invocation, flags: Mapping[str, Any], name: str) -> int:
    """Show a file until it is left, and give the exit code; without a terminal it is written as `tail` writes.

    Raises `Failure`.
    """
    given = [flag for flag, key in (("--relay", "relay_url"), ("--data-dir", "data_dir")) if flags.get(key)]
    if given or invocation.flags.keys() & {"relay_url", "data_dir"}:
        raise Failure(
            f"{given[0] if given else 'a relay or data directory'} is not for --open, which has its own",
            ExitCode.USAGE,
        )
    if name == STDIN:
        raise Failure("--open needs a file: stdin is for the keys", ExitCode.USAGE)
    loaded = invocation.load(flags)
    done = Sent()
    with ExitStack() as stack:
        # Before a relay is started for nothing.
        file = stack.enter_context(opened(name))
        try:
            relay = stack.enter_context(FileRelay())
        except OSError as error:
            raise Failure(
                f"there is nowhere to unfold it: {error.strerror or error}: {error.filename}",
                hint="set TMPDIR to a directory that can be written to",
            ) from None
        url = asyncio.run(_found(relay))
        try:
            asyncio.run(send(file, url, relay.token.get_secret_value(), done))
        except RelayTrouble as error:
            raise explain(error) from None
        if not done.added:
            tell_refused(done)
            raise Failure(
                f"there is no event in {plain(name, 200)}",
                ExitCode.FINDINGS if done.refused_count else ExitCode.DONE,
                "what knocktop export writes as NDJSON can be looked at" if done.refused_count else None,
            )
        code = _watch(loaded, relay, url, Path(name).name)
    if code == ExitCode.DONE:
        events = "1 event" if done.added == 1 else f"{done.added:,} events"
        say(f"the look at {events} of {plain(Path(name).name, _NAME_LIMIT)} is over, and nothing of it stays here")
        tell_refused(done)
        hint(f"to keep its events: knocktop import {plain(name, 200)}")
    return ExitCode.FINDINGS if code == ExitCode.DONE and done.refused_count else code


async def _found(relay: FileRelay) -> str:
    from tui.launch import StartFailed

    try:
        return await relay.url()
    except StartFailed as error:
        raise Failure(str(error), error.code, error.hint, error.details) from None


def _watch(loaded: Loaded, relay: FileRelay, url: str, name: str) -> int:
    chosen = replace(loaded, settings=_settings(loaded, relay, url))
    if not sys.stdout.isatty():
        from tui.cli.tailing import tail_here

        return tail_here(chosen, filter_=chosen.settings.filter, since="beginning", follow=False)
    from tui.cli.screen import Visit, show

    class FileVisit(Visit):
        """A look at a relay that nothing can arrive at, which ends with the look."""

        title = "knocktop import"
        file = name

        async def join(self) -> Running:
            from tui.launch import Running

            return Running(url, relay.token.get_secret_value())

        def tunneller(self) -> None:
            """Open it to nobody."""

        def leave(self) -> None:
            """Leave the relay to whoever started it."""

    return show(chosen, FileVisit(chosen))


def _settings(loaded: Loaded, relay: FileRelay, url: str) -> Settings:
    """Return what the user chose for the screen, and nothing that concerns a relay of theirs."""
    own = loaded.settings
    return Settings(
        data_dir=relay.files.directory,
        relay_url=url,
        token=relay.token,
        # One that stands in a file was written for other events.
        filter=own.filter if loaded.origins["filter"].kind == "flag" else "",
        filters=own.filters,
        utc=own.utc,
        ascii=own.ascii,
        read_only=own.read_only,
        keys=own.keys,
        environments=own.environments,
    )
