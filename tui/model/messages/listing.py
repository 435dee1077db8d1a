"""The messages that were read, their order, and where the viewer is among them.

An arriving event never moves the selection or what is on screen, unless the viewer follows: a message that is
listed takes in its new steps where it stands, and one that is new comes below all others. By last activity the
newest is the last, as in the stream; in other orders the first is the worst.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from relay.contract.timeline import MessagesPage, MessageTimeline, Step
from tui.model.browse import Stance
from tui.model.messages.words import is_failing

CAPACITY = 2_000
"""Messages that are held; beyond them a follower lets go of all but the newest page."""


class Order(StrEnum):
    """How messages are sorted, by the name that the relay knows."""

    ACTIVITY = "activity"
    FAILING = "failing"
    SLOWEST = "slowest"

    @property
    def words(self) -> str:
        """What it is called on screen."""
        return _WORDS[self]


_WORDS = {Order.ACTIVITY: "by last activity", Order.FAILING: "failing first", Order.SLOWEST: "slowest first"}


class Listing:
    """A window over the messages of the log."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.order = Order.ACTIVITY
        self.newest: int | None = None
        """The order is of so many messages alone, the newest; None where it is of all."""
        self.stance = Stance.FOLLOWING
        self.rows: Sequence[MessageTimeline] = ()
        """As they stand on screen, from the top."""
        self.selected: str | None = None
        """Id of the message under the cursor."""
        self.unread = True
        """The first page is still to be read."""
        self.further: str | None = None
        """Goes on beyond the last page; None where all was read."""
        self.run = 0
        """Counts the beginnings: what was asked for in an earlier run is of no use in this one."""
        self.fresh: set[str] = set()
        """Messages that have news, and that are not shown with them."""
        self.lost = False
        """The message under the cursor was not there any more when the first page was read."""
        self._capacity = capacity
        self._places: dict[str, int] = {}
        self._seq: int | None = None
        self._apart = False
        """There are messages between those that are held and the newest."""
        self._follow_after_pause = True

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def upwards(self) -> bool:
        """Further pages come above what is held."""
        return self.order is Order.ACTIVITY

    @property
    def full(self) -> bool:
        """No more is held than this."""
        return len(self.rows) >= self._capacity

    @property
    def following(self) -> bool:
        """The cursor stays on the message that moved last."""
        return self.stance is Stance.FOLLOWING and self.order is Order.ACTIVITY

    # What the relay answers

    def restart(self, *, order: Order | None = None, keep_place: bool = False) -> None:
        """Begin again: the first page is to be read. With `keep_place` the cursor stays where it is, if it can."""
        self.run += 1
        if order is not None and order is not self.order:
            self.order, self.selected, self._seq = order, None, None
        self._hold(())
        self.fresh.clear()
        self.unread, self.further, self._apart = True, None, False
        if self.stance is Stance.BROWSING and not keep_place:
            self.stance = Stance.FOLLOWING

    def take_first(self, page: MessagesPage) -> None:
        """Take in the first page, as it is now."""
        self.newest = page.newest
        if self.unread:
            self._begin(page)
        elif self.stance is Stance.PAUSED:
            self.fresh.update(one.message_id for one in page.items if self._has_news(one))
        elif self.following:
            self._follow(page)
        else:
            self._add(page)

    def _begin(self, page: MessagesPage) -> None:
        self.unread = False
        self.further = page.next
        self._hold(self._in_order(page.items))
        self.lost = self.selected is not None and self.selected not in self._places
        if self.following or self.selected not in self._places:
            self.selected = self._end()

    def _follow(self, page: MessagesPage) -> None:
        ids = {one.message_id for one in page.items}
        kept = [one for one in self.rows if one.message_id not in ids]
        joined = page.next is None or len(kept) < len(self.rows)
        if not joined or len(kept) + len(ids) > self._capacity:
            kept, self.further = [], page.next
        self._hold([*kept, *reversed(page.items)])
        self.fresh.clear()
        self._apart = False
        self.selected = self._end()

    def _add(self, page: MessagesPage) -> None:
        """Renew what is held where it stands; what is new comes below, where the order has its place there."""
        new = [one for one in reversed(page.items) if one.message_id not in self._places]
        joined = page.next is None or len(new) < len(page.items)
        self.renew(page.items)
        self.fresh.update(one.message_id for one in new)
        if not self.upwards or not new:
            return
        self._apart = self._apart or (not joined and bool(self.rows))
        if not self._apart and len(self.rows) + len(new) <= self._capacity:
            self._hold([*self.rows, *new])
        else:
            self._apart = True

    def take_further(self, page: MessagesPage) -> None:
        """Put a page beyond what is held."""
        new = [one for one in page.items if one.message_id not in self._places]
        ordered = self._in_order(new)
        self._hold([*ordered, *self.rows] if self.upwards else [*self.rows, *ordered])
        self.further = page.next
        if self.selected not in self._places:
            self.selected = self._end()

    def renew(self, messages: Iterable[MessageTimeline]) -> None:
        """Put newer facts in the place of what is held of the same messages."""
        rows = list(self.rows)
        for message in messages:
            place = self._places.get(message.message_id)
            if place is not None:
                rows[place] = message
        self.rows = rows

    def _has_news(self, message: MessageTimeline) -> bool:
        held = self.get(message.message_id)
        return held is None or (held.step_count, held.last_at) != (message.step_count, message.last_at)

    def _in_order(self, items: Sequence[MessageTimeline]) -> Sequence[MessageTimeline]:
        return items[::-1] if self.upwards else items

    def _hold(self, rows: Sequence[MessageTimeline]) -> None:
        self.rows = rows
        self._places = {one.message_id: place for place, one in enumerate(rows)}

    def _end(self) -> str | None:
        if not self.rows:
            return None
        return self.rows[-1 if self.upwards else 0].message_id

    # The cursor

    def get(self, message_id: str | None) -> MessageTimeline | None:
        """Give a message that is held."""
        place = self.place(message_id)
        return None if place is None else self.rows[place]

    def place(self, message_id: str | None) -> int | None:
        """Give where a message stands; None where it is not held."""
        return None if message_id is None else self._places.get(message_id)

    @property
    def cursor(self) -> int:
        """The place of the selected message."""
        return self.place(self.selected) or 0

    @property
    def message(self) -> MessageTimeline | None:
        """The selected message."""
        return self.rows[self.cursor] if self.rows else None

    def move_to(self, index: int) -> None:
        """Put the cursor on a row; off the newest that ends following."""
        if not self.rows:
            return
        index = max(0, min(index, len(self.rows) - 1))
        chosen = self.rows[index].message_id
        if chosen != self.selected:
            self.selected, self._seq = chosen, None
        self.fresh.discard(chosen)
        if self.following and index < len(self.rows) - 1:
            self.stance = Stance.BROWSING

    def next_failing(self, step: int) -> int | None:
        """Give the place of the next failing message that is held, or of the one before."""
        places = range(self.cursor + 1, len(self.rows)) if step > 0 else range(self.cursor - 1, -1, -1)
        return next((place for place in places if is_failing(self.rows[place])), None)

    # The step under the cursor

    @property
    def step(self) -> Step | None:
        """The chosen step of the selected message; its newest, where none was chosen."""
        message = self.message
        if message is None or not message.steps:
            return None
        return next((step for step in message.steps if step.seq == self._seq), message.steps[-1])

    def choose(self, seq: int | None) -> None:
        """Choose a step of the selected message; None for always the newest."""
        self._seq = seq

    def along(self, steps: int) -> bool:
        """Choose a later step, or an earlier one; tells whether there is one."""
        message, step = self.message, self.step
        if message is None or step is None:
            return False
        place = message.steps.index(step) + steps
        if not 0 <= place < len(message.steps):
            return False
        self._seq = message.steps[place].seq
        self.hold()
        return True

    # Following, browsing, paused

    def hold(self) -> None:
        """Follow no longer, and leave everything where it is."""
        if self.following:
            self.stance = Stance.BROWSING

    def follow(self) -> None:
        """Go to the message that moved last and stay there, or in another order to its beginning as it is now."""
        self.stance = Stance.FOLLOWING
        self._seq = None
        self.fresh.clear()
        if self.upwards:
            self.selected = self._end()
        else:
            # What is seen stays until the first page was read anew.
            self.run += 1
            self.unread, self.further, self.selected = True, None, None

    def pause(self) -> None:
        """Take nothing in until `resume`."""
        if self.stance is not Stance.PAUSED:
            self._follow_after_pause = self.following
            self.stance = Stance.PAUSED

    def resume(self) -> None:
        """End a pause: go on with what the viewer did before it."""
        if self.stance is Stance.PAUSED:
            self.stance = Stance.FOLLOWING if self._follow_after_pause or not self.upwards else Stance.BROWSING
            self.fresh.clear()
