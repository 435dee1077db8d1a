"""`knocktop doctor`: whether all that it takes is there, a line a check, with what to do where it is not."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any, TextIO

import msgspec

from relay.settings import Loaded, SettingsError
from tui.cli import checks
from tui.cli.checks import Finding, Machine, this_machine
from tui.cli.invocation import Invocation
from tui.cli.report import say
from tui.client import RelayClient
from tui.credentials import viewer_token
from tui.exitcodes import ExitCode
from tui.probe import client
from tui.whereabouts import Present, whereabouts

_COLOURS = {"ok": "32", "note": "33", "problem": "31"}


def doctor(
    invocation: Invocation,
    flags: Mapping[str, Any],
    *,
    as_json: bool = False,
    out: TextIO | None = None,
    machine: Machine | None = None,
) -> int:
    """Write a line a check to `out`, and give the exit code: 3 where one of them found a problem."""
    return asyncio.run(_examine(invocation, flags, as_json, out or sys.stdout, machine or this_machine()))


async def _examine(
    invocation: Invocation, flags: Mapping[str, Any], as_json: bool, out: TextIO, machine: Machine
) -> int:
    colour = out.isatty() and not machine.environ.get("NO_COLOR") and machine.environ.get("TERM") != "dumb"
    problems = 0
    async for finding in _findings(invocation, flags, machine):
        problems += finding.state == "problem"
        line = msgspec.json.encode(finding).decode() if as_json else str(finding)
        out.write((_painted(finding, line) if colour and not as_json else line) + "\n")
        # Some checks wait for an answer: the lines before them are not to wait too.
        out.flush()
    if not problems:
        return ExitCode.DONE
    say("1 problem" if problems == 1 else f"{problems} problems")
    return ExitCode.FINDINGS


def _painted(finding: Finding, line: str) -> str:
    at = len(finding.state)
    return f"\x1b[{_COLOURS[finding.state]}m{line[:at]}\x1b[0m{line[at:]}"


async def _findings(invocation: Invocation, flags: Mapping[str, Any], machine: Machine) -> AsyncIterator[Finding]:
    """Run every check; without settings that can be read those of the machine alone."""
    try:
        loaded = invocation.load(flags)
    except SettingsError as error:
        yield Finding(check="config", state="problem", found=str(error), fix=error.hint or "correct that line")
    else:
        yield checks.config(loaded)
        async for finding in _with_relay(loaded, machine):
            yield finding
        yield checks.disk(loaded.settings, machine)
    for finding in checks.terminal(machine):
        yield finding
    yield checks.clipboard(machine)


async def _with_relay(loaded: Loaded, machine: Machine) -> AsyncIterator[Finding]:
    settings = loaded.settings
    async with client() as http:
        found = await whereabouts(http, settings)
        if not isinstance(found, Present):
            yield checks.absent(settings, found)
            yield await checks.secret(loaded, None, machine)
            yield checks.tunnel(settings, settings.address, machine)
            yield await checks.clock(http, None, machine)
            return
        token = viewer_token(loaded, found.url, machine.environ).value
        async with RelayClient(found.url, token) as relay:
            finding = await checks.relay(http, relay, found)
            usable = None if finding.state == "problem" else relay
            yield finding
            yield await checks.secret(loaded, usable, machine)
            if usable is not None and (provoked := await checks.provoked(usable)) is not None:
                yield provoked
            yield checks.tunnel(settings, found.url, machine)
            yield await checks.clock(http, usable, machine)
