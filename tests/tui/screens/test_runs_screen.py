from __future__ import annotations

from typing import Any

import pytest

from relay.contract.events import EventSummary
from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.screens.runs import RunsScreen


def of_run(number: int, seq: int, type_: str = "message.sent", **facts: Any) -> EventSummary:
    given: dict[str, Any] = {
        "workflow_run_id": f"run-{number}",
        "workflow_recipient_run_id": f"recipient-run-{number}",
        "workflow": f"flow-{number}",
        "message_id": None if type_.startswith("workflow_recipient_run") else f"message-of-{number}",
        "created_at": f"2026-11-23T10:40:{seq % 60:02}Z",
        "failed": type_ == "message.bounced",
    }
    return made(seq, type_, **{**given, **facts})


def log() -> list[EventSummary]:
    return [
        of_run(1, 1, "workflow_recipient_run.started", reading="by api"),
        of_run(1, 2),
        of_run(1, 3, "message.bounced", reading="fatal error", event_data={"failure_reason": "fatal_error"}),
        of_run(2, 4),
        of_run(2, 5, "message.delivered"),
    ]


async def go(view: Shown, *seen: str) -> RunsScreen:
    await view.press("4")
    front = view.app.front
    assert isinstance(front, RunsScreen)
    await view.until_seen(*seen)
    return front


async def unfolded(view: Shown) -> RunsScreen:
    front = await go(view, "flow-1", "flow-2")
    await view.press("j", "enter")
    await view.until_seen("dr_grant", "by api")
    return front


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_runs_are_listed_the_newest_activity_first_with_what_came_of_them(size: tuple[int, int]) -> None:
    async with shown(ScriptedSource(log()), size) as view:
        await go(view, "1 recipient · 1 delivered", "1 recipient · 1 bounced")
        rows = [line for line in view.lines if "flow-" in line]
        assert ["flow-2" in rows[0], "flow-1" in rows[1]] == [True, True]


async def test_a_run_unfolds_into_recipient_message_and_events_and_an_event_opens() -> None:
    async with shown(ScriptedSource(log()), (120, 40)) as view:
        await unfolded(view)
        await view.until_seen("▶ started", "bounced  fatal_error", "email · sendgrid")
        await view.press("j", "j", "j", "space")
        await view.until_seen("↩ bounced")
        await view.press("j", "j", "enter")
        await view.until(lambda: view.app.current_mode == "events")
        assert view.app.dashboard.browse.selected == 3
        await view.press("escape")
        await view.until(lambda: view.app.current_mode == "runs")


async def test_enter_on_a_message_tells_its_story_and_a_step_back_returns_to_where_the_cursor_was() -> None:
    async with shown(ScriptedSource(log()), (120, 40)) as view:
        front = await unfolded(view)
        await view.press("j", "j", "j", "enter")
        await view.until_seen("Why it failed", "+1 s", "message-of-1", "step 2 of 2")
        view.source.arrive(of_run(1, 6, "message.complaint", reading="complaint"))
        await view.until_seen("step 2 of 3")
        await view.press("O", "enter")
        await view.until_seen("step 1 of 3", "Headers")
        await view.press("escape", "q")
        await view.until(lambda: view.app.front is front)
        assert front.runs.selected is not None
        assert front.runs.selected.key[-1] == "message-of-1"


async def test_a_step_that_the_filter_keeps_out_of_the_stream_opens_in_the_story_of_its_message() -> None:
    async with shown(ScriptedSource(log()), (120, 40)) as view:
        await go(view, "flow-1", "flow-2")
        await view.press("slash", *"message.bounced", "enter")
        await view.until(lambda: "flow-2" not in view.text)
        await view.until_seen("flow-1")
        await view.press("enter")
        await view.until_seen("by api")
        await view.press("j", "j", "j", "space", "j", "enter")
        await view.until_seen("Why it failed", "step 1 of 2")
        await view.press("q")
        await view.until_seen("1 recipient · 1 bounced")


