from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions, KnocktopApp
from tui.model.source import Began, ConnectFailed, Source, StartFailed


async def test_q_at_the_root_quits_and_lets_go_of_the_source() -> None:
    source = ScriptedSource([made(1)])
    async with shown(source) as view:
        await view.press("q")
        await view.until(lambda: not view.app.is_running or view.app._exit)
    assert view.app.return_code == 0
    assert source.closed


async def test_q_takes_one_step_back_first() -> None:
    async with shown(ScriptedSource([made(1)])) as view:
        await view.press("enter", "q")
        assert not view.screen.has_class("-detail")
        assert not view.app._exit


async def test_ctrl_q_quits_from_anywhere() -> None:
    async with shown(ScriptedSource([made(1)])) as view:
        await view.press("slash", "ctrl+q")
        await view.until(lambda: view.app._exit)


async def test_ctrl_c_says_how_to_quit_with_the_key_of_the_user() -> None:
    async with shown(ScriptedSource([made(1)]), options=AppOptions(keys={"quit": "ctrl+x"})) as view:
        await view.press("ctrl+c")
        await view.until_seen("Ctrl-X quits")
        assert not view.app._exit


async def test_the_last_line_shows_the_keys_of_the_help_while_it_is_open() -> None:
    async with shown(ScriptedSource([made(1)])) as view:
        await view.press("question_mark")
        await view.until_seen("Esc close")
        await view.press("escape")
        await view.until_seen("/ filter")
        assert "Esc close" not in view.text


async def test_a_start_that_failed_ends_with_its_code_and_its_text() -> None:
    async def connect() -> Source:
        raise StartFailed(18, "the address is in use")

    app = KnocktopApp(connect)
    async with app.run_test() as pilot:
        await Shown(app, pilot, ScriptedSource()).until(lambda: app._exit)
    assert (app.return_code, app.farewell) == (18, "the address is in use")


async def test_a_source_that_ends_for_good_ends_the_dashboard() -> None:
    class Ending(ScriptedSource):
        async def items(self):  # type: ignore[no-untyped-def]
            yield Began(0, "")
            raise StartFailed(1, "the relay speaks a newer protocol")

    source = Ending()

    async def connect() -> Source:
        return source

    app = KnocktopApp(connect)
    async with app.run_test() as pilot:
        await Shown(app, pilot, ScriptedSource()).until(lambda: app._exit)
    assert (app.return_code, source.closed) == (1, True)


async def test_a_relay_that_cannot_be_joined_is_said_on_screen_and_tried_again() -> None:
    source = ScriptedSource([made(1, recipient="user_1")])
    again = asyncio.Event()

    async def connect() -> Source:
        if not again.is_set():
            raise ConnectFailed("nobody answers at example.com", "Is the relay running there?", 0.05)
        return source

    app = KnocktopApp(connect)
    async with app.run_test(size=(80, 24)) as pilot:
        view = Shown(app, pilot, source)
        await view.until_seen("nobody answers at example.com.", "Is the relay running there?", "not connected")
        again.set()
        await view.until_seen("user_1", "live")


async def test_an_unexpected_error_of_the_source_is_not_swallowed() -> None:
    async def connect() -> Source:
        raise ZeroDivisionError

    app = KnocktopApp(connect)
    with pytest.raises(Exception, match="ZeroDivisionError"):
        await until_it_ends(app)


async def until_it_ends(app: KnocktopApp) -> None:
    async with app.run_test() as pilot:
        await Shown(app, pilot, ScriptedSource()).until(lambda: app._exception is not None)


async def test_another_log_is_said_and_shown_from_its_end() -> None:
    source = ScriptedSource([made(1, recipient="user_1")])
    async with shown(source) as view:
        source.log = [made(1, recipient="user_7")]
        source.put(Began(1, "", "log"))
        await view.until_seen("user_7", "another log")


async def test_a_burst_is_applied_in_few_flushes() -> None:
    source = ScriptedSource()
    async with shown(source) as view:
        flushes = 0
        apply = view.app.dashboard.apply

        def counted(items):  # type: ignore[no-untyped-def]
            nonlocal flushes
            flushes += 1
            return apply(items)

        view.app.dashboard.apply = counted  # type: ignore[method-assign]
        for seq in range(1, 2_001):
            source.arrive(made(seq))
        await view.until(lambda: view.app.dashboard.browse.selected == 2_000)
        assert flushes <= 20


async def test_messages_are_shown_as_they_are_and_never_as_markup() -> None:
    async with shown(ScriptedSource([made(1)])) as view:
        view.app.say("[@click=app.quit]quit[/] [/] \x1b[31m")
        await view.until_seen("[@click=app.quit]quit[/] [/] ␛[31m")


async def test_help_lists_the_keys_of_the_pane_and_leaves() -> None:
    async with shown(ScriptedSource([made(1)]), (120, 40)) as view:
        await view.press("question_mark")
        await view.until_seen("Stream", "open the event", "Everywhere")
        await view.press("escape")
        assert view.app.screen is view.screen


async def test_the_palette_finds_an_action_and_takes_it() -> None:
    async with shown(ScriptedSource([made(1)]), (120, 40)) as view:
        await view.press("ctrl+p")
        await view.until_seen("What to do", "pause the list, or go on")
        await view.press(*"pause", "enter")
        await view.until(lambda: view.app.dashboard.paused)


@pytest.mark.parametrize("theme", ["textual-light", "nord", "ansi-dark", "ansi-light"])
async def test_every_kind_of_theme_can_be_chosen_while_it_runs(theme: str) -> None:
    async with shown(ScriptedSource([made(1, recipient="user_1")])) as view:
        view.app.theme = theme
        await view.pilot.pause()
        await view.until_seen("user_1", "live")


async def test_a_key_of_the_user_takes_the_place_of_ours() -> None:
    async with shown(ScriptedSource([made(1)]), options=AppOptions(keys={"pause": "x"})) as view:
        await view.press("p")
        assert not view.app.dashboard.paused
        await view.press("x")
        assert view.app.dashboard.paused
        await view.until(lambda: "x go on" in view.lines[-1])


async def test_without_colour_nothing_on_screen_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with shown(ScriptedSource([made(1, "message.bounced")])) as view:
        assert view.app.look.flat
        filters = view.app._filters
        strips = view.app.screen._compositor.render_strips()
        coloured = set()
        for strip in strips:
            segments = list(strip)
            for one in filters:
                if one.enabled:
                    segments = one.apply(segments, view.screen.background_colors[1])
            for segment in segments:
                style = segment.style
                if style is not None:
                    coloured |= {colour.name for colour in (style.color, style.bgcolor) if colour is not None}
        assert coloured <= {"default"}


def test_nothing_that_talks_to_the_network_is_imported_before_the_first_paint() -> None:
    heavy = ("httpx", "websockets", "pydantic", "lark", "fastapi", "uvicorn", "sqlite3")
    code = f"import sys, tui.app; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
