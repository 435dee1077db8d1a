"""What the viewer API answers of messages and runs: lists, the funnel, the tree of a run."""

from __future__ import annotations

import msgspec

from relay.contract.events import Channel
from relay.contract.timeline.model import MessageTimeline, Step


class MessagesPage(msgspec.Struct, kw_only=True):
    """Messages in the order asked for, each with its newest 20 steps. `next` is to be passed as `before`.

    There may be more although `items` is short; `scanned` events or messages were looked at. The slowest may be
    those of the `newest` messages that match alone; null where they are of all.
    """

    items: list[MessageTimeline]
    next: str | None
    scanned: int
    newest: int | None = None


class FunnelStep(msgspec.Struct, kw_only=True):
    """How many messages came to a step, `of` those that can on their channel.

    `median_ms` and `p95_ms` are the times from the step before it that the message has; null where there is none.
    """

    step: str
    count: int
    of: int
    median_ms: float | None
    p95_ms: float | None


class FunnelGroup(msgspec.Struct, kw_only=True):
    """The funnel of the messages with one channel type or workflow; `value` is null for those without."""

    value: str | None
    messages: int
    steps: list[FunnelStep]


class Funnel(msgspec.Struct, kw_only=True):
    """How far messages came: all together in `steps`, and by channel or workflow in `groups`, the largest first.

    Without `complete` only the newest `messages` were counted, up to seq `upto`.
    """

    upto: int
    messages: int
    complete: bool
    steps: list[FunnelStep]
    groups: list[FunnelGroup]


class RunStep(msgspec.Struct, kw_only=True):
    """A step of a workflow and the messages it made; `step_ref` is null where the events do not say."""

    step_ref: str | None
    channel: Channel | None
    messages: list[MessageTimeline]


class RecipientRun(msgspec.Struct, kw_only=True):
    """A workflow's run for one recipient. `status` is the newest that its events give.

    `events` are those of the run itself, oldest first. `errors` counts the events that told of one. `first_at` and
    `last_at` span its messages too.
    """

    recipient: str | None
    workflow_recipient_run_id: str | None
    tenant: str | None
    status: str | None
    errors: int
    first_at: str
    last_at: str
    events: list[Step]
    steps: list[RunStep]


class RunTree(msgspec.Struct, kw_only=True):
    """A workflow's run: its recipients in the order in which they came up; all of them where it is `complete`."""

    workflow_run_id: str
    workflow: str | None
    environment_id: str | None
    first_at: str
    last_at: str
    complete: bool
    recipients: list[RecipientRun]


class RunInList(msgspec.Struct, kw_only=True):
    """A run as a list shows it: how many recipients and messages it has, by outcome, and errors."""

    workflow_run_id: str
    workflow: str | None
    environment_id: str | None
    first_at: str
    last_at: str
    complete: bool
    recipients: int
    messages: int
    outcomes: dict[str, int]
    errors: int


class RunsPage(msgspec.Struct, kw_only=True):
    """Runs, those with the newest event first. `next` is to be passed as `before`."""

    items: list[RunInList]
    next: str | None
    scanned: int
