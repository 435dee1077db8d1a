"""`tail` on the stdout and stderr of this process."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Literal

from relay.settings import Loaded
from tui.cli.interrupting import run
from tui.cli.report import Failure
from tui.credentials import viewer_token
from tui.exitcodes import ExitCode
from tui.model.clock import Clock
from tui.model.offsets import with_offsets

_FORMATS: Mapping[str, Literal["line", "ndjson", "raw"]] = {"line": "line", "ndjson": "ndjson", "raw": "raw"}


def tail_here(
    loaded: Loaded,
    *,
    filter_: str = "",
    n: int | None = None,
    since: str | None = None,
    follow: bool = True,
    format_: str | None = None,
) -> int:
    """Run `tail` on the configured relay, with arguments as they were typed, and give the exit code."""
    from tui.cli.tail import parse_since, tail

    if format_ is not None and format_ not in _FORMATS:
        raise Failure(f"--format should be line, ndjson or raw, not {format_!r}", ExitCode.USAGE)
    if n is not None and n < 0:
        raise Failure(f"-n should be 0 or more, not {n}", ExitCode.USAGE)
    try:
        begin = None if since is None else parse_since(since)
    except ValueError as error:
        raise Failure(f"--since: {error}", ExitCode.USAGE) from None
    settings = loaded.settings
    return run(
        tail(
            settings.address,
            viewer_token(loaded, settings.address).value,
            # A time is meant where the command is given, and the relay may be elsewhere.
            filter=with_offsets(filter_, Clock(utc=settings.utc).zone),
            n=n,
            since=begin,
            follow=follow,
            format=None if format_ is None else _FORMATS[format_],
            out=sys.stdout.buffer,
            err=sys.stderr,
            utc=settings.utc,
            is_tty=sys.stdout.isatty(),
            encoding=sys.stdout.encoding,
        )
    )
