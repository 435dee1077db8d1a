"""Ctrl-C ends what runs, between two turns of its loop."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PROGRAM = """
import asyncio, os, signal
from tui.cli.interrupting import run

async def main():
    os.kill(os.getpid(), signal.SIGINT)
    # It is heard in the next turn of the loop: this one comes to its end.
    print("whole", flush=True)
    await asyncio.sleep(60)
    print("too late")

if {ignored}:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.sleep = lambda _: asyncio.wait_for(asyncio.Event().wait(), 0.01)
try:
    run(main())
except KeyboardInterrupt:
    print("interrupted")
except TimeoutError:
    print("ignored")
"""


def said(*, ignored: bool) -> tuple[list[str], str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(ignored=ignored)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return done.stdout.split(), done.stderr


def test_an_interrupt_lets_a_turn_come_to_its_end_and_then_ends_it() -> None:
    assert said(ignored=False) == (["whole", "interrupted"], "")


def test_an_interrupt_that_the_parent_had_ignored_stays_ignored() -> None:
    assert said(ignored=True) == (["whole", "ignored"], "")
