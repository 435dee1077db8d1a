"""The script of a canned answer: read, said, written again, and asked whose turn it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.contract.canned import MAX_STEPS, ScriptError, parse_script

STEPS = st.lists(st.tuples(st.integers(200, 599), st.integers(1, 1_000)), min_size=1, max_size=MAX_STEPS)


def test_three_answers_and_then_another_for_good() -> None:
    script = parse_script(" 500x3, 200 ")
    assert [script.status(given) for given in (0, 1, 2, 3, 4, 1_000_000)] == [500, 500, 500, 200, 200, 200]
    assert (str(script), script.words) == ("500x3,200", "500 three times, then always 200")


@given(STEPS)
@settings(max_examples=50)
def test_a_script_is_what_it_says_written_out(steps: list[tuple[int, int]]) -> None:
    text = ",".join(f"{status}x{times}" for status, times in steps)
    script = parse_script(text)
    written = [status for status, times in steps for _ in range(times)]
    assert [script.status(at) for at in range(len(written))] == written
    assert script.status(len(written)) == written[-1]
    assert parse_script(str(script)) == script


@given(st.text(max_size=20))
@settings(max_examples=100)
def test_any_text_is_a_script_or_refused(text: str) -> None:
    try:
        script = parse_script(text)
    except ScriptError:
        return
    assert all(200 <= step.status <= 599 for step in script.steps)


@pytest.mark.parametrize(
    "text", ["", ",", "500,", "199", "600", "500x", "500x0", "500x1001", "5e2", "-500", "٥٠٠"]
)
def test_what_is_no_script_is_refused(text: str) -> None:
    with pytest.raises(ScriptError):
        parse_script(text)


def test_a_script_is_bounded() -> None:
    parse_script(",".join(["500", "200"] * (MAX_STEPS // 2)))
    with pytest.raises(ScriptError, match="at most"):
        parse_script(",".join(["500"] * (MAX_STEPS + 1)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("503", "always 503"),
        ("500x3", "always 500"),
        ("500,429x7,200", "500 once, then 429 7 times, then always 200"),
    ],
)
def test_a_script_is_said_in_words(text: str, words: str) -> None:
    assert parse_script(text).words == words
