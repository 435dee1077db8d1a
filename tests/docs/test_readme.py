"""The README says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from relay.contract.filter import parse
from relay.contract.knock import CATALOGUE
from tests.relay_process import ROOT
from tui.cli.commands import app
from tui.simulator import SCENARIOS

README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
COMMANDS |= {str(group.name) for group in app.registered_groups}


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_ci_runs_the_test_command_of_the_readme_as_it_is_written() -> None:
    (command,) = [line for block in blocks("sh") for line in block.splitlines() if ".venv/bin/pytest" in line]
    assert command in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


def test_every_command_is_in_the_table() -> None:
    named = set(re.findall(r"^\| `knocktop (\w+)", README, re.MULTILINE))
    assert named == COMMANDS


@pytest.mark.parametrize("name", sorted(set(re.findall(r"knocktop (\w+)", "\n".join(blocks("sh"))))))
def test_a_command_that_is_shown_exists(name: str) -> None:
    assert name in COMMANDS


@pytest.mark.parametrize(
    "text",
    [
        part
        for block in blocks("text")
        for line in block.splitlines()
        for part in re.split(r"\s{3,}", line)
        if part
    ],
)
def test_a_filter_that_is_shown_parses(text: str) -> None:
    parse(text.removesuffix(" in the body"))


@pytest.mark.parametrize("name", sorted(set(re.findall(r"trigger ([a-z_]+\.[a-z_]+)", README))))
def test_a_type_that_is_triggered_is_in_the_catalogue(name: str) -> None:
    assert name in CATALOGUE


@pytest.mark.parametrize("name", sorted(set(re.findall(r"--scenario ([a-z-]+)", README))))
def test_a_scenario_that_is_shown_exists(name: str) -> None:
    assert name in SCENARIOS


def test_as_many_event_types_are_promised_as_there_are() -> None:
    assert re.search(rf"All {len(CATALOGUE)} event\s+types", README)


@pytest.mark.parametrize("path", re.findall(r"\]\((docs/[^)]+)\)", README))
def test_what_is_linked_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_changelog_begins_with_what_is_not_released() -> None:
    headings = re.findall(r"^## (.+)$", Path(ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
