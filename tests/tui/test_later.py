"""What is put off happens, however short the wait: the dashboard would stand still without it."""

from __future__ import annotations

from pathlib import Path

import pytest

import tui
from tests.tui.made import made
from tests.tui.on_screen import shown
from tests.tui.scripted_source import ScriptedSource
from tui.later import later
from tui.model.pace import Pace

NEXT_TO_NOTHING = 1e-9
"""Seconds: less than it takes to look at a clock twice."""


async def test_a_wait_of_next_to_nothing_comes_to_its_end() -> None:
    async with shown(ScriptedSource()) as view:
        called: list[bool] = []
        later(NEXT_TO_NOTHING, view.app, lambda: called.append(True))
        await view.until(lambda: called == [True])


async def test_what_is_called_off_is_not_called() -> None:
    async with shown(ScriptedSource()) as view:
        called: list[str] = []
        later(0.01, view.app, lambda: called.append("called off")).cancel()
        later(0.02, view.app, lambda: called.append("called"))
        await view.until(lambda: called == ["called"])


async def test_events_go_on_arriving_when_the_next_flush_is_due_almost_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Pace, "delay", lambda *_: NEXT_TO_NOTHING)
    source = ScriptedSource([made(1)])
    async with shown(source) as view:
        for seq in range(2, 6):
            source.arrive(made(seq, recipient=f"user_{seq}"))
            await view.until_seen(f"user_{seq}")


def test_nothing_relies_on_a_timer_that_may_never_fire() -> None:
    sources = sorted(Path(tui.__file__).parent.rglob("*.py"))
    assert [path.name for path in sources if "set_timer(" in path.read_text()] == []
