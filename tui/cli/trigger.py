"""`knocktop trigger`: send simulated events, signed as Knock signs, to the relay or to any URL."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from contextlib import aclosing
from typing import TextIO

from relay.contract.text import plain
from tui.cli.choices import WIDTH, scenario_lines
from tui.exitcodes import ExitCode
from tui.simulator import TYPES, OverrideError
from tui.triggering import CLOCK, TIMEOUT_S, CannotSend, Clock, Triggering, UnknownName, Unreachable

_TYPE_WIDTH = max(map(len, TYPES))
_NO_RELAY = "start a relay with: knocktop relay"
_UNSIGNED = "sent unsigned, as no signing secret is set here: a relay shows these events as unverified"
_ANY_TYPE = "any other type is sent with: trigger message.sent --set type=NAME"
_ALL = "knocktop trigger --help lists them all"


def choices() -> str:
    """Return all that can be triggered, as text for help."""
    types = textwrap.fill(", ".join(TYPES), WIDTH, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(("event types:", types, "scenarios:", *scenario_lines()))


async def trigger(
    names: str | Sequence[str],
    *,
    to: str,
    secret: str | None,
    count: int = 1,
    rate: float | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    out: TextIO,
    err: TextIO,
    clock: Clock = CLOCK,
    timeout_s: float = TIMEOUT_S,
) -> int:
    """Send the events that `names` (event types or scenarios) stand for to the URL `to`, `count` times over.

    Writes a line an event to `out` and everything else to `err`. `rate` is in events a second; without it they
    follow each other at once. Without a `secret` they go unsigned. Returns the exit code: 0 when each was accepted
    as an event, 1 when an answer was another, 2 for what cannot be sent, 16 when nothing answers.
    """
    names = [names] if isinstance(names, str) else names
    try:
        sending = Triggering(
            names,
            to=to,
            secret=secret,
            count=count,
            rate=rate,
            seed=seed,
            sets=sets,
            clock=clock,
            timeout_s=timeout_s,
        )
        async with aclosing(sending.answers()) as answers:
            async for one, answer in answers:
                print(f"{plain(one.type):<{_TYPE_WIDTH}}  {answer}", file=out, flush=True)
    except OverrideError as error:
        _complain(err, f"--set {error}")
        return ExitCode.USAGE
    except UnknownName as error:
        _complain(err, str(error), f"did you mean {error.meant}?" if error.meant else _ANY_TYPE, _ALL)
        return ExitCode.USAGE
    except CannotSend as error:
        _complain(err, str(error))
        return ExitCode.USAGE
    except Unreachable as error:
        _complain(err, str(error), _NO_RELAY if error.is_relay else "")
        return ExitCode.UNREACHABLE
    if sending.advice:
        _hint(err, sending.advice)
    elif not sending.signs:
        print(_UNSIGNED, file=err)
    return ExitCode.DONE if sending.all_accepted else ExitCode.FAILED


def _complain(err: TextIO, message: str, *hints: str) -> None:
    print(f"error: {plain(message)}", file=err)
    for text in filter(None, hints):
        _hint(err, text)


def _hint(err: TextIO, text: str) -> None:
    print(f"hint: {text}", file=err)
