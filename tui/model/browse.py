"""Where the viewer is in the stream: following the newest event, browsing, or paused.

The one rule behind it: an arriving event never moves the selection or what is on screen, unless the viewer
follows. A viewer who browses keeps the window as it is once it is full, and one who paused keeps it at once; from
then on the window's end is not the end of the stream (it is detached), what arrives is only counted, and pages
fetch it when the viewer comes that way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from enum import StrEnum

from relay.contract.events import EventSummary
from tui.model.search import Search
from tui.model.source import Missing, Page, Row
from tui.model.window import Window

REJOIN = 500
"""With at most this many events to fetch, the end is joined to the window; else the window starts again there."""

KEPT_MISSING = 100


class Stance(StrEnum):
    """What an arriving event does to the list."""

    FOLLOWING = "following"
    BROWSING = "browsing"
    PAUSED = "paused"


class Browse:
    """A window, the selected row, and what is known of the stream on both sides of it.

    The selection is a seq, so that rows that come and go above it do not move it.
    """

    def __init__(self, window: Window | None = None) -> None:
        self.window = window if window is not None else Window()
        self.stance = Stance.FOLLOWING
        self.selected: int | None = None
        """Seq of the row the cursor is on; None in an empty window."""
        self.below = 0
        """Events newer than the window that are known to exist."""
        self.counted = True
        """There are no more of them than that."""
        self.older_from: int | None = None
        """Pass as `before` to read on into the past; None when the beginning is in the window."""
        self._newer_from: int | None = None
        """Pass as `after` to read on towards the present, where that is further than the window's end."""
        self.run = 0
        """Counts the restarts: what was asked for in an earlier run is of no use in this one."""
        self.return_to: int | None = None
        """The row that a restart took the cursor from: the log is to be read around it, if it is still there."""
        self.search = Search()
        """The look for more rows, where they are far between."""
        self._place: int | None = None
        self._newest = 0
        self._seen = 0
        self._unseen_below = 0
        """Those of `below` that came after all that the viewer has been at."""
        self._follow_after_pause = True
        self._tail: list[EventSummary] | None = None
        self._latest: deque[EventSummary] = deque(maxlen=REJOIN)
        """The newest of what arrived and was only counted: what is shown at once to who comes back to it."""
        self._pending: dict[int, EventSummary] = {}
        self._missing: list[Missing] = []

    @property
    def attached(self) -> bool:
        """The window's end is the end of the stream."""
        return self.below == 0

    @property
    def fresh(self) -> int:
        """Events that arrived and that the viewer has not been at: the `+N new`."""
        if self.stance is Stance.FOLLOWING and self.attached:
            return 0
        return self.window.count_above(self._seen) + self._unseen_below

    @property
    def cursor(self) -> int:
        """Place of the selected row in the window."""
        return 0 if self.selected is None else self.window.nearest(self.selected)

    @property
    def selected_row(self) -> Row | None:
        """The row the cursor is on."""
        return self.window[self.cursor] if len(self.window) else None

    @property
    def behind(self) -> int | None:
        """Events between the cursor and the newest one; None where nobody counted them."""
        return max(len(self.window) - 1 - self.cursor, 0) + self.below if self.counted else None

    def restart(self, after: int, *, older: bool = True, keep_place: bool = False) -> None:
        """Begin again at the end of the stream: what lies above seq `after` arrives, what is below is `older`.

        With `keep_place` whoever did not follow is to be brought back to the row that the cursor was on.
        """
        self.return_to = self._place = self._left() if keep_place else None
        self.run += 1
        self.search = Search()
        self.window.clear()
        self.selected = None
        self._attach()
        self.older_from = after + 1 if older else None
        self._newest = after
        self._seen = after
        self._tail = None
        self._pending.clear()
        self._missing.clear()
        if self.stance is Stance.BROWSING:
            self.stance = Stance.FOLLOWING

    def _left(self) -> int | None:
        if self.stance is not Stance.FOLLOWING and self.selected is not None:
            return self.selected
        # Where nothing was to be seen, there was no other place to be at.
        return None if len(self.window) else self._place

    def come_back(self, seq: int, older: Page, newer: Page) -> None:
        """Go back to the row that a restart left, by the pages around it; it may be gone, or filtered out."""
        self.return_to = None
        if older.events and older.events[-1].seq == seq:
            self.show_around(seq, older, newer)

    def _attach(self) -> None:
        self.below = self._unseen_below = 0
        self.counted = True
        self._newer_from = None
        self._latest.clear()

    def arrive(self, events: Sequence[EventSummary]) -> None:
        """Take in new events, or count them where they may not be taken in."""
        if not events:
            return
        self._newest = max(self._newest, events[-1].seq)
        if self._closed_to(len(events)):
            self._count(events)
        else:
            self._take(events)

    def _closed_to(self, count: int) -> bool:
        """Tell whether so many rows must stay out, so that nothing on screen moves."""
        return (
            self.stance is Stance.PAUSED
            or not self.attached
            or (self.stance is Stance.BROWSING and self.window.room < count)
        )

    def _count(self, events: Sequence[EventSummary]) -> None:
        # A page may have been ahead of the stream and have brought some of them already.
        last = self.window.last_seq
        if last is not None and events[0].seq <= last:
            events = [event for event in events if event.seq > last]
        self.below += len(events)
        self._unseen_below += len(events)
        self._latest.extend(events)
        if self._tail is not None:
            self._tail.extend(events)
            if len(self._tail) > REJOIN * 4:
                self._tail = None

    def hear_of(self, count: int) -> None:
        """Count new events that are known to exist and are not given here."""
        self.below += count
        self._unseen_below += count
        self._latest.clear()

    def _take(self, rows: Sequence[Row]) -> None:
        self.window.add(rows)
        if self.stance is Stance.FOLLOWING:
            self._trim_oldest()
            self._to_newest()
        elif self.selected is None:
            self.selected = self.window.last_seq

    def _trim_oldest(self) -> None:
        if self.window.drop_oldest():
            self.older_from = self.window.first_seq

    def _to_newest(self) -> None:
        self.selected = self.window.last_seq
        self._seen = max(self._seen, self.selected or 0)

    def change(self, changes: Sequence[EventSummary]) -> int:
        """Take in newer facts about events in the window; they wait while paused.

        An event that is not in the window although its place is there matches only since it changed: it is put
        there. Gives how many were.
        """
        self._renew_latest({change.seq: change for change in changes})
        if self.stance is Stance.PAUSED:
            self._pending.update((c.seq, c) for c in changes if self.window.index_of(c.seq) is not None)
            return 0
        if self.window.replace(changes) == len(changes) or not self.attached:
            return 0
        new = [c for c in changes if self.window.index_of(c.seq) is None and c.seq >= (self.older_from or 0)]
        if new:
            self._take(sorted(new, key=lambda event: event.seq))
        return len(new)

    def leave(self, left: Sequence[EventSummary]) -> int:
        """Let events go that do not match any more; one that is looked at stays. Gives how many went.

        While paused nothing goes: the rows tell what changed once that is over.
        """
        if not left:
            return 0
        gone = {event.seq for event in left}
        self._latest = deque((event for event in self._latest if event.seq not in gone), REJOIN)
        if self._tail is not None:
            self._tail = [event for event in self._tail if event.seq not in gone]
        if self.stance is Stance.PAUSED:
            self._pending.update((one.seq, one) for one in left if self.window.index_of(one.seq) is not None)
            return 0
        self.window.replace(left)
        if self.stance is Stance.FOLLOWING:
            count = self.window.remove(gone)
            self._to_newest()
            return count
        return self.window.remove(gone - {self.selected})

    def _renew_latest(self, newer: Mapping[int, EventSummary]) -> None:
        if newer and self._latest and max(newer) >= self._latest[0].seq:
            self._latest = deque((newer.get(event.seq, event) for event in self._latest), REJOIN)

    def lose(self, missing: Missing) -> None:
        """Take in a row for events that are gone for good."""
        if self._closed_to(1):
            self._missing = [*self._missing, missing][-KEPT_MISSING:]
        else:
            self._take([missing])

    def take_older(self, page: Page) -> None:
        """Put a page of the past before the window."""
        first = self.window.first_seq
        self.window.add([event for event in page.events if first is None or event.seq < first])
        self.older_from = page.next
        if self.attached and (self.stance is Stance.FOLLOWING or self.selected is None):
            self._trim_oldest()
            self._to_newest()
            return
        unseen = self.window.count_above(self._seen)
        dropped = self.window.drop_newest()
        self.below += dropped
        self._unseen_below += unseen - self.window.count_above(self._seen)
        if dropped:
            self._tail = self._newer_from = None
        self._settle()

    def begin_newer(self) -> int | None:
        """Give the seq to read on from towards the present; None when there is nothing to read."""
        if self.attached or self.stance is Stance.PAUSED:
            return None
        self._tail = []
        last = self.window.last_seq
        return max(last if last is not None else self._seen, self._newer_from or 0)

    def take_newer(self, page: Page) -> None:
        """Put a page that `begin_newer` led to behind the window; the last one attaches the window again."""
        if self.attached or self.stance is Stance.PAUSED:
            return
        tail, self._tail = self._tail, None
        last = self.window.last_seq
        news = [event for event in page.events if last is None or event.seq > last]
        self.window.add(news)
        self.below = max(self.below - len(news), 1)
        # A page may have looked far and found nothing: the next one begins where it ended.
        self._newer_from = page.next
        self._unseen_below = max(self._unseen_below - sum(event.seq > self._seen for event in news), 0)
        if page.next is None and tail is not None:
            end = self.window.last_seq or 0
            self.window.add([event for event in tail if event.seq > end])
            self._attach()
        self._add_missing()
        self._trim_oldest()
        if self.stance is Stance.FOLLOWING and self.attached:
            self._to_newest()
        self._settle()

    def _add_missing(self) -> None:
        first, last = self.window.first_seq, self.window.last_seq
        if first is None or last is None:
            return
        inside = [m for m in self._missing if first < m.seq and (m.seq < last or self.attached)]
        self.window.add(inside)
        self._missing = [m for m in self._missing if m not in inside]

    def show_around(self, seq: int, older: Page, newer: Page) -> bool:
        """Hold another run of the log: pages up to and including `seq`, and after it; tells whether it is there.

        Without it the cursor goes to the event next to it. Where there is none the window stays.
        """
        rows: list[Row] = [*older.events, *newer.events]
        if not rows:
            return False
        self.hold()
        self.run += 1
        self.search = Search()
        missing = [row for row in self.window.rows if isinstance(row, Missing)]
        self._missing = sorted({*self._missing, *missing}, key=lambda one: one.seq)[-KEPT_MISSING:]
        rest = [row for row in self.window.rows if row.seq > rows[-1].seq]
        if self.attached and newer.next is None:
            # Whatever came while the pages were read is in the window that they take the place of.
            rows += rest
        else:
            known = self.below + len(rest)
            self._unseen_below += self.window.count_above(max(self._seen, rows[-1].seq))
            self.below = max(known, 1)
            self.counted = False
            self._newer_from = newer.next
        self._tail = None
        self.window.clear()
        self.window.add(rows)
        self.older_from = older.next
        self._add_missing()
        self.selected = self.window[self.window.nearest(seq)].seq
        return self.selected == seq

    def _settle(self) -> None:
        """Put the cursor on a row that is there."""
        row = self.selected_row
        self.selected = row.seq if row is not None else None
        self._seen = max(self._seen, self.selected or 0)

    def move(self, rows: int) -> None:
        """Move the cursor by a number of rows."""
        self.move_to(self.cursor + rows)

    def move_to(self, index: int) -> None:
        """Move the cursor to a row of the window; moving off the newest ends following."""
        if not len(self.window):
            return
        self.return_to = self._place = None
        index = max(0, min(index, len(self.window) - 1))
        self.selected = self.window[index].seq
        self._seen = max(self._seen, self.selected)
        if self.stance is Stance.FOLLOWING and index < len(self.window) - 1:
            self.stance = Stance.BROWSING

    def hold(self) -> None:
        """Stop following, and leave everything where it is."""
        if self.stance is Stance.FOLLOWING:
            self._seen = max(self._seen, self.window.last_seq or 0)
            self.stance = Stance.BROWSING

    def follow(self) -> None:
        """Go to the newest event and stay there; ends a pause."""
        self.return_to = self._place = None
        self.stance = Stance.FOLLOWING
        self.window.replace(self._pending.values())
        self._pending.clear()
        if self.below > REJOIN or not self.counted:
            self._start_at_the_end()
        elif self.attached:
            self._add_missing()
            self._trim_oldest()
            self._to_newest()

    def _start_at_the_end(self) -> None:
        """Begin again with the newest of what arrived, so that there is something to see at once."""
        latest = list(self._latest)
        missing = [one for one in self._missing if latest and one.seq > latest[0].seq]
        self.restart(self._newest)
        if latest:
            self.older_from = latest[0].seq
            self.window.add(missing)
            self._take(latest)

    def pause(self) -> None:
        """Take nothing in until `resume`."""
        if self.stance is not Stance.PAUSED:
            self._follow_after_pause = self.stance is Stance.FOLLOWING
            self.hold()
            self.stance = Stance.PAUSED

    def resume(self) -> None:
        """End a pause: go on with what the viewer did before it."""
        if self.stance is not Stance.PAUSED:
            return
        if self._follow_after_pause:
            self.follow()
            return
        self.stance = Stance.BROWSING
        self.window.replace(self._pending.values())
        self._pending.clear()
