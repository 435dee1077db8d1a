"""`f` in the detail: what is shown is narrowed while one types, and hits are gone through."""

from __future__ import annotations

import json

import pytest
from textual.events import Key, Paste
from textual.keys import _character_to_key

from tests.hostile import HOSTILE
from tests.tui.made import made, made_detail
from tests.tui.on_screen import Shown, shown
from tests.tui.screens.test_body_tab import assert_straight, opened, rows, tree
from tests.tui.scripted_source import ScriptedSource
from tui.widgets.lines import Lines

BODY = {
    "type": "message.sent",
    "data": {"id": "m1", "recipient": {"id": "r1", "email": "dr@example.com"}, "count": 1},
    "event_data": {"id": None, "attempt": 3},
}
HEADERS = [
    ("content-type", "application/json"),
    ("x-knock-event", "message.sent"),
    ("x-knock-signature", "t=1,s=a"),
]


def source() -> ScriptedSource:
    found = ScriptedSource([made(1)])
    found.bodies[1] = json.dumps(BODY).encode()
    found.details[1] = made_detail(
        1, event_data={"attempt": 3, "token": "abc", "meta": {"deep": {"token": 1}, "other": 2}}, headers=HEADERS
    )
    return found


def view_of(view: Shown) -> Lines:
    return view.screen.detail.view


def below(view: Shown) -> str:
    """The line in which one types."""
    return view.lines[view.screen.detail.find_bar.region.y]


async def test_typing_narrows_the_body_to_what_has_it_and_what_that_is_in() -> None:
    async with shown(source()) as view:
        await opened(view)
        await view.press("f", "i", "d")
        assert rows(view) == [
            " ▾ {",
            '   ▾ "data": {',
            '       "id": "m1",',
            '     ▾ "recipient": {',
            '         "id": "r1",',
            '   ▾ "event_data": {',
            '       "id": null,',
        ]
        assert below(view).split() == ["f", "id", "1/3"]


async def test_enter_keeps_what_was_found_and_n_goes_from_hit_to_hit_and_round() -> None:
    async with shown(source()) as view:
        await opened(view)
        await view.press("f", "i", "d", "enter")
        assert view.screen.pane == "detail"
        told = []
        for key in ("n", "n", "n", "N", "N"):
            await view.press(key)
            told.append((tree(view).path(tree(view).cursor), below(view).split()[-1]))
        assert told == [
            (("data", "recipient", "id"), "2/3"),
            (("event_data", "id"), "3/3"),
            (("data", "id"), "1/3"),
            (("event_data", "id"), "3/3"),
            (("data", "recipient", "id"), "2/3"),
        ]


async def test_while_typing_down_and_up_go_from_hit_to_hit() -> None:
    async with shown(source()) as view:
        await opened(view)
        await view.press("f", "i", "d", "down", "down")
        assert below(view).split()[-1] == "3/3"
        await view.press("up")
        assert below(view).split()[-1] == "2/3"
        assert view.screen.pane == "find"


@pytest.mark.parametrize("keys", [["escape"], ["enter", "escape"], ["enter", "n", "q"]])
async def test_escape_shows_all_again_and_leaves_the_detail_open(keys: list[str]) -> None:
    async with shown(source()) as view:
        await opened(view)
        before = rows(view)
        await view.press("f", "i", "d", *keys)
        assert rows(view) == before
        assert view.screen.pane == "detail"
        assert view.screen.has_class("-detail")
        assert not view.screen.detail.find_bar.display


async def test_the_cursor_stays_on_the_hit_when_all_is_shown_again() -> None:
    async with shown(source()) as view:
        await opened(view)
        await view.press("underscore", "f", *"email", "enter", "escape")
        assert tree(view).path(tree(view).cursor) == ("data", "recipient", "email")
        assert tree(view).hit_number() is None


async def test_what_was_found_folds_and_n_unfolds_it_again() -> None:
    async with shown(source()) as view:
        await opened(view)
        await view.press("f", "i", "d", "enter", "left", "left")
        assert '   ▸ "data": { 3 keys: id, recipient, count },' in rows(view)
        await view.press("n")
        assert tree(view).path(tree(view).cursor) == ("data", "id")


async def test_a_container_found_by_its_key_unfolds_to_all_of_it() -> None:
    async with shown(source()) as view:
        await opened(view)
        await view.press("f", *"recip", "enter", "space")
        assert '         "email": "dr@example.com"' in rows(view)


async def test_no_hit_says_so() -> None:
    async with shown(source()) as view:
        await opened(view)
        await view.press("f", *"zzz")
        assert rows(view) == [" No key and no value has it"]
        assert below(view).split()[-2:] == ["no", "hit"]
        await view.press("enter", "n", "minus", "space", "right", "left", "y", "escape")
        assert len(rows(view)) == 15


async def test_ctrl_u_clears_the_line_and_shows_all() -> None:
    async with shown(source()) as view:
        await opened(view)
        await view.press("f", *"zzz", "ctrl+u")
        await view.until(lambda: len(rows(view)) == 15)
        assert view.screen.pane == "find"


