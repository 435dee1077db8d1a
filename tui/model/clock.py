"""Times as the screen shows them: local with the zone named, or UTC."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

from relay.contract.moments import microseconds
from relay.contract.text import plain

LATER_THAN_ANY = 253_402_300_799
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Local(tzinfo):
    """The zone of this machine, which has one offset in summer and another in winter.

    What `datetime.astimezone` gives is an offset alone, that of its own moment.
    """

    def utcoffset(self, when: datetime | None) -> timedelta | None:
        """Give the offset at a time on the wall; it is that of `fold` where the wall shows the time twice."""
        return None if when is None else when.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, when: datetime | None) -> timedelta | None:  # noqa: ARG002 - as tzinfo wants it
        """Leave it open which part of the offset is for the summer."""
        return None

    def tzname(self, when: datetime | None) -> str | None:
        """Give the short name of the zone at a time on the wall."""
        return None if when is None else when.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, when: datetime) -> datetime:
        """Give what the wall shows at a moment."""
        there = when.replace(tzinfo=UTC).astimezone()
        return there.replace(tzinfo=self)


LOCAL = _Local()


class Clock:
    """The zone of the screen and the present moment."""

    def __init__(
        self, *, utc: bool = False, zone: tzinfo | None = None, now: Callable[[], float] = time.time
    ) -> None:
        self._zone = UTC if utc else zone
        self._now = now
        self._cached: tuple[int, str] = (-1, "")

    @property
    def now_us(self) -> int:
        """Microseconds since the epoch."""
        return int(self._now() * 1_000_000)

    @property
    def zone(self) -> tzinfo:
        """The zone of the screen, with the offset that it has at each moment."""
        return LOCAL if self._zone is None else self._zone

    def _at(self, seconds: float) -> datetime:
        seconds = min(max(seconds, 0), LATER_THAN_ANY)
        return datetime.fromtimestamp(seconds, self._zone or UTC).astimezone(self._zone)

    @property
    def wall(self) -> datetime:
        """What a clock on the wall shows now, without a zone."""
        return self._at(self._now()).replace(tzinfo=None)

    def us_of(self, wall: datetime) -> int:
        """Give the microseconds since the epoch at which a clock on the wall shows this."""
        moment = wall.astimezone() if self._zone is None else wall.replace(tzinfo=self._zone)
        return (moment - _EPOCH) // timedelta(microseconds=1)

    @property
    def zone_name(self) -> str:
        """`UTC`, or the zone's short name and offset."""
        moment = self._at(self._now())
        if not moment.utcoffset():
            return "UTC"
        offset = moment.strftime("%z")
        return f"UTC{offset[:3]}" if offset.endswith("00") else f"UTC{offset[:3]}:{offset[3:5]}"

    def today(self) -> int:
        """Give the day that it is, as a number that changes at midnight."""
        return self._at(self._now()).toordinal()

    def short(self, text: str) -> str:
        """Write an ISO 8601 time in ten cells: `14:03:08.9` today, `11-20 14:03` on any other day."""
        us = microseconds(text)
        if us is None:
            return ""
        second, micros = divmod(us, 1_000_000)
        if self._cached[0] != second:
            moment = self._at(second)
            same_day = moment.toordinal() == self.today()
            self._cached = (second, moment.strftime("%H:%M:%S." if same_day else "%m-%d %H:%M"))
        written = self._cached[1]
        return f"{written}{micros // 100_000}" if written.endswith(".") else written

    def full(self, text: str) -> str:
        """Write an ISO 8601 time with its date, milliseconds and zone; what is no such time comes back plain."""
        us = microseconds(text)
        return plain(text, 64) if us is None else self.full_us(us)

    def full_us(self, us: int) -> str:
        """Write microseconds since the epoch with date, milliseconds and zone."""
        moment = self._at(us / 1_000_000)
        offset = moment.strftime("%z")
        zone = "UTC" if not moment.utcoffset() else f"{offset[:3]}:{offset[3:5]}"
        return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d} {zone}"


def age(seconds: float) -> str:
    """Write how long ago in whole units: `3 s`, `12 m`, `5 h`, `9 d`."""
    whole = max(int(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} m"
    if whole < 172_800:
        return f"{whole // 3_600} h"
    return f"{whole // 86_400} d"


def span(us: int) -> str:
    """Write a short time: `0.4 s`, `12 s`, `3 m 20 s`, `5 h`, and a minus for one that runs backwards."""
    sign = "-" if us < 0 else ""
    seconds = abs(us) / 1_000_000
    if seconds < 10:
        return f"{sign}{seconds:.1f} s"
    if seconds < 60:
        return f"{sign}{seconds:.0f} s"
    if seconds < 3_600:
        return f"{sign}{int(seconds) // 60} m {int(seconds) % 60} s"
    return sign + age(seconds)
