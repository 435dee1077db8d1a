"""What is written for a canned answer, and what is said of one."""

from __future__ import annotations

import pytest

from relay.contract.canned import NewCannedAnswer, Provoking, parse_script
from relay.contract.moments import microseconds
from tests.tui.made import RECEIVED, made_canned
from tui.model.dashboard import Dashboard
from tui.model.provoking import WrongField, cautions, drafted, what_it_did, what_it_gives
from tui.model.source import Pulse


def test_what_is_not_written_is_as_it_is_without() -> None:
    assert drafted("type:a", answer="500x3, 200") == NewCannedAnswer(filter="type:a", answer="500x3,200")


def test_durations_are_written_as_everywhere_and_retry_after_in_seconds_too() -> None:
    new = drafted("", answer="429", delay="1.5s", retry_after="30", for_="2h")
    assert (new.delay_ms, new.retry_after, new.for_seconds) == (1_500, 30, 7_200)
    assert drafted("", answer="429", retry_after="2m").retry_after == 120


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"answer": "x"}, "answer"),
        ({"answer": "500", "delay": "soon"}, "delay"),
        ({"answer": "500", "delay": "61s"}, "delay"),
        ({"answer": "500", "for_": "25h"}, "for"),
        ({"answer": "500", "for_": "10ms"}, "for"),
        ({"answer": "500", "retry_after": "later"}, "retry-after"),
        ({"answer": "500", "retry_after": "2d"}, "retry-after"),
        ({"answer": "200,204", "retry_after": "30"}, "retry-after"),
    ],
)
def test_what_cannot_be_meant_names_its_field(fields: dict[str, str], field: str) -> None:
    with pytest.raises(WrongField) as caught:
        drafted("", **fields)
    assert caught.value.field == field


def test_it_is_said_what_is_given_and_what_was() -> None:
    new = drafted("", answer="429x2,200", delay="2s", retry_after="30")
    assert what_it_gives(new) == "429 twice, then always 200, each after 2s, with Retry-After: 30"
    assert what_it_did(made_canned(new, answered=1)) == "answered 1 delivery of 1 event"
    assert what_it_did(made_canned(drafted("", answer="503"), answered=1_200)) == "answered 1,200 deliveries"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("500x3,200", []),
        ("404,200", ["404"]),
        ("500x8,200", ["8 attempts"]),
        ("503", ["8 attempts"]),
        ("200,503", []),
    ],
)
def test_it_is_said_when_knock_may_never_get_as_far(script: str, said: list[str]) -> None:
    found = list(cautions(parse_script(script)))
    assert len(found) == len(said)
    assert all(word in text for word, text in zip(said, found, strict=True))


def test_the_dashboard_knows_how_long_it_goes_on_by_the_relays_clock() -> None:
    board = Dashboard()
    now_us = microseconds(RECEIVED) or 0
    provoking = Provoking(rules=1, answer="500", until="2026-11-23T10:52:00.958652Z")
    board.apply([Pulse(upto=0, last_seq=0, at_us=now_us, provoking=provoking)])
    assert board.provoked_for == pytest.approx(600, abs=5)
    board.apply([Pulse(upto=0, last_seq=0, at_us=now_us + 601_000_000, provoking=provoking)])
    assert board.provoked_for is None
    board.apply([Pulse(upto=0, last_seq=0, at_us=now_us)])
    assert board.provoking is None
