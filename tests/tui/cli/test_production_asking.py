"""The question before a command sends what comes from production."""

from __future__ import annotations

from io import StringIO

import pytest

from relay.settings import Environment, Settings
from tui.cli.production import ask, production
from tui.cli.report import Failure
from tui.exitcodes import ExitCode

LIVE = "00000002-0000-4000-8000-00000000000a"
SETTINGS = Settings(environments={LIVE: Environment(name="live", production=True)})


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_the_name_goes_on() -> None:
    marked = production(SETTINGS, [])
    ask(marked, [LIVE], "send events", Terminal("live\n"))
    assert marked.lacking([LIVE]) == []


@pytest.mark.parametrize("typed", ["yes\n", "\n", ""])
def test_anything_else_sends_nothing(typed: str) -> None:
    with pytest.raises(Failure, match="nothing was sent") as failure:
        ask(production(SETTINGS, []), [LIVE], "send events", Terminal(typed))
    assert failure.value.code == ExitCode.INTERRUPTED


def test_without_a_terminal_the_flag_is_named() -> None:
    with pytest.raises(Failure, match="live, which is marked production") as failure:
        ask(production(SETTINGS, []), [LIVE], "send events", StringIO("live\n"))
    assert failure.value.code == ExitCode.USAGE
    assert failure.value.hint == "say --yes-production live where that is meant"


def test_the_flag_asks_nothing_more() -> None:
    ask(production(SETTINGS, ["live"]), [LIVE], "send events", StringIO())


def test_a_flag_with_a_name_that_none_has_is_refused() -> None:
    with pytest.raises(Failure, match="names no environment") as failure:
        production(SETTINGS, ["lvie"])
    assert failure.value.hint == "marked are: live"
