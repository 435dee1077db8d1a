"""The Body tab: a tree that folds, moves sideways, and says where the cursor is."""

from __future__ import annotations

import json

import pytest
from textual.events import MouseScrollDown

from tests.hostile import HOSTILE
from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.widgets.body_view import BodyView

BODY = {
    "type": "message.sent",
    "data": {"id": "m1", "list": [1, {"deep": "er"}], "order.total": 7, "none": {}},
    "event_data": {"attempt": 3},
}
WHOLE = """\
 ▾ {
     "type": "message.sent",
   ▾ "data": {
       "id": "m1",
     ▾ "list": [
         1,
       ▾ {
           "deep": "er"
         }
       ],
       "order.total": 7,
       "none": {}
     },
   ▾ "event_data": {
       "attempt": 3
     }
   }""".splitlines()


def source(*bodies: object) -> ScriptedSource:
    found = ScriptedSource([made(seq) for seq in range(1, len(bodies) + 1)])
    found.bodies = {
        seq: body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        for seq, body in enumerate(bodies, 1)
    }
    return found


def tree(view: Shown) -> BodyView:
    return view.screen.detail.body


def rows(view: Shown) -> list[str]:
    """What the Body tab shows at 80x24, without the scrollbar."""
    top = tree(view).region.y
    return [line[:-1].rstrip() for line in view.lines[top : top + tree(view).size.height] if line[:-1].strip()]


def foot(view: Shown) -> list[str]:
    """The path at the foot of the pane, and what is said of the value."""
    return view.lines[view.screen.detail.path_line.region.y].strip().split("  ", 1)


async def opened(view: Shown) -> None:
    await view.press("enter", "right_square_bracket", "right_square_bracket")
    await view.until(lambda: len(tree(view).folds) > 0)
    await view.pilot.pause()


async def test_a_body_is_shown_whole_indented_and_in_order() -> None:
    async with shown(source(BODY)) as view:
        await opened(view)
        assert rows(view) == WHOLE


@pytest.mark.parametrize("key", ["space", "enter", "left"])
async def test_a_container_is_folded_and_says_how_many_children_it_has(key: str) -> None:
    async with shown(source(BODY)) as view:
        await opened(view)
        await view.press("j", "j", key)
        assert rows(view)[2:4] == ['   ▸ "data": { 4 keys: id, list, order.total, none },', '   ▾ "event_data": {']


@pytest.mark.parametrize("key", ["space", "enter", "right"])
async def test_a_folded_container_is_unfolded_as_it_was(key: str) -> None:
    async with shown(source(BODY)) as view:
        await opened(view)
        await view.press(*"jjjj", "space", *"kk", "space", key)
        assert '     ▸ "list": [ 2 items ],' in rows(view)
        assert len(rows(view)) == len(WHOLE) - 5


async def test_from_its_last_line_a_container_is_folded_with_the_cursor_on_its_first() -> None:
    async with shown(source(BODY)) as view:
        await opened(view)
        await view.press("G", "k", "space")
        assert rows(view)[-2] == '   ▸ "event_data": { 1 key: attempt }'
        assert foot(view)[0] == ".event_data"


async def test_to_the_right_leads_inside_and_to_the_left_outside() -> None:
    async with shown(source(BODY)) as view:
        await opened(view)
        await view.press("j", "j", "right")
        assert foot(view)[0] == "data.id"
        await view.press("left")
        assert foot(view)[0] == ".data"
        await view.press("left", "left")
        assert tree(view).cursor == 0


async def test_levels_are_folded_and_unfolded_one_by_one() -> None:
    async with shown(source(BODY)) as view:
        await opened(view)
        await view.press("minus")
        assert "       ▸ { 1 key: deep }" in rows(view)
        await view.press("minus")
        assert '     ▸ "list": [ 2 items ],' in rows(view)
        await view.press("plus", "plus")
        assert rows(view) == WHOLE


