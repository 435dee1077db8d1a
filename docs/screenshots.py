"""Make the screenshots of the documentation: a real relay, simulated traffic, the real dashboard.

    python docs/screenshots.py [--size 170x44] [--to docs/images/events.svg] [--filter F] [--keys KEYS]
                               [--theme THEME] [--ascii]

Without flags all images of the documentation are made. Keys are pressed one after the other, named as Textual
names them: --keys "up up enter".
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import httpx

os.environ |= {"TEXTUAL_COLOR_SYSTEM": "truecolor", "TEXTUAL_ANIMATIONS": "none"}  # before Textual is imported

from tests.relay_process import SECRET, TOKEN, RelayProcess, running
from tui.app import AppOptions, KnocktopApp
from tui.model.environments import Environment
from tui.model.source import LinkState
from tui.simulator import Traffic
from tui.simulator.account import ENVIRONMENTS, PRODUCTION
from tui.source import RelaySource
from tui.themes import KNOCKTOP

RATE = 5.0
"""Simulated events a second."""
NAMES = {one.id: Environment(one.slug, production=one is PRODUCTION) for one in ENVIRONMENTS}
IMAGES = Path(__file__).parent / "images"
DOCUMENTED = {
    "events": "up up up up up up up up up up enter right_square_bracket",
    "types": "2",
}
"""The images of the documentation, and the keys that lead there."""
MINUTES = 4.0
"""How long the events of those take to come, so that there is something to see of how they came."""


async def feed(relay: RelayProcess, count: int, seed: int, pause: float) -> None:
    """Post simulated webhooks, signed now."""
    async with httpx.AsyncClient(trust_env=False) as client:
        # Events that happened until now, as far as Knock's clock goes.
        start = datetime.now(UTC) - timedelta(seconds=count / RATE)
        for delivery in islice(Traffic(seed, RATE, start=start), count):
            event = delivery.event.signed(SECRET, time.time_ns() // 1_000_000)
            answer = await client.post(relay.webhooks, content=event.body, headers=dict(event.headers))
            answer.raise_for_status()
            await asyncio.sleep(pause)


@contextlib.asynccontextmanager
async def dashboard(relay: RelayProcess, options: argparse.Namespace) -> AsyncIterator[KnocktopApp]:
    """The dashboard without a terminal, live."""

    async def connect() -> RelaySource:
        return RelaySource(relay.url, TOKEN, filter_text=options.filter, public_url=options.public_url)

    chosen = AppOptions(
        utc=True, ascii=options.ascii, filter=options.filter, theme=options.theme, environments=NAMES
    )
    app = KnocktopApp(connect, chosen)
    columns, rows = (int(part) for part in options.size.split("x"))
    async with app.run_test(size=(columns, rows)) as pilot:
        async with asyncio.timeout(30):
            while app.dashboard.link.state is not LinkState.LIVE:
                await pilot.pause(0.05)
        await feed(relay, options.count, options.seed + 1, 0.02)
        await pilot.pause(0.5)
        for key in options.keys.split():
            await pilot.press(key)
        await pilot.pause(0.5)
        yield app


async def make(options: argparse.Namespace, images: Mapping[Path, str], minutes: float = 0) -> None:
    """Make images of one relay: each file, and the keys that lead to what it shows."""
    with tempfile.TemporaryDirectory() as directory, running(Path(directory)) as relay:
        await feed(relay, options.before, options.seed, minutes * 60 / max(options.before, 1))
        for file, options.keys in images.items():
            async with dashboard(relay, options) as app:
                file.parent.mkdir(exist_ok=True)
                app.save_screenshot(file.name, str(file.parent))


def main() -> None:
    """Read the flags."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="170x44")
    parser.add_argument("--to", type=Path)
    parser.add_argument("--filter", default="")
    parser.add_argument("--keys", default="")
    parser.add_argument("--ascii", action="store_true")
    parser.add_argument("--theme", default=KNOCKTOP.name)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--before", type=int, default=400)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--public-url", default="https://calm-river.example.com")
    options = parser.parse_args()
    if options.to is not None:
        asyncio.run(make(options, {options.to: options.keys}))
    else:
        asyncio.run(make(options, {IMAGES / f"{name}.svg": keys for name, keys in DOCUMENTED.items()}, MINUTES))


if __name__ == "__main__":
    main()
