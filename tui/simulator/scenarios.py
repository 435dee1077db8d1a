"""The scenarios by name, and the event types that each is sure to have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tui.simulator import scripts
from tui.simulator.stage import Stage

_RESOURCES = ("workflow", "email_layout", "translation", "source_event_action", "partial")


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story that messages, runs or templates go through; `types` are the event types it is sure to have."""

    name: str
    summary: str
    script: Callable[[Stage], None]
    types: frozenset[str]


def _scenario(name: str, script: Callable[[Stage], None], *types: str) -> Scenario:
    summary = (script.__doc__ or "").strip()
    return Scenario(name, summary, script, frozenset(types))


_ALL = (
    _scenario(
        "happy-email",
        scripts.happy_email,
        "message.sent",
        "message.delivered",
        "message.read",
        "message.link_clicked",
    ),
    _scenario(
        "feed",
        scripts.feed,
        "message.delivered",
        "message.seen",
        "message.unseen",
        "message.read",
        "message.unread",
        "message.interacted",
        "message.archived",
        "message.unarchived",
    ),
    _scenario("sms", scripts.sms, "message.sent", "message.delivered"),
    _scenario("chat", scripts.chat, "message.sent"),
    _scenario("push", scripts.push, "message.sent"),
    _scenario("office-email", scripts.office_email, "message.sent", "message.read"),
    _scenario("partner-hook", scripts.partner_hook, "message.delivered"),
    _scenario(
        "retry-storm",
        scripts.retry_storm,
        "message.delivery_attempted",
        "message.undelivered",
        "message.sent",
        "message.delivered",
    ),
    _scenario(
        "manual-retry",
        scripts.manual_retry,
        "message.delivery_attempted",
        "message.undelivered",
        "message.sent",
        "message.delivered",
    ),
    _scenario("bounce", scripts.bounce, "message.sent", "message.bounced"),
    _scenario(
        "bounce-wave",
        scripts.bounce_wave,
        "message.sent",
        "message.delivered",
        "message.bounced",
        "message.complaint",
    ),
    _scenario("push-dead-token", scripts.push_dead_token, "message.bounced", "message.sent"),
    _scenario("complaint", scripts.complaint, "message.sent", "message.delivered", "message.complaint"),
    _scenario(
        "digest",
        scripts.digest,
        "workflow_recipient_run.started",
        "workflow_recipient_run.completed",
        "message.sent",
        "message.delivered",
        "message.seen",
        "message.read",
    ),
    _scenario(
        "runs",
        scripts.runs,
        "workflow_recipient_run.started",
        "workflow_recipient_run.error",
        "workflow_recipient_run.completed",
        "message.sent",
        "message.delivered",
        "message.delivery_attempted",
        "message.undelivered",
        "message.seen",
    ),
    _scenario(
        "broadcast",
        scripts.broadcast,
        "workflow_recipient_run.started",
        "workflow_recipient_run.completed",
        "message.sent",
        "message.delivered",
    ),
    _scenario(
        "template-deploy",
        scripts.template_deploy,
        *(f"{resource}.{change}" for resource in _RESOURCES for change in ("updated", "committed")),
        "commits.promoted",
    ),
    _scenario(
        "branch",
        scripts.branch,
        "branch.created",
        "branch.rebased",
        "commits.promoted",
        "branch.deleted",
    ),
)

SCENARIOS: Mapping[str, Scenario] = {scenario.name: scenario for scenario in _ALL}
