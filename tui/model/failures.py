"""Why things fail: events put together by what they say went wrong, and the commits that came before.

A cause is all events that say the same once numbers, ids and addresses are masked. Links that were clicked are
counted beside them: they are grouped the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from relay.contract.events import EventSummary
from tui.model.commits import Commits
from tui.model.minutes import MINUTE_US, MINUTES, Span

BARS = (15, 30, MINUTES)
"""Over how many minutes bars go: as few as hold what came, since a single bar says nothing."""


class Kind(StrEnum):
    """What a group of events is about."""

    FAILED = "failed"
    COMPLAINT = "complaint"
    RUN = "run"
    LINK = "link"

    @property
    def heading(self) -> str:
        """The heading above the groups of this kind."""
        return _TITLES[self]

    @property
    def types(self) -> tuple[str, ...]:
        """The types of event that are counted."""
        return _TYPES[self]


_TITLES = {
    Kind.FAILED: "Messages that failed",
    Kind.COMPLAINT: "Complaints",
    Kind.RUN: "Runs with errors",
    Kind.LINK: "Links clicked",
}
_TYPES = {
    Kind.FAILED: ("message.undelivered", "message.bounced"),
    Kind.COMPLAINT: ("message.complaint",),
    Kind.RUN: ("workflow_recipient_run.error",),
    Kind.LINK: ("message.link_clicked",),
}


@dataclass(frozen=True, slots=True)
class Cause:
    """Events that say the same.

    `what` is the reason, the workflow or the URL; `details` are masked. `term` finds the events, None where no
    filter does. `per_minute` are 60 counts, the oldest first.
    """

    kind: Kind
    what: str
    details: str
    term: str | None
    count: int
    first_seq: int
    last_seq: int
    per_minute: tuple[int, ...] = (0,) * MINUTES

    @property
    def key(self) -> tuple[Kind, str, str]:
        """What makes it the same cause when it is counted again."""
        return self.kind, self.what, self.details


@dataclass(frozen=True, slots=True)
class Section:
    """The heading above the causes of one kind, and how many events they are together.

    Messages that failed stand under a heading of their own for each `reason`.
    """

    kind: Kind
    count: int
    reason: str = ""


Row: TypeAlias = Section | Cause


class Reading(NamedTuple):
    """What the log said: causes of every kind, and the minute of the count; more are to come until `whole`."""

    causes: Sequence[Cause]
    minute: int
    whole: bool = True


class Failures:
    """The causes as a list with a cursor, which stays on its cause while counts and their order change."""

    def __init__(self, commits: Commits) -> None:
        self.commits = commits
        self.rows: Sequence[Row] = ()
        self.known = False
        """They were read at least once."""
        self.whole = False
        """All of them were."""
        self.span = Span.ALL
        self.ends: dict[int, EventSummary] = {}
        """The first and the last event of causes, by seq, as far as they were read."""
        self._causes: Sequence[Cause] = ()
        self._minute = 0
        self._now = 0
        self._key: tuple[Kind, str, str] | None = None
        self._place = 0

    def restart(self) -> None:
        """Forget everything: another filter is in force, or another log."""
        self.rows, self._causes = (), ()
        self.known = self.whole = False
        self.ends = {}

    # What was counted

    def renew(self, reading: Reading) -> None:
        """Take what was counted anew."""
        self._causes, self._minute = reading.causes, reading.minute
        self.known = True
        self.whole = reading.whole
        kept = {seq for cause in self._causes for seq in (cause.first_seq, cause.last_seq)}
        self.ends = {seq: event for seq, event in self.ends.items() if seq in kept}
        self._order()

    def choose(self, span: Span, now: int) -> None:
        """Count over another span, in the minute `now`."""
        if (span, now) != (self.span, self._now):
            self.span, self._now = span, now
            self._order()

    def _order(self) -> None:
        rows: list[Row] = []
        for section, causes in self._sections():
            rows += [section, *sorted(causes, key=lambda cause: (-self.count(cause), -cause.last_seq))]
        self.rows = rows
        if self.selected is None:
            self.move_to(self._place)

    def _sections(self) -> Sequence[tuple[Section, Sequence[Cause]]]:
        """Give the causes under their headings, by kind, and of one kind those that count most first."""
        under: dict[tuple[Kind, str], list[Cause]] = {}
        for cause in self._causes:
            under.setdefault((cause.kind, cause.what if cause.kind is Kind.FAILED else ""), []).append(cause)
        found = [(Section(kind, sum(map(self.count, some)), what), some) for (kind, what), some in under.items()]
        return sorted(found, key=lambda pair: (list(Kind).index(pair[0].kind), -pair[0].count))

    def count(self, cause: Cause) -> int:
        """Count the events of a cause within the span."""
        minutes = self.span.minutes
        return cause.count if minutes is None else sum(self._minutes(cause)[-minutes:])

    @property
    def minutes(self) -> int:
        """Over how many minutes the bars go."""
        wanted = self._oldest if self.span.minutes is None else self.span.minutes
        return next(minutes for minutes in BARS if minutes >= min(wanted, MINUTES))

    @property
    def _oldest(self) -> int:
        """How many minutes ago the first of what is counted by minutes came."""
        ages = [MINUTES - place for cause in self._causes for place, one in enumerate(self._minutes(cause)) if one]
        return max(ages, default=0)

    def bars(self, cause: Cause) -> tuple[int, ...]:
        """Give the counts of the minutes that are shown, oldest first, the present one last."""
        return self._minutes(cause)[-self.minutes :]

    def _minutes(self, cause: Cause) -> tuple[int, ...]:
        gone = min(max(self._now - self._minute, 0), MINUTES)
        return (*cause.per_minute[gone:], *(0,) * gone)

    @property
    def marks(self) -> set[int]:
        """The places of the minutes, of those that are shown, in which something was committed."""
        first = max(self._now, self._minute) - self.minutes + 1
        places = (us // MINUTE_US - first for us in self.commits.times())
        return {place for place in places if 0 <= place < self.minutes}

    # The first and the last events

    def lacking(self, causes: Iterable[Row]) -> list[int]:
        """Give the seqs of the first and last events of causes that are still to be read."""
        wanted = (seq for one in causes if isinstance(one, Cause) for seq in (one.last_seq, one.first_seq))
        return [seq for seq in dict.fromkeys(wanted) if seq not in self.ends]

    def first(self, cause: Cause) -> EventSummary | None:
        """Give the first event of a cause, once it was read."""
        return self.ends.get(cause.first_seq)

    def last(self, cause: Cause) -> EventSummary | None:
        """Give the newest event of a cause, once it was read."""
        return self.ends.get(cause.last_seq)

    # The cursor

    @property
    def selected(self) -> Cause | None:
        """The cause under the cursor."""
        row = self.rows[self.cursor] if self.rows else None
        return row if isinstance(row, Cause) and row.key == self._key else None

    @property
    def cursor(self) -> int:
        """The place of the cursor among the rows."""
        if self._is_at(self._place):
            return self._place
        found = next((at for at in range(len(self.rows)) if self._is_at(at)), None)
        if found is not None:
            self._place = found
        return max(min(self._place, len(self.rows) - 1), 0)

    def _is_at(self, place: int) -> bool:
        row = self.rows[place] if 0 <= place < len(self.rows) else None
        return isinstance(row, Cause) and row.key == self._key

    def move_to(self, place: int) -> None:
        """Put the cursor on the cause at a place; headings are passed over, onwards where it moves down."""
        if not self.rows:
            self._place = 0
            return
        place = max(min(place, len(self.rows) - 1), 0)
        ways = (1, -1) if place >= self._place else (-1, 1)
        for step in ways:
            at = place
            while 0 <= at < len(self.rows):
                row = self.rows[at]
                if isinstance(row, Cause):
                    self._place, self._key = at, row.key
                    return
                at += step
