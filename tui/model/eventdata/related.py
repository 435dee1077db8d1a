"""The other events that a view tells of: which ones it wants, and what was found of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from relay.contract.events import EventDetail, EventSummary

MESSAGE = "message"
"""The events of the same message."""

CLICKS = "clicks"
"""The clicks on the same link."""

RUN = "run"
"""The events of the same workflow recipient run, and of its messages."""

EARLIER = "earlier"
"""What was received last about the same template, before this."""

BODY = "body"
"""The event's own body: it is never wanted, but may be what could not be read."""


class Want(NamedTuple):
    """Events to read, newest first: at most `limit` that match, of seqs below `before`.

    With `whole` the newest of them is to be read in full, too.
    """

    name: str
    filter: str
    limit: int
    before: int | None = None
    whole: bool = False


class Found(NamedTuple):
    """What was read of a want, ascending by seq.

    `all` says that the log has no others; `trouble` why nothing could be read.
    """

    events: Sequence[EventSummary] = ()
    all: bool = True
    whole: EventDetail | None = None
    trouble: str = ""


class Related(NamedTuple):
    """What was found so far, by the name of the want; what is missing is still being read."""

    found: Mapping[str, Found]

    def of(self, name: str) -> Found | None:
        """Give what was found of a want."""
        return self.found.get(name)

    @classmethod
    def failed(cls, trouble: str) -> Related:
        """Say of everything that might be wanted why it cannot be read."""
        return cls(dict.fromkeys((BODY, MESSAGE, CLICKS, RUN, EARLIER), Found(trouble=trouble)))

    @staticmethod
    def wanted(event: EventDetail) -> Sequence[Want]:
        """Give what the view of an event wants to know of other events."""
        # The filter language is not needed before something is looked at, and takes long to import.
        from tui.model.eventdata.wants import wanted

        return wanted(event)
