"""Knock's catalogue: families and event types, and what an event is about.

What is documented is known by name; whatever else Knock sends is taken as it comes. The typed models of what the
types carry are in `payloads`, which only those who want them import: it takes longer than all the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from relay.contract.events import Entity

if TYPE_CHECKING:
    from relay.contract.payloads import EntityModel, EventData

MESSAGE = "message"
RECIPIENT_RUN = "workflow_recipient_run"
WORKFLOW = "workflow"

FAILED = frozenset(
    {"message.undelivered", "message.bounced", "message.complaint", f"{RECIPIENT_RUN}.error"},
)
"""The types that tell of a failure."""


class MessageStatus(StrEnum):
    """Where a message is on its way, in Knock's own order of precedence, lowest first."""

    UNDELIVERED = "undelivered"
    BOUNCED = "bounced"
    DELIVERY_ATTEMPTED = "delivery_attempted"
    QUEUED = "queued"
    NOT_SENT = "not_sent"
    SENT = "sent"
    DELIVERED = "delivered"


class Engagement(StrEnum):
    """What a recipient did with a message."""

    SEEN = "seen"
    READ = "read"
    INTERACTED = "interacted"
    LINK_CLICKED = "link_clicked"
    ARCHIVED = "archived"


class ChannelType(StrEnum):
    """The kinds of channel."""

    EMAIL = "email"
    IN_APP = "in_app"
    IN_APP_FEED = "in_app_feed"
    IN_APP_GUIDE = "in_app_guide"
    SMS = "sms"
    PUSH = "push"
    CHAT = "chat"
    HTTP = "http"


class RunStatus(StrEnum):
    """Where a workflow recipient run is; an error is counted, and is no status."""

    QUEUED = "queued"
    PROCESSING = "processing"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class FailureReason(StrEnum):
    """Why Knock gave a message up."""

    FATAL_ERROR = "fatal_error"
    RETRIES_EXHAUSTED = "retries_exhausted"


def text_of(value: object) -> str | None:
    """Read a text; a number is shown as one, and anything else is `None`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return str(value)
    except ValueError:  # Python writes no integer of more than 4,300 digits
        return None


def object_of(value: object) -> dict[str, Any]:
    """Read an object; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def recipient_of(value: object) -> str | None:
    """Read a recipient: the id of a user, or `collection/id` of an object."""
    if not isinstance(value, dict):
        return text_of(value)
    id_ = text_of(value.get("id"))
    collection = text_of(value.get("collection"))
    return id_ if id_ is None or collection is None else f"{collection}/{id_}"


class Family(NamedTuple):
    """The event types of one name before the dot. `kind` is the noun for what they are about."""

    name: str
    kind: str
    summary: str

    @property
    def entity(self) -> type[EntityModel]:
        """The model of what `data` holds."""
        from relay.contract.payloads import ENTITIES

        return ENTITIES[self.name]


class EventType(NamedTuple):
    """A documented event type; `summary` says in one sentence when Knock sends it."""

    name: str
    family: str
    summary: str

    @property
    def event_data(self) -> type[EventData] | None:
        """The model of what `event_data` holds; `None` where it is always null."""
        from relay.contract.payloads import EVENT_DATA

        return EVENT_DATA.get(self.name)


def family_of(event_type: str) -> str:
    """Give the name of the family of any type, documented or not: what stands before the first dot."""
    return event_type.partition(".")[0]


FAMILIES: Mapping[str, Family] = {
    family.name: family
    for family in (
        Family(MESSAGE, "message", "What happened to one message to one recipient on one channel."),
        Family(RECIPIENT_RUN, "workflow_recipient_run", "How a workflow's run for one recipient goes."),
        Family(WORKFLOW, "workflow", "A workflow was changed."),
        Family("email_layout", "email_layout", "An email layout was changed."),
        Family("translation", "translation", "A translation was changed."),
        Family("source_event_action", "source_event_action", "What an event of a source sets off was changed."),
        Family("partial", "partial", "A partial, a reusable piece of template, was changed."),
        Family("commits", "promotion", "Commits were taken from one environment to another."),
        Family("branch", "branch", "A branch of an environment came, went or moved."),
    )
}
"""By name, in the order to show them in."""

