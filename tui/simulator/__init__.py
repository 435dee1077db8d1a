"""Realistic Knock traffic that the contract allows: deterministic by seed, with time injected, nothing sent.

`event` makes one event of a type, `Lifecycle` plays one of the `SCENARIOS`, `Traffic` mixes them without end.
"""

from __future__ import annotations

from tui.simulator.account import ENVIRONMENTS, Environment
from tui.simulator.event import SimulatedEvent
from tui.simulator.lifecycle import TYPES, Lifecycle, event
from tui.simulator.overrides import Override, OverrideError
from tui.simulator.overrides import parse as parse_override
from tui.simulator.scenarios import SCENARIOS, Scenario
from tui.simulator.stage import brisk, real_time
from tui.simulator.traffic import Delivery, Traffic

__all__ = [
    "ENVIRONMENTS",
    "SCENARIOS",
    "TYPES",
    "Delivery",
    "Environment",
    "Lifecycle",
    "Override",
    "OverrideError",
    "Scenario",
    "SimulatedEvent",
    "Traffic",
    "brisk",
    "event",
    "parse_override",
    "real_time",
]
