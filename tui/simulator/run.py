"""One recipient's way through a workflow run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tui.simulator.account import Environment
from tui.simulator.message import Origin
from tui.simulator.notation import timestamp

PAUSED = "workflow_recipient_run.paused"
RESUMED = "workflow_recipient_run.resumed"
"""Changes that Knock makes without a webhook: waiting in a delay or batch step, and going on."""

_STATUS_AFTER = {
    "workflow_recipient_run.started": "processing",
    PAUSED: "paused",
    RESUMED: "processing",
    "workflow_recipient_run.error": "processing",
    "workflow_recipient_run.completed": "completed",
}


@dataclass(slots=True)
class RecipientRun:
    """A workflow recipient run as Knock holds it; `trigger_type` is one of Knock's trigger sources."""

    origin: Origin
    environment: Environment
    recipient: str | dict[str, str]
    inserted_at: datetime
    actor: str | None = None
    tenant: str | None = None
    trigger_type: str = "api"
    cancellation_key: str | None = None
    status: str = "queued"
    error_count: int = 0
    updated_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.updated_at = self.inserted_at

    def apply(self, change: str, at: datetime) -> None:
        """Let `change` happen."""
        self.status = _STATUS_AFTER[change]
        self.error_count += change == "workflow_recipient_run.error"
        self.updated_at = at

    def data(self) -> dict[str, Any]:
        """Return the entity as it is now."""
        trigger_source: dict[str, Any] = {"type": self.trigger_type}
        if self.cancellation_key is not None:
            trigger_source["cancellation_key"] = self.cancellation_key
        return {
            "__typename": "WorkflowRecipientRun",
            "actor": self.actor,
            "error_count": self.error_count,
            "id": self.origin.workflow_recipient_run_id,
            "inserted_at": timestamp(self.inserted_at),
            "recipient": self.recipient,
            "status": self.status,
            "tenant": self.tenant,
            "trigger_source": trigger_source,
            "updated_at": timestamp(self.updated_at),
            "workflow": self.origin.workflow.key,
            "workflow_run_id": self.origin.workflow_run_id,
        }
