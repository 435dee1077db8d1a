"""The sheet of canned answers: what Enter would do is said, and nothing is done before it."""

from __future__ import annotations

import pytest

from relay.contract.canned import NewCannedAnswer
from tests.hostile import HOSTILE
from tests.tui.made import made, made_canned
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.commands import Actions
from tui.screens.provoke import ProvokeSheet

SIZES = [(80, 24), (120, 40), (200, 60)]
SCRIPT = NewCannedAnswer(filter="", answer="500x3,200")


async def opened(view: Shown) -> ProvokeSheet:
    view.app.provoke()
    await view.until_seen("Provoke answers", "as written above", "500 three times, then always 200")
    assert isinstance(view.app.screen, ProvokeSheet)
    return view.app.screen


@pytest.mark.parametrize("size", SIZES)
async def test_it_says_what_is_answered_to_what_and_does_it_on_enter_alone(size: tuple[int, int]) -> None:
    source = ScriptedSource([made(1)])
    async with shown(source, size) as view:
        await view.press("slash", *"message.sent", "enter")
        await view.until(lambda: view.app.dashboard.filtering.applied == "message.sent")
        await opened(view)
        await view.until_seen("events     message.sent", "after 10m, with the relay, or here")
        assert source.did == []
        await view.press("enter")
        await view.until_seen("provoking 500", "From now on: 500 three times")
        assert source.did == [("provoke", NewCannedAnswer(filter="message.sent", answer="500x3,200"))]


async def test_fields_are_read_as_on_the_command_line() -> None:
    source = ScriptedSource()
    async with shown(source) as view:
        await opened(view)
        await view.press("tab", "ctrl+u", *"429x2,200", "tab", "ctrl+u", *"1h", "tab", *"2s", "tab", *"30")
        await view.until_seen("429 twice, then always 200, each after 2s, with Retry-After: 30", "after 1h")
        await view.press("enter")
        await view.until(lambda: bool(source.did))
    wanted = NewCannedAnswer(filter="", answer="429x2,200", delay_ms=2_000, retry_after=30, for_seconds=3_600)
    assert source.did == [("provoke", wanted)]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["ctrl+u", *"recipent:a"], "cannot     filter: "),
        (["tab", "ctrl+u", *"soon"], "cannot     answer: an answer is a status"),
        (["tab", "tab", "tab", *"5h"], "cannot     delay: should be at most 1m"),
    ],
)
async def test_what_cannot_be_meant_is_said_and_enter_does_nothing(keys: list[str], said: str) -> None:
    source = ScriptedSource()
    async with shown(source) as view:
        await opened(view)
        await view.press(*keys, "enter")
        await view.until_seen(said)
        assert source.did == []


async def test_what_is_in_force_is_listed_and_ended() -> None:
    source = ScriptedSource()
    source.canned = [made_canned(SCRIPT, 7, answered=4)]
    async with shown(source) as view:
        await opened(view)
        await view.until_seen("end 500", "every event, 10m left", "replaces")
        await view.press("down")
        await view.until_seen("answered 4 deliveries of 1 event", "Enter end it")
        await view.press("enter")
        await view.until_seen("It ended: answered 4 deliveries of 1 event")
        assert source.did == [("end", 7)]


async def test_a_relay_that_refuses_is_told_and_the_sheet_stays() -> None:
    source = ScriptedSource()
    async with shown(source) as view:
        await opened(view)
        source.fails = "there are 16 canned answers already"
        await view.press("enter")
        await view.until_seen("It was not put in force: there are 16 canned answers already")


async def test_the_palette_offers_it_and_read_only_does_not() -> None:
    for read_only in (False, True):
        source = ScriptedSource()
        async with shown(source, options=AppOptions(read_only=read_only)) as view:
            texts = [command.text for command in Actions(view.app.screen)._commands()]
            assert any(text.startswith("provoke answers") for text in texts) is not read_only
            if read_only:
                view.app.provoke()
                await view.until_seen("--read-only")
                assert not isinstance(view.app.screen, ProvokeSheet)


@pytest.mark.parametrize("ascii_only", [False, True])
async def test_hostile_filters_are_shown_plainly(ascii_only: bool) -> None:
    source = ScriptedSource()
    source.canned = [
        made_canned(NewCannedAnswer(filter=text, answer="500"), id_) for id_, text in enumerate(HOSTILE)
    ]
    async with shown(source, (120, 40), AppOptions(ascii=ascii_only)) as view:
        await opened(view)
        for _ in range(4):
            await view.press("down")
            await view.until_seen("ends")
