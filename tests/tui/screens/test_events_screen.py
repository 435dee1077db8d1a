from __future__ import annotations

from unittest.mock import Mock

import pytest

from relay.contract.events import Channel, Entity, EventSummary
from tests.hostile import HOSTILE
from tests.tui.made import delivery, made, made_detail
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.model.browse import Stance
from tui.model.source import LinkChange, LinkState, Missing, SourceError

SIZES = [(80, 24), (120, 40), (200, 60)]


def some(count: int, start: int = 1) -> list[EventSummary]:
    return [made(seq, recipient=f"user_{seq}") for seq in range(start, start + count)]


def users(view: Shown) -> list[str]:
    """The recipients on screen, from the top."""
    return [word for line in view.lines for word in line.split() if word.startswith("user_")]


async def apply(view: Shown, text: str) -> None:
    await view.press("slash")
    view.screen.filter_line.field.value = text
    await view.press("enter")


def rows(view: Shown) -> list[str]:
    """The rows of the list at 80x24, without the scrollbar."""
    return [line[:-1] for line in view.lines[2:22]]


def first_row(view: Shown) -> int:
    return int(users(view)[0].removeprefix("user_"))


@pytest.mark.parametrize("size", SIZES)
async def test_the_newest_events_are_on_screen_with_the_cursor_on_the_last(size: tuple[int, int]) -> None:
    async with shown(ScriptedSource(some(300)), size) as view:
        assert users(view)[-1] == "user_300"
        assert view.app.dashboard.browse.selected == 300
        assert "300 of 300" in view.text


@pytest.mark.parametrize("size", SIZES)
async def test_the_last_line_always_ends_in_the_key_that_opens_the_help(size: tuple[int, int]) -> None:
    async with shown(ScriptedSource(some(3)), size) as view:
        for key, ending in (("shift+tab", "? help"), ("enter", "? help"), ("slash", "F1 help")):
            await view.press(key)
            assert view.lines[-1].rstrip().endswith(f" {ending}")


@pytest.mark.parametrize(
    ("size", "where"), [((80, 24), "-over"), ((120, 40), "-below"), ((140, 40), "-beside"), ((120, 30), "-over")]
)
async def test_the_detail_goes_where_there_is_room(size: tuple[int, int], where: str) -> None:
    async with shown(ScriptedSource(some(3)), size) as view:
        await view.press("enter")
        await view.until_seen("message.sent", "security-breach-alert")
        assert view.screen.has_class(where)
        assert bool(view.screen.stream.region) is (where != "-over")


async def test_at_80x24_the_rows_are_header_counters_list_position_and_keys() -> None:
    async with shown(ScriptedSource(some(50))) as view:
        await view.until_seen("● live", "→ sent 50")
        lines = view.lines
        assert lines[0].startswith(" knocktop   ● live")
        assert lines[1].split() == ["→", "sent", "50"]
        assert all("user_" in line for line in lines[2:22])
        assert lines[22].split() == ["following", "50", "of", "50"]


async def test_from_120_columns_the_types_are_a_panel() -> None:
    async with shown(ScriptedSource(some(3)), (120, 40)) as view:
        await view.until_seen("MESSAGES")
        assert not view.screen.counters.display


async def test_what_arrives_is_followed() -> None:
    source = ScriptedSource(some(100))
    async with shown(source) as view:
        source.arrive(*some(1, 101))
        await view.until(lambda: users(view)[-1] == "user_101")
        assert "following" in view.lines[22]


async def test_while_browsing_nothing_moves_and_arrivals_are_counted() -> None:
    source = ScriptedSource(some(100))
    async with shown(source) as view:
        await view.press("k", "k")
        before = rows(view)
        source.arrive(*some(30, 101))
        await view.until_seen("browsing  +30 new")
        assert rows(view) == before


async def test_following_again_goes_to_the_newest() -> None:
    source = ScriptedSource(some(100))
    async with shown(source) as view:
        await view.press("k")
        source.arrive(*some(30, 101))
        await view.until_seen("+30 new")
        await view.press("G")
        await view.until_seen("user_130", "following")
        assert "new" not in view.lines[22]


