"""The sheet that sends an event again: what it says before Enter, what it sends, what it says of the answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual import events

from tests.hostile import HOSTILE
from tests.localapp import LocalApp, held, local_app, status
from tests.tui.made import made, made_detail
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tests.tui.standins import free_port
from tui.app import AppOptions
from tui.commands import Actions
from tui.editing import CannotEdit
from tui.model.environments import Environment
from tui.screens.resend import ResendSheet
from tui.state import State

SECRET = "whsec-of-the-developer"
LIVE = "0a8e6f9e-1111-4000-8000-00000000000a"
SIZES = [(80, 24), (120, 40), (200, 60)]
BODY = b'{"type": "message.sent", "data": {"id": "message-1"}}'
OPTIONS = AppOptions(secret_of=lambda _: SECRET, environments={LIVE: Environment("live", "red", production=True)})


def sheet(view: Shown) -> ResendSheet:
    assert isinstance(view.app.screen, ResendSheet)
    return view.app.screen


def some() -> ScriptedSource:
    return ScriptedSource([made(1), made(2), made(3, "message.read")])


async def opened(view: Shown, app: LocalApp | None = None) -> None:
    await view.press("r")
    await view.until_seen("Resend", "as received", "53 bytes")
    if app is not None:
        await view.at_once(events.Paste(app.url))
        await view.until_seen("on this machine")


@pytest.mark.parametrize("size", SIZES)
async def test_it_says_what_is_sent_where_and_sends_on_enter_alone(size: tuple[int, int]) -> None:
    source = some()
    async with local_app(status(201, b'{"made": 1}')) as app, shown(source, size, OPTIONS) as view:
        await opened(view, app)
        await view.until_seen("seq 3  message.read", "53 bytes, as received", app.url, "answers 2xx, or 4xx")
        await view.press("tab", "w", "f")
        await view.until_seen("signed afresh", "answers 2xx")
        assert (app.received, source.told) == ([], [])

        await view.press("enter")
        await view.until_seen("201 Created in", "taken", '{"made": 1}', "Enter send again")
        assert [one.body for one in app.received] == [BODY]
        (told,) = source.told
        assert (told[0], told[1].kind, told[1].sign, told[1].status) == (3, "resend", "fresh", 201)


async def test_each_way_of_signing_is_held_against_what_a_right_handler_answers() -> None:
    async with local_app(secret=SECRET) as app, shown(some(), options=OPTIONS) as view:
        await opened(view, app)
        for letter, answer in (
            ("f", "200 OK"),
            ("s", "401 Unauthorized"),
            ("t", "401 Unauthorized"),
            ("w", "401 Unauthorized"),
        ):
            view.app.set_focus(sheet(view).ways)
            await view.press(letter, "enter")
            await view.until_seen(answer, "taken" if letter == "f" else "refused, as is right")
        app.otherwise = status(200)
        await view.press("enter")
        await view.until_seen("NOT REFUSED: a right handler answers 4xx")


async def test_the_same_twice_stands_side_by_side_with_what_differs() -> None:
    answers = (status(200, b'{"state": "made"}'), status(409, b'{"state": "known"}'))
    source = some()
    async with local_app(*answers) as app, shown(source, options=OPTIONS) as view:
        await opened(view, app)
        await view.press("ctrl+t")
        await view.until_seen("twice: the answers are compared", "Enter send twice")
        await view.press("enter")
        await view.until_seen("Two different answers: status and body", "409 Conflict", '"made" → "known"')
        await view.press("enter")
        await view.until_seen("The same answer twice")
        assert len(app.received) == 4
        assert [told.attempt for _, told in source.told] == [1, 2, 1, 2]


async def test_the_answer_goes_with_what_was_asked_for() -> None:
    async with local_app(status(503, b"later")) as app, shown(some(), options=OPTIONS) as view:
        await opened(view, app)
        await view.press("enter")
        await view.until_seen("503", "not taken", "later")
        await view.press("down")
        await view.until_seen("signed afresh")
        assert "503" not in view.text.partition("Resend")[2]


async def test_no_answer_is_told_and_noted() -> None:
    source = some()
    async with shown(source, options=OPTIONS) as view:
        await opened(view)
        await view.at_once(events.Paste(f"http://127.0.0.1:{free_port()}/"))
        await view.press("enter")
        await view.until_seen("none", "connection refused")
        assert source.told[0][1].error == "connection refused"


async def test_a_sheet_that_is_left_meanwhile_has_it_noted() -> None:
    source, let = some(), asyncio.Event()
    async with local_app(held(let, status(200))) as app, shown(source, options=OPTIONS) as view:
        await opened(view, app)
        await view.press("enter")
        await app.until(1)
        await view.until_seen("Waiting for the answer", "Esc stop")
        await view.press("escape")
        await view.until(lambda: bool(source.told))
        assert source.told[0][1].error == "left before there was an answer"


async def test_what_the_relay_does_not_note_is_said() -> None:
    source = some()
    async with local_app() as app, shown(source, options=OPTIONS) as view:
        await opened(view, app)
        source.fails = "the relay is busy"
        await view.press("enter")
        await view.until_seen("200 OK", "The relay did not note it: the relay is busy")


async def test_a_body_that_was_changed_is_signed_afresh() -> None:
    async with local_app(secret=SECRET) as app, shown(some(), options=OPTIONS) as view:
        await opened(view, app)
        sheet(view).edit = lambda body: body.replace(b"message-1", b"message-2")
        await view.press("ctrl+o")
        await view.until_seen("changed by you, signed afresh")
        await view.press("enter")
        await view.until_seen("200 OK")
        assert app.received[0].body == BODY.replace(b"message-1", b"message-2")
        await view.press("up")
        await view.until_seen("only a fresh signature fits it", "answers 4xx")


async def test_an_editor_that_cannot_be_had_is_told_and_nothing_changes() -> None:
    def fail(_: bytes) -> bytes | None:
        raise CannotEdit("there is no editor here", "set EDITOR")

    async with shown(some(), options=OPTIONS) as view:
        await opened(view)
        await view.press("ctrl+o")
        await view.until_seen("cannot be given to an editor")
        sheet(view).edit = fail
        await view.press("ctrl+o")
        await view.until_seen("there is no editor here; set EDITOR")


async def test_without_a_secret_only_what_needs_none_is_sent() -> None:
    async with local_app() as app, shown(some()) as view:
        await opened(view, app)
        await view.press("down", "enter")
        await view.until_seen("no signing secret here")
        assert app.received == []
        await view.press("up", "enter")
        await view.until_seen("200 OK")


async def test_what_comes_from_production_is_sent_only_once_its_name_is_typed(tmp_path: Path) -> None:
    source = some()
    source.details[3] = made_detail(3, environment_id=LIVE)
    async with local_app() as app:
        state = State(path=tmp_path / "dashboard.json", targets=[app.url])
        async with shown(source, options=OPTIONS, state=state) as view:
            await opened(view)
            await view.until_seen("its name", "This comes from live, which is marked production")
            await view.press("enter", *"life", "enter")
            await view.until_seen("This comes from live")
            assert app.received == []
            await view.press("ctrl+u", *"live")
            await view.until_seen("on this machine")
            await view.press("enter")
            await view.until_seen("200 OK", "Enter send again")
            assert "its name" not in view.text
            await view.press("enter")
            await view.until(lambda: len(app.received) == 2)


async def test_two_environments_of_production_are_both_to_be_named() -> None:
    other = "0a8e6f9e-2222-4000-8000-00000000000a"
    names = {LIVE: Environment("live", production=True), other: Environment("eu", production=True)}
    source = some()
    source.details = {2: made_detail(2, environment_id=other), 3: made_detail(3, environment_id=LIVE)}
    options = AppOptions(environments=names)
    async with local_app() as app, shown(source, (80, 40), options) as view:
        await view.press("up", "m", "down", "r")
        await view.until_seen("its name", "Name the app")
        await view.at_once(events.Paste(app.url))
        await view.press("ctrl+b", "tab", *"live")
        await view.until_seen("This comes from eu")
        assert (sheet(view).typed.value, app.received) == ("", [])
        await view.press(*"eu")
        await view.until_seen("on this machine")
        await view.press("enter")
        await view.until(lambda: len(app.received) == 2)


async def test_places_that_were_named_are_remembered_and_offered(tmp_path: Path) -> None:
    state = State(path=tmp_path / "dashboard.json", targets=["http://127.0.0.1:1/a", "http://127.0.0.1:1/b"])
    async with local_app() as app, shown(some(), options=OPTIONS, state=state) as view:
        await view.press("r")
        await view.until_seen("http://127.0.0.1:1/b")
        await view.press("ctrl+r")
        await view.until_seen("http://127.0.0.1:1/a")
        view.app.set_focus(sheet(view).target)
        await view.press("ctrl+u")
        await view.at_once(events.Paste(app.url))
        await view.press("enter")
        await view.until_seen("200 OK")
        view.app.set_focus(sheet(view).target)
        await view.press("ctrl+u")
        await view.at_once(events.Paste(app.url.replace("127.0.0.1", "user:password@127.0.0.1")))
        await view.press("enter")
        await view.until(lambda: len(app.received) == 2)
        assert state.targets[-1] == app.url


async def test_the_marked_event_goes_with_it_in_the_order_of_the_log() -> None:
    source = some()
    async with local_app() as app, shown(source, options=OPTIONS) as view:
        await view.press("m", "up", "up")
        await opened(view, app)
        await view.until_seen("seq 3; Ctrl-B sends it as well")
        await view.press("ctrl+b")
        await view.until_seen("seq 1 and seq 3", "53 bytes and 53 bytes")
        await view.press("enter")
        await view.until(lambda: [seq for seq, _ in source.told] == [1, 3])
        await view.until_seen("Enter send again", "200 OK")


async def test_nothing_of_it_is_there_for_who_only_looks() -> None:
    async with shown(some(), (120, 40), AppOptions(read_only=True)) as view:
        assert "resend" not in view.text
        await view.press("r")
        await view.until_seen("it only looks")
        assert not isinstance(view.app.screen, ResendSheet)
        found = [command.text for command in Actions(view.app.screen)._commands()]
        assert not any("again" in text and "send" in text for text in found)


async def test_without_an_event_there_is_nothing_to_send() -> None:
    async with shown(ScriptedSource(), options=OPTIONS) as view:
        await view.press("r")
        await view.until_seen("There is no event here to send again")


async def test_nothing_that_an_app_answers_acts_on_the_screen() -> None:
    hostile = "\n".join(HOSTILE).encode("utf-8", "replace")
    answers = (status(200, b"[/foo] \x1b[2J [@click=app.quit]x[/]"), status(200, hostile))
    async with local_app(*answers) as app, shown(some(), options=OPTIONS) as view:
        await opened(view, app)
        await view.press("enter")
        await view.until_seen("200 OK", "[/foo] ␛[2J [@click=app.quit]x[/]")
        await view.press("enter")
        await view.until(lambda: len(app.received) == 2)
        await view.until_seen("Enter send again")


@pytest.mark.parametrize(
    ("keys", "ready"),
    [("1", "sent"), ("2 enter", "message.sent"), ("3 enter", "message-3")],
)
async def test_it_is_for_the_event_under_the_cursor_of_every_screen(keys: str, ready: str) -> None:
    async with shown(ScriptedSource([made(1), made(2), made(3)]), (120, 40), OPTIONS) as view:
        await view.press(*keys.split())
        await view.until_seen(ready)
        await view.press("r")
        await view.until_seen("Resend", "seq 3  message.")
