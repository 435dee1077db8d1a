"""Forwarding on the screen: asked for with L, followed in the header, its end told with the next step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual import events

from tests.hostile import HOSTILE
from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.feed import AlreadyForwarded
from tui.forward.plan import Begun, News, PassedOver, Plan, Sent, Waiting, Why
from tui.forward.production import Production
from tui.forward.send import Answer
from tui.model.environments import Environment
from tui.model.forwarding import ForwardState
from tui.screens.forward import ForwardSheet

URL = "http://127.0.0.1:3000/hooks"
SIZES = [(80, 24), (120, 40), (200, 60)]
LIVE = "123e4567-e89b-12d3-a456-426614174000"


class ScriptedForward:
    """Keeps the protocol of `tui.screens.forwarding.Forward`: what becomes of it is what the test says."""

    def __init__(self, plan: Plan, tell: Callable[[News], None], production: Production) -> None:
        self.plan, self.tell, self.production = plan, tell, production
        self.stopped = False
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        await self._over

    def stop(self) -> None:
        self.stopped = True

    def end(self, error: Exception | None = None) -> None:
        if error is None:
            self._over.set_result(None)
        else:
            self._over.set_exception(error)

    def sends(self, status: int | None = 200, *, seq: int = 1, error: str | None = None) -> None:
        self.tell(Sent(made(seq), Answer(4.2, status, error=error)))


class Forwards:
    """What was asked for."""

    def __init__(self) -> None:
        self.made: list[ScriptedForward] = []

    def __call__(self, plan: Plan, tell: Callable[[News], None], production: Production) -> ScriptedForward:
        self.made.append(ScriptedForward(plan, tell, production))
        return self.made[-1]


@asynccontextmanager
async def looked_at(
    forwards: Forwards, size: tuple[int, int] = (120, 40), *, source: ScriptedSource | None = None, **options: Any
) -> AsyncIterator[Shown]:
    source = source or ScriptedSource(secrets=1)
    async with shown(source, size, AppOptions(**options), forwards=forwards) as view:
        yield view


async def asked(view: Shown) -> None:
    await view.press("L")
    await view.until(lambda: isinstance(view.app.screen, ForwardSheet))
    await view.until_seen("Forward")


async def typed(view: Shown, url: str = URL) -> None:
    await view.at_once(events.Paste(url))


async def begun(view: Shown, forwards: Forwards) -> ScriptedForward:
    await asked(view)
    await typed(view)
    await view.press("enter")
    await view.until(lambda: bool(forwards.made))
    forwards.made[0].tell(Begun(0))
    await view.until_seen("forwarding to 127.0.0.1:3000")
    return forwards.made[0]


@pytest.mark.parametrize("size", SIZES)
async def test_it_says_what_will_be_sent_where_and_sends_nothing_before_enter(size: tuple[int, int]) -> None:
    forwards = Forwards()
    async with looked_at(forwards, size) as view:
        await asked(view)
        await view.press("enter")
        await view.until_seen("Name the app to send to")
        await typed(view)
        await view.until_seen("on this machine", "as it came")
        assert forwards.made == []
        await view.press("escape")
        await view.until(lambda: not isinstance(view.app.screen, ForwardSheet))
        assert forwards.made == []


async def test_another_machine_and_a_lack_of_secrets_are_warned_of() -> None:
    async with looked_at(Forwards(), source=ScriptedSource(secrets=0)) as view:
        await asked(view)
        await typed(view, "https://elsewhere.example/")
        await view.until_seen("this goes to another machine", "none will be sent")


async def test_while_it_goes_on_the_header_says_so_and_the_sheet_offers_its_end() -> None:
    forwards = Forwards()
    async with looked_at(forwards) as view:
        forward = await begun(view, forwards)
        assert forward.plan.url == URL
        assert (forward.plan.unverified, forward.plan.filter) == (False, "")
        assert view.lines[0].count("forwarding") == 1
        forward.sends(200)
        forward.sends(500, seq=7)
        await view.until_seen("1 taken, 1 not", "Event 7 was not taken: 500")
        await asked(view)
        await view.until_seen("trouble", "stop it")
        await view.press("enter")
        await view.until(lambda: forward.stopped)
        forward.end()
        await view.until_seen("Nothing is forwarded any more: 1 taken, 1 not")
        assert view.app.dashboard.forwarding.state is ForwardState.OFF


async def test_what_ended_it_is_said_with_the_next_step_and_it_can_begin_anew() -> None:
    forwards = Forwards()
    async with looked_at(forwards) as view:
        forward = await begun(view, forwards)
        forward.end(AlreadyForwarded("somebody else forwards there"))
        await view.until_seen("forward ended: L")
        await asked(view)
        await view.until_seen("somebody else forwards there", "end the other forward first")
        await view.press("enter")
        await view.until(lambda: len(forwards.made) == 2)


async def test_an_app_that_is_not_there_and_events_that_are_passed_over_are_told() -> None:
    forwards = Forwards()
    async with looked_at(forwards) as view:
        await asked(view)
        await typed(view)
        await view.press("enter")
        await view.until(lambda: bool(forwards.made))
        forwards.made[0].tell(Waiting("connection refused"))
        await view.until_seen("waiting for 127.0.0.1:3000")
        forwards.made[0].tell(Begun(0))
        forwards.made[0].tell(PassedOver(made(3), Why.UNVERIFIED))
        await view.until_seen("Event 3 is unverified")


async def test_what_comes_from_production_takes_its_name() -> None:
    forwards = Forwards()
    source = ScriptedSource([made(1, environment_id=LIVE)], secrets=1)
    marked = {LIVE: Environment("live", production=True)}
    async with looked_at(forwards, source=source, environments=marked) as view:
        await view.until_seen("live")
        await asked(view)
        await typed(view)
        await view.press("enter")
        await view.until(lambda: bool(forwards.made))
        assert forwards.made[0].production.lacking([LIVE]) == ["live"]
        forwards.made[0].tell(PassedOver(made(1, environment_id=LIVE), Why.PRODUCTION))
        await view.until_seen("Events from live, marked production, are not forwarded")
        forwards.made[0].end()
        await view.until(lambda: not view.app.dashboard.forwarding.running)
        await asked(view)
        await view.until_seen("left out")
        await view.press("shift+tab", *"live", "enter")
        await view.until(lambda: len(forwards.made) == 2)
        assert forwards.made[1].production.lacking([LIVE]) == []


async def test_it_begins_at_the_start_where_that_was_asked_for_and_never_for_who_only_looks() -> None:
    forwards = Forwards()
    async with looked_at(forwards, forward=URL) as view:
        await view.until(lambda: bool(forwards.made))
        assert forwards.made[0].plan.url == URL
    forwards = Forwards()
    async with looked_at(forwards, forward=URL, read_only=True) as view:
        await view.until_seen("read only")
        await view.press("L")
        await view.until_seen("it only looks")
        assert forwards.made == []


async def test_what_an_app_answers_does_no_harm_on_screen() -> None:
    forwards = Forwards()
    async with looked_at(forwards, (200, 60)) as view:
        forward = await begun(view, forwards)
        forward.sends(None, seq=5, error="".join(HOSTILE))
        await view.until_seen("Event 5 was not taken")
        await asked(view)
        await view.until_seen("trouble")
        assert all(char.isprintable() or char == "\n" for char in view.text)