async def test_while_paused_the_list_takes_nothing_in_and_the_counters_go_on() -> None:
    source = ScriptedSource(some(100))
    async with shown(source) as view:
        await view.press("p")
        before = rows(view)
        source.arrive(*some(30, 101))
        await view.until_seen("paused  +30 new", "sent 130", "‖ paused")
        assert rows(view) == before


async def test_going_on_after_a_pause_brings_what_was_missed() -> None:
    source = ScriptedSource(some(100))
    async with shown(source) as view:
        await view.press("p")
        source.arrive(*some(30, 101))
        await view.until_seen("+30 new")
        await view.press("space")
        await view.until_seen("user_130", "following")
        assert len(view.app.dashboard.browse.window) == 130


async def test_scrolling_away_from_the_end_ends_following() -> None:
    source = ScriptedSource(some(100))
    async with shown(source) as view:
        view.screen.stream.scroll_to(y=10, animate=False, immediate=True)
        source.arrive(*some(5, 101))
        await view.until_seen("browsing  +5 new")
        assert first_row(view) == 11


async def test_history_is_read_when_the_viewer_comes_near_its_end_and_nothing_moves() -> None:
    source = ScriptedSource(some(1_000))
    async with shown(source) as view:
        assert len(view.app.dashboard.browse.window) == 200
        await view.press("g")
        await view.until(lambda: len(view.app.dashboard.browse.window) > 200)
        await view.pilot.pause()
        assert view.app.dashboard.browse.selected == 801
        assert first_row(view) == 801


async def test_a_change_is_shown_in_place() -> None:
    source = ScriptedSource(some(5))
    async with shown(source) as view:
        source.change(made(3, recipient="user_3", delivery_count=4))
        await view.until_seen("×4")
        assert "×4" in view.lines[4]


async def test_what_is_gone_for_good_is_a_row() -> None:
    source = ScriptedSource(some(5))
    async with shown(source) as view:
        source.put(Missing(6, 9, "retention"))
        await view.until_seen("seqs 6 to 9 are gone for good: retention")


async def test_the_detail_of_a_gap_says_how_to_have_none() -> None:
    source = ScriptedSource(some(5))
    async with shown(source) as view:
        source.put(Missing(6, 9, "retention"))
        await view.until(lambda: view.app.dashboard.browse.selected == 6)
        await view.press("enter")
        await view.until_seen("Seqs 6 to 9 are gone for good", "--retention-events")


async def test_the_tabs_show_the_event_from_all_sides() -> None:
    source = ScriptedSource(some(3))
    source.details[3] = made_detail(
        3,
        recipient="user_3",
        event_data={"attempt": 2, "max_attempts": 8},
        headers=[("x-knock-event", "message.sent")],
        deliveries=[delivery(1), delivery(2, remote="10.0.0.9")],
    )
    source.bodies[3] = b'{"data": {"id": "the-whole-id"}}'
    async with shown(source) as view:
        await view.press("enter")
        await view.until_seen("About", "user_3")
        await view.press("right_square_bracket")
        await view.until_seen("max_attempts")
        await view.press("right_square_bracket")
        await view.until_seen('"id": "the-whole-id"')
        await view.press("right_square_bracket")
        await view.until_seen("x-knock-event")
        await view.press("right_square_bracket")
        await view.until_seen("Delivery 2", "10.0.0.9")


async def test_an_event_that_cannot_be_read_says_why() -> None:
    source = ScriptedSource(some(3))

    async def gone(seq: int) -> bytes:
        raise SourceError(f"event {seq} is no longer kept")

    source.body = gone  # type: ignore[method-assign]
    async with shown(source) as view:
        await view.press("enter", "right_square_bracket", "right_square_bracket")
        await view.until_seen("event 3 is no longer kept")


async def test_escape_closes_the_detail_and_never_quits() -> None:
    async with shown(ScriptedSource(some(3))) as view:
        await view.press("enter", "escape")
        assert not view.screen.has_class("-detail")
        await view.press("escape")
        assert view.app.is_running
        assert view.screen.pane == "stream"


async def test_opening_an_event_ends_following_so_that_it_stays() -> None:
    source = ScriptedSource(some(3))
    async with shown(source, (140, 40)) as view:
        await view.press("enter")
        source.arrive(*some(2, 4))
        await view.until_seen("browsing  +2 new")
        assert view.screen.detail.seq == 3


