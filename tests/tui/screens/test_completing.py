from __future__ import annotations

from pathlib import Path

from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.state import State
from tui.widgets.filter_line import FilterField

EVENTS = [made(1, recipient="user_1"), made(2, "message.bounced", recipient="user_2")]


def field(view: Shown) -> FilterField:
    return view.screen.filter_line.field


async def test_tab_completes_a_name_an_event_type_and_a_value_that_was_seen() -> None:
    async with shown(ScriptedSource(EVENTS)) as view:
        await view.press("slash", *"workf", "tab")
        assert field(view).value == "workflow:"
        await view.press("tab")
        assert field(view).value == "workflow:security-breach-alert"
        await view.press("space", *"type:message.b", "tab")
        assert field(view).value == "workflow:security-breach-alert type:message.bounced"
        assert "bounced" in view.text


async def test_several_candidates_are_listed_and_tab_goes_through_them() -> None:
    async with shown(ScriptedSource(EVENTS)) as view:
        await view.press("slash", *"recipient:", "tab")
        assert field(view).value == "recipient:user_"
        await view.until_seen("user_1", "user_2")
        await view.press("tab")
        assert field(view).value == "recipient:user_2"
        await view.press("tab")
        assert field(view).value == "recipient:user_1"
        await view.press("shift+tab")
        assert field(view).value == "recipient:user_2"


async def test_what_is_typed_on_narrows_the_list_and_escape_closes_it_first() -> None:
    async with shown(ScriptedSource(EVENTS)) as view:
        await view.press("slash", *"re", "tab")
        menu = view.screen.filter_line.menu
        assert menu.completing is not None
        before = len(menu.completing.candidates)
        await view.press(*"cipient_")
        assert menu.completing is not None
        assert len(menu.completing.candidates) < before
        await view.press("escape")
        assert menu.completing is None
        assert view.screen.filter_line.editing
        await view.press("escape")
        assert not view.screen.filter_line.editing


async def test_the_list_stands_below_the_word() -> None:
    async with shown(ScriptedSource(EVENTS)) as view:
        await view.press("slash", *"failed recipient:", "tab")
        row = next(index for index, line in enumerate(view.lines) if "/ failed" in line)
        assert view.lines[row].index("user_") == view.lines[row + 1].index("user_2")
        await view.press("ctrl+u", *"recip", "tab")
        assert [line.index("recipient") for line in view.lines[row : row + 3]] == [3, 3, 3]
        assert view.lines[row + 1].startswith("   recipient ")


async def test_a_click_takes_a_candidate() -> None:
    async with shown(ScriptedSource(EVENTS)) as view:
        await view.press("slash", *"recipient:", "tab")
        await view.pilot.click("#completions", offset=(2, 1))
        assert field(view).value == "recipient:user_1"
        assert view.screen.filter_line.menu.completing is None


async def test_a_saved_filter_is_completed_by_its_name() -> None:
    options = AppOptions(filters={"Stale ones": "verdict:stale"})
    async with shown(ScriptedSource(EVENTS), options=options) as view:
        await view.press("slash", *"Stale", "tab")
        assert field(view).value == "verdict:stale"


async def test_history_is_there_in_the_next_run_and_keeps_what_was_being_typed(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    async with shown(ScriptedSource(EVENTS), state=State.load(path)) as view:
        await view.press("slash", *"message.sent", "enter")
        await view.until(lambda: view.app.dashboard.filtering.applied == "message.sent")
        view.app.save()
    async with shown(ScriptedSource(EVENTS), state=State.load(path)) as view:
        await view.press("slash", *"ab", "up")
        assert field(view).value == "message.sent"
        await view.press("down")
        assert field(view).value == "ab"
        await view.press("ctrl+u")
        assert field(view).value == ""


async def test_a_fault_is_marked_below_its_column_until_the_text_is_another() -> None:
    async with shown(ScriptedSource(EVENTS)) as view:
        await view.press("slash", *"refused", "enter")
        await view.until_seen("^^^^^^^ no such name; did you mean type?")
        row = next(index for index, line in enumerate(view.lines) if "/ refused" in line)
        assert view.lines[row].index("refused") == view.lines[row + 1].index("^")
        await view.press("x")
        assert "no such name" not in view.text


async def test_a_lifted_filter_is_restored() -> None:
    async with shown(ScriptedSource(EVENTS)) as view:
        await view.press("slash", *"message.sent", "enter")
        await view.until(lambda: view.app.dashboard.filtering.applied == "message.sent")
        await view.press("backslash")
        await view.until(lambda: view.app.dashboard.filtering.applied == "")
        await view.press("backslash")
        await view.until(lambda: view.app.dashboard.filtering.applied == "message.sent")
