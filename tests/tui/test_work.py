"""Work beside the messages: what is ended before it began leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import tui
from tests.tui.on_screen import shown
from tests.tui.scripted_source import ScriptedSource
from tui.work import begin, begin_instead


async def test_work_begun_is_done() -> None:
    async with shown(ScriptedSource()) as view:
        done: list[int] = []

        async def work(number: int) -> None:
            done.append(number)

        begin(view.app, "test", work, 1)
        begin(view.app, "test", work, 2)
        await view.until(lambda: done == [1, 2])


async def test_what_another_takes_the_place_of_at_once_is_not_begun() -> None:
    async with shown(ScriptedSource()) as view:
        done: list[int] = []

        async def work(number: int) -> None:
            done.append(number)

        # Warnings are errors here: a coroutine that nobody awaits would fail this.
        begin_instead(view.app, "test", work, 1)
        begin_instead(view.app, "test", work, 2)
        await view.until(lambda: done == [2])


def test_all_work_is_begun_this_way() -> None:
    root = Path(tui.__file__).parent
    found = [path.relative_to(root) for path in root.rglob("*.py") if "run_worker(" in path.read_text()]
    assert found == [Path("work.py")]
