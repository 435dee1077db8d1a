"""How quick the Body tab is: time to open a body, and the worst time that a key takes.

    python -m tests.bench.body [--size 120x40] [--only NAME]

The real app on a headless terminal, its screen painted as for a real one. The time of a key runs from when the app
takes it until it has been acted on and the screen was painted anew, its bytes written to the driver; the keys are
pressed once the body is there. Opening is timed from the bytes to the first row; while it goes on, and while a
search does, a key is pressed again and again, and the loop is watched for its longest turn.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from textual import events
from textual.keys import _character_to_key
from textual.widget import Widget

from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.widgets.body_view import BodyView

MIB = 1024 * 1024
KEYS = [
    *("down", "up", "pagedown", "pageup", "G", "g", "right", "left", "space", "space", "minus", "plus"),
    *("underscore", "asterisk", "greater_than_sign", "less_than_sign", "dollar_sign", "circumflex_accent"),
    *("j", "enter", "enter"),
]


def typical() -> bytes:
    """100,000 keys and values in 5 MiB, nested as Knock nests them."""
    one = {
        "__typename": "Message",
        "id": "2w3SbXOIkDj8Q6xzR8t8JDvTNsL",
        "channel": {"id": "c1", "provider": "sendgrid", "text": "Life finds a way. " * 17},
        "actors": ["dr_grant", "ellie.sattler"],
        "attempt": 3,
    }
    return json.dumps({"type": "message.sent", "data": {"items": [one] * 10_000}}).encode()


BODIES: dict[str, Callable[[], bytes]] = {
    "5 MiB, 100,000 nodes": typical,
    "wide: 100,000 keys in one object": lambda: json.dumps(
        {f"key-{number:06}": "x" * 36 for number in range(100_000)}
    ).encode(),
    "deep: 500 levels, 100,000 nodes at the end": lambda: (
        b'{"a":' * 499
        + b"["
        + b"12345678901234567890123456789012345678901234567890," * 100_000
        + b"1]"
        + b"}" * 499
    ),
    "one string of 1 MB": lambda: json.dumps({"data": {"text": "x" * 1_000_000}}).encode(),
    "one string of 5 MiB, wide characters": lambda: json.dumps(
        {"data": {"text": "東" * 1_740_000}}, ensure_ascii=False
    ).encode(),
    "as many lines as 5 MiB can hold": lambda: b"[" + b"[1]," * 1_300_000 + b"1]",
    "not JSON, 200,000 lines": lambda: b"<p>no JSON at all</p>....\n" * 200_000,
}


@dataclass
class Watched:
    """The longest turn of the loop while something goes on."""

    longest: float = 0.0
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    async def _watch(self) -> None:
        before = time.perf_counter()
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            self.longest = max(self.longest, now - before)
            before = now

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Watch until the block ends."""
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()


async def press(view: Shown, name: str) -> float:
    """Press a key as the terminal's driver tells of it, and give the seconds until its outcome is on screen."""
    started = time.perf_counter()
    taken = asyncio.Event()
    key = _character_to_key(name) if len(name) == 1 else name
    view.app.post_message(events.Key(key, name if len(name) == 1 else None))
    view.app.call_later(taken.set)
    await taken.wait()
    await paint(view)
    return time.perf_counter() - started


async def paint(view: Shown) -> None:
    """Paint what is to be painted, without the wait for the next of the 60 ticks a second."""
    screen = view.app.screen
    for widget in screen.walk_children(Widget):
        widget._check_refresh()
    told = asyncio.Event()
    screen.call_later(told.set)
    await told.wait()
    screen._on_timer_update()


async def worst_during(view: Shown, going_on: Callable[[], bool]) -> float:
    """Press a key for as long as something goes on, and give the worst time."""
    worst = 0.0
    while going_on():
        worst = max(worst, await press(view, "down"))
    return worst


async def measure(name: str, body: bytes, size: tuple[int, int]) -> None:
    """Open one body, press the keys, look for something; print what it took."""
    source = ScriptedSource([made(1), made(2)])
    source.bodies = {1: b"{}", 2: body}
    async with shown(source, size) as view:
        tree: BodyView = view.screen.detail.body
        await view.press("enter")
        await view.until(lambda: view.screen.detail.complete)
        started = time.perf_counter()
        view.screen.action_tab(2)
        while not len(tree.folds):  # noqa: ASYNC110 - nothing tells, and it is to be seen at once
            await asyncio.sleep(0.001)
        await paint(view)
        opened = time.perf_counter() - started
        tree.say("again")
        watched = Watched()
        async with watched.watching():
            tree.read(body)
            during = await worst_during(view, lambda: len(tree.folds) == 0)
        print(f"{name}: {len(body) / MIB:.1f} MiB, {len(tree.body):,} lines", flush=True)
        print(f"  open {opened * 1e3:,.0f} ms; meanwhile a key {_ms(during)},", end=" ")
        print(f"the longest turn {_ms(watched.longest)}", flush=True)
        await keys(view, tree)
        await searches(view, tree)


async def keys(view: Shown, tree: BodyView) -> None:
    """Press every key of the tree at several places."""
    worst: dict[str, float] = {}
    for start in ("g", "G", "pageup"):
        await press(view, start)
        for name in KEYS:
            took = await press(view, name)
            later = await worst_during(view, lambda: tree.progress is not None)
            worst[name] = max(worst.get(name, 0.0), took, later)
    slowest = sorted(worst, key=worst.__getitem__, reverse=True)
    told = ", ".join(f"{name} {_ms(worst[name])}" for name in slowest[:4])
    print(f"  worst key {_ms(worst[slowest[0]])}: {told}")


async def searches(view: Shown, tree: BodyView) -> None:
    """Type what is in many lines, in few and in none, and wait for what is found."""
    for text in ("1", "x", "sendgrid", "nowhere"):
        await press(view, "f")
        watched, worst, before = Watched(), 0.0, time.perf_counter()
        async with watched.watching():
            for character in text:
                worst = max(worst, await press(view, character))
            await asyncio.sleep(0)
            worst = max(worst, await worst_during(view, lambda: tree.progress is not None))
        found = time.perf_counter() - before
        hits = len(tree.hits)
        for name in ("enter", "n", "N", "escape"):
            worst = max(worst, await press(view, name))
        print(f"  find {text!r}: {hits:,} hits in {found * 1e3:,.0f} ms; worst key {_ms(worst)},", end=" ")
        print(f"the longest turn {_ms(watched.longest)}", flush=True)


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms"


def main() -> None:
    """Read the flags."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    columns, rows = (int(part) for part in options.size.split("x"))
    for name, make in BODIES.items():
        if options.only in name:
            asyncio.run(measure(name, make(), (columns, rows)))


if __name__ == "__main__":
    main()
