"""The view of each type's EventData."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from relay.contract.events import EventSummary
from relay.contract.knock import CATALOGUE
from tui.model.clock import Clock
from tui.model.eventdata import branches, delivery, engagement, promotions, runs, templates, unknown
from tui.model.eventdata.related import Related
from tui.model.eventdata.subject import Subject
from tui.model.items import Item, Title

View = Callable[[Subject], Iterator[Item]]


def _of_family(view: View, name: str) -> Mapping[str, View]:
    return {type_: view for type_, known in CATALOGUE.items() if known.family == name}


VIEWS: Mapping[str, View] = {
    "message.sent": delivery.sent,
    "message.delivered": delivery.delivered,
    "message.delivery_attempted": delivery.attempted,
    "message.undelivered": delivery.undelivered,
    "message.bounced": delivery.bounced,
    "message.complaint": delivery.complaint,
    **dict.fromkeys(engagement.TYPES, engagement.engaged),
    "message.interacted": engagement.interacted,
    "message.link_clicked": engagement.link_clicked,
    **_of_family(runs.run, "workflow_recipient_run"),
    **dict.fromkeys((name for name in CATALOGUE if name.endswith(".updated")), templates.updated),
    **dict.fromkeys((name for name in CATALOGUE if name.endswith(".committed")), templates.committed),
    **_of_family(promotions.promoted, "commits"),
    **_of_family(branches.branch, "branch"),
}
"""One for each type of Knock's catalogue."""


def eventdata(event: EventSummary, related: Related | None, clock: Clock) -> Iterator[Item]:
    """Say what the EventData of an event means, and what belongs to it.

    `event` may be a summary while its body is read, and `related` None while other events are.
    """
    yield Title(event.type, event.reading)
    yield None
    yield from VIEWS.get(event.type, unknown.unknown)(Subject(event, related, clock))
