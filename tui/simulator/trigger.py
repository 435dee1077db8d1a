"""One trigger of a workflow: the recipient runs and messages that come of it share its data, tenant and actor."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tui.simulator.account import PROJECTS, TENANTS, Channel, Person, Workflow
from tui.simulator.message import Message, Origin
from tui.simulator.notation import ksuid, token, uuid
from tui.simulator.run import RecipientRun
from tui.simulator.stage import Course, Stage


@dataclass(slots=True)
class Trigger:
    """A call of Knock's trigger endpoint, or a broadcast (`kind`)."""

    stage: Stage
    workflow: Workflow
    actors: list[Person] = field(default_factory=list)
    kind: str = "workflow"
    run_id: str = field(init=False)
    data: dict[str, Any] = field(init=False)
    tenant: str | None = field(init=False)

    def __post_init__(self) -> None:
        rng = self.stage.rng
        self.run_id = uuid(rng)
        self.data = self.workflow.trigger_data(rng)
        self.tenant = rng.choice(TENANTS)

    def origin(self) -> Origin:
        """Begin a recipient's run of the workflow."""
        return Origin(self.workflow, self.run_id, uuid(self.stage.rng), self.kind)

    def message(
        self, channel: Channel, recipient: Person | str, at: datetime, origin: Origin | None = None
    ) -> Course:
        """Queue a message at `at` for a person, or for a project by its id."""
        rng = self.stage.rng
        message = Message(
            ksuid(at, rng),
            channel,
            self.stage.environment,
            origin or self.origin(),
            _reference(recipient),
            at,
            self.data,
            tenant=self.tenant,
            actors=[actor.id for actor in self.actors],
            recipient_snapshot=_snapshot(channel, recipient),
            external_id=token(rng, 22),
        )
        return self.stage.course(message, at)

    def run(self, recipient: Person, at: datetime, origin: Origin) -> Course:
        """Begin to tell of a recipient's run."""
        broadcast = self.kind == "broadcast"
        run = RecipientRun(
            origin,
            self.stage.environment,
            recipient.id,
            at,
            actor=self.actors[0].id if self.actors else None,
            tenant=self.tenant,
            trigger_type="broadcast" if broadcast else "api",
            cancellation_key=None if broadcast else f"{self.workflow.key}-{token(self.stage.rng, 6)}",
        )
        return self.stage.course(run, at)


def project(stage: Stage) -> str:
    """Draw a project; projects are objects with a chat channel."""
    return stage.rng.choice(PROJECTS)


def _reference(recipient: Person | str) -> str | dict[str, str]:
    return recipient.id if isinstance(recipient, Person) else {"collection": "projects", "id": recipient}


def _snapshot(channel: Channel, recipient: Person | str) -> dict[str, str] | None:
    """Where it was sent, as far as Knock keeps it."""
    if not isinstance(recipient, Person):
        return {"channel_id": f"C0{recipient.upper()}"} if channel.type == "chat" else None
    if channel.type == "email":
        return {"email": recipient.email, "name": recipient.name}
    return None