async def test_hits_are_marked() -> None:
    async with shown(source()) as view:
        await opened(view)
        await view.press("f", *"EMAIL")
        strip = tree(view).render_line(3)
        assert [segment.text for segment in strip if segment.style and segment.style.underline] == ["email"]


async def test_f_edits_what_was_looked_for_and_typing_takes_its_place() -> None:
    async with shown(source()) as view:
        await opened(view)
        await view.press("f", *"emai", "enter", "f")
        assert below(view).split()[:2] == ["f", "emai"]
        await view.press("end", "l")
        assert below(view).split()[:2] == ["f", "email"]
        await view.press("enter", "f", "i")
        assert below(view).split()[:2] == ["f", "i"]


async def test_headers_are_narrowed() -> None:
    async with shown(source()) as view:
        await view.press("enter")
        view.screen.detail.choose("Headers")
        await view.until_seen("x-knock-signature")
        await view.press("f", *"event")
        assert "x-knock-event" in view.text
        assert "content-type" not in view.text
        assert below(view).split() == ["f", "event", "1/1"]
        await view.press("escape")
        assert "content-type" in view.text


async def test_eventdata_is_narrowed_and_keeps_what_a_hit_is_in() -> None:
    async with shown(source()) as view:
        await view.press("enter")
        view.screen.detail.choose("EventData")
        await view.until_seen("meta")
        await view.press("f", *"token", "enter")
        for text in ("abc", "meta", '"deep"', '"token"'):
            assert text in view.text
        assert '"other"' not in view.text
        assert below(view).split()[-1] == "1/2"
        await view.press("n")
        assert below(view).split()[-1] == "2/2"


async def test_what_is_looked_for_holds_in_the_next_tab_too() -> None:
    async with shown(source()) as view:
        await opened(view)
        await view.press("f", *"event", "enter", "right_square_bracket")
        await view.until_seen("x-knock-event")
        assert "content-type" not in view.text
        await view.press("left_square_bracket", "escape")
        assert len(rows(view)) == 15


async def test_all_that_is_typed_at_once_after_f_is_looked_for() -> None:
    async with shown(source()) as view:
        await opened(view)
        keys = [Key(_character_to_key(char), char) for char in "fqp1?"]
        await view.at_once(*keys, Paste("\x1b[2J\n"))
        assert view.screen.detail.find_bar.field.value == "qp1?[2J"
        assert not view.app.dashboard.paused
        await view.at_once(Key("escape", None), *[Key(_character_to_key(char), char) for char in "fid"])
        await view.at_once(Key("enter", None), Key("n", "n"))
        assert below(view).split() == ["f", "id", "2/3"]


async def test_while_a_search_goes_on_the_field_takes_keys() -> None:
    relay = source()
    relay.bodies[1] = b"[" + b"[1]," * 60_000 + b'"last"]'
    async with shown(relay) as view:
        await opened(view)
        await view.press("f", "1", "ctrl+u", *"last")
        await view.until(lambda: len(tree(view).hits) == 1 and tree(view).progress is None)
        assert view.screen.detail.find_bar.field.value == "last"


async def test_a_click_beside_the_field_leaves_what_was_found_in_place() -> None:
    async with shown(source()) as view:
        await opened(view)
        await view.press("f", "i", "d")
        await view.pilot.click("#body-view", offset=(10, 4))
        assert tree(view).path(tree(view).cursor) == ("data", "recipient", "id")
        assert len(rows(view)) == 7
        await view.press("escape")
        assert len(rows(view)) == 15


@pytest.mark.parametrize("tab", ["EventData", "Body", "Headers", "Summary", "Deliveries"])
async def test_hostile_texts_are_looked_for_in_every_tab(tab: str) -> None:
    relay = ScriptedSource([made(1)])
    body = {f"{number}": [text] for number, text in enumerate(HOSTILE)}
    relay.bodies[1] = json.dumps(body).encode()
    relay.details[1] = made_detail(1, event_data=body, headers=[("x", text[:2_000]) for text in HOSTILE])
    async with shown(relay) as view:
        await view.press("enter")
        view.screen.detail.choose(tab)
        view.screen.detail.edit_find()
        for text in HOSTILE:
            view.screen.detail.look_for(text[:100])
            await view.until(lambda: view_of(view).progress is None)
            view_of(view).step_hit(1)
            view_of(view).render_line(0)
        await view.pilot.pause()
        assert_straight(view)


async def test_what_the_filter_asks_for_is_underlined_in_the_detail() -> None:
    async with shown(source()) as view:
        await opened(view)
        await view.until_seen('"attempt": 3')
        lines = view_of(view)
        lines.underline("event_data.attempt:3 sent")
        marked = [
            segment.text
            for y in range(lines.size.height)
            for segment in lines.render_line(y)
            if segment.style is not None and segment.style.underline
        ]
        assert marked == ["sent", "3"]
