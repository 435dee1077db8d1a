"""The funnel as it is shown: what its steps are called, which of its groups, and what its shares mean."""

from __future__ import annotations

from enum import StrEnum

from relay.contract.timeline import Funnel, FunnelStep
from tui.model.messages.words import CHANNELS

TYPES = {
    "sent": "message.sent",
    "delivered": "message.delivered",
    "seen": "message.seen",
    "read": "message.read",
    "clicked": "message.link_clicked",
}
"""The event type whose glyph and colour a step of the funnel has."""


class By(StrEnum):
    """What the groups of a funnel have in common."""

    CHANNEL = "channel"
    WORKFLOW = "workflow"

    @property
    def next(self) -> By:
        """The other one."""
        return By.WORKFLOW if self is By.CHANNEL else By.CHANNEL


def share(step: FunnelStep) -> float | None:
    """Give which part of the messages that could came to a step; None where none could."""
    return step.count / step.of if step.of else None


def per_cent(step: FunnelStep) -> str:
    """Write that part: `94 %`, `< 1 %`, and nothing where no message could come so far."""
    part = share(step)
    if part is None:
        return ""
    if 0 < part < 0.01:
        return "< 1 %"
    return f"{min(part * 100, 99) if 0.99 < part < 1 else part * 100:.0f} %"


def title(funnel: Funnel) -> str:
    """Say of how many messages a funnel is, and of which."""
    newest = "" if funnel.complete else "the newest "
    return f"Funnel of {newest}{funnel.messages:,} message{'s' * (funnel.messages != 1)}"


def group_name(value: str | None, by: By) -> str:
    """Name a group."""
    if value is None:
        return f"no {by}"
    return CHANNELS.get(value, value) if by is By.CHANNEL else value
