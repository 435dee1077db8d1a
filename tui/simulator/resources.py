"""What people change in Knock's dashboard: templates, the commits that carry them, and branches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, ClassVar

from tui.simulator.account import DEVELOPMENT, FEED, SENDGRID, Environment, Person, Workflow
from tui.simulator.notation import timestamp, uuid

_BORN = "2025-02-17T10:04:31.512208Z"
"""When every template of the account was made."""

MAX_PROMOTED_RESOURCES = 25
"""Resources that a promotion lists; above it says that the list was cut."""


@dataclass(slots=True)
class Resource(ABC):
    """A template as it stands in the development environment; each save draws a new `sha` and draft."""

    kind: ClassVar[str]

    rng: Random
    updated_at: datetime
    environment: Environment = field(init=False, default=DEVELOPMENT)
    sha: str = field(init=False)
    draft: int = field(init=False, default=1)

    def __post_init__(self) -> None:
        self.sha = self.rng.randbytes(32).hex()

    @property
    @abstractmethod
    def identifier(self) -> str:
        """What a promotion calls it."""

    def apply(self, change: str, at: datetime) -> None:
        """Let it be saved (`KIND.updated`) or committed, which changes nothing in it."""
        if change.endswith(".updated"):
            self.sha = self.rng.randbytes(32).hex()
            self.draft += 1
            self.updated_at = at

    @abstractmethod
    def data(self) -> dict[str, Any]:
        """Return the entity as it is now."""


@dataclass(slots=True)
class WorkflowResource(Resource):
    kind = "workflow"

    workflow: Workflow

    @property
    def identifier(self) -> str:
        return self.workflow.key

    def data(self) -> dict[str, Any]:
        return {
            "active": True,
            "categories": list(self.workflow.categories),
            "conditions": {"all": [{"argument": "active", "operator": "equal_to", "variable": "recipient.state"}]},
            "created_at": _BORN,
            "description": f"Sends {self.workflow.name.lower()} notifications.",
            "environment": self.environment.slug,
            "key": self.workflow.key,
            "name": self.workflow.name,
            "settings": {"override_preferences": "security" in self.workflow.categories},
            "sha": self.sha,
            "steps": self._steps(),
            "tags": ["app"],
            "trigger_data_json_schema": None,
            "trigger_frequency": "every_trigger",
            "updated_at": timestamp(self.updated_at),
            "valid": True,
        }

    def _steps(self) -> list[dict[str, Any]]:
        feed = {
            "action_url": self.workflow.link,
            "markdown_body": f"Hello **{{{{ recipient.name }}}}**, draft {self.draft}: {self.workflow.name}.",
        }
        mail = {
            "html_body": f"<p>Hello {{{{ recipient.name }}}},</p>\n<p>{self.workflow.name}, v{self.draft}.</p>",
            "settings": {"layout_key": "default"},
            "subject": f"{self.workflow.name} – {{{{ vars.app_name }}}}",
        }
        return [
            {
                "channel_key": FEED.key,
                "channel_type": FEED.type,
                "name": "Feed",
                "ref": self.workflow.step_ref(FEED),
                "template": feed,
                "type": "channel",
            },
            {"ref": "delay_1", "settings": {"delay_for": {"unit": "minutes", "value": 10}}, "type": "delay"},
            {
                "channel_key": SENDGRID.key,
                "channel_type": SENDGRID.type,
                "name": "Email",
                "ref": self.workflow.step_ref(SENDGRID),
                "template": mail,
                "type": "channel",
            },
        ]


@dataclass(slots=True)
class LayoutResource(Resource):
    kind = "email_layout"

    @property
    def identifier(self) -> str:
        return "default"

    def data(self) -> dict[str, Any]:
        body = "<body>\n{{ content }}\n<footer>Beispiel GmbH, Straße 1</footer>\n</body>"
        return {
            "branding_overrides": None,
            "created_at": _BORN,
            "environment": self.environment.slug,
            "footer_links": [{"text": "Preferences", "url": "https://app.example.com/preferences"}],
            "html_layout": f"<!doctype html>\n<html>\n<!-- draft {self.draft} -->\n{body}\n</html>",
            "is_mjml": False,
            "key": self.identifier,
            "name": "Default",
            "sha": self.sha,
            "text_layout": "{{ content }}\n\nBeispiel GmbH, Straße 1",
            "updated_at": timestamp(self.updated_at),
        }


@dataclass(slots=True)
class TranslationResource(Resource):
    kind = "translation"

    locale: str = "de"

    @property
    def identifier(self) -> str:
        return self.locale

    def data(self) -> dict[str, Any]:
        return {
            "content": f'{{"greeting":"Schön, dass du da bist","draft":"{self.draft}"}}',
            "format": "json",
            "inserted_at": _BORN,
            "locale_code": self.locale,
            "namespace": "app",
            "updated_at": timestamp(self.updated_at),
        }


@dataclass(slots=True)
class PartialResource(Resource):
    kind = "partial"

    @property
    def identifier(self) -> str:
        return "call-to-action"

    def data(self) -> dict[str, Any]:
        field_of_label = {
            "key": "label",
            "label": "Label",
            "settings": {"description": "Text of the button", "max_length": 40, "required": True},
            "type": "text",
        }
        return {
            "content": f'<a class="button v{self.draft}" href="{{{{ url }}}}">{{{{ label }}}}</a>',
            "description": "A button that leads into the app.",
            "environment": self.environment.slug,
            "icon_name": "button",
            "input_schema": [field_of_label],
            "inserted_at": _BORN,
            "key": self.identifier,
            "name": "Call to action",
            "type": "html",
            "updated_at": timestamp(self.updated_at),
            "valid": True,
            "visual_block_enabled": True,
        }


@dataclass(slots=True)
class SourceActionResource(Resource):
    """Knock publishes no schema for it; this is the nearest one, the management API's mapping."""

    kind = "source_event_action"

    @property
    def identifier(self) -> str:
        return "Order Created"

    def data(self) -> dict[str, Any]:
        return {
            "action_parameters": {"recipients": "{{ event.userId }}", "workflow": "order-shipped"},
            "action_type": "workflows_trigger",
            "active": True,
            "created_at": _BORN,
            "event_type": self.identifier,
            "is_deleted": False,
            "updated_at": timestamp(self.updated_at),
        }


