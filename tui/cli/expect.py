"""`knocktop expect`: wait for events, and say what came closest where they do not come."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import BinaryIO, TextIO

from relay.contract import jsontext
from relay.contract.events import EventSummary
from relay.contract.filter import FilterError, parse
from relay.contract.quantities import QuantityError, parse_duration
from relay.contract.text import plain
from relay.settings import Loaded
from tui.cli.explain import RelayTrouble, explain, wrong_filter
from tui.cli.interrupting import run
from tui.cli.report import Failure
from tui.client import RelayClient
from tui.closest import explained
from tui.credentials import viewer_token
from tui.exitcodes import ExitCode
from tui.expectation import End, Sleep, Wait, Wanted, begin
from tui.model.clock import Clock
from tui.model.offsets import with_offsets
from tui.since import NOW, Since, parse_since

_CODES = {
    End.SATISFIED: ExitCode.DONE,
    End.OUT_OF_TIME: ExitCode.OUT_OF_TIME,
    End.UNWELCOME: ExitCode.FINDINGS,
}


async def expect(
    url: str,
    token: str | None,
    wanted: Wanted,
    *,
    since: Since = NOW,
    out: BinaryIO,
    err: TextIO,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Sleep = asyncio.sleep,
) -> int:
    """Write the matches to `out` as they come, and give the exit code; `err` is told the rest.

    0 as soon as enough came, or where none was to come and none did; 3 where one came that was not to; 4 when time
    is up. Once `err` says that it waits, nothing that arrives is missed. Raises `Failure`.
    """

    def tell(text: str) -> None:
        err.write(plain(text) + "\n")
        err.flush()

    def write(event: EventSummary) -> None:
        out.write(jsontext.dumps(event) + b"\n")
        out.flush()

    try:
        async with RelayClient(url, token) as client:
            wait = Wait(
                client,
                wanted,
                await begin(client, since, now()),
                attached=lambda: tell(wanted.task),
                matched=write,
                sleep=sleep,
            )
            outcome = await wait.run()
            if outcome.end is not End.SATISFIED:
                tell(f"error: {outcome.headline}")
            for line in await explained(client, outcome):
                tell(f"  {line}")
    except RelayTrouble as error:
        raise explain(error) from None
    return _CODES[outcome.end]


def expect_here(loaded: Loaded, filter_: str, *, within: str, count: int, since: str) -> int:
    """Run `expect` on the configured relay, with arguments as they were typed, and give the exit code."""
    settings = loaded.settings
    if count < 0:
        raise Failure(f"--count should be 0 or more, not {count}", ExitCode.USAGE)
    try:
        begin_at = parse_since(since)
    except ValueError as error:
        raise Failure(f"--since: {error}", ExitCode.USAGE) from None
    try:
        # A time is meant where the command is given, and the relay may be elsewhere.
        zone = Clock(utc=settings.utc).zone
        wanted = Wanted(parse(filter_, zone=zone), with_offsets(filter_, zone), count, seconds_of(within))
    except FilterError as error:
        raise wrong_filter(error.message, error.column, error.suggestion) from None
    except QuantityError as error:
        raise Failure(f"--within {plain(within, 40)!r}: it {error}", ExitCode.USAGE) from None
    return run(
        expect(
            settings.address,
            viewer_token(loaded, settings.address).value,
            wanted,
            since=begin_at,
            out=sys.stdout.buffer,
            err=sys.stderr,
        )
    )


def seconds_of(within: str) -> float:
    """Read a duration such as `30s`; a number alone is in seconds. Raises `QuantityError`."""
    text = within.strip()
    return parse_duration(f"{text}s" if text.isascii() and text.isdigit() else text).total_seconds()