CATALOGUE: Mapping[str, EventType] = {
    name: EventType(name, family_of(name), summary)
    for name, summary in {
        "message.sent": "The message was handed to the channel's provider.",
        "message.delivered": "The provider confirmed that the message was delivered.",
        "message.delivery_attempted": "An attempt to hand over the message failed; Knock may try again.",
        "message.undelivered": "Knock gave the message up: it could not be handed over.",
        "message.bounced": "The provider said that the message bounced.",
        "message.complaint": "The recipient reported the message as spam.",
        "message.seen": "The message was shown to the recipient.",
        "message.unseen": "The message was marked as not seen again.",
        "message.read": "The recipient opened the message.",
        "message.unread": "The message was marked as not read again.",
        "message.archived": "The recipient put the message away.",
        "message.unarchived": "The message was taken back from the archive.",
        "message.interacted": "The recipient acted on the message, with a click or a button.",
        "message.link_clicked": "The recipient followed a tracked link in the message.",
        f"{RECIPIENT_RUN}.started": "A workflow began to run for a recipient.",
        f"{RECIPIENT_RUN}.completed": "A workflow's run for a recipient came to its end.",
        f"{RECIPIENT_RUN}.error": "A step of a workflow's run for a recipient failed.",
        "workflow.updated": "A workflow was saved, and is not committed yet.",
        "workflow.committed": "Changes to a workflow were committed.",
        "email_layout.updated": "An email layout was saved, and is not committed yet.",
        "email_layout.committed": "Changes to an email layout were committed.",
        "translation.updated": "A translation was saved, and is not committed yet.",
        "translation.committed": "Changes to a translation were committed.",
        "source_event_action.updated": "What a source's event sets off was saved, and is not committed yet.",
        "source_event_action.committed": "Changes to what a source's event sets off were committed.",
        "partial.updated": "A partial was saved, and is not committed yet.",
        "partial.committed": "Changes to a partial were committed.",
        "commits.promoted": "Commits were promoted to this environment, or a branch was merged into it.",
        "branch.created": "A branch of this environment was made.",
        "branch.deleted": "A branch of this environment was deleted.",
        "branch.rebased": "A branch of this environment was brought up to date with it.",
    }.items()
}
"""The documented event types by name, in the order to show them in."""


def is_known(event_type: str) -> bool:
    """Whether Knock documents this event type."""
    return event_type in CATALOGUE


def entity_of(event_type: str, data: dict[str, Any], event_data: object) -> Entity:
    """Tell what an event is about: the kind of thing, and what names this one among its kind.

    The id is `None` where the body does not say it, and for a source event action, which Knock gives no documented
    key. A committed resource has the id of the resource. An unknown family is a kind of its own.
    """
    family = family_of(event_type)
    known = FAMILIES.get(family)
    if known is None:
        return Entity(family, _first(data, "id", "key"))
    return Entity(known.kind, _IDS[family](data, event_data))


def _first(data: Mapping[str, Any], *keys: str) -> str | None:
    for key in keys:
        found = text_of(data.get(key))
        if found:
            return found
    return None


def _own_id(data: dict[str, Any], _event_data: object) -> str | None:
    return text_of(data.get("id")) or None


def _own_key(data: dict[str, Any], _event_data: object) -> str | None:
    return text_of(data.get("key")) or None


def _translation(data: dict[str, Any], _event_data: object) -> str | None:
    locale = text_of(data.get("locale_code"))
    namespace = text_of(data.get("namespace"))
    if not locale or namespace is None:
        return None
    tenant = text_of(data.get("tenant"))
    return f"{locale}/{namespace}" if tenant is None else f"{locale}/{namespace}/{tenant}"


def _promotion(data: dict[str, Any], event_data: object) -> str | None:
    return _first(data, "promote_group_id") or _first(object_of(event_data), "promote_group_id")


def _branch(data: dict[str, Any], _event_data: object) -> str | None:
    return _first(object_of(data.get("branch")), "slug")


_IDS: Mapping[str, Callable[[dict[str, Any], object], str | None]] = {
    MESSAGE: _own_id,
    RECIPIENT_RUN: _own_id,
    WORKFLOW: _own_key,
    "email_layout": _own_key,
    "translation": _translation,
    "source_event_action": _own_id,
    "partial": _own_key,
    "commits": _promotion,
    "branch": _branch,
}
