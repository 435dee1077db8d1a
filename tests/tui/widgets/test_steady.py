from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size
from wcwidth import wcwidth

from relay.contract.text import plain
from tests.hostile import HOSTILE
from tui.widgets.steady import in_place, steady


def disputed(text: str) -> set[str]:
    """The characters that an older table or another library gives other cells."""
    return {
        char
        for char in text
        if len({get_character_cell_size(char), get_character_cell_size(char, "14.0.0"), wcwidth(char)}) > 1
    }


@pytest.mark.parametrize("plane", range(17))
def test_no_character_of_disputed_width_is_left(plane: int) -> None:
    # Planes above the third are all alike but for a few at their ends.
    codes = range(0x10000) if plane < 3 else [*range(0x400), *range(0xFFF0, 0x10000)]
    assert not disputed(steady(plain("\n".join(chr((plane << 16) + code) for code in codes))))


@given(st.text())
def test_what_is_steady_stays_as_it_is(text: str) -> None:
    once = steady(plain(text))
    assert steady(once) == once
    assert plain(once) == once


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_has_nothing_disputed(text: str) -> None:
    shown = steady(plain(text, 1_000))
    assert not disputed(shown)
    assert cell_len(shown) == sum(map(wcwidth, shown))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë Ångström", "Zoë Ångström"),
        ("e\u0301", "é"),
        ("東京タワー", "東京タワー"),
        ("\u1112\u1161\u11ab", "한"),
        ("한\u1161\u11a8", "한\ufffd\ufffd"),
        ("น\u0e49\u0e33", "น\u0e49\u0e4d\u0e32"),
        ("🇨🇭", "CH"),
        ("❤\ufe0f!", "❤!"),
        ("👍🏽", "👍"),
        ("🎉", "🎉"),
        ("﷽𒐫⸻", "\ufffd\ufffd\ufffd"),
        ("\u0939\u093f\u0928\u094d\u0926\u0940", "\u0939\u0907\u0928\u094d\u0926\u0908"),  # Hindi in Devanagari
        ("\u09ac\u09be\u0982\u09b2\u09be", "\u09ac\u0986\u1e41\u09b2\u0986"),  # Bangla in Bengali
        ("\u0ba4\u0bae\u0bbf\u0bb4\u0bcd", "\u0ba4\u0bae\u0b87\u0bb4\u0bcd"),  # Tamil
        ("\u0dc3\u0dcf", "\u0dc3\u0d86"),
        ("\u0926\u0941\u0903\u0916", "\u0926\u0941:\u0916"),
        ("\u1019\u103b", "\u1019\ufffd"),  # a consonant sign has no letter that says the same
        ("\U0001fae8", "\ufffd"),
        ("\ufffe", "\ufffd"),
    ],
)
def test_texts_are_shown_as(text: str, shown: str) -> None:
    assert steady(text) == shown


@given(st.text())
def test_in_place_every_character_stands_where_it_was_and_is_as_wide(text: str) -> None:
    shown = in_place(text)
    assert [get_character_cell_size(char) for char in shown] == [get_character_cell_size(char) for char in text]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_in_place_nothing_is_disputed_and_nothing_acts(text: str) -> None:
    shown = in_place(text[:1_000])
    assert not disputed(shown)
    assert min(map(wcwidth, shown), default=0) >= 0
