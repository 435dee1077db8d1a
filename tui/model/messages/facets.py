"""What a message can be filtered by."""

from __future__ import annotations

from collections.abc import Iterator

from relay.contract.timeline import MessageTimeline
from tui.model.byvalue import Facet


def facets_of(message: MessageTimeline) -> Iterator[Facet]:
    """Give what messages like this one have in common, the most telling first."""
    channel = message.channel
    kind = None if channel is None else channel.type or channel.key or channel.id
    values = (
        ("o", "outcome", message.outcome),
        ("r", "recipient", message.recipient),
        ("w", "workflow", message.workflow),
        ("c", "channel", kind),
        ("p", "provider", None if channel is None else channel.provider),
        ("a", "tenant", message.tenant),
        ("m", "message", message.message_id),
        ("n", "run", message.workflow_run_id),
        *(("f", "flag", flag) for flag in message.flags[:1]),
        *(("e", "engagement", deed) for deed in message.engagement[-1:]),
    )
    for letter, name, value in values:
        if value:
            yield Facet(letter, name, name, value)


def about_message(message: MessageTimeline) -> str:
    """Name a message in a few words."""
    return "   ".join(part for part in (message.recipient, message.workflow, message.message_id) if part)