async def test_zoom_gives_the_list_the_whole_screen_and_takes_it_back() -> None:
    async with shown(ScriptedSource(some(3)), (200, 60)) as view:
        assert view.screen.detail.display
        await view.press("z")
        assert view.screen.stream.size.width == 200
        await view.press("z")
        assert view.screen.detail.display


async def test_a_filter_is_applied_on_enter_and_shown_with_its_count() -> None:
    source = ScriptedSource([*some(5), made(6, "message.read", recipient="user_6")])
    async with shown(source) as view:
        await apply(view, "message.read")
        await view.until_seen("/ message.read", "1 match")
        assert users(view) == ["user_6"]
        assert view.screen.pane == "stream"


async def test_a_filter_is_lifted_and_restored() -> None:
    source = ScriptedSource([*some(5), made(6, "message.read", recipient="user_6")])
    async with shown(source) as view:
        await apply(view, "message.read")
        await view.until(lambda: users(view) == ["user_6"])
        await view.press("backslash")
        await view.until(lambda: len(users(view)) == 6)
        await view.press("backslash")
        await view.until(lambda: users(view) == ["user_6"])


async def test_a_refused_filter_stays_in_the_field_with_its_fault_below() -> None:
    source = ScriptedSource(some(5))
    async with shown(source) as view:
        await apply(view, "refused")
        await view.until_seen("no such name; did you mean type?")
        lines = view.lines
        assert lines[2].index("refused") == lines[3].index("^^^^^^^")
        assert view.screen.pane == "field"
        await view.press("escape")
        assert len(users(view)) == 5


async def test_letters_typed_into_the_field_are_text() -> None:
    source = ScriptedSource(some(5))
    async with shown(source) as view:
        await view.press("slash", *"qpzjk", "ctrl+u", *"y", "escape")
        assert view.app.is_running
        assert view.app.dashboard.browse.stance is Stance.FOLLOWING
        assert source.asked == []


async def test_a_filter_without_a_match_says_of_how_many_and_what_to_do() -> None:
    async with shown(ScriptedSource(some(5))) as view:
        await apply(view, "nothing")
        await view.until_seen("None of 5 events matches.", "lifts the filter")


async def test_a_match_that_arrives_takes_the_place_of_the_notice() -> None:
    source = ScriptedSource(some(5))
    async with shown(source) as view:
        await apply(view, "message.read")
        await view.until_seen("None of 5 events matches.")
        source.arrive(made(6, "message.read", recipient="user_6"))
        await view.until(lambda: users(view) == ["user_6"])


async def test_the_first_run_names_the_address_and_the_ways_to_send_something() -> None:
    async with shown(ScriptedSource(secrets=0)) as view:
        await view.until_seen(
            "Waiting for the first event.",
            "relay 127.0.0.1:4747, live",
            "1 Address   http://127.0.0.1:4747/webhooks/knock   y copies",
            "2 In Knock  Platform, Webhooks: create one with this address",
            "3 Secret    none yet: S pastes the signing secret",
            "4 No Knock  knocktop trigger message.sent   (or knocktop demo)",
            "no secret",
        )


async def test_the_first_run_goes_with_the_first_event() -> None:
    source = ScriptedSource()
    async with shown(source) as view:
        await view.until_seen("Waiting for the first event.")
        source.arrive(*some(1))
        await view.until_seen("user_1")
        assert "Waiting" not in view.text


async def test_everything_in_quarantine_is_said_instead_of_waiting() -> None:
    source = ScriptedSource()
    async with shown(source) as view:
        source.put(source.pulse(quarantined=2))
        await view.until_seen("2 in quarantine", "No event yet, but 2 requests are in quarantine.")


@pytest.mark.parametrize("read_only", [False, True])
async def test_the_header_says_whether_this_is_for_looking_only(read_only: bool) -> None:
    async with shown(ScriptedSource(some(3), secrets=0), options=AppOptions(read_only=read_only)) as view:
        await view.until_seen("no secret")
        assert ("read only" in view.lines[0]) is read_only


async def test_a_lost_link_is_never_called_live() -> None:
    source = ScriptedSource(some(3))
    async with shown(source, (120, 40)) as view:
        source.put(LinkChange(LinkState.RECONNECTING, 30.0, "connection refused"))
        await view.until_seen("reconnecting in 30 s", "No relay runs there any more: connection refused")
        assert "live" not in view.text


