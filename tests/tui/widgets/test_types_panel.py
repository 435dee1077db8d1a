from __future__ import annotations

import asyncio

import pytest

from relay.contract.events import EventSummary
from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.model.minutes import Span
from tui.model.source import Totals
from tui.screens.type_view import TypeViewScreen
from tui.widgets.glyphs import MARKS
from tui.widgets.sparkline import BARS
from tui.widgets.types_panel import WIDTH

WIDE = (120, 40)


def some(**counts: int) -> list[EventSummary]:
    names = [f"message.{verb}" for verb, count in counts.items() for _ in range(count)]
    return [made(seq, name) for seq, name in enumerate(names, 1)]


def panel(view: Shown) -> list[str]:
    """The lines of the panel, from its title on."""
    region = view.screen.types.region
    return [line[region.x : region.right] for line in view.lines[region.y : region.bottom]]


def bars(view: Shown) -> list[tuple[str, str]]:
    """What is drawn on the line of the first type, and the inks."""
    return [word for word in view.screen.types._lines[1].words if set(word[0]) <= set(BARS.strip())]


def place(view: Shown, text: str) -> tuple[int, int]:
    """Where on the panel a text stands."""
    return next((line.index(text), y) for y, line in enumerate(panel(view)) if text in line)


async def click(view: Shown, text: str, times: int = 1) -> None:
    await view.pilot.click(view.screen.types, offset=place(view, text), times=times)


async def test_a_line_says_glyph_name_and_count_below_its_family() -> None:
    async with shown(ScriptedSource(some(sent=12, bounced=3)), WIDE) as view:
        await view.until_seen("MESSAGES")
        said = [line.split() for line in panel(view)]
        assert [" ".join(words) for words in said[:2]] == ["Types all, bars of 1 min", "MESSAGES"]
        assert said[2][:3] == ["→", "sent", "12"]
        assert said[3][:3] == ["↩", "bounced", "3"]


async def test_lines_keep_the_width_whatever_the_counts() -> None:
    source = ScriptedSource([made(1, "message.link_clicked"), made(2, "x" * 200)])
    async with shown(source, WIDE) as view:
        view.app.dashboard.counts.by_type["message.link_clicked"] = 123_456_789
        view.screen.types.renew()
        await view.pilot.pause()
        assert {len(line) for line in panel(view)} == {WIDTH}
        assert "link_clicked  123M" in panel(view)[2]


async def test_how_it_went_is_drawn_and_how_fast_is_said() -> None:
    source = ScriptedSource(some(sent=1))
    async with shown(source, WIDE) as view:
        minute = view.app.dashboard.minute
        for at, count in ((minute - 40, 1), (minute, 7)):
            view.app.dashboard.counts._minutes["message.sent"].add(at, count)
        source.arrive(made(2), made(3))
        await view.until_seen("2.0/s")
        assert [text for text, ink in bars(view) if ink == "event-sent"] == ["▁", "▇"]
        assert {ink for text, ink in bars(view)} == {"event-sent", "line"}
        view.app.dashboard.span = Span.QUARTER
        view.screen.types.renew()
        await view.pilot.pause()
        assert "15 min" in panel(view)[0]
        assert [text for text, ink in bars(view) if ink == "event-sent"] == ["▇"]


async def test_bars_go_back_as_far_as_there_is_anything() -> None:
    async with shown(ScriptedSource(some(sent=1)), WIDE) as view:
        minute = view.app.dashboard.minute
        for at in range(5):
            view.app.dashboard.counts._minutes["message.sent"].add(minute - at, 1)
        view.screen.types.renew()
        assert [len(text) for text, ink in bars(view) if ink == "event-sent"] == [5]


async def test_a_failure_stands_out_while_it_is_news() -> None:
    source = ScriptedSource(some(sent=1, bounced=1))
    async with shown(source, WIDE) as view:
        board = view.app.dashboard
        board.counts._minutes["message.bounced"].add(board.minute, 1)
        view.screen.types.renew()
        loud = [dict(line.words) for line in view.screen.types._lines]
        assert loud[1]["sent        "] == "ink"
        assert loud[2]["bounced     "] == "event-failed bold"


async def test_types_that_look_the_same_are_one_line() -> None:
    source = ScriptedSource([made(1, "workflow.updated"), made(2, "partial.updated")])
    async with shown(source, WIDE) as view:
        await view.until_seen("TEMPLATES")
        assert [line.split()[1:3] for line in panel(view) if "updated" in line] == [["updated", "2"]]
        await view.press("tab", "space")
        await view.until(lambda: set(view.app.dashboard.picked) == {"workflow.updated", "partial.updated"})


async def test_where_not_all_lines_fit_blank_ones_and_headings_go_first() -> None:
    source = ScriptedSource([made(seq, name) for seq, name in enumerate(MARKS, 1)])
    async with shown(source, (120, 40)) as view:
        await view.until_seen("BRANCHES")
        assert "" in [line.strip() for line in panel(view)][2:30]
        await view.pilot.resize_terminal(120, 31)
        await view.until(lambda: "BRANCHES" in view.text and "" not in [line.strip() for line in panel(view)])
        await view.pilot.resize_terminal(120, 28)
        await view.until(lambda: "BRANCHES" not in view.text and "rebased" in view.text)


