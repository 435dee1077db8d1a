"""One stream at a time forwards to a URL, however it is written, and for exactly as long as it is connected."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from relay.leases import AlreadyForwarded, Leases, NoTarget

URL = "http://127.0.0.1:3000/hooks"


class Changes:
    """Leases, and how often they changed."""

    def __init__(self) -> None:
        self.count = 0
        self.leases = Leases(clock=lambda: 1_795_430_520_000_000, changed=self._changed)

    def _changed(self) -> None:
        self.count += 1

    def is_free(self, url: str) -> bool:
        try:
            with self.leases.held(url, "another", force=False):
                return True
        except AlreadyForwarded:
            return False


@pytest.fixture
def changes() -> Changes:
    return Changes()


@pytest.fixture
def leases(changes: Changes) -> Leases:
    return changes.leases


def test_a_url_that_is_held_is_refused_until_it_is_given_back(changes: Changes, leases: Leases) -> None:
    with leases.held(URL, "a", force=False):
        with pytest.raises(AlreadyForwarded) as refused, leases.held(URL, "b", force=False):
            pass
        assert str(refused.value).endswith(
            "is already forwarded to by another client, since 2026-11-23T10:42:00.000000Z"
        )
        assert (leases.targets, changes.count) == ((URL,), 1)
    assert (leases.targets, changes.count) == ((), 2)
    assert changes.is_free(URL)


@pytest.mark.parametrize(
    "same",
    ["HTTP://127.0.0.1:3000/hooks", "http://user:hush@127.0.0.1:3000/hooks", f"{URL}#part", f" {URL} "],
)
def test_the_same_target_is_the_same_however_it_is_written(changes: Changes, leases: Leases, same: str) -> None:
    with leases.held(same, "a", force=False):
        assert not changes.is_free(URL)
        assert leases.targets == (URL,)


@pytest.mark.parametrize(
    "other", ["http://127.0.0.1:3000/", "http://127.0.0.1:3001/hooks", f"{URL}?a=1", "https://a"]
)
def test_another_target_is_free(changes: Changes, leases: Leases, other: str) -> None:
    with leases.held(URL, "a", force=False):
        assert changes.is_free(other)


def test_who_insists_forwards_beside_the_other_and_both_count(changes: Changes, leases: Leases) -> None:
    with leases.held(URL, "a", force=False):
        with leases.held(URL, "b", force=True):
            assert leases.targets == (URL,)
        assert not changes.is_free(URL)
    assert changes.is_free(URL)


def test_a_client_takes_over_from_its_own_connection_that_died(changes: Changes, leases: Leases) -> None:
    with ExitStack() as old, ExitStack() as new:
        old.enter_context(leases.held(URL, "a", force=False))
        new.enter_context(leases.held(URL, "a", force=False))
        old.close()
        # The end of the old one, noticed late, does not end the new one.
        assert not changes.is_free(URL)
        assert leases.targets == (URL,)
    assert changes.is_free(URL)


def test_clients_that_say_nothing_of_themselves_are_different_ones(leases: Leases) -> None:
    with (
        leases.held(URL, None, force=False),
        pytest.raises(AlreadyForwarded),
        leases.held(URL, None, force=False),
    ):
        pass


@pytest.mark.parametrize(
    "url", ["", "nonsense", "ftp://a/", "http://", "http:///a", "http://:80/", "file:///etc", "//a"]
)
def test_what_nothing_can_be_sent_to_is_no_target(leases: Leases, url: str) -> None:
    with pytest.raises(NoTarget), leases.held(url, "a", force=False):
        pass
    assert leases.targets == ()


@pytest.mark.parametrize("forwarder", ["", "a b", "\x1b", "x" * 65])
def test_an_id_that_is_none_is_refused(leases: Leases, forwarder: str) -> None:
    with pytest.raises(NoTarget), leases.held(URL, forwarder, force=False):
        pass
