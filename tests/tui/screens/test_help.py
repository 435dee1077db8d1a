"""The help: the keys of the pane first, and a word on how much more there is."""

from __future__ import annotations

import pytest

from relay.contract.filter.terms import message_reference, reference
from tests.tui.made import made
from tests.tui.on_screen import shown
from tests.tui.scripted_source import ScriptedSource
from tui.model.items import Fact
from tui.screens.help import filter_items


async def test_at_80x24_it_says_that_there_is_more_below_until_the_end_is_in_sight() -> None:
    async with shown(ScriptedSource([made(1)])) as view:
        await view.press("question_mark")
        await view.until_seen("Stream", "more lines below")
        await view.press("end")
        await view.until_seen("all of it", "rebased")
        assert "more lines below" not in view.text
        await view.press("home")
        await view.until_seen("open the event", "more lines below")


@pytest.mark.parametrize("keys", [("down", "pagedown", "pageup", "up"), ("j", "space", "pageup", "k")])
async def test_it_scrolls_by_lines_and_by_pages(keys: tuple[str, ...]) -> None:
    async with shown(ScriptedSource([made(1)])) as view:
        await view.press("question_mark")
        await view.until_seen("Stream")
        lines = view.app.screen.query_one("#help-lines")
        seen = []
        for key in keys:
            await view.press(key)
            seen.append(round(lines.scroll_y))
        page = lines.size.height - 1
        assert seen == [1, 1 + page, 1, 0]


@pytest.mark.parametrize("key", ["escape", "q", "question_mark"])
async def test_it_is_left_with(key: str) -> None:
    async with shown(ScriptedSource([made(1)])) as view:
        await view.press("question_mark")
        await view.until_seen("Stream")
        await view.press(key)
        assert view.app.screen is view.screen
        assert not view.app._exit


async def test_in_a_field_f1_opens_it_and_the_last_line_says_so_since_a_question_mark_is_typed() -> None:
    async with shown(ScriptedSource([made(1)])) as view:
        await view.press("slash", "question_mark")
        assert view.screen.filter_line.field.value == "?"
        assert view.lines[-1].rstrip().endswith("F1 help")
        await view.press("f1")
        await view.until_seen("apply the filter", "Enter")
        await view.press("escape")
        assert view.screen.filter_line.field.value == "?"
        assert view.screen.pane == "field"


def test_it_says_what_every_name_of_a_filter_means() -> None:
    facts = [item for item in filter_items() if isinstance(item, Fact)]
    assert [fact.name for fact in facts] == [row.name for row in (*reference(), *message_reference())]
    assert all(row.meaning in fact.value for row, fact in zip(reference(), facts, strict=False))