async def test_all_is_folded_and_unfolded() -> None:
    async with shown(source(BODY)) as view:
        await opened(view)
        await view.press("underscore")
        assert len(rows(view)) == 5
        await view.press("asterisk")
        assert rows(view) == WHOLE


async def test_folding_all_leaves_the_cursor_on_what_it_was_in() -> None:
    async with shown(source(BODY)) as view:
        await opened(view)
        await view.press(*["j"] * 7, "underscore")
        assert foot(view)[0] == ".data"


async def test_the_foot_spells_the_path_as_a_filter_does_and_says_what_the_value_is() -> None:
    async with shown(source(BODY)) as view:
        await opened(view)
        told = []
        for _ in range(11):
            await view.press("j")
            told.append([part.strip() for part in foot(view)])
        assert told[0] == [".type", "string"]
        assert told[1] == [".data", "4 keys"]
        assert told[3] == ["data.list", "2 items"]
        assert told[6] == ["data.list.1.deep", "string"]
        assert told[9] == ['data."order.total"']


async def test_what_i_filters_by_is_the_path_and_the_value_under_the_cursor() -> None:
    async with shown(source(BODY)) as view:
        await opened(view)
        assert tree(view).path(0) is None
        assert (tree(view).path(7), tree(view).value(7)) == (("data", "list", 1, "deep"), "er")
        assert (tree(view).path(10), tree(view).value(10)) == (("data", "order.total"), 7)


async def test_y_copies_the_value_under_the_cursor() -> None:
    async with shown(source({"text": 'one\n"two"'})) as view:
        await opened(view)
        copied = tree(view).copied(1)
        assert copied == ('one\n"two"', "text")


async def test_a_long_value_is_reached_sideways_to_its_end_and_back() -> None:
    async with shown(source({"text": "start " + "x" * 1_000_000 + " the-end"})) as view:
        await opened(view)
        await view.press("j", "dollar_sign")
        assert "the-end" in view.text
        assert "start" not in view.text
        await view.press("circumflex_accent")
        assert "start" in view.text


@pytest.mark.parametrize(("right", "left"), [("right", "left"), ("greater_than_sign", "less_than_sign")])
async def test_sideways_goes_by_steps_and_by_what_is_in_sight(right: str, left: str) -> None:
    async with shown(source({"text": "start" + " word" * 100})) as view:
        await opened(view)
        await view.press("j", right, right, right)
        assert "start" not in view.text
        await view.press(left, left, left)
        assert "start" in view.text


async def test_the_end_of_wide_characters_is_reached() -> None:
    async with shown(source({"text": "東" * 200 + "終"})) as view:
        await opened(view)
        await view.press("j", "dollar_sign")
        assert "終" in view.text


async def test_deep_lines_begin_in_sight() -> None:
    body = b'{"a":' * 400 + b'"the deepest"' + b"}" * 400
    async with shown(source(body)) as view:
        await opened(view)
        await view.press(*["pagedown"] * 25)
        tree(view)._to(400)
        await view.pilot.pause()
        assert "the deepest" in view.text
        await view.press("g")
        assert rows(view)[0] == " ▾ {"


async def test_a_body_that_is_not_json_is_its_lines() -> None:
    async with shown(source(b"<html>\n  <b>hi</b>\n</html>")) as view:
        await opened(view)
        assert rows(view) == [" <html>", "   <b>hi</b>", " </html>"]
        assert "not JSON" in foot(view)[-1]


async def test_the_cursor_stays_on_the_same_path_in_the_next_event() -> None:
    async with shown(source({"data": {"id": "m1", "n": 1}}, {"type": "x", "data": {"n": 2}}), (140, 40)) as view:
        await opened(view)
        await view.press(*"jjj")
        view.screen.stream.action_move(-1)
        await view.until(lambda: tree(view).value(tree(view).cursor) == 1)


async def test_a_large_body_says_how_far_it_is_and_keys_are_answered_meanwhile() -> None:
    body = b"[" + b"[1]," * 150_000 + b"1]"
    async with shown(source(body)) as view:
        await view.press("enter")
        view.screen.detail.choose("Body")
        await view.until(lambda: "%" in "".join(rows(view)))
        await view.press("right_square_bracket")
        assert view.screen.detail.tabs.chosen == "Headers"
        await view.press("left_square_bracket")
        await view.until(lambda: len(tree(view).folds) == 450_003)


