"""Wake-ups reach whoever listens, and nobody else."""

from __future__ import annotations

from relay.hub import Hub


async def test_a_listener_is_woken() -> None:
    hub = Hub()
    with hub.listen() as changed:
        hub.wake()
        assert changed.is_set()


async def test_waking_often_is_waking_once() -> None:
    hub = Hub()
    with hub.listen() as changed:
        hub.wake()
        hub.wake()
        changed.clear()
        assert not changed.is_set()


async def test_who_left_is_forgotten() -> None:
    hub = Hub()
    with hub.listen() as changed:
        pass
    hub.wake()
    assert not changed.is_set()
