"""What Knock's events carry, as typed models: the entity in `data`, and `event_data`.

Reading never fails. A field that is absent or of another type than documented is `None`, and `raw` still has what
came; keys that are not documented are kept in `model_extra`. Values of closed sets are texts, since Knock may add
to them: the known ones are the enumerations in `knock`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self, TypeAlias, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainValidator,
    PrivateAttr,
    ValidationError,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

from relay.contract.knock import recipient_of, text_of


def _moment_of(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _object_of(value: object) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _texts_of(value: object) -> list[str] | None:
    if not isinstance(value, list):
        return None
    return [text for text in map(text_of, value) if text is not None]


Text: TypeAlias = Annotated[str | None, PlainValidator(text_of, json_schema_input_type=str | None)]
Texts: TypeAlias = Annotated[list[str] | None, PlainValidator(_texts_of, json_schema_input_type=list[str] | None)]
Moment: TypeAlias = Annotated[datetime | None, PlainValidator(_moment_of, json_schema_input_type=datetime | None)]
Object: TypeAlias = Annotated[
    dict[str, Any] | None, PlainValidator(_object_of, json_schema_input_type=dict[str, Any] | None)
]


class Lenient(BaseModel):
    """An object of Knock's, read without ever refusing it."""

    model_config = ConfigDict(extra="allow", strict=True, defer_build=True)

    typename: Text = Field(default=None, alias="__typename")
    _raw: Any = PrivateAttr(default=None)

    @property
    def raw(self) -> Any:
        """What came, untouched."""
        return self._raw

    @classmethod
    def read(cls, raw: object) -> Self:
        """Read any JSON value; what is no object reads as one without fields."""
        if isinstance(raw, dict):
            return cls.model_validate(raw)
        return _remember(cls.model_validate({}), raw)

    @model_validator(mode="wrap")
    @classmethod
    def _keep_all(cls, raw: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(raw, cls):
            return raw
        if not isinstance(raw, dict):
            return _remember(handler(raw), raw)
        documented = {field.alias or name for name, field in cls.model_fields.items()}
        # pydantic would refuse a key that holds half of a surrogate pair, so it gets the documented ones alone.
        model = handler({key: value for key, value in raw.items() if key in documented})
        if model.model_extra is not None:
            model.model_extra.update((key, value) for key, value in raw.items() if key not in documented)
        return _remember(model, raw)

    @field_validator("*", mode="wrap")
    @classmethod
    def _none_for_another_type(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError:
            return None


_M = TypeVar("_M", bound=Lenient)


def _remember(model: _M, raw: object) -> _M:
    model._raw = raw  # noqa: SLF001 - the base class's own
    return model


class EventData(Lenient):
    """What an event says beside its entity."""


class EntityModel(Lenient):
    """What an event is about, as it was when Knock wrote the event out."""


class DeliveryAttempted(EventData):
    """How many attempts there were, of how many; `retryable` may be absent."""

    attempt: int | None = None
    max_attempts: int | None = None
    retryable: bool | None = None


class Undelivered(EventData):
    """Why Knock gave up: a `FailureReason`, and the provider's words."""

    failure_reason: Text = None
    failure_details: Text = None


class Bounced(EventData):
    """Why the provider says it bounced; on push also the device token that is dead."""

    failure_reason: Text = None
    failure_details: Text = None
    token: Text = None


class Complaint(EventData):
    """What the provider tells of a complaint: its keys are its own, in `model_extra`."""


class Interacted(EventData):
    """The caller's metadata, all of it in `model_extra`."""


class LinkClicked(EventData):
    """Which link."""

    url: Text = None


class Committed(EventData):
    """Which commit."""

    commit_id: Text = None


class Promoted(EventData):
    """Which promotion, by the key that Knock names for telling repeats."""

    promote_group_id: Text = None


class Recipient(Lenient):
    """A user, by id, or an object of a collection; as text `id` or `collection/id`."""

    id: Text = None
    collection: Text = None

    @model_validator(mode="before")
    @classmethod
    def _id_alone(cls, raw: Any) -> Any:
        id_ = text_of(raw)
        return raw if id_ is None else {"id": id_}

    def __str__(self) -> str:
        return recipient_of({"id": self.id, "collection": self.collection}) or ""


class MessageChannel(Lenient):
    """The channel of a message; `type` is a `ChannelType`."""

    id: Text = None
    type: Text = None
    provider: Text = None
    key: Text = None
    name: Text = None
    created_at: Moment = None
    updated_at: Moment = None


class BranchStep(Lenient):
    """A turn that a workflow's run took on the way to the message."""

    branch_id: Text = None
    step_ref: Text = None
    step_type: Text = None


class Source(Lenient):
    """What made a message: a workflow, a broadcast or a guide. Guides have no runs."""

    key: Text = None
    type: Text = None
    version_id: Text = None
    categories: Texts = None
    step_ref: Text = None
    workflow_run_id: Text = None
    workflow_recipient_run_id: Text = None
    branch_path: list[BranchStep] | None = None


class RecipientSnapshot(Lenient):
    """Where the message went; personal data."""

    email: Text = None
    name: Text = None
    channel_id: Text = None
    user_id: Text = None
    via_incoming_webhook: Any = None


class Message(EntityModel):
    """One message to one recipient on one channel; `status` is a `MessageStatus`, as of when it was written out.

    Old payloads have no `channel` but `channel_id`, and name their workflow in `workflow`.
    """

    id: Text = None
    status: Text = None
    engagement_statuses: Texts = None
    recipient: Recipient | None = None
    source: Source | None = None
    inserted_at: Moment = None
    updated_at: Moment = None
    channel_id: Text = None
    channel: MessageChannel | None = None
    actors: list[Recipient] | None = None
    tenant: Text = None
    data: Object = None
    metadata: Object = None
    recipient_snapshot: RecipientSnapshot | None = None
    scheduled_at: Moment = None
    seen_at: Moment = None
    read_at: Moment = None
    interacted_at: Moment = None
    link_clicked_at: Moment = None
    clicked_at: Moment = None
    archived_at: Moment = None
    workflow: Text = None


class TriggerSource(Lenient):
    """What set a workflow off: `api audience schedule broadcast workflow_step integration rehearsal`."""

    type: Text = None
    cancellation_key: Text = None
    schedule_id: Text = None
    audience_key: Text = None


class WorkflowRecipientRun(EntityModel):
    """A workflow's run for one recipient; `status` is a `RunStatus`."""

    id: Text = None
    workflow_run_id: Text = None
    workflow: Text = None
    status: Text = None
    recipient: Recipient | None = None
    trigger_source: TriggerSource | None = None
    inserted_at: Moment = None
    updated_at: Moment = None
    actor: Recipient | None = None
    tenant: Text = None
    error_count: int | None = None


class Workflow(EntityModel):
    """A workflow with its steps."""

    key: Text = None
    name: Text = None
    description: Text = None
    environment: Text = None
    active: bool | None = None
    valid: bool | None = None
    sha: Text = None
    categories: Texts = None
    tags: Texts = None
    steps: list[Any] | None = None
    conditions: Object = None
    settings: Object = None
    trigger_frequency: Text = None
    trigger_data_json_schema: Object = None
    created_at: Moment = None
    updated_at: Moment = None
    deleted_at: Moment = None


class FooterLink(Lenient):
    """A link at the foot of an email layout."""

    text: Text = None
    url: Text = None


class EmailLayout(EntityModel):
    """An email layout with its templates; older payloads call them `html_content` and `text_content`."""

    key: Text = None
    name: Text = None
    environment: Text = None
    html_layout: Text = None
    text_layout: Text = None
    html_content: Text = None
    text_content: Text = None
    is_mjml: bool | None = None
    footer_links: list[FooterLink] | None = None
    branding_overrides: Object = None
    sha: Text = None
    created_at: Moment = None
    updated_at: Moment = None


class Translation(EntityModel):
    """A translation; `content` is one text in `format`, `json` or `po`."""

    locale_code: Text = None
    namespace: Text = None
    tenant: Text = None
    environment: Text = None
    format: Text = None
    content: Text = None
    created_at: Moment = None
    inserted_at: Moment = None
    updated_at: Moment = None


class Partial(EntityModel):
    """A reusable piece of template of a `type`: `html text json markdown`."""

    key: Text = None
    name: Text = None
    type: Text = None
    description: Text = None
    environment: Text = None
    content: Text = None
    icon_name: Text = None
    input_schema: list[Any] | None = None
    valid: bool | None = None
    visual_block_enabled: bool | None = None
    inserted_at: Moment = None
    updated_at: Moment = None


class SourceEventAction(EntityModel):
    """What an event of a source sets off. Knock publishes no schema: these are the nearest fields known."""

    event_type: Text = None
    action_type: Text = None
    action_parameters: Object = None
    active: bool | None = None
    is_deleted: bool | None = None
    created_at: Moment = None
    updated_at: Moment = None


class Person(Lenient):
    """Who did it; personal data."""

    name: Text = None
    email: Text = None


class Resource(Lenient):
    """A resource that was promoted."""

    type: Text = None
    identifier: Text = None


class PromoteGroup(EntityModel):
    """Commits promoted at once; at most 25 of their resources are listed. `branch` is set on a branch merge."""

    promote_group_id: Text = None
    from_environment: Text = None
    to_environment: Text = None
    branch: Text = None
    actor: Person | None = None
    request_source: Text = None
    commit_count: int | None = None
    resource_count: int | None = None
    resource_type_counts: Object = None
    resources: list[Resource] | None = None
    resources_truncated: bool | None = None
    created_at: Moment = None


class Branch(Lenient):
    """A branch of an environment."""

    slug: Text = None
    name: Text = None
    parent_environment: Text = None
    created_at: Moment = None
    deleted_at: Moment = None
    rebased_at: Moment = None


class BranchEvent(EntityModel):
    """A branch, and who made, deleted or rebased it."""

    branch: Branch | None = None
    actor: Person | None = None


EVENT_DATA: Mapping[str, type[EventData]] = {
    "message.delivery_attempted": DeliveryAttempted,
    "message.undelivered": Undelivered,
    "message.bounced": Bounced,
    "message.complaint": Complaint,
    "message.interacted": Interacted,
    "message.link_clicked": LinkClicked,
    "workflow.committed": Committed,
    "email_layout.committed": Committed,
    "translation.committed": Committed,
    "source_event_action.committed": Committed,
    "partial.committed": Committed,
    "commits.promoted": Promoted,
}
"""By event type; a type that is not here comes with null."""

ENTITIES: Mapping[str, type[EntityModel]] = {
    "message": Message,
    "workflow_recipient_run": WorkflowRecipientRun,
    "workflow": Workflow,
    "email_layout": EmailLayout,
    "translation": Translation,
    "source_event_action": SourceEventAction,
    "partial": Partial,
    "commits": PromoteGroup,
    "branch": BranchEvent,
}
"""By family."""
