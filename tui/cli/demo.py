"""`knocktop demo`: the dashboard on a throw-away relay that the simulator sends to; needs nothing else."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING, Any

from relay.contract.text import plain
from relay.settings import Environment, Loaded, Settings
from tui.cli.invocation import Invocation
from tui.cli.report import Failure, hint, say
from tui.demo import RATE, Demo
from tui.exitcodes import ExitCode
from tui.simulator.account import ENVIRONMENTS, PRODUCTION

if TYPE_CHECKING:
    from tui.launch import Running

_NAME_LIMIT = 60
_SEEDS = 10_000


def demo(
    invocation: Invocation,
    flags: Mapping[str, Any],
    *,
    rate: float = RATE,
    seed: int | None = None,
    scenarios: Sequence[str] = (),
) -> int:
    """Show a demo until it is left, and give the exit code; without a terminal it is written as `tail` writes.

    `rate` is in events a second; without `scenarios` all are mixed. Raises `Failure`.
    """
    _check(invocation, rate, scenarios)
    loaded = invocation.load(flags)
    seed = secrets.randbelow(_SEEDS) if seed is None else seed
    with ExitStack() as stack:
        try:
            played = stack.enter_context(Demo(rate=rate, seed=seed, scenarios=scenarios))
        except OSError as error:
            raise Failure(
                f"the demo has nowhere to run: {error.strerror or error}: {error.filename}",
                hint="set TMPDIR to a directory that can be written to",
            ) from None
        code = _watch(loaded, played)
    if code == ExitCode.DONE:
        say("the demo is over, its relay and its events are gone")
        hint(f"the same again: {_again(rate, seed, scenarios)}; your own events: knocktop")
    return code


def _watch(loaded: Loaded, played: Demo) -> int:
    if not sys.stdout.isatty():
        from tui.cli.tailing import tail_here

        say("no terminal to draw on: this does what knocktop tail does, on simulated events")
        settings = _settings(loaded, played, asyncio.run(_found(played)))
        return tail_here(replace(loaded, settings=settings), filter_=settings.filter, since="beginning")
    from tui.cli.screen import Visit, show

    class DemoVisit(Visit):
        """A look at the relay of the demo, which ends with the demo."""

        title = "knocktop demo"

        async def join(self) -> Running:
            from tui.launch import Running

            return Running(await played.url(), played.token.get_secret_value())

        def leave(self) -> None:
            """Leave the relay to the demo."""

    chosen = replace(loaded, settings=_settings(loaded, played))
    return show(chosen, DemoVisit(chosen))


async def _found(played: Demo) -> str:
    from tui.launch import StartFailed

    try:
        return await played.url()
    except StartFailed as error:
        raise Failure(str(error), error.code, error.hint, error.details) from None


def _settings(loaded: Loaded, played: Demo, url: str | None = None) -> Settings:
    """Return what the user chose for the screen, and nothing that concerns a relay of theirs."""
    own = loaded.settings
    return Settings(
        data_dir=played.files.directory,
        relay_url=url,
        token=played.token,
        signing_secret=played.signing_secret,
        # One that stands in a file was written for other events.
        filter=own.filter if loaded.origins["filter"].kind == "flag" else "",
        filters=own.filters,
        utc=own.utc,
        ascii=own.ascii,
        read_only=own.read_only,
        keys=own.keys,
        environments={one.id: Environment(name=one.slug, production=one is PRODUCTION) for one in ENVIRONMENTS},
    )


def _check(invocation: Invocation, rate: float, scenarios: Sequence[str]) -> None:
    if not (isfinite(rate) and rate > 0):
        raise Failure(f"--rate {rate:g} is no number of events a second", ExitCode.USAGE, "such as --rate 20")
    for flag, name in (("--relay", "relay_url"), ("--data-dir", "data_dir")):
        if name in invocation.flags:
            raise Failure(f"{flag} is not for `demo`, which has its own for as long as it runs", ExitCode.USAGE)
    for name in scenarios:
        _check_scenario(name)


def _check_scenario(name: str) -> None:
    from tui.cli.choices import nearest_scenario, scenario_lines
    from tui.simulator.scenarios import SCENARIOS

    if name not in SCENARIOS:
        near = nearest_scenario(name)
        raise Failure(
            f"no scenario is called {plain(name, _NAME_LIMIT)!r}",
            ExitCode.USAGE,
            f"did you mean {near}?" if near else "without --scenario all of them are mixed",
            ["scenarios:", *scenario_lines()],
        )


def _again(rate: float, seed: int, scenarios: Sequence[str]) -> str:
    words = ["knocktop demo", f"--seed {seed}"]
    if rate != RATE:
        words.append(f"--rate {rate:g}")
    return " ".join([*words, *(f"--scenario {name}" for name in scenarios)])
