"""`knocktop provoke`: have a relay answer deliveries with failures, so that Knock's retries can be watched."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import msgspec

from relay.contract.canned import CannedAnswer, NewCannedAnswer, parse_script
from relay.contract.quantities import format_duration
from relay.contract.text import plain
from relay.settings import Loaded
from tui.cli.explain import RelayTrouble, explain
from tui.cli.purge import with_offsets
from tui.cli.report import Failure, hint, say
from tui.client import ApiProblem, RelayClient
from tui.credentials import viewer_token
from tui.exitcodes import ExitCode
from tui.model.clock import Clock
from tui.model.provoking import WrongField, cautions, drafted, time_left, what_it_did, what_it_gives

T = TypeVar("T")

EVERY_EVENT = "every event"


def provoke(
    loaded: Loaded,
    filter_: str,
    *,
    answer: str,
    delay: str = "",
    retry_after: str = "",
    for_: str = "",
    clock: Clock | None = None,
) -> int:
    """Put a canned answer in force, write its id to stdout, and say what that means; gives the exit code."""
    text = with_offsets(filter_, Clock(utc=loaded.settings.utc) if clock is None else clock)
    try:
        new = drafted(text, answer=answer, delay=delay, retry_after=retry_after, for_=for_)
    except WrongField as error:
        raise Failure(f"--{error.field}: {error}", ExitCode.USAGE) from None
    done = _with_relay(loaded, lambda relay: relay.provoke(new))
    sys.stdout.write(f"{done.id}\n")
    say(f"{loaded.settings.address} answers {_meant(done)}: {what_it_gives(done)}")
    say("each delivery is stored and counted before it is answered")
    _say_end(new)
    for caution in cautions(parse_script(new.answer)):
        say(caution)
    hint("`knocktop provoke --off` ends it; each event's deliveries show what it was answered")
    return ExitCode.DONE


def _say_end(new: NewCannedAnswer) -> None:
    say(f"it ends by itself after {format_duration(timedelta(seconds=new.for_seconds))}, and with the relay")


def list_(loaded: Loaded, *, as_json: bool = False) -> int:
    """Write the canned answers in force to stdout, the one that is looked at first, first."""
    found = _with_relay(loaded, lambda relay: relay.answers())
    if as_json:
        sys.stdout.writelines(msgspec.json.encode(one).decode() + "\n" for one in found)
        return ExitCode.DONE
    for one in found:
        sys.stdout.write(f"{one.id}  {time_left(one)} left  {_told(one)}\n")
    if not found:
        say(f"nothing is provoked at {loaded.settings.address}")
    return ExitCode.DONE


def off(loaded: Loaded, id_: str = "") -> int:
    """End all of them, or one; say what they did."""
    if id_ and not (id_.isascii() and id_.isdigit() and len(id_) <= 9):
        raise Failure("--off goes alone, or with the id of one", ExitCode.USAGE, _LIST)

    async def end(relay: RelayClient) -> list[CannedAnswer]:
        try:
            return await relay.end_answers(int(id_) if id_ else None)
        except ApiProblem as error:
            if error.status != 404:
                raise
            raise Failure(f"no canned answer has the id {id_}", ExitCode.USAGE, _LIST) from None

    ended = _with_relay(loaded, end)
    for one in ended:
        say(f"ended: {_told(one)}")
    if not ended:
        say(f"nothing was provoked at {loaded.settings.address}")
    return ExitCode.DONE


_LIST = "`knocktop provoke --list` shows them"


def _meant(answer: CannedAnswer) -> str:
    return plain(answer.filter, 200) or EVERY_EVENT


def _told(answer: CannedAnswer) -> str:
    return f"{_meant(answer)}: {what_it_gives(answer)}; {what_it_did(answer)}"


def _with_relay(loaded: Loaded, ask: Callable[[RelayClient], Awaitable[T]]) -> T:
    async def body() -> T:
        url = loaded.settings.address
        async with RelayClient(url, viewer_token(loaded, url).value) as relay:
            return await ask(relay)

    try:
        return asyncio.run(body())
    except RelayTrouble as error:
        raise explain(error) from None