async def test_a_value_of_a_story_filters_the_messages() -> None:
    async with shown(ScriptedSource(log()), (120, 40)) as view:
        await unfolded(view)
        await view.press("j", "j", "j", "enter")
        await view.until_seen("Why it failed")
        await view.press("g", "j", "i")
        await view.until(lambda: view.app.current_mode == "messages")
        await view.until(lambda: view.app.dashboard.filtering.of_messages == "outcome:bounced")
        await view.press("q")
        await view.until_seen("Why it failed")


async def test_keys_fold_go_along_the_message_and_to_what_failed() -> None:
    async with shown(ScriptedSource(log()), (120, 40)) as view:
        front = await unfolded(view)
        await view.press("e", "e", "o", "o")
        assert front.runs.selected is not None
        assert front.runs.selected.key[-1] == "3"
        await view.press("O", "left", "left", "left", "left", "left")
        assert front.runs.cursor == 1
        await view.press("space")
        assert len(front.runs.rows) == 2
        await view.press("E")
        assert front.runs.cursor == 1


async def test_what_arrives_is_told_and_the_cursor_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.screens.runs.SOON", 0.0)
    async with shown(ScriptedSource(log()), (120, 40)) as view:
        front = await unfolded(view)
        view.source.arrive(of_run(3, 6), of_run(1, 7, "workflow_recipient_run.completed", reading="completed"))
        await view.until_seen("flow-3", "■ completed")
        assert front.runs.selected is not None
        assert front.runs.selected.key == ("run-1",)


async def test_older_runs_are_read_as_the_list_is_scrolled() -> None:
    events = [of_run(number, number) for number in range(1, 96)]
    async with shown(ScriptedSource(events)) as view:
        front = await go(view, "flow-95")
        await view.until(lambda: len(front.runs.items) == 40)
        await view.press("G")
        await view.until(lambda: len(front.runs.items) >= 80)
        await view.press("G", "G")
        await view.until(lambda: len(front.runs.items) == 95)
        assert front.runs.next is None


async def test_only_and_exclude_filter_by_what_the_cursor_is_on() -> None:
    async with shown(ScriptedSource(log()), (120, 40)) as view:
        front = await unfolded(view)
        asked = []
        front.filter_by = lambda term, types=None: asked.append(term)  # type: ignore[method-assign]
        await view.press("i", "j", "i", "j", "i", "j", "I")
        assert asked == [
            "run:run-1",
            "recipient_run:recipient-run-1",
            "-message:message-of-1",
        ]


async def test_the_id_and_the_filter_of_a_row_are_copied() -> None:
    async with shown(ScriptedSource(log()), (120, 40)) as view:
        await go(view, "flow-1")
        await view.press("y")
        await view.until_seen("run id: run-2")
        await view.press("Y")
        await view.until_seen("filter: run:run-2")


async def test_a_click_moves_and_a_second_one_unfolds() -> None:
    async with shown(ScriptedSource(log()), (120, 40)) as view:
        front = await go(view, "flow-1")
        await view.pilot.click(front.list, offset=(20, 1), times=2)
        await view.until_seen("dr_grant")


async def test_without_any_run_it_says_so() -> None:
    async with shown(ScriptedSource([made(1, workflow_run_id=None)])) as view:
        await go(view, "There is no run yet.")


async def test_a_filter_without_runs_says_how_to_lift_it() -> None:
    async with shown(ScriptedSource(log())) as view:
        view.screen.set_filter("message.read")
        await go(view, "No run has an event that the filter shows.")


async def test_a_relay_that_cannot_tell_is_named() -> None:
    source = ScriptedSource(log())
    source.fails = "the relay is busy"
    async with shown(source) as view:
        await go(view, "The runs cannot be read: the relay is busy.")


async def test_only_ascii_is_painted_where_that_is_asked_for() -> None:
    async with shown(ScriptedSource(log()), (120, 40), AppOptions(ascii=True)) as view:
        await unfolded(view)
        assert view.text.isascii()
