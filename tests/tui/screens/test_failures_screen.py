from __future__ import annotations

import pytest

from relay.contract.events import EventSummary
from tests.tui.filtering_source import FilteringSource
from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tui.app import AppOptions
from tui.model.minutes import Span
from tui.screens.failures import FailuresScreen


def failed(seq: int, details: str, at: str = "10:42:00", **facts: object) -> EventSummary:
    data = {"failure_reason": "fatal_error", "failure_details": details}
    given = {"event_data": data, "reading": f"fatal error: {details}", "failed": True}
    return made(seq, "message.bounced", received_at=f"2026-11-23T{at}.000000Z", **{**given, **facts})


def log() -> list[EventSummary]:
    return [
        made(
            1, "workflow.committed", received_at="2026-11-23T10:31:00.000000Z", reading="welcome, commit 9f3c1e2"
        ),
        failed(2, "Mailbox 12 is full", "10:33:00"),
        failed(3, "Mailbox 7 is full", "10:41:00"),
        failed(4, "No such user", "10:42:00"),
        made(5, "message.link_clicked", event_data={"url": "https://a.example/1"}),
        made(6),
    ]


async def go(view: Shown, *seen: str) -> FailuresScreen:
    await view.press("5")
    front = view.app.front
    assert isinstance(front, FailuresScreen)
    await view.until_seen(*seen)
    return front


async def counted(view: Shown) -> FailuresScreen:
    front = await go(view, "Messages that failed")
    await view.until(lambda: front.view.complete and not front.failures.lacking(front.failures.rows))
    await view.pilot.pause()
    return front


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_failures_stand_together_by_what_they_say(size: tuple[int, int]) -> None:
    async with shown(FilteringSource(log()), size) as view:
        await counted(view)
        await view.until_seen(
            "3  Messages that failed: fatal_error", "2  ↩ Mailbox <n> is full", "1  ↩ No such user"
        )
        await view.until_seen("1  Links clicked", "↗ https://a.example/1")


async def test_the_one_under_the_cursor_is_told_with_an_example_and_the_commit_before_it() -> None:
    async with shown(FilteringSource(log()), (120, 44)) as view:
        await counted(view)
        await view.until_seen("details    Mailbox 7 is full", "alike      Mailbox <n> is full")
        await view.until_seen("after      welcome, commit 9f3c1e2  workflow.committed, 2 m 0 s before")
        await view.until_seen("It began after", "2 m 0 s before  welcome, commit 9f3c1e2")


async def test_commits_are_marked_above_the_bars() -> None:
    async with shown(FilteringSource(log()), (120, 40)) as view:
        await counted(view)
        heading = view.lines[1]
        bars = next(line for line in view.lines if "Mailbox <n>" in line)
        assert heading.count("◆") == 1
        assert bars[heading.index("◆")] == "┊"
        assert bars[: heading.index("◆")].count("█") == 0


async def test_enter_shows_the_events_with_the_filter_added_to_the_one_in_force_and_escape_returns() -> None:
    async with shown(FilteringSource(log()), (160, 48)) as view:
        view.screen.set_filter("type:message.*", ("message.sent",))
        await view.until(lambda: view.app.dashboard.picked == ("message.sent",))
        await counted(view)
        await view.press("enter")
        await view.until(lambda: view.app.dashboard.total == 2)
        applied = view.app.dashboard.filtering.choice
        assert applied.types == ()
        assert applied.text.startswith("type:message.* type:message.undelivered,message.bounced ")
        assert view.app.current_mode == "events"
        await view.press("escape")
        await view.until(lambda: view.app.current_mode == "failures")


async def test_only_and_exclude_filter_by_the_cause_and_stay() -> None:
    async with shown(FilteringSource(log()), (120, 40)) as view:
        front = await counted(view)
        await view.press("I")
        await view.until(lambda: len(front.failures.rows) == 4)
        assert "Mailbox" not in view.text.replace("filter", "")[view.text.index("times") :]
        await view.press("j", "i")
        await view.until(lambda: len(front.failures.rows) == 2)
        assert view.app.front is front


async def test_what_arrives_is_counted_and_the_cursor_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.screens.failures.SOON", 0.0)
    async with shown(FilteringSource(log()), (120, 40)) as view:
        front = await counted(view)
        await view.press("j")
        before = front.failures.selected
        assert before is not None
        assert before.details == "No such user"
        view.source.arrive(*(failed(seq, "No such user") for seq in range(7, 10)))
        await view.until_seen("4  ↩ No such user")
        assert front.failures.selected is not None
        assert (front.failures.selected.details, front.failures.cursor) == ("No such user", 1)


async def test_a_paused_list_counts_nothing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.screens.failures.SOON", 0.0)
    async with shown(FilteringSource(log()), (120, 40)) as view:
        await counted(view)
        await view.press("p")
        await view.until_seen("paused")
        asked = len(view.source.grouped)
        view.source.arrive(failed(7, "No such user"))
        await view.until(lambda: view.app.dashboard.counts.by_type["message.bounced"] == 4)
        await view.pilot.pause()
        assert len(view.source.grouped) == asked


async def test_the_span_counts_its_minutes_alone() -> None:
    async with shown(
        FilteringSource([failed(1, "Timed out", "08:00:00"), failed(2, "Timed out")]), (120, 40)
    ) as view:
        await counted(view)
        assert "2  ↩ Timed out" in view.text
        view.app.dashboard.span = Span.QUARTER
        await view.until_seen("1  ↩ Timed out", "counts of the last 15 min")


async def test_without_any_failure_it_says_so() -> None:
    async with shown(FilteringSource([made(1)])) as view:
        await go(view, "Nothing failed.")


async def test_a_filter_without_failures_says_how_to_lift_it() -> None:
    async with shown(FilteringSource(log())) as view:
        view.screen.set_filter("type:message.sent")
        await go(view, "Nothing that the filter shows failed.", "lifts the filter")


async def test_a_relay_that_cannot_count_is_named() -> None:
    source = FilteringSource(log())
    source.fails = "the relay is busy"
    async with shown(source) as view:
        await go(view, "The failures cannot be counted: the relay is busy.")


async def test_the_filter_and_the_words_of_a_cause_are_copied() -> None:
    async with shown(FilteringSource(log()), (120, 40)) as view:
        await counted(view)
        await view.press("y")
        await view.until_seen("failure: fatal error: Mailbox 7 is full")
        await view.press("Y")
        await view.until_seen("filter: type:message.undelivered")


async def test_the_detail_filters_by_the_value_under_its_cursor() -> None:
    async with shown(FilteringSource(log()), (120, 44)) as view:
        front = await counted(view)
        await view.press("tab")
        line = next(
            at for at in range(front.view.count()) if front.view.path(at) == ("event_data", "failure_details")
        )
        await view.press(*["j"] * line, "i")
        await view.until(
            lambda: 'event_data.failure_details:"Mailbox 7 is full"' in view.app.dashboard.filtering.applied
        )


async def test_a_click_moves_and_a_second_one_opens() -> None:
    async with shown(FilteringSource(log()), (120, 40)) as view:
        front = await counted(view)
        await view.pilot.click(front.list, offset=(20, 2))
        assert front.failures.selected is not None
        assert front.failures.selected.details == "No such user"
        await view.pilot.click(front.list, offset=(20, 2), times=2)
        await view.until(lambda: view.app.current_mode == "events")


async def test_only_ascii_is_painted_where_that_is_asked_for() -> None:
    async with shown(FilteringSource(log()), (120, 40), AppOptions(ascii=True)) as view:
        await counted(view)
        assert view.text.isascii()
