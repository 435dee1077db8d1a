"""What a filter looks at: one event, as whoever holds it can show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from relay.contract.events import EventFacts, EventSummary

if TYPE_CHECKING:
    from relay.contract.timeline.model import MessageTimeline

_ENVIRONMENT_HEADER = "x-knock-environment-id"


class Subject(Protocol):
    """One stored event. `summary` may hold cut texts, if it says so; `payload` is the parsed body."""

    @property
    def seq(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def summary(self) -> EventSummary: ...
    @property
    def payload(self) -> Any: ...
    @property
    def headers(self) -> Sequence[tuple[str, str]]: ...
    @property
    def body(self) -> bytes: ...
    @property
    def received_us(self) -> int: ...


class SubjectOfMessage(Subject, Protocol):
    """One stored event and the timeline of the message that it is of."""

    @property
    def timeline(self) -> MessageTimeline: ...


def timeline_of(subject: Subject) -> MessageTimeline:
    """Return the timeline that a filter on messages is told along with an event."""
    of_message: SubjectOfMessage = subject  # type: ignore[assignment] # filters on events have no such term
    return of_message.timeline


def whole_facts(subject: Subject) -> EventFacts:
    """Return what the event's body says, with every text in full."""
    summary = subject.summary
    if not summary.truncated:
        return summary
    from relay.contract.facts import facts_of  # cut summaries are rare

    return facts_of(
        subject.payload,
        received_at=summary.received_at,
        environment_id=next(iter(header_values(subject, _ENVIRONMENT_HEADER)), None),
        endpoint=summary.endpoint,
        size=summary.size,
        cut=False,
    )


def header_values(subject: Subject, name: str) -> list[str]:
    """Return the values of the headers called `name`, which is in lower case, in the order they came."""
    return [value for key, value in subject.headers if key.lower() == name]
