"""The scenarios of the simulator, listed for people, and the one that was most likely meant."""

from __future__ import annotations

import textwrap
from difflib import get_close_matches

from tui.simulator.scenarios import SCENARIOS

WIDTH = 80


def scenario_lines() -> list[str]:
    """Return every scenario and what it is about, in lines of 80 characters."""
    indent = max(map(len, SCENARIOS)) + 4
    return [
        line
        for name, scenario in SCENARIOS.items()
        for line in textwrap.wrap(
            scenario.summary, WIDTH, initial_indent=f"  {name}".ljust(indent), subsequent_indent=" " * indent
        )
    ]


def nearest_scenario(name: str) -> str | None:
    """Return the scenario whose name is most like `name`, or holds it."""
    meant = name.strip().lower().replace("_", "-")
    close = get_close_matches(meant, SCENARIOS, n=1)
    holding = [known for known in SCENARIOS if meant and meant in known]
    return next(iter((*close, *holding)), None)
