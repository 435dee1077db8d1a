from __future__ import annotations

import pytest

from relay.publicurl import MOST, PublicUrls

CONFIGURED = "https://mine.example"
A, B = "https://a.example", "https://b.example"


class Clock:
    """A clock that tests move; counts how often a change was told."""

    def __init__(self) -> None:
        self.now = 0.0
        self.told = 0

    def __call__(self) -> float:
        return self.now

    def changed(self) -> None:
        self.told += 1


@pytest.fixture
def clock() -> Clock:
    return Clock()


def urls(clock: Clock, configured: str | None = CONFIGURED) -> PublicUrls:
    return PublicUrls(configured, clock=clock, changed=clock.changed)


@pytest.mark.parametrize("configured", [CONFIGURED, None])
def test_without_a_tunnel_it_is_the_configured_one(clock: Clock, configured: str | None) -> None:
    assert urls(clock, configured).current == configured


def test_what_was_announced_last_counts(clock: Clock) -> None:
    found = urls(clock)
    found.announce(A, 60)
    found.announce(B, 60)
    assert found.current == B


def test_to_announce_an_address_again_does_not_put_it_before_others(clock: Clock) -> None:
    found = urls(clock)
    found.announce(A, 60)
    found.announce(B, 60)
    found.announce(A, 60)
    assert found.current == B


def test_an_address_is_forgotten_when_nobody_announces_it_again(clock: Clock) -> None:
    found = urls(clock)
    found.announce(A, 60)
    clock.now = 59.9
    found.announce(A, 60)
    clock.now = 119.8
    assert found.current == A
    clock.now = 119.9
    assert found.current == CONFIGURED


def test_one_that_is_withdrawn_gives_place_to_the_one_before(clock: Clock) -> None:
    found = urls(clock)
    found.announce(A, 60)
    found.announce(B, 60)
    found.withdraw(B)
    assert found.current == A


def test_every_change_is_told_and_nothing_else(clock: Clock) -> None:
    found = urls(clock)
    found.announce(A, 60)
    found.withdraw(A)
    found.withdraw(A)
    assert clock.told == 2


def test_no_more_are_held_than_there_may_be(clock: Clock) -> None:
    found = urls(clock)
    for number in range(MOST + 1):
        found.announce(f"https://{number}.example", 60)
    for number in range(MOST, 0, -1):
        found.withdraw(f"https://{number}.example")
    assert found.current == CONFIGURED
