"""Environments that are marked production, before something is sent."""

from __future__ import annotations

from relay.settings import Environment
from tui.forward.production import Production

STAGING, LIVE, LATER = (f"0000000{digit}-0000-4000-8000-00000000000a" for digit in "123")


def marked() -> Production:
    return Production(
        {
            STAGING: Environment(name="staging"),
            LIVE: Environment(name="live", production=True),
            LATER: Environment(production=True),
        }
    )


def test_only_what_comes_from_a_marked_environment_asks_for_its_name() -> None:
    assert marked().lacking([STAGING, None, "unknown"]) == []
    assert marked().lacking([LIVE, STAGING, LIVE]) == ["live"]


def test_an_id_counts_in_whatever_case_it_is_written() -> None:
    assert marked().lacking([LIVE.upper()]) == ["live"]


def test_one_without_a_name_goes_by_its_id() -> None:
    assert marked().lacking([LATER]) == [LATER]


def test_a_name_that_was_typed_is_not_asked_for_again() -> None:
    production = marked()

    assert not production.take("staging")
    assert not production.take("Live")
    assert production.lacking([LIVE]) == ["live"]
    assert production.take(" live ")
    assert production.lacking([LIVE]) == []
