"""One message on one channel: its delivery status, its engagement, and what Knock says of it at any moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tui.simulator.account import Channel, Environment, Workflow
from tui.simulator.notation import timestamp

QUEUED = "message.queued"
"""A change that Knock makes without a webhook: waiting for its first or its next attempt."""

STRAIGHT_TO_DELIVERED = frozenset({"in_app_feed", "http"})

_MOVES: Mapping[str, tuple[frozenset[str], str]] = {
    QUEUED: (frozenset({"delivery_attempted", "undelivered"}), "queued"),
    "message.delivery_attempted": (frozenset({"queued"}), "delivery_attempted"),
    "message.sent": (frozenset({"queued"}), "sent"),
    "message.delivered": (frozenset({"sent"}), "delivered"),
    "message.bounced": (frozenset({"queued", "sent"}), "bounced"),
    "message.undelivered": (frozenset({"delivery_attempted", "sent"}), "undelivered"),
}
"""Change: the statuses it can happen in, and the status after it."""

_ENGAGEMENT: Mapping[str, tuple[str, ...]] = {
    "message.seen": ("seen",),
    "message.read": ("read", "seen"),
    "message.interacted": ("interacted", "read", "seen"),
    "message.link_clicked": ("link_clicked", "read", "seen"),
    "message.archived": ("archived",),
}
"""Change: what holds after it. Whoever reads has seen, whoever clicks has read."""

_UNDONE: Mapping[str, str] = {
    "message.unseen": "seen",
    "message.unread": "read",
    "message.unarchived": "archived",
}

_ENGAGEMENT_BY_CHANNEL: Mapping[str, frozenset[str]] = {
    "email": frozenset({"message.read", "message.link_clicked"}),
    "sms": frozenset({"message.link_clicked"}),
    "chat": frozenset({"message.link_clicked"}),
    "in_app_feed": frozenset(_ENGAGEMENT) | frozenset(_UNDONE),
    "push": frozenset(),
    "http": frozenset(),
}


class ImpossibleChangeError(ValueError):
    """A change that Knock would never report of a message in this state."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What made the message: a workflow run, for one recipient. `kind` is `workflow` or `broadcast`."""

    workflow: Workflow
    workflow_run_id: str
    workflow_recipient_run_id: str
    kind: str = "workflow"


@dataclass(slots=True)
class Message:
    """A message as Knock holds it. `recipient` is a user's id or an object's `{collection, id}`."""

    id: str
    channel: Channel
    environment: Environment
    origin: Origin
    recipient: str | dict[str, str]
    inserted_at: datetime
    trigger_data: dict[str, Any]
    tenant: str | None = None
    actors: list[str] = field(default_factory=list)
    recipient_snapshot: dict[str, str] | None = None
    external_id: str | None = None
    status: str = "queued"
    handed_over: bool = field(init=False, default=False)
    updated_at: datetime = field(init=False)
    engaged_at: dict[str, datetime] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.updated_at = self.inserted_at

    def apply(self, change: str, at: datetime) -> None:
        """Let `change` happen. Raises `ImpossibleChangeError`."""
        if change in _MOVES:
            self._move(change)
        elif change == "message.complaint":
            self._require(change, self.channel.type == "email" and self.status in {"sent", "delivered"})
        else:
            self._engage(change, at)
        self.updated_at = at

    def data(self) -> dict[str, Any]:
        """Return the entity as it is now."""
        engaged = {name: timestamp(at) for name, at in self.engaged_at.items()}
        return {
            "__typename": "Message",
            "actors": self.actors,
            "archived_at": engaged.get("archived"),
            "channel": self.channel.as_json(),
            "channel_id": self.channel.id,
            "clicked_at": engaged.get("link_clicked"),
            "data": self.trigger_data,
            "engagement_statuses": sorted(engaged),
            "id": self.id,
            "inserted_at": timestamp(self.inserted_at),
            "interacted_at": engaged.get("interacted"),
            "link_clicked_at": engaged.get("link_clicked"),
            "metadata": self._metadata(),
            "read_at": engaged.get("read"),
            "recipient": self.recipient,
            "recipient_snapshot": self.recipient_snapshot,
            "scheduled_at": None,
            "seen_at": engaged.get("seen"),
            "source": self._source(),
            "status": self.status,
            "tenant": self.tenant,
            "updated_at": timestamp(self.updated_at),
            "workflow": self.origin.workflow.key,
        }

    def _move(self, change: str) -> None:
        before, after = _MOVES[change]
        if self.channel.type in STRAIGHT_TO_DELIVERED and change == "message.delivered":
            before = frozenset({"queued"})
        self._require(change, self.status in before)
        self._require(change, not (after == "sent" and self.channel.type in STRAIGHT_TO_DELIVERED))
        self._require(change, after != "delivered" or self.channel.can_deliver)
        self.status = after
        self.handed_over = self.handed_over or after == "sent"

    def _engage(self, change: str, at: datetime) -> None:
        self._require(change, self.status in {"sent", "delivered"})
        self._require(change, change in _ENGAGEMENT_BY_CHANNEL[self.channel.type])
        if change in _UNDONE:
            self._require(change, _UNDONE[change] in self.engaged_at)
            del self.engaged_at[_UNDONE[change]]
            return
        newest, *implied = _ENGAGEMENT[change]
        self.engaged_at[newest] = at
        for name in implied:
            self.engaged_at.setdefault(name, at)

    def _require(self, change: str, possible: bool) -> None:
        if not possible:
            raise ImpossibleChangeError(f"{change} on {self.channel.type} while {self.status}")

    def _metadata(self) -> dict[str, str] | None:
        return {"external_id": self.external_id} if self.handed_over and self.external_id else None

    def _source(self) -> dict[str, Any]:
        return {
            "__typename": "NotificationSource",
            "categories": list(self.origin.workflow.categories),
            "key": self.origin.workflow.key,
            "step_ref": self.origin.workflow.step_ref(self.channel),
            "type": self.origin.kind,
            "version_id": self.origin.workflow.version_id,
            "workflow_recipient_run_id": self.origin.workflow_recipient_run_id,
            "workflow_run_id": self.origin.workflow_run_id,
        }
