"""The run of a workflow as a tree: its recipients, the steps for each, and the messages these made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from relay.contract.events import EventSummary
from relay.contract.knock import RECIPIENT_RUN, family_of
from relay.contract.moments import microseconds
from relay.contract.timeline.build import NO_ORIGIN, Origin, Standpoint, newest, span_of, steps_of, timeline_of
from relay.contract.timeline.course import Placed, in_order
from relay.contract.timeline.model import MessageTimeline
from relay.contract.timeline.pages import RecipientRun, RunInList, RunStep, RunTree

_ERROR = f"{RECIPIENT_RUN}.error"


class _Recipient(NamedTuple):
    """Whose run it is: by the id of the run for the recipient, or by the recipient where that is not known."""

    run: str | None
    recipient: str | None


def run_of(
    run_id: str,
    events: Iterable[EventSummary],
    standpoint: Standpoint,
    origins: Callable[[str], Origin] = lambda _: NO_ORIGIN,
    *,
    complete: bool = True,
) -> RunTree:
    """Put the events of a run, in any order, into its tree. Raises `ValueError` where there are none.

    `origins` gives a message's origin by its id. `complete` where these are all of its events.
    """
    placed = in_order(events)
    if not placed:
        raise ValueError(f"run {run_id} has no events")
    groups: dict[_Recipient, list[Placed]] = defaultdict(list)
    for each in placed:
        event = each.event
        run = event.workflow_recipient_run_id
        groups[_Recipient(run, event.recipient if run is None else None)].append(each)
    recipients = [_recipient(key, group, standpoint, origins) for key, group in groups.items()]
    first_at, last_at = span_of(placed)
    return RunTree(
        workflow_run_id=run_id,
        workflow=newest(placed, "workflow"),
        environment_id=newest(placed, "environment_id"),
        first_at=first_at,
        last_at=last_at,
        complete=complete,
        recipients=recipients,
    )


def in_list(tree: RunTree) -> RunInList:
    """Tell of a run what a list shows."""
    messages = [message for one in tree.recipients for step in one.steps for message in step.messages]
    return RunInList(
        workflow_run_id=tree.workflow_run_id,
        workflow=tree.workflow,
        environment_id=tree.environment_id,
        first_at=tree.first_at,
        last_at=tree.last_at,
        complete=tree.complete,
        recipients=len(tree.recipients),
        messages=len(messages),
        outcomes=dict(Counter(message.outcome for message in messages).most_common()),
        errors=sum(one.errors for one in tree.recipients),
    )


def _recipient(
    key: _Recipient, placed: Sequence[Placed], standpoint: Standpoint, origins: Callable[[str], Origin]
) -> RecipientRun:
    own = [each for each in placed if family_of(each.event.type) == RECIPIENT_RUN]
    of_messages: dict[str, list[EventSummary]] = defaultdict(list)
    for _, event in placed:
        if event.message_id is not None:
            of_messages[event.message_id].append(event)
    messages = [timeline_of(id_, some, standpoint, origins(id_)) for id_, some in of_messages.items()]
    first_at, last_at = span_of(placed)
    return RecipientRun(
        recipient=newest(placed, "recipient"),
        workflow_recipient_run_id=key.run,
        tenant=newest(placed, "tenant"),
        status=newest(own, "status"),
        errors=sum(each.event.type == _ERROR for each in own),
        first_at=first_at,
        last_at=last_at,
        events=steps_of(own),
        steps=_by_step(messages),
    )


def _by_step(messages: Sequence[MessageTimeline]) -> list[RunStep]:
    """Messages of one step of the workflow together, the step whose first message came first before the others."""
    steps: dict[tuple[str | None, str | None], RunStep] = {}
    for message in sorted(messages, key=lambda one: (microseconds(one.first_at) or 0, one.message_id)):
        channel = message.channel
        key = (message.step_ref, None if channel is None else channel.id or channel.type)
        step = steps.setdefault(key, RunStep(step_ref=message.step_ref, channel=channel, messages=[]))
        step.messages.append(message)
    return list(steps.values())