async def test_a_refused_token_names_the_next_step() -> None:
    source = ScriptedSource()
    async with shown(source) as view:
        source.put(LinkChange(LinkState.REFUSED, 15.0, "token refused"))
        await view.until_seen("token refused", "KNOCKTOP_TOKEN")


async def test_too_small_a_screen_says_the_size_it_needs_and_goes_on_receiving() -> None:
    source = ScriptedSource(some(3))
    async with shown(source, (60, 20)) as view:
        await view.until_seen("knocktop needs 80x24,", "this is 60x20.")
        source.arrive(*some(1, 4))
        await view.until(lambda: view.app.dashboard.browse.selected == 4)
        await view.pilot.resize_terminal(80, 24)
        await view.until_seen("user_4")
        assert "needs" not in view.text


async def test_y_copies_the_message_id_and_says_how() -> None:
    async with shown(ScriptedSource(some(3))) as view:
        await view.press("y")
        assert view.app.clipboard == "message-3"
        await view.until_seen("Copied by OSC 52, message id: message-3")


async def test_y_copies_the_address_while_there_is_no_event() -> None:
    async with shown(ScriptedSource()) as view:
        await view.press("y")
        assert view.app.clipboard == "http://127.0.0.1:4747/webhooks/knock"


async def test_what_is_copied_holds_nothing_that_acts_where_it_is_pasted() -> None:
    async with shown(ScriptedSource([made(1, message_id="id\x1b[2Jrm\r\n\tx")])) as view:
        await view.press("y")
        assert view.app.clipboard == "id[2Jrm\n\tx"
        await view.until_seen("without 2 control")


async def test_sideways_shows_the_end_of_a_long_reading_and_arrivals_leave_it_there() -> None:
    source = ScriptedSource([made(1, reading="word " * 20 + "the end", recipient="user_1")])
    async with shown(source) as view:
        assert "the end" not in view.text
        await view.press(*["right"] * 12)
        assert "the end" in view.text
        source.arrive(made(2, recipient="user_2"))
        await view.until(lambda: view.app.dashboard.browse.selected == 2)
        await view.pilot.pause()
        assert "the end" in view.text


async def test_in_ascii_nothing_on_screen_is_anything_else() -> None:
    source = ScriptedSource([made(1, reading="東京 → …", recipient="田中", delivery_count=2)])
    async with shown(source, (120, 40), AppOptions(ascii=True)) as view:
        await view.press("enter")
        await view.until_seen("About")
        text = view.text
        assert text.isascii(), {char for char in text if not char.isascii()}


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_events_leave_the_screen_straight_and_the_app_running(size: tuple[int, int]) -> None:
    texts = [text[:1_024] for text in HOSTILE]
    events = [
        made(
            seq,
            text or "x",
            reading=text,
            recipient=text,
            workflow=text,
            tenant=text,
            message_id=text,
            entity=Entity(text, text),
            channel=Channel(text, text, text, text),
            event_data={text: text},
            endpoint=text,
        )
        for seq, text in enumerate(texts, 1)
    ]
    source = ScriptedSource(events)
    async with shown(source, size) as view:
        await view.press("enter")
        for step in range(len(events)):
            view.screen.detail.step(step % 3)
            view.screen.stream.action_move(-1)
            if step % 8 == 0:
                await view.pilot.pause()
                assert_straight(view)
        await view.press("y")
        source.put(LinkChange(LinkState.RECONNECTING, 3.0, "".join(texts)[:5_000]))
        await view.until_seen("reconnecting")
        assert_straight(view)


def assert_straight(view: Shown) -> None:
    strips = view.app.screen._compositor.render_strips()
    assert {strip.cell_length for strip in strips} == {view.app.size.width}
    bad = {char for strip in strips for char in strip.text if char < " " or "\x7f" <= char <= "\x9f"}
    assert not bad


async def test_a_filter_without_a_match_says_what_lifting_each_of_its_terms_would_give() -> None:
    source = ScriptedSource([*some(5), made(6, "message.read")])
    async with shown(source) as view:
        await apply(view, "message.sent message.seen")
        await view.until_seen("None of 6 events matches.", "without message.seen", "without message.sent")
        counts = [line.split()[0] for line in view.lines if "without" in line]
        assert counts == ["0", "5"]


