"""One event as one line of text, for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from rich.cells import cell_len

from relay.contract.events import Channel, EventSummary, Verdict
from relay.contract.text import plain
from tui.widgets.glyphs import mark_of
from tui.widgets.steady import steady

_COLUMNS = (26, 16, 12, 20)
"""Cells that type, recipient, channel and workflow are filled up to; a longer one pushes the rest to the right."""

_FIELD_LIMIT = 200
_RESET = "\x1b[0m"
_BADGE = "\x1b[33m"
_INKS = {
    "event-sent": "\x1b[34m",
    "event-delivered": "\x1b[32m",
    "event-attempted": "\x1b[33m",
    "event-failed": "\x1b[1;31m",
    "event-complaint": "\x1b[1;31m",
    "event-seen": "\x1b[36m",
    "event-engaged": "\x1b[35m",
    "event-run": "\x1b[34m",
    "event-template": "\x1b[36m",
}


class EventLine:
    """Write lines. `short` leaves the day and the zone out of the time, for `heading` to say them.

    Times are local, or UTC. All that an event brings is made safe to print; with `colour` the type and the badges
    are coloured.
    """

    def __init__(self, *, utc: bool, short: bool, colour: bool) -> None:
        self._utc = utc
        self._short = short
        self._colour = colour
        self._day: date | None = None

    def heading(self, event: EventSummary) -> str | None:
        """Say the day and the zone, where the lines do not and it is another day than before."""
        moment = self._moment(event)
        if not self._short or moment is None or moment.date() == self._day:
            return None
        self._day = moment.date()
        offset = moment.isoformat()[-6:]
        return f"{moment.date()}, times in UTC{'' if offset == '+00:00' else offset}"

    def __call__(self, event: EventSummary) -> str:
        """Give the line without its end."""
        fields = [event.type, event.recipient, _channel(event.channel), event.workflow]
        texts = [self._safe(text, _FIELD_LIMIT) if text else "-" for text in fields]
        columns = [
            self._inked(_filled(text, width), _INKS.get(mark_of(event.type).ink, "") if index == 0 else "")
            for index, (text, width) in enumerate(zip(texts, _COLUMNS, strict=True))
        ]
        badges = [self._inked(f"[{badge}]", _BADGE) for badge in _badges(event)]
        return "  ".join([self._time(event), *columns, self._safe(event.reading), *badges]).rstrip()

    def _safe(self, text: str, limit: int | None = None) -> str:
        # On a terminal columns stay straight; who reads a file gets all that is safe to print as it is.
        return steady(plain(text, limit)) if self._short else plain(text, limit)

    def _inked(self, text: str, ink: str) -> str:
        return f"{ink}{text}{_RESET}" if self._colour and ink else text

    def _time(self, event: EventSummary) -> str:
        moment = self._moment(event)
        if moment is None:
            return plain(event.received_at, _FIELD_LIMIT)
        if self._short:
            return moment.time().isoformat("milliseconds")
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _moment(self, event: EventSummary) -> datetime | None:
        try:
            moment = datetime.fromisoformat(event.received_at)
            return moment.astimezone(UTC if self._utc else None)
        except (ValueError, OverflowError, OSError):
            return None


def _filled(text: str, width: int) -> str:
    return text + " " * max(width - cell_len(text), 0)


def _channel(channel: Channel | None) -> str | None:
    return None if channel is None else channel.key or channel.type or channel.id


def _badges(event: EventSummary) -> Iterator[str]:
    """What is out of the ordinary about an event, in words that need no colour."""
    if event.verdict is not Verdict.VERIFIED:
        yield event.verdict.value
    if event.delivery_count > 1:
        yield f"x{event.delivery_count}"
    if event.body_differs:
        yield "body differs"
    if event.imported:
        yield "imported"
    if event.forward_failed:
        yield "forward failed"
    elif event.forwarded is not None:
        yield f"forwarded {event.forwarded}"
