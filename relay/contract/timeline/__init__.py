"""What happened to one message, derived from its events: pure, and the same whatever order they arrived in."""

from __future__ import annotations

from relay.contract.outcomes import Flag, Outcome
from relay.contract.timeline.build import (
    LISTED_STEPS,
    NO_ORIGIN,
    STALL_AFTER_US,
    Origin,
    Standpoint,
    listed,
    timeline_of,
)
from relay.contract.timeline.funnel import FunnelCount, Way, funnel_of, way_by, way_of
from relay.contract.timeline.model import Attempt, Failure, MessageTimeline, Step
from relay.contract.timeline.pages import (
    Funnel,
    FunnelGroup,
    FunnelStep,
    MessagesPage,
    RecipientRun,
    RunInList,
    RunsPage,
    RunStep,
    RunTree,
)
from relay.contract.timeline.runs import in_list, run_of

__all__ = [
    "LISTED_STEPS",
    "NO_ORIGIN",
    "STALL_AFTER_US",
    "Attempt",
    "Failure",
    "Flag",
    "Funnel",
    "FunnelCount",
    "FunnelGroup",
    "FunnelStep",
    "MessageTimeline",
    "MessagesPage",
    "Origin",
    "Outcome",
    "RecipientRun",
    "RunInList",
    "RunStep",
    "RunTree",
    "RunsPage",
    "Standpoint",
    "Step",
    "Way",
    "funnel_of",
    "in_list",
    "listed",
    "run_of",
    "timeline_of",
    "way_by",
    "way_of",
]
