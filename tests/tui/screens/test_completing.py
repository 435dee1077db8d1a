from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from relay.contract.api import Group
from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.screens import seeing
from tui.state import State
from tui.widgets.filter_line import FilterField

EVENTS = [made(1, recipient="user_1"), made(2, "message.bounced", recipient="user_2")]


def field(view: Shown) -> FilterField:
    return view.screen.filter_line.field


async def test_tab_completes_a_name_an_event_type_and_a_value_that_was_seen() -> None:
    async with shown(ScriptedSource(EVENTS)) as view:
        await view.press("slash", *"workf", "tab")
        await view.until(lambda: field(view).value == "workflow:")
        await view.press("tab")
        await view.until(lambda: field(view).value == "workflow:security-breach-alert")
        await view.press("space", *"type:message.b", "tab")
        await view.until(lambda: field(view).value == "workflow:security-breach-alert type:message.bounced")
        assert "bounced" in view.text


async def test_several_candidates_are_listed_and_tab_goes_through_them() -> None:
    async with shown(ScriptedSource(EVENTS)) as view:
        await view.press("slash", *"recipient:", "tab")
        await view.until(lambda: field(view).value == "recipient:user_")
        await view.until_seen("user_1", "user_2")
        await view.press("tab")
        await view.until(lambda: field(view).value == "recipient:user_2")
        await view.press("tab")
        await view.until(lambda: field(view).value == "recipient:user_1")
        await view.press("shift+tab")
        await view.until(lambda: field(view).value == "recipient:user_2")


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
        assert view.lines[row].index("user_") == view.lines[row + 2].index("user_2")
        await view.press("ctrl+u", *"recip", "tab")
        assert [line.index("recipient") for line in [view.lines[row], *view.lines[row + 2 : row + 4]]] == [3, 3, 3]
        assert view.lines[row + 2].startswith("   recipient ")


async def test_a_click_takes_a_candidate() -> None:
    async with shown(ScriptedSource(EVENTS)) as view:
        await view.press("slash", *"recipient:", "tab")
        await view.pilot.click("#completions", offset=(2, 1))
        await view.until(lambda: field(view).value == "recipient:user_1")
        assert view.screen.filter_line.menu.completing is None


async def test_a_saved_filter_is_completed_by_its_name() -> None:
    options = AppOptions(filters={"Stale ones": "verdict:stale"})
    async with shown(ScriptedSource(EVENTS), options=options) as view:
        await view.press("slash", *"Stale", "tab")
        await view.until(lambda: field(view).value == "verdict:stale")


