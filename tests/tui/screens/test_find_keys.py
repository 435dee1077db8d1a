"""From hit to hit in the detail."""

from __future__ import annotations

from tests.tui.made import made, made_detail
from tests.tui.on_screen import shown
from tests.tui.scripted_source import ScriptedSource


async def test_n_goes_to_the_next_hit_and_capital_n_to_the_one_before() -> None:
    source = ScriptedSource([made(1)])
    source.details[1] = made_detail(1, headers=[("x-one", "a"), ("other", "b"), ("x-two", "c")])
    async with shown(source, (140, 40)) as view:
        await view.press("enter", "left_square_bracket", "left_square_bracket")
        await view.until_seen("x-one", "other", "x-two")
        await view.press("f", *"x-", "enter")
        await view.until(lambda: "other" not in view.text)
        lines = view.screen.detail.view
        seen = []
        for key in ("n", "n", "N"):
            await view.press(key)
            seen.append(lines.path(lines.cursor))
        assert seen == ["header.x-two", "header.x-one", "header.x-two"]
