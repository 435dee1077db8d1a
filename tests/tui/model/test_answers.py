"""Answers held against what a right handler does, and against each other."""

from __future__ import annotations

import pytest

from tui.forward.request import Sign
from tui.forward.send import Answer
from tui.model.answers import body_text, expected, judged, ms_text, status_text, twice


def answer(status: int | None, body: str | None = "", **facts: object) -> Answer:
    return Answer(**{"ms": 12.0, "status": status, "body": body} | facts)  # type: ignore[arg-type]


def test_a_right_handler_takes_what_is_freshly_signed_and_refuses_what_is_not() -> None:
    assert {how: expected(how) for how in Sign} == {
        Sign.AS_RECEIVED: None,
        Sign.FRESH: "accept",
        Sign.STALE: "refuse",
        Sign.TAMPERED: "refuse",
        Sign.WRONG_SECRET: "refuse",
    }


def test_a_changed_body_with_the_old_signature_is_to_be_refused() -> None:
    assert expected(Sign.AS_RECEIVED, edited=True) == "refuse"
    assert expected(Sign.FRESH, edited=True) == "accept"


@pytest.mark.parametrize(
    ("status", "awaited", "begins", "right"),
    [
        (401, "refuse", "refused, as is right", True),
        (200, "refuse", "NOT REFUSED", False),
        (500, "refuse", "neither taken nor refused", False),
        (302, "refuse", "neither taken nor refused", False),
        (204, "accept", "taken", True),
        (401, "accept", "not taken: a right handler answers 2xx", False),
        (200, None, "taken", None),
        (500, None, "not taken", None),
        (None, "refuse", "no answer", False),
        (None, None, "no answer", False),
    ],
)
def test_an_answer_is_held_against_what_is_right(
    status: int | None, awaited: str | None, begins: str, right: bool | None
) -> None:
    found = judged(answer(status, error="connection refused" if status is None else None), awaited)  # type: ignore[arg-type]
    assert found.words.startswith(begins)
    assert found.right is right


def test_an_answer_that_broke_off_is_said_to_and_is_not_what_a_right_handler_gives() -> None:
    broken = answer(200, "half", error="the answer broke off")
    assert judged(broken, "accept") == ("taken; the answer broke off", "warn", False)


def test_the_same_answer_twice_differs_in_nothing_whatever_its_time_and_headers() -> None:
    first = answer(200, '{"ok": true, "n": 1}', ms=3.0, headers=[("date", "now")])
    second = answer(200, '{"n":1,"ok":true}', ms=900.0, headers=[("date", "then")])
    assert twice(first, second).differs == ()
    assert "not compared" in twice(first, second).note


def test_status_and_body_are_compared_and_the_body_value_by_value() -> None:
    both = twice(answer(200, '{"state": "created", "id": 1}'), answer(409, '{"state": "known", "id": 1}'))
    assert both.differs == ("status", "body")
    assert [(one.path, one.before, one.after) for one in both.bodies.differences] == [
        (("state",), "created", "known")
    ]


def test_no_answer_and_one_that_broke_off_are_other_answers() -> None:
    whole = answer(200, "ok")
    assert twice(whole, answer(None, None, error="connection refused")).differs[0] == "status"
    assert twice(whole, answer(200, "ok", error="the answer broke off")).differs == ("body",)


def test_what_was_cut_is_compared_as_far_as_it_is_kept_and_that_is_said() -> None:
    both = twice(answer(200, "x", truncated=True), answer(200, "x"))
    assert both.differs == ()
    assert "64 KiB" in both.note


def test_words_for_what_came_back() -> None:
    assert [status_text(answer(status)) for status in (404, 299, None)] == ["404 Not Found", "299", "none"]
    assert [ms_text(ms) for ms in (0.42, 12.4, 1_240.0)] == ["0.4 ms", "12 ms", "1.2 s"]
    assert body_text(answer(200, "")) == "empty"
    assert body_text(answer(200, "abc", truncated=True)) == "abc … cut"
    assert body_text(answer(None, None)) == "none"
