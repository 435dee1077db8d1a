"""The palette offers every action of the screen, columns, saved filters and themes."""

from __future__ import annotations

from pathlib import Path

from tests.hostile import HOSTILE
from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.commands import Actions, Command
from tui.keys import CLOSED, KEYS, keys_of
from tui.state import State


def source() -> ScriptedSource:
    return ScriptedSource([made(1), made(2, "message.read")])


def commands(view: Shown) -> list[Command]:
    return list(Actions(view.screen)._commands())


async def chosen(view: Shown, words: str) -> None:
    """Open the palette, type words, and take the first line."""
    await view.press("ctrl+p")
    await view.press(*("space" if char == " " else char for char in words))
    await view.until_seen(words)
    await view.press("enter")


async def test_every_action_of_what_is_on_screen_is_offered_with_its_keys() -> None:
    async with shown(source(), (200, 60)) as view:
        offered = {(command.text.partition(" (")[0], command.note) for command in commands(view)}
        for key in KEYS:
            node = view.screen.node_of(key)
            if key.pane not in CLOSED and key.name != "palette" and node is not None:
                assert (key.text, "  ".join(keys_of(key, {}))) in offered, key.name


async def test_actions_of_panes_that_are_not_on_screen_are_not_offered() -> None:
    async with shown(source()) as view:
        assert not [command.text for command in commands(view) if command.text.endswith("(detail)")]


async def test_the_actions_of_the_pane_with_the_focus_come_first() -> None:
    async with shown(source(), (200, 60)) as view:
        await view.press("enter")
        assert commands(view)[0].text == "next tab"


async def test_what_only_moves_the_cursor_comes_after_the_rest_of_its_pane() -> None:
    async with shown(source()) as view:
        texts = [command.text for command in commands(view)]
        assert texts.index("mark the event, or take the mark away") < texts.index("one row down")


async def test_colon_opens_it_too() -> None:
    async with shown(source()) as view:
        await view.press("colon")
        await view.until_seen("What to do")


async def test_a_theme_is_chosen_by_its_name() -> None:
    async with shown(source()) as view:
        await chosen(view, "theme nord")
        await view.until(lambda: view.app.theme == "nord")


async def test_a_column_is_hidden_and_shown_again() -> None:
    async with shown(source(), (140, 40)) as view:
        await view.until_seen("security-breach")
        await chosen(view, "hide the column workflow")
        await view.until(lambda: "security-breach" not in view.text and "dr_grant" in view.text)
        await chosen(view, "show the column workflow")
        await view.until_seen("security-breach")


async def test_hidden_columns_are_hidden_next_time(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    async with shown(source(), (140, 40), state=State.load(path)) as view:
        await chosen(view, "hide the column workflow")
        await view.until(lambda: "security-breach" not in view.text and "dr_grant" in view.text)
        view.app.exit()
    async with shown(source(), (140, 40), state=State.load(path)) as view:
        assert "security-breach" not in view.text


async def test_saved_filters_are_applied_by_their_name_be_they_of_the_configuration_or_saved_here(
    tmp_path: Path,
) -> None:
    relay = source()
    state = State(path=tmp_path / "state.json", filters={"just read": "message.read"})
    options = AppOptions(filters={"mine": "message.sent"})
    async with shown(relay, options=options, state=state) as view:
        await chosen(view, "filter just read")
        await view.until(lambda: relay.asked == ["message.read"])
        await chosen(view, "filter mine")
        await view.until(lambda: relay.asked[-1] == "message.sent")


async def test_names_that_look_like_markup_or_worse_are_shown_as_they_are(tmp_path: Path) -> None:
    named = {text[:100] or "x": text[:100] for text in HOSTILE}
    state = State(path=tmp_path / "state.json", filters={"[@click=app.quit]a[/] [/]": "failed", **named})
    async with shown(source(), (140, 40), state=state) as view:
        await chosen(view, "filter [@")
        await view.until(lambda: view.source.asked == ["failed"])
        await view.press("ctrl+p", *"filter")
        await view.pilot.pause()
        bad = {char for char in view.text if (char < " " and char != "\n") or "\x7f" <= char <= "\x9f"}
        assert not bad
