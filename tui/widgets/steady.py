"""Text whose width every terminal agrees about.

Terminals and libraries carry tables of widths of their own. Where two of them differ on a character, all that
stands to its right on the row is shifted, the panes beside it too; so none of these characters is painted.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rich.cells import get_character_cell_size

from relay.contract.text import REPLACEMENT

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
_LEFT_OUT = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")  # variants and skin tones of the character before
_NEVER_ONE_CELL = re.compile(
    "["
    "\u1160-\u11ff\ud7b0-\ud7ff"  # vowels and finals of Hangul that make no syllable
    "\ufdfa-\ufdfd\u2e3a\u2e3b\U00012000-\U0001254f"  # drawn over their neighbours: ligatures, dashes, cuneiform
    "]"
)


def steady(text: str) -> str:
    """Return plain `text` in characters that take the same cells everywhere.

    Letters and their marks are composed, flags are spelled, and variants of pictures become the picture. What is
    still disputed becomes U+FFFD, with it what Unicode does not know, and the vowel signs that some terminals give
    a cell and others none.
    """
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", _LEFT_OUT.sub("", text))
    return "".join(map(_agreed, composed))


@lru_cache(4096)
def _agreed(char: str) -> str:
    return _WRITTEN_OTHERWISE.get(char) or (REPLACEMENT if _is_disputed(char) else char)


def _is_disputed(char: str) -> bool:
    return (
        unicodedata.category(char) in ("Mc", "Cn")
        or _NEVER_ONE_CELL.match(char) is not None
        or get_character_cell_size(char, AGREED_SINCE) != get_character_cell_size(char)
    )
