"""Foreign text is safe to print, whatever it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.text import ELLIPSIS, REPLACEMENT, copyable, plain
from tests.hostile import HOSTILE

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=())) | st.sampled_from(HOSTILE)
UNPRINTABLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Control, format (direction among it), surrogate, line and paragraph separator."""


def short(text: str) -> str:
    return f"{text[:20]!a} of {len(text)}"


@given(ANY_TEXT)
def test_nothing_that_controls_reverses_or_hides_comes_out(text: str) -> None:
    assert [char for char in plain(text) if unicodedata.category(char) in UNPRINTABLE] == []


@pytest.mark.parametrize("text", HOSTILE, ids=short)
def test_every_hostile_text_comes_out_printable_and_on_one_line(text: str) -> None:
    shown = plain(text)
    assert not {unicodedata.category(char) for char in shown} & UNPRINTABLE
    assert len(shown.splitlines()) <= 1
    shown.encode()


def test_every_character_that_controls_or_formats_is_replaced_by_one_other() -> None:
    unprintable = [char for char in map(chr, range(0x110000)) if unicodedata.category(char) in UNPRINTABLE]
    assert [char for char in unprintable if len(plain(char)) != 1 or plain(char) == char] == []


@given(ANY_TEXT)
def test_plain_text_stays_as_it_is_however_often(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(ANY_TEXT, st.integers(0, 50))
def test_a_limit_is_kept_and_stays_kept(text: str, limit: int) -> None:
    shown = plain(text, limit)
    assert len(shown) <= limit
    assert plain(shown, limit) == shown


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_printable_ascii_comes_back_as_the_same_object(text: str) -> None:
    assert plain(text) is text


@pytest.mark.parametrize("text", ["Zoë – 東京 🎉", "नमस्ते", "Tiếng Việt", "עִבְרִית", "ภาษาไทย", "e\u0301", "❤\ufe0f"])
def test_other_languages_come_back_as_they_are(text: str) -> None:
    assert plain(text) == text


@given(
    st.text(st.characters(exclude_categories=("Mn", "Me"), exclude_characters=[*map(chr, range(0x1161, 0x1200))]))
)
def test_without_piles_one_character_stays_one_character(text: str) -> None:
    assert len(plain(text)) == len(text)


def test_a_text_that_was_cut_ends_in_an_ellipsis() -> None:
    assert plain("abcdef", 4) == "abc" + ELLIPSIS


def test_a_text_of_just_the_limit_is_not_cut() -> None:
    assert plain("abcd", 4) == "abcd"


def test_no_room_at_all_leaves_nothing() -> None:
    assert plain("abc", 0) == ""


def test_control_characters_become_pictures() -> None:
    assert plain("\x1b[2J\x00\x7f\r\n\t.") == "␛[2J␀␡␍↵ ."


def test_direction_marks_and_lone_surrogates_become_the_replacement_character() -> None:
    assert plain("\u202e\ud800\u200b") == 3 * REPLACEMENT


@pytest.mark.parametrize(
    "mark",
    ["\u0301", "\u064b", "\u05b0", "\u0e31", "\u0f71", "\u20dd", "\ufe0f", "\u1161", "\ud7b0", "\U0001e8d0"],
)
def test_a_pile_of_marks_is_cut_to_three(mark: str) -> None:
    assert plain(f"a{mark * 500}b{mark * 3}") == f"a{mark * 3}b{mark * 3}"


def test_symbols_in_a_row_are_no_pile() -> None:
    assert plain("🎉" * 100) == "🎉" * 100


@given(ANY_TEXT)
def test_what_is_copied_cannot_act_where_it_is_pasted(text: str) -> None:
    kept, taken = copyable(text)
    acting = {char for char in kept if unicodedata.category(char) in UNPRINTABLE} - {"\t", "\n"}
    assert acting == set()
    assert len(kept) + taken == len(text)


def test_tabs_and_line_breaks_are_copied() -> None:
    assert copyable("a\tb\nc\r\x1b") == ("a\tb\nc", 2)
