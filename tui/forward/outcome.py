"""What came of a sending, in words."""

from __future__ import annotations

from relay.contract.text import plain
from tui.forward.plan import Sent
from tui.model.answers import ms_text, status_text

_ERROR_LIMIT = 200


def outcome(sent: Sent) -> str:
    """Say what came of an event, in plain text: `200 OK 12 ms`, `no answer: connection refused, 4 attempts`."""
    answer = sent.answer
    parts = [f"{status_text(answer)} {ms_text(answer.ms)}"] if answer.status is not None else []
    if answer.error:
        error = plain(answer.error, _ERROR_LIMIT)
        parts.append(error if parts else f"no answer: {error}")
    if sent.attempt > 1:
        parts.append(f"attempt {sent.attempt}")
    return ", ".join(parts)
