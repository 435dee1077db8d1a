"""The dashboard on a headless terminal, and what stands on it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from textual import events
from textual.pilot import Pilot
from textual.widget import Widget

from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions, KnocktopApp
from tui.model.clock import Clock
from tui.model.source import Source
from tui.model.tunnel import Tunneller
from tui.screens.events import EventsScreen
from tui.screens.forwarding import MakesForwards, no_forwards
from tui.state import State

PATIENCE = 5.0
NOW = datetime(2026, 11, 23, 10, 42, 30, tzinfo=UTC).timestamp()


class Shown:
    """A dashboard that runs, with the source that drives it."""

    def __init__(self, app: KnocktopApp, pilot: Pilot[object], source: ScriptedSource) -> None:
        self.app = app
        self.pilot = pilot
        self.source = source

    @property
    def screen(self) -> EventsScreen:
        screen = self.app.events_screen
        assert screen is not None
        return screen

    @property
    def lines(self) -> list[str]:
        """The text of every row of the terminal."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so, for as long as a slow machine may need."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self.text
            await asyncio.sleep(0.01)

    async def until_seen(self, *texts: str) -> None:
        """Wait until the screen holds all of these."""
        await self.until(lambda: all(text in self.text for text in texts))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def wheel(self, widget: Widget, offset: tuple[int, int], *, up: bool = False) -> None:
        """Turn the wheel of the mouse by one notch over a place of a widget."""
        turned = events.MouseScrollUp if up else events.MouseScrollDown
        await self.pilot._post_mouse_events([turned], widget, offset=offset, button=0)

    async def at_once(self, *typed: events.Key | events.Paste) -> None:
        """Type without a pause, as a paste or a script does, and wait until all of it was taken."""
        for event in typed:
            self.app.post_message(event)
        taken = asyncio.Event()
        self.app.call_later(taken.set)
        await asyncio.wait_for(taken.wait(), PATIENCE)
        await self.pilot.pause()


@asynccontextmanager
async def shown(
    source: ScriptedSource,
    size: tuple[int, int] = (80, 24),
    options: AppOptions | None = None,
    state: State | None = None,
    tunnels: Callable[[], Tunneller | None] = lambda: None,
    forwards: MakesForwards = no_forwards,
) -> AsyncIterator[Shown]:
    """Run the dashboard over a source until the list holds what the source has."""

    async def connect() -> Source:
        return source

    async def copier(_: str) -> str:
        return "by OSC 52"

    clock = Clock(utc=True, now=lambda: NOW)
    app = KnocktopApp(
        connect, options, clock=clock, state=state, copier=copier, tunnels=tunnels, forwards=forwards
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        view = Shown(app, pilot, source)
        await view.until(lambda: app.dashboard.began and app.dashboard.counts.known)
        matching = sum((await source.totals(source.filter)).by_type.values())
        await view.until(lambda: bool(len(app.dashboard.browse.window)) == bool(matching))
        await pilot.pause()
        yield view
