from __future__ import annotations

import pytest

from tests.tui.made import made
from tests.tui.scripted_source import ScriptedSource
from tui.model.along import FAILURES, beyond, message_of, within
from tui.model.byvalue import joined
from tui.model.filtering import Choice
from tui.model.source import Missing, Page, Row

ROWS: list[Row] = [
    made(1, message_id="a"),
    made(2, message_id="b", failed=True),
    Missing(3, 5, "retention"),
    made(6, message_id="a"),
    made(7, message_id="b", failed=True),
]


@pytest.mark.parametrize(
    ("at", "step", "expected"), [(0, 1, 6), (3, -1, 1), (3, 1, None), (0, -1, None), (2, 1, 6)]
)
def test_the_next_event_of_the_same_message_is_found_on_either_side(
    at: int, step: int, expected: int | None
) -> None:
    course = message_of(made(1, message_id="a"))
    assert course is not None
    assert within(ROWS, at, step, course) == expected


@pytest.mark.parametrize(("at", "step", "expected"), [(0, 1, 2), (1, 1, 7), (4, -1, 2), (4, 1, None)])
def test_the_next_failure_is_found_on_either_side(at: int, step: int, expected: int | None) -> None:
    assert within(ROWS, at, step, FAILURES) == expected


def test_what_is_of_no_message_goes_along_its_run() -> None:
    course = message_of(made(1, message_id=None, workflow_recipient_run_id="run-7"))
    assert course is not None
    assert course.term == "recipient_run:run-7"


def test_what_is_of_neither_goes_nowhere() -> None:
    assert message_of(made(1, message_id=None, workflow_recipient_run_id=None)) is None


def test_a_filter_is_kept_whole_when_a_term_joins_it() -> None:
    assert joined("a OR b", "failed") == "(a OR b) failed"
    assert joined(" ", "failed") == "failed"


class Slow(ScriptedSource):
    """A log in which a search ends empty twice before it finds something."""

    def __init__(self, answers: list[Page]) -> None:
        super().__init__()
        self.answers = answers
        self.places: list[tuple[int | None, int | None]] = []

    async def page(  # type: ignore[no-untyped-def]
        self, filter_text, *, before=None, after=None, types=(), limit=200
    ):
        self.places.append((before, after))
        self.pages.append((filter_text, tuple(types), limit))
        return self.answers.pop(0)


async def test_the_log_is_searched_on_until_something_is_found() -> None:
    source = Slow([Page([], 60), Page([], 30), Page([made(7)], None)])
    assert await beyond(source, Choice("x", ("message.sent",)), FAILURES, before=90) == 7
    assert source.places == [(90, None), (60, None), (30, None)]
    assert source.pages[0] == ("(x) failed", ("message.sent",), 1)


async def test_a_search_that_finds_nothing_ends() -> None:
    source = Slow([Page([], 60), Page([], None)])
    assert await beyond(source, Choice(), FAILURES, after=0) is None
    assert source.places == [(None, 0), (None, 60)]
