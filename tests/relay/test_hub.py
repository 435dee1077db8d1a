"""Wake-ups reach whoever listens, all at the same moment, and not too often."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest

from relay import hub as hub_module
from relay.hub import GAP_SECONDS, LONGEST_GAP_SECONDS, Hub


async def test_a_listener_is_woken_at_once_after_a_pause() -> None:
    hub = Hub()
    with hub.listen() as changed:
        hub.wake()
        assert changed.is_set()


async def test_waking_often_is_waking_once_and_then_once_more() -> None:
    hub = Hub()
    with hub.listen() as changed:
        for _ in range(5):
            hub.wake()
        changed.clear()
        assert hub.rounds == 1
        async with asyncio.timeout(10):
            await changed.wait()
        assert hub.rounds == 2


async def test_what_came_within_the_gap_is_told_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "GAP_SECONDS", 60.0)
    monkeypatch.setattr(hub_module, "LONGEST_GAP_SECONDS", 60.0)
    hub = Hub()
    with hub.listen() as changed:
        hub.wake()
        changed.clear()
        hub.wake()
        assert not changed.is_set()


async def test_who_left_is_forgotten() -> None:
    hub = Hub()
    with hub.listen() as changed:
        pass
    hub.wake()
    assert not changed.is_set()


async def test_many_viewers_are_woken_less_often_but_not_seldom() -> None:
    hub = Hub()
    assert hub.gap == GAP_SECONDS
    with ExitStack() as viewers:
        for _ in range(50):
            viewers.enter_context(hub.listen())
        assert GAP_SECONDS < hub.gap < LONGEST_GAP_SECONDS
        for _ in range(1_000):
            viewers.enter_context(hub.listen())
        assert hub.gap == LONGEST_GAP_SECONDS
