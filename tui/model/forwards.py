"""The forwards as the screen holds them: newest first, followed or looked through, and only some of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from relay.contract.api import MAX_LIMIT, ForwardItem, ForwardsPage
from relay.contract.events import Forward

PAGE = 100
"""Forwards that are read at first."""
NO_ANSWER = "no answer"


def answer_class(forward: Forward) -> str:
    """Name the kind of answer: `2xx` to `5xx`, or that there was none."""
    return NO_ANSWER if forward.status is None else f"{forward.status // 100}xx"


def place_of(url: str) -> str:
    """Give a target as short as it can be told from others: without the scheme; foreign text."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.netloc}{parts.path.rstrip('/')}" + (f"?{parts.query}" if parts.query else "")


def host_of(url: str) -> str:
    """Give the host of a target, with its port; foreign text."""
    return place_of(url).partition("/")[0]


class Only(NamedTuple):
    """Which forwards are shown: those with a value, or `without` it."""

    what: str
    value: str
    without: bool = False

    @classmethod
    def of(cls, item: ForwardItem, what: str, *, without: bool) -> Only:
        """Choose by what one forward has of something in `FIELDS`."""
        return cls(what, _READ[what](item), without)

    def has(self, item: ForwardItem) -> bool:
        """Tell whether a forward is shown."""
        return (_READ[self.what](item) == self.value) != self.without

    @property
    def words(self) -> str:
        """Say it in words."""
        return f"{'not' if self.without else 'only'} {self.value}"


_READ: Mapping[str, Callable[[ForwardItem], str]] = {
    "answer": answer_class,
    "target": lambda item: item.url,
    "type": lambda item: item.type,
    "signed": lambda item: item.sign or "",
    "kind": lambda item: item.kind,
}
FIELDS = frozenset(_READ)
"""What forwards can be chosen by."""


class Forwards:
    """A window over what the relay keeps. `shown` are those of the `items` that were read which are asked for."""

    def __init__(self) -> None:
        self.items: Sequence[ForwardItem] = ()
        self.shown: Sequence[ForwardItem] = ()
        self.known = False
        """They were read at least once."""
        self.next: int | None = None
        """Pass as `before` to read on; None when the oldest was read."""
        self.only: tuple[Only, ...] = ()
        self.lifted: tuple[Only, ...] = ()
        """What was asked for before it was lifted."""
        self.following = True
        """The cursor stays on the newest."""
        self.marked: ForwardItem | None = None
        """The forward that others are compared with."""
        self._selected: int | None = None
        self._place = 0
        self._newest_seen = 0

    @property
    def wanted(self) -> int:
        """How many to read so that what is held here is renewed."""
        return min(max(len(self.items), PAGE), MAX_LIMIT)

    @property
    def fresh(self) -> int:
        """How many came while the cursor was elsewhere than on the newest."""
        if self.following:
            return 0
        return next((at for at, item in enumerate(self.shown) if item.entry <= self._newest_seen), len(self.shown))

    def restart(self) -> None:
        """Begin with another log."""
        only = self.only
        self.__init__()  # type: ignore[misc]
        self.only = only

    def renew(self, page: ForwardsPage) -> None:
        """Take the newest forwards; of those that the page does not reach, keep what is here."""
        kept = [] if page.next is None else [one for one in self.items if one.entry < page.next]
        if not kept:
            self.next = page.next
        self.known = True
        self._take([*page.items, *kept])

    def add_older(self, page: ForwardsPage, before: int) -> None:
        """Take the page below the entry `before`; one that was asked for in vain is left."""
        if before == self.next:
            self.next = page.next
            self._take([*self.items, *page.items])

    def choose(self, *only: Only) -> None:
        """Show only some; none of them shows all."""
        self.lifted = self.only if not only else ()
        self.only = only
        self._take(self.items)

    def add_only(self, only: Only) -> None:
        """Show fewer: what is said of the same thing replaces itself, unless it leaves something out."""
        kept = [one for one in self.only if one.what != only.what or (one.without and only.without)]
        self.choose(*(one for one in kept if one != only), only)

    def toggle(self) -> bool:
        """Lift what narrows, or restore it; tells whether there was anything to do."""
        if not self.only and not self.lifted:
            return False
        self.choose(*(() if self.only else self.lifted))
        return True

    def _take(self, items: Sequence[ForwardItem]) -> None:
        self.items = items
        self.shown = [item for item in items if all(only.has(item) for only in self.only)] if self.only else items
        if self.following or self.selected is None:
            # What was looked at is gone: the one that stands in its place is next.
            self.move_to(0 if self.following else self._place)

    @property
    def selected(self) -> ForwardItem | None:
        """The forward that the cursor is on."""
        place = self.cursor
        return self.shown[place] if place < len(self.shown) and self.shown[place].entry == self._selected else None

    @property
    def cursor(self) -> int:
        """Place of the cursor among those that are shown."""
        if self._place < len(self.shown) and self.shown[self._place].entry == self._selected:
            return self._place
        found = next((at for at, item in enumerate(self.shown) if item.entry == self._selected), None)
        if found is None:
            return max(min(self._place, len(self.shown) - 1), 0)
        self._place = found
        return found

    def move_to(self, place: int) -> None:
        """Put the cursor on a place, the nearest one that there is."""
        self._place = max(min(place, len(self.shown) - 1), 0)
        self._selected = self.shown[self._place].entry if self.shown else None
        if self.following and self.items:
            self._newest_seen = self.items[0].entry

    def follow(self) -> None:
        """Go to the newest, and stay there."""
        self.following = True
        self.move_to(0)

    def leave(self, place: int) -> None:
        """Put the cursor on a place by hand, which follows no longer."""
        self.following = False
        self.move_to(place)

    def toggle_mark(self) -> ForwardItem | None:
        """Mark the forward under the cursor, or take the mark away; gives what is marked now."""
        item = self.selected
        is_marked = item is not None and self.marked is not None and item.entry == self.marked.entry
        self.marked = None if is_marked else item
        return self.marked

    def before(self, item: ForwardItem) -> ForwardItem | None:
        """Give the forward of the same event that was reported before this one, of those that were read."""
        return next((one for one in self.items if one.seq == item.seq and one.entry < item.entry), None)
