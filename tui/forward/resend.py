"""Sending a stored event again: what is sent, and what the relay is told of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from relay.contract.events import EventDetail, Forward
from tui.forward.request import Outgoing, Sign, outgoing
from tui.forward.send import Answer

SecretOf = Callable[[EventDetail], str | None]
"""Give the developer's own secret for an event; None where none is set."""


@dataclass(frozen=True, slots=True)
class Again:
    """An event that is to be sent again to `url`; `body` is what it came with, or what was made of it."""

    event: EventDetail
    body: bytes
    url: str
    how: Sign = Sign.AS_RECEIVED
    edited: bool = False

    def outgoing(self, secret: str | None, now_ms: int | None = None) -> Outgoing:
        """Give what is sent, signed now where it is signed anew. Raises `NoSecret`."""
        now_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
        return outgoing(self.url, self.event.headers, self.body, self.how, secret=secret, now_ms=now_ms)

    def told(self, answer: Answer, attempt: int = 1) -> Forward:
        """Write down what came of it, for the relay to keep."""
        return Forward(
            url=self.url,
            kind="resend",
            sign=self.how.value,
            edited=self.edited,
            attempt=attempt,
            status=answer.status,
            ms=answer.ms,
            headers=answer.headers,
            body=answer.body,
            truncated=answer.truncated,
            error=answer.error,
        )


def signed_with(event: EventDetail) -> list[str]:
    """Give the ids of the secrets that the deliveries of an event were signed with."""
    return [one.secret for one in event.deliveries if one.secret is not None]
