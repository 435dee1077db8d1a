"""The other events of a message, while more of them arrive and one is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from relay.contract.events import EventSummary
from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.screens.relating import belongs

SIZE = (200, 60)
ATTEMPTED = "message.delivery_attempted"


class ByMessage(ScriptedSource):
    """A log that knows which events are of a message."""

    def _matching(
        self, events: Sequence[EventSummary], filter_text: str, types: Sequence[str] = ()
    ) -> list[EventSummary]:
        name, colon, value = filter_text.partition(":")
        if name == "message" and colon:
            return [event for event in events if event.message_id == value]
        return super()._matching(events, filter_text, types)


def attempt(seq: int, number: int, **facts: Any) -> EventSummary:
    data = {"attempt": number, "max_attempts": 8, "retryable": True}
    told = {"reading": f"attempt {number}/8, will retry", "event_data": data, "message_id": "m", **facts}
    return made(seq, ATTEMPTED, workflow_recipient_run_id=f"run-of-{told['message_id']}", **told)


async def looked_at(view: Shown) -> None:
    await view.press("enter")
    await view.until(lambda: view.screen.pane == "detail")
    view.screen.detail.choose("EventData")
    await view.until(lambda: view.screen.detail.relating is not None)
    await view.press("G")
    await view.pilot.pause()


def ladder(view: Shown) -> list[str]:
    width = view.screen.detail.size.width
    return [line[-width:] for line in view.lines if "will retry" in line[-width:] and ":" in line[-width:]]


async def test_a_new_attempt_joins_the_ladder_and_the_cursor_stays_on_its_line() -> None:
    source = ByMessage([attempt(1, 1)])
    async with shown(source, SIZE) as view:
        await looked_at(view)
        facts = view.screen.detail.facts
        before = (view.screen.detail.seq, facts.said(facts.cursor), facts.path(facts.cursor))
        assert before[2] is not None
        steps = len(ladder(view))
        source.arrive(attempt(2, 2), attempt(3, 3, message_id="another"))
        await view.until(lambda: len(ladder(view)) == steps + 1)
        assert (view.screen.detail.seq, facts.said(facts.cursor), facts.path(facts.cursor)) == before


async def test_events_of_other_messages_have_nothing_read() -> None:
    source = ByMessage([attempt(1, 1)])
    async with shown(source, SIZE) as view:
        await looked_at(view)
        source.arrive(attempt(2, 2, message_id="another"))
        await view.until(lambda: len(view.app.dashboard.browse.window) == 2)
        assert not view.screen.relating._due


async def test_a_tab_that_tells_of_no_other_event_has_nothing_read() -> None:
    source = ByMessage([attempt(1, 1)])
    async with shown(source, SIZE) as view:
        await looked_at(view)
        view.screen.detail.choose("Summary")
        source.arrive(attempt(2, 2))
        await view.until(lambda: len(view.app.dashboard.browse.window) == 2)
        assert not view.screen.relating._due


def test_what_belongs_together_is_of_one_message_or_of_one_run() -> None:
    event = made(1, message_id="m", workflow_recipient_run_id="r")
    assert belongs(made(2, message_id="m", workflow_recipient_run_id=None), event)
    assert belongs(made(2, message_id=None, workflow_recipient_run_id="r"), event)
    assert not belongs(made(2, message_id="n", workflow_recipient_run_id="s"), event)
    assert not belongs(made(2, message_id=None, workflow_recipient_run_id=None), made(1, message_id=None))
    assert not belongs(event, event)
