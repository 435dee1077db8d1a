"""What the page about tests shows is what there is."""

from __future__ import annotations

import inspect
import re

import pytest
import typer

from relay.contract.filter import parse
from tests.relay_process import ROOT
from tui.cli.commands import app
from tui.exitcodes import ExitCode
from tui.testing import KnockEvent, KnockEvents, KnocktopRelay

PAGE = (ROOT / "docs" / "testing.md").read_text("utf-8")
LINES = [line for line in PAGE.splitlines() if re.match(r"\s*(last=\$\()?knocktop ", line)]


@pytest.mark.parametrize("line", LINES)
def test_every_flag_of_a_command_exists(line: str) -> None:
    command = typer.main.get_command(app)
    [name] = re.findall(r"knocktop ([a-z]+)", line)
    known = {text for parameter in command.commands[name].params for text in parameter.opts}  # type: ignore[attr-defined]
    assert set(re.findall(r"(?<= )--?[a-z][a-z-]*", line)) <= known


@pytest.mark.parametrize("text", re.findall(r'(?:expect\("|expect ")([^"]+)"', PAGE))
def test_every_filter_parses(text: str) -> None:
    parse(text.replace("$GITHUB_RUN_ID", "7"))


def test_the_call_is_shown_as_it_is() -> None:
    shown = re.findall(r'expect\(filter="", count=1, within=30\)', PAGE)
    parameters = list(inspect.signature(KnockEvents.expect).parameters.values())[1:]
    assert shown
    assert [(each.name, each.default) for each in parameters] == [("filter", ""), ("count", 1), ("within", 30)]
    assert parameters == list(inspect.signature(KnockEvents.aexpect).parameters.values())[1:]


def test_what_an_event_and_a_relay_are_said_to_have_is_there() -> None:
    told = PAGE.partition("An event has")[2].partition("\n\n")[0]
    names = set(re.findall(r"`([a-z_]+)`", told))
    assert names <= set(dir(KnockEvent))
    assert {name for name in dir(KnockEvent) if not name.startswith("_")} == names
    assert {"url", "webhook_url", "signing_secret", "trigger"} <= set(dir(KnocktopRelay))


def test_the_exit_codes_are_those_of_the_command() -> None:
    rows = re.findall(r"^\| ([0-9, ]+) \|", PAGE, re.MULTILINE)
    codes = {int(code) for row in rows for code in row.split(",")}
    assert codes == {
        ExitCode.DONE,
        ExitCode.FINDINGS,
        ExitCode.OUT_OF_TIME,
        ExitCode.USAGE,
        ExitCode.TOKEN_REFUSED,
        ExitCode.UNREACHABLE,
        ExitCode.INTERRUPTED,
    }
