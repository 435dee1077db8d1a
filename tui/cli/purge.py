"""`knocktop purge`: remove events and quarantined requests from a relay's log for good."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TextIO

from relay.contract.api import Purged
from relay.contract.filter import FilterError, parse
from relay.contract.moments import rfc3339
from relay.contract.quantities import QuantityError, parse_duration
from relay.contract.text import plain
from relay.settings import Loaded
from tui.cli.explain import RelayTrouble, explain, wrong_filter
from tui.cli.report import Failure, hint, say
from tui.client import RelayClient
from tui.credentials import viewer_token
from tui.exitcodes import ExitCode
from tui.model.clock import Clock


def purge(
    loaded: Loaded,
    filter_: str,
    *,
    before: str | None = None,
    yes: bool = False,
    stdin: TextIO | None = None,
    clock: Clock | None = None,
) -> int:
    """Remove what matches and arrived before a time, after a question on a terminal; gives the exit code."""
    clock = Clock(utc=loaded.settings.utc) if clock is None else clock
    bound = None if before is None else rfc3339(moment(before, clock))
    text = with_offsets(filter_, clock)
    stdin = sys.stdin if stdin is None else stdin
    if not yes and not stdin.isatty():
        raise Failure("nobody is there to confirm that", ExitCode.USAGE, "say --yes to remove without a question")
    try:
        return asyncio.run(_purge(loaded, text, bound, None if yes else lambda question: _agreed(question, stdin)))
    except RelayTrouble as error:
        raise explain(error) from None


async def _purge(loaded: Loaded, text: str, before: str | None, agreed: Callable[[str], bool] | None) -> int:
    url = loaded.settings.address
    async with RelayClient(url, viewer_token(loaded, url).value) as relay:
        if agreed is not None:
            found = await relay.purge(text, before, dry_run=True)
            if not found.events + found.quarantined:
                say("nothing matches")
                return ExitCode.DONE
            if not agreed(f"remove {_counted(found)} from the relay at {url} for good?"):
                say("nothing was removed")
                return ExitCode.INTERRUPTED
        _tell(await relay.purge(text, before))
    return ExitCode.DONE


def _agreed(question: str, stdin: TextIO) -> bool:
    sys.stderr.write(f"{plain(question)} [y/N] ")
    sys.stderr.flush()
    return stdin.readline().strip().lower() in ("y", "yes")


def _counted(found: Purged) -> str:
    events = "1 event" if found.events == 1 else f"{found.events:,} events"
    if not found.quarantined:
        return events
    requests = "1 quarantined request" if found.quarantined == 1 else f"{found.quarantined:,} quarantined requests"
    return f"{events} and {requests}"


def _tell(done: Purged) -> None:
    """Say what went, and what is so by now on the disk."""
    say(f"removed {_counted(done)}")
    if done.compacted and done.erased:
        say("the log's file was written anew: nothing of them is in it")
    elif done.erased:
        say("their bytes in the log's file are overwritten; it keeps its size, and is filled again")
    else:
        say("what is written ahead of the log's file could not be emptied, and may still hold bytes of them")
        hint("run the same again once the disk has room and no long search is running")
    for name in done.copies:
        say(f"{name}, a copy that an older version kept beside the log, was left alone")
        hint(f"remove {name} from the relay's data directory if it holds what had to go")


def moment(text: str, clock: Clock) -> int:
    """Read a time or an age as microseconds since the epoch; without an offset in the zone of the screen."""
    try:
        return clock.now_us - parse_duration(text) // timedelta(microseconds=1)
    except QuantityError:
        pass
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Failure(
            f"--before should be a time or an age, not {plain(text, 60)!r}",
            ExitCode.USAGE,
            "such as 2026-11-23, 2026-11-23T10:42, 2026-11-23T10:42Z, or 30d for what is older than that",
        ) from None
    if moment.tzinfo is None:
        return clock.us_of(moment)
    return int(moment.timestamp() * 1_000_000)


def with_offsets(filter_: str, clock: Clock) -> str:
    """Return the filter with the zone of the screen written into its times. Raises `Failure`."""
    try:
        return str(parse(filter_, zone=clock.zone))
    except FilterError as error:
        raise wrong_filter(plain(error.message), error.column, error.suggestion) from None