async def test_history_is_there_in_the_next_run_and_keeps_what_was_being_typed(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    async with shown(ScriptedSource(EVENTS), state=State.load(path)) as view:
        await view.press("slash", *"message.sent", "enter")
        await view.until(lambda: view.app.dashboard.filtering.applied == "message.sent")
        view.app.save()
    async with shown(ScriptedSource(EVENTS), state=State.load(path)) as view:
        await view.press("slash", *"ab", "up")
        await view.until(lambda: field(view).value == "message.sent")
        await view.press("down")
        await view.until(lambda: field(view).value == "ab")
        await view.press("ctrl+u")
        await view.until(lambda: field(view).value == "")


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


async def test_after_a_name_of_several_was_put_in_tab_goes_through_its_values() -> None:
    async with shown(ScriptedSource(EVENTS)) as view:
        await view.press("slash", *"reci", "tab", "tab")
        await view.until(lambda: field(view).value == "recipient:")
        await view.press("tab")
        await view.until(lambda: field(view).value == "recipient:user_")
        await view.press("tab")
        await view.until(lambda: field(view).value == "recipient:user_2")


async def test_arrows_go_through_the_list_while_there_is_one_and_through_history_else() -> None:
    async with shown(ScriptedSource(EVENTS)) as view:
        await view.press("slash", *"reci", "tab", "down", "down")
        await view.until(lambda: field(view).value == "recipient_run:")
        await view.press("up")
        await view.until(lambda: field(view).value == "recipient:")


async def test_values_come_from_the_whole_log_with_how_many_events_have_them() -> None:
    source = ScriptedSource(EVENTS)
    source.values = {"tenant": ["acme corp"] * 1_200 + ["globex"] * 3}
    async with shown(source) as view:
        await view.press("slash", *"failed tenant:", "tab")
        await view.until_seen("acme corp", "1,200", "globex")
        await view.press("tab")
        await view.until(lambda: field(view).value == 'failed tenant:"acme corp"')
        assert source.grouped == [("tenant", "failed")]


async def test_what_the_relay_says_later_leaves_the_candidate_that_was_chosen() -> None:
    source = ScriptedSource(EVENTS)
    source.values = {"recipient": ["user_9"]}
    async with shown(source) as view:
        await view.press("slash", *"recipient:", "tab", "tab")
        chosen = field(view).value
        await view.until(lambda: bool(source.grouped))
        await view.pilot.pause()
        await view.until(lambda: field(view).value == chosen)


async def test_keys_of_the_body_come_from_the_newest_event_of_each_type() -> None:
    async with shown(ScriptedSource(EVENTS)) as view:
        await view.press("slash", *"data.rec", "tab")
        await view.until(lambda: "data.rec" in field(view).value and view.screen.seeing.answers.details != {})
        assert set(view.screen.seeing.answers.details) == {"message.sent", "message.bounced"}


async def test_what_is_typed_is_judged_as_one_types_and_what_it_matches_is_counted() -> None:
    source = ScriptedSource(EVENTS)
    async with shown(source) as view:
        await view.press("slash", *"type:")
        await view.until_seen("… type:", "a value is missing right after the colon")
        await view.press("ctrl+u", *"recipent:x")
        await view.until_seen("! recipent:x", '^^^^^^^^ unknown name "recipent"; did you mean recipient?')
        await view.press("ctrl+u", *"message.bounced")
        await view.until_seen("/ message.bounced", "1 event matches")
        assert source.counted[-1] == "message.bounced"


async def test_the_language_is_loaded_beside_the_screen_before_the_first_letter_is_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded_in: list[threading.Thread] = []
    monkeypatch.setattr("tui.app.READY_AFTER", 0)
    monkeypatch.setattr("tui.model.completion.make_ready", lambda: loaded_in.append(threading.current_thread()))
    async with shown(ScriptedSource([made(1)])) as view:
        await view.until(lambda: bool(loaded_in))
        assert loaded_in != [threading.main_thread()]


async def test_the_other_screens_are_loaded_beside_the_one_in_front(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[tuple[str, bool]] = []
    monkeypatch.setattr("tui.app.READY_AFTER", 0)
    here = threading.main_thread()
    monkeypatch.setattr(
        "tui.app.import_module", lambda name: loaded.append((name, threading.current_thread() is here))
    )
    async with shown(ScriptedSource([made(1)])) as view:
        await view.until(lambda: ("tui.screens.messages", False) in loaded)


class SlowToCount(ScriptedSource):
    """A relay that counts what matches `slow`, and names values, for ever."""

    def __init__(self) -> None:
        super().__init__(EVENTS)
        self.left: list[str] = []

    async def count(self, filter_text: str, types: Sequence[str] = ()) -> int:
        return (
            await super().count(filter_text, types) if filter_text == "fast" else await self._for_ever(filter_text)
        )

    async def groups(self, by: str, filter_text: str, *, limit: int, mask: bool = False) -> Sequence[Group]:
        return await self._for_ever(f"{by} {filter_text}".strip())

    async def _for_ever(self, what: str) -> NoReturn:
        try:
            await asyncio.Event().wait()
        finally:
            self.left.append(what)
        raise AssertionError


async def test_what_is_typed_on_or_left_ends_the_questions_about_what_was_typed_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seeing, "PAUSE", 0.02)
    monkeypatch.setattr(seeing, "COUNT_PAUSE", 0.02)
    source = SlowToCount()
    async with shown(source) as view:
        await view.press("slash", *"slow")
        await view.until(lambda: view.screen.seeing._counting is not None)
        await view.press("ctrl+u", *"fast")
        await view.until_seen("0 events match")
        await view.until(lambda: "slow" in source.left)
        await view.press("ctrl+u", *"workflow:w")
        await view.until(lambda: view.screen.seeing._question is not None)
        await view.press("ctrl+u", *"tenant:t")
        await view.until(lambda: "workflow" in source.left)
        await view.press("escape")
        await view.until(lambda: "tenant" in source.left)