@dataclass(slots=True)
class Promotion:
    """Commits copied to another environment, or a branch merged into its parent: one event for all of them."""

    rng: Random
    from_slug: str
    environment: Environment
    resources: list[Resource]
    commits: int
    actor: Person | None
    branch: str | None = None
    request_source: str | None = "dashboard"
    promote_group_id: str = field(init=False)
    created_at: datetime | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.promote_group_id = uuid(self.rng)

    def apply(self, change: str, at: datetime) -> None:  # noqa: ARG002 - there is one change, and it happens once
        self.created_at = at

    def data(self) -> dict[str, Any]:
        """Return the promotion, once it has happened."""
        listed = [{"identifier": one.identifier, "type": one.kind} for one in self.resources]
        return {
            "actor": None if self.actor is None else {"email": self.actor.email, "name": self.actor.name},
            "branch": self.branch,
            "commit_count": self.commits,
            "created_at": None if self.created_at is None else timestamp(self.created_at),
            "from_environment": self.from_slug,
            "promote_group_id": self.promote_group_id,
            "request_source": self.request_source,
            "resource_count": len(listed),
            "resource_type_counts": dict(Counter(one.kind for one in self.resources)),
            "resources": listed[:MAX_PROMOTED_RESOURCES],
            "resources_truncated": len(listed) > MAX_PROMOTED_RESOURCES,
            "to_environment": self.environment.slug,
        }


@dataclass(slots=True)
class Branch:
    """A branch of the development environment."""

    slug: str
    name: str
    actor: Person | None
    environment: Environment = DEVELOPMENT
    times: dict[str, str] = field(init=False, default_factory=dict)

    def apply(self, change: str, at: datetime) -> None:
        """Let it be created, rebased or deleted."""
        self.times[change.removeprefix("branch.") + "_at"] = timestamp(at)

    def data(self) -> dict[str, Any]:
        """Return the branch as it is now, and who did this to it."""
        return {
            "actor": None if self.actor is None else {"email": self.actor.email, "name": self.actor.name},
            "branch": {
                "name": self.name,
                "parent_environment": self.environment.slug,
                "slug": self.slug,
                **self.times,
            },
        }