async def test_a_detail_that_is_read_stays_open_with_its_keys_when_the_terminal_becomes_smaller() -> None:
    async with shown(ScriptedSource(some(50)), (200, 60)) as view:
        await view.press("up", "enter")
        await view.until(lambda: view.screen.pane == "detail")
        await view.pilot.resize_terminal(80, 24)
        await view.until_seen("Summary", "EventData", "seq 49")
        await view.press("right_square_bracket")
        assert view.screen.detail.tabs.chosen == "EventData"
        await view.press("escape", "up")
        await view.until(lambda: view.app.dashboard.browse.selected == 48)
        assert view.screen.focused is view.screen.stream


def mixed(count: int) -> list[EventSummary]:
    types = ("message.sent", "message.read")
    return [made(seq, types[seq % 2], recipient=f"user_{seq}") for seq in range(1, count + 1)]


def row_of_the_cursor(view: Shown) -> int:
    return next(number for number, line in enumerate(view.lines) if line.startswith("▌"))


async def test_another_filter_keeps_the_cursor_on_its_event_and_on_its_line_of_the_screen() -> None:
    async with shown(ScriptedSource(mixed(300))) as view:
        await view.press(*["up"] * 8)
        await view.until(lambda: view.app.dashboard.browse.selected == 292)
        await apply(view, "message.sent")
        await view.until(lambda: users(view)[-1] == "user_300" and "▌" in view.text)
        assert view.app.dashboard.browse.selected == 292
        assert view.app.dashboard.browse.stance is Stance.BROWSING
        before = row_of_the_cursor(view)
        await view.press("backslash")
        await view.until(lambda: "user_291" in users(view))
        assert view.app.dashboard.browse.selected == 292
        assert abs(row_of_the_cursor(view) - before) <= 1  # The line of the filter is gone from above.


async def test_an_event_that_another_filter_leaves_out_makes_room_for_the_newest() -> None:
    async with shown(ScriptedSource(mixed(300))) as view:
        await view.press(*["up"] * 7)
        await apply(view, "message.sent")
        await view.until(lambda: users(view)[-1:] == ["user_300"])
        await view.until(lambda: view.app.dashboard.browse.return_to is None)
        assert view.app.dashboard.browse.selected == 300
        assert view.app.dashboard.browse.stance is Stance.FOLLOWING


async def test_lifting_a_filter_without_a_match_leads_back_to_where_one_was() -> None:
    async with shown(ScriptedSource(mixed(300))) as view:
        await view.press(*["up"] * 8)
        await apply(view, "nothing")
        await view.until_seen("None of 300 events matches.")
        await view.press("backslash")
        await view.until(lambda: view.app.dashboard.browse.selected == 292)


async def test_who_follows_goes_on_following_over_another_filter() -> None:
    source = ScriptedSource(mixed(300))
    async with shown(source) as view:
        await apply(view, "message.read")
        await view.until(lambda: users(view)[-1:] == ["user_299"])
        source.arrive(made(301, "message.read", recipient="user_301"))
        await view.until(lambda: users(view)[-1:] == ["user_301"])


async def test_at_200_columns_a_reading_is_not_cut_while_the_detail_has_room_to_spare() -> None:
    told = "via sendgrid, 890 ms after sent"
    event = made(1, reading=told, recipient="projects/cascade", workflow="deploy-finished", message_id="m" * 27)
    async with shown(ScriptedSource([event]), (200, 60)) as view:
        await view.until_seen("Summary", "Ids")
        row = next(line for line in view.lines if line[36:].startswith("▌"))
        assert told in row
        assert "deploy-finished" in row
        assert view.screen.detail.size.width >= 56


async def test_the_names_of_the_columns_are_painted_once_the_first_event_uncovers_them() -> None:
    source = ScriptedSource()
    async with shown(source, (200, 60)) as view:
        await view.until(lambda: view.screen.set_up.display or view.screen.notice.display)
        await view.pilot.pause()
        anew = Mock(wraps=view.screen.stream.heading.refresh)
        view.screen.stream.heading.refresh = anew  # type: ignore[method-assign]
        source.arrive(made(1))
        await view.until(lambda: len(view.app.dashboard.browse.window) == 1)
        await view.until(lambda: anew.called)
