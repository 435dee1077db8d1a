"""Where to begin, as the user says it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.text import plain
from tui.since import BEGINNING, NOW, Since, parse_since


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("now", NOW),
        ("beginning", BEGINNING),
        ("0", Since(seq=0)),
        (" 1200 ", Since(seq=1200)),
        ("10m", Since(age=timedelta(minutes=10))),
        ("1h30m", Since(age=timedelta(minutes=90))),
        ("500ms", Since(age=timedelta(milliseconds=500))),
    ],
)
def test_a_place_is_read(text: str, meaning: Since) -> None:
    assert parse_since(text) == meaning


@pytest.mark.parametrize("text", ["", "yesterday", "-5", "1.5", "10 parsecs", "٣"])
def test_anything_else_is_refused_with_what_could_be_given(text: str) -> None:
    with pytest.raises(ValueError, match="give 10m, a seq, beginning or now"):
        parse_since(text)


@given(st.text())
def test_a_refusal_is_safe_to_print_whatever_was_given(text: str) -> None:
    with pytest.raises(ValueError, match="is no place to begin") as caught:
        parse_since(f"{text}?")
    assert plain(str(caught.value)) == str(caught.value)


def test_a_seq_beyond_all_seqs_is_a_seq_that_will_never_come() -> None:
    assert parse_since("9" * 5000).seq == (1 << 62) - 1
