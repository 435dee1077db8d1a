"""What a message's events tell together: the structs that the relay answers with and a screen shows.

Milliseconds are floats with three places, taken from `created_at`: when Knock made the events, not when they
arrived. What depends on their arrival is `seq`, `received_at`, `delivery_count`, `out_of_order` and three flags.
"""

from __future__ import annotations

from typing import Any

import msgspec

from relay.contract.events import Channel, Verdict
from relay.contract.outcomes import Flag, Outcome


class Step(msgspec.Struct, kw_only=True):
    """One event of a message, in its place.

    `since_first_ms` and `since_previous_ms` are null where Knock gave no time. `out_of_order`: it arrived after
    one that was made later. `undone`: a later step took back what this one did.
    """

    seq: int
    type: str
    created_at: str | None
    received_at: str
    since_first_ms: float | None
    since_previous_ms: float | None
    reading: str
    event_data: Any
    delivery_count: int
    out_of_order: bool
    undone: bool = False
    failed: bool = False
    body_differs: bool = False
    verdict: Verdict = Verdict.VERIFIED
    truncated: bool = False


class Attempt(msgspec.Struct, kw_only=True):
    """A rung of the ladder of retries: an attempt that failed.

    `round` counts from 1, and goes up when a message is tried again after Knock gave it up. `number`, `of` and
    `retryable` are null where the event does not say. `since_previous_ms` is the time from the one before in the
    same round.
    """

    round: int
    number: int | None
    of: int | None
    retryable: bool | None
    created_at: str | None
    since_previous_ms: float | None


class Failure(msgspec.Struct, kw_only=True):
    """Why a message is undelivered or bounced; `type` is the event's. `token` is that of a push."""

    type: str
    reason: str | None
    details: str | None
    token: str | None = None


class MessageTimeline(msgspec.Struct, kw_only=True):
    """What happened to one message, as far as the log has it.

    `steps` are in the order of `created_at`; a list holds the newest 20 of `step_count`. `made_at` is when Knock
    made the message, `took_ms` the time from the first step to the one that decided the outcome. `settled`: on
    this channel nothing more will come of its delivery. `failure` is there while the outcome is a failure.
    `attempts` are all that failed, in order, at most the newest 64. It is not `complete` while the relay indexes
    the log: then older steps may be missing from a list, though not where the message is asked for by its id.
    """

    message_id: str
    recipient: str | None
    workflow: str | None
    channel: Channel | None
    tenant: str | None
    environment_id: str | None
    workflow_run_id: str | None
    workflow_recipient_run_id: str | None
    step_ref: str | None
    outcome: str
    settled: bool
    engagement: list[str]
    made_at: str | None
    first_at: str
    last_at: str
    took_ms: float | None
    flags: list[str]
    failure: Failure | None
    attempts: list[Attempt]
    step_count: int
    steps: list[Step]
    complete: bool = True

    @property
    def is_failing(self) -> bool:
        """Something is wrong with it by now: it bounced, was given up, is being retried, or was complained of."""
        return self.outcome in _FAILING or Flag.COMPLAINT in self.flags


_FAILING = frozenset({Outcome.BOUNCED, Outcome.UNDELIVERED, Outcome.RETRYING})
