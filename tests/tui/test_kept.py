"""What a user set is there the next time."""

from __future__ import annotations

from pathlib import Path

from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.model.minutes import Span
from tui.state import State


class Terminal:
    """Notes what is asked of the terminal about the mouse."""

    def __init__(self, view: Shown) -> None:
        self.asked: list[str] = []
        driver = view.app._driver
        driver._mouse = True  # type: ignore[union-attr]
        driver._enable_mouse_support = lambda: self.asked.append("take")  # type: ignore[union-attr]
        driver._disable_mouse_support = lambda: self.asked.append("leave")  # type: ignore[union-attr]


async def test_w_turns_through_the_spans_of_counts() -> None:
    async with shown(ScriptedSource([made(1)])) as view:
        seen = [view.app.dashboard.span]
        for _ in range(4):
            await view.press("w")
            seen.append(view.app.dashboard.span)
        assert seen == [Span.ALL, Span.MINUTE, Span.QUARTER, Span.HOUR, Span.ALL]
        await view.until_seen("Counts are of all that the log holds")


async def test_the_span_is_there_next_time(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    async with shown(ScriptedSource([made(1)]), state=State.load(path)) as view:
        await view.press("w")
        view.app.exit()
    async with shown(ScriptedSource([made(1)]), state=State.load(path)) as view:
        assert view.app.dashboard.span is Span.MINUTE


async def test_what_was_set_is_written_soon_and_not_only_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    async with shown(ScriptedSource([made(1)]), state=State.load(path)) as view:
        await view.press("w")
        await view.until(path.exists)


async def test_a_theme_is_there_next_time(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    async with shown(ScriptedSource([made(1)]), state=State.load(path)) as view:
        view.app.theme = "nord"
        await view.pilot.pause()
        view.app.exit()
    async with shown(ScriptedSource([made(1)]), state=State.load(path)) as view:
        assert view.app.theme == "nord"


async def test_a_filter_is_in_the_history_next_time(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    async with shown(ScriptedSource([made(1)]), state=State.load(path)) as view:
        await view.press("slash", *"abc", "enter")
        view.app.exit()
    async with shown(ScriptedSource([made(1)]), state=State.load(path)) as view:
        await view.press("slash", "up")
        assert view.screen.filter_line.field.value == "abc"


async def test_what_cannot_be_kept_is_said_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    async with shown(ScriptedSource([made(1)]), state=State(path=tmp_path / "file" / "state.json")) as view:
        await view.press("w")
        view.app.save()
        await view.until_seen("What you set cannot be kept")


async def test_f2_leaves_the_mouse_to_the_terminal_and_takes_it_back() -> None:
    async with shown(ScriptedSource([made(1)])) as view:
        terminal = Terminal(view)
        await view.press("f2")
        await view.until_seen("The terminal has the mouse now; F2 takes it back")
        await view.press("f2")
        await view.until_seen("The mouse is taken")
        assert "The terminal has the mouse" not in view.text
        assert terminal.asked == ["leave", "take"]


async def test_a_mouse_left_to_the_terminal_is_left_to_it_next_time(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    async with shown(ScriptedSource([made(1)]), state=State.load(path)) as view:
        await view.press("f2")
        view.app.exit()
    async with shown(ScriptedSource([made(1)]), state=State.load(path)) as view:
        assert not view.app.mouse_taken
