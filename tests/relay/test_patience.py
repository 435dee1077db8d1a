"""Who is given up: a connection that waits for the same thing at several looks, and no other."""

from __future__ import annotations

from collections.abc import Hashable

from relay.patience import LOOKS, Patience


class Connection:
    """Waits for what it is told to."""

    def __init__(self, unfinished: Hashable | None) -> None:
        self.unfinished = unfinished
        self.given_up = 0

    def give_up(self) -> None:
        self.given_up += 1


def test_a_request_that_is_never_whole_is_given_up_once() -> None:
    slow = Connection("body")
    open_ = [slow]
    patience = Patience(lambda: open_)
    for _ in range(LOOKS):
        patience.look()
    assert slow.given_up == 0
    patience.look()
    open_.clear()
    patience.look()
    assert slow.given_up == 1


def test_requests_that_follow_each_other_are_never_given_up() -> None:
    busy = Connection(1)
    patience = Patience(lambda: [busy])
    for number in range(10 * LOOKS):
        busy.unfinished = number
        patience.look()
    assert not busy.given_up


def test_a_connection_that_waits_for_nothing_is_left_alone() -> None:
    idle = Connection(None)
    patience = Patience(lambda: [idle])
    for _ in range(10 * LOOKS):
        patience.look()
    assert not idle.given_up


def test_a_connection_of_another_kind_is_left_alone() -> None:
    patience = Patience(lambda: [object()])
    for _ in range(10 * LOOKS):
        patience.look()
