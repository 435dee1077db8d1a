"""Where in the log a forward begins, and how much of the past that means to send."""

from __future__ import annotations

from datetime import datetime

from relay.contract.api import Stats
from tui.client import RelayClient
from tui.forward.plan import Plan


async def begin_after(client: RelayClient, plan: Plan, stats: Stats, now: datetime) -> int:
    """Give the seq to begin after. Raises `RelayError`."""
    since = plan.since
    if since.seq is not None:
        return max(since.seq - 1, 0)
    if since.age is None:
        return stats.last_seq
    arrived = f"received:>={(now - since.age).isoformat()}"
    bound: int | None = 0
    while bound is not None:
        page = await client.events(_both(plan.filter, arrived), after=bound, limit=1)
        if page.items:
            return page.items[0].seq - 1
        bound = page.next
    return stats.last_seq


async def waiting_since(client: RelayClient, plan: Plan, after: int) -> int:
    """Count what would be sent of the events above seq `after`. Raises `RelayError`."""
    terms = f"seq:>{after}" if plan.unverified else f"seq:>{after} verdict:verified,stale"
    return (await client.count(_both(plan.filter, terms))).count


def _both(filter_text: str, terms: str) -> str:
    return f"({filter_text}) {terms}" if filter_text.strip() else terms
