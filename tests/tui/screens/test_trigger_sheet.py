"""The sheet that sends simulated events, to an app that checks their signatures."""

from __future__ import annotations

import asyncio
import json

from tests.localapp import LocalApp, held, local_app, status
from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.commands import Actions
from tui.screens.trigger import TriggerSheet

SECRET = "some-secret"
SIGNING = AppOptions(signing_secret=lambda _: SECRET)
SENDS = "trigger: send simulated events"


async def opened(view: Shown) -> TriggerSheet:
    """Open the sheet from the palette."""
    await view.press("ctrl+p", *("space" if char == " " else char for char in "simulated events"))
    await view.until_seen(SENDS)
    await view.press("enter")
    await view.until(lambda: isinstance(view.app.screen, TriggerSheet))
    await view.until_seen("Trigger", "what", "times")
    assert isinstance(view.app.screen, TriggerSheet)
    return view.app.screen


async def sent_to(view: Shown, app: LocalApp, name: str, times: str = "1") -> None:
    """Fill the sheet in, and send."""
    sheet = await opened(view)
    sheet.named.begin(name)
    sheet.target.begin(app.url)
    sheet.times.begin(times)
    # At once: what was typed counts, also before the list has followed it.
    await view.press("enter")


async def test_part_of_a_name_is_enough_and_what_is_sent_is_said_before() -> None:
    async with shown(ScriptedSource([made(1)]), options=SIGNING) as view:
        sheet = await opened(view)
        await view.until_seen("sends      message.sent", "http://127.0.0.1:4747/webhooks/knock")
        await view.press(*"bounce")
        await view.until_seen("bounce-wave", "message.bounced", "An email bounces after", "signed")
        assert sheet.chosen == "bounce"
        await view.press("down", "down")
        assert sheet.chosen == "message.bounced"
        await view.until_seen("sends      message.bounced")
        await view.press("escape")
        assert view.app.screen is view.screen


async def test_events_are_sent_signed_and_told_of() -> None:
    async with local_app(secret=SECRET) as app, shown(ScriptedSource([made(1)]), options=SIGNING) as view:
        await sent_to(view, app, "message.read", "3")
        await view.until_seen("Sent 3 events")
        assert view.app.screen is view.screen
        assert [json.loads(one.body)["type"] for one in app.received] == ["message.read"] * 3


async def test_a_scenario_is_sent_whole_and_seqs_are_told() -> None:
    stored = [status(200, b'{"seq": %d, "duplicate": false}' % seq) for seq in range(41, 49)]
    async with local_app(*stored) as app, shown(ScriptedSource([made(1)])) as view:
        await sent_to(view, app, "office-email")
        await view.until_seen(": seq 41 to ")
        assert len(app.received) > 1


async def test_a_bad_answer_stays_in_sight_with_the_next_step() -> None:
    async with local_app(status(202, b'{"quarantined": true}')) as app, shown(ScriptedSource([made(1)])) as view:
        await sent_to(view, app, "message.sent")
        await view.until_seen("of which 0 were taken", "202 quarantined", "KNOCKTOP_SIGNING_SECRET to it")
        await view.press("tab", "tab", "2")
        await view.until_seen("unsigned", "sends")


async def test_nothing_there_is_told() -> None:
    async with local_app() as app:
        pass
    async with shown(ScriptedSource([made(1)])) as view:
        await sent_to(view, app, "message.sent")
        await view.until_seen("cannot be reached: connection refused")


async def test_what_cannot_be_sent_is_said_and_enter_sends_nothing() -> None:
    async with local_app() as app, shown(ScriptedSource([made(1)])) as view:
        sheet = await opened(view)
        sheet.target.begin(app.url)
        for field, text, says in (
            (sheet.times, "0", "number from 1 to 1,000"),
            (sheet.target, "nope", "is not a URL"),
            (sheet.named, "zzz", "No event type or scenario is called so"),
        ):
            before = field.value
            field.begin(text)
            await view.until_seen(says)
            await view.press("enter")
            if field is not sheet.named:
                field.begin(before)
        assert (app.received, view.app.screen) == ([], sheet)


async def test_leaving_stops_what_is_being_sent() -> None:
    async with local_app() as app, shown(ScriptedSource([made(1)])) as view:
        app.then(held(asyncio.Event(), status(200)))
        await sent_to(view, app, "message.sent", "5")
        await app.until(1)
        await view.until_seen("Sending")
        await view.press("escape")
        await view.until(lambda: view.app.screen is view.screen)
        assert len(app.received) == 1


async def test_who_only_looks_is_not_offered_it() -> None:
    async with shown(ScriptedSource([made(1)]), options=AppOptions(read_only=True)) as view:
        assert SENDS not in [command.text for command in Actions(view.screen)._commands()]
    async with shown(ScriptedSource([made(1)])) as view:
        assert SENDS in [command.text for command in Actions(view.screen)._commands()]