async def test_the_cursor_stays_in_sight_where_not_all_types_fit() -> None:
    source = ScriptedSource([made(seq, name) for seq, name in enumerate(MARKS, 1)])
    async with shown(source, (120, 24)) as view:
        await view.until_seen("more")
        await view.press("tab", "G")
        assert view.screen.types.types == ("branch.rebased",)
        assert "rebased" in panel(view)[-1]
        assert panel(view)[-1].startswith("▌")
        await view.press("g")
        assert view.screen.types.types == ("message.sent",)
        assert "sent" in panel(view)[1]


@pytest.mark.parametrize("keys", [("j",), ("down",), ("G", "k")])
async def test_space_picks_the_type_under_the_cursor_and_lets_it_go_again(keys: tuple[str, ...]) -> None:
    async with shown(ScriptedSource(some(sent=2, delivered=2, read=2)), WIDE) as view:
        await view.until_seen("MESSAGES")
        await view.press("tab", *keys, "space")
        await view.until(lambda: view.app.dashboard.picked == ("message.delivered",))
        await view.until_seen("1 picked")
        assert panel(view)[3].startswith("+✓ delivered")
        await view.press("space")
        await view.until(lambda: view.app.dashboard.picked == ())


async def test_a_click_picks_what_is_under_it_and_a_heading_stands_for_its_family() -> None:
    async with shown(ScriptedSource([*some(sent=2, read=2), made(9, "workflow.updated")]), WIDE) as view:
        await view.until_seen("MESSAGES")
        await click(view, "read")
        await view.until(lambda: view.app.dashboard.picked == ("message.read",))
        await click(view, "read")
        await view.until(lambda: view.app.dashboard.picked == ())
        await click(view, "MESSAGES")
        await view.until(lambda: set(view.app.dashboard.picked) == {"message.sent", "message.read"})


async def test_a_double_click_opens_the_type_and_picks_nothing() -> None:
    async with shown(ScriptedSource(some(sent=2, read=2)), WIDE) as view:
        await view.until_seen("MESSAGES")
        await click(view, "read", times=2)
        await view.until(lambda: isinstance(view.app.screen, TypeViewScreen))
        await view.until(lambda: view.app.dashboard.picked == ())


async def test_a_click_beside_the_types_does_nothing() -> None:
    source = ScriptedSource(some(sent=2))
    async with shown(source, WIDE) as view:
        await view.until_seen("MESSAGES")
        for y in (0, 20):
            await view.pilot.click(view.screen.types, offset=(3, y))
        assert source.asked_types == []


async def test_the_wheel_moves_over_the_types_and_not_the_stream() -> None:
    async with shown(ScriptedSource(some(sent=200, read=2)), WIDE) as view:
        await view.until_seen("MESSAGES")
        top = view.screen.stream.scroll_y
        await view.wheel(view.screen.types, (3, 3))
        assert view.screen.types.types == ("message.read",)
        assert view.screen.stream.scroll_y == top


async def test_a_click_on_a_counter_picks_its_type() -> None:
    async with shown(ScriptedSource(some(sent=2, bounced=1))) as view:
        await view.until_seen("→ sent 2", "bounced 1")
        await view.pilot.click(view.screen.counters, offset=(view.lines[1].index("bounced"), 0))
        await view.until(lambda: view.app.dashboard.picked == ("message.bounced",))
        await view.until_seen("+↩ bounced 1")


async def test_counters_without_room_are_counted_and_failing_ones_stay() -> None:
    source = ScriptedSource([made(seq, name) for seq, name in enumerate(MARKS, 1)])
    async with shown(source) as view:
        await view.until(lambda: view.lines[1].rstrip().split()[-1].startswith("+"))
        said = view.lines[1].split()
        assert {"✗", "↩", "⚑", "▲"} <= set(said)
        shown_kinds = (len(said) - 1) // 2
        assert said[-1] == f"+{len({mark.short for mark in MARKS.values()}) - shown_kinds}"


async def test_ascii_has_bars_and_glyphs_of_its_own() -> None:
    source = ScriptedSource(some(sent=3))
    async with shown(source, WIDE, AppOptions(ascii=True)) as view:
        view.app.dashboard.counts._minutes["message.sent"].add(view.app.dashboard.minute, 7)
        view.screen.types.renew()
        await view.until_seen("MESSAGES")
        assert all(line.isascii() for line in view.lines)
        assert "#" in panel(view)[2]


async def test_a_filter_without_a_match_is_not_taken_for_a_log_without_events() -> None:
    async with shown(ScriptedSource(some(sent=1)), WIDE) as view:
        await view.press("slash", *"nothing", "enter")
        await view.until_seen("None of 1 event matches.")
        await view.until(lambda: "no event matches" in panel(view)[1])


class Slow(ScriptedSource):
    """A relay that takes its time to count."""

    def __init__(self) -> None:
        super().__init__(some(sent=1))
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def totals(self, filter_text: str) -> Totals:
        await self.go_on.wait()
        return await super().totals(filter_text)


async def test_that_nothing_matches_is_not_said_while_it_is_being_counted() -> None:
    source = Slow()
    async with shown(source, WIDE) as view:
        source.go_on.clear()
        await view.press("slash", *"message.sent", "enter")
        await view.until(lambda: panel(view)[1].strip() == "counting")
        source.go_on.set()
        await view.until(lambda: "MESSAGES" in panel(view)[1])
