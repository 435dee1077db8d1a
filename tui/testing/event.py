"""One event as a test looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from relay.contract.events import EventDetail
from relay.contract.text import plain


@dataclass(frozen=True, slots=True)
class KnockEvent:
    """One event that matched. `body` is what Knock sent, byte for byte, `detail` all that is known of it."""

    body: bytes
    detail: EventDetail

    @property
    def seq(self) -> int:
        """Its number in the log."""
        return self.detail.seq

    @property
    def type(self) -> str:
        """The event type, such as `message.sent`."""
        return self.detail.type

    @property
    def payload(self) -> Any:
        """The parsed body."""
        return self.detail.payload

    @property
    def data(self) -> Any:
        """What the event is about, as it was when Knock sent it."""
        return self.detail.payload["data"]

    @property
    def event_data(self) -> Any:
        """What is said of the event itself; None where there is nothing."""
        return self.detail.payload.get("event_data")

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The request's headers in order; those that hold credentials are masked."""
        return self.detail.headers

    @property
    def message_id(self) -> str | None:
        """The message that it is of."""
        return self.detail.message_id

    @property
    def recipient(self) -> str | None:
        """The recipient's id, or `collection/id`."""
        return self.detail.recipient

    @property
    def workflow(self) -> str | None:
        """The key of the workflow."""
        return self.detail.workflow

    @property
    def tenant(self) -> str | None:
        """The tenant's id."""
        return self.detail.tenant

    @property
    def status(self) -> str | None:
        """The status that the body gives."""
        return self.detail.status

    @property
    def verdict(self) -> str:
        """The outcome of the signature check, such as `verified`."""
        return self.detail.verdict.value

    @property
    def reading(self) -> str:
        """Its EventData in one line."""
        return self.detail.reading

    def __repr__(self) -> str:
        return f"<KnockEvent {plain(f'{self.seq} {self.type} {self.reading}'.rstrip(), 120)}>"
