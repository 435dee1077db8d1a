"""Viewers who ask for the same share frames, as long as they are woken together."""

from __future__ import annotations

import pytest

from relay.contract.filter import parse
from relay.hub import Hub
from relay.log.base import Slice
from relay.session import Session
from relay.sharing import Sharing


class Maker:
    """Makes frames and counts how often."""

    def __init__(self) -> None:
        self.made = 0

    def frames(self, session: Session, upto: int) -> list[bytes]:
        self.made += 1
        session.cursor = upto
        return [b"frame"]


def session(after: int = 5, filter_: str = "", types: frozenset[str] = frozenset()) -> Session:
    return Session(after=after, filter_=parse(filter_, now_us=0), types=types)


def taken(sharing: Sharing, maker: Maker, viewer: Session, upto: int = 9) -> list[bytes]:
    return sharing.take(viewer, Slice([], upto), lambda: maker.frames(viewer, upto))


def test_frames_are_made_once_for_viewers_who_are_alike() -> None:
    sharing, maker, viewers = Sharing(Hub()), Maker(), [session() for _ in range(3)]
    assert [taken(sharing, maker, viewer) for viewer in viewers] == [[b"frame"]] * 3
    assert maker.made == 1


def test_the_cursor_of_each_moves() -> None:
    sharing, maker, viewers = Sharing(Hub()), Maker(), [session() for _ in range(3)]
    for viewer in viewers:
        taken(sharing, maker, viewer)
    assert [viewer.cursor for viewer in viewers] == [9, 9, 9]


@pytest.mark.parametrize(
    "other", [session(after=6), session(filter_="type:message.sent"), session(types=frozenset({"message.sent"}))]
)
def test_who_asks_for_something_else_has_frames_of_its_own(other: Session) -> None:
    sharing, maker = Sharing(Hub()), Maker()
    taken(sharing, maker, session())
    taken(sharing, maker, other)
    assert maker.made == 2


async def test_nothing_is_kept_once_viewers_are_woken_again() -> None:
    hub = Hub()
    sharing, maker = Sharing(hub), Maker()
    taken(sharing, maker, session())
    hub.wake()
    taken(sharing, maker, session())
    assert maker.made == 2
