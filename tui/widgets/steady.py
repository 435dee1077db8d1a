"""Text whose width every terminal agrees about.

Terminals and libraries carry tables of widths of their own. Where two of them differ on a character, all that
stands to its right on the row is shifted, the panes beside it too; so none of these characters is painted.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from functools import lru_cache

from rich.cells import get_character_cell_size

from relay.contract.text import REPLACEMENT, plain

AGREED_SINCE = "14.0.0"
"""The version of Unicode that terminals in use are sure to know: what is newer they count as they please."""

_REGIONAL_A = 0x1F1E6
_WRITTEN_OTHERWISE = {
    # Flags are pairs of these; some terminals show a picture of two cells, some of four, some the letters.
    **{chr(_REGIONAL_A + index): chr(ord("A") + index) for index in range(26)},
    # Two characters in one, which some count as one that combines.
    "\N{THAI CHARACTER SARA AM}": "\N{THAI CHARACTER NIKHAHIT}\N{THAI CHARACTER SARA AA}",
    "\N{LAO VOWEL SIGN AM}": "\N{LAO NIGGAHITA}\N{LAO VOWEL SIGN AA}",
}
_SPELLED_SIGNS = {
    # What the vowel signs of Sinhala are called says nothing of their sound.
    "\u0dcf": "\N{SINHALA LETTER AAYANNA}",
    "\u0dd0": "\N{SINHALA LETTER AEYANNA}",
    "\u0dd1": "\N{SINHALA LETTER AEEYANNA}",
    "\u0dd8": "\N{SINHALA LETTER IRUYANNA}",
    "\u0dd9": "\N{SINHALA LETTER EYANNA}",
    "\u0dda": "\N{SINHALA LETTER EEYANNA}",
    "\u0ddb": "\N{SINHALA LETTER AIYANNA}",
    "\u0ddc": "\N{SINHALA LETTER OYANNA}",
    "\u0ddd": "\N{SINHALA LETTER OOYANNA}",
    "\u0dde": "\N{SINHALA LETTER AUYANNA}",
    "\u0ddf": "\N{SINHALA LETTER ILUYANNA}",
}
_SIGN_OF_ITS_OWN = (
    (" VOWEL SIGN ", " LETTER "),
    (" AU LENGTH MARK", " LETTER AU"),
    ("KHMER VOWEL SIGN ", "KHMER INDEPENDENT VOWEL Q"),
)
_ENDINGS = {"SIGN VISARGA": ":", "SIGN VISARGAYA": ":", "SIGN ANUSVARA": "ṁ", "SIGN ANUSVARAYA": "ṁ"}
_LEFT_OUT = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")  # variants and skin tones of the character before
_STAND_INS = ("\N{COMBINING GRAPHEME JOINER}", REPLACEMENT, "\N{FULLWIDTH QUESTION MARK}")
"""What stands for a disputed character that takes no cell, one, or two."""
_NEVER_ONE_CELL = re.compile(
    "["
    "\u1160-\u11ff\ud7b0-\ud7ff"  # vowels and finals of Hangul that make no syllable
    "\ufdfa-\ufdfd\u2e3a\u2e3b\U00012000-\U0001254f"  # drawn over their neighbours: ligatures, dashes, cuneiform
    "]"
)


def steady(text: str) -> str:
    """Return plain `text` in characters that take the same cells everywhere.

    Letters and their marks are composed, flags are spelled, and variants of pictures become the picture. A vowel
    sign that some terminals give a cell and others none becomes the letter of the same vowel: `\u0939\u093f` is
    shown as `\u0939\u0907`. What is still disputed becomes U+FFFD, with it what Unicode does not know.
    """
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", _LEFT_OUT.sub("", text))
    return "".join(map(_agreed, composed))


def in_place(text: str) -> str:
    """Return text in characters that take the same cells everywhere, one for one.

    For where places in the text matter, as that of a cursor does; elsewhere `steady` shows more of it.
    """
    return text if text.isascii() and text.isprintable() else "".join(map(_stand_in, text))


@lru_cache(4096)
def _stand_in(char: str) -> str:
    width = get_character_cell_size(char)
    shown = steady(plain(char))
    if len(shown) == 1 and get_character_cell_size(shown) == width:
        return shown
    return _STAND_INS[width]


@lru_cache(4096)
def _agreed(char: str) -> str:
    if char in _WRITTEN_OTHERWISE:
        return _WRITTEN_OTHERWISE[char]
    if not _is_disputed(char):
        return char
    spelled = _spelled(char) if unicodedata.category(char) == "Mc" else ""
    return spelled if spelled and not _is_disputed(spelled) else REPLACEMENT


def _spelled(sign: str) -> str:
    """Give the letter for the same sound as a sign that cannot stand by itself; empty where there is none."""
    if sign in _SPELLED_SIGNS:
        return _SPELLED_SIGNS[sign]
    name = unicodedata.name(sign, "")
    for ending, letter in _ENDINGS.items():
        if name.endswith(ending):
            return letter
    for of_sign, of_letter in _SIGN_OF_ITS_OWN:
        if of_sign in name:
            with contextlib.suppress(KeyError):
                return unicodedata.lookup(name.replace(of_sign, of_letter))
    return ""


def _is_disputed(char: str) -> bool:
    return (
        unicodedata.category(char) in ("Mc", "Cn")
        or _NEVER_ONE_CELL.match(char) is not None
        or get_character_cell_size(char, AGREED_SINCE) != get_character_cell_size(char)
    )
