"""What can be triggered from the dashboard: the names that a text may mean, and what came of sending them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relay.contract.knock import CATALOGUE
from tui.model.facts import plural
from tui.simulator import SCENARIOS, TYPES

NAMES: tuple[str, ...] = (*TYPES, *SCENARIOS)
"""Event types in the order of Knock's catalogue, then scenarios."""
MOST = 1_000
"""Rounds that can be asked for at once."""


class Sent(NamedTuple):
    """One event that was sent: its type, the answer in words, whether it was taken, and where it is in the log."""

    type: str
    answer: str
    taken: bool
    seq: int | None = None


def offered(text: str) -> list[str]:
    """Give the names that a text may mean: those that begin so, then those that have it in them."""
    wanted = text.strip().lower().replace("_", "-")

    def plainly(name: str) -> str:
        return name.lower().replace("_", "-")

    within = [name for name in NAMES if wanted in plainly(name)]
    return sorted(within, key=lambda name: not plainly(name).startswith(wanted))


def is_type(name: str) -> bool:
    """Tell an event type from a scenario."""
    return name in CATALOGUE


def meaning(name: str) -> str:
    """Say what a name stands for."""
    return SCENARIOS[name].summary if name in SCENARIOS else CATALOGUE[name].summary


def rounds(text: str) -> int | None:
    """Read how many times; None where a text is no such number."""
    text = text.strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    return number if 0 < number <= MOST else None


def outcome(sent: Sequence[Sent]) -> str:
    """Say in one line what came of it."""
    taken = [one for one in sent if one.taken]
    seqs = sorted({one.seq for one in taken if one.seq is not None})
    where = "" if not seqs else f": seq {seqs[0]:,}" if len(seqs) == 1 else f": seq {seqs[0]:,} to {seqs[-1]:,}"
    if len(taken) == len(sent):
        return f"Sent {plural(len(sent), 'event')}{where}"
    return (
        f"Sent {plural(len(sent), 'event')}, of which {len(taken):,} {'was' if len(taken) == 1 else 'were'} taken"
    )
