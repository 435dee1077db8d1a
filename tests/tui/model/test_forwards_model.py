"""The forwards as the screen holds them: followed or looked through, and only some of them."""

from __future__ import annotations

import pytest

from relay.contract.api import ForwardsPage
from tests.tui.made import made_detail, made_forward
from tui.model.clock import Clock
from tui.model.forwarded import FEW_LINES, LINES, listed, ms_words, status_words, told
from tui.model.forwards import Forwards, Only, answer_class, place_of
from tui.model.items import Code, Fact, Heading, Note

CLOCK = Clock(utc=True)


def page(*entries: int, following: int | None = None, status: int | None = 200) -> ForwardsPage:
    items = [made_forward(entry, entry % 3 + 1, status=status if entry % 2 else 500)[0] for entry in entries]
    return ForwardsPage(items=items, next=following)


def shown(model: Forwards) -> list[int]:
    return [item.entry for item in model.shown]


def selected(model: Forwards) -> int | None:
    return None if model.selected is None else model.selected.entry


def test_the_cursor_stays_on_the_newest_until_it_is_moved() -> None:
    model = Forwards()
    model.renew(page(3, 2, 1))
    model.renew(page(5, 4, 3, 2, 1))
    assert (selected(model), model.fresh) == (5, 0)
    model.leave(1)
    model.renew(page(7, 6, 5, 4, 3, 2, 1))
    assert (selected(model), model.cursor, model.fresh) == (4, 3, 2)
    model.follow()
    assert (selected(model), model.fresh) == (7, 0)


def test_what_the_newest_page_does_not_reach_is_kept_and_read_on_from() -> None:
    model = Forwards()
    model.renew(page(5, 4, following=4))
    model.add_older(page(3, 2, following=2), 4)
    model.renew(page(6, 5, following=5))
    assert (shown(model), model.next) == ([6, 5, 4, 3, 2], 2)
    model.add_older(page(1), 99)
    assert shown(model) == [6, 5, 4, 3, 2]
    model.renew(page(6, 5))
    assert (shown(model), model.next) == ([6, 5], None)


def test_where_the_one_under_the_cursor_is_gone_that_in_its_place_is_next() -> None:
    model = Forwards()
    model.renew(page(5, 4, 3))
    model.leave(2)
    model.renew(page(5, 4))
    assert selected(model) == 4


def test_only_some_are_shown_and_all_again() -> None:
    model = Forwards()
    model.renew(page(5, 4, 3, 2, 1))
    model.add_only(Only("answer", "5xx"))
    assert shown(model) == [4, 2]
    model.add_only(Only("answer", "2xx"))
    assert (shown(model), [one.words for one in model.only]) == ([5, 3, 1], ["only 2xx"])
    model.add_only(Only("type", "message.sent", without=True))
    assert shown(model) == []
    assert (selected(model), model.toggle(), shown(model)) == (None, True, [5, 4, 3, 2, 1])
    assert (model.toggle(), shown(model)) == (True, [])
    model.choose()
    model.choose()
    assert not model.toggle()


def test_several_things_can_be_left_out() -> None:
    model = Forwards()
    model.renew(page(4, 3, status=None))
    for value in ("5xx", "no answer", "no answer"):
        model.add_only(Only("answer", value, without=True))
    assert (shown(model), len(model.only)) == ([], 2)


def test_a_mark_is_taken_away_by_marking_again_and_the_forward_before_is_of_the_same_event() -> None:
    model = Forwards()
    model.renew(page(6, 5, 4, 3, 2))
    assert model.toggle_mark() is not None
    assert model.toggle_mark() is None
    newest = model.items[0]
    before = model.before(newest)
    assert before is not None
    assert (before.entry, before.seq) == (3, newest.seq)
    assert model.before(before) is None


def test_another_log_is_begun_with_what_was_chosen() -> None:
    model = Forwards()
    model.renew(page(4, 3))
    model.add_only(Only("answer", "2xx"))
    model.restart()
    assert (shown(model), model.known, len(model.only), model.following) == ([], False, 1, True)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:3000/", "127.0.0.1:3000"),
        ("https://app.test/a/b/?c=d", "app.test/a/b?c=d"),
        ("http://[::1", "http://[::1"),
    ],
)
def test_a_place_is_short(url: str, expected: str) -> None:
    assert place_of(url) == expected


def test_answers_in_words() -> None:
    assert [status_words(status) for status in (None, 204, 299)] == ["no answer", "204 No Content", "299"]
    assert [answer_class(made_forward(1, status=status)[1]) for status in (None, 302, 500)] == [
        "no answer",
        "3xx",
        "5xx",
    ]
    assert ms_words(None) == ""


def test_a_body_that_is_json_is_indented_and_copied_as_it_came() -> None:
    item, forward = made_forward(1, body='{"a":1.0}')
    code = [line for line in told(item, forward, None, CLOCK) if isinstance(line, Code)]
    assert [line.text for line in code] == ["{", '  "a": 1.0', "}"]
    assert {line.copy for line in code} == {'{"a":1.0}'}


@pytest.mark.parametrize("body", ["[" * 70_000, "x" * 70_000, "\n" * 70_000, "[1,1]" * 9_000, "{" * 9 + "\ud800"])
def test_a_body_of_any_kind_takes_a_bounded_number_of_lines(body: str) -> None:
    item, forward = made_forward(1, body=body, truncated=True)
    lines = [line for line in told(item, forward, None, CLOCK) if isinstance(line, Note | Code)]
    assert len(lines) <= LINES + 1
    few = [
        line
        for line in listed(made_detail(1, forwards=[forward] * 30), CLOCK)
        if isinstance(line, Note | Code) and line.copy is not None
    ]
    assert len(few) <= 20 * (FEW_LINES + 1)


def test_what_is_not_there_is_said() -> None:
    item, _ = made_forward(1, status=None, error="connection refused")
    said = list(told(item, made_forward(1, status=None, headers=None, body=None)[1], None, CLOCK))
    assert Fact("error", "connection refused", "bad") in said
    assert Note("There was no answer.") in said
    gone = told(item, made_forward(1, headers=None, body=None)[1], None, CLOCK)
    assert any(isinstance(one, Note) and one.text.startswith("The answer is not kept any more") for one in gone)
    empty = list(told(item, made_forward(1, body="")[1], None, CLOCK))
    assert Note("It is empty.") in empty
    assert Heading("Headers of the answer", "1") in empty
    assert Note("why", "warn") in list(told(item, "why", None, CLOCK))