async def test_another_event_ends_the_work_on_a_large_body() -> None:
    async with shown(source({"small": 1}, b"[" + b"[1]," * 300_000 + b"1]"), (140, 40)) as view:
        await view.press("enter")
        view.screen.detail.choose("Body")
        await view.until(lambda: tree(view).progress is not None)
        view.screen.stream.action_move(-1)
        await view.until_seen('"small": 1')
        await view.until(lambda: tree(view).progress is None)
        assert len(tree(view).folds) == 3


async def test_a_click_selects_and_a_second_one_folds() -> None:
    async with shown(source(BODY)) as view:
        await opened(view)
        await view.pilot.click(BodyView, offset=(12, 2))
        assert foot(view)[0] == ".data"
        assert rows(view) == WHOLE
        await view.pilot.click(BodyView, offset=(12, 13), times=2)
        assert '   ▸ "event_data": { 1 key: attempt }' in rows(view)


async def test_a_click_on_the_mark_folds_at_once() -> None:
    async with shown(source(BODY)) as view:
        await opened(view)
        await view.pilot.click(BodyView, offset=(3, 2))
        assert '   ▸ "data": { 4 keys: id, list, order.total, none },' in rows(view)


async def test_the_wheel_scrolls_the_body_and_leaves_the_list_and_the_cursor_where_they_are() -> None:
    async with shown(source(list(range(100))), (140, 40)) as view:
        await opened(view)
        scrolled = view.screen.stream.scroll_y
        await turn_wheel(view)
        await view.until(lambda: tree(view).scroll_y > 0)
        assert view.screen.stream.scroll_y == scrolled
        assert tree(view).cursor == 0


async def turn_wheel(view: Shown) -> None:
    """Turn the wheel over the body, as the driver of the terminal tells of it."""
    region = tree(view).region
    x, y = region.x + 5, region.y + 5
    view.app.post_message(MouseScrollDown(None, x, y, 0, 1, 0, False, False, False, x, y))
    await view.pilot.pause()


async def test_a_click_on_a_tab_shows_it() -> None:
    async with shown(source(BODY)) as view:
        await view.press("enter")
        at = view.lines[view.screen.detail.tabs.region.y].index("Body")
        await view.pilot.click("#tabs", offset=(at, 0))
        await view.until_seen('"attempt": 3')
        assert view.screen.detail.tabs.chosen == "Body"


async def test_in_ascii_the_tree_is_ascii() -> None:
    async with shown(source(BODY), options=AppOptions(ascii=True)) as view:
        await opened(view)
        await view.press("j", "j", "space")
        assert rows(view)[0] == " - {"
        assert rows(view)[2].startswith('   + "data": {')
        assert view.text.isascii()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_hostile_bodies_leave_the_screen_straight(size: tuple[int, int]) -> None:
    body = {f"{number}{text[:2_000]}": {text[:50]: [text]} for number, text in enumerate(HOSTILE)}
    lines = "\n".join(HOSTILE).encode("utf-8", "replace")
    async with shown(source(json.dumps(body).encode(), lines), size) as view:
        for seq in (2, 1):
            await view.press("enter")
            view.screen.detail.choose("Body")
            await view.until(lambda: len(tree(view).folds) > 0)
            for key in ("G", "minus", "dollar_sign", "pageup", "circumflex_accent", "space", "right", "g"):
                await view.press(key)
                assert_straight(view)
            assert view.screen.detail.seq == seq
            await view.press("escape", "k")


def assert_straight(view: Shown) -> None:
    strips = view.app.screen._compositor.render_strips()
    assert {strip.cell_length for strip in strips} == {view.app.size.width}
    assert not {char for strip in strips for char in strip.text if char < " " or "\x7f" <= char <= "\x9f"}
