"""What happened to one message, derived from its events: pure, and the same whatever order they arrived in."""

from __future__ import annotations

from relay.contract.timeline.build import (
    LISTED_STEPS,
    NO_ORIGIN,
    STALL_AFTER_US,
    Origin,
    Standpoint,
    listed,
    timeline_of,
)
from relay.contract.timeline.model import Attempt, Failure, Flag, MessageTimeline, Outcome, Step

__all__ = [
    "LISTED_STEPS",
    "NO_ORIGIN",
    "STALL_AFTER_US",
    "Attempt",
    "Failure",
    "Flag",
    "MessageTimeline",
    "Origin",
    "Outcome",
    "Standpoint",
    "Step",
    "listed",
    "timeline_of",
]
