"""How to come to each pane of the dashboard, from its start at 160x48."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from tests.tui.made import made_forward, made_held
from tests.tui.on_screen import Shown
from tui.keys import Pane


async def the_stream(view: Shown) -> None:
    await view.press("escape")


async def the_detail(view: Shown) -> None:
    await view.press("enter")
    await view.until(lambda: view.screen.detail.complete)


async def the_types(view: Shown) -> None:
    await view.press("2")
    await view.until(lambda: view.app.front is not view.screen)


async def the_table(view: Shown) -> None:
    await the_types(view)
    await view.press("enter")
    await view.until(lambda: len(view.app.screen_stack) == 2)


async def the_values(view: Shown) -> None:
    await the_table(view)
    await view.until(lambda: view.app.front is not None and view.app.front.pane == "table")
    await view.press("tab")


async def the_runs(view: Shown) -> None:
    await view.press("4")
    await view.until_seen("security-breach-alert", "1 run")


async def the_failures(view: Shown) -> None:
    view.source.values = {"workflow": ["welcome", "welcome", "invoice"]}
    await view.press("5")
    await view.until_seen("Runs with errors", "welcome")


async def one_failure(view: Shown) -> None:
    await the_failures(view)
    await view.press("tab")


async def the_messages(view: Shown) -> None:
    await view.press("3")
    await view.until(lambda: view.app.front is not None and view.app.front.pane == "messages")
    await view.until_seen("outcome", "dr_grant")


async def the_story(view: Shown) -> None:
    await the_messages(view)
    await view.press("enter")
    await view.until(lambda: view.app.front is not None and view.app.front.pane == "story")


async def the_quarantine(view: Shown) -> None:
    view.source.hold(made_held(1), made_held(2))
    await view.press("6")
    await view.until_seen("2 of at most 1,000 held")


async def a_held_request(view: Shown) -> None:
    await the_quarantine(view)
    await view.press("enter")
    await view.until(lambda: view.app.front is not None and view.app.front.pane == "request")


async def the_forwards(view: Shown) -> None:
    view.source.forwarded = [made_forward(entry, n=entry) for entry in (9, 8, 7)]
    await view.press("7")
    await view.until_seen("1 of 3")


async def an_answer(view: Shown) -> None:
    await the_forwards(view)
    await view.press("tab")
    await view.until(lambda: view.app.front is not None and view.app.front.pane == "answer")


async def the_steps(view: Shown) -> None:
    await view.app.action_set_up()
    await view.until_seen("1 Address")


async def a_resend(view: Shown) -> None:
    await view.press("r")
    await view.until_seen("Resend", "53 bytes")


async def an_export(view: Shown) -> None:
    await view.press("x")
    await view.until_seen("Export", "all that the relay has")


async def the_field(view: Shown) -> None:
    await view.press("slash")


async def the_finder(view: Shown) -> None:
    await the_detail(view)
    await view.press("f")


async def a_sheet(view: Shown) -> None:
    await view.press("t")


async def the_difference(view: Shown) -> None:
    await view.press("k", "m", "j", "equals_sign")


async def the_help(view: Shown) -> None:
    await view.press("question_mark")


WAYS: Mapping[Pane, Callable[[Shown], Awaitable[None]]] = {
    "stream": the_stream,
    "everywhere": the_stream,
    "detail": the_detail,
    "types": the_types,
    "table": the_table,
    "values": the_values,
    "runs": the_runs,
    "failures": the_failures,
    "failure": one_failure,
    "messages": the_messages,
    "story": the_story,
    "quarantine": the_quarantine,
    "request": a_held_request,
    "forwards": the_forwards,
    "answer": an_answer,
    "set_up": the_steps,
    "field": the_field,
    "find": the_finder,
    "sheet": a_sheet,
    "resend": a_resend,
    "export": an_export,
    "diff": the_difference,
    "help": the_help,
}
"""How to come to each pane."""
